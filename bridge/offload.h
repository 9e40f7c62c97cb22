/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/offload.h
 *
 * The work that a NIC or a peer left to others: checksums and segmentation, in software; and
 * the check of metadata that came from a peer, which is hostile until it fits the frame.
 *
 * VIRTIO 1.2 5.1.6.2; RFC 9293 (TCP); RFC 8200; RFC 791 (IPv4 identification per segment);
 * RFC 3168 6.1.2 (CWR on the first segment only).
 */
#ifndef BRIDGE_OFFLOAD_H
#define BRIDGE_OFFLOAD_H

#include "base/frame.h"

#define OFFLOAD_MIN_SEGMENT \
	64 /* bytes of TCP payload; less would be an attack on whoever segments */

/*
 * Holds frame->offload against frame->bytes: the checksum's place lies inside and is that of TCP or
 * UDP of this very packet, a superframe is TCP over IPv4 or IPv6 as it says, without IP fragments,
 * its size is above gso_size, header_len is recomputed and right.  IPv6 extension headers
 * in a superframe: refused.  True if the kernel may see it; frame->offload is then exact.
 */
bool offload_check(struct frame *frame);

/* Called with each frame; offload is all zero. */
typedef void (*offload_emit)(void *owner, const struct frame *frame);

/*
 * Gives the frame without offload work: as it is if there is none, with its checksum filled in,
 * or cut into segments; each through `emit`, built in `scratch` (FRAME_MAX bytes).  The frame must have
 * passed offload_check or come from the kernel; false (nothing emitted) if it does not make
 * sense all the same.
 */
bool offload_finish(const struct frame *frame, uint8_t *scratch, offload_emit emit, void *owner);

#endif
