/* SPDX-License-Identifier: Apache-2.0 */
/* server/porter.c - the porter's thread: what it is handed, for how many there is room, and its end.
 *
 * What happens to one browser is in carrier.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/priority.h"
#include "server/porter_private.h"

#define HANDED_MAX 64

struct handed_browser {
	int fd; /* -1: the end */
	struct tls_secrets secrets;
};

static void free_handed(struct handed_browser *handed)
{
	tls_secrets_wipe(&handed->secrets);
	free(handed);
}

static void drop_handed(void *thing)
{
	struct handed_browser *handed = thing;

	if (handed->fd >= 0)
		close(handed->fd);
	free_handed(handed);
}

/* ---- room ---- */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

void porter_limit(struct porter *porter, unsigned strangers, unsigned per_source)
{
	porter->most = least(PORTER_MOST, strangers);
	porter->per_source = least(PORTER_PER_SOURCE, per_source);
}

static unsigned count(const struct porter *porter, const struct source *source)
{
	unsigned found = 0;

	for (const struct carrier *at = porter->carriers; at; at = at->next)
		if (!source || memcmp(&at->source, source, sizeof(*source)) == 0)
			found++;
	return found;
}

static struct carrier *oldest_ended(const struct porter *porter)
{
	struct carrier *oldest = NULL;

	for (struct carrier *at = porter->carriers; at; at = at->next) /* the newest first */
		if (at->state != CARRIER_OPEN)
			oldest = at;
	return oldest;
}

/* One that is over but for its end; else the oldest of the source that has the most, if that are more
 * than `than`; NULL: nobody. */
static struct carrier *first_to_go(const struct porter *porter, unsigned than)
{
	struct carrier *first = oldest_ended(porter);
	unsigned most = than;

	if (first)
		return first;
	for (struct carrier *at = porter->carriers; at; at = at->next) { /* the newest first */
		unsigned of_it = count(porter, &at->source);

		if (of_it > most || (first && of_it == most)) {
			most = of_it;
			first = at;
		}
	}
	return first;
}

static bool make_room(struct porter *porter, const struct source *source)
{
	unsigned own = count(porter, source);

	if (own >= porter->per_source)
		return false;
	if (count(porter, NULL) < porter->most)
		return true;
	struct carrier *first = first_to_go(porter, own);
	if (first)
		carrier_remove(first);
	return first != NULL;
}

static void refuse(struct porter *porter, const struct sockaddr_storage *from)
{
	char remote[SOCKET_TEXT];
	uint64_t suppressed;

	if (log_limit_pass(&porter->refused_log, uv_now(&porter->loop), &suppressed))
		log_info("admin: browser at %s refused: too many (and %llu more of this kind)",
			 socket_text(from, remote), (unsigned long long)suppressed);
}

/* ---- what it is handed ---- */

static void end(struct porter *porter);

static void take_browser(struct porter *porter, struct handed_browser *handed)
{
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	struct source source;

	if (getpeername(handed->fd, (struct sockaddr *)&from, &len) < 0) { /* it has left */
		close(handed->fd);
		return;
	}
	source = source_of((struct sockaddr *)&from);
	if (make_room(porter, &source)) {
		carrier_add(porter, handed->fd, &handed->secrets, &from);
		return;
	}
	refuse(porter, &from);
	close(handed->fd);
}

static void take_handed(void *owner, void *thing)
{
	struct porter *porter = owner;
	struct handed_browser *handed = thing;

	if (handed->fd < 0)
		end(porter);
	else
		take_browser(porter, handed);
	free_handed(handed);
}

bool porter_take(struct porter *porter, int fd, const struct tls_secrets *secrets)
{
	struct handed_browser *handed = malloc(sizeof(*handed));

	if (!handed)
		return false;
	*handed = (struct handed_browser) { .fd = fd, .secrets = *secrets };
	uv_mutex_lock(&porter->lock);
	bool taken = !porter->closed && handover_give(porter->in, handed);
	uv_mutex_unlock(&porter->lock);
	if (!taken)
		free_handed(handed);
	return taken;
}

/* ---- from start to end ---- */

/* On its thread, or when there is none. */
static void end(struct porter *porter)
{
	if (porter->ending)
		return;
	porter->ending = true;
	while (porter->carriers)
		carrier_remove(porter->carriers);
	handover_close(porter->in);
	porter->in = NULL;
}

static int open_loop(struct porter *porter, struct err *err)
{
	if (uv_mutex_init(&porter->lock) < 0)
		return err_set(err, "cannot make a lock");
	porter->lock_ready = true;
	if (uv_loop_init(&porter->loop) < 0)
		return err_set(err, "cannot make an event loop");
	porter->loop_ready = true;
	porter->in =
		handover_open(&porter->loop, HANDED_MAX, take_handed, drop_handed, porter, err);
	return porter->in ? 0 : -1;
}

struct porter *porter_new(unsigned strangers, unsigned per_source, struct err *err)
{
	struct porter *porter = calloc(1, sizeof(*porter));

	if (!porter) {
		err_set(err, "out of memory");
		return NULL;
	}
	porter_limit(porter, strangers, per_source);
	porter->last = calloc(1, sizeof(*porter->last));
	if (!porter->last)
		err_set(err, "out of memory");
	else
		porter->last->fd = -1;
	if (!porter->last || open_loop(porter, err) < 0) {
		porter_free(porter);
		return NULL;
	}
	return porter;
}

static void run(void *arg)
{
	struct porter *porter = arg;

	priority_give_way(); /* strangers' bytes are sealed here: no frame waits for them */
	uv_run(&porter->loop, UV_RUN_DEFAULT);
}

int porter_run(struct porter *porter, struct admin *admin, struct err *err)
{
	porter->admin = admin;
	if (uv_thread_create(&porter->thread, run, porter) < 0)
		return err_set(err, "cannot start the porter's thread");
	porter->running = true;
	return 0;
}

void porter_stop(struct porter *porter)
{
	if (!porter)
		return;
	uv_mutex_lock(&porter->lock);
	porter->closed = true;
	uv_mutex_unlock(&porter->lock);
	if (!porter->running)
		return;
	while (!handover_give(porter->in, porter->last))
		uv_sleep(1); /* its thread empties it */
	uv_thread_join(&porter->thread);
	porter->running = false;
	porter->last = NULL; /* it was taken */
}

void porter_free(struct porter *porter)
{
	if (!porter)
		return;
	if (porter->lock_ready)
		porter_stop(porter);
	if (porter->loop_ready) {
		end(porter);
		uv_run(&porter->loop, UV_RUN_DEFAULT); /* the closing handles' last turn */
		uv_loop_close(&porter->loop);
	}
	if (porter->lock_ready)
		uv_mutex_destroy(&porter->lock);
	free(porter->last);
	free(porter);
}
