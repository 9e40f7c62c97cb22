/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/guard.h
 *
 * What a client's port may send: first-hop security on the way in.  Pure: one frame and a
 * policy in, a verdict out.  It walks the whole IPv6 header chain, so that nothing hides behind
 * extension headers or fragments.
 *
 * RFC 6105 and 7113 (RA-Guard), RFC 7112 (header chain in the first fragment), RFC 6980 (no
 * fragmented ND), RFC 7610 (DHCPv6-Shield), IEEE 802.1Q 8.6.3 (reserved addresses).
 */
#ifndef BRIDGE_GUARD_H
#define BRIDGE_GUARD_H

#include "base/frame.h"
#include "base/packet.h"
#include "bridge/drop.h"

#define GUARD_MAX_HEADERS 8 /* extension headers in one packet */
#define GUARD_MAX_CHAIN 256 /* bytes of them */
#define GUARD_MAX_ROUTER_ADDRESSES 320

struct guard_policy {
	struct mac router_mac;	       /* zero: not known */
	unsigned router_address_count; /* the router's own addresses, its link-local first */
	struct ip6 router_address[GUARD_MAX_ROUTER_ADDRESSES];
	/* RS go to the control thread and to the TAP: the kernel there is the router whose neighbour
	 * cache they update (RFC 4861 6.2.6), or leads to the LAN's other routers */
	bool punt_rs;
	/* DHCPv6 to servers in general, or to an address of the router, goes to the control thread
	 * only; to another server's address it passes */
	bool punt_dhcp6;
};

/* PUNT_RA is the switch's alone: other routers' from the TAP, which the guard does not judge. */
enum guard_action { GUARD_PASS, GUARD_DROP, GUARD_PUNT_RS, GUARD_PUNT_DHCP6, GUARD_PUNT_RA };

struct guard_verdict {
	enum guard_action action;
	enum drop_reason reason; /* of GUARD_DROP */
};

/*
 * Judges any bytes.  Dropped besides what the reasons of bridge/drop.h say:
 *   IP, ARP or a tag wrapped in LLC/SNAP, and LLC longer than the frame (DROP_HEADER_CHAIN,
 *     DROP_TOO_SHORT): some receivers unwrap them, CVE-2021-27853 and -27861
 *   later fragments that begin where the first one's headers were (DROP_HIDDEN_UPPER)
 * An RA or Redirect is dropped whatever its hop limit, source, length or checksum.  Packets
 * inside tunnels (IPv6 in IPv6, GRE, VXLAN...) are not looked into.
 * Only whole packets are punted; a fragmented one passes.
 */
struct guard_verdict guard_check(const struct guard_policy *policy, const struct frame *frame);

/* Whether no bridge may forward to this address: IEEE 802.1Q table 8-1 (01:80:c2:00:00:00 to
 * :0f), the registration groups (:20 to :2f), and vendors' groups that Open vSwitch keeps too. */
bool guard_reserved_mac(const struct mac *mac);

#endif
