/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/findings.h
 *
 * For the tables of the doctor's judges: what a row expects of the one finding that was made.
 */
#ifndef TESTS_FINDINGS_H
#define TESTS_FINDINGS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/doctor_findings.h"

/* All words of both texts, in any order; words are parted by "|".  Who is well needs no advice,
 * who is not gets some. */
static inline void expect_finding(const char *what, const struct findings *findings,
				  enum doctor_state state, const char *words)
{
	const struct doctor_finding *finding = &findings->row[0];

	if (findings->count != 1)
		fail_msg("%s: %u findings", what, findings->count);
	if (finding->state != state)
		fail_msg("%s: %s, %s", what, doctor_state_name[finding->state], finding->detail);
	if ((finding->advice[0] != '\0') != (state != DOCTOR_OK))
		fail_msg("%s: advice '%s'", what, finding->advice);
	while (*words) {
		char word[128];
		size_t len = strcspn(words, "|");

		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		if (!strstr(finding->detail, word) && !strstr(finding->advice, word))
			fail_msg("%s: no '%s' in '%s', '%s'", what, word, finding->detail,
				 finding->advice);
		words += len;
		words += *words == '|';
	}
}

#endif
