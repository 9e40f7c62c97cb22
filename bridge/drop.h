/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/drop.h
 *
 * Why a frame was dropped: what is counted per port, and shown by name in status, JSON and tests.
 */
#ifndef BRIDGE_DROP_H
#define BRIDGE_DROP_H

enum drop_reason {
	DROP_NONE, /* it was not */
	/* form */
	DROP_TOO_SHORT, /* shorter than its headers say */
	DROP_TOO_LONG,	/* larger than the port takes */
	DROP_OFFLOAD,	/* the peer's offload metadata does not fit the frame */
	DROP_VLAN,	/* tagged: VLANs do not cross a client's port */
	/* who sent it */
	DROP_SOURCE_MAC,   /* multicast, zero or the router's */
	DROP_RESERVED_MAC, /* to a link-constrained group, IEEE 802.1Q table 8-1 and vendors' like */
	DROP_MAC_LIMIT,	   /* more addresses than the port may have */
	DROP_MAC_OWNED,	   /* another port's address */
	DROP_ROUTER_ADDRESS, /* claims an address of the router */
	/* first-hop guards */
	DROP_RA,	   /* Router Advertisement, RFC 6105 */
	DROP_REDIRECT,	   /* ICMPv6 Redirect */
	DROP_DHCP6_SERVER, /* RFC 7610 */
	DROP_DHCP4_SERVER,
	DROP_ND_FRAGMENT,  /* fragmented neighbour discovery, RFC 6980 */
	DROP_HIDDEN_UPPER, /* a first fragment without the whole header chain, RFC 7112 */
	DROP_HEADER_CHAIN, /* too many, too long or unknown extension headers, RFC 7113 */
	/* switching */
	DROP_SAME_PORT,	   /* its destination is where it came from */
	DROP_ISOLATED,	   /* from a client to a client, both isolated */
	DROP_NO_PORT,	   /* the port went away meanwhile */
	DROP_QUEUE_FULL,   /* the receiver is too slow: bytes */
	DROP_QUEUE_OLD,	   /* the receiver is too slow: time */
	DROP_CODEL,	   /* its flow kept a queue standing, and takes no mark (RFC 8289) */
	DROP_MAILBOX_FULL, /* another worker is too far behind */
	DROP_TAP,	   /* the kernel did not take it */
	DROP_FLOOD_RATE, /* more broadcasts, multicasts and unknown unicasts than a client may send */
	DROP_PUNT_RATE, /* more solicitations than the control thread answers */
	DROP_REASONS,
};

extern const char *const drop_name[DROP_REASONS]; /* "ra", "nd-fragment", ... */

#endif
