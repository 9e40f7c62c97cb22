/* SPDX-License-Identifier: Apache-2.0 */
/* server/stranger.c - one connection from accept to login.
 *
 *   TLS handshake -> hello -> (the control thread decides) -> accepted: to a worker
 *
 * What the control thread may ask in between is in stranger_login.c, for whom there is room in
 * stranger_room.c.  Anything else ends it: too slow, too many bytes, a mistake.  Bytes and time are
 * limited from the first one on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/socket.h"
#include "bridge/ports.h"
#include "server/greeter_private.h"

#define STRANGER_MAX_BYTES 32768 /* a handshake with a certificate chain takes some 3,000 */
#define GOODBYE_MS 2000		 /* for a refused client to read why */
#define USER_TIMEOUT_MS 60000

static void advance(struct stranger *stranger);

/* ---- end ---- */

static void free_stranger(uv_handle_t *handle)
{
	struct stranger *stranger = handle->data;

	if (--stranger->open_handles == 0)
		free(stranger);
}

static void end_handshake(struct stranger *stranger)
{
	tls_handshake_free(stranger->handshake);
	served_release(&stranger->greeter->served, stranger->served);
	stranger->handshake = NULL;
	stranger->served = NULL;
}

void stranger_remove(struct stranger *stranger)
{
	struct greeter *greeter = stranger->greeter;

	if (stranger->gone)
		return;
	stranger->gone = true;
	*stranger->link = stranger->next;
	if (stranger->next)
		stranger->next->link = stranger->link;
	greeter->stranger_count--;
	atomic_store_explicit(&greeter->counters.strangers, greeter->stranger_count,
			      memory_order_relaxed);
	uv_close((uv_handle_t *)&stranger->poll, free_stranger);
	uv_close((uv_handle_t *)&stranger->timer, free_stranger);
	uv_close((uv_handle_t *)&stranger->even, free_stranger);
	stranger_forget(stranger);
	end_handshake(stranger);
	session_free(stranger->session);
	stranger->session = NULL;
	if (stranger->fd >= 0)
		close(stranger->fd);
	stranger->fd = -1;
}

void stranger_drop(struct stranger *stranger, enum refusal why, const char *detail)
{
	greeter_refused(stranger->greeter, stranger->remote, why, detail);
	stranger_remove(stranger);
}

static void on_timer(uv_timer_t *timer)
{
	struct stranger *stranger = timer->data;

	if (stranger->draining ||
	    (stranger->session && session_state(stranger->session) >= SESSION_CLOSING))
		stranger_remove(stranger); /* it had its time to read the goodbye */
	else
		stranger_drop(stranger, REFUSED_SLOW, "not logged in in time");
}

/* ---- the socket ---- */

static ssize_t read_some(void *owner, void *to, size_t len)
{
	struct stranger *stranger = owner;
	ssize_t n = recv(stranger->fd, to, len, 0);

	if (n > 0) {
		stranger->bytes += (size_t)n;
		stranger->spoke = true;
	}
	if (stranger->bytes > STRANGER_MAX_BYTES) {
		stranger->too_many_bytes = true;
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}

static ssize_t write_some(void *owner, const void *from, size_t len)
{
	struct stranger *stranger = owner;

	return send(stranger->fd, from, len, MSG_NOSIGNAL);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct stranger *stranger = poll->data;

	if (!stranger->gone)
		advance(stranger);
}

static void watch(struct stranger *stranger, int events)
{
	if (events == stranger->watching)
		return;
	stranger->watching = events;
	if (events)
		uv_poll_start(&stranger->poll, events, on_poll);
	else
		uv_poll_stop(&stranger->poll);
}

void stranger_wait(struct stranger *stranger, uint64_t wait_ms)
{
	uv_timer_start(&stranger->timer, on_timer, wait_ms, 0);
}

/* So long it may take to read why it was refused, but not beyond the login time. */
static void limit_goodbye(struct stranger *stranger)
{
	uint64_t left_ms = uv_timer_get_due_in(&stranger->timer);

	uv_timer_start(&stranger->timer, on_timer, left_ms < GOODBYE_MS ? left_ms : GOODBYE_MS, 0);
}

/* The last words are sent.  Closing before all is read would be a reset, which may overtake them. */
static void drain(struct stranger *stranger)
{
	stranger->refused = true;
	stranger->draining = true;
	shutdown(stranger->fd, SHUT_WR);
	limit_goodbye(stranger);
	watch(stranger, UV_READABLE);
}

/* ---- the handshake ---- */

/* False if it has no session afterwards; it is then gone. */
static bool begin_session(struct stranger *stranger)
{
	const struct greeter_config *config = &stranger->greeter->config;
	struct tls_secrets secrets;
	struct err err = { 0 };
	struct session_config session = {
		.role = TLS_SERVER,
		.login_ms = config->login_ms, /* our own timer counts from accept */
		.echo_ms = config->echo_ms,
		.dead_ms = config->dead_ms,
		.hello = {
			.version = MESSAGE_VERSION,
			.capabilities = CAPABILITY_OFFLOAD,
			.max_frame = FRAME_MAX,
			.software = "lanyard " LANYARD_VERSION,
		},
	};

	const struct pki_description *peer = tls_handshake_peer(stranger->handshake);

	if (peer) {
		stranger->login.peer = *peer;
		memcpy(stranger->login.authority, tls_handshake_authority(stranger->handshake),
		       sizeof(stranger->login.authority));
	}
	stranger->login.anonymous = !peer;
	tls_handshake_secrets(stranger->handshake, &secrets);
	end_handshake(stranger);
	stranger->session =
		session_new(&session, &secrets, &stranger_events, stranger,
			    stranger->greeter->memory, uv_now(&stranger->greeter->loop), &err);
	tls_secrets_wipe(&secrets);
	if (!stranger->session)
		stranger_drop(stranger, REFUSED_SESSION, err.text);
	return stranger->session != NULL;
}

/* It is a browser: whoever speaks HTTP goes on with it. */
static void hand_to_porter(struct stranger *stranger)
{
	struct tls_secrets secrets;

	tls_handshake_secrets(stranger->handshake, &secrets);
	watch(stranger, 0);
	if (porter_take(stranger->greeter->config.porter, stranger->fd, &secrets))
		stranger->fd = -1;
	else
		greeter_refused(stranger->greeter, stranger->remote, REFUSED_TOO_MANY,
				"too many browsers");
	tls_secrets_wipe(&secrets);
	stranger_remove(stranger);
}

/* With its first words: who is silent costs no TLS context. */
static bool begin(struct stranger *stranger)
{
	struct greeter *greeter = stranger->greeter;
	struct tls_io io = { .read = read_some, .write = write_some, .owner = stranger };
	struct err err = { 0 };

	stranger->served = served_take(greeter->served);
	stranger->handshake = tls_handshake_new(stranger->served->credentials, NULL, &io, &err);
	if (!stranger->handshake)
		greeter_refused(greeter, stranger->remote, REFUSED_HANDSHAKE, err.text);
	else if (greeter->config.anonymous)
		tls_handshake_allow_anonymous(stranger->handshake);
	if (stranger->handshake && greeter->config.porter)
		tls_handshake_allow_http(stranger->handshake);
	return stranger->handshake != NULL;
}

/* False when it is gone. */
static bool step_handshake(struct stranger *stranger)
{
	struct err err = { 0 };

	switch (tls_handshake_step(stranger->handshake)) {
	case TLS_WANT_READ: watch(stranger, UV_READABLE); return true;
	case TLS_WANT_WRITE: watch(stranger, UV_WRITABLE); return true;
	case TLS_DONE:
		if (!tls_handshake_is_http(stranger->handshake))
			return begin_session(stranger);
		hand_to_porter(stranger);
		return false;
	case TLS_FAILED: break;
	}
	enum tls_failure failure = tls_handshake_failure(stranger->handshake, &err);
	if (stranger->too_many_bytes)
		greeter_refused(stranger->greeter, stranger->remote, REFUSED_BYTES, err.text);
	else
		greeter_handshake_failed(stranger->greeter, stranger->remote, failure, err.text);
	end_handshake(stranger);
	drain(stranger);
	return false;
}

static void write_output(struct stranger *stranger)
{
	struct bytes out;

	session_flush(stranger->session);
	while ((out = session_output(stranger->session)).len > 0) {
		ssize_t n = write_some(stranger, out.data, out.len);
		if (n > 0)
			session_sent(stranger->session, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		else if (n == 0 || errno != EINTR)
			session_lost(stranger->session);
	}
}

static void read_input(struct stranger *stranger)
{
	size_t cap;
	void *room = session_room(stranger->session, &cap);
	ssize_t n = read_some(stranger, room, cap);

	if (n > 0)
		session_received(stranger->session, (size_t)n, uv_now(&stranger->greeter->loop));
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		session_lost(stranger->session);
}

/* The session is over: the other end shall still read why. */
static void begin_draining(struct stranger *stranger)
{
	enum refusal why = stranger->too_many_bytes ? REFUSED_BYTES : REFUSED_SESSION;
	struct err err = { 0 };

	session_end_sentence(stranger->session, &err);
	if (!stranger->refused) /* else a verdict has said so already */
		greeter_refused(stranger->greeter, stranger->remote, why, err.text);
	drain(stranger);
}

/* Does the client have the word? */
static bool may_speak(const struct stranger *stranger)
{
	enum session_state state = session_state(stranger->session);

	return state == SESSION_HELLO || (state == SESSION_LOGIN && stranger->listens);
}

void stranger_step(struct stranger *stranger)
{
	if (may_speak(stranger))
		read_input(stranger);
	write_output(stranger);
	switch (session_state(stranger->session)) {
	case SESSION_HELLO: watch(stranger, UV_READABLE); break;
	case SESSION_LOGIN: /* else until the verdict */
		watch(stranger, stranger->listens ? UV_READABLE : 0);
		break;
	case SESSION_CLOSING:
		limit_goodbye(stranger);
		watch(stranger, UV_WRITABLE);
		break;
	case SESSION_CLOSED: begin_draining(stranger); break;
	case SESSION_UP:
	case SESSION_STATES: break; /* not here: an accepted one has left */
	}
}

static void advance(struct stranger *stranger)
{
	if (stranger->draining) {
		if (socket_drained(stranger->fd, &stranger->bytes) ||
		    stranger->bytes > STRANGER_MAX_BYTES)
			stranger_remove(stranger);
		return;
	}
	if (!stranger->handshake && !stranger->session && !begin(stranger)) {
		stranger_remove(stranger);
		return;
	}
	if (stranger->handshake && (!step_handshake(stranger) || stranger->handshake))
		return;
	stranger_step(stranger);
}

/* ---- the verdict ---- */

static void hand_over(struct stranger *stranger, const struct mail_verdict *verdict)
{
	struct greeter *greeter = stranger->greeter;
	struct mail_add add = {
		.port = verdict->port,
		.fd = stranger->fd,
		.session = stranger->session,
	};

	session_accept(stranger->session, &verdict->welcome, uv_now(&greeter->loop));
	write_output(stranger);
	watch(stranger, 0);
	uv_poll_stop(&stranger->poll);
	if (!mail_send(greeter->box, THREAD_WORKER + verdict->worker, MAIL_ADD, &add,
		       sizeof(add))) {
		struct mail_ended ended = { .port = verdict->port,
					    .sentence = "a worker is overloaded" };
		mail_send(greeter->box, THREAD_CONTROL, MAIL_ENDED, &ended, sizeof(ended));
		stranger_drop(stranger, REFUSED_TOO_MANY, ended.sentence);
		return;
	}
	counter_add(&greeter->counters.logged_in, 1);
	stranger->session = NULL; /* the worker's now */
	stranger->fd = -1;
	stranger_remove(stranger);
}

struct stranger *stranger_find(struct greeter *greeter, uint32_t id)
{
	struct stranger *stranger = greeter->strangers;

	while (stranger && stranger->id != id)
		stranger = stranger->next;
	return stranger && stranger->session && session_state(stranger->session) == SESSION_LOGIN
		       ? stranger
		       : NULL;
}

void stranger_refuse(struct stranger *stranger, enum refusal why, enum goodbye_reason reason,
		     const char *text)
{
	char detail[STRANGER_DETAIL];

	greeter_refused(stranger->greeter, stranger->remote, why,
			stranger_detail(stranger, text, detail));
	stranger->refused = true;
	session_close(stranger->session, reason, text);
}

void stranger_verdict(struct greeter *greeter, const struct mail_verdict *verdict)
{
	struct stranger *stranger = stranger_find(greeter, verdict->stranger);

	if (!stranger) {
		if (verdict->accepted) { /* it left while it was discussed */
			struct mail_ended ended = { .port = verdict->port,
						    .sentence = "left before it was let in" };
			mail_send(greeter->box, THREAD_CONTROL, MAIL_ENDED, &ended, sizeof(ended));
		}
		return;
	}
	stranger_judged(stranger, verdict->accepted, verdict->reason);
	if (verdict->accepted) {
		hand_over(stranger, verdict);
		return;
	}
	stranger_refuse(stranger, verdict->reason == GOODBYE_WRONG ? REFUSED_WRONG : REFUSED_LOGIN,
			verdict->reason, verdict->text);
	stranger_step(stranger);
}

/* ---- begin ---- */

void stranger_add(struct greeter *greeter, int fd, const struct sockaddr_storage *from)
{
	struct source source = source_of((const struct sockaddr *)from);
	struct stranger *stranger = NULL;
	char remote[REMOTE_TEXT];

	socket_text(from, remote);
	if (stranger_count(greeter, &source) >= greeter->config.max_per_source) {
		greeter_refused(greeter, remote, REFUSED_SOURCE, "too many connections from there");
		close(fd);
		return;
	}
	stranger = calloc(1, sizeof(*stranger));
	if (!stranger || uv_poll_init(&greeter->loop, &stranger->poll, fd) < 0) {
		greeter_refused(greeter, remote, REFUSED_TOO_MANY, "out of memory");
		free(stranger);
		close(fd);
		return;
	}
	socket_tune(fd, USER_TIMEOUT_MS);
	stranger->greeter = greeter;
	stranger->id = ++greeter->next_id;
	stranger->since_ms = uv_now(&greeter->loop);
	stranger->fd = fd;
	stranger->source = source;
	memcpy(stranger->remote, remote, sizeof(remote));
	stranger->open_handles = 3;
	stranger->poll.data = stranger;
	uv_timer_init(&greeter->loop, &stranger->timer);
	stranger->timer.data = stranger;
	uv_timer_init(&greeter->loop, &stranger->even);
	stranger->even.data = stranger;
	uv_timer_start(&stranger->timer, on_timer, greeter->config.login_ms, 0);
	stranger->next = greeter->strangers;
	stranger->link = &greeter->strangers;
	if (stranger->next)
		stranger->next->link = &stranger->next;
	greeter->strangers = stranger;
	greeter->stranger_count++;
	atomic_store_explicit(&greeter->counters.strangers, greeter->stranger_count,
			      memory_order_relaxed);
	watch(stranger, UV_READABLE);
}
