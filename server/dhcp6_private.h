/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_private.h - what dhcp6_server.c, dhcp6_serve.c and dhcp6_show.c share. */
#ifndef SERVER_DHCP6_PRIVATE_H
#define SERVER_DHCP6_PRIVATE_H

#include "server/dhcp6_counts.h"
#include "server/dhcp6_handout.h"
#include "server/dhcp6_reconfigure.h"
#include "server/dhcp6_rest.h"
#include "server/dhcp6_routes.h"
#include "server/dhcp6_server.h"
#include "server/lease_clock.h"
#include "server/server_private.h"
#include "server/state_leases.h"
#include "server/state_sync.h"

#define DHCP6_LETTERS_BYTES (1u << 20)

/* Answers that wait for the disk. */
struct dhcp6_letters {
	size_t len;
	uint8_t *
		bytes; /* [DHCP6_LETTERS_BYTES] of struct dhcp6_waiting and the payload behind it */
};

struct dhcp6_server {
	struct server *server;
	struct dhcp6_duid duid;
	struct siphash_key reconfigure_key;
	struct lease_clock clock;
	struct dhcp6_leases *leases;
	struct dhcp6_store store;
	struct state_leases *on_disk;
	struct dhcp6_routes *routes;
	struct dhcp6_rest *rest;
	struct dhcp6_reconfigure *reconfigure;
	bool failing;	  /* the latest writing failed, and was logged */
	uv_timer_t timer; /* when a lease is over */
	/* everybody's, sorted: what is kept for one is not given to another */
	unsigned reservation_count;
	struct dhcp6_reservation *reservation;
	struct state *beside;		/* leases are written through it */
	struct state_sync *sync;	/* ... and synced by this one's thread */
	struct dhcp6_letters held;	/* until what has changed is committed */
	struct dhcp6_letters committed; /* until that is on disk */
	uint64_t commit_began_ns;
	uint64_t received, sent, unsent, results[DHCP6_RESULTS];
	struct dhcp6_counts counts;
	struct lease_news news; /* of the transaction that goes on */
};

/* A message to a client; the payload follows. */
struct dhcp6_waiting {
	struct mail_port port;
	uint8_t worker;
	struct packet_ends ends;
	uint16_t source_port, destination_port;
	uint32_t len;
};

/* ---- dhcp6_server.c ---- */

/* At once.  False: its worker takes no more, which was counted. */
bool dhcp6_send(struct dhcp6_server *dhcp6, const struct dhcp6_waiting *letter,
		const uint8_t *payload);

/* ---- dhcp6_disk.c ---- */

int dhcp6_disk_open(struct dhcp6_server *dhcp6, struct err *err);
void dhcp6_disk_close(struct dhcp6_server *dhcp6); /* of whatever of it is open */
/* All that has changed, in one transaction, and the routes with it; waits for the disk.  -1: it is
 * not on disk, which was logged. */
int dhcp6_save(struct dhcp6_server *dhcp6);
/* Is there room for one more answer?  If not, waits for the disk until there is. */
bool dhcp6_has_room(const struct dhcp6_server *dhcp6);
void dhcp6_finish(struct dhcp6_server *dhcp6);
/* Leaves when all that has changed by now is on disk; never, if that fails. */
void dhcp6_hold(struct dhcp6_server *dhcp6, const struct dhcp6_waiting *letter,
		const uint8_t *payload);
/* Has it a route? */
bool dhcp6_is_routed(const struct dhcp6_lease *lease);

/* ---- dhcp6_life.c ---- */

uint64_t dhcp6_now_s(const struct dhcp6_server *dhcp6);
/* For the next lease to end, or the next try to write. */
void dhcp6_wait_for_the_next(struct dhcp6_server *dhcp6);
/* An empty table under the configuration's limits; NULL and a sentence. */
struct dhcp6_leases *dhcp6_new_table(struct server *server, struct err *err);

/* ---- dhcp6_load.c ---- */

/* The state file's leases, in the place of those in memory, if there are any.  What cannot be used is
 * left out and told. */
int dhcp6_load(struct dhcp6_server *dhcp6, struct err *err);

/* ---- dhcp6_serve.c, dhcp6_network.c ---- */

/* What the client is served from; borrows the handout.  False: it gets no answer. */
bool dhcp6_serve_client(struct dhcp6_server *dhcp6, const struct client *client,
			struct dhcp6_link *link, struct dhcp6_handout *handout);
/*
 * And what is left of that for one in the network that its relay says, NULL for one on our own link:
 * what is of other networks is nothing for it.
 */
void dhcp6_serve_network(const struct dhcp6_settings *settings, const struct ip6 *relay_link,
			 struct dhcp6_link *link);
/* The pools alone of such settings, all reservations, and what is in use. */
void dhcp6_serve_pools(struct dhcp6_server *dhcp6, const struct dhcp6_settings *settings,
		       struct dhcp6_link *link);
/* Reads all reservations again, of the configuration and of the state file. */
int dhcp6_serve_reservations(struct dhcp6_server *dhcp6, struct err *err);

#endif
