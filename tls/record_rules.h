/* SPDX-License-Identifier: Apache-2.0 */
/* tls/record_rules.h
 *
 * What the users of the record layer (session, stream) make of records that are not data: which
 * alert answers a bad one, and what is a KeyUpdate.  RFC 8446 4.6.3, 5.1, 6.
 */
#ifndef TLS_RECORD_RULES_H
#define TLS_RECORD_RULES_H

#include "tls/record.h"

#define KEY_UPDATE_LEN 5
#define RECORD_IDLE_MAX 32 /* KeyUpdates and empty records with no data in between */

/* RFC 8446 6 */
enum alert {
	ALERT_CLOSE_NOTIFY = 0,
	ALERT_UNEXPECTED_MESSAGE = 10,
	ALERT_BAD_RECORD_MAC = 20,
	ALERT_RECORD_OVERFLOW = 22,
	ALERT_ILLEGAL_PARAMETER = 47,
	ALERT_DECODE_ERROR = 50,
	ALERT_INTERNAL_ERROR = 80,
};

struct record_fault {
	enum alert alert;
	const char *words; /* "a record that is not genuine" */
};

/* Of a verdict that is neither RECORD_OPENED nor RECORD_INCOMPLETE. */
const struct record_fault *record_fault_of(enum record_verdict verdict);

/* The content of a record of handshake: after the handshake KeyUpdate is all there is, alone in its
 * record.  NULL: it is one, and *asks for ours. */
const struct record_fault *key_update_read(struct bytes content, bool *asks);
/* Ours, which asks for nothing. */
extern const uint8_t key_update[KEY_UPDATE_LEN];

#endif
