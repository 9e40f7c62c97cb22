/* SPDX-License-Identifier: Apache-2.0 */
/* tls/failure.h
 *
 * From what a handshake step returned and what was seen on the wire to the reason that is
 * counted, the sentence for the user and the alert for the other end.  Inside tls/ only.
 */
#ifndef TLS_FAILURE_H
#define TLS_FAILURE_H

#include "tls/peer.h"

#define FAILURE_FIRST_LEN 5 /* a record's header */
#define FAILURE_LAST_LEN 7  /* an alert's record in clear */

/* What is known when a handshake ends without success. */
struct failure_facts {
	enum tls_role role;	/* ours */
	int error;		/* mbedTLS's; 0 with no_protocol set */
	bool no_protocol;	/* ALPN agreed on nothing */
	uint8_t received_alert; /* if `error` is MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE */
	int io_errno;		/* why reading or writing failed; 0: it did not, or end of file */
	uint8_t first[FAILURE_FIRST_LEN]; /* the first bytes that came */
	size_t first_len;		  /* how many of them */
	uint8_t last[FAILURE_LAST_LEN];	  /* the last bytes that came; zeros before them */
	const struct peer_check *check;
};

struct failure {
	enum tls_failure reason;
	uint8_t alert; /* to send if mbedTLS has sent none; 0: none */
	struct err err;
};

void failure_find(const struct failure_facts *facts, struct failure *failure);

#endif
