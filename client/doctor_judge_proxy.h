/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_judge_proxy.h
 *
 * Whether a proxy is used, by whose word, and whether it lets us through.
 */
#ifndef CLIENT_DOCTOR_JUDGE_PROXY_H
#define CLIENT_DOCTOR_JUDGE_PROXY_H

#include "client/doctor_findings.h"
#include "client/proxy_talk.h"

struct proxy_facts {
	const char *proxy;  /* "http://192.0.2.9:3128"; "": none */
	const char *by;	    /* as in struct proxy_choice */
	const char *client; /* what the running client goes through; NULL: none runs */
	const char *host;   /* the server, and its port */
	uint16_t port;
	bool timed_out;
	enum proxy_failure failure;
	const char *sentence; /* of the failure */
	uint32_t ms;	      /* it took, or was waited */
};
void judge_proxy(struct findings *findings, const struct proxy_facts *facts);

#endif
