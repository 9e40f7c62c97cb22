/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor.h
 *
 * `lanyard doctor`: every step from the server's name to a routed ping, each with one sentence
 * on what was found and, where it is not well, one on what to do.  It looks and asks; nothing of
 * a running tunnel is disturbed, nothing of the host is changed.
 *
 * doctor.c has the table of checks; doctor_judge.h what they conclude, from values alone.
 */
#ifndef CLIENT_DOCTOR_H
#define CLIENT_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define DOCTOR_LIMIT_MS 28000 /* of a whole run */

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARNING, /* it works, and will not always, or not well */
	DOCTOR_FAILED,
	DOCTOR_SKIPPED, /* it needs a check that failed: nothing is known */
	DOCTOR_STATES,
};
extern const char *const doctor_state_name[DOCTOR_STATES];

struct doctor_finding {
	const char *check; /* "name", "tcp", ...: stays; one check may have several findings */
	enum doctor_state state;
	char detail[512]; /* a sentence without its full stop; printable */
	char advice[512]; /* what to do; empty if all is well */
};

typedef void (*doctor_found)(void *owner, const struct doctor_finding *finding);

struct doctor_options {
	const char *profile;
	const char *socket; /* the running client's; NULL: the profile's */
};

/*
 * Calls `found` for each finding, in order, as they are made.  1: all is well; 0: not; -1 and a
 * sentence: the profile cannot be used or memory is short, and nothing was found.
 *
 * A look-up that hangs in the resolver is left to its thread, which ends with the process.
 */
int doctor_run(const struct doctor_options *options, doctor_found found, void *owner,
	       struct err *err);

#endif
