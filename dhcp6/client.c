/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/client.c - a client's states and times, and its messages.
 *
 * RFC 9915 18.2.1 to 18.2.5, 18.2.12; 15.  What answers do to it: client_answer.c.
 */
#include "dhcp6/client_private.h"

#define START_DELAY_MS 1000 /* 7.6: SOL_MAX_DELAY, CNF_MAX_DELAY */
#define SOL_MAX_RT_S 3600
#define REQ_MAX_RC 10
#define CNF_MAX_RD_MS 10000
#define SLOWEST_REFUSAL 12 /* 2^12 seconds are more than an hour */

const char *const dhcp6_client_state_name[DHCP6_CLIENT_STATES] = {
	[DHCP6_CLIENT_OFF] = "off",
	[DHCP6_CLIENT_SOLICITING] = "soliciting",
	[DHCP6_CLIENT_REQUESTING] = "requesting",
	[DHCP6_CLIENT_BOUND] = "bound",
	[DHCP6_CLIENT_RENEWING] = "renewing",
	[DHCP6_CLIENT_REBINDING] = "rebinding",
	[DHCP6_CLIENT_CONFIRMING] = "confirming",
	[DHCP6_CLIENT_INFORMING] = "informing",
};

/* 7.6, and what is sent.  No type: nothing is. */
static const struct exchange {
	enum dhcp6_type type;
	uint32_t first_ms, most_ms; /* IRT, MRT; of a Solicit SOL_MAX_RT is the latter */
	bool to_one;		    /* has a server id */
} exchanges[DHCP6_CLIENT_STATES] = {
	[DHCP6_CLIENT_SOLICITING] = { DHCP6_SOLICIT, 1000, 0, false },
	[DHCP6_CLIENT_REQUESTING] = { DHCP6_REQUEST, 1000, 30000, true },
	[DHCP6_CLIENT_RENEWING] = { DHCP6_RENEW, 10000, 600000, true },
	[DHCP6_CLIENT_REBINDING] = { DHCP6_REBIND, 10000, 600000, false },
	[DHCP6_CLIENT_CONFIRMING] = { DHCP6_REBIND, 1000, 4000, false },
	/* INF_MAX_RT; 18.2.6: to the server that has told it to */
	[DHCP6_CLIENT_INFORMING] = { DHCP6_INFORMATION_REQUEST, 1000, 3600000, true },
};

struct dhcp6_client dhcp6_client_of(const struct dhcp6_duid *duid, uint32_t iaid,
				    const struct prefix6 *hint)
{
	struct dhcp6_client client = {
		.duid = *duid,
		.iaid = iaid,
		.t1_ms = DHCP6_CLIENT_NEVER_MS,
		.t2_ms = DHCP6_CLIENT_NEVER_MS,
		.due_ms = DHCP6_CLIENT_NEVER_MS,
		.sol_max_rt_s = SOL_MAX_RT_S,
	};

	if (hint)
		client.hint = *hint;
	return client;
}

/* ---- times ---- */

void dhcp6_client_enter(struct dhcp6_client *client, enum dhcp6_client_state state, uint64_t due_ms,
			uint64_t dice)
{
	client->state = state;
	client->transaction = dice & 0xffffff;
	client->sent = 0;
	client->began_ms = 0;
	client->rt_ms = 0;
	client->due_ms = due_ms;
	client->told_to = false;
}

void dhcp6_client_solicit(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice)
{
	/* 18.2.1: "delayed by a random amount of time between 0 and SOL_MAX_DELAY" */
	uint64_t wait_ms = (dice >> 24) % (START_DELAY_MS + 1);
	unsigned slower = client->refusals < SLOWEST_REFUSAL ? client->refusals : SLOWEST_REFUSAL;

	/* 14.1: who is refused again and again does not run in circles */
	if (slower > 0 && client->sol_max_rt_s >> slower > 0)
		wait_ms += 1000ull << slower;
	else if (slower > 0)
		wait_ms += client->sol_max_rt_s * 1000ull;
	client->offer_count = 0;
	dhcp6_client_enter(client, DHCP6_CLIENT_SOLICITING, now_ms + wait_ms, dice);
}

void dhcp6_client_start(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice)
{
	client->refusals = 0;
	if (client->held_count == 0)
		dhcp6_client_solicit(client, now_ms, dice);
	else
		dhcp6_client_enter(client, DHCP6_CLIENT_CONFIRMING,
				   now_ms + (dice >> 24) % (START_DELAY_MS + 1), dice);
}

/* 15: a tenth of it more or less, by the dice. */
static uint64_t jittered(uint64_t ms, uint64_t dice, bool only_more)
{
	uint64_t tenth = ms / 10, more = (dice >> 24) % (tenth + 1);

	return only_more || (dice & 1) ? ms + more : ms - more;
}

static uint64_t next_rt_ms(const struct dhcp6_client *client, uint64_t dice)
{
	const struct exchange *exchange = &exchanges[client->state];
	bool solicits = client->state == DHCP6_CLIENT_SOLICITING;
	uint64_t most_ms = solicits ? client->sol_max_rt_s * 1000ull : exchange->most_ms;

	/* 18.2.1: of the first Solicit RAND is "strictly greater than 0" */
	if (client->sent == 0)
		return jittered(exchange->first_ms, dice, solicits) + solicits;
	uint64_t rt_ms = client->rt_ms + jittered(client->rt_ms, dice, false);
	return rt_ms > most_ms ? jittered(most_ms, dice, false) : rt_ms;
}

static void forget_old(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < client->held_count; i++)
		if (client->held[i].valid_ms > now_ms)
			client->held[kept++] = client->held[i];
	bool lost = client->held_count > 0 && kept == 0;
	client->held_count = kept;
	/* 18.2.5: "the client uses a Solicit message" when all is over; a Request goes its own way */
	if (lost && client->state != DHCP6_CLIENT_REQUESTING)
		dhcp6_client_solicit(client, now_ms, dice);
}

/* For the time of a renewal, whatever it asks meanwhile. */
static bool waits(const struct dhcp6_client *client)
{
	return client->state == DHCP6_CLIENT_BOUND || client->state == DHCP6_CLIENT_INFORMING;
}

static void step(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice)
{
	bool confirmed = client->state == DHCP6_CLIENT_CONFIRMING && client->sent > 0 &&
			 now_ms >= client->began_ms + CNF_MAX_RD_MS;

	/* 18.2.3: nobody answers, so what it has is as good as before */
	if (confirmed)
		dhcp6_client_enter(client, DHCP6_CLIENT_BOUND, DHCP6_CLIENT_NEVER_MS, dice);
	if ((waits(client) || client->state == DHCP6_CLIENT_RENEWING) && now_ms >= client->t2_ms)
		dhcp6_client_enter(client, DHCP6_CLIENT_REBINDING, now_ms, dice);
	else if (waits(client) && now_ms >= client->t1_ms)
		dhcp6_client_enter(client, DHCP6_CLIENT_RENEWING, now_ms, dice);
	if (now_ms < client->due_ms)
		return;
	/* 18.2.1: the first RT is for collecting offers, then the best is taken */
	if (client->state == DHCP6_CLIENT_SOLICITING && client->offer_count > 0)
		dhcp6_client_enter(client, DHCP6_CLIENT_REQUESTING, now_ms, dice);
	else if (client->state == DHCP6_CLIENT_REQUESTING && client->sent >= REQ_MAX_RC)
		dhcp6_client_refused(client, now_ms, dice);
}

uint64_t dhcp6_client_due_ms(const struct dhcp6_client *client)
{
	uint64_t due_ms = client->due_ms;

	if (waits(client) && client->t1_ms < due_ms)
		due_ms = client->t1_ms;
	if ((waits(client) || client->state == DHCP6_CLIENT_RENEWING) && client->t2_ms < due_ms)
		due_ms = client->t2_ms;
	if (client->state == DHCP6_CLIENT_CONFIRMING && client->sent > 0 &&
	    client->began_ms + CNF_MAX_RD_MS < due_ms)
		due_ms = client->began_ms + CNF_MAX_RD_MS;
	for (unsigned i = 0; i < client->held_count; i++)
		if (client->held[i].valid_ms < due_ms)
			due_ms = client->held[i].valid_ms;
	return due_ms;
}

/* ---- messages ---- */

/* 21.22; 18.2.4: lifetimes are 0, the server knows better. */
static void write_prefix(struct writer *w, const struct prefix6 *prefix)
{
	size_t option = dhcp6_option_open(w, DHCP6_OPTION_IA_PREFIX);

	writer_u64(w, 0);
	writer_u8(w, prefix->len);
	writer_copy(w, &prefix->address, sizeof(prefix->address));
	writer_close(w, option);
}

static void write_ia(const struct dhcp6_client *client, struct writer *w)
{
	size_t option = dhcp6_option_open(w, DHCP6_OPTION_IA_PD);
	bool asks = client->state == DHCP6_CLIENT_REQUESTING && client->offer_count > 0;

	writer_u32(w, client->iaid);
	writer_u64(w, 0); /* T1 and T2: 21.21 */
	if (asks)
		for (unsigned i = 0; i < client->offer_count; i++)
			write_prefix(w, &client->offer[i]);
	else if (client->held_count > 0)
		for (unsigned i = 0; i < client->held_count; i++)
			write_prefix(w, &client->held[i].prefix);
	else if (client->hint.len > 0)
		write_prefix(w, &client->hint);
	writer_close(w, option);
}

/* 21.7: these "MUST" be there; RFC 6603 5.1: who does not ask is given all, and may not use all. */
static void write_wishes(enum dhcp6_type type, struct writer *w)
{
	size_t option = dhcp6_option_open(w, DHCP6_OPTION_REQUEST);

	if (type == DHCP6_INFORMATION_REQUEST) {
		writer_u16(w, DHCP6_OPTION_INFORMATION_REFRESH);
		writer_u16(w, DHCP6_OPTION_INF_MAX_RT);
	} else {
		writer_u16(w, DHCP6_OPTION_SOL_MAX_RT);
		writer_u16(w, DHCP6_OPTION_PD_EXCLUDE);
	}
	writer_close(w, option);
}

static void write_message(const struct dhcp6_client *client, uint64_t now_ms, struct writer *w)
{
	const struct exchange *exchange = &exchanges[client->state];
	uint64_t elapsed_cs = (now_ms - client->began_ms) / 10;
	size_t option;

	writer_u8(w, (uint8_t)exchange->type);
	writer_u24(w, client->transaction);
	dhcp6_option_write(w, DHCP6_OPTION_CLIENT_ID,
			   (struct bytes) { client->duid.octet, client->duid.len });
	if (exchange->to_one)
		dhcp6_option_write(
			w, DHCP6_OPTION_SERVER_ID,
			(struct bytes) { client->server_id.octet, client->server_id.len });
	option = dhcp6_option_open(w, DHCP6_OPTION_ELAPSED_TIME); /* 21.9: 0xffff is "or more" */
	writer_u16(w, (uint16_t)(elapsed_cs < UINT16_MAX ? elapsed_cs : UINT16_MAX));
	writer_close(w, option);
	write_wishes(exchange->type, w);
	/* 21.20: without it the server would tell us nothing by itself */
	dhcp6_option_write(w, DHCP6_OPTION_RECONFIGURE_ACCEPT, (struct bytes) { 0 });
	if (exchange->type == DHCP6_SOLICIT)
		dhcp6_option_write(w, DHCP6_OPTION_RAPID_COMMIT, (struct bytes) { 0 });
	if (exchange->type != DHCP6_INFORMATION_REQUEST)
		write_ia(client, w);
}

bool dhcp6_client_take(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice,
		       struct writer *w)
{
	forget_old(client, now_ms, dice);
	step(client, now_ms, dice);
	if (now_ms < client->due_ms || exchanges[client->state].type == 0)
		return false;
	client->rt_ms = next_rt_ms(client, dice);
	if (client->sent++ == 0)
		client->began_ms = now_ms;
	client->due_ms = now_ms + client->rt_ms;
	write_message(client, now_ms, w);
	return true;
}

const struct dhcp6_held *dhcp6_client_prefix(const struct dhcp6_client *client, uint64_t now_ms)
{
	for (unsigned i = 0; i < client->held_count; i++)
		if (client->held[i].preferred_ms > now_ms)
			return &client->held[i];
	return client->held_count > 0 ? &client->held[0] : NULL;
}
