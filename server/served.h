/* SPDX-License-Identifier: Apache-2.0 */
/* server/served.h
 *
 * The credentials that the greeter greets with: the present ones, and those before them for as long
 * as a handshake that began with them goes on.  Greeter's thread only.
 */
#ifndef SERVER_SERVED_H
#define SERVER_SERVED_H

#include "tls/handshake.h"

struct served {
	struct tls_credentials *credentials;
	unsigned handshakes;
	struct served *older;
};

/* Puts them in front; they are the list's from now on, and freed if there is no memory: then -1, and
 * the list is as it was. */
int served_replace(struct served **list, struct tls_credentials *credentials);
/* For one handshake, which is to be over when they are released. */
struct served *served_take(struct served *list);
void served_release(struct served **list, struct served *served);
/* All of them: no handshake goes on. */
void served_free(struct served **list);

#endif
