/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/leases.h
 *
 * Who has which address or prefix until when: the table in memory, and what of it has to be made
 * durable before an answer may leave.
 *
 * Times are wall-clock seconds, brought by the caller; the table reads no clock and does no I/O.
 * One table belongs to one thread.  No two leases of addresses and prefixes overlap.
 */
#ifndef DHCP6_LEASES_H
#define DHCP6_LEASES_H

#include "dhcp6/pool.h"

enum dhcp6_state {
	DHCP6_OFFERED, /* advertised, held for a moment; not durable */
	DHCP6_ACTIVE,
	DHCP6_DECLINED,	  /* a client found somebody else using it (18.3.8): nobody's for a while */
	DHCP6_REMEMBERED, /* over, but its client gets it again if he comes */
	DHCP6_FORGOTTEN,  /* only its removal from the store is still to be done */
	DHCP6_STATES
};
extern const char *const dhcp6_state_name[DHCP6_STATES];

struct dhcp6_lease {
	struct prefix6 what;
	enum dhcp6_kind kind;
	enum dhcp6_state state;	   /* only the functions below change it */
	enum dhcp6_state saved;	   /* as the store has it; DHCP6_OFFERED: it has none */
	char user[DHCP6_USER_MAX]; /* "": nobody's yet, see dhcp6_leases_import */
	struct dhcp6_duid duid;
	uint32_t iaid;
	bool reconfigure; /* the client takes Reconfigure messages */
	uint64_t told;	  /* digest of the options as last said; 0: not known, it is not stored */
	bool has_mac;
	struct mac mac;
	char host[DHCP6_HOST_MAX];
	struct dhcp6_relay_id interface_id, remote_id; /* len 0: it came by no relay that says it */
	bool takes_exclude;	 /* the client knows RFC 6603, and was told: */
	struct prefix6 excluded; /* of the prefix this is not his; len 0: all of it is */
	struct ip6 peer; /* the client's address that it asked from: where a prefix is routed to */
	uint64_t since_s, renewed_s, until_s; /* until: of the state */
	uint32_t preferred_s, valid_s;	      /* as last given */
	uint64_t row; /* its number in the store, from 1: given by the table, in order */
};

struct dhcp6_leases_config {
	unsigned max_leases;	      /* in all, remembered ones included */
	unsigned max_per_user;	      /* offered, active and declined; as many are remembered */
	uint32_t offer_s;	      /* default 60 */
	uint32_t quarantine_s;	      /* default a day */
	uint32_t remember_s;	      /* default 30 days */
	struct siphash_key table_key; /* random at each start */
};
void dhcp6_leases_config_defaults(struct dhcp6_leases_config *config);

struct dhcp6_leases;

/* NULL when memory is short. */
struct dhcp6_leases *dhcp6_leases_new(const struct dhcp6_leases_config *config);
void dhcp6_leases_free(struct dhcp6_leases *leases);
/* Limits and times count from now on. */
void dhcp6_leases_configure(struct dhcp6_leases *leases, const struct dhcp6_leases_config *config);

/* What has run out by now changes its state.  Call before others; it costs what it changes. */
void dhcp6_leases_expire(struct dhcp6_leases *leases, uint64_t now_s);
/* When the next one runs out; UINT64_MAX: never. */
uint64_t dhcp6_leases_due_s(const struct dhcp6_leases *leases);

/* The leases of an IA, one after the other; `after` NULL: the first.  All states but forgotten. */
struct dhcp6_lease *dhcp6_leases_of(struct dhcp6_leases *leases, enum dhcp6_kind kind,
				    const struct dhcp6_identity *identity,
				    const struct dhcp6_lease *after);
/* The lease of exactly this, or NULL.  Registered addresses are found with `registered` only. */
struct dhcp6_lease *dhcp6_leases_find(struct dhcp6_leases *leases, const struct prefix6 *what,
				      bool registered);
/* The leases of addresses and prefixes that overlap `what`, the lowest first; NULL: no more. */
struct dhcp6_lease *dhcp6_leases_overlap(struct dhcp6_leases *leases, const struct prefix6 *what,
					 const struct dhcp6_lease *after);
/* All of a user's, forgotten ones included; `after` NULL: the first. */
struct dhcp6_lease *dhcp6_leases_of_user(struct dhcp6_leases *leases, const char *user,
					 const struct dhcp6_lease *after);
/* All, in no order that means anything; `after` NULL: the first. */
const struct dhcp6_lease *dhcp6_leases_next(const struct dhcp6_leases *leases,
					    const struct dhcp6_lease *after);
/* The longest-ago ended lease that is only remembered, then the next; NULL: no more. */
struct dhcp6_lease *dhcp6_leases_oldest(struct dhcp6_leases *leases,
					const struct dhcp6_lease *after);

/* May the user have one more? */
bool dhcp6_leases_have_room(struct dhcp6_leases *leases, const char *user);

/*
 * A search of the pool found nothing: so it stays until something that it has is forgotten, and for
 * DHCP6_FULL_S at most.  Apart from `tries`: those that nobody has leased, but somebody uses.
 */
#define DHCP6_FULL_S 5
#define DHCP6_FULL_TRIES 8
struct dhcp6_full_tries {
	unsigned count;
	struct prefix6 what[DHCP6_FULL_TRIES];
};
void dhcp6_leases_note_full(struct dhcp6_leases *leases, const struct dhcp6_pool *pool,
			    const struct dhcp6_full_tries *tries, uint64_t now_s);
/* NULL: it has to be searched. */
const struct dhcp6_full_tries *
dhcp6_leases_found_full(struct dhcp6_leases *leases, const struct dhcp6_pool *pool, uint64_t now_s);

/*
 * A new offered lease (or, with kind DHCP6_REGISTERED, an active one until `now_s`).  What is only
 * remembered and overlaps it is forgotten.  NULL if else something does, or user or table are full.
 */
struct dhcp6_lease *dhcp6_leases_add(struct dhcp6_leases *leases, const struct prefix6 *what,
				     enum dhcp6_kind kind, const struct dhcp6_identity *identity,
				     uint64_t now_s);
/* Offers a remembered lease to its client again; false when he is full. */
bool dhcp6_lease_offer(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s);
/* Given for lease->valid_s seconds from now. */
void dhcp6_lease_activate(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s);
void dhcp6_lease_decline(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s);
/* The client of an active lease takes Reconfigure messages, or takes them no more. */
void dhcp6_lease_accept(struct dhcp6_leases *leases, struct dhcp6_lease *lease, bool reconfigure);
/* Over: remembered from now on (an offer: forgotten). */
void dhcp6_lease_release(struct dhcp6_leases *leases, struct dhcp6_lease *lease, uint64_t now_s);
/* Not even remembered; the pointer is then nobody's. */
void dhcp6_lease_forget(struct dhcp6_leases *leases, struct dhcp6_lease *lease);

/* ---- lease_import.c ---- */

/*
 * An active lease that another server has given until row->until_s.  With user "" it is nobody's
 * yet: nobody else is given it, no session has it, and it waits for dhcp6_leases_adopt.  What is only
 * remembered and overlaps it is forgotten.
 */
enum dhcp6_imported {
	DHCP6_IMPORTED,
	DHCP6_IMPORTED_BEFORE, /* this client has exactly this already; nothing is changed */
	DHCP6_IMPORT_TAKEN,    /* something overlaps it that somebody has */
	DHCP6_IMPORT_USER_FULL,
	DHCP6_IMPORT_TABLE_FULL,
	DHCP6_IMPORT_SENSELESS,
};
enum dhcp6_imported dhcp6_leases_import(struct dhcp6_leases *leases, const struct dhcp6_lease *row);
/* The lease, so far nobody's, is this user's from now on; false when he is full. */
bool dhcp6_lease_adopt(struct dhcp6_leases *leases, struct dhcp6_lease *lease, const char *user);

struct dhcp6_leases_counts {
	unsigned state[DHCP6_STATES], users, unsaved;
};
struct dhcp6_leases_counts dhcp6_leases_count(const struct dhcp6_leases *leases);

#endif
