/* SPDX-License-Identifier: Apache-2.0 */
/* server/state_audit.h
 *
 * Who changed what, and when: a line for each change of users, certificates and invitations, in
 * the same transaction as the change.  The newest STATE_AUDIT_MAX lines are kept.  No line holds
 * a secret.
 */
#ifndef SERVER_STATE_AUDIT_H
#define SERVER_STATE_AUDIT_H

#include "server/state.h"

#define STATE_AUDIT_MAX 100000
#define STATE_AUDIT_TEXT 256

struct state_event {
	int64_t id, at_s;
	char who[STATE_AUDIT_TEXT], what[STATE_AUDIT_TEXT]; /* cut, escaped by nobody */
};

/* A line of its own, for what changes nothing in the state file. */
int state_audit_note(struct state *state, int64_t now_s, const char *who, struct err *err,
		     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The newest `most` lines, oldest first. */
int state_audit_read(struct state *state, unsigned most,
		     void (*each)(void *owner, const struct state_event *event), void *owner,
		     struct err *err);

#endif
