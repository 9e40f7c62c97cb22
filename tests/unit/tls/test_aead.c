/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_aead.c
 *
 * One back end against the known answers, cut into parts in every way, in place and apart; and
 * against whoever changes any bit.  Lengths and what lies beside the buffers: test_aead_lengths.c.
 */
#include "tests/unit/tls/aead_back_end.h"
#include "tests/unit/tls/aead_vectors.h"

#define MAX (VECTOR_MAX + AEAD_TAG_LEN)

struct row {
	const char *what;
	struct aead_key *key;
	uint8_t nonce[AEAD_NONCE_LEN], associated_buffer[MAX], plain_buffer[MAX],
		sealed_buffer[MAX];
	struct bytes associated, plain, sealed;
};

static void row_begin(struct row *row, const struct vector *vector)
{
	uint8_t key[32];

	row->what = vector->what;
	assert_int_equal(hex(vector->key, key, sizeof(key)).len, sizeof(key));
	assert_int_equal(hex(vector->nonce, row->nonce, sizeof(row->nonce)).len, AEAD_NONCE_LEN);
	row->associated = hex(vector->associated, row->associated_buffer, MAX);
	row->plain = hex(vector->plain ? vector->plain : "", row->plain_buffer, MAX);
	row->sealed = hex(vector->sealed, row->sealed_buffer, MAX);
	if (vector->plain)
		assert_int_equal(row->sealed.len, row->plain.len + AEAD_TAG_LEN);
	row->key = back_end->key_new(suite, key);
	assert_non_null(row->key);
}

/* `check` sees every vector of our suite that is genuine, or every other. */
static void for_every_vector(bool genuine, void (*check)(struct row *row))
{
	unsigned seen = 0;

	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct row row;

		if (vectors[i].suite != suite || (vectors[i].plain != NULL) != genuine)
			continue;
		row_begin(&row, &vectors[i]);
		check(&row);
		back_end->key_free(row.key);
		seen++;
	}
	assert_true(seen > 0);
}

static bool opens(const struct row *row, struct bytes sealed, uint8_t *out)
{
	return back_end->open(row->key, row->nonce, row->associated, sealed, out);
}

static bool same(struct bytes bytes, const uint8_t *data)
{
	return bytes.len == 0 || memcmp(bytes.data, data, bytes.len) == 0;
}

static void check_sealing(struct row *row)
{
	uint8_t out[MAX];

	back_end->seal(row->key, row->nonce, row->associated, &row->plain, 1, out);
	if (!same(row->sealed, out))
		fail_msg("%s: sealed differs", row->what);
}

static void known_answers_are_sealed(void **state)
{
	for_every_vector(true, check_sealing);
}

static void check_opening(struct row *row)
{
	uint8_t out[MAX];

	if (!opens(row, row->sealed, out) || !same(row->plain, out))
		fail_msg("%s: does not open", row->what);
	memcpy(out, row->sealed.data, row->sealed.len);
	if (!opens(row, bytes_of(out, row->sealed.len), out) || !same(row->plain, out))
		fail_msg("%s: does not open in place", row->what);
}

static void known_answers_open(void **state)
{
	for_every_vector(true, check_opening);
}

static void check_forgery(struct row *row)
{
	uint8_t out[MAX];

	if (opens(row, row->sealed, out))
		fail_msg("%s: opens", row->what);
}

static void published_forgeries_do_not_open(void **state)
{
	for_every_vector(false, check_forgery);
}

/*
 * Seals it in parts that end at `cut`, those with a bit in `in_place` where their ciphertext
 * goes, and compares.
 */
static void check_cut(const struct row *row, const size_t *cut, unsigned count, unsigned in_place)
{
	struct bytes part[AEAD_MAX_PARTS];
	uint8_t out[MAX];
	size_t at = 0;

	memset(out, 0xaa, sizeof(out));
	for (unsigned i = 0; i < count; i++) {
		size_t end = i + 1 < count ? cut[i] : row->plain.len;

		part[i] = bytes_of(row->plain.data + at, end - at);
		if (in_place & 1u << i) {
			memcpy(out + at, row->plain.data + at, end - at);
			part[i].data = out + at;
		} else if (end == at) {
			part[i].data = NULL;
		}
		at = end;
	}
	back_end->seal(row->key, row->nonce, row->associated, part, count, out);
	if (!same(row->sealed, out))
		fail_msg("%s: %u parts, ends %zu %zu %zu, in place %x: differs", row->what, count,
			 part[0].len, cut[1], cut[2], in_place);
}

/* Any three parts, some perhaps empty or all of it; and two, and one. */
static void check_cuts(struct row *row)
{
	size_t cut[3] = { 0 };

	for (unsigned in_place = 0; in_place < 2; in_place++)
		check_cut(row, cut, 1, in_place);
	for (cut[0] = 0; cut[0] <= row->plain.len; cut[0]++) {
		for (unsigned in_place = 0; in_place < 4; in_place++)
			check_cut(row, cut, 2, in_place);
		for (cut[1] = cut[0]; cut[1] <= row->plain.len; cut[1]++)
			check_cut(row, cut, 3, (unsigned)(cut[0] + cut[1]) % 8);
	}
}

static void parts_seal_like_one(void **state)
{
	for_every_vector(true, check_cuts);
}

/* Any four parts of those below four blocks; which of them lie in place changes from cut to cut. */
static void check_four_parts(struct row *row)
{
	unsigned number = 0;
	size_t cut[3];

	if (row->plain.len > 64)
		return;
	for (cut[0] = 0; cut[0] <= row->plain.len; cut[0]++) {
		for (cut[1] = cut[0]; cut[1] <= row->plain.len; cut[1]++) {
			for (cut[2] = cut[1]; cut[2] <= row->plain.len; cut[2]++)
				check_cut(row, cut, 4, number++ % 16);
		}
	}
}

static void four_parts_seal_like_one(void **state)
{
	for_every_vector(true, check_four_parts);
}

static bool is_left(const struct row *row, const uint8_t *out)
{
	static const uint8_t zeros[8]; /* is what a wiped buffer holds */

	return row->plain.len >= sizeof(zeros) &&
	       memcmp(row->plain.data, zeros, sizeof(zeros)) != 0 &&
	       memcmp(row->plain.data, out, sizeof(zeros)) == 0;
}

/* It must not open, neither apart nor in place, nor leave the plaintext it would have been. */
static void refuses(const struct row *row, struct bytes sealed, const char *change, size_t where)
{
	uint8_t out[MAX];

	memset(out, 0x5a, sizeof(out));
	if (opens(row, sealed, out))
		fail_msg("%s: opens with %s %zu", row->what, change, where);
	if (is_left(row, out))
		fail_msg("%s: plaintext is left with %s %zu", row->what, change, where);
	memcpy(out, sealed.data, sealed.len);
	if (opens(row, bytes_of(out, sealed.len), out))
		fail_msg("%s: opens in place with %s %zu", row->what, change, where);
	if (is_left(row, out))
		fail_msg("%s: plaintext is left in place with %s %zu", row->what, change, where);
}

static void flip_bits(const struct row *row, uint8_t *of, size_t len, const char *change)
{
	for (size_t bit = 0; bit < 8 * len; bit++) {
		of[bit / 8] ^= 1u << bit % 8;
		refuses(row, row->sealed, change, bit);
		of[bit / 8] ^= 1u << bit % 8;
	}
}

static void check_bits(struct row *row)
{
	uint8_t out[MAX];

	flip_bits(row, row->sealed_buffer, row->sealed.len, "ciphertext or tag bit");
	flip_bits(row, row->associated_buffer, row->associated.len, "associated bit");
	flip_bits(row, row->nonce, sizeof(row->nonce), "nonce bit");
	if (!opens(row, row->sealed, out))
		fail_msg("%s: the untouched one does not open", row->what);
}

static void any_changed_bit_is_noticed(void **state)
{
	for_every_vector(true, check_bits);
}

/* Tags that a careless comparison takes: none of them is the right one by accident. */
static void check_tags(struct row *row)
{
	static const uint8_t fills[] = { 0x00, 0xff, 0xaa };
	uint8_t *tag = row->sealed_buffer + row->plain.len;
	uint8_t right[AEAD_TAG_LEN];

	memcpy(right, tag, sizeof(right));
	for (size_t i = 0; i < ARRAY_LEN(fills); i++) {
		memset(tag, fills[i], sizeof(right));
		if (memcmp(tag, right, sizeof(right)) != 0)
			refuses(row, row->sealed, "a tag of", fills[i]);
	}
	for (size_t i = 0; i < sizeof(right); i++) {
		memset(tag, 0, sizeof(right)); /* right in one byte, then right but for the rest */
		tag[i] = right[i];
		if (memcmp(tag, right, sizeof(right)) != 0)
			refuses(row, row->sealed, "only the tag's byte", i);
		memcpy(tag, right, sizeof(right));
		tag[i] = (uint8_t)~tag[i];
		refuses(row, row->sealed, "the tag but for byte", i);
		memcpy(tag, right, sizeof(right));
	}
}

static void tags_that_are_nearly_right_are_not(void **state)
{
	for_every_vector(true, check_tags);
}

static void check_lengths(struct row *row)
{
	struct bytes associated = row->associated;
	uint8_t longer[MAX + 1];

	for (size_t len = AEAD_TAG_LEN; len < row->sealed.len; len++) {
		refuses(row, bytes_of(row->sealed.data, len), "length", len);
		/* from the other end: a tag behind less ciphertext */
		refuses(row, bytes_of(row->sealed.data + row->sealed.len - len, len), "last", len);
	}
	if (row->sealed.len + 1 <= MAX) {
		memcpy(longer, row->sealed.data, row->sealed.len);
		longer[row->sealed.len] = 0;
		refuses(row, bytes_of(longer, row->sealed.len + 1), "length", row->sealed.len + 1);
	}
	for (size_t len = 0; len < associated.len; len++) {
		row->associated.len = len;
		refuses(row, row->sealed, "associated length", len);
	}
	/* zeros behind it are what both constructions pad with */
	row->associated_buffer[associated.len] = 0;
	row->associated.len = associated.len + 1;
	refuses(row, row->sealed, "associated length", row->associated.len);
	row->associated = associated;
}

static void any_other_length_is_noticed(void **state)
{
	for_every_vector(true, check_lengths);
}

static void check_key(struct row *row)
{
	struct row other = *row;

	other.key = key_like(99);
	refuses(&other, row->sealed, "another key", 0);
	back_end->key_free(other.key);
}

static void another_key_does_not_open(void **state)
{
	for_every_vector(true, check_key);
}

static void freeing_no_key_is_fine(void **state)
{
	back_end->key_free(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers_are_sealed),
		cmocka_unit_test(known_answers_open),
		cmocka_unit_test(published_forgeries_do_not_open),
		cmocka_unit_test(parts_seal_like_one),
		cmocka_unit_test(four_parts_seal_like_one),
		cmocka_unit_test(any_changed_bit_is_noticed),
		cmocka_unit_test(tags_that_are_nearly_right_are_not),
		cmocka_unit_test(any_other_length_is_noticed),
		cmocka_unit_test(another_key_does_not_open),
		cmocka_unit_test(freeing_no_key_is_fine),
	};
	int status = back_end_choose(argc, argv);

	return status != 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
