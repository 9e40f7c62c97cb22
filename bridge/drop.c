/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/drop.c - the names of the reasons, as status, JSON and tests show them. */
#include "bridge/drop.h"

const char *const drop_name[DROP_REASONS] = {
	[DROP_NONE] = "none",
	[DROP_TOO_SHORT] = "too-short",
	[DROP_TOO_LONG] = "too-long",
	[DROP_OFFLOAD] = "offload",
	[DROP_VLAN] = "vlan",
	[DROP_SOURCE_MAC] = "source-mac",
	[DROP_RESERVED_MAC] = "reserved-mac",
	[DROP_MAC_LIMIT] = "mac-limit",
	[DROP_MAC_OWNED] = "mac-owned",
	[DROP_ROUTER_ADDRESS] = "router-address",
	[DROP_RA] = "ra",
	[DROP_REDIRECT] = "redirect",
	[DROP_DHCP6_SERVER] = "dhcp6-server",
	[DROP_DHCP4_SERVER] = "dhcp4-server",
	[DROP_ND_FRAGMENT] = "nd-fragment",
	[DROP_HIDDEN_UPPER] = "hidden-upper",
	[DROP_HEADER_CHAIN] = "header-chain",
	[DROP_SAME_PORT] = "same-port",
	[DROP_ISOLATED] = "isolated",
	[DROP_NO_PORT] = "no-port",
	[DROP_QUEUE_FULL] = "queue-full",
	[DROP_QUEUE_OLD] = "queue-old",
	[DROP_CODEL] = "codel",
	[DROP_MAILBOX_FULL] = "mailbox-full",
	[DROP_TAP] = "tap",
	[DROP_FLOOD_RATE] = "flood-rate",
	[DROP_PUNT_RATE] = "punt-rate",
};

/* A reason added behind the last one would have no name. */
_Static_assert(DROP_REASONS == DROP_PUNT_RATE + 1, "name every reason");
