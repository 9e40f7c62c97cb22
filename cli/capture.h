/* SPDX-License-Identifier: Apache-2.0 */
/* cli/capture.h - what the parts of `lanyard capture` share.  See cli/verb_capture.c. */
#ifndef CLI_CAPTURE_H
#define CLI_CAPTURE_H

#include "base/err.h"
#include "base/pcapng.h"

#define FRAME_TEXT_MAX 320

/* One frame for people, without time and interface: "fe80::1 > ff02::1: icmp6 router
 * advertisement, 118 bytes".  Any bytes: every one that is shown is printable ASCII. */
const char *frame_text(const struct pcapng_packet *packet, char text[static FRAME_TEXT_MAX]);

#define CAPTURE_INTERFACES 1024 /* whose names a reader keeps; the rest have none */

/* Where the stream goes: to a file as it is, or as a line for each frame. */
struct capture_sink {
	int fd; /* -1: lines on stdout */
	bool json;
	bool ended; /* the server has said how many there were: it is whole */
	uint64_t frames, dropped;
	unsigned interface_count;
	char name[CAPTURE_INTERFACES][PCAPNG_NAME_MAX];
};

struct capture_stream;

/* NULL without memory. */
struct capture_stream *capture_stream_new(struct capture_sink *sink);
void capture_stream_free(struct capture_stream *stream);
/* Room for what comes next. */
void *capture_stream_room(struct capture_stream *stream, size_t *cap);
/* So much came.  -1: it is no pcapng of ours, or cannot be written. */
int capture_stream_came(struct capture_stream *stream, size_t len, struct err *err);

#endif
