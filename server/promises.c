/* SPDX-License-Identifier: Apache-2.0 */
/* server/promises.c - what hosts were promised about prefixes: the tables of all scopes, kept on
 * disk.  What a promise is, and when it is over: radvd-lite/ra_promises.h.
 *
 * A server that is killed after it has written and before it has spoken keeps a promise that
 * nobody heard, which does no harm; the other way round it would forget one.
 */
#include "server/promises.h"

#include <stdlib.h>
#include <time.h>

#include "server/server_private.h"

#define MAX_TABLES 1024
#define LONGEST_WAIT_S 86400 /* the clock may be set while we wait */
#define RETRY_MS 10000	     /* twice what one writing waits for others who hold the file */

struct table {
	struct state_scope scope;
	struct ra_promises promises;
	bool unsaved; /* the disk has something else */
	struct table *next;
};

struct promises {
	struct server *server;
	unsigned count;
	struct table *tables;
	bool failing;	   /* the latest writing failed, and was logged */
	uint64_t retry_ms; /* then no other one sooner: it may have kept us waiting */
	bool full;	   /* there was no room for a table, which was logged */
	uv_timer_t timer;  /* when a promise is over */
};

static uint64_t now_s(void)
{
	time_t now = time(NULL);

	return now < 0 ? 0 : (uint64_t)now;
}

/* ---- tables ---- */

static struct table *find(const struct promises *promises, const struct state_scope *scope)
{
	struct table *table = promises->tables;

	while (table && (strcmp(table->scope.user, scope->user) != 0 ||
			 strcmp(table->scope.group, scope->group) != 0))
		table = table->next;
	return table;
}

static struct table *find_or_add(struct promises *promises, const struct state_scope *scope)
{
	struct table *table = find(promises, scope);

	if (table)
		return table;
	if (promises->count == MAX_TABLES || !(table = calloc(1, sizeof(*table)))) {
		if (!promises->full)
			log_error("promises: no room: what user '%s' in group '%s' and others are "
				  "promised is not kept",
				  scope->user, scope->group);
		promises->full = true;
		return NULL;
	}
	table->scope = *scope;
	table->next = promises->tables;
	promises->tables = table;
	promises->count++;
	return table;
}

bool promises_know_user(const struct promises *promises, const char *user)
{
	for (const struct table *table = promises->tables; table; table = table->next)
		if (table->promises.count > 0 && strcmp(table->scope.user, user) == 0)
			return true;
	return false;
}

bool promises_know_group(const struct promises *promises, const char *group)
{
	for (const struct table *table = promises->tables; table; table = table->next)
		if (table->promises.count > 0 && strcmp(table->scope.group, group) == 0)
			return true;
	return false;
}

unsigned promises_left(const struct ra_promises *table,
		       struct ra_prefix prefix[static RA_MAX_PROMISES])
{
	return ra_promises_list(table, now_s(), prefix, RA_MAX_PROMISES);
}

bool promises_has(const struct ra_promises *table, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < table->count; i++)
		if (prefix6_equal(&table->promise[i].prefix.prefix, prefix))
			return table->promise[i].configured;
	return false;
}

void promises_each(const struct promises *promises, promises_visit visit, void *owner)
{
	for (const struct table *table = promises->tables; table; table = table->next)
		visit(owner, &table->scope, &table->promises);
}

/* ---- the disk ---- */

/* All that the disk does not know. */
static int write_unsaved(const struct promises *promises, struct err *err)
{
	struct state *state = promises->server->state;
	int failed = state_promises_begin(state, err);

	if (failed < 0)
		return -1;
	for (const struct table *table = promises->tables; table && failed == 0;
	     table = table->next)
		if (table->unsaved)
			failed = state_promises_write(state, &table->scope, &table->promises, err);
	return state_promises_end(state, failed, err);
}

static bool any_unsaved(const struct promises *promises)
{
	const struct table *table = promises->tables;

	while (table && !table->unsaved)
		table = table->next;
	return table != NULL;
}

/* After all are on disk: what is empty need not be kept here either. */
static void forget_empty(struct promises *promises)
{
	for (struct table **link = &promises->tables, *table; (table = *link);) {
		table->unsaved = false;
		if (table->promises.count > 0) {
			link = &table->next;
			continue;
		}
		*link = table->next;
		free(table);
		promises->count--;
		promises->full = false;
	}
}

/* The tables may be others afterwards. */
static void save(struct promises *promises)
{
	uint64_t now_ms = uv_now(&promises->server->loop);
	struct err err = { 0 };

	if (!any_unsaved(promises) || (promises->failing && now_ms < promises->retry_ms))
		return;
	bool failed = write_unsaved(promises, &err) < 0;
	/* to be silent would cost the clients more than a promise that a crash may forget */
	if (failed && !promises->failing)
		log_error("promises: %s", err.text);
	promises->failing = failed;
	promises->retry_ms = now_ms + RETRY_MS;
	if (!failed)
		forget_empty(promises);
}

static void restore(void *owner, const struct state_scope *scope, const struct ra_promise *promise)
{
	struct table *table = find_or_add(owner, scope);

	if (table && !ra_promises_restore(&table->promises, now_s(), promise))
		table->unsaved = true; /* it is over: the disk need not keep it */
}

/* ---- time ---- */

static void on_timer(uv_timer_t *timer)
{
	struct promises *promises = timer->data;

	promises_refresh(promises);
	tap_addresses_follow(promises->server);
}

static void wait_for_the_end(struct promises *promises)
{
	uint64_t now = now_s(), end = RA_NO_END_S;

	for (const struct table *table = promises->tables; table; table = table->next) {
		uint64_t end_s = ra_promises_end_s(&table->promises);
		end = end_s < end ? end_s : end;
	}
	if (end == RA_NO_END_S) {
		uv_timer_stop(&promises->timer);
		return;
	}
	uint64_t wait_s = end > now ? end - now : 0;
	if (wait_s > LONGEST_WAIT_S)
		wait_s = LONGEST_WAIT_S;
	uv_timer_start(&promises->timer, on_timer, (wait_s + 1) * 1000, 0);
}

/* ---- what is promised ---- */

/* Takes what `ra` offers into the table, and what the table has into `ra`.  True: it is news. */
static bool apply(const struct promises *promises, struct table *table, struct ra *ra)
{
	struct ra_offer offer[RA_MAX_PREFIXES];

	for (unsigned i = 0; i < ra->prefix_count; i++)
		offer[i] = (struct ra_offer) {
			.prefix = ra->prefix[i],
			.counts_down = kernel_counts_down(promises->server->kernel, &ra->prefix[i]),
		};
	bool news = ra_promises_update(&table->promises, now_s(), offer, ra->prefix_count, NULL);
	table->unsaved = table->unsaved || news;
	ra->prefix_count = ra_promises_list(&table->promises, now_s(), ra->prefix, RA_MAX_PREFIXES);
	return news;
}

void promises_apply(struct promises *promises, const struct state_scope *scope, struct ra *ra)
{
	struct table *table = find_or_add(promises, scope);

	if (!table)
		return;
	if (apply(promises, table, ra))
		wait_for_the_end(promises);
	if (table->unsaved)
		save(promises);
}

/*
 * Of a scope whose section is no longer there, and that has nothing to call off: the scope without
 * it promises the same.  Else the tables of all sections that there ever were would stay.
 */
static bool is_needless(const struct server_config *config, const struct table *table)
{
	const struct state_scope *scope = &table->scope;

	if ((!scope->user[0] || server_config_section(config, SECTION_USER, scope->user)) &&
	    (!scope->group[0] || server_config_section(config, SECTION_GROUP, scope->group)))
		return false;
	for (unsigned i = 0; i < table->promises.count; i++)
		if (!table->promises.promise[i].configured ||
		    table->promises.promise[i].until_s > now_s())
			return false;
	return true;
}

static void refresh(struct promises *promises, struct table *table)
{
	const struct server *server = promises->server;
	struct ra_settings settings;
	struct ra ra;

	server_config_resolve(&server->config, table->scope.user, table->scope.group, &settings);
	content_compose(server, &settings, &ra);
	if (!settings.enabled)
		ra.prefix_count = 0; /* what is not said is not promised */
	apply(promises, table, &ra);
	if (is_needless(&server->config, table)) {
		table->promises.count = 0;
		table->unsaved = true;
	}
}

void promises_refresh(struct promises *promises)
{
	for (struct table *table = promises->tables; table; table = table->next)
		refresh(promises, table);
	save(promises);
	wait_for_the_end(promises);
}

/* ---- life ---- */

int promises_open(struct server *server, struct err *err)
{
	struct promises *promises = calloc(1, sizeof(*promises));

	if (!promises)
		return err_set(err, "out of memory");
	server->promises = promises;
	promises->server = server;
	uv_timer_init(&server->loop, &promises->timer);
	promises->timer.data = promises;
	if (state_promises_read(server->state, restore, promises, err) < 0)
		return -1;
	promises_refresh(promises);
	return 0;
}

static void on_closed(uv_handle_t *timer)
{
	struct promises *promises = timer->data;

	for (struct table *table = promises->tables, *next; table; table = next) {
		next = table->next;
		free(table);
	}
	free(promises);
}

void promises_close(struct promises *promises)
{
	if (promises)
		uv_close((uv_handle_t *)&promises->timer, on_closed);
}
