/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/client_answer.c - what a server's answer does to a client.
 *
 * RFC 9915 16.3 and 16.10 (validity), 18.2.9 (Advertise), 18.2.10 (Reply), 14.2 (T1 and T2).
 */
#include "dhcp6/client_private.h"

#define MOST_PREFERENCE 255 /* 18.2.1: not even other offers are waited for */
/* 14.1: a server may not make us ask more often than that. */
#define SHORTEST_T1_S 5

const char *const dhcp6_heard_name[DHCP6_HEARD_KINDS] = {
	[DHCP6_HEARD_TAKEN] = "taken",
	[DHCP6_HEARD_MALFORMED] = "malformed",
	[DHCP6_HEARD_WRONG_TYPE] = "not waited for",
	[DHCP6_HEARD_STALE] = "of another transaction",
	[DHCP6_HEARD_NOT_FOR_US] = "not for this client",
	[DHCP6_HEARD_NO_SERVER_ID] = "without a server id",
	[DHCP6_HEARD_OTHER_SERVER] = "of a server that was not asked",
	[DHCP6_HEARD_NOTHING_GIVEN] = "without a prefix",
	[DHCP6_HEARD_UNSIGNED] = "not signed with the server's key",
	[DHCP6_HEARD_REPLAYED] = "sent once before",
	[DHCP6_HEARD_BUSY] = "while another one is obeyed, or nothing is held",
};

static bool is_waited_for(const struct dhcp6_client *client, const struct dhcp6_reply *reply)
{
	switch (client->state) {
	case DHCP6_CLIENT_SOLICITING:
		/* 18.2.1: a Reply to a Solicit says that it is one */
		return client->sent > 0 && (reply->type == DHCP6_ADVERTISE ||
					    (reply->type == DHCP6_REPLY && reply->rapid_commit));
	case DHCP6_CLIENT_REQUESTING:
	case DHCP6_CLIENT_RENEWING:
	case DHCP6_CLIENT_REBINDING:
	case DHCP6_CLIENT_INFORMING:
	case DHCP6_CLIENT_CONFIRMING: return client->sent > 0 && reply->type == DHCP6_REPLY;
	case DHCP6_CLIENT_OFF:
	case DHCP6_CLIENT_BOUND:
	case DHCP6_CLIENT_STATES: break;
	}
	return false;
}

static enum dhcp6_heard fault_of(const struct dhcp6_client *client, const struct dhcp6_reply *reply)
{
	bool of_one = client->state == DHCP6_CLIENT_REQUESTING ||
		      client->state == DHCP6_CLIENT_RENEWING ||
		      client->state == DHCP6_CLIENT_INFORMING;

	if (!is_waited_for(client, reply))
		return DHCP6_HEARD_WRONG_TYPE;
	if (reply->transaction != client->transaction)
		return DHCP6_HEARD_STALE;
	if (reply->client_ids != 1 || !dhcp6_duid_equal(&reply->client_id, &client->duid))
		return DHCP6_HEARD_NOT_FOR_US;
	if (reply->server_ids != 1 || reply->server_id.len == 0)
		return DHCP6_HEARD_NO_SERVER_ID;
	if (of_one && !dhcp6_duid_equal(&reply->server_id, &client->server_id))
		return DHCP6_HEARD_OTHER_SERVER;
	return DHCP6_HEARD_TAKEN;
}

/* ---- Advertise ---- */

static enum dhcp6_heard hear_offer(struct dhcp6_client *client, const struct dhcp6_reply *reply,
				   uint64_t now_ms, uint64_t dice)
{
	unsigned count = 0;

	/* 18.2.9: who offers nothing is not asked */
	if (reply->status != DHCP6_STATUS_SUCCESS || !reply->has_ia ||
	    reply->ia_status != DHCP6_STATUS_SUCCESS || reply->prefix_count == 0)
		return DHCP6_HEARD_NOTHING_GIVEN;
	if (client->offer_count == 0 || reply->preference > client->offer_preference) {
		client->server_id = reply->server_id;
		client->offer_preference = reply->preference;
		for (unsigned i = 0; i < reply->prefix_count; i++)
			client->offer[count++] = reply->prefix[i].prefix;
		client->offer_count = count;
	}
	/* the first RT is over, or nobody can be better */
	if (client->sent > 1 || reply->preference == MOST_PREFERENCE)
		dhcp6_client_enter(client, DHCP6_CLIENT_REQUESTING, now_ms, dice);
	return DHCP6_HEARD_TAKEN;
}

/* ---- Reply ---- */

static uint64_t until_ms(uint64_t now_ms, uint64_t seconds)
{
	return seconds == DHCP6_FOREVER ? DHCP6_CLIENT_NEVER_MS : now_ms + seconds * 1000;
}

static unsigned find(const struct dhcp6_client *client, const struct prefix6 *prefix)
{
	unsigned i = 0;

	while (i < client->held_count && !prefix6_equal(&client->held[i].prefix, prefix))
		i++;
	return i;
}

static void keep(struct dhcp6_client *client, const struct dhcp6_reply_prefix *given,
		 uint64_t now_ms)
{
	unsigned i = find(client, &given->prefix);

	if (given->valid_s == 0) { /* 18.2.10.1: taken back */
		if (i == client->held_count)
			return;
		client->held_count--;
		memmove(&client->held[i], &client->held[i + 1],
			(client->held_count - i) * sizeof(client->held[0]));
		return;
	}
	if (i == DHCP6_REPLY_PREFIXES)
		return;
	client->held[i] = (struct dhcp6_held) {
		.prefix = given->prefix,
		.excluded = given->excluded,
		.preferred_ms = until_ms(now_ms, given->preferred_s),
		.valid_ms = until_ms(now_ms, given->valid_s),
	};
	client->held_count += i == client->held_count;
}

/* 14.2: a server that says 0 leaves it to us; half and four fifths of the shortest lifetime. */
static void set_times(struct dhcp6_client *client, const struct dhcp6_reply *reply, uint64_t now_ms)
{
	uint64_t shortest_s = DHCP6_FOREVER, t1_s = reply->t1_s, t2_s = reply->t2_s;

	for (unsigned i = 0; i < reply->prefix_count; i++) {
		const struct dhcp6_reply_prefix *given = &reply->prefix[i];
		uint32_t lasts_s = given->preferred_s ? given->preferred_s : given->valid_s;

		if (lasts_s > 0 && lasts_s < shortest_s)
			shortest_s = lasts_s;
	}
	if (t1_s == 0)
		t1_s = shortest_s == DHCP6_FOREVER ? shortest_s : shortest_s / 2;
	if (t2_s == 0)
		t2_s = shortest_s == DHCP6_FOREVER ? shortest_s : shortest_s * 4 / 5;
	if (t1_s < SHORTEST_T1_S)
		t1_s = SHORTEST_T1_S;
	if (t2_s < t1_s)
		t2_s = t1_s;
	client->t1_ms = until_ms(now_ms, t1_s);
	client->t2_ms = until_ms(now_ms, t2_s);
}

/* 20.4: "records the reconfigure key".  Whose prefix we have now may have given none. */
static void note_key(struct dhcp6_client *client, const struct dhcp6_reply *reply, bool is_new)
{
	if (is_new || !dhcp6_duid_equal(&client->key.server, &reply->server_id))
		client->key.is = false;
	if (!reply->has_key)
		return;
	client->key.is = true;
	client->key.server = reply->server_id;
	client->key.replay = reply->key_replay;
	memcpy(client->key.octet, reply->key, sizeof(client->key.octet));
}

static enum dhcp6_heard hear_given(struct dhcp6_client *client, const struct dhcp6_reply *reply,
				   uint64_t now_ms, uint64_t dice)
{
	bool is_new = client->state == DHCP6_CLIENT_SOLICITING ||
		      client->state == DHCP6_CLIENT_REQUESTING;

	if (is_new) /* also what the server knew nothing of */
		client->held_count = 0;
	for (unsigned i = 0; i < reply->prefix_count; i++)
		keep(client, &reply->prefix[i], now_ms);
	if (client->held_count == 0) {
		dhcp6_client_refused(client, now_ms, dice);
		return DHCP6_HEARD_NOTHING_GIVEN;
	}
	note_key(client, reply, is_new);
	client->server_id = reply->server_id;
	client->hint = dhcp6_client_prefix(client, now_ms)->prefix;
	client->refusals = 0;
	client->offer_count = 0;
	set_times(client, reply, now_ms);
	dhcp6_client_enter(client, DHCP6_CLIENT_BOUND, DHCP6_CLIENT_NEVER_MS, dice);
	return DHCP6_HEARD_TAKEN;
}

void dhcp6_client_refused(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice)
{
	client->held_count = 0;
	client->refusals++;
	dhcp6_client_solicit(client, now_ms, dice);
}

static enum dhcp6_heard hear_reply(struct dhcp6_client *client, const struct dhcp6_reply *reply,
				   uint64_t now_ms, uint64_t dice)
{
	bool requests = client->state == DHCP6_CLIENT_REQUESTING;

	/* 18.2.10.4: options that are of no use to us, but a new key perhaps */
	if (client->state == DHCP6_CLIENT_INFORMING) {
		note_key(client, reply, false);
		dhcp6_client_enter(client, DHCP6_CLIENT_BOUND, DHCP6_CLIENT_NEVER_MS, dice);
		return DHCP6_HEARD_TAKEN;
	}
	/* UnspecFail and others: it goes on asking, ever more slowly (18.2.10) */
	if (reply->status != DHCP6_STATUS_SUCCESS || !reply->has_ia)
		return DHCP6_HEARD_NOTHING_GIVEN;
	if (reply->ia_status == DHCP6_STATUS_SUCCESS && reply->prefix_count > 0)
		return hear_given(client, reply, now_ms, dice);
	if (requests) {
		dhcp6_client_refused(client, now_ms, dice);
	} else if (reply->ia_status == DHCP6_STATUS_NO_BINDING &&
		   client->state != DHCP6_CLIENT_SOLICITING) {
		/* 18.2.10.1: "sends a Request message to the server that responded" */
		client->server_id = reply->server_id;
		client->offer_count = 0;
		dhcp6_client_enter(client, DHCP6_CLIENT_REQUESTING, now_ms, dice);
		return DHCP6_HEARD_TAKEN;
	}
	return DHCP6_HEARD_NOTHING_GIVEN;
}

enum dhcp6_heard dhcp6_client_answer(struct dhcp6_client *client, struct bytes payload,
				     uint64_t now_ms, uint64_t dice)
{
	struct dhcp6_reply reply;

	if (!dhcp6_reply_parse(payload, client->iaid, &reply))
		return DHCP6_HEARD_MALFORMED;
	enum dhcp6_heard fault = fault_of(client, &reply);
	if (fault != DHCP6_HEARD_TAKEN)
		return fault;
	/* 18.2.9, 18.2.10: also of a server that gives nothing */
	if (reply.sol_max_rt_s > 0)
		client->sol_max_rt_s = reply.sol_max_rt_s;
	return reply.type == DHCP6_ADVERTISE ? hear_offer(client, &reply, now_ms, dice)
					     : hear_reply(client, &reply, now_ms, dice);
}
