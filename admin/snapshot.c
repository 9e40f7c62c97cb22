/* SPDX-License-Identifier: Apache-2.0 */
/* admin/snapshot.c - answers that show something: made when somebody asks, at most once in
 * ADMIN_SNAPSHOT_MS each, and shared by all who ask meanwhile. */
#include "admin/admin_private.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 4096

struct dump {
	struct shared *shared; /* NULL: no memory */
	size_t room;
};

static int add_text(const char *text, size_t len, void *to)
{
	struct dump *dump = to;
	struct shared *grown;
	size_t needs = dump->shared->len + len + 1;

	if (needs > dump->room) {
		dump->room = 2 * needs;
		grown = realloc(dump->shared, sizeof(*grown) + dump->room);
		if (!grown)
			return -1;
		dump->shared = grown;
	}
	memcpy(dump->shared->text + dump->shared->len, text, len);
	dump->shared->len += len;
	dump->shared->text[dump->shared->len] = '\0';
	return 0;
}

struct shared *shared_text(const char *head, const json_t *object, const char *tail)
{
	struct dump dump = { malloc(sizeof(*dump.shared) + ROOM), ROOM };

	if (!dump.shared)
		return NULL;
	*dump.shared = (struct shared) { .users = 1 };
	if (!object || add_text(head, strlen(head), &dump) < 0 ||
	    json_dump_callback(object, add_text, &dump, JSON_COMPACT) < 0 ||
	    add_text(tail, strlen(tail), &dump) < 0) {
		free(dump.shared);
		return NULL;
	}
	return dump.shared;
}

struct shared *shared_dump(json_t *object)
{
	struct shared *shared = shared_text("", object, "");

	json_decref(object);
	return shared;
}

void shared_release(struct shared *shared)
{
	if (shared && --shared->users == 0)
		free(shared);
}

static struct shared *share(struct shared *shared)
{
	if (shared)
		shared->users++;
	return shared;
}

static void on_made(void *owner, json_t *answer, const struct err *err)
{
	struct request *request = owner, *next;
	struct admin *admin = request->visitor->admin;
	struct snapshot *snapshot = &admin->snapshot[request->match.route - routes];

	request = snapshot->waiting;
	snapshot->waiting = NULL;
	snapshot->asked = false;
	if (answer) {
		shared_release(snapshot->text);
		snapshot->text = shared_dump(answer);
		snapshot->made_ms = uv_now(&admin->loop);
	}
	for (; request; request = next) {
		next = request->next_waiting;
		if (answer)
			request_ready(request, MHD_HTTP_OK, share(snapshot->text));
		else
			request_failed(request, err);
	}
}

void snapshot_forget_all(struct admin *admin)
{
	for (unsigned i = 0; i < route_count; i++) {
		shared_release(admin->snapshot[i].text);
		admin->snapshot[i].text = NULL;
	}
}

void snapshot_give(struct admin *admin, struct request *request)
{
	struct snapshot *snapshot = &admin->snapshot[request->match.route - routes];
	struct err err = { 0 };
	json_t *question;

	if (snapshot->text && uv_now(&admin->loop) - snapshot->made_ms < ADMIN_SNAPSHOT_MS) {
		request_ready(request, MHD_HTTP_OK, share(snapshot->text));
		return;
	}
	request_wait(request);
	request->next_waiting = snapshot->waiting;
	snapshot->waiting = request;
	if (snapshot->asked)
		return;
	snapshot->asked = true;
	question = route_request(&request->match, NULL, &err);
	if (question) /* the request stays until it is answered: a connection that waits cannot end */
		ask_host(admin, question, -1, on_made, request);
	else
		on_made(request, NULL, &err);
}
