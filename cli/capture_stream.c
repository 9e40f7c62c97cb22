/* SPDX-License-Identifier: Apache-2.0 */
/* cli/capture_stream.c - a capture as it comes from the server: written as it is, or told line by
 * line; counted either way. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/capture.h"
#include "cli/cli.h"

#define ROOM (1u << 20)

struct capture_stream {
	struct capture_sink *sink;
	size_t len;
	uint8_t room[ROOM];
};

struct capture_stream *capture_stream_new(struct capture_sink *sink)
{
	struct capture_stream *stream = malloc(sizeof(*stream));

	if (!stream)
		return NULL;
	stream->sink = sink;
	stream->len = 0;
	return stream;
}

void capture_stream_free(struct capture_stream *stream)
{
	free(stream);
}

void *capture_stream_room(struct capture_stream *stream, size_t *cap)
{
	*cap = sizeof(stream->room) - stream->len;
	return stream->room + stream->len;
}

/* ---- lines ---- */

static const char *interface_name(const struct capture_sink *sink, uint32_t number)
{
	return number < CAPTURE_INTERFACES && number < sink->interface_count ? sink->name[number]
									     : "?";
}

static void print_json(const struct capture_sink *sink, const struct pcapng_packet *packet,
		       const char *text)
{
	static const char *const direction[] = { "unknown", "in", "out", "unknown" };

	json_t *line = json_pack("{s:f, s:s, s:s, s:I, s:s}", "at_s", (double)packet->time_ns / 1e9,
				 "interface", interface_name(sink, packet->interface), "direction",
				 direction[packet->direction], "frame_bytes",
				 (json_int_t)packet->original_len, "text", text);

	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static void print_line(const struct capture_sink *sink, const struct pcapng_packet *packet,
		       const char *text)
{
	static const char *const direction[] = { "at", "from", "to", "at" };
	time_t seconds = (time_t)(packet->time_ns / 1000000000);
	struct tm at;
	char clock[16];

	localtime_r(&seconds, &at);
	strftime(clock, sizeof(clock), "%H:%M:%S", &at);
	printf("%s.%06u %-4s %s  %s\n", clock, (unsigned)(packet->time_ns % 1000000000 / 1000),
	       direction[packet->direction], interface_name(sink, packet->interface), text);
}

static int print_frame(const struct capture_sink *sink, const struct pcapng_packet *packet,
		       struct err *err)
{
	char text[FRAME_TEXT_MAX];

	frame_text(packet, text);
	if (sink->json)
		print_json(sink, packet, text);
	else
		print_line(sink, packet, text);
	return ferror(stdout) ? err_errno(err, "cannot write") : 0;
}

/* ---- blocks ---- */

static void note_interface(struct capture_sink *sink, const char *name)
{
	if (sink->interface_count >= CAPTURE_INTERFACES)
		return;
	log_escape(name, strlen(name), sink->name[sink->interface_count++], PCAPNG_NAME_MAX);
}

static int note_block(struct capture_sink *sink, const struct pcapng_block *block, struct err *err)
{
	switch (block->kind) {
	case PCAPNG_INTERFACE: note_interface(sink, block->name); break;
	case PCAPNG_PACKET:
		sink->frames++;
		return sink->fd < 0 ? print_frame(sink, &block->packet, err) : 0;
	case PCAPNG_STATISTICS:
		sink->dropped += block->statistics.dropped;
		sink->ended = true;
		break;
	case PCAPNG_SECTION:
	case PCAPNG_OTHER: break;
	}
	return 0;
}

static int write_all(int fd, struct bytes bytes, struct err *err)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot write");
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return 0;
}

int capture_stream_came(struct capture_stream *stream, size_t len, struct err *err)
{
	struct capture_sink *sink = stream->sink;
	struct pcapng_block block;

	stream->len += len;
	struct reader r = reader_over((struct bytes) { stream->room, stream->len });

	while (pcapng_read(&r, &block))
		if (note_block(sink, &block, err) < 0)
			return -1;
	if (r.bad)
		return err_set(err, "the server sends no capture");
	struct bytes whole = { stream->room, stream->len - r.left };

	if (sink->fd >= 0 && write_all(sink->fd, whole, err) < 0)
		return -1;
	if (sink->fd < 0 && fflush(stdout) != 0)
		return err_errno(err, "cannot write");
	memmove(stream->room, stream->room + whole.len, r.left);
	stream->len = r.left;
	return 0;
}
