/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_check.h
 *
 * Is this packet a Router Advertisement that a host would believe?  RFC 4861 6.1.2.
 */
#ifndef RADVD_LITE_RA_CHECK_H
#define RADVD_LITE_RA_CHECK_H

#include "radvd-lite/ra.h"

enum ra_verdict {
	RA_VALID,
	RA_BAD_HOP_LIMIT, /* not 255: it was forwarded */
	RA_BAD_SOURCE,	  /* not link-local */
	RA_BAD_CHECKSUM,
	RA_BAD_MESSAGE, /* too short, another code, an option of length 0 or beyond the message */
	RA_NOT_RA,
	RA_VERDICTS,
};
extern const char *const ra_verdict_name[RA_VERDICTS];

/*
 * `packet`: from the IPv6 header on, no extension headers; what follows the IPv6 payload is not
 * looked at.  `from` and `ra` are written when it is valid.
 */
enum ra_verdict ra_check(struct bytes packet, struct ip6 *from, struct ra *ra);

#endif
