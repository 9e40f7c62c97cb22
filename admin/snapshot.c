/* SPDX-License-Identifier: Apache-2.0 */
/* admin/snapshot.c - answers that show something: made when somebody asks, at most once in
 * ADMIN_SNAPSHOT_MS each, and shared by all who ask meanwhile. */
#include "admin/admin_private.h"

#include <stdlib.h>
#include <string.h>

struct shared *shared_dump(json_t *object)
{
	size_t len = json_dumpb(object, NULL, 0, JSON_COMPACT);
	struct shared *shared = len ? malloc(sizeof(*shared) + len + 1) : NULL;

	if (shared) {
		shared->users = 1;
		shared->len = len;
		json_dumpb(object, shared->text, len, JSON_COMPACT);
		shared->text[len] = '\0';
	}
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
