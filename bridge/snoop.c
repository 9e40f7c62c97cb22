/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/snoop.c - addresses learned from neighbour discovery and ARP.
 *
 * What is malformed tells nothing: the rules of RFC 4861 6.1.1, 7.1.1 and 7.1.2 hold but for the
 * checksum, which a switch need not know.  What speaks for another MAC than the frame's own
 * (a link-layer option, ARP's sender) tells nothing either.
 */
#include "bridge/snoop.h"

#include "bridge/headers.h"

#define ND_HOP_LIMIT 255
#define ND_OPTION_SOURCE 1
#define ND_OPTION_TARGET 2

/* The ND messages that tell an address. */
static const struct rule {
	uint8_t type;
	bool has_target;
	uint8_t mac_option; /* which names the sender's MAC */
} rules[] = {
	{ ND_RS, false, ND_OPTION_SOURCE },
	{ ND_NS, true, ND_OPTION_SOURCE },
	{ ND_NA, true, ND_OPTION_TARGET },
};

static const struct rule *rule_of(uint8_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].type == type)
			return &rules[i];
	return NULL;
}

/* One that a host can have on a link; IPv4 in IPv6's clothes would be mistaken for ARP's. */
static bool usable6(const struct ip6 *address)
{
	static const uint8_t low[10] = { 0 }; /* ::, ::1, ::ffff:a.b.c.d */

	return !ip6_is_multicast(address) && memcmp(address, low, sizeof(low)) != 0;
}

/* Walks the options; false if one is malformed or names another MAC, or what stands before them
 * was cut short. */
static bool options_agree(struct reader r, const struct rule *rule, const struct mac *mac,
			  bool *mac_told)
{
	*mac_told = false;
	while (r.left > 0) {
		uint8_t type = reader_u8(&r);
		uint8_t units = reader_u8(&r); /* of 8 bytes, with these two */

		if (units == 0) /* RFC 4861 4.6: discard; it would never advance */
			return false;
		struct reader body = reader_sub(&r, units * 8u - 2);
		struct mac told;

		if (type != rule->mac_option)
			continue;
		reader_copy(&body, &told, sizeof(told));
		if (body.bad || !mac_equal(&told, mac))
			return false;
		*mac_told = true;
	}
	return !r.bad;
}

/* RFC 4861 7.1.1: the solicited-node group of `target`. */
static bool is_solicited_node(const struct ip6 *group, const struct ip6 *target)
{
	static const uint8_t prefix[13] = { 0xff, 2, [11] = 1, [12] = 0xff };

	return memcmp(group, prefix, sizeof(prefix)) == 0 &&
	       memcmp(group->octet + 13, target->octet + 13, 3) == 0;
}

static bool snoop_nd(const struct headers *h, struct snooped *found)
{
	struct reader r = reader_over(h->upper);
	uint8_t type = reader_u8(&r);
	uint8_t code = reader_u8(&r);
	const struct rule *rule = rule_of(type);
	struct ip6 target = { 0 };
	bool probe = ip6_is_unspecified(&h->ip_source), mac_told;

	reader_u16(&r); /* checksum */
	uint32_t flags = reader_u32(&r);
	if (!rule || code != 0 || h->hop_limit != ND_HOP_LIMIT || h->fragment)
		return false;
	if (rule->has_target)
		reader_copy(&r, &target, sizeof(target));
	if (!options_agree(r, rule, &h->source, &mac_told))
		return false;
	if (rule->has_target && !usable6(&target))
		return false;
	if (type == ND_NA) {
		/* 7.1.2: an answer to nobody in particular is not solicited */
		if (flags & 0x40000000 && ip6_is_multicast(&h->ip_destination))
			return false;
		found->address = target;
		return usable6(&h->ip_source);
	}
	if (type == ND_NS && probe) {
		found->address = target; /* RFC 4862 5.4: it is about to be the sender's */
		return !mac_told && is_solicited_node(&h->ip_destination, &target);
	}
	found->address = h->ip_source;
	return usable6(&h->ip_source);
}

/* RFC 826, Ethernet and IPv4.  Probes (sender 0.0.0.0) tell nothing yet: RFC 5227 2.1.1. */
static bool snoop_arp(const struct headers *h, struct bytes frame, struct snooped *found)
{
	struct reader r = reader_over(frame);
	struct mac sender;

	reader_take(&r, ETHER_HEADER_LEN);
	uint64_t kind = reader_u64(&r); /* hardware, protocol, their lengths, operation */
	reader_copy(&r, &sender, sizeof(sender));
	struct reader ip4 = r;
	uint32_t address = reader_u32(&r);

	reader_take(&r, 10); /* target */
	if (r.bad || (kind != 0x0001080006040001 && kind != 0x0001080006040002))
		return false;
	uint8_t network = (uint8_t)(address >> 24); /* not "this", loopback, multicast, reserved */
	if (!mac_equal(&sender, &h->source) || network == 0 || network == 127 || network >= 224)
		return false;
	found->address = (struct ip6) { .octet = { [10] = 0xff, [11] = 0xff } };
	reader_copy(&ip4, found->address.octet + 12, 4);
	return true;
}

bool snoop_frame(const struct frame *frame, struct snooped *found)
{
	struct headers h;
	enum headers_result result = headers_walk(frame->bytes, &h);

	*found = (struct snooped) { .mac = h.source };
	if (mac_is_multicast(&h.source) || mac_is_zero(&h.source))
		return false;
	if (result == HEADERS_OTHER && h.ether_type == ETHER_ARP)
		return snoop_arp(&h, frame->bytes, found);
	return result == HEADERS_UPPER && h.version == 6 && h.protocol == IP_ICMP6 &&
	       snoop_nd(&h, found);
}

/* A free entry, or else that of the address that has been silent for longest. */
static struct snoop_entry *entry_to_use(struct snoop_table *table)
{
	struct snoop_entry *oldest = &table->entry[0];

	if (table->count < SNOOP_MAX)
		return &table->entry[table->count++];
	for (unsigned i = 1; i < SNOOP_MAX; i++)
		if (table->entry[i].seen_ms < oldest->seen_ms)
			oldest = &table->entry[i];
	return oldest;
}

bool snoop_note(struct snoop_table *table, const struct snooped *found, uint64_t now_ms,
		uint64_t again_ms)
{
	for (unsigned i = 0; i < table->count; i++) {
		struct snoop_entry *entry = &table->entry[i];

		if (!ip6_equal(&entry->is.address, &found->address))
			continue;
		bool tell = !mac_equal(&entry->is.mac, &found->mac) ||
			    now_ms - entry->told_ms >= again_ms;
		entry->is = *found;
		entry->seen_ms = now_ms;
		if (tell)
			entry->told_ms = now_ms;
		return tell;
	}
	*entry_to_use(table) =
		(struct snoop_entry) { .is = *found, .seen_ms = now_ms, .told_ms = now_ms };
	return true;
}
