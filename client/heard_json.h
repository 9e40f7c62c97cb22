/* SPDX-License-Identifier: Apache-2.0 */
/* client/heard_json.h
 *
 * What routers said, as JSON: every field and option decoded, each lifetime with what is left of
 * it (null: for ever).
 */
#ifndef CLIENT_HEARD_JSON_H
#define CLIENT_HEARD_JSON_H

#include <jansson.h>

#include "client/heard.h"

json_t *heard_router_json(const struct heard_router *router, uint64_t now_ms);
/* All routers', in the order of when they were heard, latest first. */
json_t *heard_routers_json(const struct heard *heard, uint64_t now_ms);
/* A lifetime or what is left of one. */
json_t *heard_lifetime_json(uint32_t seconds);

#endif
