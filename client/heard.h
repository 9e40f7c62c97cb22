/* SPDX-License-Identifier: Apache-2.0 */
/* client/heard.h
 *
 * What the router said, as the client overhears it on the tunnel: the latest Router
 * Advertisement, all parts of it, and when it came.  For status only: it is the kernel that obeys.
 */
#ifndef CLIENT_HEARD_H
#define CLIENT_HEARD_H

#include "base/frame.h"
#include "radvd-lite/ra.h"

struct heard {
	bool any;
	uint64_t at_ms;
	struct ip6 from;
	struct ra ra;
};

/* Notes the frame if it is a valid Router Advertisement (RFC 4861 6.1.2); true if it was. */
bool heard_frame(struct heard *heard, const struct frame *frame, uint64_t now_ms);

#endif
