/* SPDX-License-Identifier: Apache-2.0 */
/* base/domain.h
 *
 * Domain names between text and the wire, RFC 1035 3.1, uncompressed as RFC 8106 5.2 (Router
 * Advertisements) and RFC 9915 10 (DHCPv6) demand.
 */
#ifndef BASE_DOMAIN_H
#define BASE_DOMAIN_H

#include "base/bytes.h"

#define DOMAIN_MAX_TEXT 253 /* characters without final dot and NUL */
#define DOMAIN_MAX_WIRE 255 /* RFC 1035 2.3.4, length bytes and the root's included */
#define DOMAIN_MAX_LABEL 63

/*
 * Writes a name.  w->full when it does not fit, and when `text` is none: empty, a final dot,
 * over 253 characters, a label empty, over 63 characters, with another character than
 * letters, digits, '-' and '_', or with '-' at an end.
 */
void domain_write(struct writer *w, const char *text);

/*
 * Reads the next name of a list.  False at the end (no bytes left, or the zeros that fill up
 * an option) and at a malformed name (r->bad): unfinished, a compression pointer, too long.
 * A well-formed name that domain_write would refuse for its characters reads as "": it
 * would have to be escaped by everyone who gets it.
 */
bool domain_read(struct reader *r, char text[static DOMAIN_MAX_TEXT + 1]);

#endif
