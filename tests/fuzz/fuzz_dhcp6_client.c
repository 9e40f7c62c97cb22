/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_dhcp6_client.c - a client that asks for prefixes, a clock, and answers: any bytes,
 * behind a header that is right or nearly.
 *
 * Input: steps.  A byte says what happens, then come its numbers.
 * Properties: what is sent is valid for a server and comes one at a time; waiting until it is due
 * always leads on; what is held may be given, and its time is not over.
 */
#include <stdlib.h>

#include "dhcp6/client.h"
#include "dhcp6/rkap.h"
#include "dhcp6/validity.h"

#define IAID 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dhcp6_duid server = { 4, { 0, 3, 0, 1 } }, other = { 4, { 0, 3, 0, 2 } };

static struct world {
	struct dhcp6_client client;
	uint64_t now_ms, dice;
} world;

static void check(bool right)
{
	if (!right)
		abort();
}

static void check_sent(struct bytes message)
{
	static struct dhcp6_request request;

	check(dhcp6_request_parse(message, &request) == DHCP6_PARSED);
	check(dhcp6_request_fault(&request, &world.client.server_id) == DHCP6_ANSWERED);
	check(dhcp6_duid_equal(&request.client_id, &world.client.duid));
	if (request.type == DHCP6_INFORMATION_REQUEST) {
		check(request.ia_count == 0);
		return;
	}
	check(request.ia_count == 1 && request.ia[0].kind == DHCP6_PREFIX &&
	      request.ia[0].iaid == IAID);
}

static void check_held(void)
{
	const struct dhcp6_client *client = &world.client;
	const struct dhcp6_held *used = dhcp6_client_prefix(client, world.now_ms);

	check(client->held_count <= DHCP6_REPLY_PREFIXES);
	check((used != NULL) == (client->held_count > 0));
	for (unsigned i = 0; i < client->held_count; i++) {
		const struct dhcp6_held *held = &client->held[i];
		struct prefix6 masked = prefix6_masked(held->prefix);

		check(held->prefix.len >= 16 && held->prefix.len <= 64);
		check(prefix6_equal(&masked, &held->prefix));
		check(!ip6_is_multicast(&held->prefix.address) &&
		      !ip6_is_link_local(&held->prefix.address));
		check(held->excluded.len == 0 ||
		      (held->excluded.len > held->prefix.len && held->excluded.len <= 128 &&
		       prefix6_contains(&held->prefix, &held->excluded.address)));
		check(held->preferred_ms <= held->valid_ms);
		check(held->valid_ms > world.now_ms);
		for (unsigned k = 0; k < i; k++)
			check(!prefix6_equal(&client->held[k].prefix, &held->prefix));
	}
}

static void work_off(void)
{
	uint8_t message[DHCP6_CLIENT_MAX_MESSAGE];
	struct writer w = writer_over(message, sizeof(message));

	if (dhcp6_client_take(&world.client, world.now_ms, world.dice, &w)) {
		check(!w.full);
		check_sent(writer_bytes(&w));
		w = writer_over(message, sizeof(message));
		/* each answer may lead to one more message at once, nothing else does */
		check(!dhcp6_client_take(&world.client, world.now_ms, world.dice, &w));
	}
	check(dhcp6_client_due_ms(&world.client) > world.now_ms);
	check_held();
}

static void answer(struct reader *r, uint8_t how)
{
	const struct dhcp6_duid *from = how & 0x10 ? &other : &server;
	uint8_t payload[1024];
	struct writer w = writer_over(payload, sizeof(payload));
	size_t len = reader_u8(r);

	if (how & 0x20) { /* without any header */
		struct bytes any = { r->at, len < r->left ? len : r->left };
		reader_take(r, any.len);
		(void)dhcp6_client_answer(&world.client, any, world.now_ms, world.dice);
		return;
	}
	writer_u8(&w, how & 0x40 ? DHCP6_ADVERTISE : DHCP6_REPLY);
	writer_u24(&w, world.client.transaction);
	dhcp6_option_write(&w, DHCP6_OPTION_CLIENT_ID,
			   (struct bytes) { world.client.duid.octet, world.client.duid.len });
	dhcp6_option_write(&w, DHCP6_OPTION_SERVER_ID, (struct bytes) { from->octet, from->len });
	if (how & 0x80)
		dhcp6_option_write(&w, DHCP6_OPTION_RAPID_COMMIT, (struct bytes) { 0 });
	len = len < r->left ? len : r->left;
	writer_copy(&w, reader_take(r, len), len);
	(void)dhcp6_client_answer(&world.client, writer_bytes(&w), world.now_ms, world.dice);
}

/* A sum that a fuzzer can find. */
static bool sum(void *owner, const uint8_t key[static DHCP6_KEY_LEN], struct bytes message,
		uint8_t digest[static DHCP6_KEY_LEN])
{
	memcpy(digest, key, DHCP6_KEY_LEN);
	for (size_t i = 0; i < message.len; i++)
		digest[0] ^= message.data[i];
	return true;
}

/* Signed for this client, any bytes among its options; or any bytes alone.  Unless the number grows
 * it is not taken. */
static void reconfigure(struct reader *r, uint8_t how)
{
	const struct dhcp6_client *client = &world.client;
	uint8_t payload[512], ask = how & 0x40 ? DHCP6_RENEW : DHCP6_INFORMATION_REQUEST;
	struct writer w = writer_over(payload, sizeof(payload));
	size_t len = reader_u8(r), digest_at;
	uint64_t before = client->key.replay;

	len = len < r->left ? len : r->left;
	writer_u32(&w, DHCP6_RECONFIGURE << 24);
	if (!(how & 0x10)) {
		dhcp6_option_write(&w, DHCP6_OPTION_CLIENT_ID,
				   (struct bytes) { client->duid.octet, client->duid.len });
		dhcp6_option_write(&w, DHCP6_OPTION_SERVER_ID,
				   (struct bytes) { server.octet, server.len });
		dhcp6_option_write(&w, DHCP6_OPTION_RECONFIGURE_MESSAGE,
				   (struct bytes) { &ask, 1 });
	}
	writer_copy(&w, reader_take(r, len), len);
	if (!(how & 0x20)) {
		const uint8_t none[16] = { 0 };

		dhcp6_rkap_write(&w, before + (how & 0x80 ? 1 : 0), DHCP6_RKAP_DIGEST, none);
		digest_at = w.len - 16;
		uint8_t digest[16];
		sum(NULL, client->key.octet, writer_bytes(&w), digest);
		memcpy(payload + digest_at, digest, 16);
	}
	bool had_key = client->key.is;
	enum dhcp6_heard heard = dhcp6_client_reconfigure(&world.client, writer_bytes(&w), true,
							  sum, NULL, world.now_ms, world.dice);
	check(heard != DHCP6_HEARD_TAKEN || (had_key && client->key.replay > before));
}

static void step(struct reader *r)
{
	uint8_t how = reader_u8(r);
	uint64_t due_ms;

	world.dice = world.dice * 6364136223846793005ull + 1442695040888963407ull;
	switch (how & 7) {
	case 0: world.now_ms += reader_u16(r); break;
	case 1: world.now_ms += reader_u32(r); break;
	case 2: dhcp6_client_start(&world.client, world.now_ms, world.dice); break;
	case 3:
	case 4: answer(r, how); break;
	case 5: reconfigure(r, how); break;
	default: /* as a loop would: to what is due */
		due_ms = dhcp6_client_due_ms(&world.client);
		if (due_ms != DHCP6_CLIENT_NEVER_MS && due_ms > world.now_ms)
			world.now_ms = due_ms;
		break;
	}
	work_off();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over((struct bytes) { data, size });

	world = (struct world) { .now_ms = 1000 };
	world.client = dhcp6_client_of(&(struct dhcp6_duid) { 4, { 0, 3, 0, 9 } }, IAID, NULL);
	world.dice = reader_u8(&r);
	while (r.left > 0)
		step(&r);
	/* with nobody there, it asks for ever, and ever less often */
	dhcp6_client_start(&world.client, world.now_ms, world.dice);
	for (unsigned i = 0; i < 64; i++) {
		world.now_ms = dhcp6_client_due_ms(&world.client);
		check(world.now_ms != DHCP6_CLIENT_NEVER_MS ||
		      world.client.state == DHCP6_CLIENT_BOUND);
		if (world.now_ms == DHCP6_CLIENT_NEVER_MS)
			break;
		work_off();
	}
	return 0;
}
