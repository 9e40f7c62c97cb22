/* SPDX-License-Identifier: Apache-2.0 */
/* client/connect.h
 *
 * `lanyard connect`: the TAP, the connection, and what the router's advertisements ask of the
 * host, from the profile until SIGTERM; then everything is undone.
 */
#ifndef CLIENT_CONNECT_H
#define CLIENT_CONNECT_H

#include <stdbool.h>

#include "base/err.h"

struct connect_options {
	const char *profile;
	const char *bridge;	 /* instead of the profile's; NULL: the profile's */
	unsigned delegate_count; /* of interfaces instead of the profile's; 0: the profile's */
	const char *const *delegate;
	bool once; /* end when the first attempt fails */
};

/* -1 and why it ended, with the exit status as its kind; 0 after SIGTERM or SIGINT. */
int client_connect(const struct connect_options *options, struct err *err);
/* True if the end did not wait for a look-up that hangs in the resolver.  All is undone, but the
 * process must then leave by _exit(2): exit(3) would wait for the look-up's thread. */
bool client_left_behind(void);

#endif
