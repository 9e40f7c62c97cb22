/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/ecn.h
 *
 * Explicit Congestion Notification in the packet that a frame carries: telling its sender to slow
 * down without a loss, where both ends said that they listen.
 *
 * RFC 3168 5 (the field), 5.3 (fragments are marked one by one), RFC 8311; RFC 1624 (the
 * IPv4 checksum is corrected, not made anew: a wrong one stays wrong).
 */
#ifndef BRIDGE_ECN_H
#define BRIDGE_ECN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sets CE in the IP header of any bytes of a frame.  True if it then says CE, be it from before;
 * false, and nothing changed: not ECN-capable, no IP, tagged, or cut short.  A superframe's header
 * speaks for all of its segments.
 */
bool ecn_mark(uint8_t *frame, size_t len);

#endif
