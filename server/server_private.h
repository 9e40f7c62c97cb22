/* SPDX-License-Identifier: Apache-2.0 */
/* server/server_private.h
 *
 * The control thread's world, shared by the files that make it up and by nobody else:
 *
 *   server.c      start, stop, signals
 *   control.c     mail from the other threads; who may log in
 *   clients.c     the table of clients
 *   settings.c    what each of them is told: [ra], its group, its user
 *   content.c     what Router Advertisements say
 *   advertiser.c  to whom, and when
 *   ceasing.c     the last ones
 *   router.c      the TAP, and the identity of the interface that routes
 *   tap_addresses.c  our addresses on it
 *   promises.c    prefixes that hosts were promised, on disk
 *   kernel.c      what advertisements follow of the kernel's addresses and routes
 *   reload.c      the configuration read again
 *   actions.c     what the control socket can ask for
 *   status.c      JSON
 *
 * Only the control thread touches any of it.
 */
#ifndef SERVER_SERVER_PRIVATE_H
#define SERVER_SERVER_PRIVATE_H

#include "base/log.h"
#include "base/notify.h"
#include "base/rpc.h"
#include "bridge/link.h"
#include "bridge/ports.h"
#include "bridge/tap.h"
#include "radvd-lite/ra.h"
#include "radvd-lite/ra_parts.h"
#include "radvd-lite/ra_schedule.h"
#include "radvd-lite/rs.h"
#include "server/config.h"
#include "server/farewell.h"
#include "server/greeter.h"
#include "server/kernel.h"
#include "server/promises.h"
#include "server/server.h"
#include "server/state.h"
#include "server/users.h"
#include "server/worker.h"

enum server_phase { SERVER_STARTING, SERVER_RUNNING, SERVER_STOPPING, SERVER_STOPPED };

/* The settings of all clients that are in the same sections. */
struct settings {
	struct ra_settings ra;
	uint64_t composed_ms;
	struct ra content;						    /* what they say now */
	char user[CONFIG_SECTION_NAME_MAX], group[CONFIG_SECTION_NAME_MAX]; /* "": no section */
	bool stale; /* of a configuration that was replaced: for nobody else */
	unsigned clients;
	struct settings *next, **link;
};

/* A client that is logged in, as the control thread knows it. */
struct client {
	struct server *server;
	uint32_t id; /* what people call it; never used twice */
	struct mail_port is;
	uint8_t worker;
	bool added; /* the worker has it: frames can be sent to it */
	bool leaving;
	enum goodbye_reason leaving_reason;
	char leaving_why[MESSAGE_TEXT_MAX];		  /* what it is told */
	char user[STATE_USER_MAX], group[STATE_USER_MAX]; /* group: "" is none */
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	struct hello hello;
	char remote[REMOTE_TEXT];
	enum tls_suite suite;
	char aead[16];
	uint64_t since_ms;
	struct settings *settings;
	struct ra_schedule advertising;
	bool told;	    /* it was told by the router of ... */
	struct ip6 told_by; /* ... this link-local address */
	struct mac told_mac;
	struct farewells farewells; /* what it was told and is true no longer */
	uv_timer_t timer;	    /* the next advertisement */
	struct snoop_table neighbours;
	struct client *next, **link;
};

struct server {
	struct server_config config;
	enum server_phase phase;
	int64_t started_s;
	uv_loop_t loop;
	bool loop_ready, failed;
	uv_signal_t signals[4];
	unsigned signal_count;
	uv_timer_t ageing, ceasing;
	unsigned finals_said; /* rounds of final advertisements */
	struct notify notify;
	const char *config_path; /* as on the command line; NULL: the usual one */
	struct state *state;
	struct tls_credentials *credentials;
	unsigned listen_count;
	int listen_fd[CONFIG_MAX_LISTEN];
	struct post_office *office;
	struct mailbox *box;
	struct address_table *table;
	struct port_directory *ports;
	struct greeter *greeter;
	unsigned worker_count, stopped_count;
	struct worker *worker[WORKERS_MAX];
	unsigned worker_load[WORKERS_MAX]; /* clients on each */
	struct rpc_server *rpc;
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
	/* advertiser.c */
	uint64_t ra_sent, rs_received, rs_bad[RS_VERDICTS];
};

/* clients.c */
struct client *client_add(struct server *server, const struct mail_login *login,
			  const struct state_user *user, struct mail_port port, uint8_t worker);
void client_remove(struct client *client);
void clients_changed(struct server *server); /* their number did: tell systemd */
struct client *client_of(struct server *server, const struct mail_port *port); /* NULL: gone */
/* Its worker has it now.  False if it is to go at once: that was decided meanwhile. */
bool client_added(struct client *client);
/* Its user is in another group now ("": in none). */
void client_set_group(struct client *client, const char *group);
/* Asks its worker to close it; the client stays in the table until that is done. */
void client_drop(struct client *client, enum goodbye_reason reason, const char *text);
/* "client 17 (alice, 192.0.2.7:51000)": the subject of log lines. */
const char *client_text(const struct client *client, char text[static 160]);

/* settings.c */
/* NULL: out of memory. */
struct settings *settings_take(struct server *server, const char *user, const char *group);
void settings_release(struct settings *settings);			 /* NULL is fine */
void settings_compose(struct server *server, struct settings *settings); /* lifetimes count down */
void settings_compose_all(struct server *server); /* what the contents are made of has changed */
/* After the configuration was replaced, or what contents are made of has changed; tells those whose
 * content did, and returns how many. */
unsigned settings_replace_all(struct server *server);

/* content.c */
void content_compose(const struct server *server, const struct ra_settings *settings,
		     struct ra *ra);
void content_make_final(struct ra *ra); /* RFC 4861 6.2.5: nothing of it is true any longer */
/* The same bytes, but for lifetimes of prefixes that have gone down by the time between. */
bool content_equal(const struct ra *a, const struct ra *b, uint64_t between_ms);

/* control.c */
/* Of a client's port, by what the configuration says now. */
uint16_t client_flags(const struct server *server, const struct hello *hello);
extern const struct mailbox_events control_events; /* owner: struct server */

/* advertiser.c */
void advertiser_start(struct client *client); /* it is there: the first RA goes out now */
void advertiser_solicited(struct client *client, const struct frame *frame); /* a punted RS */
void advertiser_restart_all(struct server *server); /* the router's identity changed */
/* RFC 4861 6.2.5: a final RA, number `round` from 0 on, to each client that is to have as many; how
 * many are to have one more.  And no other RA from now on. */
unsigned advertiser_final_all(struct server *server, unsigned round);
void advertiser_stop_all(struct server *server); /* no RA from now on, not even a final one */
void advertiser_lost_all(struct server *server); /* the router has no link-local address any more */
/* The client's settings are others now: takes them over.  True if the client has to hear of it, and
 * does, within three seconds; `turn`, counted up by the caller, spreads many. */
bool advertiser_switch(struct client *client, struct settings *to, unsigned turn);

/* ceasing.c */
void ceasing_begin(struct server *server, bool comes_back); /* calls server_ceased in the end */

/* router.c */
/* Makes `prefix = auto` real where any section has it. */
int router_find_automatic(struct server *server, struct err *err);
int router_set_up(struct server *server, struct err *err);
/* The prefix that a configured one stands for. */
struct prefix6 router_prefix(const struct server *server, const struct config_prefix *from);
/* An address of the router in a prefix; false if it has none there. */
bool router_address_in(const struct server *server, const struct prefix6 *prefix,
		       struct ip6 *address);
void router_send_policy(struct server *server); /* to all workers */
void router_tear_down(struct server *server);

/* tap_addresses.c */
/* Gives the TAP an address in every prefix that is advertised now, and takes the others away. */
int tap_addresses_set(struct server *server, struct err *err);
void tap_addresses_repair(struct server *server); /* somebody may have taken them away */
void tap_addresses_follow(struct server *server); /* the same later on: a failure is logged */

/* reload.c */
#define PORTS_SPARE 64 /* some clients are still leaving when new ones come */
/* What `lanyard reload` is told; NULL: the file is not right, and nothing has changed. */
json_t *server_reload(struct server *server, struct err *err);

/* actions.c */
extern const struct rpc_action server_actions[];

/* status.c */
json_t *status_server(struct server *server);

/* server.c */
void server_stop(struct server *server, bool comes_back);
void server_ceased(struct server *server); /* the last advertisements are said */
void server_stopped_thread(struct server *server, unsigned thread); /* MAIL_STOPPED came */

#endif
