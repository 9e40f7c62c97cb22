/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_view.h
 *
 * The configuration in force, key by key, with where each value comes from: the file's line, a
 * default, another section, the state file, or what the server was started with; and what it comes
 * to where it says only how to find that (`auto`, an interface's prefixes).  No secret is in it.
 *
 * What sections [group NAME] and [user NAME] leave at its default is shown in [ra] and the like
 * once, and not again in each of them.
 */
#ifndef SERVER_CONFIG_VIEW_H
#define SERVER_CONFIG_VIEW_H

#include <jansson.h>

#include "server/config_reload.h"
#include "server/follow.h"

/* What the file does not say. */
struct config_facts {
	const char *host;			  /* this host's name */
	unsigned workers;			  /* that there are */
	struct prefix6 automatic;		  /* what `prefix = auto` is; length 0: not made */
	const struct follow *follow;		  /* of the kernel; NULL: not asked */
	const struct config_unapplied *unapplied; /* what needs a restart */
	/* What the state file says: of a user (false: nothing), and the lines of reservations that
	 * were made by hand, an array. */
	bool (*user)(void *owner, const char *name, struct state_user *user);
	json_t *(*reservations)(void *owner);
	void *owner;
};

/* An array of rows, see openapi.json. */
json_t *config_view(const struct server_config *config, const struct config_facts *facts);

#endif
