/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/rkap.h
 *
 * Private to dhcp6: the Reconfigure Key Authentication Protocol, RFC 9915 20.4.
 */
#ifndef DHCP6_RKAP_H
#define DHCP6_RKAP_H

#include "dhcp6/engine.h"

#define DHCP6_RKAP_LEN 16
#define DHCP6_RKAP_OPTION_LEN (4 + 11 + 1 + DHCP6_RKAP_LEN)

enum dhcp6_rkap_use { DHCP6_RKAP_KEY = 1, DHCP6_RKAP_DIGEST = 2 }; /* 20.4.1 */

/* Does the link hand out keys? */
bool dhcp6_rkap_on(const struct dhcp6_link *link);
/* 20.3: grows from second to second; `sequence` tells those of one second apart. */
uint64_t dhcp6_rkap_replay(uint64_t now_s, uint32_t sequence);
/* What an Authentication option of this protocol says; false: it is of another, or malformed. */
struct dhcp6_rkap {
	uint64_t replay;
	enum dhcp6_rkap_use use;
	const uint8_t *value; /* DHCP6_RKAP_LEN bytes of the option's */
};
bool dhcp6_rkap_read(struct reader body, struct dhcp6_rkap *rkap);
/* The Authentication option; its last DHCP6_RKAP_LEN bytes are `value`. */
void dhcp6_rkap_write(struct writer *w, uint64_t replay, enum dhcp6_rkap_use use,
		      const uint8_t value[static DHCP6_RKAP_LEN]);

#endif
