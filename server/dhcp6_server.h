/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_server.h
 *
 * The DHCPv6 server of the control thread:
 *
 *   config_dhcp6.c   [dhcp6]: what clients are given
 *   dhcp6_serve.c    which of it a client gets: the engine's view of its settings
 *   dhcp6_network.c  ... behind a relay: the network it is in
 *   dhcp6_server.c   its messages in, the answers out
 *   dhcp6_disk.c     leases to disk, answers when they are there
 *   dhcp6_life.c     start and end, what happens to leases other than by messages
 *   dhcp6_load.c     the leases of the state file into memory
 *   dhcp6_reconfigure.c  who hears that he should ask again
 *   dhcp6_rest.c     what of them nobody has is unreachable
 *   dhcp6_routes.c   the kernel's routes to delegated prefixes
 *   dhcp6_import.c   leases of other servers taken over
 *   dhcp6_show.c     leases shown, released and reserved by hand
 *   state_leases.c   what survives us
 *   lease_clock.c    the time that leases are measured by
 *
 * The engine itself is dhcp6/.
 */
#ifndef SERVER_DHCP6_SERVER_H
#define SERVER_DHCP6_SERVER_H

#include <jansson.h>

#include "base/frame.h"
#include "dhcp6/engine.h"
#include "server/state.h"

struct client;
struct server;
struct settings;
struct dhcp6_server;

/* Reads the leases and installs the routes of delegated prefixes.  -1 and a sentence, also if what is
 * on disk cannot be trusted. */
int dhcp6_server_open(struct server *server, struct err *err);
void dhcp6_server_close(struct dhcp6_server *dhcp6); /* NULL is fine; the loop must run once more */

/* The configuration was read again; before clients get their new settings. */
void dhcp6_server_configure(struct dhcp6_server *dhcp6);
/* ... and afterwards: who has a lease and is given something else now hears of it. */
void dhcp6_server_configured(struct dhcp6_server *dhcp6);
/* It is logged in, or has other settings than before. */
void dhcp6_server_serves(struct client *client);
/* A punted message of a client. */
void dhcp6_server_input(struct client *client, const struct frame *frame);
/* The end of a loop turn: what has changed goes to disk, and when it is there the answers leave. */
void dhcp6_server_turn_end(struct dhcp6_server *dhcp6);
/* The wall clock may have been set: called every few seconds. */
void dhcp6_server_check_clock(struct dhcp6_server *dhcp6);
/* The user was removed: all of their leases are over. */
void dhcp6_server_user_removed(struct dhcp6_server *dhcp6, const char *user);
/* Notices of the kernel's; `dhcp6` may be NULL. */
void dhcp6_server_routes_changed(struct dhcp6_server *dhcp6);
void dhcp6_server_link_changed(struct dhcp6_server *dhcp6);

/* ---- dhcp6_show.c ---- */

json_t *dhcp6_show_leases(struct dhcp6_server *dhcp6);
/* The lease with this address or prefix is over, and not even remembered. */
int dhcp6_release(struct dhcp6_server *dhcp6, const char *what, struct err *err);
/* `line` as in the configuration; "none ADDRESS" takes a reservation back. */
int dhcp6_reserve(struct dhcp6_server *dhcp6, const char *line, struct err *err);
/* For status: an object with an array of delegated prefixes for each user that has any. */
json_t *dhcp6_delegated(struct dhcp6_server *dhcp6);
json_t *dhcp6_status(struct dhcp6_server *dhcp6);
/* Whether it is leased to somebody. */
bool dhcp6_has_leased(struct dhcp6_server *dhcp6, const struct ip6 *address);

/* ---- dhcp6_import.c ---- */

struct dhcp6_import_order {
	struct bytes text;  /* the file */
	const char *format; /* NULL: guess */
	const char *user;   /* whose all of them are; NULL: as reservations say */
	bool first_come;    /* those that are nobody's wait for who comes first */
	bool dry_run;	    /* only say what would be */
};
/* What was imported, skipped and refused; NULL and a sentence: nothing was. */
json_t *dhcp6_import(struct dhcp6_server *dhcp6, const struct dhcp6_import_order *order,
		     struct err *err);

#endif
