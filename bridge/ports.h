/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/ports.h
 *
 * The port directory: for each port id its worker, its flags and a generation, in one atomic
 * word, so that any worker can see where a frame has to go; and each port's counters, written by its
 * worker only and read by anybody.
 *
 * Port 0 is none, port PORT_TAP the server's own TAP (every worker has a queue of it), the
 * others are clients.  An id is used again only with a new generation: a message names a port by both.
 */
#ifndef BRIDGE_PORTS_H
#define BRIDGE_PORTS_H

#include <stdatomic.h>

#include "bridge/drop.h"
#include "bridge/table.h"

#define PORT_TAP 1
#define PORT_FIRST_CLIENT 2
#define PORTS_MAX 65535

enum port_flag {
	PORT_CLIENT = 1 << 0,
	PORT_ISOLATED = 1 << 1, /* does not reach other isolated ports */
	PORT_ROUTER = 1 << 2,	/* the server's kernel routes here: its MAC is protected */
	PORT_LAN = 1 << 3,	/* a whole LAN is behind it */
	PORT_OFFLOAD = 1 << 4,	/* takes superframes */
	PORT_OFFICE = 1 << 5,	/* a client with other hosts behind it */
};

struct port_entry {
	uint32_t generation; /* 0: no such port */
	uint8_t worker;
	uint16_t flags;
};

/* Written with relaxed stores by the port's worker, read with relaxed loads by anyone. */
struct port_counters {
	_Atomic uint64_t rx_frames, tx_frames, rx_bytes, tx_bytes;
	_Atomic uint64_t drops[DROP_REASONS];
	_Atomic uint64_t
		marked; /* sent with a mark of congestion, where CoDel would have dropped */
	_Atomic uint32_t rtt_us;
};

struct port_directory;

/* max_ports: ids are below it (at most PORTS_MAX). NULL without memory. */
struct port_directory *port_directory_new(unsigned max_ports);
void port_directory_free(struct port_directory *directory);
unsigned port_directory_max(const struct port_directory *directory);

/* Control thread only.  Gives a free client id with a new generation and zeroed counters;
 * PORT_NONE if all are taken.  An id is free again after port_directory_remove. */
uint16_t port_directory_add(struct port_directory *directory, uint8_t worker, uint16_t flags,
			    uint32_t *generation);
void port_directory_add_tap(struct port_directory *directory, uint16_t flags);
void port_directory_set_flags(struct port_directory *directory, uint16_t port, uint16_t flags);
/* How many addresses frames may come from; a new port has 1. */
void port_directory_set_limit(struct port_directory *directory, uint16_t port,
			      uint32_t max_addresses);
/* Which captures its frames are for: a bit for each; a new port has none. */
void port_directory_set_captured(struct port_directory *directory, uint16_t port, uint8_t captured);
void port_directory_remove(struct port_directory *directory, uint16_t port);

/* Any thread. */
struct port_entry port_directory_get(const struct port_directory *directory, uint16_t port);
uint32_t port_directory_limit(const struct port_directory *directory, uint16_t port);
uint8_t port_directory_captured(const struct port_directory *directory, uint16_t port);
/* A client port's; NULL for the TAP, of which each worker keeps its own (switch.h). */
struct port_counters *port_directory_counters(const struct port_directory *directory,
					      uint16_t port);

static inline void counter_add(_Atomic uint64_t *counter, uint64_t n)
{
	/* one writer: no locked instruction is needed */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

#endif
