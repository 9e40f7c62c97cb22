/* SPDX-License-Identifier: Apache-2.0 */
/* base/packet.h
 *
 * The field's constants, addresses as values and text, checksums, and the building of the
 * Ethernet, IPv6, UDP and ICMPv6 headers around a payload.
 */
#ifndef BASE_PACKET_H
#define BASE_PACKET_H

#include "base/bytes.h"
#include "base/err.h"

#define ETHER_HEADER_LEN 14
#define IP6_HEADER_LEN 40
#define UDP_HEADER_LEN 8

enum ether_type {
	ETHER_IP4 = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_VLAN = 0x8100, /* 802.1Q */
	ETHER_IP6 = 0x86dd,
	ETHER_QINQ = 0x88a8, /* 802.1ad */
};

enum ip_protocol {
	IP_HOP_BY_HOP = 0,
	IP_ICMP4 = 1,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_DCCP = 33,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_ESP = 50,
	IP_AH = 51,
	IP_ICMP6 = 58,
	IP_NO_NEXT = 59,
	IP_DESTINATION = 60,
	IP_SCTP = 132,
	IP_MOBILITY = 135,
	IP_UDP_LITE = 136,
	IP_HIP = 139,
	IP_SHIM6 = 140,
};

enum icmp6_type { ND_RS = 133, ND_RA = 134, ND_NS = 135, ND_NA = 136, ND_REDIRECT = 137 };

struct mac {
	uint8_t octet[6];
};

struct ip6 {
	uint8_t octet[16];
};

/* A prefix: the bits beyond len are zero. */
struct prefix6 {
	struct ip6 address;
	uint8_t len; /* 0 to 128 bits */
};

extern const struct mac mac_broadcast;
extern const struct mac mac_all_nodes;	      /* 33:33:00:00:00:01 */
extern const struct ip6 ip6_unspecified;      /* :: */
extern const struct ip6 ip6_all_nodes;	      /* ff02::1 */
extern const struct ip6 ip6_all_routers;      /* ff02::2 */
extern const struct ip6 ip6_all_dhcp_agents;  /* ff02::1:2, RFC 9915 7.1 */
extern const struct ip6 ip6_all_dhcp_servers; /* ff05::1:3, for relays */

static inline bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool ip6_equal(const struct ip6 *a, const struct ip6 *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool mac_is_multicast(const struct mac *mac) /* broadcast included */
{
	return mac->octet[0] & 1;
}

bool mac_is_zero(const struct mac *mac);
bool ip6_is_multicast(const struct ip6 *address);
bool ip6_is_link_local(const struct ip6 *address); /* fe80::/10 */
bool ip6_is_unspecified(const struct ip6 *address);
bool prefix6_contains(const struct prefix6 *prefix, const struct ip6 *address);
bool prefix6_overlap(const struct prefix6 *a, const struct prefix6 *b);
bool prefix6_equal(const struct prefix6 *a, const struct prefix6 *b);
/* `prefix` with the bits beyond its length set to zero. */
struct prefix6 prefix6_masked(struct prefix6 prefix);
/* The MAC that an IPv6 multicast group is sent to (RFC 2464, section 7). */
struct mac mac_of_group(const struct ip6 *group);
/* The modified EUI-64 interface identifier of `mac` behind the /64 `prefix` (RFC 4291, app. A). */
struct ip6 ip6_from_eui64(const struct prefix6 *prefix, const struct mac *mac);

/* Text.  Sizes with the final NUL. */
#define MAC_TEXT 18
#define IP6_TEXT 46
#define PREFIX6_TEXT 50
const char *mac_text(const struct mac *mac, char text[static MAC_TEXT]);
const char *ip6_text(const struct ip6 *address, char text[static IP6_TEXT]); /* RFC 5952 */
const char *prefix6_text(const struct prefix6 *prefix, char text[static PREFIX6_TEXT]);
/* Text as a person writes it, nothing before or after it.  -1 and a sentence otherwise. */
int mac_parse(const char *text, struct mac *mac, struct err *err);
int ip6_parse(const char *text, struct ip6 *address, struct err *err);
/* "address/len"; refuses bits set beyond len and says what the prefix would be. */
int prefix6_parse(const char *text, struct prefix6 *prefix, struct err *err);

/*
 * The Internet checksum (RFC 1071).  Sums are folded 32-bit one's complement partial sums;
 * begin with 0 or with a pseudo-header's.  checksum_finish gives the value to store, in host
 * order (0xffff is never given for UDP's 0: the caller of a UDP checksum swaps 0 for 0xffff).
 * A piece of odd length must be the last one.
 */
uint32_t checksum_add(uint32_t sum, struct bytes data);
uint32_t checksum_pseudo4(uint32_t source, uint32_t destination, uint8_t protocol, uint16_t len);
uint32_t checksum_pseudo6(const struct ip6 *source, const struct ip6 *destination, uint8_t next,
			  uint32_t len);
uint16_t checksum_fold(uint32_t sum);	/* folded, not inverted */
uint16_t checksum_finish(uint32_t sum); /* folded and inverted */

/* Where a packet comes from and goes to. */
struct packet_ends {
	struct mac mac_source, mac_destination;
	struct ip6 source, destination;
};

/*
 * Writes a whole frame: Ethernet, IPv6 (hop limit 255), then `message`, an ICMPv6 message
 * with its checksum still zero, which is filled in.  RFC 8200 section 3, RFC 4443 section 2.3.
 */
void packet_icmp6(struct writer *w, const struct packet_ends *ends, struct bytes message);
/* The same with UDP between `source_port` and `destination_port` (hop limit 64). */
void packet_udp6(struct writer *w, const struct packet_ends *ends, uint16_t source_port,
		 uint16_t destination_port, struct bytes payload);

#endif
