/* SPDX-License-Identifier: Apache-2.0 */
/* admin/cookie.h - one value of a Cookie header (RFC 6265 4.2.1). */
#ifndef ADMIN_COOKIE_H
#define ADMIN_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

/* False if it is not there, does not fit, or is there twice: another host of our domain may have set
 * one of the two. */
bool cookie_find(const char *header, const char *name, char *value, size_t cap);

#endif
