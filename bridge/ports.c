/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/ports.c - the port directory: one atomic word per port id, and its counters.
 *
 * The word is generation (32 bits), worker (8), flags (16) and 8 bits to spare; 0 is no port.
 * Only the control thread writes words, so plain loads and stores are enough there.
 */
#include "bridge/ports.h"

#include <stdlib.h>

#define CACHE_LINE 64

/* Each port's counters on lines of their own: another worker's are written at the same time. */
struct counters_slot {
	_Alignas(CACHE_LINE) struct port_counters counters;
};

struct port_directory {
	unsigned max_ports;
	unsigned next_id; /* where the search for a free id begins: ids come back late */
	uint32_t last_generation;
	_Atomic uint64_t *words;
	_Atomic uint32_t *limits;
	_Atomic uint8_t *captured;
	void *counters_memory;
	struct counters_slot *slots; /* counters_memory, aligned */
};

static uint64_t pack(struct port_entry entry)
{
	return (uint64_t)entry.generation << 32 | (uint64_t)entry.worker << 16 | entry.flags;
}

static struct port_entry unpack(uint64_t word)
{
	return (struct port_entry) {
		.generation = (uint32_t)(word >> 32),
		.worker = (uint8_t)(word >> 16),
		.flags = (uint16_t)word,
	};
}

struct port_directory *port_directory_new(unsigned max_ports)
{
	struct port_directory *directory = calloc(1, sizeof(*directory));

	if (!directory)
		return NULL;
	if (max_ports <= PORT_TAP)
		max_ports = PORT_TAP + 1;
	directory->max_ports = max_ports < PORTS_MAX ? max_ports : PORTS_MAX;
	directory->next_id = PORT_FIRST_CLIENT;
	directory->words = calloc(directory->max_ports, sizeof(*directory->words));
	/* calloc, not aligned_alloc: what no port uses is never touched and costs nothing */
	directory->counters_memory = calloc(directory->max_ports + 1, sizeof(struct counters_slot));
	directory->limits = calloc(directory->max_ports, sizeof(*directory->limits));
	directory->captured = calloc(directory->max_ports, sizeof(*directory->captured));
	if (!directory->words || !directory->limits || !directory->captured ||
	    !directory->counters_memory) {
		port_directory_free(directory);
		return NULL;
	}
	uintptr_t start = (uintptr_t)directory->counters_memory;
	directory->slots = (void *)((start + CACHE_LINE - 1) & ~(uintptr_t)(CACHE_LINE - 1));
	return directory;
}

void port_directory_free(struct port_directory *directory)
{
	if (!directory)
		return;
	free(directory->words);
	free(directory->limits);
	free(directory->captured);
	free(directory->counters_memory);
	free(directory);
}

unsigned port_directory_max(const struct port_directory *directory)
{
	return directory->max_ports;
}

static void store(struct port_directory *directory, uint16_t port, struct port_entry entry)
{
	atomic_store_explicit(&directory->words[port], pack(entry), memory_order_release);
}

/* Unlike any before it, as long as fewer than 2^32 ports came: so no message can be mistaken. */
static uint32_t new_generation(struct port_directory *directory)
{
	if (++directory->last_generation == 0)
		directory->last_generation = 1;
	return directory->last_generation;
}

static uint16_t free_id(struct port_directory *directory)
{
	for (unsigned n = PORT_FIRST_CLIENT; n < directory->max_ports; n++) {
		unsigned id = directory->next_id < directory->max_ports ? directory->next_id
									: PORT_FIRST_CLIENT;
		directory->next_id = id + 1;
		if (port_directory_get(directory, (uint16_t)id).generation == 0)
			return (uint16_t)id;
	}
	return PORT_NONE;
}

static void zero_counters(struct port_counters *counters)
{
	_Atomic uint64_t *const totals[] = { &counters->rx_frames, &counters->tx_frames,
					     &counters->rx_bytes, &counters->tx_bytes,
					     &counters->marked };

	for (unsigned i = 0; i < ARRAY_LEN(totals); i++)
		atomic_store_explicit(totals[i], 0, memory_order_relaxed);
	for (unsigned i = 0; i < DROP_REASONS; i++)
		atomic_store_explicit(&counters->drops[i], 0, memory_order_relaxed);
	atomic_store_explicit(&counters->rtt_us, 0, memory_order_relaxed);
}

uint16_t port_directory_add(struct port_directory *directory, uint8_t worker, uint16_t flags,
			    uint32_t *generation)
{
	uint16_t port = free_id(directory);

	if (port == PORT_NONE)
		return PORT_NONE;
	*generation = new_generation(directory);
	zero_counters(&directory->slots[port].counters);
	port_directory_set_limit(directory, port, 1);
	port_directory_set_captured(directory, port, 0);
	store(directory, port, (struct port_entry) { *generation, worker, flags });
	return port;
}

void port_directory_set_limit(struct port_directory *directory, uint16_t port,
			      uint32_t max_addresses)
{
	if (port < directory->max_ports)
		atomic_store_explicit(&directory->limits[port], max_addresses,
				      memory_order_relaxed);
}

uint32_t port_directory_limit(const struct port_directory *directory, uint16_t port)
{
	return port < directory->max_ports
		       ? atomic_load_explicit(&directory->limits[port], memory_order_relaxed)
		       : 0;
}

void port_directory_set_captured(struct port_directory *directory, uint16_t port, uint8_t captured)
{
	if (port < directory->max_ports)
		atomic_store_explicit(&directory->captured[port], captured, memory_order_relaxed);
}

uint8_t port_directory_captured(const struct port_directory *directory, uint16_t port)
{
	return port < directory->max_ports
		       ? atomic_load_explicit(&directory->captured[port], memory_order_relaxed)
		       : 0;
}

void port_directory_add_tap(struct port_directory *directory, uint16_t flags)
{
	store(directory, PORT_TAP, (struct port_entry) { new_generation(directory), 0, flags });
}

void port_directory_set_flags(struct port_directory *directory, uint16_t port, uint16_t flags)
{
	struct port_entry entry = port_directory_get(directory, port);

	if (entry.generation == 0)
		return;
	entry.flags = flags;
	store(directory, port, entry);
}

void port_directory_remove(struct port_directory *directory, uint16_t port)
{
	if (port < directory->max_ports)
		store(directory, port, (struct port_entry) { 0 });
}

struct port_entry port_directory_get(const struct port_directory *directory, uint16_t port)
{
	if (port >= directory->max_ports)
		return (struct port_entry) { 0 };
	return unpack(atomic_load_explicit(&directory->words[port], memory_order_acquire));
}

struct port_counters *port_directory_counters(const struct port_directory *directory, uint16_t port)
{
	if (port < PORT_FIRST_CLIENT || port >= directory->max_ports)
		return NULL;
	return &directory->slots[port].counters;
}
