/* SPDX-License-Identifier: Apache-2.0 */
/* admin/source.h
 *
 * How many requests and connections one source may have: an IPv4 address or an IPv6 /64, which is
 * one subscriber.  A fixed table; the source that was quiet longest gives its place up.
 */
#ifndef ADMIN_SOURCE_H
#define ADMIN_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/siphash.h"

#define SOURCES 256
#define SOURCE_BURST 200 /* requests: a page with all of its files, ten times */
#define SOURCE_PER_S 50
#define SOURCE_CONNECTIONS 48

struct sources;

struct sources *sources_new(const struct siphash_key *key); /* NULL: no memory */
void sources_free(struct sources *sources);

/* May it ask now?  Takes one request. */
bool source_may_ask(struct sources *sources, const struct sockaddr *from, uint64_t now_ms);
/* May it have one more connection?  Counts it; each that was counted is to be ended.  A source whose
 * place was given up meanwhile begins anew. */
bool source_connect(struct sources *sources, const struct sockaddr *from, uint64_t now_ms);
void source_disconnect(struct sources *sources, const struct sockaddr *from);

#endif
