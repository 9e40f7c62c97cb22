/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_findings.c - the list that a check fills. */
#include "client/doctor_findings.h"

#include <stdarg.h>
#include <stdio.h>

const char *const doctor_state_name[DOCTOR_STATES] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_WARNING] = "warning",
	[DOCTOR_FAILED] = "failed",
	[DOCTOR_SKIPPED] = "skipped",
};

void finding_add(struct findings *findings, enum doctor_state state, const char *format, ...)
{
	struct doctor_finding *finding = &findings->row[findings->count];
	va_list arguments;

	findings->last = findings->count;
	if (findings->count < DOCTOR_MAX_FINDINGS)
		findings->count++;
	finding->check = findings->check;
	finding->state = state;
	finding->advice[0] = '\0';
	va_start(arguments, format);
	vsnprintf(finding->detail, sizeof(finding->detail), format, arguments);
	va_end(arguments);
}

void finding_advise(struct findings *findings, const char *format, ...)
{
	struct doctor_finding *finding = &findings->row[findings->last];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->advice, sizeof(finding->advice), format, arguments);
	va_end(arguments);
}
