/* SPDX-License-Identifier: Apache-2.0 */
/* client/bypass.h
 *
 * A tunnel cannot carry itself: a route that the tunnel brings, now or later, may cover the
 * server's own address.  So the connection is bound to the interface it takes without the
 * tunnel.  Per socket, not by a host route: nobody else's packets to that address leave the
 * tunnel for it.
 */
#ifndef CLIENT_BYPASS_H
#define CLIENT_BYPASS_H

#include <sys/socket.h>

#include "bridge/link.h"

/* Binds `fd`, which will connect to `to`, to the interface it would leave by without `tunnel`.
 * -1 if `tunnel` is the only way. */
int bypass_tunnel(struct link *link, const char *tunnel, int fd, const struct sockaddr *to,
		  struct err *err);

#endif
