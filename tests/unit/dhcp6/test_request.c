/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_request.c
 *
 * Messages out of bytes: every option that a server reads, at every wrong length, and the shapes
 * that broke others (odhcpd CVE-2026-53918, -53920, -55606, -62948, OVN CVE-2026-5367, relay nests).
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define XID "01 abcdef "

static enum dhcp6_parsed parse(const char *message, struct dhcp6_request *request)
{
	static uint8_t buf[8192];

	return dhcp6_request_parse(hex(message, buf, sizeof(buf)), request);
}

static const struct {
	const char *what, *message;
	enum dhcp6_parsed parsed;
} rows[] = {
	{ "no bytes", "", DHCP6_PARSED_MALFORMED },
	{ "half a transaction id", "01 abcd", DHCP6_PARSED_MALFORMED },
	{ "no options at all", XID, DHCP6_PARSED },
	{ "one option", XID "0008 0002 0000", DHCP6_PARSED },
	{ "an empty option ends the message", XID "000e 0000", DHCP6_PARSED },
	{ "half an option header", XID "0008 00", DHCP6_PARSED_MALFORMED },
	{ "an option longer than the message", XID "0008 0003 0000", DHCP6_PARSED_MALFORMED },
	{ "a stray byte after the last option", XID "000e 0000 00", DHCP6_PARSED_MALFORMED },
	{ "option 0 is an option like any other", XID "0000 0001 ff 0008 0002 0000", DHCP6_PARSED },
	{ "unknown options are passed over", XID "fffe 0003 010203 0008 0002 0000", DHCP6_PARSED },

	{ "a client id of 2 bytes", XID "0001 0002 0003", DHCP6_PARSED_MALFORMED },
	{ "a client id of 3 bytes", XID "0001 0003 000301", DHCP6_PARSED },
	{ "an empty client id", XID "0001 0000", DHCP6_PARSED_MALFORMED },
	{ "OVN: an inflated client id", XID "0001 ffff 00030001", DHCP6_PARSED_MALFORMED },
	{ "OVN: inflated by one", XID "0001 0005 00030001", DHCP6_PARSED_MALFORMED },
	{ "an empty server id", XID CLIENT "0002 0000", DHCP6_PARSED_MALFORMED },

	{ "an IA of 11 bytes", XID "0003 000b 00000001 00000000 000000", DHCP6_PARSED_MALFORMED },
	{ "an IA of 4 bytes", XID "0003 0004 00000001", DHCP6_PARSED_MALFORMED },
	{ "an empty IA", XID "0003 0000", DHCP6_PARSED_MALFORMED },
	{ "an empty IA before an option that it would read",
	  XID "0003 0000 0008 0010 00000000 00000000 00000000 00000000", DHCP6_PARSED_MALFORMED },
	{ "an IA_PD of 11 bytes", XID "0019 000b 00000001 00000000 000000",
	  DHCP6_PARSED_MALFORMED },
	{ "an IA of 0xffff bytes (open-iscsi 554)", XID "0003 ffff 00000001 00000000 00000000",
	  DHCP6_PARSED_MALFORMED },
	{ "an IA of 12 bytes", XID "0003 000c 00000001 00000000 00000000", DHCP6_PARSED },
	{ "half an option in an IA", XID "0003 000e 00000001 00000000 00000000 0005",
	  DHCP6_PARSED_MALFORMED },
	{ "an address longer than its IA",
	  XID "0003 0010 00000001 00000000 00000000 0005 0018 0008 0018"
	      "00000000 00000000 00000000 00000000 00000000 00000000",
	  DHCP6_PARSED_MALFORMED },
	{ "an address of 23 bytes",
	  XID "0003 0027 00000001 00000000 00000000 0005 0017"
	      "20010db8 00000000 00000000 00000001 00000000 000000",
	  DHCP6_PARSED_MALFORMED },
	{ "an empty address", XID "0003 0010 00000001 00000000 00000000 0005 0000",
	  DHCP6_PARSED_MALFORMED },
	{ "an address with options in it",
	  XID "0003 002e 00000001 00000000 00000000 0005 001e"
	      "20010db8 00000000 00000000 00000001 00000000 00000000 000d 0002 0000",
	  DHCP6_PARSED },
	{ "a prefix of 24 bytes",
	  XID "0019 0028 00000001 00000000 00000000 001a 0018"
	      "00000000 00000000 38 20010db8 00000000 00000000 000000",
	  DHCP6_PARSED_MALFORMED },
	{ "a prefix of 129 bits",
	  XID "0019 0029 00000001 00000000 00000000 001a 0019"
	      "00000000 00000000 81 20010db8 00000000 00000000 00000000",
	  DHCP6_PARSED_MALFORMED },
	{ "a prefix of 128 bits",
	  XID "0019 0029 00000001 00000000 00000000 001a 0019"
	      "00000000 00000000 80 20010db8 00000000 00000000 00000000",
	  DHCP6_PARSED },
	{ "an address in an IA_PD is passed over",
	  XID "0019 0010 00000001 00000000 00000000 0005 0000", DHCP6_PARSED },
	{ "a status in an IA is passed over",
	  XID "0003 0012 00000001 00000000 00000000 000d 0002 0003", DHCP6_PARSED },

	{ "wishes of an odd length", XID "0006 0003 001700", DHCP6_PARSED_MALFORMED },
	{ "no wishes", XID "0006 0000", DHCP6_PARSED },
	{ "an elapsed time of one byte", XID "0008 0001 00", DHCP6_PARSED_MALFORMED },
	{ "an address at the top, too short",
	  "24 abcdef 0005 0017"
	  "20010db8 00000000 00000000 00000001 00000000 000000",
	  DHCP6_PARSED_MALFORMED },
};

static void lengths_are_checked(void **state)
{
	static struct dhcp6_request request;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum dhcp6_parsed parsed = parse(rows[i].message, &request);

		if (parsed != rows[i].parsed)
			fail_msg("%s: %u", rows[i].what, parsed);
	}
}

static void ids_have_up_to_130_bytes(void **state)
{
	static struct dhcp6_request request;

	for (size_t len = 0; len < 140; len++) {
		uint8_t buf[256] = { 1, 0, 0, 1, 0, 1, 0, (uint8_t)len };
		bool good = len >= DHCP6_DUID_MIN && len <= DHCP6_DUID_MAX;
		enum dhcp6_parsed parsed =
			dhcp6_request_parse((struct bytes) { buf, 8 + len }, &request);

		if ((parsed == DHCP6_PARSED) != good || (good && request.client_id.len != len))
			fail_msg("a client id of %zu bytes", len);
	}
}

/* IAID, T1 and T2 have to be there; what follows must not be taken for them. */
static void an_ia_has_12_bytes_at_least(void **state)
{
	static const uint8_t code[] = { DHCP6_OPTION_IA_NA, DHCP6_OPTION_IA_PD };
	static struct dhcp6_request request;

	for (size_t i = 0; i < ARRAY_LEN(code); i++) {
		for (size_t len = 0; len <= 12; len++) {
			uint8_t buf[64] = { 1, 0, 0, 1, 0, code[i], 0, (uint8_t)len };
			size_t alone = 8 + len;

			buf[alone + 1] = DHCP6_OPTION_ELAPSED_TIME;
			buf[alone + 3] = 2;
			/* at the end of the message, and before another option */
			for (size_t more = 0; more <= 6; more += 6) {
				enum dhcp6_parsed parsed = dhcp6_request_parse(
					(struct bytes) { buf, alone + more }, &request);

				if ((parsed == DHCP6_PARSED) != (len == 12))
					fail_msg("option %u of %zu bytes, %zu behind it", code[i],
						 len, more);
			}
		}
	}
}

static void values_are_read(void **state)
{
	static struct dhcp6_request request;
	char text[PREFIX6_TEXT];

	assert_int_equal(
		parse("05 123456" CLIENT SERVER NA1("0007", "0010")
			      PD1("0009", "0001", "01ff",
				  "38") "0006 0004 0017 0018 0008 0002 0123 000e 0000 0014 0000",
		      &request),
		DHCP6_PARSED);
	assert_int_equal(request.type, DHCP6_RENEW);
	assert_int_equal(request.transaction, 0x123456);
	assert_int_equal(request.client_id.len, 10);
	assert_int_equal(request.client_id.octet[9], 0x0a);
	assert_int_equal(request.server_id.octet[9], 0x01);
	assert_int_equal(request.ia_count, 2);
	assert_int_equal(request.ia[0].kind, DHCP6_ADDRESS);
	assert_int_equal(request.ia[0].iaid, 7);
	assert_string_equal(prefix6_text(&request.ia[0].item[0].what, text), "2001:db8::10/128");
	assert_int_equal(request.ia[1].kind, DHCP6_PREFIX);
	assert_int_equal(request.ia[1].iaid, 9);
	/* bits beyond the length are not the client's to choose */
	assert_string_equal(prefix6_text(&request.ia[1].item[0].what, text), "2001:db8:1:100::/56");
	assert_true(dhcp6_request_wants(&request, 24));
	assert_false(dhcp6_request_wants(&request, 25));
	assert_int_equal(request.elapsed_cs, 0x123);
	assert_int_equal(request.rapid_commits, 1);
	assert_true(request.reconfigure_accept);
}

/* odhcpd kept a pointer to a lease that the second IA of that number freed. */
static void an_iaid_counts_once(void **state)
{
	static struct dhcp6_request request;

	assert_int_equal(
		parse(XID NA("0001") NA("0001") PD("0001") NA("0002") NA("0001"), &request),
		DHCP6_PARSED);
	assert_int_equal(request.ia_count, 3);
	assert_int_equal(request.ias, 5);
	assert_int_equal(request.ia[2].iaid, 2);
}

static void tables_are_bounded(void **state)
{
	static struct dhcp6_request request;
	static uint8_t buf[8192];
	struct writer w = writer_over(buf, sizeof(buf));

	writer_u32(&w, 0x01000000);
	for (unsigned i = 0; i < 64; i++) { /* 21 failing ones were odhcpd's end */
		size_t ia = dhcp6_option_open(&w, i % 2 ? DHCP6_OPTION_IA_PD : DHCP6_OPTION_IA_NA);

		writer_u32(&w, i);
		writer_zero(&w, 8);
		writer_close(&w, ia);
	}
	assert_int_equal(dhcp6_request_parse(writer_bytes(&w), &request), DHCP6_PARSED);
	assert_int_equal(request.ia_count, DHCP6_MAX_IAS);
	assert_int_equal(request.ias, 64);
	writer_u32(&w, 0x000e0000); /* the 65th option */
	assert_int_equal(dhcp6_request_parse(writer_bytes(&w), &request), DHCP6_PARSED_TOO_LARGE);

	w = writer_over(buf, sizeof(buf));
	writer_u32(&w, 0x01000000);
	size_t ia = dhcp6_option_open(&w, DHCP6_OPTION_IA_NA);
	writer_zero(&w, 12);
	for (unsigned i = 0; i < 40; i++) {
		struct dhcp6_item item = { { .len = 128 }, 1, 2 };

		size_t address = dhcp6_option_open(&w, DHCP6_OPTION_IA_ADDRESS);
		writer_copy(&w, item.what.address.octet, 16);
		writer_zero(&w, 8);
		writer_close(&w, address);
	}
	writer_close(&w, ia);
	size_t wishes = dhcp6_option_open(&w, DHCP6_OPTION_REQUEST);
	for (unsigned i = 0; i < 100; i++)
		writer_u16(&w, (uint16_t)(1000 + i));
	writer_close(&w, wishes);
	assert_int_equal(dhcp6_request_parse(writer_bytes(&w), &request), DHCP6_PARSED);
	assert_int_equal(request.ia[0].item_count, DHCP6_MAX_ITEMS);
	assert_int_equal(request.wanted_count, DHCP6_MAX_WANTED);
}

static void a_message_is_at_most_4096_bytes(void **state)
{
	static struct dhcp6_request request;
	static uint8_t buf[DHCP6_MAX_MESSAGE + 1];

	buf[0] = DHCP6_SOLICIT;
	buf[5] = 200;
	buf[6] = (DHCP6_MAX_MESSAGE - 8) >> 8;
	buf[7] = (DHCP6_MAX_MESSAGE - 8) & 255;
	assert_int_equal(dhcp6_request_parse((struct bytes) { buf, DHCP6_MAX_MESSAGE }, &request),
			 DHCP6_PARSED);
	assert_int_equal(
		dhcp6_request_parse((struct bytes) { buf, DHCP6_MAX_MESSAGE + 1 }, &request),
		DHCP6_PARSED_TOO_LARGE);
}

/* RFC 4704 4.2.  Whatever the client wrote, what is kept needs no escaping anywhere. */
static void a_host_name_is_harmless_or_none(void **state)
{
	static const struct {
		const char *what, *fqdn, *host;
	} names[] = {
		{ "a partial name", "00 03 6c6170", "lap" },
		{ "a whole name", "01 03 6c6170 03 6c616e 00", "lap.lan" },
		{ "every character that may be", "00 0a 617a415a30392d5f6d4d", "azAZ09-_mM" },
		{ "before a", "00 01 60", "" },
		{ "after z", "00 01 7b", "" },
		{ "before A", "00 01 40", "" },
		{ "after Z", "00 01 5b", "" },
		{ "before 0", "00 01 2f", "" },
		{ "after 9", "00 01 3a", "" },
		{ "no name", "00", "" },
		{ "no flags", "", "" },
		{ "odhcpd: another line for the state file", "00 06 610a2320622d", "" },
		{ "odhcpd: a script", "00 08 3c7363726970743e", "" },
		{ "a space", "00 03 612062", "" },
		{ "a quotation mark", "00 03 612262", "" },
		{ "a NUL", "00 03 610062", "" },
		{ "a byte over 127", "00 02 c3a9", "" },
		{ "a label longer than the option", "00 05 6c6170", "" },
		{ "something after the end", "00 03 6c6170 00 01 61", "" },
		{ "a compression pointer", "00 c000", "" },
	};
	static struct dhcp6_request request;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		uint8_t buf[256] = { 1, 0, 0, 1, 0, 39, 0, 0 };

		buf[7] = (uint8_t)hex(names[i].fqdn, buf + 8, sizeof(buf) - 8).len;
		assert_int_equal(dhcp6_request_parse((struct bytes) { buf, 8u + buf[7] }, &request),
				 DHCP6_PARSED);
		if (strcmp(request.host, names[i].host) != 0)
			fail_msg("%s: '%s'", names[i].what, request.host);
	}
	for (unsigned len = 1; len < 130; len++) { /* 63 characters are kept, 64 are not */
		uint8_t buf[256] = { 1, 0, 0, 1, 0, 39, 0, (uint8_t)(len + 2), 0, (uint8_t)len };

		memset(buf + 10, 'a', len);
		assert_int_equal(dhcp6_request_parse((struct bytes) { buf, 10 + len }, &request),
				 DHCP6_PARSED);
		assert_int_equal(strlen(request.host), len < DHCP6_HOST_MAX ? len : 0);
	}
}

/* The dot counts, too. */
static void two_labels_have_63_characters_at_most(void **state)
{
	static struct dhcp6_request request;

	for (unsigned len = 30; len < 35; len++) {
		uint8_t buf[256] = { 1, 0, 0, 1, 0, 39, 0, 0, 0, 31 };

		memset(buf + 10, 'a', 31);
		buf[41] = (uint8_t)len;
		memset(buf + 42, 'b', len);
		buf[7] = (uint8_t)(1 + 1 + 31 + 1 + len);
		assert_int_equal(dhcp6_request_parse((struct bytes) { buf, 42 + len }, &request),
				 DHCP6_PARSED);
		assert_int_equal(strlen(request.host), len <= 31 ? 32 + len : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_checked),
		cmocka_unit_test(ids_have_up_to_130_bytes),
		cmocka_unit_test(an_ia_has_12_bytes_at_least),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(an_iaid_counts_once),
		cmocka_unit_test(tables_are_bounded),
		cmocka_unit_test(a_message_is_at_most_4096_bytes),
		cmocka_unit_test(a_host_name_is_harmless_or_none),
		cmocka_unit_test(two_labels_have_63_characters_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
