/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/table.h
 *
 * Which port a MAC address was last seen on: one table for all workers, without locks.  A
 * fixed array of atomic 64-bit words, 48 bits of MAC and 16 of port, found by a keyed hash and
 * a bounded probe; ages in a parallel array.  Any thread may call anything at any time; what
 * two threads learn at the same moment may both stand for a while, and ages out.
 *
 * Limits per port and in all: a table that is full evicts from the port that owns most, so
 * that nobody can flood it (the rule of Open vSwitch).
 */
#ifndef BRIDGE_TABLE_H
#define BRIDGE_TABLE_H

#include "base/packet.h"
#include "base/siphash.h"

#define TABLE_AGE_S 300	 /* IEEE 802.1Q 8.8.3 */
#define TABLE_OWNED_S 13 /* so long a client's address cannot be taken over by another client */
#define PORT_NONE 0

struct address_table;

/* capacity: addresses in all, at least 64; ports: port ids are below this number. */
struct address_table *address_table_new(size_t capacity, unsigned ports, struct siphash_key key);
void address_table_free(struct address_table *table);

enum learn_result {
	LEARN_KNOWN, /* it was there; its age is 0 again */
	LEARN_NEW,
	LEARN_MOVED, /* from another port */
	LEARN_LIMIT, /* this port has learned max_addresses already: drop the frame */
	LEARN_OWNED, /* it was seen on another port within TABLE_OWNED_S: drop the frame */
	LEARN_FULL, /* no room that this port may take: not learned, forward the frame all the same */
};

/*
 * `mac` sent a frame on `port` at now_s (monotonic).  max_addresses: limit of this port, 0: none.
 * takes_over: an address seen elsewhere moves at once (the LAN and the router are believed,
 * clients are not); what they hold is not taken within TABLE_OWNED_S either.
 */
enum learn_result address_table_learn(struct address_table *table, const struct mac *mac,
				      uint16_t port, uint32_t max_addresses, bool takes_over,
				      uint32_t now_s);
/* The port behind `mac`, PORT_NONE if unknown or too old. */
uint16_t address_table_lookup(const struct address_table *table, const struct mac *mac,
			      uint32_t now_s);
/* Forgets all that was learned on a port (a sweep over the whole table). */
void address_table_forget_port(struct address_table *table, uint16_t port);
/* Forgets what is too old; returns how many. Some seconds between calls are fine. */
unsigned address_table_age(struct address_table *table, uint32_t now_s);
/* The addresses on a port, at most max of them; returns their number. */
unsigned address_table_of_port(const struct address_table *table, uint16_t port, struct mac *mac,
			       unsigned max);
unsigned address_table_count(const struct address_table *table);
unsigned address_table_count_port(const struct address_table *table, uint16_t port);

#endif
