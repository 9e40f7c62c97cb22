/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/reconfigure.h
 *
 * Telling a client to ask again, because what it was told is no longer so.
 *
 * RFC 9915 18.3.11 (when, how often), 20.4 (the key), 21.11, 21.19.
 */
#ifndef DHCP6_RECONFIGURE_H
#define DHCP6_RECONFIGURE_H

#include "dhcp6/engine.h"
#include "dhcp6/hmac.h"

/*
 * What the client should be made to do, for this lease of his is not what the link gives now:
 * DHCP6_RENEW when the lease itself or its lifetimes are concerned, DHCP6_INFORMATION_REQUEST when
 * it is only the options, 0 when all is as he was told.  0 also for who does not take such messages.
 */
enum dhcp6_type dhcp6_reconfigure_ask(struct dhcp6_leases *leases, const struct dhcp6_link *link,
				      const struct dhcp6_lease *lease);
/* Is a client that sends this doing what he was asked to?  A Renew brings the options as well. */
bool dhcp6_reconfigure_done(enum dhcp6_type ask, uint8_t type);

/* The number of the next message, which the client refuses if it is not beyond the last (20.3). */
uint64_t dhcp6_reconfigure_replay(uint64_t last, uint64_t now_s);
/*
 * Writes the message for lease->peer that makes the client send `ask`: DHCP6_RENEW, DHCP6_REBIND or
 * DHCP6_INFORMATION_REQUEST.  w->full when it does not fit, when there is no digest, and when the
 * client did not say that it takes such messages, or the link has no key.
 */
void dhcp6_reconfigure_write(const struct dhcp6_link *link, const struct dhcp6_lease *lease,
			     enum dhcp6_type ask, uint64_t replay, dhcp6_hmac_md5 hmac, void *owner,
			     struct writer *w);

/* How often and when: until the client asks, 18.3.11. */
struct dhcp6_reconfigure_tries {
	unsigned left;
	uint64_t wait_ms, due_ms;
};
#define DHCP6_RECONFIGURE_NEVER_MS UINT64_MAX
/* The first one is due now. */
struct dhcp6_reconfigure_tries dhcp6_reconfigure_begin(uint64_t now_ms);
/* One was sent; due_ms is when the next one is, or DHCP6_RECONFIGURE_NEVER_MS: enough. */
void dhcp6_reconfigure_sent(struct dhcp6_reconfigure_tries *tries, uint64_t now_ms);

#endif
