/* SPDX-License-Identifier: Apache-2.0 */
/* server/ceasing.c - the server's last advertisements, before its threads end.
 *
 * RFC 4861 6.2.5: up to MAX_FINAL_RTR_ADVERTISEMENTS with a router lifetime of 0,
 * MIN_DELAY_BETWEEN_RAS apart and after the latest other one (ra_schedule_stop).  A server that is
 * to come back at once says nothing: its clients keep what they have.
 */
#include "server/server_private.h"

static void wait_for_the_last(struct server *server);

static void on_timer(uv_timer_t *timer)
{
	wait_for_the_last(timer->data);
}

static void wait_for_the_last(struct server *server)
{
	uint64_t wait_ms = advertiser_ceasing_ms(server);

	if (wait_ms > 0)
		uv_timer_start(&server->ceasing, on_timer, wait_ms, 0);
	else
		server_ceased(server);
}

void ceasing_begin(struct server *server, bool comes_back)
{
	advertiser_cease_all(server, comes_back);
	wait_for_the_last(server);
}
