/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/engine.h
 *
 * The DHCPv6 server's answers: bytes, link, identity and now in; bytes out.
 *
 * RFC 9915 18.3 (server behaviour), 18.3.11 and 20.4 (Reconfigure), 19 (relays); RFC 6603, 8168,
 * 8415's obsolete parts are left out as RFC 9915 appendix A says: IA_TA, Server Unicast, UseMulticast.
 */
#ifndef DHCP6_ENGINE_H
#define DHCP6_ENGINE_H

#include "dhcp6/handout.h"
#include "dhcp6/leases.h"
#include "dhcp6/validity.h"

#define DHCP6_MAX_ON_LINK 16

/* What one client is served from: of its group, its port, its relay's link.  All is borrowed. */
struct dhcp6_link {
	struct dhcp6_duid server_id;
	/* The link's prefixes: what an address here must be of (18.3.2, 18.3.3). */
	unsigned on_link_count;
	struct prefix6 on_link[DHCP6_MAX_ON_LINK];
	struct dhcp6_elsewhere elsewhere;
	/* None: stateless, IAs are told that there is nothing. */
	unsigned pool_count;
	struct dhcp6_pool pool[DHCP6_MAX_POOLS];
	unsigned reservation_count;
	const struct dhcp6_reservation *reservation; /* by dhcp6_reservations_sort */
	uint32_t preferred_s,
		valid_s; /* of leases; T1 and T2 are half and four fifths of preferred */
	bool rapid_commit;
	bool registration;  /* RFC 9686 */
	uint8_t preference; /* 21.8; 0: not said */
	const struct dhcp6_handout *handout;
	struct siphash_key choice_key; /* see dhcp6_pool_walk */
	/* 20.4: what the keys for Reconfigure are made from; all zero: none is handed out */
	struct siphash_key reconfigure_key;
	uint64_t replay; /* 20.3: numbers up to this one were used, whatever the clock says */
	/* Is somebody else than this client seen using it?  May be NULL. */
	bool (*in_use)(void *owner, const struct prefix6 *what,
		       const struct dhcp6_identity *identity);
	void *owner;
};

/* How the message came. */
struct dhcp6_arrival {
	const char *user; /* of the session */
	struct mac mac;	  /* of the frame */
	struct ip6 source;
	struct ip6 gateway; /* where what is delegated leads; unspecified: to the source */
	bool unicast;	    /* to an address that is not a group's */
};

/*
 * Answers one message that dhcp6_request_parse took.
 *
 *   now_s    wall clock
 *   answer   an empty writer over as many bytes as may be sent: options that were asked for and do
 *            not fit are left out, the rest has to fit
 *
 * Returns DHCP6_ANSWERED with the payload in `answer`, for arrival->source (a relay's answer goes
 * there too; a registration's to the address itself, which is the same), or the reason for
 * silence.  Any other reason than DHCP6_ANSWERED leaves the leases as they were.
 * The answer must not leave before all that dhcp6_leases_save has to save is durable; an Advertise may,
 * as it promises nothing.
 */
enum dhcp6_result dhcp6_answer(struct dhcp6_leases *leases, const struct dhcp6_link *link,
			       const struct dhcp6_arrival *arrival,
			       const struct dhcp6_request *request, uint64_t now_s,
			       struct writer *answer);

/* 20.4: the key that this client's Reconfigure messages are signed with.  Made, not kept: the same
 * after a restart, another one for another user with this DUID. */
struct dhcp6_reconfigure_key {
	uint8_t octet[16];
};
struct dhcp6_reconfigure_key dhcp6_reconfigure_key_of(const struct dhcp6_link *link,
						      const char *user,
						      const struct dhcp6_duid *duid);

/* Does the link give this to its client? */
bool dhcp6_link_gives(const struct dhcp6_link *link, const struct dhcp6_lease *lease);
/* What of a delegated prefix stays ours, RFC 6603; false: nothing. */
bool dhcp6_link_exclude(const struct dhcp6_link *link, const struct prefix6 *what,
			struct prefix6 *exclude);

#endif
