/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/told.c - the Router Advertisements that the members are sent: with SIGUSR1 the
 * count begins anew, and WINDOW_MS later a line says how many members were told of a route, how
 * long after the signal the last of them was, and how many frames the most spoken to got. */
#include <signal.h>

#include "base/packet.h"
#include "radvd-lite/ra.h"
#include "tests/bench/swarm.h"

#define ICMP6_RA 134
#define WINDOW_MS 4000 /* the three seconds that there are, and one for who comes too late */

static bool has_route(struct bytes message, const struct prefix6 *route)
{
	struct ra ra;

	if (!ra_parse(message, &ra))
		return false;
	for (unsigned i = 0; i < ra.route_count; i++)
		if (prefix6_equal(&ra.route[i].prefix, route) && ra.route[i].lifetime_s > 0)
			return true;
	return false;
}

void told_frame(struct member *member, const struct frame *frame)
{
	struct told *told = &member->swarm->told;
	struct reader r = reader_over(frame->bytes);

	if (!told->listening)
		return;
	reader_take(&r, ETHER_HEADER_LEN + 6);
	uint8_t next_header = reader_u8(&r);
	reader_take(&r, IP6_HEADER_LEN - 7);
	struct bytes message = reader_rest(&r);
	if (r.bad || next_header != IP_ICMP6 || message.len == 0 || message.data[0] != ICMP6_RA)
		return;
	told->frames++;
	if (++member->frames_told > told->most)
		told->most = member->frames_told;
	if (member->was_told || !has_route(message, &told->route))
		return;
	member->was_told = true;
	told->members++;
	told->last_ms = uv_now(&member->swarm->loop) - told->start_ms;
}

static void on_window_over(uv_timer_t *timer)
{
	struct swarm *swarm = timer->data;

	swarm->told.listening = false;
	swarm_print(swarm, "told");
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct swarm *swarm = handle->data;
	struct told *told = &swarm->told;

	for (unsigned i = 0; i < swarm->started; i++) {
		swarm->members[i].frames_told = 0;
		swarm->members[i].was_told = false;
	}
	told->members = told->most = 0;
	told->frames = told->last_ms = 0;
	told->listening = true;
	told->start_ms = uv_now(&swarm->loop);
	uv_timer_start(&told->window, on_window_over, WINDOW_MS, 0);
	swarm_print(swarm, "listens");
}

void told_open(struct swarm *swarm)
{
	struct told *told = &swarm->told;

	if (!told->wanted)
		return;
	uv_timer_init(&swarm->loop, &told->window);
	told->window.data = swarm;
	uv_signal_init(&swarm->loop, &told->signal);
	told->signal.data = swarm;
	uv_signal_start(&told->signal, on_signal, SIGUSR1);
}
