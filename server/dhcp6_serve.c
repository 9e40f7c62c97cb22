/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_serve.c - what a client is served from: its settings as the engine wants them, all
 * reservations, and what is in use by somebody else. */
#include <stdlib.h>

#include "server/dhcp6_private.h"

/* ---- in use ---- */

static bool is_ours(const struct server *server, const struct ip6 *address)
{
	for (unsigned i = 0; i < server->address_count; i++)
		if (ip6_equal(&server->address[i], address))
			return true;
	return false;
}

static bool in_use(void *owner, const struct prefix6 *what, const struct dhcp6_identity *identity)
{
	struct dhcp6_server *dhcp6 = owner;

	if (what->len < 128)
		return dhcp6_routes_conflict(dhcp6->routes, what);
	return is_ours(dhcp6->server, &what->address) ||
	       seen_by_other(dhcp6->server->seen, &what->address,
			     identity->has_mac ? &identity->mac : NULL);
}

/* ---- settings ---- */

/* An address of the configuration, of the generated prefix if it says no other. */
static struct ip6 absolute(const struct server *server, const struct ip6 *address)
{
	struct ip6 result = *address;

	if (config_is_relative(address))
		memcpy(&result, &server->automatic.address, 8);
	return result;
}

static void add_pools(const struct server *server, const struct dhcp6_settings *settings,
		      struct dhcp6_link *link)
{
	for (unsigned i = 0; i < settings->pool_count && link->pool_count < DHCP6_MAX_POOLS; i++)
		link->pool[link->pool_count++] = (struct dhcp6_pool) {
			.kind = DHCP6_ADDRESS,
			.set = dhcp6_pool_set(settings, i),
			.first = absolute(server, &settings->pool[i].first),
			.last = absolute(server, &settings->pool[i].last),
		};
	for (unsigned i = 0; i < settings->delegate_count && link->pool_count < DHCP6_MAX_POOLS;
	     i++)
		link->pool[link->pool_count++] = config_delegate_pool(&settings->delegate[i]);
}

void dhcp6_serve_pools(struct dhcp6_server *dhcp6, const struct dhcp6_settings *settings,
		       struct dhcp6_link *link)
{
	*link = (struct dhcp6_link) {
		.reservation_count = dhcp6->reservation_count,
		.reservation = dhcp6->reservation,
		.in_use = in_use,
		.owner = dhcp6,
	};
	add_pools(dhcp6->server, settings, link);
}

/* Also those that are advertised no longer, but were promised: RFC 9915 18.3.3 asks for the link. */
static void add_on_link(const struct ra *content, struct dhcp6_link *link)
{
	for (unsigned i = 0; i < content->prefix_count && link->on_link_count < DHCP6_MAX_ON_LINK;
	     i++)
		if (content->prefix[i].on_link)
			link->on_link[link->on_link_count++] = content->prefix[i].prefix;
}

bool dhcp6_serve_client(struct dhcp6_server *dhcp6, const struct client *client,
			struct dhcp6_link *link, struct dhcp6_handout *handout)
{
	const struct ra_settings *settings = &client->settings->ra;
	struct err unused;

	if (!dhcp6_settings_answers(settings) || !dhcp6->server->identity.has_link_local)
		return false;
	*link = (struct dhcp6_link) {
		.server_id = dhcp6->duid,
		.reservation_count = dhcp6->reservation_count,
		.reservation = dhcp6->reservation,
		.preferred_s = dhcp6_settings_preferred_s(&settings->dhcp6),
		.valid_s = settings->dhcp6.lease_s,
		.rapid_commit = settings->dhcp6.rapid_commit,
		.registration = settings->dhcp6.registration,
		.preference = settings->dhcp6.server_preference,
		.handout = handout,
		/* no secret: whoever has lost everything, we included, gets what he had */
		.choice_key = { 0 },
		.reconfigure_key = dhcp6->reconfigure_key,
		.replay = dhcp6_reconfigure_last(dhcp6->reconfigure),
		.in_use = in_use,
		.owner = dhcp6,
	};
	add_on_link(&client->settings->content, link);
	add_pools(dhcp6->server, &settings->dhcp6, link);
	/* the configuration has been checked for this */
	return dhcp6_handout_compose(settings, handout, &unused) == 0;
}

/* ---- reservations ---- */

static struct dhcp6_reservation *add_room(struct dhcp6_server *dhcp6)
{
	if (dhcp6->reservation_count == DHCP6_MAX_RESERVATIONS)
		return NULL;
	struct dhcp6_reservation *room = &dhcp6->reservation[dhcp6->reservation_count++];
	*room = (struct dhcp6_reservation) { 0 };
	return room;
}

static void add_reservation(struct dhcp6_server *dhcp6, const struct config_reservation *from)
{
	struct dhcp6_reservation *to = add_room(dhcp6);

	if (!to) {
		log_error("dhcp6: there are more than %d reservations", DHCP6_MAX_RESERVATIONS);
		return;
	}
	to->what = from->what;
	if (from->what.len == 128)
		to->what.address = absolute(dhcp6->server, &from->what.address);
	switch (from->by) {
	case RESERVE_BY_USER: strcpy(to->user, from->user); break;
	case RESERVE_BY_DUID:
		dhcp6_duid_set(&to->duid, (struct bytes) { from->duid, from->duid_len });
		to->has_iaid = from->has_iaid;
		to->iaid = from->iaid;
		break;
	case RESERVE_BY_MAC:
		to->has_mac = true;
		to->mac = from->mac;
		break;
	}
}

static void add_all(struct dhcp6_server *dhcp6, const struct dhcp6_settings *settings)
{
	for (unsigned i = 0; i < settings->reserve_count; i++)
		add_reservation(dhcp6, &settings->reserve[i]);
}

static void add_line(void *owner, const char *line)
{
	struct config_reservation reservation;
	struct err err = { 0 };

	if (config_parse_reservation(line, &reservation, &err) < 0)
		log_warning("dhcp6: a reservation in the state file %s", err.text);
	else
		add_reservation(owner, &reservation);
}

static void drop_overlaps(struct dhcp6_server *dhcp6)
{
	const struct dhcp6_reservation *twice;
	char text[PREFIX6_TEXT];

	while ((twice = dhcp6_reservations_sort(dhcp6->reservation, dhcp6->reservation_count))) {
		size_t at = (size_t)(twice - dhcp6->reservation);

		log_warning("dhcp6: %s is reserved twice", prefix6_text(&twice->what, text));
		memmove(&dhcp6->reservation[at], &dhcp6->reservation[at + 1],
			(--dhcp6->reservation_count - at) * sizeof(*dhcp6->reservation));
	}
}

int dhcp6_serve_reservations(struct dhcp6_server *dhcp6, struct err *err)
{
	const struct server_config *config = &dhcp6->server->config;

	dhcp6->reservation_count = 0;
	add_all(dhcp6, &config->ra.dhcp6);
	for (unsigned i = 0; i < config->section_count; i++)
		add_all(dhcp6, &config->section[i]->settings.dhcp6);
	int failed = state_reservations_read(dhcp6->server->state, add_line, dhcp6, err);
	drop_overlaps(dhcp6);
	return failed;
}
