/* SPDX-License-Identifier: Apache-2.0 */
/* server/porter.h
 *
 * The porter: one thread that carries bytes between browsers who came to the VPN's own port, over TLS
 * (the greeter has greeted them), and the admin's HTTP, in clear.
 *
 * A browser holds one record each way and what its sockets buffer; who reads or writes slowly is
 * waited for, and time limits are those of the admin's HTTP.  Browsers are few: when there is no
 * place, the one who came first from where most come gives way to whoever comes from elsewhere.
 */
#ifndef SERVER_PORTER_H
#define SERVER_PORTER_H

#include <stdbool.h>

#include "admin/admin.h"
#include "tls/secrets.h"

#define PORTER_MOST 64	     /* connections: the admin's own port keeps places for others */
#define PORTER_PER_SOURCE 24 /* a browser opens six, and one to look on */

struct porter;

/* `strangers` and `per_source` bound it, too. */
struct porter *porter_new(unsigned strangers, unsigned per_source, struct err *err);
/* Its thread; the admin must outlive it. */
int porter_run(struct porter *porter, struct admin *admin, struct err *err);
/* From any thread: from now on; who is there stays. */
void porter_limit(struct porter *porter, unsigned strangers, unsigned per_source);
/* From any thread: takes a connection after its handshake, non-blocking.  False: it has ended, or
 * too many wait; then the descriptor is still the caller's. */
bool porter_take(struct porter *porter, int fd, const struct tls_secrets *secrets);
/* Ends all connections and the thread; porter_take says no from then on.  NULL is fine. */
void porter_stop(struct porter *porter);
void porter_free(struct porter *porter); /* NULL is fine */

#endif
