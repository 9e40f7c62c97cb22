/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra.h
 *
 * A Router Advertisement as a value: built into bytes and parsed from bytes.  And the little
 * of a Router Solicitation that matters.  No I/O, no clock, no policy: what to say is
 * server/'s business, when to say it ra_schedule's.
 *
 * RFC 4861 4.2 and 4.6 (message and options), 6.1 (validation), RFC 4191 (preference, routes),
 * RFC 8106 (DNS).  Lifetimes are in seconds as on the wire; RA_FOREVER is infinity.
 */
#ifndef RADVD_LITE_RA_H
#define RADVD_LITE_RA_H

#include "base/packet.h"

#define RA_FOREVER UINT32_MAX
#define RA_MAX_PREFIXES 16
#define RA_MAX_ROUTES 32
#define RA_MAX_DNS 16
#define RA_MAX_SEARCH 16
#define RA_MAX_DOMAIN 256 /* a domain's text with its NUL; the name is at most 253 characters */

/* RFC 4191 2.1: two bits, a signed number on the wire (01 high, 00 medium, 11 low). */
enum ra_preference { RA_MEDIUM = 0, RA_HIGH = 1, RA_LOW = 3 };
extern const char *const ra_preference_name[4]; /* "medium" "high" "reserved" "low" */

struct ra_prefix { /* RFC 4861 4.6.2 */
	struct prefix6 prefix;
	bool on_link, autonomous;
	uint32_t valid_s, preferred_s;
};

struct ra_route { /* RFC 4191 2.3 */
	struct prefix6 prefix;
	enum ra_preference preference;
	uint32_t lifetime_s;
};

struct ra {
	uint8_t hop_limit;		   /* 0: unspecified */
	bool managed, other;		   /* M, O */
	enum ra_preference preference;	   /* of the default route; medium when lifetime_s is 0 */
	uint16_t lifetime_s;		   /* as default router; 0: none */
	uint32_t reachable_ms, retrans_ms; /* 0: unspecified */
	bool has_source_mac;
	struct mac source_mac; /* source link-layer address option */
	uint32_t mtu;	       /* 0: no option */
	unsigned prefix_count, route_count, dns_count, search_count;
	struct ra_prefix prefix[RA_MAX_PREFIXES];
	struct ra_route route[RA_MAX_ROUTES];
	uint32_t dns_lifetime_s; /* one RDNSS option for all servers */
	struct ip6 dns[RA_MAX_DNS];
	uint32_t search_lifetime_s;		   /* one DNSSL option for all domains */
	char search[RA_MAX_SEARCH][RA_MAX_DOMAIN]; /* without final dot */
};

/*
 * Writes the ICMPv6 message, checksum zero (packet_icmp6 fills it in).  w->full when it does
 * not fit, or when a prefix (length over 128) or a domain (RFC 1035 2.3.4; letters, digits,
 * '-' and '_') has no form on the wire.  Options in the order of RFC 4861 4.2, then routes, then
 * DNS; one RDNSS and one DNSSL option per 127 addresses and 2,040 bytes.
 */
void ra_build(const struct ra *ra, struct writer *w);

/*
 * The opposite, for any bytes.  False if RFC 4861 6.1.2 says to discard: too short, an
 * option of length 0 or beyond the message, wrong type or code; `ra` is then zero.  What
 * cannot be kept is skipped: unknown options (as 6.2.6 asks), malformed ones, those beyond our
 * tables, routes with the reserved preference (RFC 4191 2.3) or with a prefix too long for their
 * option (not even its first half is kept), prefixes preferred for longer than valid, domains
 * with characters that ra_build refuses.  Of several MTU or source address options the first
 * counts.  Several RDNSS or DNSSL options: all servers are kept, each once, with the shortest
 * lifetime that is not 0; those with lifetime 0 are withdrawals and not kept.
 * Hop limit, source address and checksum are the caller's to check: they are not in the message.
 */
bool ra_parse(struct bytes message, struct ra *ra);

/*
 * The ND options that a Linux client hands to user space (RTM_NEWNDUSEROPT carries one whole
 * option): adds an RDNSS or DNSSL option to `ra` by the rules above, false if it is neither or
 * malformed.  `withdrawn` (may be NULL) receives what came with lifetime 0, in its dns[] and
 * search[].  It is added to like `ra`, so both begin as zero.
 */
bool ra_parse_dns_option(struct bytes option, struct ra *ra, struct ra *withdrawn);

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
