/* SPDX-License-Identifier: Apache-2.0 */
/* client/join.h
 *
 * `lanyard join`: from an invitation to a profile.  The key is made here and stays here; not a byte
 * of the token leaves before the server has proved to be the one that the invitation names.
 */
#ifndef CLIENT_JOIN_H
#define CLIENT_JOIN_H

#include <stdbool.h>

#include "base/err.h"

struct join_options {
	const char *url;     /* the invitation, a secret */
	const char *profile; /* where to write it */
	bool over;	     /* also over one that is there */
};

/* -1 and why not, with the exit status as its kind; the profile is then as it was. */
int client_join(const struct join_options *options, struct err *err);

#endif
