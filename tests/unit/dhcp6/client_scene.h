/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/client_scene.h
 *
 * A client that asks for prefixes, a clock, and answers as text: "Reply client server
 * pd(7 100/160 2001:db8:1:100::/56 200/400)" in the words of dhcp6_text.h, as hex with XXXXXX for
 * the transaction.
 */
#ifndef TESTS_UNIT_DHCP6_CLIENT_SCENE_H
#define TESTS_UNIT_DHCP6_CLIENT_SCENE_H

#include "dhcp6/client.h"
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define IAID 7
#define PD_IA "00000007 "
/* hex of an IA Prefix: lifetimes as hex, 2001:db8:1:`net`::/56 */
#define PREFIX(preferred, valid, net) \
	"001a 0019 " preferred " " valid " 38 20010db8 0001" net " 00000000 00000000 "

struct bench {
	struct dhcp6_client client;
	uint64_t now_ms, dice;
	char text[ANSWER_TEXT];
};

static inline void bench_begin(struct bench *bench)
{
	struct dhcp6_duid duid = duid_of("00:03:00:01:02:00:00:00:00:0a");

	memset(bench, 0, sizeof(*bench));
	bench->client = dhcp6_client_of(&duid, IAID, NULL);
	bench->now_ms = 1000000;
}

/* Without luck: an exchange's first wait is the shortest, no jitter, one transaction for all. */
static inline const char *sends(struct bench *bench)
{
	uint8_t message[DHCP6_CLIENT_MAX_MESSAGE];
	struct writer w = writer_over(message, sizeof(message));

	if (!dhcp6_client_take(&bench->client, bench->now_ms, bench->dice, &w))
		return "";
	assert_false(w.full);
	return answer_text(writer_bytes(&w), bench->text);
}

static inline enum dhcp6_heard hears(struct bench *bench, const char *message)
{
	char text[4096], id[8];
	uint8_t buf[2048];
	char *at;

	assert_true(strlen(message) < sizeof(text));
	strcpy(text, message);
	snprintf(id, sizeof(id), "%06x", bench->client.transaction);
	while ((at = strstr(text, "XXXXXX")))
		memcpy(at, id, 6);
	return dhcp6_client_answer(&bench->client, hex(text, buf, sizeof(buf)), bench->now_ms,
				   bench->dice);
}

#endif
