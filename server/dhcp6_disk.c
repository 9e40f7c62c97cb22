/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_disk.c - leases to disk, the routes that follow them, and the answers that wait: none
 * leaves before what it promises is on disk.
 *
 *   held --- the turn ends: commit ---> committed --- the disk has it ---> sent
 *
 * The disk is waited for in another thread (state_sync.h), for one commit at a time.  Meanwhile
 * messages are answered on, and what changes is committed when that thread is free.  Whoever's
 * answer is dropped, as its commit or its sync failed, hears nothing and asks again.  An Advertise
 * promises nothing (RFC 9915 18.3.9), so it waits for none of this while the disk does its part.
 */
#include <stdlib.h>

#include "server/dhcp6_private.h"

/* ---- the store, and the routes that follow it ---- */

static int on_begin(void *owner, struct err *err)
{
	struct dhcp6_server *dhcp6 = owner;

	dhcp6->news = (struct lease_news) { 0 };
	return state_leases_begin(dhcp6->on_disk, err);
}

/* An imported prefix has no route before its client has come: nobody knows where to. */
bool dhcp6_is_routed(const struct dhcp6_lease *lease)
{
	return lease->kind == DHCP6_PREFIX && lease->state == DHCP6_ACTIVE &&
	       !ip6_is_unspecified(&lease->peer);
}

static int on_put(void *owner, const struct dhcp6_lease *lease, struct err *err)
{
	struct dhcp6_server *dhcp6 = owner;

	if (dhcp6_is_routed(lease) &&
	    dhcp6_routes_set(dhcp6->routes, &lease->what, &lease->peer, err) < 0)
		return -1;
	if (lease->kind == DHCP6_PREFIX && lease->state != DHCP6_ACTIVE)
		dhcp6_routes_unset(dhcp6->routes, &lease->what);
	if (state_leases_put(dhcp6->on_disk, lease, err) < 0)
		return -1;
	lease_news_add(&dhcp6->news, lease);
	return 0;
}

static int on_remove(void *owner, const struct dhcp6_lease *lease, struct err *err)
{
	struct dhcp6_server *dhcp6 = owner;

	if (lease->kind == DHCP6_PREFIX)
		dhcp6_routes_unset(dhcp6->routes, &lease->what);
	lease_news_add(&dhcp6->news, lease);
	return state_leases_remove(dhcp6->on_disk, lease, err);
}

static int on_commit(void *owner, struct err *err)
{
	struct dhcp6_server *dhcp6 = owner;

	if (state_leases_commit(dhcp6->on_disk, err) < 0)
		return -1;
	dhcp6_routes_apply(dhcp6->routes);
	event_leases(dhcp6->server, &dhcp6->news);
	return 0;
}

static void on_rollback(void *owner)
{
	struct dhcp6_server *dhcp6 = owner;

	dhcp6_routes_forget_changes(dhcp6->routes);
	state_leases_rollback(dhcp6->on_disk);
}

/* ---- commits ---- */

/* How a commit ended, with the disk's part.  Logged once for each trouble, and once for its end. */
static void note(struct dhcp6_server *dhcp6, bool failed, const struct err *err)
{
	dhcp6_count_commit(&dhcp6->counts, (uv_hrtime() - dhcp6->commit_began_ns) / 1000, failed);
	if (failed && !dhcp6->failing)
		log_error("dhcp6: no lease is given or renewed: %s", err->text);
	if (!failed && dhcp6->failing)
		log_info("dhcp6: leases are on disk again");
	dhcp6->failing = failed;
}

static bool is_all_written(const struct dhcp6_server *dhcp6)
{
	return !dhcp6_leases_unsaved(dhcp6->leases) && !state_sync_is_doubtful(dhcp6->sync);
}

static int commit(struct dhcp6_server *dhcp6)
{
	struct err err = { 0 };

	dhcp6->commit_began_ns = uv_hrtime();
	int failed = state_sync_repair(dhcp6->sync, &err);
	if (failed == 0)
		failed = dhcp6_leases_save(dhcp6->leases, &dhcp6->store, &err);
	if (failed < 0)
		note(dhcp6, true, &err);
	else
		state_sync_begin(dhcp6->sync);
	dhcp6_wait_for_the_next(dhcp6);
	return failed;
}

/* ---- answers ---- */

bool dhcp6_has_room(const struct dhcp6_server *dhcp6)
{
	return dhcp6->held.len + sizeof(struct dhcp6_waiting) + DHCP6_MAX_MESSAGE <=
	       DHCP6_LETTERS_BYTES;
}

void dhcp6_hold(struct dhcp6_server *dhcp6, const struct dhcp6_waiting *letter,
		const uint8_t *payload)
{
	uint8_t *to = dhcp6->held.bytes + dhcp6->held.len;

	memcpy(to, letter, sizeof(*letter));
	memcpy(to + sizeof(*letter), payload, letter->len);
	dhcp6->held.len += sizeof(*letter) + letter->len;
}

static void send_all(struct dhcp6_server *dhcp6, struct dhcp6_letters *letters)
{
	const uint8_t *at = letters->bytes, *end = at + letters->len;

	while (at < end) {
		struct dhcp6_waiting waiting;

		memcpy(&waiting, at, sizeof(waiting));
		dhcp6_send(dhcp6, &waiting, at + sizeof(waiting));
		at += sizeof(waiting) + waiting.len;
	}
	letters->len = 0;
}

/* -1: what was committed last is not on disk. */
static int take_result(struct dhcp6_server *dhcp6, bool wait)
{
	struct err err = { 0 };

	switch (state_sync_take(dhcp6->sync, wait, &err)) {
	case STATE_SYNC_NONE: return 0;
	case STATE_SYNC_DONE:
		note(dhcp6, false, NULL);
		send_all(dhcp6, &dhcp6->committed);
		return 0;
	case STATE_SYNC_FAILED: break;
	}
	note(dhcp6, true, &err);
	dhcp6->committed.len = 0;
	dhcp6_wait_for_the_next(dhcp6);
	return -1;
}

static void on_news(void *owner)
{
	take_result(owner, false);
	/* what changed meanwhile is committed at the end of this turn */
}

void dhcp6_server_turn_end(struct dhcp6_server *dhcp6)
{
	if (!dhcp6->leases) /* what was on disk could not be read: the server ends */
		return;
	if (!state_sync_is_free(dhcp6->sync))
		return;
	if (is_all_written(dhcp6)) {
		send_all(dhcp6, &dhcp6->held);
		return;
	}
	if (commit(dhcp6) < 0) {
		dhcp6->held.len = 0;
		return;
	}
	struct dhcp6_letters empty = dhcp6->committed;
	dhcp6->committed = dhcp6->held;
	dhcp6->held = empty;
}

int dhcp6_save(struct dhcp6_server *dhcp6)
{
	take_result(dhcp6, true);
	if (is_all_written(dhcp6))
		return 0;
	if (commit(dhcp6) < 0)
		return -1;
	return take_result(dhcp6, true);
}

void dhcp6_finish(struct dhcp6_server *dhcp6)
{
	if (dhcp6_save(dhcp6) == 0)
		send_all(dhcp6, &dhcp6->held);
	dhcp6->held.len = 0;
}

/* ---- from start to end ---- */

int dhcp6_disk_open(struct dhcp6_server *dhcp6, struct err *err)
{
	struct server *server = dhcp6->server;

	dhcp6->store =
		(struct dhcp6_store) { dhcp6, on_begin, on_put, on_remove, on_commit, on_rollback };
	dhcp6->held.bytes = malloc(DHCP6_LETTERS_BYTES);
	dhcp6->committed.bytes = malloc(DHCP6_LETTERS_BYTES);
	if (!dhcp6->held.bytes || !dhcp6->committed.bytes)
		return err_set(err, "out of memory");
	dhcp6->beside = state_open_beside(server->state, err);
	dhcp6->on_disk = dhcp6->beside ? state_leases_open(dhcp6->beside, err) : NULL;
	if (!dhcp6->on_disk)
		return -1;
	dhcp6->sync = state_sync_open(dhcp6->beside, &server->loop, on_news, dhcp6, err);
	return dhcp6->sync ? 0 : -1;
}

void dhcp6_disk_close(struct dhcp6_server *dhcp6)
{
	/* nobody is there to be told any more, but what was released or has ended is so */
	dhcp6->held.len = dhcp6->committed.len = 0;
	if (dhcp6->sync && dhcp6->leases)
		dhcp6_save(dhcp6);
	state_sync_close(dhcp6->sync);
	state_leases_close(dhcp6->on_disk);
	state_close(dhcp6->beside);
	free(dhcp6->held.bytes);
	free(dhcp6->committed.bytes);
}
