/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_validity.c
 *
 * Every type of message with every combination of the options that the rules are about: what
 * RFC 9915 16 and RFC 9686 4.2.1 say, written down once more from their text.
 */
#include "dhcp6/validity.h"
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define IA NA("0001")
#define ORO "0006 0002 0017 "
#define ADDRESS "0005 0018 20010db8 00000000 00000000 0000000a 00000e10 00000e10 "

enum {
	NONE,
	C,
	CS,
	CO,
	S,
	O,
	C_IA,
	CS_IA,
	IA_ALONE,
	C_ORO,
	CS_ORO,
	C_ADDR,
	C_ADDR_ORO,
	CS_ADDR,
	C_ADDR2,
	CC,
	CSS,
	CASES
};

static const char *const options[CASES] = {
	[NONE] = "",
	[C] = CLIENT,
	[CS] = CLIENT SERVER,
	[CO] = CLIENT OTHER_SERVER,
	[S] = SERVER,
	[O] = OTHER_SERVER,
	[C_IA] = CLIENT IA,
	[CS_IA] = CLIENT SERVER IA,
	[IA_ALONE] = IA,
	[C_ORO] = CLIENT ORO,
	[CS_ORO] = CLIENT SERVER ORO,
	[C_ADDR] = CLIENT ADDRESS,
	[C_ADDR_ORO] = CLIENT ADDRESS ORO,
	[CS_ADDR] = CLIENT SERVER ADDRESS,
	[C_ADDR2] = CLIENT ADDRESS ADDRESS,
	[CC] = CLIENT CLIENT SERVER,
	[CSS] = CLIENT SERVER SERVER,
};

#define OK DHCP6_ANSWERED
#define NO_C DHCP6_NO_CLIENT_ID
#define NO_S DHCP6_NO_SERVER_ID
#define NOT_S DHCP6_UNWANTED_SERVER_ID
#define OTHER DHCP6_OTHER_SERVER

/* To any server: no server id may be there. */
#define TO_ANY                                                                                     \
	{                                                                                          \
		[NONE] = NO_C, [C] = OK, [CS] = NOT_S, [CO] = NOT_S, [S] = NO_C, [O] = NO_C,       \
		[C_IA] = OK, [CS_IA] = NOT_S, [IA_ALONE] = NO_C, [C_ORO] = OK, [CS_ORO] = NOT_S,   \
		[C_ADDR] = OK, [C_ADDR_ORO] = OK, [CS_ADDR] = NOT_S, [C_ADDR2] = OK, [CC] = NOT_S, \
		[CSS] = NOT_S,                                                                     \
	}
/* To us: our server id has to be there. */
#define TO_US                                                                                  \
	{                                                                                      \
		[NONE] = NO_C, [C] = NO_S, [CS] = OK, [CO] = OTHER, [S] = NO_C, [O] = NO_C,    \
		[C_IA] = NO_S, [CS_IA] = OK, [IA_ALONE] = NO_C, [C_ORO] = NO_S, [CS_ORO] = OK, \
		[C_ADDR] = NO_S, [C_ADDR_ORO] = NO_S, [CS_ADDR] = OK, [C_ADDR2] = NO_S,        \
		[CC] = DHCP6_TWICE, [CSS] = DHCP6_TWICE,                                       \
	}

static const struct {
	enum dhcp6_type type;
	const char *source;
	enum dhcp6_result result[CASES];
} rows[] = {
	{ DHCP6_SOLICIT, "RFC 9915 16.2", TO_ANY },
	{ DHCP6_REQUEST, "RFC 9915 16.4", TO_US },
	{ DHCP6_CONFIRM, "RFC 9915 16.5", TO_ANY },
	{ DHCP6_RENEW, "RFC 9915 16.6", TO_US },
	{ DHCP6_REBIND, "RFC 9915 16.7", TO_ANY },
	{ DHCP6_DECLINE, "RFC 9915 16.8", TO_US },
	{ DHCP6_RELEASE, "RFC 9915 16.9", TO_US },
	{ DHCP6_INFORMATION_REQUEST,
	  "RFC 9915 16.12",
	  { [NONE] = OK,
	    [C] = OK,
	    [CS] = OK,
	    [CO] = OTHER,
	    [S] = OK,
	    [O] = OTHER,
	    [C_IA] = DHCP6_UNWANTED_IA,
	    [CS_IA] = DHCP6_UNWANTED_IA,
	    [IA_ALONE] = DHCP6_UNWANTED_IA,
	    [C_ORO] = OK,
	    [CS_ORO] = OK,
	    [C_ADDR] = OK,
	    [C_ADDR_ORO] = OK,
	    [CS_ADDR] = OK,
	    [C_ADDR2] = OK,
	    [CC] = DHCP6_TWICE,
	    [CSS] = DHCP6_TWICE } },
	{ DHCP6_ADDR_REG_INFORM,
	  "RFC 9686 4.2.1",
	  { [NONE] = NO_C,
	    [C] = DHCP6_NO_ADDRESS,
	    [CS] = NOT_S,
	    [CO] = NOT_S,
	    [S] = NO_C,
	    [O] = NO_C,
	    [C_IA] = DHCP6_NO_ADDRESS,
	    [CS_IA] = NOT_S,
	    [IA_ALONE] = NO_C,
	    [C_ORO] = DHCP6_UNWANTED_REQUEST,
	    [CS_ORO] = NOT_S,
	    [C_ADDR] = OK,
	    [C_ADDR_ORO] = DHCP6_UNWANTED_REQUEST,
	    [CS_ADDR] = NOT_S,
	    [C_ADDR2] = DHCP6_NO_ADDRESS,
	    [CC] = NOT_S,
	    [CSS] = NOT_S } },
};

static enum dhcp6_result fault(unsigned type, const char *what)
{
	static struct dhcp6_request request;
	uint8_t buf[512] = { (uint8_t)type, 0xab, 0xcd, 0xef };
	size_t len = hex(what, buf + 4, sizeof(buf) - 4).len;
	struct dhcp6_duid server = duid_of("00:03:00:01:02:00:00:00:00:01");

	assert_int_equal(dhcp6_request_parse((struct bytes) { buf, 4 + len }, &request),
			 DHCP6_PARSED);
	return dhcp6_request_fault(&request, &server);
}

static void each_type_with_each_option(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(dhcp6_validity_source(rows[i].type), rows[i].source);
		for (unsigned j = 0; j < CASES; j++) {
			enum dhcp6_result result = fault(rows[i].type, options[j]);

			if (result != rows[i].result[j])
				fail_msg("%s with %s: %s", dhcp6_type_name(rows[i].type),
					 options[j], dhcp6_result_name[result]);
		}
	}
}

/* Servers' messages, those from relays, numbers without a meaning. */
static void other_types_are_nobodys(void **state)
{
	for (unsigned type = 0; type < 256; type++) {
		bool known = type == DHCP6_RELAY_FORWARD; /* is unwrapped before */

		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			known = known || rows[i].type == type;
		for (unsigned j = 0; j < CASES && !known; j++) {
			if (fault(type, options[j]) != DHCP6_WRONG_TYPE)
				fail_msg("type %u with %s", type, options[j]);
		}
		if (!known)
			assert_null(dhcp6_validity_source(type));
	}
}

/* Byte order, length, last byte: odhcpd compared with a length in the wrong order. */
static void a_server_id_is_ours_only_if_it_is_the_same(void **state)
{
	static const struct {
		const char *what, *server_id;
		enum dhcp6_result result;
	} ids[] = {
		{ "ours", "0002 000a 00030001020000000001", OK },
		{ "another last byte", "0002 000a 00030001020000000002", OTHER },
		{ "another first byte", "0002 000a 01030001020000000001", OTHER },
		{ "shorter", "0002 0009 000300010200000000", OTHER },
		{ "longer, ours in front", "0002 000b 0003000102000000000100", OTHER },
	};

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		char text[256];

		snprintf(text, sizeof(text), CLIENT "%s", ids[i].server_id);
		if (fault(DHCP6_RENEW, text) != ids[i].result)
			fail_msg("%s", ids[i].what);
	}
}

static void every_result_has_a_name_of_its_own(void **state)
{
	for (unsigned i = 0; i < DHCP6_RESULTS; i++) {
		assert_non_null(dhcp6_result_name[i]);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(dhcp6_result_name[i], dhcp6_result_name[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_with_each_option),
		cmocka_unit_test(other_types_are_nobodys),
		cmocka_unit_test(a_server_id_is_ours_only_if_it_is_the_same),
		cmocka_unit_test(every_result_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
