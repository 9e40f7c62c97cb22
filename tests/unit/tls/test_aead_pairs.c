/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_aead_pairs.c
 *
 * What one back end seals each other one opens: random lengths and cuts from a fixed seed.  With
 * fewer than two that serve the suite there is nothing to try.
 */
#include "tests/unit/tls/aead_back_end.h"

#define ROUNDS 1000
#define MAX (16384 + 1)

static uint32_t dice_state = 42;

static uint32_t dice(uint32_t below)
{
	dice_state = dice_state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)dice_state * below >> 32);
}

/* Most are short, some as long as a record can be. */
static size_t random_len(void)
{
	return dice(2) ? dice(300) : dice(2) ? dice(2000) : dice(MAX);
}

static unsigned random_parts(struct bytes *part, const uint8_t *plain)
{
	unsigned count = 1 + dice(AEAD_MAX_PARTS);
	size_t left = random_len(), at = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t len = i + 1 == count ? left : dice((uint32_t)left + 1);

		part[i] = bytes_of(plain + at, len);
		at += len;
		left -= len;
	}
	return count;
}

static void check_pair(const struct aead_backend *sealer, const struct aead_backend *opener)
{
	static uint8_t plain[MAX], sealed[MAX + AEAD_TAG_LEN], opened[MAX];
	uint8_t octet[32], nonce[AEAD_NONCE_LEN], associated[64];

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct bytes part[AEAD_MAX_PARTS];
		struct bytes with = bytes_of(associated, dice(sizeof(associated) + 1));

		fill(octet, sizeof(octet), round);
		fill(nonce, sizeof(nonce), round + 1);
		fill(associated, sizeof(associated), round + 2);
		fill(plain, sizeof(plain), round + 3);
		struct aead_key *seals = sealer->key_new(suite, octet);
		struct aead_key *opens = opener->key_new(suite, octet);
		unsigned count = random_parts(part, plain);
		size_t len = total_len(part, count);

		assert_true(seals && opens);
		sealer->seal(seals, nonce, with, part, count, sealed);
		if (!opener->open(opens, nonce, with, bytes_of(sealed, len + AEAD_TAG_LEN),
				  opened) ||
		    memcmp(opened, plain, len) != 0)
			fail_msg("%s does not open %zu bytes in %u parts of %s (round %u)",
				 opener->name, len, count, sealer->name, round);
		sealed[dice((uint32_t)len + AEAD_TAG_LEN)] ^= (uint8_t)(1 + dice(255));
		if (opener->open(opens, nonce, with, bytes_of(sealed, len + AEAD_TAG_LEN), opened))
			fail_msg("%s opens what %s did not seal (round %u)", opener->name,
				 sealer->name, round);
		sealer->key_free(seals);
		opener->key_free(opens);
	}
}

static void every_other_one_opens_it(void **state)
{
	for (const struct aead_backend *const *other = aead_backends(); *other; other++) {
		if (*other != back_end && (*other)->serves(suite))
			check_pair(back_end, *other);
	}
}

static bool has_other(void)
{
	for (const struct aead_backend *const *other = aead_backends(); *other; other++) {
		if (*other != back_end && (*other)->serves(suite))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_other_one_opens_it),
	};
	int status = back_end_choose(argc, argv);

	if (status == 0 && !has_other()) {
		fprintf(stderr, "skipped: there is no other back end here\n");
		return SKIPPED;
	}
	return status != 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
