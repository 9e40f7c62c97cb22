/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_echo.h
 *
 * A handful of pings at once, of any size, through one interface.  RFC 4443 4.
 */
#ifndef CLIENT_DOCTOR_ECHO_H
#define CLIENT_DOCTOR_ECHO_H

#include <net/if.h>

#include "base/packet.h"

#define ECHO_MAX 24
#define ECHO_LEAST (IP6_HEADER_LEN + 8) /* bytes of the shortest packet */
#define ECHO_SIZE_MAX 9216		/* and of the longest */

struct echo {
	struct ip6 to;
	unsigned size; /* of the IPv6 packet */
	bool answered;
	uint32_t ms;
};

/* Sends all of them, twice where no answer comes, and waits until all are answered or the time is
 * over.  Nothing is fragmented.  -1 and a sentence if pings cannot be sent at all. */
int echo_all(const char *interface, struct echo *echo, unsigned count, uint32_t limit_ms,
	     struct err *err);

#endif
