/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink.c - the connection to the server, kept up.
 *
 * The time limits are in the table of states, so that the machine can be read off it.
 */
#include "client/uplink_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define GOODBYE_MS 1000
#define STABLE_MS 10000			     /* up for so long: earlier failures are forgotten */
#define PROBE_MS 2500			     /* RFC 6298: a lost packet and its repetition fit */
#define POOL_MAX_BYTES (3 * QUEUE_MAX_BYTES) /* of one queue: each may have half of what is left */

static const struct {
	const char *name;
	unsigned limit_ms; /* 0: stays until something happens */
} states[] = {
	[UPLINK_RESOLVING] = { "resolving", 15000 },
	[UPLINK_CONNECTING] = { "connecting", 3000 },
	[UPLINK_HANDSHAKE] = { "handshake", 15000 },
	[UPLINK_LOGIN] = { "login", UPLINK_LOGIN_MS },
	[UPLINK_UP] = { "up", 0 },
	[UPLINK_WAITING] = { "waiting", 0 }, /* the pause sets its own limit */
	[UPLINK_ENDED] = { "ended", 0 },
};
_Static_assert(ARRAY_LEN(states) == UPLINK_STATES, "describe every state");

const char *const uplink_state_name[] = {
	[UPLINK_RESOLVING] = "resolving",
	[UPLINK_CONNECTING] = "connecting",
	[UPLINK_HANDSHAKE] = "handshake",
	[UPLINK_LOGIN] = "login",
	[UPLINK_UP] = "up",
	[UPLINK_WAITING] = "waiting",
	[UPLINK_ENDED] = "ended",
};

/* ---- the one place where the state changes ---- */

static void on_limit(uv_timer_t *timer);

static void enter(struct uplink *uplink, enum uplink_state state, unsigned limit_ms,
		  const char *why)
{
	uplink->state = state;
	if (limit_ms > 0)
		uv_timer_start(&uplink->limit, on_limit, limit_ms, 0);
	else
		uv_timer_stop(&uplink->limit);
	uplink->events->state(uplink->owner, state, why);
}

void uplink_enter(struct uplink *uplink, enum uplink_state state)
{
	enter(uplink, state, states[state].limit_ms, "");
}

/* ---- the connection ---- */

static void free_connection(uv_handle_t *handle)
{
	free(handle->data);
}

/* Everything of this attempt goes; the state stays. */
static void drop_connection(struct uplink *uplink)
{
	uv_timer_stop(&uplink->ticks);
	dial_cancel(uplink->dial);
	proxy_talk_free(uplink->talk);
	tls_handshake_free(uplink->handshake);
	session_free(uplink->session);
	uplink->dial = NULL;
	uplink->talk = NULL;
	uplink->handshake = NULL;
	uplink->session = NULL;
	outlet_reset(&uplink->outlet);
	uplink->remote[0] = '\0';
	if (uplink->connection) {
		uplink->connection->uplink = NULL;
		uv_close((uv_handle_t *)&uplink->connection->poll, free_connection);
		close(uplink->connection->fd);
	}
	uplink->connection = NULL;
}

/* ---- failure and pause ---- */

static void end(struct uplink *uplink, const struct err *why)
{
	drop_connection(uplink);
	enter(uplink, UPLINK_ENDED, 0, why->text);
	uplink->events->ended(uplink->owner, why);
}

/* What the server's goodbye says of the next attempt; NULL: it ended in another way. */
static const struct uplink_after *after_goodbye(struct uplink *uplink)
{
	const struct session *session = uplink->session;

	uplink->goodbye = GOODBYE_NONE;
	if (!session || session_end(session) != SESSION_END_GOODBYE)
		return NULL;
	uplink->goodbye = session_goodbye(session)->reason;
	return uplink_after_goodbye(uplink->goodbye);
}

static uint32_t pause_ms(struct uplink *uplink, const struct uplink_after *after)
{
	uint64_t now_ms = uv_now(uplink->loop);
	uint32_t dice = 0;

	(void)uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL); /* without dice: no jitter */
	if (uplink->state == UPLINK_UP && now_ms - uplink->up_since_ms >= STABLE_MS)
		uplink->failures = 0;
	if (uplink->failures++ == 0)
		uplink->failing_since_ms = now_ms;
	if (after && after->most_ms > 0)
		return uplink_after_pause_ms(after, dice);
	return uplink_pause_ms(uplink->failures, uplink->failing_since_ms, now_ms, dice);
}

void uplink_fail(struct uplink *uplink, const struct err *why)
{
	bool given_up = uplink->verdict.text[0] != '\0';
	struct err reason = given_up ? uplink->verdict : *why; /* it may point into what goes now */
	const struct uplink_after *after = after_goodbye(uplink);
	bool final = uplink_is_final(after, reason.kind, uplink->up_since_ms > 0,
				     uplink->config.service);

	if (uplink->stopping || given_up || final || (uplink->config.once && !uplink->held)) {
		end(uplink, &reason);
		return;
	}
	uint32_t pause = pause_ms(uplink, after) + 1;
	drop_connection(uplink);
	if (uplink->held) /* until somebody has typed: uplink_hold */
		enter(uplink, UPLINK_WAITING, 0, "");
	else
		enter(uplink, UPLINK_WAITING, pause, reason.text);
}

static void on_limit(uv_timer_t *timer)
{
	struct uplink *uplink = timer->data;
	char awaited[PROXY_TEXT + 32];
	struct err why = { 0 };

	if (uplink->stopping) {
		err_set(&why, "stopped");
		end(uplink, &why);
	} else if (uplink->state == UPLINK_WAITING) {
		uplink_start(uplink);
	} else {
		unsigned limit_ms = uplink->talk ? UPLINK_PROXY_MS : states[uplink->state].limit_ms;

		err_kind(&why, uplink->state <= UPLINK_CONNECTING ? ERR_CONNECT : ERR_TIMEOUT,
			 "no answer from %s for %u s while %s", uplink_awaited(uplink, awaited),
			 limit_ms / 1000, states[uplink->state].name);
		uplink_fail(uplink, &why);
	}
}

void uplink_begun_up(struct uplink *uplink)
{
	uplink->up_since_ms = uv_now(uplink->loop);
	uplink->worked = uplink->dialled;
	uplink->config.once = false; /* it counts until here */
	uplink_enter(uplink, UPLINK_UP);
}

/* ---- the dial ---- */

/* Only what somebody wrote into a profile is worth a warning. */
static void set_congestion(int fd, const char *name)
{
	if (socket_set_congestion(fd, name))
		return;
	if (strcmp(name, SOCKET_CONGESTION_DEFAULT) == 0)
		log_debug("connect: this kernel has no congestion control '%s'", name);
	else
		log_warning("connect: this kernel has no congestion control '%s', its own serves",
			    name);
}

static struct connection *open_connection(struct uplink *uplink, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection || uv_poll_init(uplink->loop, &connection->poll, fd) < 0) {
		free(connection);
		close(fd);
		return NULL;
	}
	socket_tune(fd, uplink->config.dead_ms);
	set_congestion(fd, uplink->config.congestion_control);
	connection->uplink = uplink;
	connection->fd = fd;
	connection->poll.data = connection;
	return connection;
}

void uplink_begin_handshake(struct uplink *uplink)
{
	struct tls_io io = uplink_io;
	struct err err = { 0 };

	io.owner = uplink;
	uplink->handshake =
		tls_handshake_new(uplink->config.credentials, uplink->config.peer_name, &io, &err);
	if (!uplink->handshake) {
		uplink_fail(uplink, &err);
		return;
	}
	uplink_enter(uplink, UPLINK_HANDSHAKE);
	uplink_advance(uplink);
}

static void on_dialled(void *owner, int fd, const struct sockaddr_storage *to,
		       const struct err *why)
{
	struct uplink *uplink = owner;
	struct err err = { 0 };

	uplink->dial = NULL;
	if (fd < 0) {
		uplink_fail(uplink, why);
		return;
	}
	uplink->connection = open_connection(uplink, fd);
	if (!uplink->connection) {
		err_set(&err, "out of memory");
		uplink_fail(uplink, &err);
		return;
	}
	uplink->dialled = *to;
	socket_text(to, uplink->remote);
	if (uplink->config.proxy->kind == PROXY_NONE) {
		uplink_begin_handshake(uplink);
		return;
	}
	uv_timer_start(&uplink->limit, on_limit, UPLINK_PROXY_MS, 0);
	uplink_ask_proxy(uplink);
}

static void on_resolved(void *owner)
{
	uplink_enter(owner, UPLINK_CONNECTING);
}

static int on_prepare(void *owner, int fd, const struct sockaddr *to, struct err *err)
{
	struct uplink *uplink = owner;

	return uplink->events->prepare ? uplink->events->prepare(uplink->owner, fd, to, err) : 0;
}

static const struct dial_events dial_events = {
	.prepare = on_prepare,
	.resolved = on_resolved,
	.done = on_dialled,
};

/* ---- from outside ---- */

void uplink_start(struct uplink *uplink)
{
	const struct proxy *proxy = uplink->config.proxy;
	bool direct = proxy->kind == PROXY_NONE;
	struct err err = { 0 };

	/* The nameserver may be one that only the tunnel reaches.  With a proxy the server's name is
	 * none of our business: often no nameserver here knows it. */
	uplink_enter(uplink, UPLINK_RESOLVING);
	uplink->dial = dial_start(uplink->loop, direct ? uplink->config.host : proxy->host,
				  direct ? uplink->config.port : proxy->port,
				  uplink->up_since_ms > 0 ? &uplink->worked : NULL, &dial_events,
				  uplink, &err);
	if (!uplink->dial)
		uplink_fail(uplink, &err);
}

void uplink_hurry(struct uplink *uplink)
{
	if (uplink->stopping || uplink->held)
		return;
	if (uplink->state == UPLINK_WAITING) {
		uplink_start(uplink);
	} else if (uplink->state == UPLINK_UP) {
		session_probe(uplink->session, uv_now(uplink->loop), PROBE_MS);
		uplink_flush(uplink);
	}
}

void uplink_stop(struct uplink *uplink)
{
	struct err why = { 0 };

	if (uplink->stopping || uplink->state == UPLINK_ENDED)
		return;
	uplink->stopping = true;
	if (uplink->session) {
		session_close(uplink->session, GOODBYE_LEAVING, "the client leaves");
		uv_timer_start(&uplink->limit, on_limit, GOODBYE_MS, 0);
		uplink_flush(uplink);
		return;
	}
	err_set(&why, "stopped");
	end(uplink, &why);
}

static int open_outlet(struct uplink *uplink, struct err *err)
{
	if (uv_random(NULL, NULL, &uplink->flow_key, sizeof(uplink->flow_key), 0, NULL) < 0)
		return err_set(err, "no random numbers");
	uplink->pool = frame_pool_new(POOL_MAX_BYTES);
	if (!uplink->pool || outlet_init(&uplink->outlet, &uplink_line, uplink, uplink->pool,
					 &uplink->flow_key, uplink->scratch) < 0)
		return err_set(err, "out of memory");
	return 0;
}

static void free_memory(struct uplink *uplink)
{
	outlet_free(&uplink->outlet);
	frame_pool_free(uplink->pool);
	session_memory_free(uplink->memory);
	free(uplink);
}

struct uplink *uplink_new(uv_loop_t *loop, const struct uplink_config *config,
			  const struct uplink_events *events, void *owner, struct err *err)
{
	struct uplink *uplink = calloc(1, sizeof(*uplink));

	if (!uplink) {
		err_set(err, "out of memory");
		return NULL;
	}
	uplink->memory = session_memory_new(err);
	if (!uplink->memory || open_outlet(uplink, err) < 0) {
		free_memory(uplink);
		return NULL;
	}
	uplink->loop = loop;
	uplink->config = *config;
	uplink->events = events;
	uplink->owner = owner;
	uplink->state = UPLINK_WAITING;
	uv_timer_init(loop, &uplink->limit);
	uv_timer_init(loop, &uplink->ticks);
	uplink->limit.data = uplink;
	uplink->ticks.data = uplink;
	uplink->open_handles = 2;
	return uplink;
}

static void free_uplink(uv_handle_t *handle)
{
	struct uplink *uplink = handle->data;

	if (--uplink->open_handles == 0)
		free_memory(uplink);
}

void uplink_free(struct uplink *uplink)
{
	if (!uplink)
		return;
	drop_connection(uplink);
	uv_close((uv_handle_t *)&uplink->limit, free_uplink);
	uv_close((uv_handle_t *)&uplink->ticks, free_uplink);
}

enum uplink_state uplink_state(const struct uplink *uplink)
{
	return uplink->state;
}

const struct queue_losses *uplink_losses(const struct uplink *uplink)
{
	return &uplink->losses;
}

const struct session *uplink_session(const struct uplink *uplink)
{
	return uplink->session;
}

const char *uplink_remote(const struct uplink *uplink)
{
	return uplink->remote;
}
