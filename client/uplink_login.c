/* SPDX-License-Identifier: Apache-2.0 */
/* client/uplink_login.c - answers, enrolment and certificates of an uplink's session. */
#include "client/uplink_login.h"

#include "client/uplink_private.h"

static void on_ask(void *owner, const struct ask *ask)
{
	struct uplink *uplink = owner;

	if (uplink->events->ask)
		uplink->events->ask(uplink->owner, ask);
	else
		session_close(uplink->session, GOODBYE_NOT_ALLOWED, "it answers no questions");
}

static void on_credentials(void *owner, const struct message_credentials *credentials)
{
	struct uplink *uplink = owner;

	if (uplink->events->credentials)
		uplink->events->credentials(uplink->owner, credentials);
}

const struct session_login_events uplink_login_events = {
	.ask = on_ask,
	.credentials = on_credentials,
};

bool uplink_answer(struct uplink *uplink, const char *secret)
{
	if (!uplink->session || !session_answer(uplink->session, secret))
		return false;
	/* from within session_received, what reads it flushes; from elsewhere the next turn's end */
	return true;
}

void uplink_give_up(struct uplink *uplink, const struct err *why)
{
	if (uplink->stopping || uplink->state == UPLINK_ENDED)
		return;
	uplink->verdict = *why;
	uplink->held = false;
	if (uplink->session)
		session_close(uplink->session, GOODBYE_LEAVING, "nobody answers");
	else if (uplink->state == UPLINK_WAITING)
		uplink_fail(uplink, why);
}

void uplink_hold(struct uplink *uplink, bool hold)
{
	bool released = uplink->held && !hold;

	uplink->held = hold;
	if (released && uplink->state == UPLINK_WAITING && !uplink->stopping)
		uplink_start(uplink);
}

bool uplink_renew(struct uplink *uplink, const struct message_request *request)
{
	return uplink->session && session_send_renew(uplink->session, request);
}

void uplink_trust(struct uplink *uplink, const struct tls_credentials *credentials)
{
	uplink->config.credentials = credentials;
}

enum goodbye_reason uplink_goodbye(const struct uplink *uplink)
{
	return uplink->goodbye;
}
