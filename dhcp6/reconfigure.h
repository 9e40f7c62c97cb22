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

/* The one digest that 20.4 knows; the caller brings the library. */
typedef void (*dhcp6_hmac_md5)(void *owner, const uint8_t key[static 16], struct bytes message,
			       uint8_t digest[static 16]);

/*
 * Writes the message for lease->peer that makes the client send `ask`: DHCP6_RENEW, DHCP6_REBIND or
 * DHCP6_INFORMATION_REQUEST.  `sequence`: one more for each message of one second, from 1 on; the
 * client refuses what does not come later than the last (20.3).  w->full when it does not fit, and
 * when the client did not say that it takes such messages, or the link has no key.
 */
void dhcp6_reconfigure_write(const struct dhcp6_link *link, const struct dhcp6_lease *lease,
			     enum dhcp6_type ask, uint64_t now_s, uint32_t sequence,
			     dhcp6_hmac_md5 hmac, void *owner, struct writer *w);

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
