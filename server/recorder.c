/* SPDX-License-Identifier: Apache-2.0 */
/* server/recorder.c - when the rings of history.h get what, and as JSON. */
#include "server/recorder.h"

#include <stdlib.h>
#include <time.h>

#include "server/history.h"
#include "server/server_private.h"

struct recorder {
	struct server *server;
	uv_timer_t timer;
	struct history_ring *hour, *day;
	uint64_t rx_bytes, tx_bytes; /* that are in the rings */
};

/* The step that a look at this moment is of: it may come a little late, and never early. */
static uint64_t step_before(const struct server *server, uint64_t step_ms)
{
	return (uv_now(&server->loop) - HISTORY_STEP_MS / 2) / step_ms;
}

/* A client's ring begins with what it had before the first look. */
static void look_at_client(struct client *client, uint64_t step)
{
	struct traffic now = traffic_of(client);

	if (!client->history)
		client->history = history_new(HISTORY_CLIENT_POINTS);
	if (!client->history) /* memory is short: perhaps the next time */
		return;
	history_add(client->history, step, now.rx_bytes - client->recorded_rx,
		    now.tx_bytes - client->recorded_tx);
	client->recorded_rx = now.rx_bytes;
	client->recorded_tx = now.tx_bytes;
}

static void look(struct recorder *recorder)
{
	struct server *server = recorder->server;
	struct groups groups;
	struct traffic sum;

	groups_now(server, &groups);
	sum = groups_sum(&groups);
	uint64_t rx = sum.rx_bytes - recorder->rx_bytes, tx = sum.tx_bytes - recorder->tx_bytes;

	history_add(recorder->hour, step_before(server, HISTORY_STEP_MS), rx, tx);
	history_add(recorder->day, step_before(server, HISTORY_DAY_STEP_MS), rx, tx);
	recorder->rx_bytes = sum.rx_bytes;
	recorder->tx_bytes = sum.tx_bytes;
	for (struct client *client = server->clients; client; client = client->next)
		look_at_client(client, step_before(server, HISTORY_CLIENT_STEP_MS));
}

static void on_step(uv_timer_t *timer);

/* Steps begin at multiples of their length on the loop's clock: a timer that repeats would drift. */
static void wait_for_step(struct recorder *recorder)
{
	uint64_t into_ms = uv_now(&recorder->server->loop) % HISTORY_STEP_MS;

	uv_timer_start(&recorder->timer, on_step, HISTORY_STEP_MS - into_ms, 0);
}

static void on_step(uv_timer_t *timer)
{
	struct recorder *recorder = timer->data;

	look(recorder);
	if (recorder->server->client_count > 0) /* else what the last ones did is there */
		wait_for_step(recorder);
}

void recorder_client_comes(struct recorder *recorder)
{
	if (!uv_is_active((uv_handle_t *)&recorder->timer))
		wait_for_step(recorder);
}

/* ---- life ---- */

struct recorder *recorder_new(struct server *server, struct err *err)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (recorder) {
		recorder->server = server;
		recorder->hour = history_new(HISTORY_POINTS);
		recorder->day = history_new(HISTORY_POINTS);
	}
	if (!recorder || !recorder->hour || !recorder->day) {
		err_set(err, "out of memory");
		if (recorder) {
			free(recorder->hour);
			free(recorder->day);
		}
		free(recorder);
		return NULL;
	}
	uv_timer_init(&server->loop, &recorder->timer);
	recorder->timer.data = recorder;
	return recorder;
}

static void on_closed(uv_handle_t *timer)
{
	struct recorder *recorder = timer->data;

	free(recorder->hour);
	free(recorder->day);
	free(recorder);
}

void recorder_close(struct recorder *recorder)
{
	if (recorder)
		uv_close((uv_handle_t *)&recorder->timer, on_closed);
}

/* ---- JSON ---- */

/* Whole steps alone: up to the one that this moment is in. */
static json_t *ring_json(const struct server *server, struct history_ring *ring, uint64_t step_ms,
			 int64_t from_s)
{
	json_t *rx = json_array(), *tx = json_array();
	uint64_t now_ms = uv_now(&server->loop);
	uint32_t first = 0;

	history_advance(ring, now_ms / step_ms);
	/* the step that this moment is in may have begun: it is not over */
	uint32_t count = ring->count - (ring->count > 0 && ring->next > now_ms / step_ms);
	/* on the clock of who asks, as it goes now */
	int64_t begin_s = (int64_t)time(NULL) - (int64_t)(now_ms / 1000) +
			  (int64_t)((ring->next - ring->count) * step_ms / 1000);
	int64_t step_s = (int64_t)step_ms / 1000;

	while (first < count && begin_s + first * step_s < from_s)
		first++;
	for (uint32_t i = first; i < count; i++) {
		json_array_append_new(rx,
				      json_integer((json_int_t)(history_at(ring, i)[0] + 0.5f)));
		json_array_append_new(tx,
				      json_integer((json_int_t)(history_at(ring, i)[1] + 0.5f)));
	}
	return json_pack("{s:I, s:I, s:o, s:o}", "step_s", (json_int_t)step_s, "since_s",
			 (json_int_t)(begin_s + first * step_s), "rx_bytes", rx, "tx_bytes", tx);
}

json_t *recorder_all(struct recorder *recorder, int64_t from_s)
{
	return json_pack("{s:o, s:o}", "hour",
			 ring_json(recorder->server, recorder->hour, HISTORY_STEP_MS, from_s),
			 "day",
			 ring_json(recorder->server, recorder->day, HISTORY_DAY_STEP_MS, from_s));
}

json_t *recorder_client(struct recorder *recorder, const struct client *client, int64_t from_s)
{
	struct history_ring none = { .points = 1 };

	return json_pack("{s:o}", "hour",
			 ring_json(recorder->server, client->history ? client->history : &none,
				   HISTORY_CLIENT_STEP_MS, from_s));
}
