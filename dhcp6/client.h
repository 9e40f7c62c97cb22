/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/client.h
 *
 * A client that asks for delegated prefixes: one IA_PD, from one server at a time.  Bytes, dice and
 * time in; bytes and prefixes out.
 *
 * RFC 6603 (of a prefix one part may stay the server's).
 * RFC 9915 18.2 (client behaviour), 20.4 (Reconfigure), 15 (retransmission), 7.6 (its parameters), 6.3 (prefixes only).
 * It does not release what it has when it ends: who comes back after a restart gets the same
 * prefix, and nothing of the office is renumbered (RFC 9096 3.1).
 *
 *        start          offer, or Reply at once        T1             T2
 *  OFF -------> SOLICITING ---> REQUESTING ---> BOUND ---> RENEWING ---> REBINDING
 *                   ^               ^             ^  start again             |
 *                   |               |             '--- CONFIRMING            |
 *                   |               '--- NoBinding, of all three ------------'
 *                   '--- refused, or the last prefix's lifetime is over
 *
 * A Reconfigure that its server has signed leads from BOUND to RENEWING, REBINDING or INFORMING.
 */
#ifndef DHCP6_CLIENT_H
#define DHCP6_CLIENT_H

#include "dhcp6/reply.h"

#define DHCP6_CLIENT_NEVER_MS UINT64_MAX
#define DHCP6_CLIENT_MAX_MESSAGE 640 /* more than it ever sends */

enum dhcp6_client_state {
	DHCP6_CLIENT_OFF,
	DHCP6_CLIENT_SOLICITING,
	DHCP6_CLIENT_REQUESTING,
	DHCP6_CLIENT_BOUND,
	DHCP6_CLIENT_RENEWING,
	DHCP6_CLIENT_REBINDING,
	DHCP6_CLIENT_CONFIRMING, /* a Rebind because the link came back, 18.2.12 */
	DHCP6_CLIENT_INFORMING,	 /* bound, and told to ask for options, 18.2.11 */
	DHCP6_CLIENT_STATES
};
extern const char *const dhcp6_client_state_name[DHCP6_CLIENT_STATES];

struct dhcp6_held {
	struct prefix6 prefix, excluded; /* what of it is not ours (RFC 6603); len 0: nothing */
	uint64_t preferred_ms, valid_ms; /* until; DHCP6_CLIENT_NEVER_MS: for ever */
};

struct dhcp6_client {
	struct dhcp6_duid duid;
	uint32_t iaid;
	enum dhcp6_client_state state;
	struct prefix6 hint;	     /* what it had at last; len 0: nothing is known */
	struct dhcp6_duid server_id; /* whom REQUESTING and RENEWING ask */
	uint8_t offer_preference;
	unsigned offer_count; /* SOLICITING: the best offer; REQUESTING: what is asked for */
	struct prefix6 offer[DHCP6_REPLY_PREFIXES];
	unsigned held_count; /* oldest first */
	struct dhcp6_held held[DHCP6_REPLY_PREFIXES];
	uint64_t t1_ms, t2_ms;
	uint32_t sol_max_rt_s;
	unsigned refusals; /* in a row */
	struct {
		bool is;
		struct dhcp6_duid server; /* who has given it, and signs with it: 20.4 */
		uint8_t octet[DHCP6_KEY_LEN];
		uint64_t replay; /* the largest number heard, 20.3 */
	} key;
	bool told_to; /* the exchange that runs answers a Reconfigure */
	/* The exchange that runs: 15. */
	uint32_t transaction;
	unsigned sent;
	uint64_t began_ms, due_ms, rt_ms;
};

/* Why a message was not taken. */
enum dhcp6_heard {
	DHCP6_HEARD_TAKEN,
	DHCP6_HEARD_MALFORMED,
	DHCP6_HEARD_WRONG_TYPE,	   /* nothing that is waited for */
	DHCP6_HEARD_STALE,	   /* another transaction's */
	DHCP6_HEARD_NOT_FOR_US,	   /* the client's id is not ours, or not there once */
	DHCP6_HEARD_NO_SERVER_ID,  /* or not once */
	DHCP6_HEARD_OTHER_SERVER,  /* that was not asked */
	DHCP6_HEARD_NOTHING_GIVEN, /* no prefix, with or without a status that says why */
	DHCP6_HEARD_UNSIGNED,	   /* a Reconfigure that anybody may have sent */
	DHCP6_HEARD_REPLAYED,	   /* one that was sent before */
	DHCP6_HEARD_BUSY,	   /* one while it does as it was told, or has nothing */
	DHCP6_HEARD_KINDS
};
extern const char *const dhcp6_heard_name[DHCP6_HEARD_KINDS];

/* Off, without a prefix.  `hint`: the one that it had in another life; NULL: none. */
struct dhcp6_client dhcp6_client_of(const struct dhcp6_duid *duid, uint32_t iaid,
				    const struct prefix6 *hint);
/* The link is up, or up again: asks, or asks whether what it has still holds. */
void dhcp6_client_start(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice);
/*
 * What is due at now_ms: prefixes whose time is over go, a message that has to be sent is written
 * into `w`, an empty writer over DHCP6_CLIENT_MAX_MESSAGE bytes.  True if there is one, to all
 * servers (ff02::1:2 port 547); then it is called again.
 */
bool dhcp6_client_take(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice,
		       struct writer *w);
/* When to call dhcp6_client_take again. */
uint64_t dhcp6_client_due_ms(const struct dhcp6_client *client);
/* A payload came from a server, any bytes.  Then what is due and what is held may be others. */
enum dhcp6_heard dhcp6_client_answer(struct dhcp6_client *client, struct bytes payload,
				     uint64_t now_ms, uint64_t dice);
/* The same of a Reconfigure, 18.2.11.  `unicast`: it came to an address of ours, not to a group. */
enum dhcp6_heard dhcp6_client_reconfigure(struct dhcp6_client *client, struct bytes payload,
					  bool unicast, dhcp6_hmac_md5 hmac, void *owner,
					  uint64_t now_ms, uint64_t dice);
/* The prefix to use: the first that is preferred, else the first.  NULL: there is none. */
const struct dhcp6_held *dhcp6_client_prefix(const struct dhcp6_client *client, uint64_t now_ms);

#endif
