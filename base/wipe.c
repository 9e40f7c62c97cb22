/* SPDX-License-Identifier: Apache-2.0 */
/* base/wipe.c - the allocator knows how long a piece is; what lies behind our bytes is ours too. */
#include "base/wipe.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void wipe_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void *wipe_realloc(void *memory, size_t len)
{
	size_t old = memory ? malloc_usable_size(memory) : 0;
	void *more = malloc(len);

	if (!more)
		return NULL;
	if (memory)
		memcpy(more, memory, old < len ? old : len);
	wipe_free(memory);
	return more;
}
