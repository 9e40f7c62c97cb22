/* SPDX-License-Identifier: Apache-2.0 */
/* tls/record_rules.c - records that are not data.  RFC 8446 4.6.3 (KeyUpdate), 5.1, 6 (alerts). */
#include "tls/record_rules.h"

#define HANDSHAKE_KEY_UPDATE 24

const uint8_t key_update[KEY_UPDATE_LEN] = { HANDSHAKE_KEY_UPDATE, 0, 0, 1, 0 };

static const struct record_fault bad_records[RECORD_VERDICTS] = {
	[RECORD_NOT_TLS] = { ALERT_UNEXPECTED_MESSAGE, "bytes that are not a TLS record" },
	[RECORD_TOO_LONG] = { ALERT_RECORD_OVERFLOW, "a record that is too long" },
	[RECORD_FORGED] = { ALERT_BAD_RECORD_MAC, "a record that is not genuine" },
	[RECORD_EMPTY] = { ALERT_UNEXPECTED_MESSAGE, "a record of padding only" },
	[RECORD_BAD_TYPE] = { ALERT_UNEXPECTED_MESSAGE, "a record of unknown type" },
	[RECORD_EXHAUSTED] = { ALERT_UNEXPECTED_MESSAGE, "too many records with one key" },
};

const struct record_fault *record_fault_of(enum record_verdict verdict)
{
	return &bad_records[verdict];
}

const struct record_fault *key_update_read(struct bytes content, bool *asks)
{
	static const struct record_fault no_key_update = { ALERT_UNEXPECTED_MESSAGE,
							   "a handshake message" };
	static const struct record_fault bad_length = { ALERT_DECODE_ERROR,
							"a malformed KeyUpdate" };
	static const struct record_fault bad_request = { ALERT_ILLEGAL_PARAMETER,
							 "a malformed KeyUpdate" };
	struct reader r = reader_over(content);
	uint8_t type = reader_u8(&r);
	uint32_t len = reader_u24(&r);
	uint8_t request = reader_u8(&r);

	if (type != HANDSHAKE_KEY_UPDATE || r.bad || r.left > 0)
		return &no_key_update;
	if (len != 1)
		return &bad_length;
	if (request > 1)
		return &bad_request;
	*asks = request == 1;
	return NULL;
}
