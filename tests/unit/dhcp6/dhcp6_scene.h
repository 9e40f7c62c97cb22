/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/dhcp6_scene.h
 *
 * A server with pools, and steps of a story: a message as hex, the answer as text.
 */
#ifndef TESTS_UNIT_DHCP6_SCENE_H
#define TESTS_UNIT_DHCP6_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dhcp6/engine.h"
#include "dhcp6/store.h"
#include "tests/unit/base/hex.h"
#include "tests/unit/dhcp6/dhcp6_text.h"

#define NOW_S 1000000
#define SERVER "0002 000a 00030001020000000001 "
#define OTHER_SERVER "0002 000a 00030001020000000002 "
#define CLIENT "0001 000a 0003000102000000000a "
#define CLIENT_B "0001 000a 0003000102000000000b "
#define NA(iaid) "0003 000c 0000" iaid " 00000000 00000000 "
#define PD(iaid) "0019 000c 0000" iaid " 00000000 00000000 "
/* with one address 2001:db8::`host` (two bytes), one prefix 2001:db8:`net`:`sub`::/56 */
#define NA1(iaid, host)                                                                           \
	"0003 0028 0000" iaid " 00000000 00000000 0005 0018 20010db8 00000000 00000000 0000" host \
	" 00000000 00000000 "
#define PD1(iaid, net, sub, len)                                                    \
	"0019 0029 0000" iaid " 00000000 00000000 001a 0019 00000000 00000000 " len \
	" 20010db8" net sub " 00000000 00000000 "

struct scene {
	struct dhcp6_leases *leases;
	struct dhcp6_link link;
	struct dhcp6_handout handout;
	struct dhcp6_reservation reservation[8];
	struct dhcp6_arrival arrival;
	uint64_t now_s;
	size_t room; /* of an answer */
	char text[ANSWER_TEXT];
};

static inline struct ip6 address_of(const char *text)
{
	struct ip6 address;
	struct err err;

	assert_int_equal(ip6_parse(text, &address, &err), 0);
	return address;
}

static inline struct prefix6 prefix_of(const char *text)
{
	struct prefix6 prefix;
	struct err err;

	if (strchr(text, '/'))
		assert_int_equal(prefix6_parse(text, &prefix, &err), 0);
	else
		prefix = (struct prefix6) { address_of(text), 128 };
	return prefix;
}

static inline struct dhcp6_pool range_of(const char *first, const char *last)
{
	return (struct dhcp6_pool) { .kind = DHCP6_ADDRESS,
				     .first = address_of(first),
				     .last = address_of(last) };
}

static inline struct dhcp6_pool parts_of(const char *prefix, uint8_t part_len)
{
	return (struct dhcp6_pool) { .kind = DHCP6_PREFIX,
				     .prefix = prefix_of(prefix),
				     .part_len = part_len };
}

static inline struct dhcp6_duid duid_of(const char *text)
{
	struct dhcp6_duid duid;
	struct err err;

	assert_int_equal(dhcp6_duid_parse(text, &duid, &err), 0);
	return duid;
}

/* One address, 2001:db8::10, and one prefix, 2001:db8:1:100::/56, so that rows can name them. */
static inline void scene_begin(struct scene *scene)
{
	struct dhcp6_leases_config config;

	memset(scene, 0, sizeof(*scene));
	dhcp6_leases_config_defaults(&config);
	config.max_leases = 64;
	config.table_key = (struct siphash_key) { 1, 2 };
	scene->leases = dhcp6_leases_new(&config);
	assert_non_null(scene->leases);
	scene->link.server_id = duid_of("00:03:00:01:02:00:00:00:00:01");
	scene->link.on_link[0] = prefix_of("2001:db8::/64");
	scene->link.on_link_count = 1;
	scene->link.pool[0] = range_of("2001:db8::10", "2001:db8::10");
	scene->link.pool[1] = parts_of("2001:db8:1:100::/56", 56);
	scene->link.pool_count = 2;
	scene->link.preferred_s = 3600;
	scene->link.valid_s = 7200;
	scene->link.handout = &scene->handout;
	scene->link.reservation = scene->reservation;
	scene->link.choice_key = (struct siphash_key) { 3, 4 };
	scene->arrival.user = "alice";
	scene->arrival.source = address_of("fe80::a");
	scene->now_s = NOW_S;
	scene->room = 1232;
}

static inline void scene_end(struct scene *scene)
{
	dhcp6_leases_free(scene->leases);
}

/* The answer as text, or in brackets why there is none. */
static inline const char *ask_bytes(struct scene *scene, struct bytes message)
{
	static uint8_t answer[4096];
	static struct dhcp6_request request;
	struct writer w = writer_over(answer, scene->room);
	enum dhcp6_result result = DHCP6_MALFORMED;

	if (dhcp6_request_parse(message, &request) == DHCP6_PARSED)
		result = dhcp6_answer(scene->leases, &scene->link, &scene->arrival, &request,
				      scene->now_s, &w);
	if (result == DHCP6_ANSWERED)
		answer_text(writer_bytes(&w), scene->text);
	else
		snprintf(scene->text, sizeof(scene->text), "(%s)", dhcp6_result_name[result]);
	return scene->text;
}

static inline const char *ask(struct scene *scene, const char *message)
{
	static uint8_t buf[8192];

	return ask_bytes(scene, hex(message, buf, sizeof(buf)));
}

/* One step of a story: what comes, and what is to be answered. */
struct step {
	const char *what, *message, *answer;
};

static inline void play(struct scene *scene, const struct step *step, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *answer = ask(scene, step[i].message);

		if (strcmp(answer, step[i].answer) != 0)
			fail_msg("%s:\n  %s\n  is not\n  %s", step[i].what, answer, step[i].answer);
	}
}

#endif
