/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/handout.h
 *
 * The options that a server hands out to who asks for them: made once from the configuration, kept
 * as they go over the wire.
 *
 * RFC 3646 (23, 24), 4075 (31), 5908 (56), 9915 21.23-21.25 (32, 82, 83), 8910 (103), 9463 (144).
 */
#ifndef DHCP6_HANDOUT_H
#define DHCP6_HANDOUT_H

#include "dhcp6/request.h"

#define DHCP6_HANDOUT_MAX 32	 /* options */
#define DHCP6_HANDOUT_BYTES 4096 /* of all their bodies */

struct dhcp6_handout {
	unsigned count;
	struct {
		uint16_t code, len;
	} option[DHCP6_HANDOUT_MAX];
	size_t used;
	uint8_t bytes[DHCP6_HANDOUT_BYTES]; /* one body after the other */
};

/* All return -1 and a sentence if it cannot be said or there is no room. */
int dhcp6_handout_addresses(struct dhcp6_handout *handout, enum dhcp6_code code,
			    const struct ip6 *address, unsigned count,
			    struct err *err); /* 23, 31 */
int dhcp6_handout_search(struct dhcp6_handout *handout, const char *const *domain, unsigned count,
			 struct err *err);
/* An NTP server's address, or, if that is NULL, its name. */
int dhcp6_handout_ntp(struct dhcp6_handout *handout, const struct ip6 *address, const char *name,
		      struct err *err);
int dhcp6_handout_seconds(struct dhcp6_handout *handout, enum dhcp6_code code, uint32_t seconds,
			  struct err *err); /* 32: 600 and up; 82, 83: 60 to 86400 */
int dhcp6_handout_text(struct dhcp6_handout *handout, enum dhcp6_code code, const char *text,
		       struct err *err); /* 103 */
/* An encrypted resolver (144).  Its texts have been looked at: alpn "dot", "doq,h2", a dohpath or "". */
struct dhcp6_resolver {
	uint16_t priority, port; /* port 0: each protocol's own */
	const char *name, *alpn, *dohpath;
	unsigned
		address_count; /* 0: the name is to be looked up, and alpn, port, dohpath do not count */
	const struct ip6 *address;
};
int dhcp6_handout_dnr(struct dhcp6_handout *handout, const struct dhcp6_resolver *resolver,
		      struct err *err);
/* Any option but those that the engine writes itself; several with one code go out one by one. */
int dhcp6_handout_raw(struct dhcp6_handout *handout, unsigned code, struct bytes body,
		      struct err *err);

/* A number that is another one when the options are; never 0.  0 for NULL. */
uint64_t dhcp6_handout_digest(const struct dhcp6_handout *handout);

/* Writes what `request` asks for and its answer may carry, in the order asked for; what does not fit
 * is left out. */
void dhcp6_handout_write(const struct dhcp6_handout *handout, const struct dhcp6_request *request,
			 struct writer *w);

#endif
