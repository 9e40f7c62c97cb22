/* SPDX-License-Identifier: Apache-2.0 */
/* base/source.h
 *
 * Where a connection comes from, as limits count it: an IPv4 address, or an IPv6 /64, which is one
 * subscriber: whoever has it may use any address of it (RFC 4291 2.5.1).
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/bytes.h"

/* May be compared by memcmp. */
struct source {
	uint8_t len; /* 4 or 8 */
	uint8_t octet[8];
};

/* RFC 4291 2.5.5.2: an IPv4 address in IPv6 clothes is that address. */
struct source source_of(const struct sockaddr *from);
/* Of an address as text; what is none counts as 0.0.0.0. */
struct source source_of_text(const char *address);

static inline struct bytes source_bytes(const struct source *source)
{
	return (struct bytes) { source->octet, source->len };
}

#endif
