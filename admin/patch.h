/* SPDX-License-Identifier: Apache-2.0 */
/* admin/patch.h
 *
 * What has changed between two JSON objects, as a merge patch (RFC 7396): members that are in both
 * and equal are left out, those that are gone are null, arrays are as they are now.
 *
 * A null in the patch removes a member, so neither object may have one: patch_strip.
 */
#ifndef ADMIN_PATCH_H
#define ADMIN_PATCH_H

#include <jansson.h>

/* Takes members that are null out of an object and of all in it, but not out of arrays. */
void patch_strip(json_t *object);
/* A new object; without members if nothing has changed.  NULL: no memory. */
json_t *patch_make(const json_t *from, const json_t *to);

#endif
