/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/flow.h
 *
 * To which flow a frame belongs: for queues that are fair between flows, and for whatever must not
 * change the order within one.  By a keyed hash, so that nobody can aim at another's flow.
 *
 * RFC 8290 4.1.1 (the 5-tuple); RFC 6437 is not used: few senders set a flow label.
 */
#ifndef BRIDGE_FLOW_H
#define BRIDGE_FLOW_H

#include "base/bytes.h"
#include "base/siphash.h"

/*
 * Of any bytes.  IP: both addresses, the protocol and, where they can be seen, the ports of TCP,
 * UDP, UDP-Lite, SCTP and DCCP; all fragments of a packet are one flow.  Others, ARP too: both MAC
 * addresses and the type.
 */
uint64_t flow_hash(const struct siphash_key *key, struct bytes frame);

#endif
