/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_relays.c
 *
 * Messages through relays, and answers on their way back: RFC 9915 9, 13.1, 19.3; RFC 4649, 6221,
 * 6939, 8357.
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define LINK_HERE "20010db8 00000000 00000000 00000001 "
#define LINK_THERE "20010db8 00990000 00000000 00000001 "
#define NO_LINK "00000000 00000000 00000000 00000000 "
#define LINK_LOCAL "fe800000 00000000 00000000 00000009 "
#define PEER "fe800000 00000000 00000000 0000000a "
#define FORWARD(hops, link) "0c " hops link PEER
#define INFORMATION "0b abcdef" CLIENT
#define CARRIES(len) "0009 " len " "

static const struct step rows[] = {
	{ "a relay here", FORWARD("00", LINK_HERE) CARRIES("0012") INFORMATION,
	  "[0 2001:db8::1 fe80::a Reply client server]" },
	{ "a hop count is given back", FORWARD("05", LINK_HERE) CARRIES("0012") INFORMATION,
	  "[5 2001:db8::1 fe80::a Reply client server]" },
	{ "an interface id is given back, before the message",
	  FORWARD("00", LINK_HERE) CARRIES("0012") INFORMATION "0012 0003 616263",
	  "[0 2001:db8::1 fe80::a interface-id:3 Reply client server]" },
	{ "an empty interface id is one, too",
	  FORWARD("00", LINK_HERE) "0012 0000" CARRIES("0012") INFORMATION,
	  "[0 2001:db8::1 fe80::a interface-id:0 Reply client server]" },
	{ "RFC 8357: a port is given back",
	  FORWARD("00", LINK_HERE) "0087 0002 1234" CARRIES("0012") INFORMATION,
	  "[0 2001:db8::1 fe80::a relay-port:2 Reply client server]" },
	{ "RFC 8357: half a port",
	  FORWARD("00", LINK_HERE) "0087 0001 12" CARRIES("0012") INFORMATION, "(malformed)" },
	{ "a remote id is not",
	  FORWARD("00", LINK_HERE) "0025 0005 0000000001" CARRIES("0012") INFORMATION,
	  "[0 2001:db8::1 fe80::a Reply client server]" },
	{ "a link of others", FORWARD("00", LINK_THERE) CARRIES("0012") INFORMATION,
	  "(other-link)" },
	{ "RFC 6221: a relay in layer 2 says no link",
	  FORWARD("00", NO_LINK) CARRIES("0012") INFORMATION,
	  "[0 :: fe80::a Reply client server]" },
	{ "a link-local address says none either",
	  FORWARD("00", LINK_LOCAL) CARRIES("0012") INFORMATION,
	  "[0 fe80::9 fe80::a Reply client server]" },
	{ "the relay nearest to the client says the link",
	  FORWARD("01", LINK_HERE) CARRIES("0038") FORWARD("00", LINK_THERE) CARRIES("0012")
		  INFORMATION,
	  "(other-link)" },
	{ "and those further out do not",
	  FORWARD("01", LINK_THERE) CARRIES("0038") FORWARD("00", LINK_HERE) CARRIES("0012")
		  INFORMATION,
	  "[1 2001:db8:99::1 fe80::a [0 2001:db8::1 fe80::a Reply client server]]" },
	{ "nor does one without a link, next to the client",
	  FORWARD("01", LINK_THERE) CARRIES("0038") FORWARD("00", NO_LINK) CARRIES("0012")
		  INFORMATION,
	  "(other-link)" },
	{ "a relay with nothing to say", FORWARD("00", LINK_HERE), "(malformed)" },
	{ "a relay with an empty message", FORWARD("00", LINK_HERE) CARRIES("0000"),
	  "(malformed)" },
	{ "half a header", "0c 00" LINK_HERE "fe80", "(malformed)" },
	{ "a message longer than its relay's", FORWARD("00", LINK_HERE) CARRIES("0013") INFORMATION,
	  "(malformed)" },
	{ "a relay's answer is no request", "0d 00" LINK_HERE PEER CARRIES("0012") INFORMATION,
	  "(malformed)" },
	{ "inside there must be a client's message",
	  FORWARD("00", LINK_HERE) CARRIES("0012") "07 abcdef" CLIENT, "(wrong-type)" },
};

static void answers_go_back(void **state)
{
	struct scene scene;

	scene_begin(&scene);
	scene.arrival.unicast = true; /* RFC 9915 16: a relay may send so, a client may not */
	play(&scene, rows, ARRAY_LEN(rows));
	assert_string_equal(ask(&scene, INFORMATION), "(unicast)");
	scene_end(&scene);
}

/* `depth` relays around an Information-request. */
static enum dhcp6_parsed nest(unsigned depth, struct dhcp6_request *request)
{
	static uint8_t buf[65536];
	static size_t hole[2000];
	struct writer w = writer_over(buf, sizeof(buf));

	for (unsigned i = 0; i < depth; i++) {
		writer_u16(&w, DHCP6_RELAY_FORWARD << 8);
		writer_zero(&w, 32);
		hole[i] = dhcp6_option_open(&w, DHCP6_OPTION_RELAY_MESSAGE);
	}
	writer_u32(&w, (uint32_t)DHCP6_INFORMATION_REQUEST << 24);
	for (unsigned i = depth; i > 0; i--)
		writer_close(&w, hole[i - 1]);
	assert_false(w.full);
	return dhcp6_request_parse(writer_bytes(&w), request);
}

/* odhcpd's stack ended at about 1,700. */
static void nests_are_bounded(void **state)
{
	static struct dhcp6_request request;

	assert_int_equal(nest(9, &request), DHCP6_PARSED);
	assert_int_equal(request.relay_count, 9);
	assert_int_equal(nest(32, &request), DHCP6_PARSED);
	assert_int_equal(request.relay_count, 32);
	assert_int_equal(nest(33, &request), DHCP6_PARSED_TOO_DEEP);
	assert_int_equal(nest(1700, &request), DHCP6_PARSED_TOO_LARGE);
}

/* RFC 6939 5: the relay that saw the client. */
/* As of a message itself; the 64th is what it carries. */
static void a_relays_options_are_bounded(void **state)
{
	static const uint8_t solicit[] = { DHCP6_SOLICIT, 1, 2, 3 };
	static struct dhcp6_request request;

	for (unsigned more = 0; more < 2; more++) {
		uint8_t buf[512];
		struct writer w = writer_over(buf, sizeof(buf));

		writer_u8(&w, DHCP6_RELAY_FORWARD);
		writer_zero(&w, 1 + 2 * sizeof(struct ip6));
		for (unsigned i = 1; i < DHCP6_MAX_OPTIONS + more; i++)
			dhcp6_option_write(&w, 65000, (struct bytes) { 0 });
		dhcp6_option_write(&w, DHCP6_OPTION_RELAY_MESSAGE,
				   (struct bytes) { solicit, sizeof(solicit) });
		assert_int_equal(dhcp6_request_parse(writer_bytes(&w), &request),
				 more ? DHCP6_PARSED_TOO_LARGE : DHCP6_PARSED);
	}
}

static void a_mac_comes_from_the_relay_beside_the_client(void **state)
{
#define MAC(last) "004f 0008 0001 0200000000" last
	static const struct {
		const char *what, *message, *mac;
	} macs[] = {
		{ "from the only one",
		  FORWARD("00", LINK_HERE) MAC("0a") CARRIES("0004") "0b 000000",
		  "02:00:00:00:00:0a" },
		{ "not from one further out",
		  FORWARD("00", LINK_HERE) MAC("0a") CARRIES("002a") FORWARD("00", LINK_HERE)
			  CARRIES("0004") "0b 000000",
		  "" },
		{ "the inner one's",
		  FORWARD("00", LINK_HERE) MAC("0a") CARRIES("0036") FORWARD("00", LINK_HERE)
			  MAC("0b") CARRIES("0004") "0b 000000",
		  "02:00:00:00:00:0b" },
		{ "not of another link type",
		  FORWARD("00",
			  LINK_HERE) "004f 0008 0006 02000000000a" CARRIES("0004") "0b 000000",
		  "" },
		{ "not of another length",
		  FORWARD("00",
			  LINK_HERE) "004f 0009 0001 02000000000a00" CARRIES("0004") "0b 000000",
		  "" },
		{ "not an empty one",
		  FORWARD("00", LINK_HERE) "004f 0000" CARRIES("0004") "0b 000000", "" },
		{ "not from the client itself", "0b 000000" MAC("0a"), "" },
	};
	static struct dhcp6_request request;
	char text[MAC_TEXT];
	uint8_t buf[512];

	for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
		struct bytes message = hex(macs[i].message, buf, sizeof(buf));

		assert_int_equal(dhcp6_request_parse(message, &request), DHCP6_PARSED);
		if (strcmp(request.has_mac ? mac_text(&request.mac, text) : "", macs[i].mac) != 0)
			fail_msg("%s", macs[i].what);
	}
}

/* RFC 4649: of the innermost one that gave one. */
static void a_remote_id_is_kept(void **state)
{
	static struct dhcp6_request request;
	uint8_t buf[512];

	assert_int_equal(
		dhcp6_request_parse(
			hex(FORWARD("01", LINK_HERE) "0025 0005 0000000041" CARRIES("0033")
				    FORWARD("00", LINK_HERE) "0025 0005 0000000042" CARRIES(
					    "0004") "0b 000000",
			    buf, sizeof(buf)),
			&request),
		DHCP6_PARSED);
	assert_true(request.has_remote_id);
	assert_int_equal(request.remote_id.len, 5);
	assert_int_equal(request.remote_id.data[4], 0x42);
	assert_int_equal(dhcp6_request_parse(hex("0b 000000", buf, sizeof(buf)), &request),
			 DHCP6_PARSED);
	assert_false(request.has_remote_id);
}

static void leases_are_given_through_relays(void **state)
{
	static const struct step story[] = {
		{ "a Solicit with Rapid Commit",
		  FORWARD("00", LINK_HERE) MAC("0a")
			  CARRIES("0026") "01 abcdef" CLIENT NA("0001") "000e 0000",
		  "[0 2001:db8::1 fe80::a Reply client server rapid-commit:0 "
		  "na(1 1800/2880 2001:db8::10 3600/7200)]" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.link.rapid_commit = true;
	play(&scene, story, ARRAY_LEN(story));
	struct prefix6 what = prefix_of("2001:db8::10");
	struct dhcp6_lease *lease = dhcp6_leases_find(scene.leases, &what, false);
	assert_non_null(lease);
	/* not the relay's, in whose frame it came */
	assert_true(lease->has_mac);
	assert_int_equal(lease->mac.octet[5], 0x0a);
	scene_end(&scene);
}

/* Nor is the relay's own MAC the client's, where it did not say. */
static void a_relay_that_says_no_mac_gives_none(void **state)
{
	static const struct step story[] = {
		{ "a Solicit with Rapid Commit",
		  FORWARD("00", LINK_HERE)
			  CARRIES("0026") "01 abcdef" CLIENT NA("0001") "000e 0000",
		  "[0 2001:db8::1 fe80::a Reply client server rapid-commit:0 "
		  "na(1 1800/2880 2001:db8::10 3600/7200)]" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.link.rapid_commit = true;
	scene.arrival.mac.octet[5] = 0x77;
	play(&scene, story, ARRAY_LEN(story));
	struct prefix6 what = prefix_of("2001:db8::10");
	assert_false(dhcp6_leases_find(scene.leases, &what, false)->has_mac);
	scene_end(&scene);
}

/* What a lease keeps of its relays, for people: that of the one nearest to the client, and no more. */
static void a_lease_says_where_its_client_is(void **state)
{
#define ID4 "61626364 "
#define ID16 ID4 ID4 ID4 ID4
	static const struct {
		const char *what, *message;
		unsigned interface_len, remote_len;
		char interface_first, remote_last;
	} cases[] = {
		{ "no relay", "03 abcdef" CLIENT SERVER NA("0001"), 0, 0, 0, 0 },
		{ "a relay that says nothing",
		  FORWARD("00", LINK_HERE) CARRIES("0030") "03 abcdef" CLIENT SERVER NA("0001"), 0,
		  0, 0, 0 },
		{ "one that says both",
		  FORWARD("00", LINK_HERE) "0012 0002 6500" CARRIES(
			  "0030") "03 abcdef" CLIENT SERVER NA("0001") "0025 0005 0000000942",
		  2, 5, 'e', 0x42 },
		{ "the nearest of two",
		  FORWARD("01", LINK_HERE) "0012 0001 78 0025 0005 0000000941" CARRIES("0065")
			  FORWARD("00", LINK_HERE) "0012 0002 6500" CARRIES(
				  "0030") "03 abcdef" CLIENT SERVER
				  NA("0001") "0025 0005 0000000942",
		  2, 5, 'e', 0x42 },
		{ "the outer one, if the other says nothing",
		  FORWARD("01", LINK_HERE) "0012 0001 78 0025 0005 0000000941" CARRIES("0056")
			  FORWARD("00", LINK_HERE)
				  CARRIES("0030") "03 abcdef" CLIENT SERVER NA("0001"),
		  1, 5, 'x', 0x41 },
		{ "as long as it is kept",
		  FORWARD("00", LINK_HERE) "0012 002f" ID16 ID16 ID4 ID4 ID4 "616263" CARRIES(
			  "0030") "03 abcdef" CLIENT SERVER NA("0001"),
		  DHCP6_RELAY_ID_MAX, 0, 'a', 0 },
		{ "longer",
		  FORWARD("00", LINK_HERE) "0012 0030" ID16 ID16 ID16 CARRIES(
			  "0030") "03 abcdef" CLIENT SERVER NA("0001"),
		  DHCP6_RELAY_ID_MAX + 1, 0, 'a', 0 },
		{ "longer by far",
		  FORWARD("00", LINK_HERE) "0012 0040" ID16 ID16 ID16 ID16 CARRIES(
			  "0030") "03 abcdef" CLIENT SERVER NA("0001"),
		  DHCP6_RELAY_ID_MAX + 1, 0, 'a', 0 },
	};
	struct prefix6 what = prefix_of("2001:db8::10");
	struct scene scene;

	scene_begin(&scene);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *answer = ask(&scene, cases[i].message);
		struct dhcp6_lease *lease = dhcp6_leases_find(scene.leases, &what, false);

		if (!lease || lease->state != DHCP6_ACTIVE)
			fail_msg("%s: %s", cases[i].what, answer);
		if (lease->interface_id.len != cases[i].interface_len ||
		    lease->remote_id.len != cases[i].remote_len ||
		    (lease->interface_id.len > 0 &&
		     lease->interface_id.octet[0] != cases[i].interface_first) ||
		    (lease->remote_id.len > 0 && lease->remote_id.octet[4] != cases[i].remote_last))
			fail_msg("%s", cases[i].what);
	}
	ask(&scene, "05 abcdef" CLIENT SERVER NA1("0001", "0010")); /* from where it is now */
	assert_int_equal(dhcp6_leases_find(scene.leases, &what, false)->interface_id.len, 0);
	scene_end(&scene);
}

/* 13.1: a reservation of another link is no way around it; nor is an address on another link kept. */
static void other_links_addresses_are_nothing_here(void **state)
{
	static const struct step story[] = {
		{ "what is reserved elsewhere is not given, the pool is",
		  FORWARD("00", LINK_HERE) CARRIES("0022") "01 abcdef" CLIENT NA("0001"),
		  "[0 2001:db8::1 fe80::a Advertise client server "
		  "na(1 1800/2880 2001:db8::10 3600/7200)]" },
		{ "nor is it confirmed",
		  FORWARD("00", LINK_HERE) CARRIES("003e") "04 abcdef" CLIENT
							   "0003 0028 00000001 00000000 00000000 "
							   "0005 0018 20010db8 00990000 "
							   "00000000 00000099 00000000 00000000",
		  "[0 2001:db8::1 fe80::a Reply client server NotOnLink]" },
	};
	struct scene scene;

	scene_begin(&scene);
	scene.reservation[0] = (struct dhcp6_reservation) { .what = prefix_of("2001:db8:99::99"),
							    .user = "alice" };
	scene.link.reservation_count = 1;
	scene.link.elsewhere = (struct dhcp6_elsewhere) { 1, { prefix_of("2001:db8:99::/64") } };
	play(&scene, story, ARRAY_LEN(story));
	scene_end(&scene);
}

/* What is delegated leads to the gateway if there is one, and to the sender of the message else. */
static void a_prefix_leads_to_the_gateway(void **state)
{
	static const struct {
		const char *gateway, *peer;
	} ways[] = { { "fe80::b", "fe80::b" }, { "::", "2001:db8::b" } };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct prefix6 what = prefix_of("2001:db8:1:100::/56");
		struct scene scene;
		char text[IP6_TEXT];

		scene_begin(&scene);
		scene.link.rapid_commit = true;
		scene.arrival.source = address_of("2001:db8::b");
		scene.arrival.gateway = address_of(ways[i].gateway);
		ask(&scene, FORWARD("00", LINK_HERE)
				    CARRIES("0026") "01 abcdef" CLIENT PD("0001") "000e 0000");
		const struct dhcp6_lease *lease = dhcp6_leases_find(scene.leases, &what, false);
		assert_non_null(lease);
		assert_string_equal(ip6_text(&lease->peer, text), ways[i].peer);
		scene_end(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_go_back),
		cmocka_unit_test(nests_are_bounded),
		cmocka_unit_test(a_relays_options_are_bounded),
		cmocka_unit_test(a_mac_comes_from_the_relay_beside_the_client),
		cmocka_unit_test(a_remote_id_is_kept),
		cmocka_unit_test(a_lease_says_where_its_client_is),
		cmocka_unit_test(leases_are_given_through_relays),
		cmocka_unit_test(a_relay_that_says_no_mac_gives_none),
		cmocka_unit_test(other_links_addresses_are_nothing_here),
		cmocka_unit_test(a_prefix_leads_to_the_gateway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
