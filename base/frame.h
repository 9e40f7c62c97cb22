/* SPDX-License-Identifier: Apache-2.0 */
/* base/frame.h
 *
 * An Ethernet frame on its way through the program: borrowed bytes and what is still to be
 * done with them.  A frame is valid during the call that passes it; who keeps it copies it.
 *
 * The offload words are those of a virtio-net header (VIRTIO 1.2, section 5.1.6), in host
 * order, with what each means to us:
 *   none          a frame to be taken as it is
 *   needs_csum    the 16-bit one's complement sum from csum_start to the end of the frame
 *                 is still to be stored at csum_start + csum_offset (the pseudo-header's
 *                 sum is there already)
 *   gso           a superframe: the TCP payload is to be cut into pieces of gso_size bytes
 *                 before it meets a medium that has no segmentation offload
 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include "base/bytes.h"

enum gso { GSO_NONE = 0, GSO_TCP4 = 1, GSO_TCP6 = 4 }; /* values of virtio_net_hdr.gso_type */

struct offload {
	uint8_t gso;  /* enum gso */
	bool gso_ecn; /* the superframe has CWR set (VIRTIO_NET_HDR_GSO_ECN) */
	bool needs_csum;
	uint16_t gso_size;   /* payload bytes per segment, 0 without gso */
	uint16_t header_len; /* Ethernet to the end of the TCP header, 0 without gso */
	uint16_t csum_start;
	uint16_t csum_offset;
};

struct frame {
	struct bytes bytes; /* from the Ethernet destination on; no preamble, no FCS */
	struct offload offload;
};

#define FRAME_MIN 14	/* an Ethernet header */
#define FRAME_MAX 65550 /* Ethernet header + 65,535 + one byte to spare, even */

#endif
