/* SPDX-License-Identifier: Apache-2.0 */
/* server/kernel.h
 *
 * Keeps the server's advertisements true to its kernel: asks it for the addresses of the
 * interfaces and the routes that the configuration names, whenever it says that they may have
 * changed, and tells the clients if they have.  A burst of notices is one question, and
 * questions have a gap between them; router.c, which hears the notices, passes them on.
 */
#ifndef SERVER_KERNEL_H
#define SERVER_KERNEL_H

#include "server/follow.h"

struct server;
struct kernel; /* control thread only */

/* Reads what the configuration names.  After router.c has opened its netlink connections. */
int kernel_open(struct server *server, struct err *err);
void kernel_close(struct kernel *kernel); /* NULL is fine; the loop must run once more */
/* The configuration was read again: other interfaces, other filters. */
void kernel_configure(struct kernel *kernel);

/* What is true now; never NULL. */
const struct follow *kernel_follow(const struct kernel *kernel);

/* Whether routes are asked for at all: some line of the configuration depends on them. */
bool kernel_follows_routes(const struct kernel *kernel);

/* Notices. */
void kernel_link_changed(struct kernel *kernel); /* an interface, or an address on it */
void kernel_route_changed(struct kernel *kernel, const struct prefix6 *prefix);
void kernel_forwarding_changed(struct kernel *kernel);
void kernel_lost(struct kernel *kernel); /* notices were lost: ask for everything */

/*
 * Adds to an advertisement what the kernel has for one line of the configuration.  Lifetimes of
 * prefixes: those of `prefix`, at most what is left of the kernel's.
 */
void kernel_add_prefixes(const struct kernel *kernel, const char *interface,
			 const struct ra_prefix *prefix, struct ra *ra);
/* Whether the kernel's lifetimes of this prefix are what bounds these. */
bool kernel_counts_down(const struct kernel *kernel, const struct ra_prefix *prefix);
void kernel_add_routes(const struct kernel *kernel, const struct prefix6 *filter,
		       const struct ra_route *route, struct ra *ra);
/* RFC 4861 6.2.5: whether the server may call itself a default router. */
bool kernel_is_default_router(const struct kernel *kernel);

#endif
