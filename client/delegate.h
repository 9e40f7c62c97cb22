/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate.h
 *
 * `connect --delegate IFACE`: the client asks the server for a prefix by DHCPv6 and is the router
 * of the office's networks with it.  Each interface, in the order given, has a /64 of it, with our
 * address ::1 and Router Advertisements of our own.
 *
 *   delegate.c           DHCPv6 over the TAP; when what is held changes
 *   delegate_socket.c    its socket
 *   delegate_office.c    the interfaces: addresses, and what is left of a client that was killed
 *   delegate_radv.c      their advertisements and solicitations
 *   delegate_content.c   what advertisements say
 */
#ifndef CLIENT_DELEGATE_H
#define CLIENT_DELEGATE_H

#include <jansson.h>
#include <uv.h>

#include "bridge/link.h"
#include "client/heard.h"

#define DELEGATE_MAX 16 /* interfaces */

struct dhcp6_duid;

struct delegate_config {
	char tunnel[IF_NAMESIZE]; /* the TAP */
	unsigned count;		  /* at least 1 */
	const char (*interface)[IF_NAMESIZE];
	const struct dhcp6_duid *duid;
	uint32_t iaid;
};

struct delegate;

/* Nothing is opened yet.  `link` and `heard` outlive it; the config is copied.  NULL: out of memory. */
struct delegate *delegate_new(uv_loop_t *loop, const struct delegate_config *config,
			      struct link *link, const struct heard *heard);
/* Before it does anything: its sockets, and what a client left that was killed.  -1 and a sentence. */
int delegate_open(struct delegate *delegate, struct err *err);
/* The tunnel is up, or up again. */
void delegate_up(struct delegate *delegate);
/* An interface, any, or its addresses changed. */
void delegate_changed(struct delegate *delegate, int index);
/* Changes were missed: looks at all of them. */
void delegate_lost(struct delegate *delegate);
/* A router behind the tunnel said something. */
void delegate_heard(struct delegate *delegate);
/* The host forwards IPv6 from now on, or no longer. */
void delegate_forwarding(struct delegate *delegate);
/* The last words to the hosts, at most MIN_DELAY_BETWEEN_RAS away; then `done`, perhaps at once. */
void delegate_stop(struct delegate *delegate, void (*done)(void *owner), void *owner);
/* Takes the addresses and the route away, and closes what is open, however far that got.  free(3)
 * when the loop has closed all. */
void delegate_close(struct delegate *delegate);

/* [{prefix, interface, valid_s, preferred_s}], one for each interface that has a network. */
json_t *delegate_json(const struct delegate *delegate);
/* What is wrong, as a sentence; "": nothing. */
const char *delegate_problem(const struct delegate *delegate);

#endif
