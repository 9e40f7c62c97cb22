/* SPDX-License-Identifier: Apache-2.0 */
/* client/connect_private.h - the running client, shared by connect.c, connect_setup.c and status.c
 * only. */
#ifndef CLIENT_CONNECT_PRIVATE_H
#define CLIENT_CONNECT_PRIVATE_H

#include "base/log.h"
#include "base/notify.h"
#include "base/rpc.h"
#include "bridge/drop.h"
#include "bridge/link.h"
#include "bridge/tap.h"
#include "client/answer.h"
#include "client/connect.h"
#include "client/delegate.h"
#include "client/dns.h"
#include "client/heard.h"
#include "client/host.h"
#include "client/manager.h"
#include "client/profile.h"
#include "client/renewal.h"
#include "client/uplink.h"

/* The steps from dialling to a working network, with when each was first reached (loop time). */
enum milestone {
	MILESTONE_START,
	MILESTONE_TCP,
	MILESTONE_TLS,
	MILESTONE_LOGIN,
	MILESTONE_RA,
	MILESTONE_ADDRESS,
	MILESTONE_DNS,
	MILESTONES,
};

struct client {
	struct profile profile;
	struct proxy_choice proxy;
	const char *bridge; /* the kernel bridge to join; NULL: none */
	uv_loop_t loop;
	bool loop_ready, stopping, tap_reading;
	struct err why; /* it ended */
	struct tls_credentials *credentials;
	struct link *link;
	struct link_watch *watch;
	struct tap *tap;
	struct host_saved saved;
	enum manager manager;	    /* of the interface, but for us */
	bool was_there, was_up;	    /* the interface, before us */
	bool host_is_ours;	    /* the interface's settings and its DNS are ours to make */
	struct host_found found;    /* wrong: now; restored: at last */
	unsigned settings_restored; /* looks at which some were put back */
	struct mac mac;
	int index; /* of the interface */
	uint16_t mtu;
	struct dns *dns;
	struct heard heard;
	struct delegate *delegate; /* NULL: it asks for no prefix */
	struct uplink *uplink;
	struct answerer *answerer;
	struct renewal *renewal;
	struct rpc_server *rpc;
	uint64_t milestone_ms[MILESTONES]; /* 0: not reached yet */
	struct log_limit failure_log;
	char failure[256]; /* why it is not up, as last logged */
	uv_poll_t tap_poll, watch_poll;
	uv_prepare_t turn_end;
	uv_timer_t hurry; /* until the next look at the network */
	uv_timer_t care;  /* until the next look at what we set up */
	uint64_t hurried_ms;
	struct notify notify;
	uv_signal_t signals[3];
	uint64_t drops[DROP_REASONS]; /* here; the uplink counts its own */
	uint8_t buffer[TAP_BUFFER];
};

/* connect.c */
extern const struct uplink_events connect_uplink_events; /* owner of all: struct client */
extern const struct link_events connect_link_events;
extern const struct dns_events connect_dns_events;
void connect_on_signal(uv_signal_t *handle, int number);
void connect_on_watch(uv_poll_t *poll, int status, int events);
void connect_on_turn_end(uv_prepare_t *prepare);

/* connect_setup.c */
int connect_set_up(struct client *client, const struct connect_options *options, struct err *err);
void connect_tear_down(struct client *client); /* also after half a set-up; frees it */

/* connect_host.c: the host's side of the interface */
int connect_host_begin(struct client *client, struct err *err); /* and brings it up */
void connect_host_end(struct client *client);			/* also if it has not begun */
void connect_host_heard(struct client *client);			/* an advertisement came */
void connect_host_look(struct client *client); /* has the interface another manager? */
void connect_host_on_care(uv_timer_t *timer);
const char *connect_host_managed_by(const struct client *client);

/* status.c */
extern const char *const milestone_name[MILESTONES];
extern const struct rpc_action client_actions[]; /* owner: struct client */

#endif
