/* SPDX-License-Identifier: Apache-2.0 */
/* server/policy.h
 *
 * What a user may do, by the configuration and by what the state file says of the user: how to
 * prove who it is, when to be connected, how often, and with what behind it.  Pure: a verdict with
 * the reason and the sentence that the client is told.  It is asked when somebody logs in, and
 * again of who is connected when something changes.
 */
#ifndef SERVER_POLICY_H
#define SERVER_POLICY_H

#include "base/conf.h"
#include "server/state.h"
#include "tls/message.h"

/* What somebody has shown, and what they have to: bits. */
enum policy_proof {
	PROOF_CERTIFICATE = 1 << 0,
	PROOF_PASSWORD = 1 << 1,
	PROOF_CODE = 1 << 2,
};
#define POLICY_AUTH_ACCEPTED                                             \
	"certificate, password, password+code, certificate+password or " \
	"certificate+password+code"

#define POLICY_HOURS_ACCEPTED "always, or days and times as in Mon-Fri 08:00-18:00, Sat 09:00-12:00"

#define POLICY_EXPIRES_ACCEPTED "never, or a date as in 2027-01-31 or 2027-01-31T18:00"

#define POLICY_SPANS_MAX 8
#define POLICY_HOURS_TEXT 128

struct policy_hours {
	unsigned count; /* 0: always */
	struct policy_span {
		uint8_t days;		   /* bit 0: Sunday, as tm_wday counts; when it begins */
		uint16_t from_min, to_min; /* of the day; to < from: the next day's */
	} span[POLICY_SPANS_MAX];
	char text[POLICY_HOURS_TEXT]; /* as it was written */
};

struct policy {
	unsigned auth; /* bits of enum policy_proof, all of them */
	uint32_t max_sessions;
	int64_t expires_s; /* nobody of these comes in from then on; 0: never */
	struct policy_hours hours;
	bool isolate, office; /* office: other hosts may be behind the client */
	uint32_t max_macs, max_macs_office;
};

void policy_defaults(struct policy *policy);
/* "certificate+password" of its bits; NULL if no policy asks for that. */
const char *policy_auth_name(unsigned auth);
/* How many MAC addresses frames of a client may have. */
uint32_t policy_macs(const struct policy *policy, bool office);
bool policy_hours_allow(const struct policy_hours *hours, unsigned weekday, unsigned minute);
/* When this user is none any more: what comes first of its own time and the policy's; 0: never. */
int64_t policy_expires_s(const struct policy *policy, const struct state_user *user);
/* "2027-01-31" or "2027-01-31T18:00" of this host's time zone; false: it is none. */
bool policy_parse_date(const char *text, int64_t *when_s);
/* Does time alone end a session?  Then it is to be judged again and again. */
bool policy_follows_time(const struct policy *policy, const struct state_user *user);

struct policy_question {
	const struct state_user *user;
	unsigned proofs;   /* what was shown */
	bool office;	   /* the client says that other hosts are behind it */
	unsigned sessions; /* that this user has, without this one */
	int64_t now_s;
};

/* True, or false and what to tell; the sentence may have an admin's words in it. */
bool policy_judge(const struct policy *policy, const struct policy_question *question,
		  struct goodbye *answer);

/* Readers of configuration. */
int policy_read_auth(const char *, void *, const struct conf_key *, struct err *);    /* unsigned */
int policy_read_expires(const char *, void *, const struct conf_key *, struct err *); /* int64_t */
int policy_read_hours(const char *, void *, const struct conf_key *, struct err *); /* its struct */

#endif
