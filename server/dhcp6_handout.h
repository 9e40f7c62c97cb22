/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_handout.h - the options of a client's settings as they go over the wire. */
#ifndef SERVER_DHCP6_HANDOUT_H
#define SERVER_DHCP6_HANDOUT_H

#include "dhcp6/handout.h"
#include "server/config_ra.h"

/* -1 and a sentence if they are too many or too long. */
int dhcp6_handout_compose(const struct ra_settings *settings, struct dhcp6_handout *handout,
			  struct err *err);

#endif
