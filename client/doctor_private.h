/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_private.h
 *
 * One run of the doctor: what its checks look at, and hand on to later ones.  doctor*.c only.
 *
 *   doctor.c              the table of checks, and the run
 *   doctor_socket.c       TCP past the tunnel
 *   doctor_nd.c           Neighbor Discovery by hand
 *   doctor_echo.c         pings
 *   doctor_look_server.c  name, TCP, who answers, clock
 *   doctor_look_proxy.c   whether a proxy lets us through to the server
 *   doctor_look_login.c   handshake and login
 *   doctor_look_host.c    interface, addresses, routes, DNS
 *   doctor_look_ra.c      the Router Advertisement
 *   doctor_look_ping.c    DNS servers, pings, the largest frame
 *   doctor_look_leak.c    which way the kernel sends what belongs into the tunnel
 */
#ifndef CLIENT_DOCTOR_PRIVATE_H
#define CLIENT_DOCTOR_PRIVATE_H

#include <jansson.h>
#include <netinet/in.h>

#include "client/dial.h"
#include "client/doctor_judge_inside.h"
#include "client/doctor_judge_outside.h"
#include "client/profile.h"

enum doctor_check {
	CHECK_NAME,
	CHECK_TCP,
	CHECK_PROXY,
	CHECK_SERVER,
	CHECK_CLOCK,
	CHECK_HANDSHAKE,
	CHECK_CLIENT,
	CHECK_LOGIN,
	CHECK_INTERFACE,
	CHECK_LINK_LOCAL,
	CHECK_RA,
	CHECK_ADDRESS,
	CHECK_ROUTE,
	CHECK_DNS,
	CHECK_DNS_ANSWER,
	CHECK_PING,
	CHECK_FRAME,
	CHECK_LEAK,
	DOCTOR_CHECKS,
};

#define DOCTOR_REMOTE (256 + SOCKET_TEXT) /* an address, or the server's name and port */

struct doctor {
	const struct doctor_options *options;
	struct profile profile;
	struct proxy_choice proxy;
	struct pki_description own; /* zero: no certificate */
	struct tls_credentials *credentials;
	struct link *link;
	uint64_t end_ms,
		patience_ms; /* patience: how much may still be waited for things to come */
	/* The check to blame when nothing can be known of what needs this one; else DOCTOR_CHECKS. */
	enum doctor_check blame[DOCTOR_CHECKS];

	/* the running client */
	json_t *status; /* NULL: there is none */
	struct err no_status;
	bool up;

	/* the way to the server: with a proxy, addresses and connection are the proxy's */
	unsigned address_count;
	struct sockaddr_storage address[DIAL_MAX_ADDRESSES];
	int fd;		    /* connected, or -1 */
	unsigned connected; /* to which address */
	char remote[DOCTOR_REMOTE];
	uint32_t tcp_ms, tls_ms;
	struct tls_handshake *handshake;

	/* the host's end of the tunnel */
	char tap[IF_NAMESIZE], bridge[IF_NAMESIZE], host[IF_NAMESIZE]; /* host: bridge, else TAP */
	struct link_identity identity;				       /* of `host` */
	struct host_facts settings;
	int mtu; /* of IPv6 there */
	unsigned link_count, route_count;
	struct link_address link_address[LINK_MAX_ADDRESSES];
	struct link_route route[LINK_MAX_ROUTES];

	/* the router */
	bool for_others; /* for_others: an office's box that uses none of it itself */
	struct ip6 router;
	struct ra ra;
	bool dns_answered;   /* the first server */
	bool can_measure;    /* `measured` answers pings */
	struct ip6 measured; /* of the router's addresses */
};

uint64_t doctor_now_ms(void);
/* The shorter of the limit and what is left of the whole run. */
int doctor_wait_ms(const struct doctor *doctor, uint32_t limit_ms);

/* Each looks, and adds what its judge says. */
void look_name(struct doctor *doctor, struct findings *findings);
void look_tcp(struct doctor *doctor, struct findings *findings);
void look_proxy(struct doctor *doctor, struct findings *findings);
void look_server(struct doctor *doctor, struct findings *findings);
void look_clock(struct doctor *doctor, struct findings *findings);
void look_handshake(struct doctor *doctor, struct findings *findings);
void look_client(struct doctor *doctor, struct findings *findings);
void look_login(struct doctor *doctor, struct findings *findings);
void look_interface(struct doctor *doctor, struct findings *findings);
void look_link_local(struct doctor *doctor, struct findings *findings);
void look_ra(struct doctor *doctor, struct findings *findings);
void look_address(struct doctor *doctor, struct findings *findings);
void look_route(struct doctor *doctor, struct findings *findings);
void look_dns(struct doctor *doctor, struct findings *findings);
void look_dns_answer(struct doctor *doctor, struct findings *findings);
void look_ping(struct doctor *doctor, struct findings *findings);
void look_frame(struct doctor *doctor, struct findings *findings);
void look_leak(struct doctor *doctor, struct findings *findings);

/* doctor_look_login.c: ends the connection in order, if there is one. */
void doctor_hang_up(struct doctor *doctor);
/* doctor_socket.c: a TCP socket that connects past the tunnel; -1 and errno.  Who waits for it
 * asks SO_ERROR. */
int doctor_dial(struct doctor *doctor, const struct sockaddr_storage *to);
/* What comes back for a GET on that port; zero if nothing that is HTTP does. */
void doctor_get(struct doctor *doctor, const struct sockaddr_storage *to, uint16_t port,
		struct http_facts *facts);
/* doctor_look_host.c: the running client's status, anew. */
void doctor_ask_client(struct doctor *doctor);
/* What it says is wrong with one of its `health` checks; "" for nothing. */
const char *doctor_health(const struct doctor *doctor, const char *name);
/* What the interfaces are called. */
void doctor_find_host(struct doctor *doctor);
/* Reads addresses, routes and settings anew. */
void doctor_read_host(struct doctor *doctor);

#endif
