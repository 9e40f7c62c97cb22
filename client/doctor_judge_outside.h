/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_outside.h
 *
 * The way to the server: name, TCP, who answers, clock, login.
 */
#ifndef CLIENT_DOCTOR_JUDGE_OUTSIDE_H
#define CLIENT_DOCTOR_JUDGE_OUTSIDE_H

#include "client/doctor_findings.h"
#include "client/doctor_http.h"
#include "tls/handshake.h"

struct name_facts {
	const char *host, *said_by; /* said_by: "[client] server", or what names the proxy */
	bool is_address, timed_out;
	int error; /* of getaddrinfo(3); 0: none */
	const char *addresses;
	unsigned limit_s;
};
void judge_name(struct findings *findings, const struct name_facts *facts);

struct tcp_facts {
	const char *address; /* "192.0.2.1:443" */
	int error;	     /* errno; 0: it connected */
	bool timed_out;
	uint32_t ms; /* it took, or was waited */
	bool other;  /* another address connected */
	bool is_proxy;
};
void judge_tcp(struct findings *findings, const struct tcp_facts *facts);

struct server_facts {
	const char *address, *name; /* where to; what its certificate must carry */
	bool timed_out;
	enum tls_failure failure;
	const char *sentence; /* of the failure */
	bool any_shown;
	struct tls_shown shown;
	struct http_facts http; /* on that port if it speaks HTTP, else on port 80 */
};
void judge_server(struct findings *findings, const struct server_facts *facts);
/* Of a network that answers a GET as only a portal does; TCP to the server may not even work. */
void judge_portal(struct findings *findings, const struct http_facts *http);

struct clock_facts {
	int64_t now_s, own_from_s, own_until_s; /* own: both 0 where the profile has none */
	bool server_shown;			/* and signed by our CA */
	int64_t server_from_s, server_until_s;
	const char *user;
};
void judge_clock(struct findings *findings, const struct clock_facts *facts);

void judge_handshake(struct findings *findings, uint32_t tcp_ms, uint32_t tls_ms);

struct login_facts {
	const char *daemon_state; /* NULL: no daemon, so there was a login of our own */
	const char *sentence;	  /* why it is not up, or why our login failed; "" */
	enum err_kind kind;	  /* of that sentence, if the login was ours */
	bool asked;		  /* for what only a person can type: that is no failure */
	const char *user;
	uint32_t ms; /* our own login took */
};
void judge_login(struct findings *findings, const struct login_facts *facts);

#endif
