/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/test_ra_parse.c
 *
 * Messages from strangers: which are discarded (RFC 4861 6.1.2), and which options are skipped
 * while the others stand.  The DNS options have a file of their own.
 */
#include "tests/unit/radvd-lite/ra_equal.h"
#include "tests/unit/radvd-lite/ra_rows.h"

#define GOOD_MTU "0501 0000 000005dc" /* 1500: a good option beside a bad one */
#define GOOD_MAC "0101 02000000000a"

static const struct {
	const char *what;
	const char *message;
} discarded[] = {
	{ "no bytes", "" },
	{ "one byte", "86" },
	{ "15 bytes", "86000000 00000000 00000000 000000" },
	{ "a Router Solicitation", "85000000 00000000 00000000 00000000" },
	{ "a Neighbor Solicitation", "87000000 00000000 00000000 00000000" },
	{ "code 1", "86010000 00000000 00000000 00000000" },
	{ "an option of length 0: it would never end", RA_HEAD "0100 02000000000a" },
	{ "an unknown option of length 0", RA_HEAD "fd00 000000000000" },
	{ "an option of length 0 behind a good one", RA_HEAD GOOD_MTU "0100 02000000000a" },
	{ "an option of length 0 that is the message's last two bytes", RA_HEAD "0100" },
	{ "an option longer than the message", RA_HEAD "0102 02000000000a" },
	{ "an option longer than the message by one byte", RA_HEAD "0101 0200000000" },
	{ "half an option header", RA_HEAD "01" },
	{ "a byte behind the last option", RA_HEAD GOOD_MTU "00" },
	{ "the longest option, not there", RA_HEAD "01ff" },
};

static void messages_are_discarded(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(discarded); i++) {
		uint8_t buffer[256];
		struct ra ra, nothing = { 0 };

		memset(&ra, 0xff, sizeof(ra));
		if (ra_parse(hex(discarded[i].message, buffer, sizeof(buffer)), &ra))
			fail_msg("%s: not discarded", discarded[i].what);
		if (!ra_equal(&ra, &nothing))
			fail_msg("%s: something is left of it", discarded[i].what);
	}
}

static const struct {
	const char *what;
	const char *message;
	struct ra ra;
} kept[] = {
	{ "flags of others: home agent, proxy, two reserved ones",
	  "86000000 40 27 0000 00000000 00000000",
	  { .hop_limit = 64 } },
	{ "the reserved preference is medium, RFC 4191 2.2",
	  "86000000 40 10 0001 00000000 00000000",
	  { .hop_limit = 64, .lifetime_s = 1 } },
	{ "without a lifetime the preference does not count, RFC 4191 2.2",
	  "86000000 40 08 0000 00000000 00000000",
	  { .hop_limit = 64 } },
	{ "the checksum field is somebody else's",
	  "8600ffff 40 00 0000 00000000 00000000",
	  { .hop_limit = 64 } },
	{ "unknown options are skipped: a nonce, an experiment",
	  RA_HEAD "0e01 010203040506" GOOD_MTU "fd02 0000000000000000000000000000",
	  { .hop_limit = 64, .mtu = 1500 } },
	{ "options that a host may only send elsewhere are skipped",
	  RA_HEAD "0201 02000000000b" GOOD_MTU,
	  { .hop_limit = 64, .mtu = 1500 } },

	/* source link-layer address */
	{ "an address of two units is not Ethernet's",
	  RA_HEAD "0102 02000000000a 0000000000000000" GOOD_MTU,
	  { .hop_limit = 64, .mtu = 1500 } },
	{ "of two addresses the first counts",
	  RA_HEAD GOOD_MAC "0101 02000000000b",
	  { .hop_limit = 64, .has_source_mac = true, .source_mac = LOCAL_MAC } },
	{ "a group address is no interface's, nor is zero; the third is good",
	  RA_HEAD "0101 333300000001 0101 000000000000" GOOD_MAC,
	  { .hop_limit = 64, .has_source_mac = true, .source_mac = LOCAL_MAC } },

	/* MTU */
	{ "an MTU option of two units",
	  RA_HEAD "0502 0000 000005dc 0000000000000000",
	  { .hop_limit = 64 } },
	{ "of two MTUs the first counts",
	  RA_HEAD GOOD_MTU "0501 0000 00000500",
	  { .hop_limit = 64, .mtu = 1500 } },
	{ "an MTU of 1 is one",
	  RA_HEAD "0501 0000 00000001" GOOD_MTU,
	  { .hop_limit = 64, .mtu = 1 } },
	{ "the MTU's reserved field does not count",
	  RA_HEAD "0501 ffff 000005dc",
	  { .hop_limit = 64, .mtu = 1500 } },

	/* prefixes */
	{ "a prefix option of three units does not read into the next option",
	  RA_HEAD "0303 40c0 00000002 00000001 00000000 20010db800010000" GOOD_MTU,
	  { .hop_limit = 64, .mtu = 1500 } },
	{ "a prefix option of five units",
	  RA_HEAD "0305 40c0 00000002 00000001 00000000 20010db8000100000000000000000000"
		  "0000000000000000",
	  { .hop_limit = 64 } },
	{ "a prefix option of one unit", RA_HEAD "0301 40c0 00000002", { .hop_limit = 64 } },
	{ "a prefix of 129 bits",
	  RA_HEAD "0304 81c0 00000002 00000001 00000000 20010db8000100000000000000000000" GOOD_MTU,
	  { .hop_limit = 64, .mtu = 1500 } },
	{ "a prefix preferred for longer than valid",
	  RA_HEAD "0304 40c0 00000001 00000002 00000000 20010db8000100000000000000000000",
	  { .hop_limit = 64 } },
	{ "a prefix preferred as long as valid",
	  RA_HEAD "0304 40c0 00000002 00000002 00000000 20010db8000100000000000000000000",
	  { .hop_limit = 64,
	    .prefix_count = 1,
	    .prefix = { { { DB8(0, 1), 64 }, true, true, 2, 2 } } } },
	{ "a prefix's other flags, reserved field and bits beyond its length do not count",
	  RA_HEAD "0304 408f 00000002 00000001 ffffffff 20010db800010000ffffffffffffffff",
	  { .hop_limit = 64,
	    .prefix_count = 1,
	    .prefix = { { { DB8(0, 1), 64 }, true, false, 2, 1 } } } },

	/* routes */
	{ "a route with the reserved preference must be ignored, RFC 4191 2.3",
	  RA_HEAD "1802 40 10 00000001 20010db800010000"
		  "1802 40 00 00000001 20010db800020000",
	  { .hop_limit = 64, .route_count = 1, .route = { { { DB8(0, 2), 64 }, RA_MEDIUM, 1 } } } },
	{ "a route's other flags do not count",
	  RA_HEAD "1801 00 ef 00000001",
	  { .hop_limit = 64, .route_count = 1, .route = { { { .len = 0 }, RA_HIGH, 1 } } } },
	{ "a route of 128 bits in two units does not read into the next option",
	  RA_HEAD "1802 80 00 00000001 20010db800010000" GOOD_MTU,
	  { .hop_limit = 64, .mtu = 1500 } },
	{ "a route of 129 bits",
	  RA_HEAD "1803 81 00 00000001 20010db8000100000000000000000000",
	  { .hop_limit = 64 } },
	{ "a route's bits beyond its length do not count",
	  RA_HEAD "1803 2f 00 00000001 20010db80001ffffffffffffffffffff",
	  { .hop_limit = 64, .route_count = 1, .route = { { { DB8(), 47 }, RA_MEDIUM, 1 } } } },
	{ "scapy: a home agent's RA, options that we do not know among ours",
	  "860000004070232800000000000000000304"
	  "40e000001c20000000000000000020010db8000200000000000000000001"
	  "07010000000927c0 0801000000000001 010102000000000a",
	  { .hop_limit = 64,
	    .other = true,
	    .lifetime_s = 9000,
	    .prefix_count = 1,
	    .prefix = { { .prefix = { DB8(0, 2), 64 },
			  .on_link = true,
			  .autonomous = true,
			  .valid_s = 7200,
			  .has_router_address = true,
			  .router_address = DB8(0, 2, [15] = 1) } },
	    .has_source_mac = true,
	    .source_mac = LOCAL_MAC } },
	{ "scapy: a route of reserved preference and one of 65 bits, from a low-preference router",
	  "860000004018003c0000000000000000"
	  "180340100000003c20010db8000300000000000000000000"
	  "180341000000003c20010db8000400008000000000000000",
	  { .hop_limit = 64,
	    .preference = RA_LOW,
	    .lifetime_s = 60,
	    .route_count = 1,
	    .route = { { { DB8(0, 4, 0, 0, 0x80), 65 }, RA_MEDIUM, 60 } } } },
};

static void the_rest_is_kept(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		uint8_t buffer[256];
		struct ra ra;

		memset(&ra, 0xff, sizeof(ra));
		if (!ra_parse(hex(kept[i].message, buffer, sizeof(buffer)), &ra))
			fail_msg("%s: discarded", kept[i].what);
		if (!ra_equal(&ra, &kept[i].ra))
			fail_msg("%s: says something else", kept[i].what);
	}
}

/* RFC 4191 2.3: up to 0, 64, 128 bits in 1, 2, 3 units; more room than needed is allowed. */
static void routes_of_each_length_and_size(void **state)
{
	for (unsigned units = 1; units <= 5; units++) {
		unsigned most = units == 1 ? 0 : units == 2 ? 64 : 128;

		for (unsigned len = 0; len <= 255; len++) {
			uint8_t message[16 + 5 * 8] = { 134 };
			struct ra ra;

			memset(message + 16, 0xff, units * 8);
			message[16] = 24;
			message[17] = (uint8_t)units;
			message[18] = (uint8_t)len;
			message[19] = 0;
			assert_true(ra_parse(
				(struct bytes) { .data = message, .len = 16 + units * 8 }, &ra));
			bool wanted = units <= 3 && len <= most;
			if (ra.route_count != wanted)
				fail_msg("/%u in %u units: kept=%u", len, units, ra.route_count);
			struct prefix6 full = { .len = (uint8_t)len };
			memset(full.address.octet, 0xff, 16);
			if (!wanted)
				continue;
			full = prefix6_masked(full);
			if (!prefix6_equal(&ra.route[0].prefix, &full))
				fail_msg("/%u in %u units: another prefix", len, units);
		}
	}
}

/* One more than our tables hold: the first ones are kept, the message stands. */
static void more_than_the_tables_hold(void **state)
{
	uint8_t buffer[4096], option[64];
	struct writer w = writer_over(buffer, sizeof(buffer));
	struct bytes head = hex(RA_HEAD, option, sizeof(option));
	struct ra ra;

	writer_copy(&w, head.data, head.len);
	for (unsigned i = 0; i <= RA_MAX_PREFIXES; i++) {
		struct bytes b = hex("0304 40c0 00000002 00000001 00000000"
				     "20010db8000000000000000000000000",
				     option, sizeof(option));
		option[23] = (uint8_t)i;
		writer_copy(&w, b.data, b.len);
	}
	for (unsigned i = 0; i <= RA_MAX_ROUTES; i++) {
		struct bytes b =
			hex("1802 40 00 00000001 20010db800000000", option, sizeof(option));
		option[15] = (uint8_t)i;
		writer_copy(&w, b.data, b.len);
	}
	assert_false(w.full);
	assert_true(ra_parse(writer_bytes(&w), &ra));
	assert_int_equal(ra.prefix_count, RA_MAX_PREFIXES);
	assert_int_equal(ra.prefix[RA_MAX_PREFIXES - 1].prefix.address.octet[7],
			 RA_MAX_PREFIXES - 1);
	assert_int_equal(ra.route_count, RA_MAX_ROUTES);
	assert_int_equal(ra.route[RA_MAX_ROUTES - 1].prefix.address.octet[7], RA_MAX_ROUTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_discarded),
		cmocka_unit_test(the_rest_is_kept),
		cmocka_unit_test(routes_of_each_length_and_size),
		cmocka_unit_test(more_than_the_tables_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
