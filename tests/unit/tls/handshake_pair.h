/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/handshake_pair.h
 *
 * Two ends of a handshake with pipes between them that take and give as few bytes at a time as
 * the test likes, and that end when the end that writes them has failed.
 */
#ifndef TESTS_HANDSHAKE_PAIR_H
#define TESTS_HANDSHAKE_PAIR_H

#include <errno.h>

#include "hex.h"
#include "tls/handshake.h"

#define PIPE_CAP 65536

struct pipe {
	uint8_t data[PIPE_CAP];
	size_t read, written;
	unsigned writes;
	size_t chunk; /* bytes a call takes or gives at most; 0: any number */
	bool balks;   /* every other call says EAGAIN */
	bool balked;
	bool ended; /* nothing will follow what is in it */
	int broken; /* errno of any write */
};

struct end {
	struct pipe *in, *out;
	struct tls_handshake *handshake;
	enum tls_step step;
};

struct pair {
	struct pipe to_server, to_client;
	struct end client, server;
};

static inline bool pipe_balks(struct pipe *pipe)
{
	if (!pipe->balks)
		return false;
	pipe->balked = !pipe->balked;
	errno = EAGAIN;
	return pipe->balked;
}

static inline size_t pipe_share(const struct pipe *pipe, size_t len, size_t most)
{
	len = len < most ? len : most;
	return pipe->chunk > 0 && pipe->chunk < len ? pipe->chunk : len;
}

static inline ssize_t pipe_read(void *owner, void *to, size_t len)
{
	struct pipe *pipe = ((struct end *)owner)->in;
	size_t share = pipe_share(pipe, len, pipe->written - pipe->read);

	if (share == 0 && pipe->ended)
		return 0;
	if (share == 0 || pipe_balks(pipe)) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(to, pipe->data + pipe->read, share);
	pipe->read += share;
	return (ssize_t)share;
}

static inline ssize_t pipe_write(void *owner, const void *from, size_t len)
{
	struct pipe *pipe = ((struct end *)owner)->out;
	size_t share = pipe_share(pipe, len, PIPE_CAP - pipe->written);

	if (pipe->broken) {
		errno = pipe->broken;
		return -1;
	}
	if (share == 0 || pipe_balks(pipe)) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(pipe->data + pipe->written, from, share);
	pipe->written += share;
	pipe->writes++;
	return (ssize_t)share;
}

static inline struct bytes pipe_rest(const struct pipe *pipe)
{
	return bytes_of(pipe->data + pipe->read, pipe->written - pipe->read);
}

static inline void pipe_put(struct pipe *pipe, struct bytes bytes)
{
	memcpy(pipe->data + pipe->written, bytes.data, bytes.len);
	pipe->written += bytes.len;
}

static inline void end_begin(struct end *end, const struct tls_credentials *credentials,
			     const char *dialled)
{
	struct tls_io io = { .read = pipe_read, .write = pipe_write, .owner = end };
	struct err err = { 0 };

	end->handshake = tls_handshake_new(credentials, dialled, &io, &err);
	end->step = TLS_WANT_READ;
	if (!end->handshake)
		fail_msg("no handshake: %s", err.text);
}

static inline bool end_is_over(const struct end *end)
{
	return end->step == TLS_DONE || end->step == TLS_FAILED;
}

/* One step; true if it went on. */
static inline bool end_step(struct end *end)
{
	size_t before = end->in->read + end->out->written;

	if (!end->handshake || end_is_over(end))
		return false;
	end->step = tls_handshake_step(end->handshake);
	if (end->step == TLS_FAILED)
		end->out->ended = true;
	return end_is_over(end) || end->in->read + end->out->written != before || end->in->balked ||
	       end->out->balked;
}

/* As far as both go. */
static inline void pair_run(struct pair *pair)
{
	bool client_went = true, server_went = true;

	while (client_went || server_went) {
		client_went = end_step(&pair->client);
		server_went = end_step(&pair->server);
	}
}

/* Either credentials may be NULL: that end is the test itself. */
static inline struct pair *pair_new(const struct tls_credentials *client,
				    const struct tls_credentials *server, const char *dialled)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	pair->client = (struct end) { .in = &pair->to_client, .out = &pair->to_server };
	pair->server = (struct end) { .in = &pair->to_server, .out = &pair->to_client };
	if (client)
		end_begin(&pair->client, client, dialled);
	if (server)
		end_begin(&pair->server, server, NULL);
	return pair;
}

static inline void pair_free(struct pair *pair)
{
	tls_handshake_free(pair->client.handshake);
	tls_handshake_free(pair->server.handshake);
	free(pair);
}

#endif
