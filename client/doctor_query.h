/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_query.h
 *
 * One DNS question and whether a datagram answers it.  RFC 1035 4.1; no compression is needed to
 * read a header and a question.
 */
#ifndef CLIENT_DOCTOR_QUERY_H
#define CLIENT_DOCTOR_QUERY_H

#include "base/bytes.h"

#define QUERY_MAX 300 /* header, a name of 255 bytes, type and class */

enum query_type { QUERY_NS = 2, QUERY_SOA = 6 };

/* `name`: labels with dots between, "" for the root.  w->full if it is no name. */
void query_build(struct writer *w, uint16_t id, const char *name, enum query_type type);
/* True if the bytes are an answer to just that question; *rcode is then its verdict. */
bool query_answers(struct bytes answer, uint16_t id, const char *name, enum query_type type,
		   unsigned *rcode);
const char *query_rcode_name(unsigned rcode); /* "NXDOMAIN", "another code" */

#endif
