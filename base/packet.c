/* SPDX-License-Identifier: Apache-2.0 */
/* base/packet.c
 *
 * What can be asked of addresses, the Internet checksum (RFC 1071), and whole IPv6 frames
 * around a payload (RFC 8200 section 3, RFC 4443 section 2.3, RFC 768).
 *
 * The checksum is added up in the machine's byte order, eight bytes at a time, and turned
 * round once at the end (RFC 1071 section 2 (B)): it runs over every byte of a superframe.
 */
#include "base/packet.h"

#include <endian.h>

const struct mac mac_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
const struct mac mac_all_nodes = { { 0x33, 0x33, 0, 0, 0, 1 } };
const struct ip6 ip6_unspecified = { { 0 } };
const struct ip6 ip6_all_nodes = { { 0xff, 2, [15] = 1 } };
const struct ip6 ip6_all_routers = { { 0xff, 2, [15] = 2 } };
const struct ip6 ip6_all_dhcp_agents = { { 0xff, 2, [13] = 1, [15] = 2 } };
const struct ip6 ip6_all_dhcp_servers = { { 0xff, 5, [13] = 1, [15] = 3 } };

bool mac_is_zero(const struct mac *mac)
{
	static const struct mac zero;

	return mac_equal(mac, &zero);
}

bool ip6_is_multicast(const struct ip6 *address)
{
	return address->octet[0] == 0xff;
}

bool ip6_is_link_local(const struct ip6 *address)
{
	return address->octet[0] == 0xfe && (address->octet[1] & 0xc0) == 0x80;
}

bool ip6_is_unspecified(const struct ip6 *address)
{
	return ip6_equal(address, &ip6_unspecified);
}

struct prefix6 prefix6_masked(struct prefix6 prefix)
{
	size_t whole = prefix.len / 8;

	if (prefix.len >= 128)
		return prefix;
	prefix.address.octet[whole] &= (uint8_t)(0xff00 >> prefix.len % 8);
	memset(prefix.address.octet + whole + 1, 0, sizeof(prefix.address) - whole - 1);
	return prefix;
}

bool prefix6_contains(const struct prefix6 *prefix, const struct ip6 *address)
{
	struct prefix6 of_address = prefix6_masked((struct prefix6) { *address, prefix->len });

	return ip6_equal(&of_address.address, &prefix->address);
}

bool prefix6_overlap(const struct prefix6 *a, const struct prefix6 *b)
{
	return a->len <= b->len ? prefix6_contains(a, &b->address)
				: prefix6_contains(b, &a->address);
}

bool prefix6_equal(const struct prefix6 *a, const struct prefix6 *b)
{
	return a->len == b->len && ip6_equal(&a->address, &b->address);
}

struct mac mac_of_group(const struct ip6 *group)
{
	struct mac mac = { { 0x33, 0x33 } };

	memcpy(mac.octet + 2, group->octet + 12, 4);
	return mac;
}

struct ip6 ip6_from_eui64(const struct prefix6 *prefix, const struct mac *mac)
{
	struct ip6 address = prefix->address;

	address.octet[8] = mac->octet[0] ^ 2; /* RFC 4291 appendix A: the u bit is inverted */
	memcpy(address.octet + 9, mac->octet + 1, 2);
	address.octet[11] = 0xff;
	address.octet[12] = 0xfe;
	memcpy(address.octet + 13, mac->octet + 3, 3);
	return address;
}

static inline uint64_t load64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

uint16_t checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

uint16_t checksum_finish(uint32_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}

uint32_t checksum_add(uint32_t sum, struct bytes data)
{
	const uint8_t *at = data.data;
	size_t left = data.len;
	uint64_t lane[4] = { 0 }; /* each of 32-bit numbers, so there is no carry to lose */

	for (; left >= 32; left -= 32, at += 32) {
		for (unsigned i = 0; i < ARRAY_LEN(lane); i++) {
			uint64_t word = load64(at + 8 * i);

			lane[i] += (uint32_t)word;
			lane[i] += word >> 32;
		}
	}
	while (left > 0) {
		size_t step = left < 8 ? left : 8;
		uint64_t word = 0; /* what is not there is zero: RFC 1071's padding */

		memcpy(&word, at, step);
		lane[0] += (uint32_t)word;
		lane[1] += word >> 32;
		left -= step;
		at += step;
	}
	uint64_t total = lane[0] + lane[1] + lane[2] + lane[3];

	total = (uint32_t)total + (total >> 32);
	total = (uint32_t)total + (total >> 32);
	return (uint32_t)checksum_fold(sum) + be16toh(checksum_fold((uint32_t)total));
}

uint32_t checksum_pseudo4(uint32_t source, uint32_t destination, uint8_t protocol, uint16_t len)
{
	return (source >> 16) + (source & 0xffff) + (destination >> 16) + (destination & 0xffff) +
	       protocol + len;
}

/* RFC 8200 section 8.1 */
uint32_t checksum_pseudo6(const struct ip6 *source, const struct ip6 *destination, uint8_t next,
			  uint32_t len)
{
	uint32_t sum = (len >> 16) + (len & 0xffff) + next;

	sum = checksum_add(sum, (struct bytes) { source->octet, sizeof(source->octet) });
	return checksum_add(sum, (struct bytes) { destination->octet, sizeof(destination->octet) });
}

static void write_headers(struct writer *w, const struct packet_ends *ends, uint8_t next,
			  uint8_t hop_limit, size_t payload_len)
{
	if (payload_len > UINT16_MAX) {
		w->full = true;
		w->cap = w->len;
		return;
	}
	writer_copy(w, ends->mac_destination.octet, sizeof(ends->mac_destination.octet));
	writer_copy(w, ends->mac_source.octet, sizeof(ends->mac_source.octet));
	writer_u16(w, ETHER_IP6);
	writer_u32(w, 6u << 28); /* version 6, traffic class 0, flow label 0 */
	writer_u16(w, (uint16_t)payload_len);
	writer_u8(w, next);
	writer_u8(w, hop_limit);
	writer_copy(w, ends->source.octet, sizeof(ends->source.octet));
	writer_copy(w, ends->destination.octet, sizeof(ends->destination.octet));
}

void packet_icmp6(struct writer *w, const struct packet_ends *ends, struct bytes message)
{
	struct reader r = reader_over(message);
	const uint8_t *type_and_code = reader_take(&r, 2);

	reader_u16(&r); /* the checksum, still zero */
	struct bytes body = reader_rest(&r);

	if (r.bad) {
		w->full = true;
		w->cap = w->len;
		return;
	}
	uint32_t sum = checksum_pseudo6(&ends->source, &ends->destination, IP_ICMP6,
					(uint32_t)message.len);

	write_headers(w, ends, IP_ICMP6, 255, message.len); /* RFC 4861: proves "on this link" */
	writer_copy(w, type_and_code, 2);
	writer_u16(w, checksum_finish(checksum_add(sum, message)));
	writer_copy(w, body.data, body.len);
}

void packet_udp6(struct writer *w, const struct packet_ends *ends, uint16_t source_port,
		 uint16_t destination_port, struct bytes payload)
{
	size_t len = UDP_HEADER_LEN + payload.len;
	uint32_t sum = checksum_pseudo6(&ends->source, &ends->destination, IP_UDP, (uint32_t)len);

	sum = checksum_add(sum + source_port + destination_port + (uint16_t)len, payload);
	uint16_t checksum = checksum_finish(sum);

	write_headers(w, ends, IP_UDP, 64, len);
	writer_u16(w, source_port);
	writer_u16(w, destination_port);
	writer_u16(w, (uint16_t)len);
	writer_u16(w, checksum ? checksum : 0xffff); /* RFC 8200 8.1: zero would mean "none" */
	writer_copy(w, payload.data, payload.len);
}
