/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_findings.h
 *
 * What the doctor concludes from what was seen, by judge_* functions: values in, findings out.  No
 * sockets, no clock, no files; doctor_look_*.c bring the values.
 *
 * doctor_judge_outside.h the way to the server; doctor_judge_inside.h what the host made of the
 * router's words; doctor_judge_beyond.h what lies behind the router.
 */
#ifndef CLIENT_DOCTOR_FINDINGS_H
#define CLIENT_DOCTOR_FINDINGS_H

#include "client/doctor.h"

#define DOCTOR_MAX_FINDINGS 64

/* Those of one check. */
struct findings {
	const char *check;
	unsigned count, last;
	bool may_settle; /* something is missing that may only not be there yet */
	struct doctor_finding row[DOCTOR_MAX_FINDINGS + 1]; /* what is too many goes to the last */
};

/* The next one, without advice. */
void finding_add(struct findings *findings, enum doctor_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Says what to do; to the finding that was added last. */
void finding_advise(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
