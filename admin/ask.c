/* SPDX-License-Identifier: Apache-2.0 */
/* admin/ask.c - questions to the host: each gets an answer, or the sentence that none came. */
#include <unistd.h>

#include "admin/admin_private.h"

static void fail(asked_done done, void *owner, const char *sentence)
{
	struct err err = { 0 };

	err_kind(&err, ERR_TIMEOUT, "%s", sentence);
	done(owner, NULL, &err);
}

void ask_host(struct admin *admin, json_t *request, int fd, asked_done done, void *owner)
{
	struct asked *free_place = NULL;

	for (unsigned i = 0; i < ASKED_MAX && !free_place; i++)
		if (admin->asked[i].ticket == 0)
			free_place = &admin->asked[i];
	if (!free_place || admin->ending) {
		json_decref(request);
		if (fd >= 0)
			close(fd);
		fail(done, owner, "the server has too much to do: try again");
		return;
	}
	uint64_t ticket = ++admin->next_ticket;

	*free_place = (struct asked) { ticket, uv_now(&admin->loop) + ASK_MS, done, owner };
	if (!admin->host.ask(admin->host.owner, ticket, request, fd)) {
		free_place->ticket = 0;
		fail(done, owner, "the server has too much to do: try again");
	}
}

void ask_answered(struct admin *admin, uint64_t ticket, json_t *answer, const struct err *err)
{
	for (unsigned i = 0; i < ASKED_MAX; i++) {
		struct asked asked = admin->asked[i];

		if (asked.ticket != ticket)
			continue;
		admin->asked[i].ticket = 0;
		asked.done(asked.owner, answer, err);
		return;
	}
	json_decref(answer); /* it came too late */
}

static void give_up(struct admin *admin, uint64_t now_ms)
{
	for (unsigned i = 0; i < ASKED_MAX; i++) {
		struct asked asked = admin->asked[i];

		if (asked.ticket == 0 || asked.until_ms > now_ms)
			continue;
		admin->asked[i].ticket = 0;
		fail(asked.done, asked.owner, "the server did not answer in time");
	}
}

void ask_sweep(struct admin *admin)
{
	give_up(admin, uv_now(&admin->loop));
}

void ask_end(struct admin *admin)
{
	give_up(admin, UINT64_MAX);
}
