/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra.h
 *
 * A Router Advertisement as a value: built into bytes and parsed from bytes.  No I/O, no clock,
 * no policy: what to say is server/'s business, when to say it ra_schedule's.
 *
 * RFC 4861 4.2 and 4.6 (message and options), 6.1 (validation), RFC 4191 (preference, routes),
 * RFC 8106 (DNS), and what each type below names.  Lifetimes are in seconds as on the wire;
 * RA_FOREVER is infinity.
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
#define RA_MAX_URI 256	  /* with its NUL: RFC 8910 2, no more than DHCPv4 can carry */
#define RA_MAX_PREF64 4
#define RA_PREF64_MAX_S 65528 /* RFC 8781 4: 13 bits in units of 8 seconds */
#define RA_MAX_DNR 4
#define RA_MAX_DNR_ADDRESSES 4
#define RA_MAX_ALPN 64	   /* text with its NUL */
#define RA_MAX_DOHPATH 128 /* text with its NUL */

/* RFC 4191 2.1: two bits, a signed number on the wire (01 high, 00 medium, 11 low). */
enum ra_preference { RA_MEDIUM = 0, RA_HIGH = 1, RA_LOW = 3 };
extern const char *const ra_preference_name[4]; /* "medium" "high" "reserved" "low" */

struct ra_prefix { /* RFC 4861 4.6.2 */
	struct prefix6 prefix;
	bool on_link, autonomous; /* L, A */
	uint32_t valid_s, preferred_s;
	bool pd_preferred;	   /* P, RFC 9762 5: get a prefix of your own by DHCPv6-PD */
	bool has_router_address;   /* R, RFC 6275 7.2 */
	struct ip6 router_address; /* with R: the sender's, inside `prefix`; else zero */
};

struct ra_route { /* RFC 4191 2.3 */
	struct prefix6 prefix;
	enum ra_preference preference;
	uint32_t lifetime_s;
};

/* Where IPv4 lies behind a NAT64.  RFC 8781 4. */
struct ra_pref64 {
	struct prefix6 prefix; /* of 96, 64, 56, 48, 40 or 32 bits */
	/* 0: no longer.  Built: rounded up to 8 s, at most RA_PREF64_MAX_S.  Parsed: a multiple of 8 */
	uint32_t lifetime_s;
};

/* An encrypted DNS resolver.  RFC 9463 6.1; the service parameters RFC 9460 2.2 and 7, RFC 9461. */
struct ra_dnr {
	uint16_t priority;	  /* 1 and up, the lowest first */
	uint32_t lifetime_s;	  /* 0: no longer */
	char name[RA_MAX_DOMAIN]; /* authentication domain name, without final dot */
	unsigned
		address_count; /* 0: the name is to be looked up ("ADN-only"), and nothing below counts */
	struct ip6 address[RA_MAX_DNR_ADDRESSES];
	char alpn[RA_MAX_ALPN]; /* which protocols: "dot", "doq,h2,h3": with commas, no spaces */
	uint16_t port;		/* 0: each protocol's own */
	char dohpath[RA_MAX_DOHPATH]; /* "/dns-query{?dns}"; "" without DoH */
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
	char captive_portal[RA_MAX_URI];	   /* RFC 8910 2: its API's URI; "": no option */
	unsigned pref64_count, dnr_count;
	struct ra_pref64 pref64[RA_MAX_PREF64];
	struct ra_dnr dnr[RA_MAX_DNR];
};

/*
 * May this be said?  An https or http URI of RFC 3986's characters, or RA_NO_PORTAL; ra_build
 * refuses others, ra_parse skips them: a browser is going to open what is in it.
 */
#define RA_NO_PORTAL "urn:ietf:params:capport:unrestricted" /* RFC 8910 2: "there is none" */
bool ra_portal_is_good(const char *uri);
/* What is wrong with a resolver, as the rest of a sentence about it; NULL: nothing. */
const char *ra_dnr_fault(const struct ra_dnr *dnr);

/*
 * Writes the ICMPv6 message, checksum zero (packet_icmp6 fills it in).  w->full when it does
 * not fit, or when something has no form on the wire: a prefix's length over 128, a router's
 * address outside its prefix, a NAT64 prefix of another length, a domain (RFC 1035 2.3.4; letters,
 * digits, '-' and '_'), a portal or a resolver that the two above refuse.
 * Options in the order of RFC 4861 4.2, then routes, DNS, NAT64, the portal, resolvers; one RDNSS
 * and one DNSSL option per 127 addresses and 2,040 bytes.
 */
void ra_build(const struct ra *ra, struct writer *w);

/*
 * The opposite, for any bytes.  False if RFC 4861 6.1.2 says to discard: too short, an
 * option of length 0 or beyond the message, wrong type or code; `ra` is then zero.  What
 * cannot be kept is skipped: unknown options (as 6.1.2 asks), malformed ones, those beyond our
 * tables, routes with the reserved preference (RFC 4191 2.3) or with a prefix too long for their
 * option (not even its first half is kept), prefixes preferred for longer than valid, and
 * whatever ra_build refuses.  Of several MTU, source address or portal options the first counts.
 * Several RDNSS or DNSSL options: all servers are kept, each once, with the shortest
 * lifetime that is not 0; those with lifetime 0 are withdrawals and not kept.
 * Hop limit, source address and checksum are the caller's to check: they are not in the message.
 */
bool ra_parse(struct bytes message, struct ra *ra);

/*
 * The ND options that a Linux client hands to user space (RTM_NEWNDUSEROPT carries one whole
 * option): adds an RDNSS, DNSSL, PREF64, portal or resolver option to `ra` by the rules above,
 * false if it is none of them or skipped.  `withdrawn` (may be NULL) receives the servers and
 * domains that came with lifetime 0, in its dns[] and search[] (the others have a lifetime each,
 * and stay in `ra`).  It is added to like `ra`, so both begin as zero.
 */
bool ra_parse_user_option(struct bytes option, struct ra *ra, struct ra *withdrawn);

#endif
