/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_policy.c - what a section [group NAME] or [user NAME] says of the policy. */
#include "server/config_ra.h"

#define POLICY(key, read, member, accepted, min, max)                                            \
	{                                                                                        \
		key, read, offsetof(struct ra_section, policy.member), accepted, min, max, true, \
			sizeof(((struct ra_section *)0)->policy.member)                          \
	}

const struct conf_key config_policy_keys[] = {
	POLICY("expires", policy_read_expires, expires_s, POLICY_EXPIRES_ACCEPTED, 0, 0),
	POLICY("auth", policy_read_auth, auth, POLICY_AUTH_ACCEPTED, 0, 0),
	POLICY("max-sessions", conf_u32, max_sessions, "1 to 60000 of one user at one time", 1,
	       60000),
	POLICY("hours", policy_read_hours, hours, POLICY_HOURS_ACCEPTED, 0, 0),
	POLICY("isolate", conf_bool, isolate, "yes or no", 0, 0),
	POLICY("office", conf_bool, office, "yes or no", 0, 0),
	POLICY("max-macs", conf_u32, max_macs, "1 to 65536", 1, 65536),
	POLICY("max-macs-office", conf_u32, max_macs_office, "1 to 65536", 1, 65536),
	{ 0 }
};

void config_policy_inherit(struct policy *policy, const struct ra_section *section)
{
	for (unsigned i = 0; config_policy_keys[i].name; i++) {
		const struct conf_key *key = &config_policy_keys[i];

		if (section->given_policy & 1ull << i)
			memcpy((char *)policy + key->offset - offsetof(struct ra_section, policy),
			       (const char *)section + key->offset, key->size);
	}
}
