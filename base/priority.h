/* SPDX-License-Identifier: Apache-2.0 */
/* base/priority.h
 *
 * The scheduling priority of the calling thread: threads that carry frames ask for a higher one, and
 * those whose work can wait (hashes of passwords, the admin's pages) for a lower.  A frame that waits for its turn on a busy machine is delay for everybody behind it, as in the
 * kernel's own network code, which waits for no program.  sched(7), setpriority(2).
 */
#ifndef BASE_PRIORITY_H
#define BASE_PRIORITY_H

#include <stdbool.h>

#define PRIORITY_FRAMES (-10) /* nice value: nine tenths of a core that others want as well */
#define PRIORITY_GIVE_WAY 10  /* a tenth of one that somebody else wants */

/* False without the right to it (CAP_SYS_NICE or RLIMIT_NICE): the thread goes on as it was.
 * One that had a higher priority keeps it. */
bool priority_raise(void);
/* Back to the ordinary priority, as before starting a program that is not ours.  True if it was
 * raised, and is to be again afterwards. */
bool priority_lower(void);
/* Everything else goes first, from now on; one that was lower already stays so. */
void priority_give_way(void);

#endif
