/* SPDX-License-Identifier: Apache-2.0 */
/* admin/source.c - a table of buckets by source, open addressing within a window. */
#include "admin/source.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"

#define WINDOW 16 /* places that one source may have */

struct source {
	uint64_t name; /* keyed hash of the address; 0: nobody's place */
	uint64_t seen_ms;
	struct bucket asked;
	unsigned connections;
};

struct sources {
	struct siphash_key key;
	struct source place[SOURCES];
};

struct sources *sources_new(const struct siphash_key *key)
{
	struct sources *sources = calloc(1, sizeof(*sources));

	if (sources)
		sources->key = *key;
	return sources;
}

void sources_free(struct sources *sources)
{
	free(sources);
}

/* RFC 4291 2.5.5.2: an IPv4 address in IPv6 clothes is that address. */
static uint64_t name_of(const struct sources *sources, const struct sockaddr *from)
{
	uint8_t bytes[8] = { 0 };

	if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const void *)from;
		bool mapped = IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);

		memcpy(bytes, six->sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
	} else if (from->sa_family == AF_INET) {
		memcpy(bytes, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	}
	uint64_t name = siphash(&sources->key, bytes, sizeof(bytes));
	return name ? name : 1;
}

static struct source *find(struct sources *sources, uint64_t name)
{
	for (unsigned i = 0; i < WINDOW; i++) {
		struct source *place = &sources->place[(name + i) % SOURCES];

		if (place->name == name)
			return place;
	}
	return NULL;
}

/* Who has connections keeps its place as long as somebody has none. */
static bool gives_way_before(const struct source *a, const struct source *b)
{
	if ((a->connections == 0) != (b->connections == 0))
		return a->connections == 0;
	return a->seen_ms < b->seen_ms;
}

static struct source *find_or_make(struct sources *sources, const struct sockaddr *from,
				   uint64_t now_ms)
{
	uint64_t name = name_of(sources, from);
	struct source *place = find(sources, name);

	if (!place) {
		place = &sources->place[name % SOURCES];
		for (unsigned i = 1; i < WINDOW; i++) {
			struct source *other = &sources->place[(name + i) % SOURCES];

			if (gives_way_before(other, place))
				place = other;
		}
		*place = (struct source) { .name = name };
	}
	place->seen_ms = now_ms;
	return place;
}

bool source_may_ask(struct sources *sources, const struct sockaddr *from, uint64_t now_ms)
{
	struct source *source = find_or_make(sources, from, now_ms);

	return bucket_take(&source->asked, (struct bucket_limit) { SOURCE_BURST, SOURCE_PER_S },
			   now_ms);
}

bool source_connect(struct sources *sources, const struct sockaddr *from, uint64_t now_ms)
{
	struct source *source = find_or_make(sources, from, now_ms);

	if (source->connections >= SOURCE_CONNECTIONS)
		return false;
	source->connections++;
	return true;
}

void source_disconnect(struct sources *sources, const struct sockaddr *from)
{
	struct source *source = find(sources, name_of(sources, from));

	if (source && source->connections > 0)
		source->connections--;
}
