/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_client_reconfigure.c
 *
 * A client that is told to ask again: whom it believes (RFC 9915 16.11, 20.3, 20.4.3), what it does then
 * (18.2.11); and the part of a prefix that it is told not to use (RFC 6603).
 */
#include "base/siphash.h"
#include "tests/unit/dhcp6/client_scene.h"

#define GIVEN "0019 0029 " PD_IA "00000064 000000a0 " PREFIX("000000c8", "00000190", "0100")
#define KEY "000102030405060708090a0b0c0d0e0f"
#define ZEROS "00000000000000000000000000000000"
#define KEY_OPTION "000b 001c 03 01 00 0000000000000010 01 " KEY
#define TAIL \
	"elapsed-time:2 option-request:4 reconfigure-accept:0 pd(7 0/0 2001:db8:1:100::/56 0/0)"

#define HEAD "0a 000000"
#define ASK(type) "0013 0001 " type " "
#define AUTH(replay) "000b 001c 03 01 00 00000000000000" replay " 02 " ZEROS

/* Stands for HMAC-MD5: of the key and of every byte. */
static bool digest(void *owner, const uint8_t key[static DHCP6_KEY_LEN], struct bytes message,
		   uint8_t out[static DHCP6_KEY_LEN])
{
	struct writer w = writer_over(out, DHCP6_KEY_LEN);

	for (uint64_t half = 0; half < 2; half++) {
		struct siphash_key both = { half, 0 };

		both.k1 = siphash(&both, key, DHCP6_KEY_LEN);
		writer_u64(&w, siphash(&both, message.data, message.len));
	}
	return owner == NULL;
}

static const uint8_t right_key[DHCP6_KEY_LEN] = { 0, 1, 2,  3,	4,  5,	6,  7,
						  8, 9, 10, 11, 12, 13, 14, 15 };

static void become_bound(struct bench *bench, const char *more)
{
	char reply[1024];

	bench_begin(bench);
	dhcp6_client_start(&bench->client, bench->now_ms, bench->dice);
	assert_string_not_equal(sends(bench), "");
	snprintf(reply, sizeof(reply), "07 XXXXXX" CLIENT SERVER "000e 0000" GIVEN "%s", more);
	assert_int_equal(hears(bench, reply), DHCP6_HEARD_TAKEN);
	assert_int_equal(bench->client.state, DHCP6_CLIENT_BOUND);
}

enum forgery {
	HONEST,
	FLIPPED_FIRST,
	FLIPPED_LAST,
	OTHER_KEY,
	NOT_OVER_ZEROS,
	LONGER_AFTER,
	BYTE_BEHIND
};

/* Signs what ends with an Authentication option (and BYTE_BEHIND its digest), or not quite. */
static size_t sign(uint8_t *message, size_t len, enum forgery forgery)
{
	uint8_t key[DHCP6_KEY_LEN], sum[DHCP6_KEY_LEN];

	if (len < DHCP6_KEY_LEN)
		return len;
	uint8_t *place = message + len - sizeof(sum) - (forgery == BYTE_BEHIND);
	memcpy(key, right_key, sizeof(key));
	key[15] ^= forgery == OTHER_KEY;
	if (forgery == NOT_OVER_ZEROS)
		memset(place, 1, sizeof(sum));
	digest(NULL, key, (struct bytes) { message, len }, sum);
	sum[0] ^= forgery == FLIPPED_FIRST;
	sum[15] ^= forgery == FLIPPED_LAST;
	memcpy(place, sum, sizeof(sum));
	if (forgery == LONGER_AFTER) { /* an option that nobody has signed */
		memcpy(message + len, "\x00\xc8\x00\x00", 4);
		len += 4;
	}
	return len;
}

static enum dhcp6_heard is_told(struct bench *bench, const char *text, enum forgery forgery,
				bool unicast)
{
	uint8_t message[2048];
	struct bytes bytes = hex(text, message, sizeof(message) - 4);
	size_t len = sign(message, bytes.len, forgery);

	return dhcp6_client_reconfigure(&bench->client, (struct bytes) { message, len }, unicast,
					digest, NULL, bench->now_ms, bench->dice);
}

#define GOOD HEAD CLIENT SERVER ASK("05") AUTH("11")

static void what_the_server_has_signed_is_done(void **state)
{
	static const struct {
		const char *what, *message;
		enum dhcp6_client_state state;
	} rows[] = {
		{ "a Renew", GOOD, DHCP6_CLIENT_RENEWING },
		{ "a Rebind", HEAD CLIENT SERVER ASK("06") AUTH("11"), DHCP6_CLIENT_REBINDING },
		{ "an Information-request", HEAD CLIENT SERVER ASK("0b") AUTH("11"),
		  DHCP6_CLIENT_INFORMING },
		{ "in another order, with what is not known",
		  HEAD "00c8 0001 00" ASK("05") SERVER CLIENT AUTH("ff"), DHCP6_CLIENT_RENEWING },
	};
	struct bench bench;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		become_bound(&bench, KEY_OPTION);
		enum dhcp6_heard heard = is_told(&bench, rows[i].message, HONEST, true);
		if (heard != DHCP6_HEARD_TAKEN || bench.client.state != rows[i].state)
			fail_msg("%s: %s, %s", rows[i].what, dhcp6_heard_name[heard],
				 dhcp6_client_state_name[bench.client.state]);
	}
}

/* It is not believed for this reason, changes nothing, and uses up no number. */
static void is_not_believed(struct bench *bench, const char *what, enum dhcp6_heard heard,
			    enum dhcp6_heard why)
{
	if (heard != why || bench->client.state != DHCP6_CLIENT_BOUND)
		fail_msg("%s: %s, %s", what, dhcp6_heard_name[heard],
			 dhcp6_client_state_name[bench->client.state]);
	if (is_told(bench, GOOD, HONEST, true) != DHCP6_HEARD_TAKEN)
		fail_msg("%s: and then nothing any more", what);
}

static void only_the_servers_word_counts(void **state)
{
	static const struct {
		const char *what, *message;
		enum dhcp6_heard why;
	} rows[] = {
		/* 18.2.11: whose it is */
		{ "no client id", HEAD SERVER ASK("05") AUTH("11"), DHCP6_HEARD_NOT_FOR_US },
		{ "another one's", HEAD CLIENT_B SERVER ASK("05") AUTH("11"),
		  DHCP6_HEARD_NOT_FOR_US },
		{ "two client ids", HEAD CLIENT CLIENT SERVER ASK("05") AUTH("11"),
		  DHCP6_HEARD_NOT_FOR_US },
		{ "a header alone", HEAD, DHCP6_HEARD_NOT_FOR_US },
		{ "no server id", HEAD CLIENT ASK("05") AUTH("11"), DHCP6_HEARD_NO_SERVER_ID },
		{ "two", HEAD CLIENT SERVER SERVER ASK("05") AUTH("11"), DHCP6_HEARD_NO_SERVER_ID },
		{ "an empty one", HEAD CLIENT "0002 0000" ASK("05") AUTH("11"),
		  DHCP6_HEARD_NO_SERVER_ID },
		{ "another server", HEAD CLIENT OTHER_SERVER ASK("05") AUTH("11"),
		  DHCP6_HEARD_OTHER_SERVER },
		/* 21.19: what is to be sent */
		{ "it is not said", HEAD CLIENT SERVER AUTH("11"), DHCP6_HEARD_WRONG_TYPE },
		{ "twice", HEAD CLIENT SERVER ASK("05") ASK("05") AUTH("11"),
		  DHCP6_HEARD_WRONG_TYPE },
		{ "a Release", HEAD CLIENT SERVER ASK("08") AUTH("11"), DHCP6_HEARD_WRONG_TYPE },
		{ "nothing", HEAD CLIENT SERVER "0013 0000" AUTH("11"), DHCP6_HEARD_WRONG_TYPE },
		{ "two bytes of it", HEAD CLIENT SERVER "0013 0002 0505" AUTH("11"),
		  DHCP6_HEARD_WRONG_TYPE },
		{ "another message", "07 000000" CLIENT SERVER ASK("05") AUTH("11"),
		  DHCP6_HEARD_WRONG_TYPE },
		{ "signed twice", HEAD CLIENT SERVER ASK("05") AUTH("11") AUTH("12"),
		  DHCP6_HEARD_UNSIGNED },
		/* 20.3: the key came with number 0x10 */
		{ "the key's number", HEAD CLIENT SERVER ASK("05") AUTH("10"),
		  DHCP6_HEARD_REPLAYED },
		{ "an earlier one", HEAD CLIENT SERVER ASK("05") AUTH("0f"), DHCP6_HEARD_REPLAYED },
		{ "a length that does not fit", HEAD CLIENT SERVER ASK("05") "000b 001c 03 01 00",
		  DHCP6_HEARD_MALFORMED },
		{ "less than a header", "0a 0000", DHCP6_HEARD_MALFORMED },
	};
	struct bench bench;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		become_bound(&bench, KEY_OPTION);
		is_not_believed(&bench, rows[i].what,
				is_told(&bench, rows[i].message, HONEST, true), rows[i].why);
	}
	become_bound(&bench, KEY_OPTION);
	is_not_believed(&bench, "to a group of hosts", is_told(&bench, GOOD, HONEST, false),
			DHCP6_HEARD_NOT_FOR_US);
}

/* 20.4.3. */
static void a_forged_digest_does_not_count(void **state)
{
	static const struct {
		const char *what, *message;
		enum forgery forgery;
	} rows[] = {
		{ "none", HEAD CLIENT SERVER ASK("05") "00c8 0010 " ZEROS, HONEST },
		{ "its first byte", GOOD, FLIPPED_FIRST },
		{ "its last byte", GOOD, FLIPPED_LAST },
		{ "another key", GOOD, OTHER_KEY },
		{ "it is not over zeros", GOOD, NOT_OVER_ZEROS },
		{ "an option was added", GOOD, LONGER_AFTER },
	};
	struct bench bench;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		become_bound(&bench, KEY_OPTION);
		is_not_believed(&bench, rows[i].what,
				is_told(&bench, rows[i].message, rows[i].forgery, true),
				DHCP6_HEARD_UNSIGNED);
	}
}

/* 20.4.1, 20.4.3: the fields in front of the digest. */
static void no_other_way_to_sign_counts(void **state)
{
	static const struct {
		const char *what, *length_and_fields, *use, *behind;
		enum forgery forgery;
	} cases[] = {
		{ "another protocol", "001c 02 01 00", "02 ", "", HONEST },
		{ "another algorithm", "001c 03 02 00", "02 ", "", HONEST },
		{ "another way to detect replays", "001c 03 01 01", "02 ", "", HONEST },
		{ "a key in the place of a digest", "001c 03 01 00", "01 ", "", HONEST },
		{ "more than a digest", "001d 03 01 00", "02 ", "00", BYTE_BEHIND },
	};
	struct bench bench;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char message[512];

		become_bound(&bench, KEY_OPTION);
		snprintf(message, sizeof(message),
			 HEAD CLIENT SERVER ASK("05") "000b %s 0000000000000011 %s" ZEROS "%s",
			 cases[i].length_and_fields, cases[i].use, cases[i].behind);
		is_not_believed(&bench, cases[i].what,
				is_told(&bench, message, cases[i].forgery, true),
				DHCP6_HEARD_UNSIGNED);
	}
}

static void a_long_one_is_none(void **state)
{
	static uint8_t message[1025] = { DHCP6_RECONFIGURE };
	struct bench bench;

	become_bound(&bench, KEY_OPTION);
	for (size_t len = 1024; len <= 1025; len++) {
		memcpy(message + 4, (uint8_t[]) { 0, 200, (len - 8) >> 8, (len - 8) & 0xff }, 4);
		assert_int_equal(dhcp6_client_reconfigure(&bench.client,
							  (struct bytes) { message, len }, true,
							  digest, NULL, bench.now_ms, 0),
				 len == 1024 ? DHCP6_HEARD_NOT_FOR_US : DHCP6_HEARD_MALFORMED);
	}
}

/* A library that has no MD5 makes nobody believable. */
static void without_a_digest_nothing_is_believed(void **state)
{
	uint8_t message[256], failing = 1;
	struct bench bench;

	become_bound(&bench, KEY_OPTION);
	size_t len = sign(message, hex(GOOD, message, 250).len, HONEST);
	assert_int_equal(dhcp6_client_reconfigure(&bench.client, (struct bytes) { message, len },
						  true, digest, &failing, bench.now_ms, 0),
			 DHCP6_HEARD_UNSIGNED);
}

static void it_does_as_it_was_told(void **state)
{
	struct bench bench;

	become_bound(&bench, KEY_OPTION);
	uint64_t t1_ms = bench.client.t1_ms;
	assert_int_equal(is_told(&bench, GOOD, HONEST, true), DHCP6_HEARD_TAKEN);
	assert_string_equal(sends(&bench), "Renew client server " TAIL);
	assert_int_equal(is_told(&bench, GOOD, HONEST, true), DHCP6_HEARD_REPLAYED);
	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("06") AUTH("12"), HONEST, true),
			 DHCP6_HEARD_BUSY);
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER GIVEN), DHCP6_HEARD_TAKEN);
	/* heard while it was busy, it may come again */
	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("06") AUTH("12"), HONEST, true),
			 DHCP6_HEARD_TAKEN);
	assert_string_equal(sends(&bench), "Rebind client " TAIL);
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER GIVEN), DHCP6_HEARD_TAKEN);

	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("0b") AUTH("13"), HONEST, true),
			 DHCP6_HEARD_TAKEN);
	assert_string_equal(sends(&bench), "Information-request client server elapsed-time:2 "
					   "option-request:4 reconfigure-accept:0");
	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("05") AUTH("14"), HONEST, true),
			 DHCP6_HEARD_BUSY);
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT OTHER_SERVER), DHCP6_HEARD_OTHER_SERVER);
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER), DHCP6_HEARD_TAKEN);
	assert_int_equal(bench.client.state, DHCP6_CLIENT_BOUND);
	assert_true(bench.client.t1_ms == t1_ms && bench.client.held_count == 1);
}

/* A renewal's time comes also when nobody answers what it was told to ask. */
static void a_renewal_is_not_forgotten(void **state)
{
	struct bench bench;

	become_bound(&bench, KEY_OPTION);
	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("0b") AUTH("11"), HONEST, true),
			 DHCP6_HEARD_TAKEN);
	assert_string_not_equal(sends(&bench), "");
	assert_true(dhcp6_client_due_ms(&bench.client) == bench.now_ms + 1000);
	bench.now_ms += 100000;
	assert_string_equal(sends(&bench), "Renew client server " TAIL);
	/* 18.2.11: its own renewal is no answer to anybody, and gives way */
	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("05") AUTH("12"), HONEST, true),
			 DHCP6_HEARD_TAKEN);
	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("05") AUTH("13"), HONEST, true),
			 DHCP6_HEARD_BUSY);
	bench.now_ms += 60000;
	assert_string_equal(sends(&bench), "Rebind client " TAIL);
	assert_int_equal(is_told(&bench, HEAD CLIENT SERVER ASK("05") AUTH("13"), HONEST, true),
			 DHCP6_HEARD_TAKEN);
}

/* 20.4: the key is that of the server whose prefix it has, the latest one. */
static void whose_key_counts(void **state)
{
	static const struct {
		const char *what, *first, *second; /* in the Replies: to the Solicit, to a Rebind */
		bool by_other;
		enum dhcp6_heard heard;
	} cases[] = {
		{ "none was given", "", "", false, DHCP6_HEARD_UNSIGNED },
		{ "one came, and none again", KEY_OPTION, "", false, DHCP6_HEARD_TAKEN },
		{ "one came later", "", KEY_OPTION, false, DHCP6_HEARD_TAKEN },
		{ "another server has taken over", KEY_OPTION, "", true, DHCP6_HEARD_UNSIGNED },
		{ "a newer key", KEY_OPTION, "000b 001c 03 01 00 0000000000000010 01 " ZEROS, false,
		  DHCP6_HEARD_UNSIGNED },
		{ "a newer number", KEY_OPTION, "000b 001c 03 01 00 0000000000000011 01 " KEY,
		  false, DHCP6_HEARD_REPLAYED },
		{ "of two the first", KEY_OPTION "000b 001c 03 01 00 0000000000000010 01 " ZEROS,
		  "", false, DHCP6_HEARD_TAKEN },
		{ "a digest is no key", "000b 001c 03 01 00 0000000000000010 02 " KEY, "", false,
		  DHCP6_HEARD_UNSIGNED },
		{ "half a key", "000b 0014 03 01 00 0000000000000010 01 0001020304050607", "",
		  false, DHCP6_HEARD_UNSIGNED },
	};
	struct bench bench;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char reply[1024];

		become_bound(&bench, cases[i].first);
		dhcp6_client_start(&bench.client, bench.now_ms, bench.dice);
		assert_string_equal(sends(&bench), "Rebind client " TAIL);
		snprintf(reply, sizeof(reply), "07 XXXXXX" CLIENT "%s" GIVEN "%s",
			 cases[i].by_other ? OTHER_SERVER : SERVER, cases[i].second);
		assert_int_equal(hears(&bench, reply), DHCP6_HEARD_TAKEN);
		enum dhcp6_heard heard = is_told(&bench, GOOD, HONEST, true);
		if (heard != cases[i].heard)
			fail_msg("%s: %s", cases[i].what, dhcp6_heard_name[heard]);
	}
}

/* Who has nothing has nothing to renew. */
static void who_asks_already_is_not_disturbed(void **state)
{
	struct bench bench;

	become_bound(&bench, KEY_OPTION);
	dhcp6_client_start(&bench.client, bench.now_ms, bench.dice);
	assert_int_equal(is_told(&bench, GOOD, HONEST, true), DHCP6_HEARD_BUSY);
	assert_int_equal(bench.client.state, DHCP6_CLIENT_CONFIRMING);
	bench.now_ms += 400000; /* all is over */
	sends(&bench);
	assert_int_equal(bench.client.state, DHCP6_CLIENT_SOLICITING);
	assert_int_equal(is_told(&bench, GOOD, HONEST, true), DHCP6_HEARD_BUSY);
	/* a new binding without a key: that of the old one is forgotten */
	sends(&bench);
	assert_int_equal(hears(&bench, "07 XXXXXX" CLIENT SERVER "000e 0000" GIVEN),
			 DHCP6_HEARD_TAKEN);
	assert_int_equal(is_told(&bench, GOOD, HONEST, true), DHCP6_HEARD_UNSIGNED);
}

/* RFC 6603 4.2 */
static void a_part_that_is_not_ours_is_understood(void **state)
{
	static const struct {
		const char *what, *len, *ia_len, *ip_len, *option;
		const char *excluded; /* NULL: the prefix is not taken at all */
	} cases[] = {
		{ "none", "38", "0029", "0019", "", "::/0" },
		{ "a /64", "38", "002f", "001f", "0043 0002 40 42", "2001:db8:1:142::/64" },
		{ "a /60", "38", "002f", "001f", "0043 0002 3c f0", "2001:db8:1:1f0::/60" },
		{ "bits beyond it", "38", "002f", "001f", "0043 0002 3c ff",
		  "2001:db8:1:1f0::/60" },
		{ "a /57", "38", "002f", "001f", "0043 0002 39 80", "2001:db8:1:180::/57" },
		{ "of a /55", "37", "0030", "0020", "0043 0003 40 ff80", "2001:db8:1:1ff::/64" },
		{ "a /88", "38", "0032", "0022", "0043 0005 58 01020304",
		  "2001:db8:1:101:203:400::/88" },
		{ "all of it", "38", "002e", "001e", "0043 0001 38", NULL },
		{ "more than all", "38", "002e", "001e", "0043 0001 30", NULL },
		{ "beyond an address", "38", "0038", "0028", "0043 000b 81 01020304 05060708 0900",
		  NULL },
		{ "a byte too few", "38", "002e", "001e", "0043 0001 40", NULL },
		{ "a byte too many", "38", "0030", "0020", "0043 0003 40 4200", NULL },
		{ "nothing", "38", "002d", "001d", "0043 0000", NULL },
	};
	struct bench bench;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char reply[1024], text[PREFIX6_TEXT];

		bench_begin(&bench);
		dhcp6_client_start(&bench.client, bench.now_ms, bench.dice);
		assert_string_not_equal(sends(&bench), "");
		snprintf(reply, sizeof(reply),
			 "07 XXXXXX" CLIENT SERVER "000e 0000 0019 %s " PD_IA
			 "00000064 000000a0 001a %s 000000c8 00000190 %s 20010db8 0001 0100 "
			 "00000000 00000000 %s",
			 cases[i].ia_len, cases[i].ip_len, cases[i].len, cases[i].option);
		enum dhcp6_heard heard = hears(&bench, reply);
		if ((heard == DHCP6_HEARD_TAKEN) != (cases[i].excluded != NULL))
			fail_msg("%s: %s", cases[i].what, dhcp6_heard_name[heard]);
		if (heard != DHCP6_HEARD_TAKEN)
			continue;
		prefix6_text(&dhcp6_client_prefix(&bench.client, bench.now_ms)->excluded, text);
		if (strcmp(text, cases[i].excluded) != 0)
			fail_msg("%s: %s", cases[i].what, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_has_signed_is_done),
		cmocka_unit_test(only_the_servers_word_counts),
		cmocka_unit_test(a_forged_digest_does_not_count),
		cmocka_unit_test(no_other_way_to_sign_counts),
		cmocka_unit_test(a_long_one_is_none),
		cmocka_unit_test(without_a_digest_nothing_is_believed),
		cmocka_unit_test(it_does_as_it_was_told),
		cmocka_unit_test(a_renewal_is_not_forgotten),
		cmocka_unit_test(whose_key_counts),
		cmocka_unit_test(who_asks_already_is_not_disturbed),
		cmocka_unit_test(a_part_that_is_not_ours_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
