/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/nd.h
 *
 * Private to radvd-lite: the options of Neighbor Discovery, written and walked.
 * RFC 4861 4.6: type(1) length(1, in 8 bytes, these two included) body.
 */
#ifndef RADVD_LITE_ND_H
#define RADVD_LITE_ND_H

#include "base/packet.h"

#define ND_MAX_OPTION_LEN (255 * 8)
#define ND_MIN_RS_LEN 8	 /* RFC 4861 6.1.1, from the ICMPv6 header on */
#define ND_MIN_RA_LEN 16 /* RFC 4861 6.1.2 */

enum nd_option_type {
	ND_SOURCE_MAC = 1, /* RFC 4861 4.6.1 */
	ND_PREFIX = 3,	   /* RFC 4861 4.6.2 */
	ND_MTU = 5,	   /* RFC 4861 4.6.4 */
	ND_ROUTE = 24,	   /* RFC 4191 2.3 */
	ND_RDNSS = 25,	   /* RFC 8106 5.1 */
	ND_DNSSL = 31,	   /* RFC 8106 5.2 */
	ND_PORTAL = 37,	   /* RFC 8910 2.3 */
	ND_PREF64 = 38,	   /* RFC 8781 4 */
	ND_DNR = 144,	   /* RFC 9463 6.1 */
};

/* RFC 4861 4.6.2, RFC 6275 7.2, RFC 9762 5: a prefix option's L, A, R and P. */
enum nd_prefix_flag {
	ND_ON_LINK = 0x80,
	ND_AUTONOMOUS = 0x40,
	ND_ROUTER_ADDRESS = 0x20,
	ND_PD_PREFERRED = 0x10,
};

/* How long a NAT64 prefix is, by its PLC; RFC 8781 4 leaves 6 and 7 for later. */
#define ND_PREF64_LENGTHS 6
extern const uint8_t nd_pref64_len[ND_PREF64_LENGTHS];

struct nd_option {
	uint8_t type;
	struct reader body; /* exactly this option's bytes behind type and length */
};

/* Steps to the next option.  False at the end, and at the first malformed one (r->bad). */
static inline bool nd_option_next(struct reader *r, struct nd_option *option)
{
	if (r->left == 0)
		return false;
	option->type = reader_u8(r);
	uint8_t units = reader_u8(r);
	if (units == 0) { /* must be discarded, RFC 4861 4.6; it would also never advance */
		reader_fail(r);
		return false;
	}
	option->body = reader_sub(r, units * 8u - 2);
	return !r->bad;
}

/*
 * The body of a source link-layer address option.  False if it is not one of Ethernet (RFC 2464
 * section 6: length 1) or is no address that an interface can have.
 */
static inline bool nd_read_mac(struct reader body, struct mac *mac)
{
	struct mac read;

	if (body.left != sizeof(read.octet))
		return false;
	reader_copy(&body, read.octet, sizeof(read.octet));
	if (mac_is_multicast(&read) || mac_is_zero(&read))
		return false;
	*mac = read;
	return true;
}

/* Begins an option; the result is for nd_option_close, which knows the length. */
static inline size_t nd_option_open(struct writer *w, enum nd_option_type type)
{
	size_t start = w->len;

	writer_u8(w, (uint8_t)type);
	writer_u8(w, 0);
	return start;
}

/* Pads the option with zeros to whole units and fills in how many they are. */
static inline void nd_option_close(struct writer *w, size_t start)
{
	while (!w->full && (w->len - start) % 8 != 0)
		writer_u8(w, 0);
	if (w->full || w->len - start > ND_MAX_OPTION_LEN) {
		w->full = true;
		return;
	}
	w->buf[start + 1] = (uint8_t)((w->len - start) / 8);
}

#endif
