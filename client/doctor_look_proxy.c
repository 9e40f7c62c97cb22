/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_look_proxy.c - asks the proxy, if there is one, for the connection to the server. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "client/doctor_judge_proxy.h"
#include "client/doctor_private.h"

#define PROXY_LIMIT_MS 7000 /* as long as the client waits */

/* True when it is over in time. */
static bool run_talk(const struct doctor *doctor, struct proxy_talk *talk)
{
	uint64_t end_ms = doctor_now_ms() + PROXY_LIMIT_MS, now_ms;
	enum proxy_step step;

	while ((step = proxy_talk_step(talk, doctor->fd)) != PROXY_OVER) {
		struct pollfd polled = { .fd = doctor->fd,
					 .events = step == PROXY_WANT_READ ? POLLIN : POLLOUT };

		now_ms = doctor_now_ms();
		if (now_ms >= end_ms ||
		    poll(&polled, 1, doctor_wait_ms(doctor, (uint32_t)(end_ms - now_ms))) <= 0)
			return false;
	}
	return true;
}

static void ask(struct doctor *doctor, struct proxy_facts *facts, struct err *err)
{
	const struct profile *profile = &doctor->profile;
	struct proxy_talk *talk =
		proxy_talk_new(&doctor->proxy.proxy, profile->server, profile->port);
	uint64_t start_ms = doctor_now_ms();

	if (!talk) {
		facts->failure = PROXY_BROKEN;
		err_set(err, "out of memory");
		return;
	}
	facts->timed_out = !run_talk(doctor, talk);
	facts->failure = proxy_talk_failure(talk, err);
	facts->ms = (uint32_t)(doctor_now_ms() - start_ms);
	proxy_talk_free(talk);
	if (facts->timed_out || facts->failure != PROXY_FINE) {
		close(doctor->fd);
		doctor->fd = -1;
		return;
	}
	snprintf(doctor->remote, sizeof(doctor->remote), "%s:%u", profile->server, profile->port);
}

void look_proxy(struct doctor *doctor, struct findings *findings)
{
	char text[PROXY_TEXT];
	struct err err = { 0 };
	struct proxy_facts facts = {
		.proxy = proxy_text(&doctor->proxy.proxy, text),
		.by = doctor->proxy.by,
		.client = json_string_value(json_object_get(doctor->status, "proxy")),
		.host = doctor->profile.server,
		.port = doctor->profile.port,
		.sentence = err.text,
	};

	if (doctor->proxy.proxy.kind != PROXY_NONE)
		ask(doctor, &facts, &err);
	judge_proxy(findings, &facts);
}
