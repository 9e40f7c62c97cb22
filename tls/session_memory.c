/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session_memory.c
 *
 * The large buffers of one thread: two that its sessions use in turn while they read, and
 * those they borrow while something waits.  The free lists are short; what is too much is freed.
 */
#include <stdlib.h>

#include "tls/session_private.h"

static const size_t kind_size[MEMORY_KINDS] = {
	[MEMORY_SEALED] = RECORD_SEALED_MAX,
	[MEMORY_PLAIN] = MESSAGE_MAX,
	[MEMORY_OUTPUT] = OUTPUT_CAP,
};

struct session_memory *session_memory_new(struct err *err)
{
	struct session_memory *memory = calloc(1, sizeof(*memory));

	if (memory) {
		memory->sealed = malloc(SEALED_CAP);
		memory->plain = malloc(PLAIN_CAP);
	}
	if (!memory || !memory->sealed || !memory->plain) {
		err_set(err, "out of memory");
		session_memory_free(memory);
		return NULL;
	}
	return memory;
}

void session_memory_free(struct session_memory *memory)
{
	if (!memory)
		return;
	for (unsigned kind = 0; kind < MEMORY_KINDS; kind++) {
		for (unsigned i = 0; i < memory->free[kind].count; i++)
			free(memory->free[kind].buffer[i]);
	}
	free(memory->sealed);
	free(memory->plain);
	free(memory);
}

void *memory_take(struct session_memory *memory, enum memory_kind kind)
{
	if (memory->free[kind].count > 0)
		return memory->free[kind].buffer[--memory->free[kind].count];
	return malloc(kind_size[kind]);
}

void memory_give(struct session_memory *memory, enum memory_kind kind, void *buffer)
{
	if (!buffer)
		return;
	if (memory->free[kind].count < MEMORY_FREE_MAX)
		memory->free[kind].buffer[memory->free[kind].count++] = buffer;
	else
		free(buffer);
}
