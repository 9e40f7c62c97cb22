/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_inside.h
 *
 * The interface, and what the host made of the router's words.  RFC 4861, 4862, 4191.
 */
#ifndef CLIENT_DOCTOR_JUDGE_INSIDE_H
#define CLIENT_DOCTOR_JUDGE_INSIDE_H

#include "bridge/link.h"
#include "client/doctor_findings.h"
#include "radvd-lite/ra.h"

struct interface_facts {
	const char *tap, *bridge; /* bridge: NULL if there is none */
	bool there, up, carrier, bridge_up;
	unsigned mtu;
};
void judge_interface(struct findings *findings, const struct interface_facts *facts);

/* What the interface's settings are: -1 if the kernel does not have one. */
struct host_facts {
	const char *interface;
	bool office;	     /* a bridge: its settings are its owner's, not ours */
	const char *manager; /* "systemd-networkd", "NetworkManager"; NULL: the kernel */
	bool hands_off;	     /* the profile says that the client is to change nothing */
	int disable_ipv6, accept_ra, forwarding, autoconf, accept_ra_pinfo, accept_ra_defrtr;
	int route_min_len, route_max_len; /* accept_ra_rt_info_*_plen */
};

/* `address`: those of the interface. */
void judge_link_local(struct findings *findings, const struct host_facts *host,
		      const struct link_address *address, unsigned count);

struct ra_facts {
	bool heard_by_client; /* it came through the tunnel */
	bool heard_by_host;   /* it passed this host's firewall, or the kernel obeyed it */
	/* what was heard, if it was by the host */
	struct ip6 from;
	const struct ra *ra; /* lifetimes: what is left of them */
	uint32_t age_s;
	int64_t next_s; /* until the next one is due at the latest, 0: now; INT64_MAX: unknown */
};
void judge_ra(struct findings *findings, const struct host_facts *host,
	      const struct ra_facts *facts);
/* When the next one after a new one is due, by what its router promises: RFC 4861 6.2.1 makes
 * lifetimes three times the longest interval. */
int64_t ra_next_s(const struct ra *ra);

/* NULL if the kernel does as the advertisement says on this interface, else why it does not. */
const char *host_refuses_prefixes(const struct host_facts *host);
const char *host_refuses_routes(const struct host_facts *host, uint8_t prefix_len);

/* `taken`: the address that the prefix would make here, if another machine answers at it; NULL. */
void judge_address(struct findings *findings, const struct host_facts *host,
		   const struct ra_prefix *prefix, const struct link_address *address,
		   unsigned count, const struct ip6 *taken);

void judge_route(struct findings *findings, const struct host_facts *host,
		 const struct ra_route *wanted, const struct ip6 *router,
		 const struct link_route *route, unsigned count);

#endif
