/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/headers.h
 *
 * The one walk over Ethernet, IPv4 and IPv6 headers: for the guards, for snooping and for
 * segmentation.  It reads lengths and types and judges only what keeps it from going on.
 * Bytes behind the IP packet (Ethernet padding) are never read.
 *
 * RFC 8200 4 (extension headers), RFC 7045 2 (which numbers they have), RFC 7112 (the whole chain
 * is in the first fragment), RFC 791.
 */
#ifndef BRIDGE_HEADERS_H
#define BRIDGE_HEADERS_H

#include "base/packet.h"

#define ETHER_TYPE_MIN 0x0600 /* a smaller "type" is an 802.3 length, with LLC behind it */

enum headers_result {
	HEADERS_OTHER,	/* neither IPv4 nor IPv6: only the Ethernet fields are set */
	HEADERS_UPPER,	/* `protocol` and `upper` are those of the upper layer */
	HEADERS_OPAQUE, /* IP, but nothing more to be seen: ESP, no next header, a later fragment */
	HEADERS_TOO_SHORT, /* the packet ends before its headers do, or is not of that version */
	HEADERS_HIDDEN, /* a first fragment without the whole chain, or one that could rewrite it */
	HEADERS_CHAIN,	/* too many, too long, repeated or unknown extension headers */
	HEADERS_RESULTS,
};

struct headers {
	struct mac destination, source;
	uint16_t ether_type;
	uint8_t version; /* 4, 6; 0 if the frame is not IP or its IP header is not all there */
	uint8_t hop_limit;
	struct ip6 ip_source, ip_destination; /* IPv4 as ::ffff:a.b.c.d */
	unsigned extensions; /* IPv6 extension headers passed, a Fragment header included */
	bool fragment; /* IPv6: there is a Fragment header, be it an atomic one; IPv4: a fragment */
	/* of HEADERS_UPPER: */
	uint8_t protocol;
	struct bytes upper; /* to the end of the IP packet; holds at least the protocol's header */
	size_t upper_at;    /* where it begins, from the start of the frame */
	size_t trailing;    /* bytes of the frame behind the IP packet */
};

/*
 * Walks any bytes.  An IPv6 chain may have GUARD_MAX_HEADERS headers of GUARD_MAX_CHAIN bytes
 * together; more is HEADERS_CHAIN, as are a second Fragment header and a hop-by-hop header that
 * is not the first.  A number that IANA has not given away is taken for an upper layer right
 * after the IPv6 header (no receiver knows it as anything else), but refused behind an extension
 * header, as RFC 7113 wants it by default; the two for experiments (253, 254), which
 * are extension headers of unknown form by RFC 7045, are refused in any place.
 */
enum headers_result headers_walk(struct bytes frame, struct headers *headers);

#endif
