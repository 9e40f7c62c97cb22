/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_sizes.c
 *
 * Answers at every size of the room for them, 0 to 2,048 bytes, with up to 64 IAs asked for:
 * either all that has to be said fits, or nothing is said and nothing is given.  odhcpd wrote over
 * its stack here (CVE-2026-53921, -53922), systemd forgot an option's header (CVE-2018-15688).
 */
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define MOST 2048

static uint8_t message[4096], answer[MOST + 64];

static void write_item(struct writer *w, bool prefix, unsigned n, bool failing)
{
	size_t item =
		dhcp6_option_open(w, prefix ? DHCP6_OPTION_IA_PREFIX : DHCP6_OPTION_IA_ADDRESS);

	if (prefix) {
		writer_zero(w, 8);
		writer_u8(w, 56);
	}
	writer_u32(w, 0x20010db8);
	writer_u32(w, failing ? 0x77770000 : prefix ? 0x00010000 | (n & 0xff) << 8 : 0);
	writer_u32(w, 0);
	writer_u32(w, prefix ? 0 : n);
	if (!prefix)
		writer_zero(w, 8);
	writer_close(w, item);
}

static struct bytes ask_for(enum dhcp6_type type, unsigned ias, unsigned items, bool failing)
{
	struct dhcp6_duid client = duid_of("00:03:00:01:02:00:00:00:00:0a");
	struct dhcp6_duid server = duid_of("00:03:00:01:02:00:00:00:00:01");
	struct writer w = writer_over(message, sizeof(message));

	writer_u32(&w, (uint32_t)type << 24 | 0xabcdef);
	dhcp6_option_write(&w, DHCP6_OPTION_CLIENT_ID, (struct bytes) { client.octet, client.len });
	if (type != DHCP6_SOLICIT && type != DHCP6_REBIND)
		dhcp6_option_write(&w, DHCP6_OPTION_SERVER_ID,
				   (struct bytes) { server.octet, server.len });
	if (ias + 4 <= DHCP6_MAX_OPTIONS) {
		dhcp6_option_write(&w, DHCP6_OPTION_RECONFIGURE_ACCEPT, (struct bytes) { 0 });
		dhcp6_option_write(
			&w, DHCP6_OPTION_REQUEST,
			(struct bytes) { (const uint8_t *)"\0\x94\0\x17\0\x43\0\x67", 8 });
	}
	for (unsigned i = 0; i < ias; i++) {
		bool prefix = i % 2;
		size_t ia = dhcp6_option_open(&w, prefix ? DHCP6_OPTION_IA_PD : DHCP6_OPTION_IA_NA);

		writer_u32(&w, i);
		writer_zero(&w, 8);
		for (unsigned j = 0; j < items; j++)
			write_item(&w, prefix, 16 + i * 16 + j, failing);
		writer_close(&w, ia);
	}
	assert_false(w.full);
	return writer_bytes(&w);
}

static void begin(struct scene *scene)
{
	struct dhcp6_leases_config config;

	scene_begin(scene);
	dhcp6_leases_config_defaults(&config);
	config.max_per_user = 32;
	dhcp6_leases_configure(scene->leases, &config);
	scene->link.pool[0] = range_of("2001:db8::10", "2001:db8::ff");
	scene->link.pool[1] = parts_of("2001:db8:1::/48", 56);
	scene->link.pool[1].exclude_len = 88;
	scene->link.pool[1].exclude_id = 0xffffffff;
	scene->link.rapid_commit = true;
	scene->link.registration = true;
	scene->link.reconfigure_key = (struct siphash_key) { 5, 6 };
}

static void add_options(struct dhcp6_handout *handout)
{
	struct ip6 dns[3] = { 0 };
	struct err err;

	assert_int_equal(dhcp6_handout_addresses(handout, DHCP6_OPTION_DNS_SERVERS, dns, 3, &err),
			 0);
	assert_int_equal(
		dhcp6_handout_text(handout, DHCP6_OPTION_CAPTIVE_PORTAL, "https://portal", &err),
		0);
}

/* Answers `payload` in `room` bytes; true if there was an answer, which is then whole. */
static bool answered(struct scene *scene, struct bytes payload, size_t room, unsigned *ias)
{
	static struct dhcp6_request request, parsed;
	struct writer w = writer_over(answer, room);

	memset(answer, 0xa5, sizeof(answer));
	assert_int_equal(dhcp6_request_parse(payload, &request), DHCP6_PARSED);
	struct dhcp6_leases_counts before = dhcp6_leases_count(scene->leases);
	enum dhcp6_result result = dhcp6_answer(scene->leases, &scene->link, &scene->arrival,
						&request, scene->now_s, &w);
	for (size_t i = room; i < sizeof(answer); i++)
		assert_int_equal(answer[i], 0xa5);
	if (result == DHCP6_ANSWERED) {
		assert_int_equal(dhcp6_request_parse(writer_bytes(&w), &parsed), DHCP6_PARSED);
		*ias = parsed.ias;
		return true;
	}
	struct dhcp6_leases_counts after = dhcp6_leases_count(scene->leases);

	assert_int_equal(result, DHCP6_NO_ROOM);
	assert_memory_equal(&before, &after, sizeof(before));
	return false;
}

static void every_size_for(enum dhcp6_type type, unsigned ias, unsigned items, bool failing)
{
	struct bytes payload = ask_for(type, ias, items, failing);
	bool fitted = false;

	for (size_t room = 0; room <= MOST; room++) {
		struct scene scene;
		unsigned got = 0;

		begin(&scene);
		add_options(&scene.handout);
		bool fits = answered(&scene, payload, room, &got);
		if (fitted && !fits)
			fail_msg("%s, %u IAs: fits, but not in %zu", dhcp6_type_name(type), ias,
				 room);
		if (fits && got != (ias < DHCP6_MAX_IAS ? ias : DHCP6_MAX_IAS) &&
		    (type == DHCP6_SOLICIT || type == DHCP6_REQUEST))
			fail_msg("%s, %u IAs: %u in %zu bytes", dhcp6_type_name(type), ias, got,
				 room);
		fitted = fits;
		scene_end(&scene);
	}
	/* a client with one thing of each kind fits into what any link carries unfragmented */
	if (ias <= 2 && items <= 1)
		assert_true(fitted);
}

static void each_message_at_each_size(void **state)
{
	static const enum dhcp6_type types[] = { DHCP6_SOLICIT, DHCP6_REQUEST, DHCP6_RENEW,
						 DHCP6_REBIND,	DHCP6_RELEASE, DHCP6_DECLINE };
	static const struct {
		unsigned ias, items;
	} sizes[] = { { 0, 0 },	 { 1, 1 },  { 2, 1 },  { 8, 1 }, { 8, 4 },
		      { 21, 1 }, { 50, 0 }, { 60, 0 }, { 62, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		for (size_t j = 0; j < ARRAY_LEN(sizes); j++) {
			every_size_for(types[i], sizes[j].ias, sizes[j].items, false);
			every_size_for(types[i], sizes[j].ias, sizes[j].items, true);
		}
	}
}

/* With the ids, 64 are more options than a message may have: nothing of it is looked at. */
static void sixty_four_ias_are_too_many(void **state)
{
	static struct dhcp6_request request;

	for (unsigned ias = 60; ias <= 64; ias++) {
		enum dhcp6_parsed solicit =
			dhcp6_request_parse(ask_for(DHCP6_SOLICIT, ias, 0, false), &request);
		enum dhcp6_parsed renew =
			dhcp6_request_parse(ask_for(DHCP6_RENEW, ias, 0, false), &request);

		assert_int_equal(solicit, ias + 1 <= DHCP6_MAX_OPTIONS ? DHCP6_PARSED
								       : DHCP6_PARSED_TOO_LARGE);
		assert_int_equal(renew, ias + 2 <= DHCP6_MAX_OPTIONS ? DHCP6_PARSED
								     : DHCP6_PARSED_TOO_LARGE);
	}
}

static void an_ordinary_answer_fits_into_1232_bytes(void **state)
{
	struct scene scene;
	unsigned got;

	begin(&scene);
	assert_true(answered(&scene, ask_for(DHCP6_REQUEST, 8, 1, false), 1232, &got));
	assert_int_equal(got, 8);
	assert_true(answered(&scene, ask_for(DHCP6_RENEW, 8, 1, false), 1232, &got));
	assert_int_equal(got, 8);
	scene_end(&scene);
}

/* Once the rest fits, options come in as there is room, whole or not at all. */
static void options_fill_what_is_left(void **state)
{
	static const char *const answers[] = {
		"Reply client server",
		"Reply client server addr-reg-enable:0",
		"Reply client server dns-servers:48",
		"Reply client server captive-portal:14",
		"Reply client server addr-reg-enable:0 captive-portal:14",
		"Reply client server addr-reg-enable:0 dns-servers:48",
		"Reply client server addr-reg-enable:0 dns-servers:48"
		" captive-portal:14"
	};
	struct scene scene;
	bool seen[ARRAY_LEN(answers)] = { false };

	begin(&scene);
	add_options(&scene.handout);
	scene.link.reconfigure_key = (struct siphash_key) { 0 };
	for (scene.room = 0; scene.room < 200; scene.room++) {
		const char *text = ask(&scene, "0b abcdef" CLIENT "0006 0006 0094 0017 0067");
		size_t which = 0;

		if (strcmp(text, "(no-room)") == 0)
			continue;
		while (which < ARRAY_LEN(answers) && strcmp(text, answers[which]) != 0)
			which++;
		if (which == ARRAY_LEN(answers))
			fail_msg("in %zu bytes: %s", scene.room, text);
		seen[which] = true;
	}
	assert_true(seen[ARRAY_LEN(answers) - 1]);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_at_each_size),
		cmocka_unit_test(sixty_four_ias_are_too_many),
		cmocka_unit_test(options_fill_what_is_left),
		cmocka_unit_test(an_ordinary_answer_fits_into_1232_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
