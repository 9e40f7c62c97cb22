/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate_private.h - shared by delegate*.c only. */
#ifndef CLIENT_DELEGATE_PRIVATE_H
#define CLIENT_DELEGATE_PRIVATE_H

#include "base/log.h"
#include "client/delegate.h"
#include "client/delegate_content.h"
#include "dhcp6/client.h"
#include "radvd-lite/ra_farewell.h"

/* One interface of the office. */
struct office {
	struct delegate *of;
	char name[IF_NAMESIZE];
	unsigned number;	       /* of its /64 */
	struct link_identity identity; /* index 0: there is no such interface */
	bool has_subnet;	       /* it is to have this /64, now */
	struct prefix6 subnet;
	unsigned lost;	    /* how often our address was missing since it worked */
	struct err trouble; /* as logged last */
	struct ra said;	    /* content of the latest advertisement, if there was one */
	uint64_t said_ms;   /* 0: none */
	struct farewells farewells;
	struct ra_schedule schedule;
	uv_timer_t timer;
};

struct delegate {
	uv_loop_t *loop;
	struct link *link;
	const struct heard *heard;
	char tunnel[IF_NAMESIZE];
	struct link_identity tunnel_identity;
	bool up, asked, stopping, forwards; /* up: the tunnel is; asked: since it is */
	/* DHCPv6 */
	struct dhcp6_client dhcp6;
	int udp; /* -1: not open */
	uv_poll_t udp_poll;
	uv_timer_t timer;
	/* what is in use */
	bool has_prefix;
	struct dhcp6_held prefix;
	/* advertisements */
	int raw;
	uv_poll_t raw_poll;
	unsigned office_count;
	struct office office[DELEGATE_MAX];
	void (*stopped)(void *owner);
	void *owner;
};

/* How much is left of a time until which something lasts. */
uint32_t delegate_left_s(const struct delegate *delegate, uint64_t until_ms);
uint64_t delegate_dice(void);

/* ---- delegate_socket.c ---- */

/* Hears what servers send to clients on this interface.  -1 and a sentence. */
int delegate_socket(const char *interface, struct err *err);
/* As recv(2) with MSG_TRUNC; `to` is where it was sent to, unspecified if the kernel does not say. */
ssize_t delegate_receive(int udp, void *payload, size_t cap, struct ip6 *to);

/* ---- delegate_office.c ---- */

/* Of a client that was killed: the prefix that it had; len 0: nothing is left. */
struct prefix6 delegate_office_leftover(struct delegate *delegate);
/* The prefix has changed: which interface has what of it. */
void delegate_office_assign(struct delegate *delegate);
/* Makes the interface have what it is to have, and nothing else of ours.  `renew`: its lifetimes too. */
void delegate_office_apply(struct office *office, bool renew);
/* Looks whether it is there, and who it is. */
void delegate_office_look(struct office *office);
/* Its addresses go. */
void delegate_office_leave(struct office *office);

/* ---- delegate_radv.c ---- */

int delegate_radv_open(struct delegate *delegate, struct err *err);
/* The interface is there, perhaps anew: hears solicitations there. */
void delegate_radv_join(struct office *office);
/* There is something new to say: three advertisements, the first one now. */
void delegate_radv_start(struct office *office);
void delegate_radv_cease(struct office *office, unsigned finals);
/* What routers said has changed, perhaps. */
void delegate_radv_heard(struct office *office);
/* Hosts know of a prefix that is ours no longer; `valid_s` is what is left of it there. */
void delegate_radv_disown(struct office *office, const struct prefix6 *prefix, uint32_t valid_s);
/* Has everybody said his last word? */
bool delegate_radv_is_silent(const struct delegate *delegate);

#endif
