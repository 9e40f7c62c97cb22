/* SPDX-License-Identifier: Apache-2.0 */
/* tls/stream_private.h - a stream's inside: stream.c's, and what its test may turn. */
#ifndef TLS_STREAM_PRIVATE_H
#define TLS_STREAM_PRIVATE_H

#include "tls/record_rules.h"
#include "tls/stream.h"

#define KEY_UPDATE_SEALED (KEY_UPDATE_LEN + RECORD_OVERHEAD)

struct tls_stream {
	enum stream_state state;
	struct record_half read, write;
	uint64_t rekey_after; /* records of ours */
	/* in: [at, end) is sealed; `plain` lies before it */
	size_t at, end;
	struct bytes plain;
	unsigned idle_records; /* without data, in a row */
	/* out */
	size_t out_at, out_end;
	bool owes_update, ending, over; /* over: the last alert is in the output, or none will be */
	enum alert alert;		/* which, once it is ending */
	uint8_t in[RECORD_SEALED_MAX];
	uint8_t out[RECORD_SEALED_MAX + KEY_UPDATE_SEALED];
};

#endif
