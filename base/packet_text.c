/* SPDX-License-Identifier: Apache-2.0 */
/* base/packet_text.c
 *
 * MAC addresses, IPv6 addresses and prefixes as text and back.  IPv6 text is the C library's
 * (RFC 4291 section 2.2 in, RFC 5952 out).  Sentences are the end of one ("must be ..."): the
 * caller puts in front what was read.
 */
#include "base/packet.h"

#include <arpa/inet.h>
#include <stdio.h>

const char *mac_text(const struct mac *mac, char text[static MAC_TEXT])
{
	const uint8_t *o = mac->octet;

	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", o[0], o[1], o[2], o[3], o[4],
		 o[5]);
	return text;
}

const char *ip6_text(const struct ip6 *address, char text[static IP6_TEXT])
{
	/* Cannot fail: the family is known and IP6_TEXT is INET6_ADDRSTRLEN. */
	_Static_assert(IP6_TEXT >= INET6_ADDRSTRLEN, "room for every address");
	if (!inet_ntop(AF_INET6, address->octet, text, IP6_TEXT))
		text[0] = '\0';
	return text;
}

const char *prefix6_text(const struct prefix6 *prefix, char text[static PREFIX6_TEXT])
{
	char address[IP6_TEXT];

	snprintf(text, PREFIX6_TEXT, "%s/%u", ip6_text(&prefix->address, address), prefix->len);
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, struct mac *mac, struct err *err)
{
	static const char wanted[] = "must be a MAC address like 02:00:5e:10:00:01";
	struct mac read;
	char separator = strlen(text) == MAC_TEXT - 1 ? text[2] : '\0';

	if (separator != ':' && separator != '-')
		return err_set(err, "%s", wanted);
	for (size_t i = 0; i < sizeof(read.octet); i++) {
		int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);
		char after = i < sizeof(read.octet) - 1 ? separator : '\0';

		if (high < 0 || low < 0 || text[3 * i + 2] != after)
			return err_set(err, "%s", wanted);
		read.octet[i] = (uint8_t)(high << 4 | low);
	}
	*mac = read;
	return 0;
}

int ip6_parse(const char *text, struct ip6 *address, struct err *err)
{
	struct ip6 read;

	if (inet_pton(AF_INET6, text, read.octet) != 1)
		return err_set(err, "must be an IPv6 address");
	*address = read;
	return 0;
}

/* "0" to "128" without leading zeros; -1 for anything else. */
static int parse_prefix_len(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	int len = 0;

	if (digits == 0 || digits > 3 || text[digits] != '\0' || (digits > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < digits; i++)
		len = 10 * len + (text[i] - '0');
	return len <= 128 ? len : -1;
}

int prefix6_parse(const char *text, struct prefix6 *prefix, struct err *err)
{
	static const char wanted[] = "must be an IPv6 prefix like fd00:1::/64";
	const char *slash = strchr(text, '/');
	char address[IP6_TEXT], would_be[PREFIX6_TEXT];
	struct prefix6 read;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return err_set(err, "%s", wanted);
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';

	int len = parse_prefix_len(slash + 1);

	if (len < 0 || ip6_parse(address, &read.address, NULL) < 0)
		return err_set(err, "%s", wanted);
	read.len = (uint8_t)len;

	struct prefix6 masked = prefix6_masked(read);

	if (!prefix6_equal(&masked, &read))
		return err_set(err, "has bits set beyond its length; the prefix would be %s",
			       prefix6_text(&masked, would_be));
	*prefix = read;
	return 0;
}
