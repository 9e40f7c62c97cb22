/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_ra_json.h
 *
 * What the running client heard of its router, read back from its status (heard_json.h): as far as
 * the doctor looks at it.
 */
#ifndef CLIENT_DOCTOR_RA_JSON_H
#define CLIENT_DOCTOR_RA_JSON_H

#include <jansson.h>

#include "radvd-lite/ra.h"

struct ra_said {
	struct ip6 from;
	struct ra ra; /* lifetimes: what is left of them */
	uint32_t age_s;
	int64_t next_s; /* INT64_MAX: nothing tells */
};

/* Any JSON; false if it tells of no router.  What makes no sense in it is left out. */
bool doctor_ra_read(const json_t *said, struct ra_said *read);

#endif
