/* SPDX-License-Identifier: Apache-2.0 */
/* base/pcapng.h
 *
 * Captured frames as a pcapng stream (draft-ietf-opsawg-pcapng): blocks built and taken apart.
 *
 * Why pcapng: it has whole Ethernet frames, the direction of each and a name for each interface,
 * and tcpdump, Wireshark and tshark read it.  In classic pcap a frame has a direction only with
 * LINKTYPE_LINUX_SLL2, which has no room for the frame's destination address.
 *
 * A stream of ours is one section, big-endian, whose interfaces are all Ethernet with times in
 * nanoseconds; a reader here knows exactly that and calls everything else bad.
 */
#ifndef BASE_PCAPNG_H
#define BASE_PCAPNG_H

#include "base/bytes.h"
#include "base/frame.h"

#define PCAPNG_SNAPLEN 262144 /* what tcpdump and Wireshark take as "all of it" */
#define PCAPNG_NAME_MAX 80    /* of an interface, with the NUL */
#define PCAPNG_BLOCK_MAX (FRAME_MAX + 1024)

/* Values of epb_flags, bits 0 and 1. */
enum pcapng_direction { PCAPNG_UNKNOWN = 0, PCAPNG_IN = 1, PCAPNG_OUT = 2 };

struct pcapng_packet {
	uint32_t interface; /* the number of its block in the section */
	uint64_t time_ns;   /* since 1970 */
	uint32_t original_len;
	enum pcapng_direction direction;
	struct bytes bytes; /* perhaps fewer than original_len */
};

struct pcapng_statistics {
	uint32_t interface;
	uint64_t time_ns;
	uint64_t received, dropped; /* frames that matched; of these lost for want of room */
};

/* Each writes a whole block; w->full if it had no room.  Texts are cut to 255 bytes. */
void pcapng_write_section(struct writer *w, const char *application);
/* filter: of pcap-filter(7); "" is none. */
void pcapng_write_interface(struct writer *w, const char *name, const char *filter,
			    uint32_t snaplen);
void pcapng_write_packet(struct writer *w, const struct pcapng_packet *packet);
void pcapng_write_statistics(struct writer *w, const struct pcapng_statistics *statistics);

enum pcapng_kind {
	PCAPNG_SECTION,
	PCAPNG_INTERFACE,
	PCAPNG_PACKET,
	PCAPNG_STATISTICS,
	PCAPNG_OTHER, /* to be passed over */
};

struct pcapng_block {
	enum pcapng_kind kind;
	struct bytes whole; /* the block as it came */
	union {
		char name[PCAPNG_NAME_MAX]; /* PCAPNG_INTERFACE */
		struct pcapng_packet packet;
		struct pcapng_statistics statistics;
	};
};

/* Steps over the next block.  False: it is not all there yet (the reader is where it was), or it is
 * none of ours (r->bad). */
bool pcapng_read(struct reader *r, struct pcapng_block *block);

#endif
