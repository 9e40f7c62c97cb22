/* SPDX-License-Identifier: Apache-2.0 */
/* server/clients.h - the table of clients that are logged in.  Control thread only. */
#ifndef SERVER_CLIENTS_H
#define SERVER_CLIENTS_H

#include <uv.h>

#include "radvd-lite/ra_farewell.h"
#include "radvd-lite/ra_schedule.h"
#include "server/events.h"
#include "server/mailbox.h"
#include "server/policy.h"
#include "server/seen.h"
#include "server/state.h"
#include "server/traffic.h"

struct history_ring;
struct server;
struct settings;

/* A client that is logged in, as the control thread knows it. */
struct client {
	struct server *server;
	uint32_t id; /* what people call it; never used twice */
	struct mail_port is;
	uint8_t worker;
	bool added; /* the worker has it: frames can be sent to it */
	bool leaving;
	enum goodbye_reason leaving_reason;
	char leaving_why[MESSAGE_TEXT_MAX];		  /* what it is told */
	char user[STATE_USER_MAX], group[STATE_USER_MAX]; /* group: "" is none */
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	uint8_t authority[PKI_FINGERPRINT_LEN]; /* of the latest certificate that it has */
	unsigned proofs;			/* it showed: bits of enum policy_proof */
	struct state_user account;		/* what the state file says of its user */
	struct policy policy;			/* what the configuration does */
	struct hello hello;
	char remote[REMOTE_TEXT];
	enum tls_suite suite;
	char aead[16];
	uint64_t since_ms;
	uint64_t renewed_ms;	   /* its latest request for a certificate; 0: none */
	uint64_t authorities_told; /* see credentials_tell */
	struct settings *settings;
	struct ra_schedule advertising;
	bool told;	    /* it was told by the router of ... */
	struct ip6 told_by; /* ... this link-local address */
	struct mac told_mac;
	struct settings *ceased;    /* those whose final RAs are not all said; or NULL */
	struct farewells farewells; /* what it was told and is true no longer */
	uv_timer_t timer;	    /* the next advertisement */
	struct seen_table neighbours;
	struct traffic counted;	      /* of its port, what its group has already */
	struct history_ring *history; /* of the last hour; NULL before its first step is over */
	uint64_t recorded_rx, recorded_tx; /* what is in it */
	uint64_t guarded;		   /* of its frames, as far as that was an event */
	struct event_again guard_events;
	bool came_told;	  /* its login is an event */
	bool reconfigure; /* its leases are to be looked at, see dhcp6_reconfigure.h */
	struct client *next, **link;
};

struct client *client_add(struct server *server, const struct mail_login *login,
			  const struct state_user *user, struct mail_port port, uint8_t worker);
void client_remove(struct client *client);
void clients_changed(struct server *server); /* their number did: tell systemd */
struct client *client_of(struct server *server, const struct mail_port *port); /* NULL: gone */
/* Its worker has it now.  False if it is to go at once: that was decided meanwhile. */
bool client_added(struct client *client);
/* Its user is in another group now ("": in none). */
void client_set_group(struct client *client, const char *group);
/* Asks its worker to close it; the client stays in the table until that is done. */
void client_drop(struct client *client, enum goodbye_reason reason, const char *text);
/* Is it called so: by number, by user (all of theirs), or by device name? */
bool client_is_named(const struct client *client, const char *text);
/* "client 17 (alice, 192.0.2.7:51000)": the subject of log lines. */
const char *client_text(const struct client *client, char text[static 160]);

#endif
