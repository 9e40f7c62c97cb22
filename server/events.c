/* SPDX-License-Identifier: Apache-2.0 */
/* server/events.c - a ring of events; number n is in place n % EVENTS_MAX. */
#include "server/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "server/state.h"

const char *const event_kind_name[EVENT_KINDS] = {
	[EVENT_SERVER] = "server",
	[EVENT_CLIENT_UP] = "client-up",
	[EVENT_CLIENT_DOWN] = "client-down",
	[EVENT_LOGIN_FAILED] = "login-failed",
	[EVENT_LEASE] = "lease",
	[EVENT_GUARD] = "guard",
	[EVENT_ROUTER] = "router",
	[EVENT_CONFIG] = "config",
	[EVENT_CAPTURE] = "capture",
};
_Static_assert(EVENT_KINDS == EVENT_CAPTURE + 1, "name every kind");

struct event {
	int64_t at_s;
	enum event_kind kind;
	uint32_t client;
	char user[STATE_USER_MAX], text[EVENT_TEXT];
};

struct events {
	uint64_t last; /* numbers begin with 1 */
	void (*added)(void *owner);
	void *owner;
	struct event event[EVENTS_MAX];
};

struct events *events_new(void)
{
	return calloc(1, sizeof(struct events));
}

void events_free(struct events *events)
{
	free(events);
}

void events_watch(struct events *events, void (*added)(void *owner), void *owner)
{
	events->added = added;
	events->owner = owner;
}

uint64_t events_last(const struct events *events)
{
	return events->last;
}

unsigned events_of_user(const struct events *events, enum event_kind kind, const char *user,
			int64_t since_s, int64_t *latest_s)
{
	uint64_t kept = events->last < EVENTS_MAX ? events->last : EVENTS_MAX;
	unsigned count = 0;

	for (uint64_t i = 0; i < kept; i++) { /* the newest first */
		const struct event *event = &events->event[(events->last - i) % EVENTS_MAX];

		if (event->at_s < since_s)
			break;
		if (event->kind == kind && strcmp(event->user, user) == 0 && count++ == 0)
			*latest_s = event->at_s;
	}
	return count;
}

bool event_limit_pass(struct event_limit *limit, uint64_t now_ms, unsigned *more)
{
	/* on a clock ten times as slow */
	static const struct bucket_limit of_tens = { .burst = EVENTS_BURST, .per_second = 1 };

	if (!bucket_take(&limit->bucket, of_tens, now_ms / 10)) {
		limit->more++;
		return false;
	}
	*more = limit->more;
	limit->more = 0;
	return true;
}

bool event_again_pass(struct event_again *again, uint64_t now_ms)
{
	bool is_new = again->wait_ms == 0 || now_ms - again->seen_ms >= EVENT_QUIET_MS;

	again->seen_ms = now_ms;
	if (!is_new && now_ms < again->next_ms)
		return false;
	again->wait_ms = is_new ? EVENT_AGAIN_MS : 2 * again->wait_ms;
	if (again->wait_ms > EVENT_QUIET_MS)
		again->wait_ms = EVENT_QUIET_MS;
	again->next_ms = now_ms + again->wait_ms;
	return true;
}

void events_add(struct events *events, enum event_kind kind, uint32_t client, const char *user,
		const char *format, ...)
{
	struct event *event = &events->event[++events->last % EVENTS_MAX];
	va_list args;

	*event = (struct event) { .at_s = time(NULL), .kind = kind, .client = client };
	snprintf(event->user, sizeof(event->user), "%s", user);
	va_start(args, format);
	vsnprintf(event->text, sizeof(event->text), format, args);
	va_end(args);
	if (events->added)
		events->added(events->owner);
}

static json_t *event_json(const struct event *event, uint64_t number)
{
	return json_pack("{s:I, s:I, s:s, s:o, s:s?, s:s}", "seq", (json_int_t)number, "at_s",
			 (json_int_t)event->at_s, "kind", event_kind_name[event->kind], "client",
			 event->client ? json_integer(event->client) : json_null(), "user",
			 event->user[0] ? event->user : NULL, "text", event->text);
}

/* NULL: everybody's. */
static bool is_of(const struct event *event, const struct events_of *of)
{
	if (!of || (of->client > 0 && event->client == of->client))
		return true;
	return of->user[0] && strcmp(event->user, of->user) == 0 &&
	       (of->client == 0 || event->client == 0);
}

static uint64_t oldest_of(const struct events *events)
{
	return events->last > EVENTS_MAX ? events->last - EVENTS_MAX + 1 : 1;
}

uint64_t events_before_newest(const struct events *events, const struct events_of *of,
			      unsigned count)
{
	uint64_t before = events->last, oldest = oldest_of(events);

	for (; before >= oldest && count > 0; before--)
		if (is_of(&events->event[before % EVENTS_MAX], of))
			count--;
	return before;
}

json_t *events_after(const struct events *events, const struct events_of *of, uint64_t after,
		     unsigned most)
{
	uint64_t oldest = oldest_of(events);
	uint64_t from = after > events->last ? oldest : after + 1;
	json_t *all = json_array();
	uint64_t lost = 0;

	if (from < oldest) {
		lost = oldest - from;
		from = oldest;
	}
	for (; from <= events->last && most > 0; from++) {
		const struct event *event = &events->event[from % EVENTS_MAX];

		if (!is_of(event, of))
			continue;
		json_array_append_new(all, event_json(event, from));
		most--;
	}
	return json_pack("{s:I, s:I, s:o}", "last", (json_int_t)(from - 1), "lost",
			 (json_int_t)lost, "events", all);
}
