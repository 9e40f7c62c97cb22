/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_http.h
 *
 * What a GET without TLS brings, where a proxy or a captive portal may answer in the server's place.
 */
#ifndef CLIENT_DOCTOR_HTTP_H
#define CLIENT_DOCTOR_HTTP_H

#include "base/bytes.h"

/* The beginning of an answer to a GET, if there was any. */
struct http_facts {
	unsigned status;    /* 0: no HTTP */
	char location[128]; /* escaped; "" */
	bool elsewhere;	    /* the location is another host than the one that was asked */
};
/* Any bytes.  `host`: who was asked. */
void http_read(struct bytes answer, const char *host, struct http_facts *facts);
/* A network that wants to be logged in to (RFC 6585 6, RFC 8908). */
bool http_is_portal(const struct http_facts *facts);

#endif
