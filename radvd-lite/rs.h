/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/rs.h
 *
 * Router Solicitations: the little of one that matters, and whether it deserves an answer.
 *
 * RFC 4861 4.1, 6.1.1.
 */
#ifndef RADVD_LITE_RS_H
#define RADVD_LITE_RS_H

#include "base/packet.h"

struct rs {		     /* RFC 4861 4.1 */
	bool has_source_mac; /* of an Ethernet interface: not zero, not a group's */
	struct mac source_mac;
};

/* A whole Router Solicitation packet's validity, RFC 4861 6.1.1. */
enum rs_verdict {
	RS_VALID,
	RS_BAD_HOP_LIMIT, /* not 255: it was forwarded */
	RS_BAD_CHECKSUM,
	RS_BAD_CODE,
	RS_TOO_SHORT,
	RS_BAD_OPTION,		 /* length 0 or beyond the message */
	RS_UNSPECIFIED_WITH_MAC, /* from :: yet with a source link-layer address */
	RS_NOT_RS,
	RS_BAD_SOURCE, /* a multicast address, RFC 4291 2.7 */
	RS_VERDICTS,
};
extern const char *const rs_verdict_name[RS_VERDICTS];

/*
 * `packet`: from the IPv6 header on, no extension headers (the caller walks those); what follows
 * the IPv6 payload is not looked at.  `rs` is zero unless the packet is valid.
 */
enum rs_verdict rs_check(struct bytes packet, struct rs *rs);

#endif
