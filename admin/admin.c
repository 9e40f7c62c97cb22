/* SPDX-License-Identifier: Apache-2.0 */
/* admin/admin.c - the thread: from its listening sockets to its end, and what comes from others. */
#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin_private.h"
#include "admin/download.h"
#include "base/log.h"
#include "base/priority.h"

#define BACKLOG 64
#define HANDED_MAX (2 * ASKED_MAX)

/* ---- what comes from others ---- */

enum handed_what {
	HANDED_ANSWER,
	HANDED_TOKENS,
	HANDED_FORGET,
	HANDED_CONNECTION,
	HANDED_END,
};

struct handed {
	enum handed_what what;
	uint64_t ticket;
	json_t *answer;
	struct err err;
	char user[ADMIN_NAME_MAX];
	int fd;
	struct sockaddr_storage from;
	unsigned token_count;
	struct admin_token token[];
};

static void drop_handed(void *thing)
{
	struct handed *handed = thing;

	if (handed->what == HANDED_CONNECTION)
		close(handed->fd);
	json_decref(handed->answer);
	free(handed);
}

static void end(struct admin *admin);

static void take_handed(void *owner, void *thing)
{
	struct admin *admin = owner;
	struct handed *handed = thing;

	switch (handed->what) {
	case HANDED_ANSWER:
		ask_answered(admin, handed->ticket, handed->answer, &handed->err);
		break;
	case HANDED_TOKENS: tokens_set(admin, handed->token, handed->token_count); break;
	case HANDED_FORGET: logons_forget(admin, handed->user); break;
	case HANDED_CONNECTION: http_take(admin, handed->fd, &handed->from); break;
	case HANDED_END: end(admin); break;
	}
	free(handed);
	if (!admin->ending)
		http_turn(admin);
}

static void give(struct admin *admin, struct handed *handed)
{
	if (handed && !handover_give(admin->in, handed))
		drop_handed(handed); /* whoever waits for it is told that no answer came */
}

void admin_answer(struct admin *admin, uint64_t ticket, json_t *answer, const struct err *err)
{
	struct handed *handed = calloc(1, sizeof(*handed));

	if (!handed) {
		json_decref(answer);
		return;
	}
	handed->ticket = ticket;
	handed->answer = answer;
	if (!answer)
		handed->err = *err;
	give(admin, handed);
}

void admin_set_tokens(struct admin *admin, const struct admin_token *tokens, unsigned count)
{
	struct handed *handed = calloc(1, sizeof(*handed) + count * sizeof(*tokens));

	if (!handed)
		return;
	handed->what = HANDED_TOKENS;
	handed->token_count = count;
	memcpy(handed->token, tokens, count * sizeof(*tokens));
	give(admin, handed);
}

void admin_forget(struct admin *admin, const char *user)
{
	struct handed *handed = calloc(1, sizeof(*handed));

	if (!handed)
		return;
	handed->what = HANDED_FORGET;
	snprintf(handed->user, sizeof(handed->user), "%s", user);
	give(admin, handed);
}

bool admin_take_connection(struct admin *admin, int fd, const struct sockaddr_storage *from)
{
	struct handed *handed = calloc(1, sizeof(*handed));

	if (!handed)
		return false;
	handed->what = HANDED_CONNECTION;
	handed->fd = fd;
	handed->from = *from;
	bool taken = handover_give(admin->in, handed);
	if (!taken)
		free(handed);
	return taken;
}

/* ---- listening ---- */

static void on_listen(uv_poll_t *poll, int status, int events);

static void on_rested(uv_timer_t *timer)
{
	struct admin *admin = timer->data;

	for (unsigned i = 0; i < admin->listening; i++)
		uv_poll_start(&admin->listen_poll[i], UV_READABLE, on_listen);
}

/* To let in and send away again whoever comes would cost more than frames can spare. */
static void rest(struct admin *admin)
{
	for (unsigned i = 0; i < admin->listening; i++)
		uv_poll_stop(&admin->listen_poll[i]);
	uv_timer_start(&admin->rest, on_rested, ACCEPTS_REST_MS, 0);
}

static void on_listen(uv_poll_t *poll, int status, int events)
{
	struct admin *admin = poll->data;

	if (!http_accept(admin, admin->listen_fd[poll - admin->listen_poll]))
		rest(admin);
}

static int bind_to(const struct admin_listen *at, struct err *err)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(at->port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(at->port) };
	bool is_six = inet_pton(AF_INET6, at->host, &six.sin6_addr) == 1;
	int one = 1;

	if (!is_six && inet_pton(AF_INET, at->host, &four.sin_addr) != 1)
		return err_set(err, "[admin] listen: '%s' is no address", at->host);
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "cannot make a socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    (is_six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) < 0) ||
	    bind(fd, is_six ? (void *)&six : (void *)&four, is_six ? sizeof(six) : sizeof(four)) <
		    0 ||
	    listen(fd, BACKLOG) < 0) {
		err_errno(err, "[admin] cannot listen on %s port %u", at->host, at->port);
		close(fd);
		return -1;
	}
	return fd;
}

static int open_listeners(struct admin *admin, struct err *err)
{
	for (unsigned i = 0; i < admin->config.listen_count; i++) {
		int fd = bind_to(&admin->config.listen[i], err);

		if (fd < 0)
			return -1;
		admin->listen_fd[admin->listening] = fd;
		if (uv_poll_init(&admin->loop, &admin->listen_poll[i], fd) < 0) {
			close(fd);
			return err_set(err, "cannot watch a listening socket");
		}
		admin->listen_poll[admin->listening++].data = admin;
		uv_poll_start(&admin->listen_poll[i], UV_READABLE, on_listen);
	}
	return 0;
}

unsigned admin_listening(const struct admin *admin)
{
	return admin->listening;
}

/* ---- from start to end ---- */

static void on_sweep(uv_timer_t *timer)
{
	struct admin *admin = timer->data;

	ask_sweep(admin);
	feed_sweep(admin);
	downloads_sweep(admin);
	http_sweep(admin);
}

static int open_loop(struct admin *admin, struct err *err)
{
	if (uv_loop_init(&admin->loop) < 0)
		return err_set(err, "cannot make an event loop");
	admin->loop_ready = true;
	uv_timer_init(&admin->loop, &admin->sweep);
	uv_timer_init(&admin->loop, &admin->rest);
	admin->sweep.data = admin->rest.data = admin;
	uv_timer_start(&admin->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	admin->in = handover_open(&admin->loop, HANDED_MAX, take_handed, drop_handed, admin, err);
	if (!admin->in || http_open(admin, err) < 0)
		return -1;
	return open_listeners(admin, err);
}

/* On its thread, or when there is none.  Connections that wait are told so, as libmicrohttpd wants
 * them to go on before it ends. */
static void end(struct admin *admin)
{
	if (admin->ending)
		return;
	admin->ending = true;
	ask_end(admin);
	streams_end(admin);
	downloads_end(admin);
	if (admin->daemon)
		MHD_run(admin->daemon);
	for (unsigned i = 0; i < admin->listening; i++)
		uv_close((uv_handle_t *)&admin->listen_poll[i], NULL);
	if (admin->loop_ready) {
		uv_close((uv_handle_t *)&admin->sweep, NULL);
		uv_close((uv_handle_t *)&admin->rest, NULL);
	}
	http_close(admin);
	handover_close(admin->in);
	admin->in = NULL;
}

struct admin *admin_open(const struct admin_config *config, const struct admin_host *host,
			 struct err *err)
{
	struct admin *admin = calloc(1, sizeof(*admin));

	if (!admin || sodium_init() < 0) {
		err_set(err, admin ? "libsodium cannot run here" : "out of memory");
		free(admin);
		return NULL;
	}
	admin->config = *config;
	admin->host = *host;
	admin->snapshot = calloc(route_count, sizeof(*admin->snapshot));
	admin->last = calloc(1, sizeof(*admin->last));
	if (!admin->snapshot || !admin->last)
		err_set(err, "out of memory");
	else
		admin->last->what = HANDED_END;
	if (!admin->snapshot || !admin->last || feed_open(&admin->feed, err) < 0 ||
	    open_loop(admin, err) < 0) {
		admin_close(admin);
		return NULL;
	}
	return admin;
}

static void run(void *arg)
{
	struct admin *admin = arg;

	priority_give_way(); /* whoever asks, and whatever for, no frame waits for it */
	uv_run(&admin->loop, UV_RUN_DEFAULT);
}

int admin_run(struct admin *admin, struct err *err)
{
	if (uv_thread_create(&admin->thread, run, admin) < 0)
		return err_set(err, "cannot start the admin's thread");
	admin->running = true;
	return 0;
}

void admin_close(struct admin *admin)
{
	if (!admin)
		return;
	if (admin->running) {
		while (!handover_give(admin->in, admin->last))
			uv_sleep(1); /* its thread empties it */
		uv_thread_join(&admin->thread);
		admin->last = NULL; /* it was taken */
	}
	free(admin->last);
	end(admin);
	if (admin->loop_ready) {
		uv_run(&admin->loop, UV_RUN_DEFAULT); /* the closing handles' last turn */
		uv_loop_close(&admin->loop);
	}
	for (unsigned i = 0; i < admin->listening; i++)
		close(admin->listen_fd[i]);
	feed_free(&admin->feed);
	if (admin->snapshot)
		snapshot_forget_all(admin);
	free(admin->snapshot);
	free(admin);
}
