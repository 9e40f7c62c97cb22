/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/guard.c - the rules for client ports, mostly tables.
 *
 * Not here: learning and its limits (table.c), who may reach whom (switch.c), snooping.
 *
 * RFC 6105, 7113, 6980, 7610; DHCPv4 by RFC 2131 4.1 (servers talk from port 67, to 67 or 68).
 */
#include "bridge/guard.h"

#include "bridge/headers.h"

#define DHCP6_CLIENT_PORT 546
#define DHCP6_SERVER_PORT 547
#define DHCP4_SERVER_PORT 67
#define DHCP4_CLIENT_PORT 68
#define DHCP4_BOOTREPLY 2

static const struct {
	uint64_t first, last;
} reserved_macs[] = {
	{ 0x0180c2000000, 0x0180c200000f }, /* spanning tree, pause, 802.1X, LLDP... */
	{ 0x0180c2000020, 0x0180c200002f }, /* GARP, MRP */
	{ 0x00e02b000000, 0x00e02b000000 }, /* Extreme: EDP */
	{ 0x00e02b000004, 0x00e02b000004 }, /* EAPS */
	{ 0x00e02b000006, 0x00e02b000006 }, { 0x01000c000000, 0x01000c000000 }, /* Cisco: ISL */
	{ 0x01000cccccc0, 0x01000cccccc7 },					/* CFM */
	{ 0x01000ccccccc, 0x01000ccccccd }, /* CDP, VTP, DTP, PAgP, UDLD; PVST+ */
	{ 0x01000ccdcdcd, 0x01000ccdcdcd }, /* uplink fast */
};

/* What stands in front of another type: 802.1Q, 802.1ad and its predecessors, 802.1ah,
 * 802.1BR, 802.1CB.  Priority tags (VLAN 0) are tags. */
static const uint16_t tag_types[] = {
	ETHER_VLAN, ETHER_QINQ, 0x9100, 0x9200, 0x9300, 0x88e7, 0x893f, 0xf1c1,
};

static const struct {
	uint8_t type;
	enum drop_reason reason;
} icmp6_rules[] = {
	{ ND_RA, DROP_RA },
	{ ND_REDIRECT, DROP_REDIRECT },
};

#define ANY_PORT 0

/* Messages to servers and relays (port 547) that only servers send: RFC 8415 7.3, 5007, 5460,
 * 6977, 7341. */
static const uint8_t dhcp6_server_types[] = {
	2,	    /* ADVERTISE */
	7,	    /* REPLY */
	10,	    /* RECONFIGURE */
	13,	    /* RELAY-REPL */
	15,	    /* LEASEQUERY-REPLY, and 16, 17 its parts */
	16, 17, 19, /* RECONFIGURE-REPLY */
	21,	    /* DHCPV4-RESPONSE */
};

static const uint8_t dhcp4_server_types[] = { DHCP4_BOOTREPLY };

/* UDP that only servers send, by ports, and where these do not tell it by the first byte. */
static const struct {
	uint8_t version;
	uint16_t source, destination;
	const uint8_t *types; /* NULL: any */
	unsigned type_count;
	enum drop_reason reason;
} udp_rules[] = {
	/* RFC 7610 5: whatever goes to a client's port comes from a server or a relay */
	{ 6, ANY_PORT, DHCP6_CLIENT_PORT, NULL, 0, DROP_DHCP6_SERVER },
	{ 6, ANY_PORT, DHCP6_SERVER_PORT, dhcp6_server_types, ARRAY_LEN(dhcp6_server_types),
	  DROP_DHCP6_SERVER },
	{ 4, DHCP4_SERVER_PORT, ANY_PORT, NULL, 0, DROP_DHCP4_SERVER },
	{ 4, ANY_PORT, DHCP4_CLIENT_PORT, NULL, 0, DROP_DHCP4_SERVER },
	{ 4, ANY_PORT, DHCP4_SERVER_PORT, dhcp4_server_types, ARRAY_LEN(dhcp4_server_types),
	  DROP_DHCP4_SERVER },
};

bool guard_reserved_mac(const struct mac *mac)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < sizeof(mac->octet); i++)
		value = value << 8 | mac->octet[i];
	for (size_t i = 0; i < ARRAY_LEN(reserved_macs); i++)
		if (value >= reserved_macs[i].first && value <= reserved_macs[i].last)
			return true;
	return false;
}

static bool is_tag(uint16_t ether_type)
{
	for (size_t i = 0; i < ARRAY_LEN(tag_types); i++)
		if (ether_type == tag_types[i])
			return true;
	return false;
}

static bool must_not_be_wrapped(uint16_t ether_type)
{
	return ether_type == ETHER_IP4 || ether_type == ETHER_IP6 || ether_type == ETHER_ARP ||
	       is_tag(ether_type);
}

/* An 802.3 frame: LLC, perhaps with SNAP (IEEE 802) around an Ethernet type.  What is
 * inside is looked at whatever the length says: not every receiver heeds it. */
static enum drop_reason check_llc(const struct frame *frame, uint16_t len)
{
	struct reader r = reader_over(frame->bytes);

	reader_take(&r, ETHER_HEADER_LEN);
	if (len > r.left)
		return DROP_TOO_SHORT;

	uint8_t destination_sap = reader_u8(&r) & 0xfe; /* without the group bit */
	uint8_t source_sap = reader_u8(&r) & 0xfe;

	reader_u8(&r); /* control */
	uint32_t organisation = reader_u24(&r);
	uint16_t ether_type = reader_u16(&r);

	if (destination_sap == 0x06 || destination_sap == 0x98) /* IPv4, ARP: RFC 948 */
		return DROP_HEADER_CHAIN;
	if (r.bad || destination_sap != 0xaa || source_sap != 0xaa)
		return DROP_NONE;
	/* RFC 1042 and 802.1H */
	if ((organisation == 0x000000 || organisation == 0x0000f8) &&
	    must_not_be_wrapped(ether_type))
		return DROP_HEADER_CHAIN;
	return DROP_NONE;
}

static enum drop_reason check_ethernet(const struct guard_policy *policy, const struct frame *frame,
				       const struct headers *h)
{
	if (mac_is_multicast(&h->source) || mac_is_zero(&h->source) ||
	    mac_equal(&h->source, &policy->router_mac))
		return DROP_SOURCE_MAC;
	if (guard_reserved_mac(&h->destination))
		return DROP_RESERVED_MAC;
	if (is_tag(h->ether_type))
		return DROP_VLAN;
	return h->ether_type < ETHER_TYPE_MIN ? check_llc(frame, h->ether_type) : DROP_NONE;
}

static bool is_router_address(const struct guard_policy *policy, const struct ip6 *address)
{
	for (unsigned i = 0; i < policy->router_address_count; i++)
		if (ip6_equal(&policy->router_address[i], address))
			return true;
	return false;
}

static enum drop_reason check_icmp6(const struct guard_policy *policy, const struct headers *h)
{
	struct reader r = reader_over(h->upper);
	struct ip6 target;
	uint8_t type = reader_u8(&r);

	reader_take(&r, 7);
	reader_copy(&r, &target, sizeof(target));

	if (type >= ND_RS && type <= ND_REDIRECT && h->fragment)
		return DROP_ND_FRAGMENT;
	for (size_t i = 0; i < ARRAY_LEN(icmp6_rules); i++)
		if (type == icmp6_rules[i].type)
			return icmp6_rules[i].reason;
	/* claiming: an advertisement for it, or a probe whether it is free (RFC 4862 5.4) */
	if (type == ND_NA || (type == ND_NS && ip6_is_unspecified(&h->ip_source)))
		return is_router_address(policy, &target) ? DROP_ROUTER_ADDRESS : DROP_NONE;
	return DROP_NONE;
}

static bool is_among(uint8_t type, const uint8_t *types, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (types[i] == type)
			return true;
	return false;
}

static enum drop_reason check_udp(const struct headers *h)
{
	struct reader r = reader_over(h->upper);
	uint16_t source = reader_u16(&r);
	uint16_t destination = reader_u16(&r);

	reader_take(&r, 4);	      /* length, checksum */
	uint8_t type = reader_u8(&r); /* 0, which is in no list, if there is none */

	for (size_t i = 0; i < ARRAY_LEN(udp_rules); i++) {
		if (h->version != udp_rules[i].version ||
		    (udp_rules[i].source != ANY_PORT && udp_rules[i].source != source) ||
		    (udp_rules[i].destination != ANY_PORT &&
		     udp_rules[i].destination != destination))
			continue;
		if (!udp_rules[i].types)
			return udp_rules[i].reason;
		if (r.bad && h->fragment) /* the type is in a later fragment */
			return DROP_HIDDEN_UPPER;
		if (is_among(type, udp_rules[i].types, udp_rules[i].type_count))
			return udp_rules[i].reason;
	}
	return DROP_NONE;
}

static enum drop_reason check_upper(const struct guard_policy *policy, const struct headers *h)
{
	if (h->version == 6 && h->protocol == IP_ICMP6)
		return check_icmp6(policy, h);
	if (h->protocol == IP_UDP)
		return check_udp(h);
	return DROP_NONE;
}

/* RFC 9915 7.1, and 18.3: what relays and (before that RFC) clients may send to us alone. */
static bool is_for_our_dhcp6(const struct guard_policy *policy, const struct headers *h)
{
	return ip6_equal(&h->ip_destination, &ip6_all_dhcp_agents) ||
	       ip6_equal(&h->ip_destination, &ip6_all_dhcp_servers) ||
	       is_router_address(policy, &h->ip_destination);
}

static enum guard_action check_punt(const struct guard_policy *policy, const struct headers *h)
{
	struct reader r = reader_over(h->upper);

	if (h->version != 6 || h->fragment)
		return GUARD_PASS;
	if (h->protocol == IP_ICMP6)
		return policy->punt_rs && reader_u8(&r) == ND_RS ? GUARD_PUNT_RS : GUARD_PASS;
	reader_u16(&r); /* source port */
	if (h->protocol == IP_UDP && policy->punt_dhcp6 && reader_u16(&r) == DHCP6_SERVER_PORT &&
	    is_for_our_dhcp6(policy, h))
		return GUARD_PUNT_DHCP6;
	return GUARD_PASS;
}

static enum drop_reason check_all(const struct guard_policy *policy, const struct frame *frame,
				  enum headers_result result, const struct headers *h)
{
	static const enum drop_reason of_result[HEADERS_RESULTS] = {
		[HEADERS_TOO_SHORT] = DROP_TOO_SHORT,
		[HEADERS_HIDDEN] = DROP_HIDDEN_UPPER,
		[HEADERS_CHAIN] = DROP_HEADER_CHAIN,
	};
	enum drop_reason reason;

	if (frame->bytes.len < ETHER_HEADER_LEN)
		return DROP_TOO_SHORT;
	reason = check_ethernet(policy, frame, h);
	if (reason == DROP_NONE)
		reason = of_result[result];
	if (reason == DROP_NONE && result == HEADERS_UPPER)
		reason = check_upper(policy, h);
	if (reason == DROP_NONE && h->version == 6 && is_router_address(policy, &h->ip_source))
		reason = DROP_ROUTER_ADDRESS;
	return reason;
}

struct guard_verdict guard_check(const struct guard_policy *policy, const struct frame *frame)
{
	struct headers h;
	enum headers_result result = headers_walk(frame->bytes, &h);
	struct guard_verdict verdict = { .reason = check_all(policy, frame, result, &h) };

	if (verdict.reason != DROP_NONE)
		verdict.action = GUARD_DROP;
	else
		verdict.action = result == HEADERS_UPPER ? check_punt(policy, &h) : GUARD_PASS;
	return verdict;
}
