/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/snoop.h
 *
 * Which addresses sit behind a port, learned from neighbour discovery and ARP that cross it:
 * for status and logs ("who has this address?").  Pure; RFC 4861 7, RFC 4862 5.4 (DAD), RFC 826.
 *
 * An address's table is bounded: the one not seen for longest gives way.
 */
#ifndef BRIDGE_SNOOP_H
#define BRIDGE_SNOOP_H

#include "base/frame.h"
#include "base/packet.h"

#define SNOOP_MAX 64 /* addresses per port */

struct snooped {
	struct ip6 address; /* IPv4 as ::ffff:a.b.c.d */
	struct mac mac;
};

/* True if the frame tells an address of its sender: NS (its source, or the target when it
 * comes from ::), NA (its target), RS, ARP. */
bool snoop_frame(const struct frame *frame, struct snooped *found);

struct snoop_entry {
	struct snooped is;
	uint64_t seen_ms, told_ms;
};

struct snoop_table {
	unsigned count;
	struct snoop_entry entry[SNOOP_MAX];
};

/* Notes it.  True if others should hear of it: it is new, has another MAC than before, or was
 * told to them again_ms ago or longer. */
bool snoop_note(struct snoop_table *table, const struct snooped *found, uint64_t now_ms,
		uint64_t again_ms);

#endif
