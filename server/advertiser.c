/* SPDX-License-Identifier: Apache-2.0 */
/* server/advertiser.c - Router Advertisements, sent to each client's port by that client's own
 * schedule; and at once to those whose content changes while they are connected.
 *
 * RFC 4861 6.2; what they say is content.c's, the times are ra_schedule.h's.
 */
#include <stdio.h>

#include "radvd-lite/ra_parts.h"
#include "server/server_private.h"

/* A change reaches everybody within two seconds, and RFC 4861's three of MIN_DELAY_BETWEEN_RAS;
 * and not in one loop turn, which would keep all others waiting. */
#define SPREAD_TURNS 1000
#define SPREAD_MS 2

#define RA_MAX_LEN 9000 /* of one packet: the largest mtu; an RA is never fragmented (RFC 6980) */

/* ---- saying it ---- */

static void send_part(struct client *client, const struct packet_ends *ends, struct bytes message)
{
	struct server *server = client->server;
	uint8_t bytes[RA_MAX_LEN + ETHER_HEADER_LEN];
	struct writer out = writer_over(bytes, sizeof(bytes));
	struct mail_frame head = { .port = client->is };

	packet_icmp6(&out, ends, message);
	struct frame frame = { .bytes = writer_bytes(&out) };
	if (!out.full && mail_send_frame(server->box, THREAD_WORKER + client->worker, MAIL_INJECT,
					 &head, &frame))
		server->ra_sent++;
}

/* To one host behind the port, or (to NULL) to all of them; in as many packets as it takes.
 * `behind`: see ra_parts_of. */
static void send_ra(struct client *client, const struct link_identity *from, const struct ra *ra,
		    const struct ra *behind, const struct ra_asking *to)
{
	struct server *server = client->server;
	struct ra_parts parts = ra_parts_of(ra, behind);
	struct packet_ends ends = {
		.mac_source = from->mac,
		.source = from->link_local,
		.mac_destination = mac_all_nodes,
		.destination = ip6_all_nodes,
	};

	if (to) {
		ends.mac_destination = to->mac;
		ends.destination = to->address;
	} else if (!client->hello.office && !mac_is_zero(&client->hello.mac)) {
		/* one host only: its own MAC reaches it as well (RFC 6085), past any filter */
		ends.mac_destination = client->hello.mac;
	}
	for (;;) {
		uint8_t message[RA_MAX_LEN];
		struct writer w = writer_over(message, server->config.mtu - IP6_HEADER_LEN);

		if (!ra_parts_next(&parts, &w) || w.full)
			break; /* full: what the configuration has checked cannot be that */
		send_part(client, &ends, writer_bytes(&w));
	}
}

/* All of what the client is to be told. */
static void say(struct client *client, const struct ra_asking *to)
{
	struct ra ra, more;

	settings_compose(client->server, client->settings);
	ra = client->settings->content;
	bool has_more =
		farewells_add(&client->farewells, uv_now(&client->server->loop), &ra, &more);
	send_ra(client, &client->server->identity, &ra, has_more ? &more : NULL, to);
}

/*
 * RFC 4861 6.2.8: the router was known by another link-local address.  Hosts are told that it
 * routes no more, and only after they know the new one: routes are kept by router, so nothing is
 * out of reach meanwhile.  Prefixes and DNS are not: of them this says nothing.
 */
static void call_off_router(struct client *client)
{
	const struct ra *content = &client->settings->content;
	struct link_identity was = { .mac = client->told_mac, .link_local = client->told_by };
	struct ra ra = { .hop_limit = content->hop_limit,
			 .managed = content->managed,
			 .other = content->other,
			 .route_count = content->route_count };

	memcpy(ra.route, content->route, sizeof(ra.route));
	ra_make_final(&ra);
	send_ra(client, &was, &ra, NULL, NULL);
}

static void say_who_it_is(struct client *client)
{
	const struct link_identity *now = &client->server->identity;

	if (client->told && !ip6_equal(&client->told_by, &now->link_local))
		call_off_router(client);
	client->told = true;
	client->told_by = now->link_local;
	client->told_mac = now->mac;
}

static void say_final(struct client *client)
{
	struct ra ra = client->ceased ? client->ceased->content : client->settings->content;

	ra_make_final(&ra);
	send_ra(client, &client->server->identity, &ra, NULL, NULL);
}

static void forget_ceased(struct client *client)
{
	settings_release(client->ceased);
	client->ceased = NULL;
}

static uint32_t roll(void)
{
	uint32_t dice = 0;

	/* without random numbers the advertisements come at regular times: that is all */
	(void)uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	return dice;
}

static void on_timer(uv_timer_t *timer);

static void send_due(struct client *client)
{
	struct server *server = client->server;
	uint64_t now_ms = uv_now(&server->loop);
	const struct ra_settings *settings = &client->settings->ra;
	struct ra_interval interval =
		ra_interval_of(settings->min_interval_s, settings->interval_s);
	struct ra_asking to;

	for (;;) {
		bool is_final = client->advertising.phase == RA_CEASING;

		switch (ra_schedule_take(&client->advertising, &interval, now_ms, roll(), &to)) {
		case RA_DUE_MULTICAST:
			if (is_final) {
				say_final(client);
				continue;
			}
			say(client, NULL);
			say_who_it_is(client);
			farewells_said(&client->farewells, now_ms);
			continue;
		case RA_DUE_UNICAST: say(client, &to); continue;
		case RA_DUE_NOTHING: break;
		}
		break;
	}
	if (client->advertising.phase == RA_OFF)
		forget_ceased(client);
	uint64_t due_ms = client->advertising.due_ms;
	if (due_ms == RA_NEVER_MS)
		uv_timer_stop(&client->timer);
	else
		uv_timer_start(&client->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
	send_due(timer->data);
}

static bool can_advertise(const struct client *client)
{
	return client->settings->ra.enabled && client->server->identity.has_link_local &&
	       client->server->phase == SERVER_RUNNING;
}

void advertiser_start(struct client *client)
{
	if (!client->added || client->leaving || !can_advertise(client))
		return;
	ra_schedule_start(&client->advertising, uv_now(&client->server->loop));
	send_due(client);
}

void advertiser_restart_all(struct server *server)
{
	settings_compose_all(server);
	for (struct client *client = server->clients; client; client = client->next)
		advertiser_start(client);
}

/* RFC 4861 6.2.5.  Who leaves has its timer for that, and hears nothing. */
static void cease(struct client *client, unsigned finals)
{
	if (!client->added || client->leaving)
		return;
	ra_schedule_stop(&client->advertising, finals, uv_now(&client->server->loop));
	send_due(client);
}

void advertiser_cease_all(struct server *server, bool comes_back)
{
	for (struct client *client = server->clients; client; client = client->next)
		cease(client, comes_back ? 0 : client->settings->ra.final_advertisements);
}

uint64_t advertiser_ceasing_ms(const struct server *server)
{
	uint64_t now_ms = uv_now(&server->loop), last_ms = 0;

	for (const struct client *client = server->clients; client; client = client->next) {
		const struct ra_schedule *s = &client->advertising;
		uint64_t wait_ms = s->due_ms > now_ms ? s->due_ms - now_ms : 0;

		/* and a moment more: its own timer is not to come after ours */
		if (!client->leaving && s->phase == RA_CEASING && wait_ms >= last_ms)
			last_ms = wait_ms + 1;
	}
	return last_ms;
}

void advertiser_lost_all(struct server *server)
{
	for (struct client *client = server->clients; client; client = client->next) {
		if (client->leaving)
			continue;
		uv_timer_stop(&client->timer);
		if (client->told && client->advertising.phase != RA_OFF)
			call_off_router(client);
		client->told = false;
		client->advertising = (struct ra_schedule) { 0 };
	}
}

/* ---- changes ---- */

/* The next RA, to this client only, is due in at most so much time. */
static void say_by(struct client *client, uint64_t within_ms)
{
	struct server *server = client->server;

	if (client->advertising.phase == RA_OFF)
		return;
	ra_schedule_changed(&client->advertising, uv_now(&server->loop) + within_ms);
	send_due(client);
}

static void note(struct client *client, const struct ra *before)
{
	if (!farewells_note(&client->farewells, before, &client->settings->content,
			    uv_now(&client->server->loop)))
		log_error("advertiser: out of memory: a client is not told what is gone");
}

bool advertiser_switch(struct client *client, struct settings *to, unsigned turn)
{
	struct settings *from = client->settings;
	bool starts = to->ra.enabled && !from->ra.enabled, stops = !to->ra.enabled;
	bool changed = starts || (stops && from->ra.enabled) ||
		       (!stops && !content_equal(&from->content, &to->content,
						 to->composed_ms - from->composed_ms));

	client->settings = to;
	if (!stops && !starts && changed)
		note(client, &from->content);
	if (stops && changed) { /* what is taken back must still be known */
		farewells_free(&client->farewells);
		client->ceased = from;
		cease(client, from->ra.final_advertisements);
	} else {
		settings_release(from);
	}
	if (starts) {
		if (client->ceased) /* not all is taken back yet */
			note(client, &client->ceased->content);
		forget_ceased(client);
		advertiser_start(client);
	} else if (!stops) {
		say_by(client,
		       changed ? turn % SPREAD_TURNS * SPREAD_MS : to->ra.interval_s * 1000ull);
	}
	return changed;
}

/* ---- solicitations ---- */

void advertiser_solicited(struct client *client, const struct frame *frame)
{
	struct server *server = client->server;
	struct reader r = reader_over(frame->bytes);
	struct ra_asking from;
	struct rs rs;

	reader_take(&r, 6);
	reader_copy(&r, &from.mac, 6);
	reader_take(&r, 2);
	struct bytes packet = reader_rest(&r);
	enum rs_verdict verdict = rs_check(packet, &rs);
	server->rs_received++;
	if (verdict != RS_VALID) {
		server->rs_bad[verdict]++;
		return;
	}
	r = reader_over(packet);
	reader_take(&r, 8);
	reader_copy(&r, &from.address, 16);
	if (rs.has_source_mac && !mac_is_multicast(&rs.source_mac))
		from.mac = rs.source_mac;
	if (!can_advertise(client) || client->leaving || client->advertising.phase == RA_OFF)
		return;
	ra_schedule_solicited(&client->advertising,
			      ip6_is_unspecified(&from.address) ? NULL : &from,
			      uv_now(&server->loop), roll());
	send_due(client);
}
