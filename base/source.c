/* SPDX-License-Identifier: Apache-2.0 */
/* base/source.c - of an address, the part that one subscriber has. */
#include "base/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct source of_bytes(const void *octets, uint8_t len)
{
	struct source source = { .len = len };

	memcpy(source.octet, octets, len);
	return source;
}

static struct source of_six(const struct in6_addr *address)
{
	return IN6_IS_ADDR_V4MAPPED(address) ? of_bytes(address->s6_addr + 12, 4)
					     : of_bytes(address->s6_addr, 8);
}

struct source source_of(const struct sockaddr *from)
{
	return from->sa_family == AF_INET6
		       ? of_six(&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr)
		       : of_bytes(&((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
}

struct source source_of_text(const char *address)
{
	struct in_addr four = { 0 };
	struct in6_addr six;

	if (inet_pton(AF_INET6, address, &six) == 1)
		return of_six(&six);
	if (inet_pton(AF_INET, address, &four) != 1)
		four.s_addr = INADDR_ANY;
	return of_bytes(&four, 4);
}
