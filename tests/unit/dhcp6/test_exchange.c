/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_exchange.c
 *
 * Whole conversations: what each message does to an IA, RFC 9915 18.3.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define GIVEN_NA "na(1 1800/2880 2001:db8::10 3600/7200)"
#define GIVEN_PD "pd(1 1800/2880 2001:db8:1:100::/56 3600/7200)"

static void a_client_comes_and_goes(void **state)
{
	static const struct step story[] = {
		{ "18.3.1: an offer", "01 abcdef" CLIENT NA("0001"),
		  "Advertise client server " GIVEN_NA },
		{ "18.3.2: it is taken", "03 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "18.3.3: it moved, and is still here", "04 abcdef" CLIENT NA1("0001", "0010"),
		  "Reply client server Success" },
		{ "18.3.4: it stays", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "18.3.5: it looks for any server", "06 abcdef" CLIENT NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "18.3.7: what it has not does not go",
		  "08 abcdef" CLIENT SERVER NA1("0001", "0011"), "Reply client server Success" },
		{ "nor does what it has: nobody else gets it", "01 abcdef" CLIENT_B NA("0001"),
		  "Advertise client server na(1 0/0 NoAddrsAvail)" },
		{ "18.3.7: it goes", "08 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server Success" },
		{ "18.3.7: it says so again", "08 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server Success na(1 0/0 NoBinding)" },
		{ "and comes back", "01 abcdef" CLIENT NA("0001"),
		  "Advertise client server " GIVEN_NA },
	};
	struct scene scene;

	scene_begin(&scene);
	play(&scene, story, ARRAY_LEN(story));
	scene_end(&scene);
}

static void an_office_gets_a_prefix(void **state)
{
	static const struct step story[] = {
		{ "an address and a prefix", "01 abcdef" CLIENT NA("0001") PD("0001"),
		  "Advertise client server " GIVEN_NA " " GIVEN_PD },
		{ "a Request", "03 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server " GIVEN_PD },
		{ "another office", "01 abcdef" CLIENT_B PD("0001"),
		  "Advertise client server pd(1 0/0 NoPrefixAvail)" },
		{ "a Renew", "05 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server " GIVEN_PD },
		{ "a Release", "08 abcdef" CLIENT SERVER PD1("0001", "0001", "0100", "38"),
		  "Reply client server Success" },
		{ "now the other one", "01 abcdef" CLIENT_B PD("0001"),
		  "Advertise client server " GIVEN_PD },
	};
	struct scene scene;

	scene_begin(&scene);
	play(&scene, story, ARRAY_LEN(story));
	scene_end(&scene);
}

/* RFC 9915 12: an IAID names one IA.  The second one is neither answered nor given anything. */
static void of_two_ias_with_one_number_the_first_counts(void **state)
{
	static const struct step story[] = {
		{ "an offer", "01 abcdef" CLIENT NA1("0001", "0010") NA1("0001", "0011"),
		  "Advertise client server " GIVEN_NA },
		{ "a Request", "03 abcdef" CLIENT SERVER NA1("0001", "0010") NA1("0001", "0011"),
		  "Reply client server " GIVEN_NA },
		{ "the other way round: one IA still has one lease",
		  "03 abcdef" CLIENT SERVER NA1("0001", "0011") NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "a Renew", "05 abcdef" CLIENT SERVER NA1("0001", "0010") NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "a prefix's IA has a number of its own",
		  "03 abcdef" CLIENT SERVER PD("0001") NA("0001") PD("0001"),
		  "Reply client server " GIVEN_PD " " GIVEN_NA },
		{ "what the second one would end stays",
		  "08 abcdef" CLIENT SERVER NA("0001") NA1("0001", "0010"),
		  "Reply client server Success" },
		{ "it has it still", "05 abcdef" CLIENT SERVER NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
		{ "the first one ends, the second one has nothing to end",
		  "08 abcdef" CLIENT SERVER NA1("0001", "0010") NA1("0001", "0010"),
		  "Reply client server Success" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.link.pool[0] = range_of("2001:db8::10", "2001:db8::11");
	play(&scene, story, ARRAY_LEN(story));
	scene_end(&scene);
}

#define AS_SERVER "0001 000a 00030001020000000001 "
#define AS_SERVER_AND_MORE "0001 000b 0003000102000000000100 "
#define AS_HALF_A_SERVER "0001 0009 000300010200000000 "

/* A DUID is what a client says: that of the server makes nobody the server, nor another client. */
static void a_client_may_call_itself_as_it_likes(void **state)
{
	static const struct step story[] = {
		{ "our DUID", "03 abcdef" AS_SERVER SERVER NA("0001"),
		  "Reply client server " GIVEN_NA },
		{ "is no server id", "03 abcdef" AS_SERVER NA("0001"), "(no-server-id)" },
		{ "nor another one's", "03 abcdef" AS_SERVER OTHER_SERVER NA("0001"),
		  "(other-server)" },
		{ "ours and more is somebody else",
		  "05 abcdef" AS_SERVER_AND_MORE SERVER NA1("0001", "0010"),
		  "Reply client server na(1 0/0 NoBinding)" },
		{ "who cannot end it", "08 abcdef" AS_SERVER_AND_MORE SERVER NA1("0001", "0010"),
		  "Reply client server Success na(1 0/0 NoBinding)" },
		{ "and so is the beginning of ours",
		  "08 abcdef" AS_HALF_A_SERVER SERVER NA1("0001", "0010"),
		  "Reply client server Success na(1 0/0 NoBinding)" },
		{ "it is renewed", "05 abcdef" AS_SERVER SERVER NA1("0001", "0010"),
		  "Reply client server " GIVEN_NA },
	};
	struct scene scene;

	scene_begin(&scene);
	play(&scene, story, ARRAY_LEN(story));
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_comes_and_goes),
		cmocka_unit_test(an_office_gets_a_prefix),
		cmocka_unit_test(of_two_ias_with_one_number_the_first_counts),
		cmocka_unit_test(a_client_may_call_itself_as_it_likes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
