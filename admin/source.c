/* SPDX-License-Identifier: Apache-2.0 */
/* admin/source.c - a table of buckets by source, open addressing within a window. */
#include "admin/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/source.h"

#define WINDOW 16 /* places that one source may have */

struct place {
	uint64_t name; /* keyed hash of the address; 0: nobody's place */
	uint64_t seen_ms;
	struct bucket asked;
	unsigned connections;
};

struct sources {
	struct siphash_key key;
	struct place place[SOURCES];
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

static uint64_t name_of(const struct sources *sources, const struct sockaddr *from)
{
	struct source source = source_of(from);
	uint64_t name = siphash(&sources->key, (const uint8_t *)&source, sizeof(source));

	return name ? name : 1;
}

static struct place *find(struct sources *sources, uint64_t name)
{
	for (unsigned i = 0; i < WINDOW; i++) {
		struct place *place = &sources->place[(name + i) % SOURCES];

		if (place->name == name)
			return place;
	}
	return NULL;
}

/* Who has connections keeps its place as long as somebody has none. */
static bool gives_way_before(const struct place *a, const struct place *b)
{
	if ((a->connections == 0) != (b->connections == 0))
		return a->connections == 0;
	return a->seen_ms < b->seen_ms;
}

static struct place *find_or_make(struct sources *sources, const struct sockaddr *from,
				  uint64_t now_ms)
{
	uint64_t name = name_of(sources, from);
	struct place *place = find(sources, name);

	if (!place) {
		place = &sources->place[name % SOURCES];
		for (unsigned i = 1; i < WINDOW; i++) {
			struct place *other = &sources->place[(name + i) % SOURCES];

			if (gives_way_before(other, place))
				place = other;
		}
		*place = (struct place) { .name = name };
	}
	place->seen_ms = now_ms;
	return place;
}

bool source_may_ask(struct sources *sources, const struct sockaddr *from, uint64_t now_ms)
{
	struct place *source = find_or_make(sources, from, now_ms);

	return bucket_take(&source->asked, (struct bucket_limit) { SOURCE_BURST, SOURCE_PER_S },
			   now_ms);
}

bool source_connect(struct sources *sources, const struct sockaddr *from, uint64_t now_ms)
{
	struct place *source = find_or_make(sources, from, now_ms);

	if (source->connections >= SOURCE_CONNECTIONS)
		return false;
	source->connections++;
	return true;
}

void source_disconnect(struct sources *sources, const struct sockaddr *from)
{
	struct place *source = find(sources, name_of(sources, from));

	if (source && source->connections > 0)
		source->connections--;
}
