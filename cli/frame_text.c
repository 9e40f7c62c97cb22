/* SPDX-License-Identifier: Apache-2.0 */
/* cli/frame_text.c - a captured frame in a line: enough to see what goes on; tcpdump says more.
 *
 * Looks at Ethernet, ARP (RFC 826), IPv4, IPv6 with the extension headers of RFC 8200 4, TCP, UDP
 * and the names of ICMP messages.  A frame that is cut short is told as far as it goes.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/packet.h"
#include "cli/capture.h"

#define EXTENSIONS_MAX 8

struct line {
	char *text;
	size_t len;
};

static void say(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct line *line, const char *format, ...)
{
	size_t room = FRAME_TEXT_MAX - line->len;
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line->text + line->len, room, format, args);
	va_end(args);
	if (n > 0)
		line->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* What a packet is, of the protocol above IP. */
struct upper {
	struct reader r;
	uint8_t protocol;
	bool later_fragment; /* there is no header in it */
	char from[IP6_TEXT], to[IP6_TEXT];
};

struct named {
	uint8_t number;
	const char *name;
};

static const char *name_of(const struct named *names, uint8_t number)
{
	while (names->name && names->number != number)
		names++;
	return names->name;
}

static const struct named icmp4_names[] = {
	{ 0, "echo reply" },   { 3, "unreachable" },	{ 5, "redirect" },
	{ 8, "echo request" }, { 11, "time exceeded" }, { 0, NULL },
};

static const struct named icmp6_names[] = {
	{ 1, "unreachable" },
	{ 2, "packet too big" },
	{ 3, "time exceeded" },
	{ 4, "parameter problem" },
	{ 128, "echo request" },
	{ 129, "echo reply" },
	{ 130, "multicast listener query" },
	{ 131, "multicast listener report" },
	{ 132, "multicast listener done" },
	{ ND_RS, "router solicitation" },
	{ ND_RA, "router advertisement" },
	{ ND_NS, "neighbor solicitation" },
	{ ND_NA, "neighbor advertisement" },
	{ ND_REDIRECT, "redirect" },
	{ 143, "multicast listener report v2" },
	{ 0, NULL },
};

/* RFC 9915 7.3 */
static const struct named dhcp6_names[] = {
	{ 1, "solicit" },
	{ 2, "advertise" },
	{ 3, "request" },
	{ 4, "confirm" },
	{ 5, "renew" },
	{ 6, "rebind" },
	{ 7, "reply" },
	{ 8, "release" },
	{ 9, "decline" },
	{ 10, "reconfigure" },
	{ 11, "information-request" },
	{ 12, "relay-forward" },
	{ 13, "relay-reply" },
	{ 0, NULL },
};

static void say_flags(struct line *line, uint8_t flags)
{
	static const char letters[] = "FSRP.UEW"; /* as tcpdump has them */
	char text[9];
	size_t len = 0;

	for (unsigned bit = 0; bit < 8; bit++)
		if (flags >> bit & 1)
			text[len++] = letters[bit];
	text[len] = '\0';
	say(line, " [%s]", len > 0 ? text : "none");
}

/* "fe80::1.546 > ff02::1:2.547" */
static void say_ports(struct line *line, const struct upper *upper, uint16_t from, uint16_t to)
{
	say(line, "%s.%u > %s.%u:", upper->from, from, upper->to, to);
}

static void say_tcp(struct line *line, struct upper *upper)
{
	uint16_t from = reader_u16(&upper->r), to = reader_u16(&upper->r);
	uint32_t sequence = reader_u32(&upper->r);

	reader_u32(&upper->r);
	reader_u8(&upper->r);
	uint8_t flags = reader_u8(&upper->r);

	say_ports(line, upper, from, to);
	say(line, " tcp");
	if (upper->r.bad)
		return;
	say_flags(line, flags);
	say(line, " seq %u", sequence);
}

static void say_udp(struct line *line, struct upper *upper)
{
	uint16_t from = reader_u16(&upper->r), to = reader_u16(&upper->r);
	const char *name;

	reader_u32(&upper->r);
	say_ports(line, upper, from, to);
	say(line, " udp");
	if ((to != 546 && to != 547) || upper->r.left == 0)
		return;
	name = name_of(dhcp6_names, reader_u8(&upper->r));
	say(line, " dhcp6 %s", name ? name : "of an unknown type");
}

static void say_icmp(struct line *line, struct upper *upper, const char *protocol,
		     const struct named *names)
{
	uint8_t type = reader_u8(&upper->r);
	const char *name = name_of(names, type);

	say(line, "%s > %s: %s", upper->from, upper->to, protocol);
	if (upper->r.bad)
		return;
	if (name)
		say(line, " %s", name);
	else
		say(line, " type %u", type);
}

static void say_upper(struct line *line, struct upper *upper)
{
	if (upper->later_fragment)
		say(line, "%s > %s: a fragment", upper->from, upper->to);
	else if (upper->protocol == IP_TCP)
		say_tcp(line, upper);
	else if (upper->protocol == IP_UDP)
		say_udp(line, upper);
	else if (upper->protocol == IP_ICMP6)
		say_icmp(line, upper, "icmp6", icmp6_names);
	else if (upper->protocol == IP_ICMP4)
		say_icmp(line, upper, "icmp", icmp4_names);
	else
		say(line, "%s > %s: protocol %u", upper->from, upper->to, upper->protocol);
}

static void say_ip4(struct line *line, struct reader r)
{
	struct upper upper = { 0 };
	uint8_t from[4], to[4];
	unsigned header_len = (reader_u8(&r) & 15) * 4u;

	reader_take(&r, 5);
	upper.later_fragment = reader_u16(&r) & 0x1fff;
	reader_u8(&r);
	upper.protocol = reader_u8(&r);
	reader_u16(&r);
	reader_copy(&r, from, sizeof(from));
	reader_copy(&r, to, sizeof(to));
	reader_take(&r, header_len > 20 ? header_len - 20 : 0);
	if (r.bad) {
		say(line, "IPv4, cut short");
		return;
	}
	inet_ntop(AF_INET, from, upper.from, sizeof(upper.from));
	inet_ntop(AF_INET, to, upper.to, sizeof(upper.to));
	upper.r = r;
	say_upper(line, &upper);
}

/* Steps over extension headers, as far as they are known. */
static void skip_extensions(struct upper *upper)
{
	for (unsigned n = 0; n < EXTENSIONS_MAX && !upper->later_fragment; n++) {
		uint8_t at = upper->protocol;

		if (at != IP_HOP_BY_HOP && at != IP_ROUTING && at != IP_FRAGMENT &&
		    at != IP_DESTINATION)
			return;
		upper->protocol = reader_u8(&upper->r);
		uint8_t units = reader_u8(&upper->r);

		if (at == IP_FRAGMENT) {
			upper->later_fragment = reader_u16(&upper->r) >> 3;
			reader_u32(&upper->r);
		} else {
			reader_take(&upper->r, 6 + units * 8u);
		}
		if (upper->r.bad) /* it is not there: its own number says more */
			upper->protocol = at;
	}
}

static void say_ip6(struct line *line, struct reader r)
{
	struct upper upper = { 0 };
	struct ip6 from, to;

	reader_take(&r, 6);
	upper.protocol = reader_u8(&r);
	reader_u8(&r);
	reader_copy(&r, &from, sizeof(from));
	reader_copy(&r, &to, sizeof(to));
	upper.r = r;
	skip_extensions(&upper);
	if (r.bad) {
		say(line, "IPv6, cut short");
		return;
	}
	ip6_text(&from, upper.from);
	ip6_text(&to, upper.to);
	say_upper(line, &upper);
}

static void say_arp(struct line *line, struct reader r)
{
	uint8_t from[4], to[4];
	char from_text[INET_ADDRSTRLEN], to_text[INET_ADDRSTRLEN];

	reader_take(&r, 6);
	uint16_t operation = reader_u16(&r);
	reader_take(&r, 6);
	reader_copy(&r, from, sizeof(from));
	reader_take(&r, 6);
	reader_copy(&r, to, sizeof(to));
	inet_ntop(AF_INET, from, from_text, sizeof(from_text));
	inet_ntop(AF_INET, to, to_text, sizeof(to_text));
	if (r.bad)
		say(line, "arp, cut short");
	else if (operation == 1)
		say(line, "arp who has %s, tell %s", to_text, from_text);
	else
		say(line, "arp %s for %s", operation == 2 ? "reply" : "of an unknown kind",
		    from_text);
}

static void say_ether(struct line *line, const struct mac *from, const struct mac *to,
		      uint16_t type)
{
	char from_text[MAC_TEXT], to_text[MAC_TEXT];

	say(line, "%s > %s: type 0x%04x", mac_text(from, from_text), mac_text(to, to_text), type);
}

const char *frame_text(const struct pcapng_packet *packet, char text[static FRAME_TEXT_MAX])
{
	struct line line = { text, 0 };
	struct reader r = reader_over(packet->bytes);
	struct mac from, to;

	text[0] = '\0';
	reader_copy(&r, &to, sizeof(to));
	reader_copy(&r, &from, sizeof(from));
	uint16_t type = reader_u16(&r);

	if (r.bad)
		say(&line, "cut short");
	else if (type == ETHER_IP6)
		say_ip6(&line, r);
	else if (type == ETHER_IP4)
		say_ip4(&line, r);
	else if (type == ETHER_ARP)
		say_arp(&line, r);
	else
		say_ether(&line, &from, &to, type);
	say(&line, ", %u bytes", packet->original_len);
	return text;
}
