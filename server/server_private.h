/* SPDX-License-Identifier: Apache-2.0 */
/* server/server_private.h
 *
 * The control thread's world, shared by the files that make it up and by nobody else:
 *
 *   server.c      start, stop, signals
 *   control.c     mail from the other threads
 *   login.h       who may log in; certificates of users
 *   credentials.h the server's own
 *   clients.h     the table of clients
 *   admission.h   which of them may come in and stay
 *   advertiser.h  what each of them is told by Router Advertisements, and when
 *   router.h      the TAP, our addresses on it, and the identity of the interface that routes
 *   others_log.c  other routers' (others.c)
 *   promises.c    prefixes that hosts were promised, on disk
 *   kernel.c      what advertisements follow of the kernel's addresses and routes
 *   reload.c      the configuration read again
 *   actions.c     what the control socket can ask for
 *   admin_host.c  the same for HTTP
 *   status.c      JSON
 *
 * Only the control thread touches any of it.
 */
#ifndef SERVER_SERVER_PRIVATE_H
#define SERVER_SERVER_PRIVATE_H

#include "base/bucket.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/rpc.h"
#include "bridge/link.h"
#include "bridge/ports.h"
#include "bridge/tap.h"
#include "radvd-lite/ra_schedule.h"
#include "radvd-lite/rs.h"
#include "server/advertiser.h"
#include "server/captures.h"
#include "server/clients.h"
#include "server/config_reload.h"
#include "server/dhcp6_server.h"
#include "server/event_sources.h"
#include "server/event_stream.h"
#include "server/greeter.h"
#include "server/kernel.h"
#include "server/others.h"
#include "server/promises.h"
#include "server/recorder.h"
#include "server/router.h"
#include "server/server.h"
#include "server/state.h"
#include "server/users.h"
#include "server/worker.h"

enum server_phase { SERVER_STARTING, SERVER_RUNNING, SERVER_STOPPING, SERVER_STOPPED };

struct server {
	struct server_config config;
	struct config_unapplied unapplied; /* of it: what needs a restart */
	enum server_phase phase;
	int64_t started_s;
	uint64_t started_ms; /* the same moment on the loop's clock */
	struct groups groups;
	uv_loop_t loop;
	bool loop_ready, failed;
	uv_signal_t signals[4];
	unsigned signal_count;
	uv_timer_t ageing, ceasing, admission;
	struct notify notify;
	const char *config_path; /* as on the command line; NULL: the usual one */
	struct state *state;
	char decoy[PASSWORD_HASH_MAX]; /* the hash of no password */
	bool anonymous;		       /* what the greeter was told */
	struct credentials *credentials;
	unsigned listen_count;
	int listen_fd[CONFIG_MAX_LISTEN];
	struct post_office *office;
	struct mailbox *box;
	struct address_table *table;
	struct seen *seen; /* addresses of all clients */
	struct port_directory *ports;
	struct greeter *greeter;
	unsigned worker_count, stopped_count;
	struct worker *worker[WORKERS_MAX];
	unsigned worker_load[WORKERS_MAX]; /* clients on each */
	struct rpc_server *rpc;
	struct admin *admin;   /* NULL: none */
	struct porter *porter; /* NULL: browsers have no business at the VPN's port */
	struct handover *admin_questions;
	struct captures *captures;
	struct recorder *recorder;
	struct admin_login *admin_login;
	struct events *events;
	struct event_streams *event_streams;
	struct event_limit event_limit[EVENT_KINDS];
	/* router.c */
	struct tap *tap;
	int tap_index;
	struct link *link;
	struct link_watch *watch;
	uv_poll_t watch_poll;
	struct link_identity identity; /* of the interface that routes */
	unsigned address_count;
	struct ip6 address[LINK_MAX_ADDRESSES]; /* of that interface */
	struct prefix6 automatic; /* what `prefix = auto` is; length 0: nobody asks for it */
	unsigned prefix_count;
	struct prefix6 prefix[CONFIG_MAX_PREFIXES]; /* what is advertised, to anybody */
	struct kernel *kernel;
	struct promises *promises;
	unsigned tap_address_count;
	struct prefix6 tap_address[CONFIG_MAX_PREFIXES]; /* ours on the TAP */
	uint32_t tap_metric[CONFIG_MAX_PREFIXES];
	/* clients.c */
	struct client *clients;
	unsigned client_count;
	struct client **by_port; /* [port_directory_max] */
	uint32_t next_id;
	struct settings *settings;
	struct dhcp6_server *dhcp6;
	struct others others;
	struct log_limit others_log; /* of new ones */
	/* advertiser.c */
	uint64_t ra_sent, rs_received, rs_bad[RS_VERDICTS];
};

/* control.c */
extern const struct mailbox_events control_events; /* owner: struct server */

#define PORTS_SPARE 64 /* some clients are still leaving when new ones come */
/* reload.c: what `lanyard reload` is told; NULL: the file is not right, nothing has changed. */
json_t *server_reload(struct server *server, struct err *err);
/* Tells the greeter and the workers what the configuration lets strangers and clients do. */
void server_send_limits(struct server *server);
extern const struct rpc_action server_actions[]; /* actions.c */
/* status.c */
json_t *status_server(struct server *server);
json_t *status_without_clients(struct server *server);
/* `delegated`: of dhcp6_delegated. */
json_t *status_client(const struct client *client, const json_t *delegated);

/* others_log.c */
void others_heard(struct server *server, const struct frame *frame); /* a punted RA */
void others_look(struct server *server); /* every few seconds: who is heard no longer? */

/* server.c */
void server_stop(struct server *server, bool comes_back);
void server_ceased(struct server *server); /* the last advertisements are said */
void server_stopped_thread(struct server *server, unsigned thread); /* MAIL_STOPPED came */

#endif
