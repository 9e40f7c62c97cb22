/* SPDX-License-Identifier: Apache-2.0 */
/* server/advertiser.h
 *
 * Router Advertisements of the control thread:
 *
 *   settings.c    which settings a client has: [ra], its group, its user
 *   content.c     what they say; what is true no longer: radvd-lite/ra_farewell.c
 *   advertiser.c  to whom, and when
 *   ceasing.c     the last ones
 */
#ifndef SERVER_ADVERTISER_H
#define SERVER_ADVERTISER_H

#include "base/frame.h"
#include "radvd-lite/ra.h"
#include "server/config.h"

struct server;
struct client;

/* The settings of all clients that are in the same sections. */
struct settings {
	struct ra_settings ra;
	uint64_t composed_ms;
	struct ra content;						    /* what they say now */
	char user[CONFIG_SECTION_NAME_MAX], group[CONFIG_SECTION_NAME_MAX]; /* "": no section */
	bool stale; /* of a configuration that was replaced: for nobody else */
	unsigned clients;
	struct settings *next, **link;
};

/* ---- settings.c ---- */

/* NULL: out of memory. */
struct settings *settings_take(struct server *server, const char *user, const char *group);
void settings_release(struct settings *settings);			 /* NULL is fine */
void settings_compose(struct server *server, struct settings *settings); /* lifetimes count down */
void settings_compose_all(struct server *server); /* what the contents are made of has changed */
/* After the configuration was replaced, or what contents are made of has changed; tells those whose
 * content did, and returns how many. */
unsigned settings_replace_all(struct server *server);

/* ---- content.c ---- */

void content_compose(const struct server *server, const struct ra_settings *settings,
		     struct ra *ra);
/* The same bytes, but for lifetimes of prefixes that have gone down by the time between. */
bool content_equal(const struct ra *a, const struct ra *b, uint64_t between_ms);

/* ---- advertiser.c ---- */

void advertiser_start(struct client *client); /* it is there: the first RA goes out now */
void advertiser_solicited(struct client *client, const struct frame *frame); /* a punted RS */
void advertiser_restart_all(struct server *server); /* the router's identity changed */
/* RFC 4861 6.2.5: to each client as many final RAs as it is to have, none from one who comes back;
 * and no others from now on. */
void advertiser_cease_all(struct server *server, bool comes_back);
/* In how long to ask again whether all are said; 0: they are. */
uint64_t advertiser_ceasing_ms(const struct server *server);
void advertiser_lost_all(struct server *server); /* the router has no link-local address any more */
/* The client's settings are others now: takes them over.  True if the client has to hear of it, and
 * does, within three seconds; `turn`, counted up by the caller, spreads many. */
bool advertiser_switch(struct client *client, struct settings *to, unsigned turn);

/* ---- ceasing.c ---- */

void ceasing_begin(struct server *server, bool comes_back); /* calls server_ceased in the end */

#endif
