/* SPDX-License-Identifier: Apache-2.0 */
/* server/policy_expires.c - dates as people write them, of this host's time zone. */
#include <string.h>
#include <time.h>

#include "server/policy.h"

bool policy_parse_date(const char *text, int64_t *when_s)
{
	struct tm date = { .tm_isdst = -1 };
	const char *end = strptime(text, "%Y-%m-%d", &date);

	if (end && *end == 'T')
		end = strptime(end + 1, "%H:%M", &date);
	int month = date.tm_mon;
	time_t when = end && *end == '\0' ? mktime(&date) : -1;
	if (when <= 0 || date.tm_mon != month) /* 31 February would be in March */
		return false;
	*when_s = when;
	return true;
}

int policy_read_expires(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	int64_t when_s = 0;

	if (strcmp(value, "never") != 0 && !policy_parse_date(value, &when_s))
		return err_set(err, "must be " POLICY_EXPIRES_ACCEPTED);
	*(int64_t *)to = when_s;
	return 0;
}

int64_t policy_expires_s(const struct policy *policy, const struct state_user *user)
{
	if (policy->expires_s == 0 || user->expires_s == 0)
		return policy->expires_s + user->expires_s;
	return policy->expires_s < user->expires_s ? policy->expires_s : user->expires_s;
}
