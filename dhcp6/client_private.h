/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/client_private.h - what client.c and client_answer.c share. */
#ifndef DHCP6_CLIENT_PRIVATE_H
#define DHCP6_CLIENT_PRIVATE_H

#include "dhcp6/client.h"

/* A new exchange, or none, with a transaction id by the dice. */
void dhcp6_client_enter(struct dhcp6_client *client, enum dhcp6_client_state state, uint64_t due_ms,
			uint64_t dice);
/* Begins to ask anybody; the later, the more often it was refused. */
void dhcp6_client_solicit(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice);
/* It has nothing and gets nothing: begins anew, later. */
void dhcp6_client_refused(struct dhcp6_client *client, uint64_t now_ms, uint64_t dice);

#endif
