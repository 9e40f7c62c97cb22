/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy_exempt.c - the list in no_proxy, as curl(1) reads it since 7.86, which is where
 * CIDR prefixes came from; and brackets around IPv6 addresses, which others write.
 */
#include "client/proxy.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"

/* An address of the family as its bytes; 0 bytes: it is none. */
static size_t address_bytes(const char *text, uint8_t address[static 16])
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return 16;
	return inet_pton(AF_INET, text, address) == 1 ? 4 : 0;
}

/* How many bits "/LEN" says; more than an address has if it is no number. */
static unsigned prefix_bits(const char *text)
{
	unsigned bits = 0;

	if (*text == '\0')
		return UINT16_MAX;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || bits > 128)
			return UINT16_MAX;
		bits = bits * 10 + (unsigned)(*text - '0');
	}
	return bits;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	       (rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0);
}

/* `item`: "192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "[2001:db8::1]" */
static bool covers_address(const char *item, const uint8_t *address, size_t len)
{
	char text[INET6_ADDRSTRLEN + sizeof("[]/128")];
	uint8_t mine[16];
	size_t item_len = strlen(item);

	if (item_len > 2 && item[0] == '[' && item[item_len - 1] == ']') {
		item++;
		item_len -= 2;
	}
	if (item_len >= sizeof(text))
		return false;
	memcpy(text, item, item_len);
	text[item_len] = '\0';
	char *slash = strchr(text, '/');
	unsigned bits = slash ? prefix_bits(slash + 1) : (unsigned)len * 8;

	if (slash)
		*slash = '\0';
	return address_bytes(text, mine) == len && bits <= len * 8 &&
	       same_bits(address, mine, bits);
}

/* "example.net" and ".example.net": itself and what is below it, and no "anexample.net". */
static bool covers_name(const char *item, const char *host, size_t host_len)
{
	size_t len = strlen(item);

	if (len > 0 && item[len - 1] == '.')
		len--;
	if (len > 0 && *item == '.') {
		item++;
		len--;
	}
	if (len == 0 || len > host_len || strncasecmp(host + host_len - len, item, len) != 0)
		return false;
	return len == host_len || host[host_len - len - 1] == '.';
}

bool proxy_exempt(const char *list, const char *host)
{
	uint8_t address[16];
	size_t address_len = address_bytes(host, address);
	size_t host_len = strlen(host);

	if (strcmp(list, "*") == 0)
		return true;
	for (size_t len; *list; list += len) {
		char item[256];

		list += strspn(list, ", \t");
		len = strcspn(list, ", \t");
		if (len == 0 || len >= sizeof(item))
			continue; /* longer than a name can be */
		memcpy(item, list, len);
		item[len] = '\0';
		if (address_len > 0 ? covers_address(item, address, address_len)
				    : covers_name(item, host, host_len))
			return true;
	}
	return false;
}
