/* SPDX-License-Identifier: Apache-2.0 */
/* server/ra_json.h
 *
 * Router Advertisements as JSON, with the names that a client's `show ra` has.  A lifetime without
 * end is null.
 */
#ifndef SERVER_RA_JSON_H
#define SERVER_RA_JSON_H

#include <jansson.h>

#include "radvd-lite/ra.h"

/* Every field and option.  age_s: how long ago it was said; lifetimes are what is left of them. */
json_t *ra_json(const struct ra *ra, uint32_t age_s);
/* One prefix of it. */
json_t *ra_prefix_json(const struct ra_prefix *prefix, uint32_t age_s);

#endif
