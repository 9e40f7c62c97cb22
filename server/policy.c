/* SPDX-License-Identifier: Apache-2.0 */
/* server/policy.c - the verdict on a login or a session.  Hours are read in policy_hours.c. */
#include "server/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static const struct {
	const char *name;
	unsigned auth;
} auths[] = {
	{ "certificate", PROOF_CERTIFICATE },
	{ "password", PROOF_PASSWORD },
	{ "password+code", PROOF_PASSWORD | PROOF_CODE },
	{ "certificate+password", PROOF_CERTIFICATE | PROOF_PASSWORD },
	{ "certificate+password+code", PROOF_CERTIFICATE | PROOF_PASSWORD | PROOF_CODE },
};

void policy_defaults(struct policy *policy)
{
	*policy = (struct policy) {
		.auth = PROOF_CERTIFICATE,
		.max_sessions = 60000,
		.office = true,
		.max_macs = 4,
		.max_macs_office = 256,
	};
}

const char *policy_auth_name(unsigned auth)
{
	for (unsigned i = 0; i < ARRAY_LEN(auths); i++)
		if (auths[i].auth == auth)
			return auths[i].name;
	return NULL;
}

int policy_read_auth(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	for (unsigned i = 0; i < ARRAY_LEN(auths); i++) {
		if (strcmp(auths[i].name, value) == 0) {
			*(unsigned *)to = auths[i].auth;
			return 0;
		}
	}
	return err_set(err, "must be " POLICY_AUTH_ACCEPTED);
}

uint32_t policy_macs(const struct policy *policy, bool office)
{
	if (!policy->office)
		return 1; /* its own */
	return office ? policy->max_macs_office : policy->max_macs;
}

bool policy_follows_time(const struct policy *policy, const struct state_user *user)
{
	return policy->hours.count > 0 || policy_expires_s(policy, user) != 0;
}

__attribute__((format(printf, 3, 4))) static bool
refuse(struct goodbye *answer, enum goodbye_reason reason, const char *format, ...)
{
	va_list args;

	answer->reason = reason;
	va_start(args, format);
	vsnprintf(answer->text, sizeof(answer->text), format, args);
	va_end(args);
	return false;
}

static bool in_time(const struct policy *policy, const struct policy_question *question)
{
	time_t now = (time_t)question->now_s;
	struct tm local;

	/* a time that has no date is no time to be let in */
	return policy->hours.count == 0 ||
	       (localtime_r(&now, &local) &&
		policy_hours_allow(&policy->hours, (unsigned)local.tm_wday,
				   (unsigned)(local.tm_hour * 60 + local.tm_min)));
}

bool policy_judge(const struct policy *policy, const struct policy_question *question,
		  struct goodbye *answer)
{
	const struct state_user *user = question->user;
	int64_t expires_s = policy_expires_s(policy, user);

	if (user->blocked_s != 0)
		return refuse(answer, GOODBYE_BLOCKED, "this user is blocked%s%s",
			      user->why[0] ? ": " : "", user->why);
	if (expires_s != 0 && expires_s <= question->now_s)
		return refuse(answer, GOODBYE_EXPIRED, "this user has expired");
	if (policy->auth & ~question->proofs)
		return refuse(answer, GOODBYE_NOT_ALLOWED, "this user logs in by %s",
			      policy_auth_name(policy->auth));
	if (question->office && !policy->office)
		return refuse(answer, GOODBYE_NOT_ALLOWED,
			      "this user may not connect other hosts: not with a bridge");
	if (question->sessions >= policy->max_sessions)
		return refuse(answer, GOODBYE_FULL,
			      "this user has %u of %u sessions at the same time already",
			      question->sessions, policy->max_sessions);
	if (!in_time(policy, question))
		return refuse(answer, GOODBYE_HOURS, "this user may connect %s only",
			      policy->hours.text);
	return true;
}
