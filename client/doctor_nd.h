/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_nd.h
 *
 * Neighbor Discovery by hand on one interface, beside the kernel's own: a solicitation, and what is
 * said in answer.  RFC 4861 4.1, 4.3, 6.1, 7.1.
 */
#ifndef CLIENT_DOCTOR_ND_H
#define CLIENT_DOCTOR_ND_H

#include "bridge/link.h"

/* A non-blocking socket that gets messages of this type (ND_RA, ND_NA) on that interface; -1. */
int nd_open(int index, enum icmp6_type type);
/* Sends ND_RS to all routers, or ND_NS to those who may have `target`.  One that does not leave is
 * like one that is lost. */
void nd_solicit(int fd, const struct link_identity *identity, enum icmp6_type type,
		const struct ip6 *target);
/* A message with good checksum from this very link; 0: none, or one that is not. */
size_t nd_receive(int fd, struct ip6 *from, uint8_t *message, size_t cap);

/* True if another machine on the link answers for the address in that time. */
bool nd_is_taken(const struct link_identity *identity, const struct ip6 *address,
		 unsigned limit_ms);

#endif
