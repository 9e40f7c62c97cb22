/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_counts.h
 *
 * What the DHCPv6 server has seen and said, by type of message and by status, and how long its
 * leases took to the disk.
 */
#ifndef SERVER_DHCP6_COUNTS_H
#define SERVER_DHCP6_COUNTS_H

#include <jansson.h>

#include "base/bytes.h"
#include "dhcp6/options.h"

#define DHCP6_WITHIN 10 /* bounds of a histogram; what took longer is in `commits` alone */

struct dhcp6_counts {
	/* by type of the message that relays may have wrapped; 0: all unknown types */
	uint64_t received[DHCP6_TYPES], sent[DHCP6_TYPES];
	uint64_t answers[DHCP6_STATUSES]; /* by dhcp6_answer_status */
	uint64_t commits, failures, commit_us;
	uint64_t within[DHCP6_WITHIN]; /* commits, each in the first bound that it kept */
};

void dhcp6_count_received(struct dhcp6_counts *counts, unsigned type);
/* A whole message of ours, as it leaves. */
void dhcp6_count_sent(struct dhcp6_counts *counts, struct bytes message);
/* Leases were written, or (failed) not. */
void dhcp6_count_commit(struct dhcp6_counts *counts, uint64_t took_us, bool failed);

/*
 * What a message of ours says: the first status in it, at its top, in an IA or in an address or prefix
 * of one, that is no success; else DHCP6_STATUS_SUCCESS.  *type: its own behind its relays' headers;
 * 0: it is none.  RFC 9915 8, 9, 21.13.
 */
enum dhcp6_status dhcp6_answer_status(struct bytes message, unsigned *type);

/* {"received": {"Solicit": 2}, "sent", "answers": {"Success": 1}}; {"commits", "failures", "commit_us",
 * "within": [{"us": 1000, "commits": 3}, ...]}: each with those before it. */
json_t *dhcp6_counts_messages(const struct dhcp6_counts *counts);
json_t *dhcp6_counts_store(const struct dhcp6_counts *counts);

#endif
