/* SPDX-License-Identifier: Apache-2.0 */
/* admin/feed.c - what is live, as it changes: asked for once a second while somebody looks, and
 * told to all who do: a snapshot, then what is another since.  Server-sent events: HTML 9.2. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin_private.h"
#include "admin/metrics.h"
#include "admin/patch.h"

#define FRESH_MS 1500 /* a state that is older is asked for anew before somebody begins with it */
#define EPOCH_LEN 16

static void wake_all(struct feed *feed)
{
	for (struct stream *stream = feed->streams; stream; stream = stream->next)
		stream_wake(stream);
}

/* "id: EPOCH-17\nevent: delta\ndata: {...}\n\n": the data are one line, as jansson writes control
 * characters as \uXXXX. */
static struct shared *make_event(const struct feed *feed, const char *kind, const json_t *object)
{
	char head[96];

	snprintf(head, sizeof(head), "id: %s-%" PRIu64 "\nevent: %s\ndata: ", feed->epoch, feed->id,
		 kind);
	return shared_text(head, object, "\n\n");
}

/* ---- the state ---- */

static void forget_deltas(struct feed *feed)
{
	for (unsigned i = 0; i < FEED_DELTAS; i++) {
		shared_release(feed->delta[i]);
		feed->delta[i] = NULL;
	}
}

/* Who comes back with the number of the last event is one of them. */
static bool somebody_has_it(const struct feed *feed)
{
	for (const struct stream *stream = feed->streams; stream; stream = stream->next)
		if (stream->begun)
			return true;
	return false;
}

static void take_state(struct feed *feed, json_t *state)
{
	json_t *patch =
		feed->state && somebody_has_it(feed) ? patch_make(feed->state, state) : NULL;

	if (!patch || json_object_size(patch) > 0) {
		struct shared **place = &feed->delta[++feed->id % FEED_DELTAS];

		shared_release(*place);
		*place = patch ? make_event(feed, "delta", patch) : NULL;
		if (!*place) /* whoever has what was before begins again */
			forget_deltas(feed);
		shared_release(feed->snapshot);
		feed->snapshot = NULL;
	}
	json_decref(patch);
	json_decref(feed->state);
	feed->state = state;
}

/* ---- metrics ---- */

static void give_metrics(struct request *request, const json_t *state)
{
	bool open = metrics_wants_open(MHD_lookup_connection_value(
		request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	size_t len;
	char *text = metrics_text(state, open, &len);
	struct shared *shared = text ? malloc(sizeof(*shared) + len) : NULL;

	if (shared) {
		shared->users = 1;
		shared->len = len;
		memcpy(shared->text, text, len);
	}
	free(text);
	request->type = open ? METRICS_OPEN : METRICS_PLAIN;
	request_ready(request, MHD_HTTP_OK, shared);
}

static void answer_waiting(struct feed *feed, const struct err *err)
{
	struct request *request = feed->waiting, *next;

	feed->waiting = NULL;
	for (; request; request = next) {
		next = request->next_waiting;
		if (feed->state && !err->text[0])
			give_metrics(request, feed->state);
		else
			request_failed(request, err);
	}
}

static void on_state(void *owner, json_t *answer, const struct err *err)
{
	struct admin *admin = owner;
	struct feed *feed = &admin->feed;

	feed->asked = false;
	if (answer) {
		patch_strip(answer);
		take_state(feed, answer);
		feed->state_ms = uv_now(&admin->loop);
		wake_all(feed);
	}
	answer_waiting(feed, err);
}

void feed_ask(struct admin *admin)
{
	if (admin->feed.asked || admin->ending)
		return;
	admin->feed.asked = true;
	ask_host(admin, json_pack("{s:s, s:s}", "verb", "show", "what", "live"), -1, on_state,
		 admin);
}

void feed_give_metrics(struct admin *admin, struct request *request)
{
	if (feed_is_fresh(admin)) {
		give_metrics(request, admin->feed.state);
		return;
	}
	request_wait(request);
	request->next_waiting = admin->feed.waiting;
	admin->feed.waiting = request;
	feed_ask(admin);
}

void feed_sweep(struct admin *admin)
{
	struct feed *feed = &admin->feed;
	struct stream *next;

	for (struct stream *stream = feed->streams; stream; stream = next) {
		next = stream->next;
		stream_sweep(stream);
	}
	if (feed->streams)
		feed_ask(admin);
}

bool feed_is_fresh(const struct admin *admin)
{
	return admin->feed.state && uv_now(&admin->loop) - admin->feed.state_ms < FRESH_MS;
}

/* ---- what comes next ---- */

static bool has_all_since(const struct feed *feed, uint64_t id)
{
	if (id > feed->id || feed->id - id >= FEED_DELTAS)
		return false;
	for (uint64_t each = id + 1; each <= feed->id; each++)
		if (!feed->delta[each % FEED_DELTAS])
			return false;
	return true;
}

bool feed_resume(const struct feed *feed, const char *last, uint64_t *id)
{
	char *end;

	if (!last || strncmp(last, feed->epoch, EPOCH_LEN) != 0 || last[EPOCH_LEN] != '-' ||
	    last[EPOCH_LEN + 1] < '0' || last[EPOCH_LEN + 1] > '9')
		return false;
	*id = strtoull(last + EPOCH_LEN + 1, &end, 10);
	return !*end && has_all_since(feed, *id);
}

struct shared *feed_next(struct feed *feed, bool begun, uint64_t *id)
{
	struct shared *next;

	if (!feed->state || (begun && *id == feed->id))
		return NULL;
	if (begun && has_all_since(feed, *id)) {
		next = feed->delta[++*id % FEED_DELTAS];
	} else {
		if (!feed->snapshot)
			feed->snapshot = make_event(feed, "snapshot", feed->state);
		next = feed->snapshot;
		*id = feed->id;
	}
	if (next)
		next->users++;
	return next;
}

/* ---- from start to end ---- */

int feed_open(struct feed *feed, struct err *err)
{
	uint64_t random;

	/* another start of the server has other numbers */
	if (uv_random(NULL, NULL, &random, sizeof(random), 0, NULL) < 0)
		return err_set(err, "no random numbers");
	snprintf(feed->epoch, sizeof(feed->epoch), "%016" PRIx64, random);
	return 0;
}

void feed_free(struct feed *feed)
{
	forget_deltas(feed);
	shared_release(feed->snapshot);
	json_decref(feed->state);
	*feed = (struct feed) { 0 };
}
