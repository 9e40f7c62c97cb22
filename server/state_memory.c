/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_memory.c - what is as large as a page lies where no core dump looks; the rest is rows
 * for as long as somebody reads them.  All of it is wiped, or unmapped, when it is freed.
 *
 * SQLite takes two pieces as large as a page for each row that it writes, and gives them back.  So
 * some of them are kept: to map and unmap them took a sixth of a lease's time. */
#include "server/state_memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE_LEAST 4096 /* pages of the file, their cache, what pages are put together in */
#define KEPT_SIZE 8192	/* of one that is kept: a page and what SQLite has with it */
#define KEPT_MOST 32

/* In front of every piece. */
struct piece {
	_Alignas(16) size_t len; /* of the memory behind it */
	struct piece *next_kept;
};

static struct {
	pthread_mutex_t lock; /* whether SQLite holds one of its own depends on how it was built */
	struct piece *first;
	unsigned count;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct piece *piece_of(void *memory)
{
	return (struct piece *)memory - 1;
}

static bool is_kept_size(size_t whole)
{
	return whole > KEPT_SIZE / 2 && whole <= KEPT_SIZE;
}

static struct piece *take_kept(void)
{
	pthread_mutex_lock(&kept.lock);
	struct piece *piece = kept.first;

	if (piece) {
		kept.first = piece->next_kept;
		kept.count--;
	}
	pthread_mutex_unlock(&kept.lock);
	return piece;
}

static bool keep(struct piece *piece)
{
	pthread_mutex_lock(&kept.lock);
	bool room = kept.count < KEPT_MOST;

	if (room) {
		piece->next_kept = kept.first;
		kept.first = piece;
		kept.count++;
	}
	pthread_mutex_unlock(&kept.lock);
	return room;
}

static struct piece *map(size_t whole)
{
	struct piece *piece = is_kept_size(whole) ? take_kept() : NULL;

	if (piece)
		return piece;
	piece = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (piece == MAP_FAILED)
		return NULL;
	(void)madvise(piece, whole, MADV_DONTDUMP); /* without it, it serves too */
	return piece;
}

static void *take(int len)
{
	size_t whole = sizeof(struct piece) + (size_t)len;
	struct piece *piece = len < PAGE_LEAST ? malloc(whole) : map(whole);

	if (!piece)
		return NULL;
	piece->len = (size_t)len;
	return piece + 1;
}

static void give_back(void *memory)
{
	struct piece *piece = piece_of(memory);
	size_t len = piece->len, whole = sizeof(*piece) + len;

	if (len >= PAGE_LEAST && !is_kept_size(whole)) {
		munmap(piece, whole);
		return;
	}
	explicit_bzero(memory, len);
	if (len < PAGE_LEAST)
		free(piece);
	else if (!keep(piece))
		munmap(piece, whole);
}

static int size_of(void *memory)
{
	return memory ? (int)piece_of(memory)->len : 0;
}

static void *resize(void *memory, int len)
{
	void *more = take(len);

	if (!more)
		return NULL; /* the old one stays */
	memcpy(more, memory, (size_t)(len < size_of(memory) ? len : size_of(memory)));
	give_back(memory);
	return more;
}

static int round_up(int len)
{
	return (len + 7) & ~7;
}

static int begin(void *unused)
{
	return SQLITE_OK;
}

static void end(void *unused)
{
}

static void configure(void)
{
	static const sqlite3_mem_methods methods = {
		.xMalloc = take,
		.xFree = give_back,
		.xRealloc = resize,
		.xSize = size_of,
		.xRoundup = round_up,
		.xInit = begin,
		.xShutdown = end,
	};

	/* only fails when SQLite is in use already */
	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

void state_memory_guard(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, configure);
}
