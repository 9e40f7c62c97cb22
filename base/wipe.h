/* SPDX-License-Identifier: Apache-2.0 */
/* base/wipe.h
 *
 * free() and realloc() for memory that may hold secrets: it is wiped before it is given back.
 */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stddef.h>

void wipe_free(void *memory); /* of malloc; NULL is fine */
/* NULL: no memory, and the old one stays. */
void *wipe_realloc(void *memory, size_t len);

#endif
