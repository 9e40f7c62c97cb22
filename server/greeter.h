/* SPDX-License-Identifier: Apache-2.0 */
/* server/greeter.h
 *
 * The greeter: one thread that holds every stranger, from accept to login.  TLS handshakes cost
 * milliseconds, so they run here and never where frames run.  Strangers are bounded: how many
 * in all and per source, how many bytes each may send, how long each may take.  Who may come
 * in is the control thread's decision; the connection then goes to a worker for good.
 */
#ifndef SERVER_GREETER_H
#define SERVER_GREETER_H

#include "server/mailbox.h"
#include "server/porter.h"
#include "tls/handshake.h"

#define GREETER_MAX_LISTEN 16

struct greeter_config {
	unsigned max_strangers;	   /* connections that are not logged in yet */
	unsigned max_per_source;   /* of them, from one IPv4 address or IPv6 /64 */
	uint32_t login_ms;	   /* from accept to login */
	uint32_t echo_ms, dead_ms; /* of the sessions */
	bool anonymous;		   /* clients without a certificate get so far as to say hello */
	bool passwords;		   /* and may log in */
	struct password_cost password;
	char auth_command[PROVER_COMMAND_MAX]; /* empty: none */
	unsigned passwords_at_once;	       /* each takes so much memory and a core */
	unsigned listen_count;
	int listen_fd[GREETER_MAX_LISTEN]; /* bound and listening, non-blocking; not closed by us */
	struct tls_credentials
		*credentials; /* the greeter's from now on, also if it cannot begin */
	struct post_office *office;
	struct porter *porter; /* who gets browsers; NULL: there are none */
};

/* Why a stranger was turned away; each is counted, and logged once a minute. */
enum refusal {
	REFUSED_TOO_MANY,
	REFUSED_SOURCE,	   /* too many from there */
	REFUSED_SLOW,	   /* not logged in within login_ms */
	REFUSED_BYTES,	   /* too many bytes before login */
	REFUSED_HANDSHAKE, /* + enum tls_failure: counted by that too */
	REFUSED_SESSION,   /* broke the rules after the handshake */
	REFUSED_LOGIN,	   /* the control thread said no */
	REFUSED_WRONG,	   /* a password or a code was wrong, or the invitation is none */
	REFUSED_SLOWLY,	   /* too many of those from there: to come back later */
	REFUSALS,
};
extern const char *const refusal_name[REFUSALS];

struct greeter_counters { /* written by the greeter, read by anyone */
	_Atomic uint64_t accepted, logged_in;
	_Atomic uint64_t refused[REFUSALS];
	_Atomic uint64_t handshake_failed[TLS_FAILURES];
	_Atomic uint32_t strangers; /* now */
};

struct greeter;

struct greeter *greeter_new(const struct greeter_config *config, struct err *err);
int greeter_run(struct greeter *greeter, struct err *err);
void greeter_join(struct greeter *greeter);
void greeter_free(struct greeter *greeter);
const struct greeter_counters *greeter_counters(const struct greeter *greeter);

#endif
