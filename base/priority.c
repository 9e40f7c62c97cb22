/* SPDX-License-Identifier: Apache-2.0 */
/* base/priority.c - nice values of single threads.
 *
 * Linux gives each thread a nice value of its own (setpriority(2), "C library/kernel
 * differences"); elsewhere it would be the whole process's, which does no harm.
 */
#include "base/priority.h"

#include <errno.h>
#include <sys/resource.h>

/* The calling thread's nice value; 1, which is no raised one, if it cannot be told. */
static int nice_value(void)
{
	errno = 0; /* -1 is a nice value as well */
	int value = getpriority(PRIO_PROCESS, 0);

	return errno == 0 ? value : 1;
}

bool priority_raise(void)
{
	return nice_value() <= PRIORITY_FRAMES ||
	       setpriority(PRIO_PROCESS, 0, PRIORITY_FRAMES) == 0;
}

bool priority_lower(void)
{
	return nice_value() < 0 && setpriority(PRIO_PROCESS, 0, 0) == 0;
}

void priority_give_way(void)
{
	if (nice_value() < PRIORITY_GIVE_WAY)
		(void)setpriority(PRIO_PROCESS, 0, PRIORITY_GIVE_WAY); /* anybody may */
}
