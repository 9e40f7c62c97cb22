/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/reply.h
 *
 * A server's message as a client reads it that asks for delegated prefixes.
 *
 * RFC 9915 8 (format), 16.3 and 16.10 (what every answer must have), 21 (options).
 */
#ifndef DHCP6_REPLY_H
#define DHCP6_REPLY_H

#include "dhcp6/hmac.h"
#include "dhcp6/options.h"

#define DHCP6_REPLY_PREFIXES 4 /* of one IA_PD; more are passed over */

struct dhcp6_reply_prefix {
	struct prefix6 prefix;	 /* 16 to 64 bits, of addresses that can be routed */
	struct prefix6 excluded; /* of it this is not ours, RFC 6603; len 0: all of it is */
	uint32_t preferred_s, valid_s;
};

struct dhcp6_reply {
	uint8_t type; /* enum dhcp6_type */
	uint32_t transaction;
	unsigned client_ids, server_ids;	/* how often each came */
	struct dhcp6_duid client_id, server_id; /* len 0 if there is none or it is malformed */
	bool rapid_commit;
	uint8_t preference;
	uint16_t status;       /* of the message; DHCP6_STATUS_SUCCESS if it says none */
	uint32_t sol_max_rt_s; /* 21.24; 0: not said, or out of bounds */
	bool has_key;	       /* 20.4: what a Reconfigure is signed with, and its number (20.3) */
	uint8_t key[DHCP6_KEY_LEN];
	uint64_t key_replay;
	/* Our IA_PD, the first of that number.  Not there as well if T1 is behind T2 (21.21). */
	bool has_ia;
	uint16_t ia_status;
	uint32_t t1_s, t2_s;
	unsigned prefix_count;
	struct dhcp6_reply_prefix prefix[DHCP6_REPLY_PREFIXES];
};

/*
 * Any bytes, any length: the payload of UDP.  False if some length does not fit.  Prefixes that are
 * preferred for longer than valid, that failed (a status of their own) or that nobody may be given
 * are passed over, and so are options that say nothing to such a client.
 */
bool dhcp6_reply_parse(struct bytes payload, uint32_t iaid, struct dhcp6_reply *reply);

#endif
