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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_comes_and_goes),
		cmocka_unit_test(an_office_gets_a_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
