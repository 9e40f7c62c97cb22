/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_leases.h
 *
 * DHCPv6 leases and reservations in the state file.  The store of dhcp6/store.h: what was committed is
 * on disk at once, or, through a state_open_beside, when that is synced.
 */
#ifndef SERVER_STATE_LEASES_H
#define SERVER_STATE_LEASES_H

#include "dhcp6/store.h"
#include "server/state.h"

struct state_leases;

/* NULL and a sentence.  `state` must outlive it. */
struct state_leases *state_leases_open(struct state *state, struct err *err);
void state_leases_close(struct state_leases *leases); /* NULL is fine */

/* The functions of struct dhcp6_store; `owner` is a struct state_leases. */
int state_leases_begin(void *owner, struct err *err);
int state_leases_put(void *owner, const struct dhcp6_lease *lease, struct err *err);
int state_leases_remove(void *owner, const struct dhcp6_lease *lease, struct err *err);
int state_leases_commit(void *owner, struct err *err);
void state_leases_rollback(void *owner);

/* All rows; those that no server can have written are counted in *bad and left out. */
typedef void (*state_lease_visit)(void *owner, const struct dhcp6_lease *row);
int state_leases_read(struct state *state, state_lease_visit each, void *owner, unsigned *bad,
		      struct err *err);
/* All times of all leases are `by_s` seconds later (or, below 0, earlier) from now on: the clock that
 * they were measured by was set. */
int state_leases_shift(struct state *state, int64_t by_s, struct err *err);
/* The latest moment at which any lease was written; 0: there is none. */
int state_leases_newest(struct state *state, uint64_t *at_s, struct err *err);

/* Reservations that were made with `lanyard lease reserve`, as lines of the key `reserve`. */
typedef void (*state_reservation_visit)(void *owner, const char *line);
int state_reservations_read(struct state *state, state_reservation_visit each, void *owner,
			    struct err *err);
/* Takes the place of another one of the same address or prefix. */
int state_reservation_put(struct state *state, const char *what, const char *line, struct err *err);
/* ERR_NO_OBJECT if there is none. */
int state_reservation_remove(struct state *state, const char *what, struct err *err);

#endif
