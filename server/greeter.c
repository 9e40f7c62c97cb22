/* SPDX-License-Identifier: Apache-2.0 */
/* server/greeter.c - the greeter's thread: listening sockets, mail, and the log of refusals.
 *
 * What happens to one stranger is in stranger.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "bridge/ports.h"
#include "server/greeter_private.h"

#define PAUSE_MS 50	 /* without listening, when there is no room */
#define ACCEPT_BUDGET 16 /* connections per readable event */

const char *const refusal_name[] = {
	[REFUSED_TOO_MANY] = "too-many",   [REFUSED_SOURCE] = "too-many-from-source",
	[REFUSED_SLOW] = "slow",	   [REFUSED_BYTES] = "bytes",
	[REFUSED_HANDSHAKE] = "handshake", [REFUSED_SESSION] = "protocol",
	[REFUSED_LOGIN] = "login",	   [REFUSED_WRONG] = "wrong",
	[REFUSED_SLOWLY] = "slowly",
};
_Static_assert(ARRAY_LEN(refusal_name) == REFUSALS, "name every refusal");

static void log_refusal(struct greeter *greeter, const char *remote, struct log_limit *limit,
			const char *detail)
{
	uint64_t suppressed;

	if (!log_limit_pass(limit, uv_now(&greeter->loop), &suppressed))
		return;
	if (suppressed > 0)
		log_info("connection from %s refused: %s (and %llu more of this kind)", remote,
			 detail, (unsigned long long)suppressed);
	else
		log_info("connection from %s refused: %s", remote, detail);
}

void greeter_login_failed(struct greeter *greeter, const char *remote, const char *detail)
{
	log_refusal(greeter, remote, &greeter->refused_log[REFUSED_WRONG], detail);
}

void greeter_refused(struct greeter *greeter, const char *remote, enum refusal why,
		     const char *detail)
{
	counter_add(&greeter->counters.refused[why], 1);
	log_refusal(greeter, remote, &greeter->refused_log[why], detail);
}

void greeter_handshake_failed(struct greeter *greeter, const char *remote, enum tls_failure failure,
			      const char *detail)
{
	counter_add(&greeter->counters.refused[REFUSED_HANDSHAKE], 1);
	counter_add(&greeter->counters.handshake_failed[failure], 1);
	log_refusal(greeter, remote, &greeter->handshake_log[failure], detail);
}

static void pause_listening(struct greeter *greeter);

static bool is_full(const struct greeter *greeter)
{
	return greeter->stranger_count >= greeter->config.max_strangers;
}

/* Nobody gives way to nobody. */
static bool somebody_waits(int listen_fd)
{
	struct pollfd at = { .fd = listen_fd, .events = POLLIN };

	return poll(&at, 1, 0) > 0;
}

static void on_listen(uv_poll_t *poll, int status, int events)
{
	struct greeter *greeter = poll->data;
	int listen_fd = greeter->config.listen_fd[poll - greeter->listen_poll];

	for (unsigned n = 0; n < ACCEPT_BUDGET; n++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);

		if (is_full(greeter) && !somebody_waits(listen_fd))
			return;
		if (is_full(greeter) && !stranger_make_room(greeter)) {
			pause_listening(greeter); /* the rest waits in the kernel's backlog */
			return;
		}
		int fd = accept4(listen_fd, (struct sockaddr *)&from, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
				return;
			/* out of descriptors or memory: asking again at once would only spin */
			greeter_refused(greeter, "?", REFUSED_TOO_MANY, strerror(errno));
			pause_listening(greeter);
			return;
		}
		counter_add(&greeter->counters.accepted, 1);
		stranger_add(greeter, fd, &from);
	}
}

static void listen_again(uv_timer_t *timer)
{
	struct greeter *greeter = timer->data;

	for (unsigned i = 0; i < greeter->listening && !greeter->stopping; i++)
		uv_poll_start(&greeter->listen_poll[i], UV_READABLE, on_listen);
}

static void stop_listening(struct greeter *greeter)
{
	for (unsigned i = 0; i < greeter->listening; i++)
		uv_poll_stop(&greeter->listen_poll[i]);
}

static void pause_listening(struct greeter *greeter)
{
	stop_listening(greeter);
	uv_timer_start(&greeter->pause, listen_again, PAUSE_MS, 0);
}

static void stop(struct greeter *greeter)
{
	greeter->stopping = true;
	stop_listening(greeter);
	while (greeter->strangers)
		stranger_remove(greeter->strangers);
}

static void leave(struct greeter *greeter)
{
	mailbox_close(greeter->box);
	if (greeter->pause.data)
		uv_close((uv_handle_t *)&greeter->pause, NULL);
	greeter->pause.data = NULL;
	prover_free(greeter->prover);
	greeter->prover = NULL;
	for (unsigned i = 0; i < greeter->listening; i++)
		uv_close((uv_handle_t *)&greeter->listen_poll[i], NULL);
	greeter->listening = 0;
}

/* Who is being greeted keeps its own. */
static void on_limits(struct greeter *greeter, const struct mail_limits *limits)
{
	greeter->config.max_strangers = limits->max_strangers;
	greeter->config.max_per_source = limits->max_per_source;
	greeter->config.login_ms = limits->login_ms;
	greeter->config.echo_ms = limits->echo_ms;
	greeter->config.dead_ms = limits->dead_ms;
	greeter->config.anonymous = limits->anonymous;
	greeter->config.passwords = limits->passwords;
	greeter->config.password = limits->password;
	if (greeter->config.porter)
		porter_limit(greeter->config.porter, limits->max_strangers, limits->max_per_source);
	memcpy(greeter->config.auth_command, limits->auth_command,
	       sizeof(greeter->config.auth_command));
}

/* Handshakes that have begun go on with what they began with. */
static void on_served(struct greeter *greeter, const struct mail_served *mail)
{
	if (served_replace(&greeter->served, mail->credentials) < 0)
		log_error("server: out of memory: the certificate stays as it was");
}

static void deliver(void *owner, unsigned from, enum mail_type type, struct bytes body)
{
	struct greeter *greeter = owner;

	switch (type) {
	case MAIL_VERDICT: stranger_verdict(greeter, (const void *)body.data); break;
	case MAIL_ASK: stranger_ask(greeter, (const void *)body.data); break;
	case MAIL_ENROLLED: stranger_enrolled(greeter, (const void *)body.data); break;
	case MAIL_SERVED: on_served(greeter, (const void *)body.data); break;
	case MAIL_LIMITS: on_limits(greeter, (const void *)body.data); break;
	case MAIL_STOP: stop(greeter); break;
	case MAIL_EXIT: leave(greeter); break;
	case MAIL_LOGIN:
	case MAIL_ADD:
	case MAIL_ADDED:
	case MAIL_DROP:
	case MAIL_ENDED:
	case MAIL_FRAME:
	case MAIL_INJECT:
	case MAIL_PUNT:
	case MAIL_SEEN:
	case MAIL_POLICY:
	case MAIL_CAPTURE:
	case MAIL_ENROL:
	case MAIL_RENEW:
	case MAIL_CREDENTIALS:
	case MAIL_STOPPED: break; /* not for the greeter */
	}
}

static void turn_end(void *owner)
{
	struct greeter *greeter = owner;

	if (greeter->stopping && !greeter->stopped)
		greeter->stopped = mail_send(greeter->box, THREAD_CONTROL, MAIL_STOPPED, NULL, 0);
}

static const struct mailbox_events mailbox_events = { .deliver = deliver, .turn_end = turn_end };

static int open_loop(struct greeter *greeter, struct err *err)
{
	const struct greeter_config *config = &greeter->config;

	if (uv_loop_init(&greeter->loop) < 0)
		return err_set(err, "cannot make an event loop");
	greeter->loop_ready = true;
	uv_timer_init(&greeter->loop, &greeter->pause);
	greeter->pause.data = greeter;
	for (unsigned i = 0; i < config->listen_count; i++) {
		if (uv_poll_init(&greeter->loop, &greeter->listen_poll[i], config->listen_fd[i]) <
		    0)
			return err_set(err, "cannot watch a listening socket");
		greeter->listen_poll[i].data = greeter;
		greeter->listening++;
	}
	greeter->prover = prover_new(&greeter->loop, config->passwords_at_once, err);
	if (!greeter->prover)
		return -1;
	greeter->box = mailbox_open(config->office, THREAD_GREETER, &greeter->loop, &mailbox_events,
				    greeter, err);
	return greeter->box ? 0 : -1;
}

static int make_tries(struct greeter *greeter, struct err *err)
{
	struct siphash_key key;

	if (uv_random(NULL, NULL, &key, sizeof(key), 0, NULL) < 0)
		return err_set(err, "no random numbers");
	greeter->tries = tries_new(&key);
	return greeter->tries ? 0 : err_set(err, "out of memory");
}

struct greeter *greeter_new(const struct greeter_config *config, struct err *err)
{
	struct greeter *greeter = calloc(1, sizeof(*greeter));

	if (!greeter) {
		tls_credentials_free(config->credentials);
		err_set(err, "out of memory");
		return NULL;
	}
	greeter->config = *config;
	int failed = served_replace(&greeter->served, config->credentials);
	greeter->memory = session_memory_new(err);
	if (failed < 0)
		err_set(err, "out of memory");
	if (failed < 0 || !greeter->memory || make_tries(greeter, err) < 0 ||
	    open_loop(greeter, err) < 0) {
		greeter_free(greeter);
		return NULL;
	}
	return greeter;
}

static void run(void *arg)
{
	struct greeter *greeter = arg;

	listen_again(&greeter->pause);
	uv_run(&greeter->loop, UV_RUN_DEFAULT);
}

int greeter_run(struct greeter *greeter, struct err *err)
{
	if (uv_thread_create(&greeter->thread, run, greeter) < 0)
		return err_set(err, "cannot start the greeter's thread");
	greeter->running = true;
	return 0;
}

void greeter_join(struct greeter *greeter)
{
	if (greeter && greeter->running)
		uv_thread_join(&greeter->thread);
	if (greeter)
		greeter->running = false;
}

void greeter_free(struct greeter *greeter)
{
	if (!greeter)
		return;
	if (greeter->loop_ready) {
		while (greeter->strangers)
			stranger_remove(greeter->strangers);
		leave(greeter);
		uv_run(&greeter->loop, UV_RUN_DEFAULT); /* closing handles, hashes under way */
		uv_loop_close(&greeter->loop);
	}
	session_memory_free(greeter->memory);
	served_free(&greeter->served);
	tries_free(greeter->tries);
	free(greeter);
}

const struct greeter_counters *greeter_counters(const struct greeter *greeter)
{
	return &greeter->counters;
}
