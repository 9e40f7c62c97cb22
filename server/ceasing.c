/* SPDX-License-Identifier: Apache-2.0 */
/* server/ceasing.c - the server's last advertisements, before its threads end.
 *
 * RFC 4861 6.2.5: up to MAX_FINAL_RTR_ADVERTISEMENTS with a router lifetime of 0,
 * MIN_DELAY_BETWEEN_RAS apart.  A server that is to come back at once says nothing: its clients
 * keep what they have.
 */
#include "server/server_private.h"

#define FINAL_GAP_MS 3000 /* MIN_DELAY_BETWEEN_RAS */

static void say(struct server *server);

static void on_timer(uv_timer_t *timer)
{
	say(timer->data);
}

static void say(struct server *server)
{
	if (advertiser_final_all(server, server->finals_said++) > 0)
		uv_timer_start(&server->ceasing, on_timer, FINAL_GAP_MS, 0);
	else
		server_ceased(server);
}

void ceasing_begin(struct server *server, bool comes_back)
{
	if (!comes_back) {
		say(server);
		return;
	}
	advertiser_stop_all(server);
	server_ceased(server);
}
