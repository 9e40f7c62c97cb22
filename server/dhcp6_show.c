/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_show.c - leases shown, and what a person does with them: release, reserve. */
#include "server/dhcp6_private.h"

static const char *what_text(const struct prefix6 *what, char text[static PREFIX6_TEXT])
{
	return what->len == 128 ? ip6_text(&what->address, text) : prefix6_text(what, text);
}

/* An address, or a prefix. */
static int parse_what(const char *text, struct prefix6 *what, struct err *err)
{
	struct err reason = { 0 };

	*what = (struct prefix6) { .len = 128 };
	if (ip6_parse(text, &what->address, NULL) == 0 || prefix6_parse(text, what, &reason) == 0)
		return 0;
	return err_kind(err, ERR_USAGE, "'%.64s' is neither an address nor a prefix", text);
}

/* ---- showing ---- */

static json_t *left(uint64_t until_s, uint64_t now_s)
{
	if (until_s == UINT64_MAX)
		return json_null(); /* for ever */
	return json_integer(until_s > now_s ? (json_int_t)(until_s - now_s) : 0);
}

/* Somebody else's bytes, never shown as they are; what was cut off is dots.  NULL: there is none. */
static json_t *relay_text(const struct dhcp6_relay_id *id, size_t from)
{
	char text[4 * DHCP6_RELAY_ID_MAX + sizeof("...")];
	bool more = id->len > DHCP6_RELAY_ID_MAX;

	if (id->len == 0)
		return json_null();
	log_escape(id->octet + from, (more ? DHCP6_RELAY_ID_MAX : id->len) - from, text,
		   sizeof(text));
	return json_string(more ? strcat(text, "...") : text);
}

/* RFC 4649 3: whose numbering it is of, then the id. */
static json_t *remote_object(const struct dhcp6_relay_id *id)
{
	struct reader r = { .at = id->octet, .left = id->len };
	uint32_t enterprise = reader_u32(&r);

	if (r.bad) /* too short to be one */
		return json_null();
	return json_pack("{s:I, s:o}", "enterprise", (json_int_t)enterprise, "id",
			 relay_text(id, sizeof(enterprise)));
}

static void add_relay(json_t *object, const struct dhcp6_lease *lease)
{
	json_object_set_new(object, "interface_id", relay_text(&lease->interface_id, 0));
	json_object_set_new(object, "remote_id", remote_object(&lease->remote_id));
}

static json_t *lease_object(const struct dhcp6_lease *lease, uint64_t now_s)
{
	char what[PREFIX6_TEXT], duid[DHCP6_DUID_TEXT], mac[MAC_TEXT], peer[IP6_TEXT];
	char excluded[PREFIX6_TEXT];

	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s?, s:s, s:I, s:s?, s:s?, s:s, s:b, s:I, s:I, s:o, s:s?}",
		"what", what_text(&lease->what, what), "kind", dhcp6_kind_name[lease->kind],
		"state", dhcp6_state_name[lease->state], "user",
		lease->user[0] ? lease->user : NULL, "duid", dhcp6_duid_text(&lease->duid, duid),
		"iaid", (json_int_t)lease->iaid, "mac",
		lease->has_mac ? mac_text(&lease->mac, mac) : NULL, "host",
		lease->host[0] ? lease->host : NULL, "via", ip6_text(&lease->peer, peer),
		"reconfigure", lease->reconfigure, "since_s", (json_int_t)(now_s - lease->since_s),
		"renewed_s", (json_int_t)(now_s - lease->renewed_s), "left_s",
		left(lease->until_s, now_s), "excluded",
		lease->excluded.len ? prefix6_text(&lease->excluded, excluded) : NULL);

	add_relay(object, lease);
	return object;
}

static json_t *reservation_object(const struct dhcp6_reservation *reservation)
{
	char what[PREFIX6_TEXT], duid[DHCP6_DUID_TEXT], mac[MAC_TEXT];

	return json_pack("{s:s, s:s?, s:s?, s:s?}", "what", what_text(&reservation->what, what),
			 "user", reservation->user[0] ? reservation->user : NULL, "duid",
			 reservation->duid.len ? dhcp6_duid_text(&reservation->duid, duid) : NULL,
			 "mac", reservation->has_mac ? mac_text(&reservation->mac, mac) : NULL);
}

json_t *dhcp6_show_leases(struct dhcp6_server *dhcp6)
{
	uint64_t now_s = dhcp6_now_s(dhcp6);
	const struct dhcp6_lease *lease = NULL;
	json_t *leases = json_array(), *reservations = json_array();
	char duid[DHCP6_DUID_TEXT];

	dhcp6_leases_expire(dhcp6->leases, now_s);
	while ((lease = dhcp6_leases_next(dhcp6->leases, lease)))
		if (lease->state != DHCP6_FORGOTTEN)
			json_array_append_new(leases, lease_object(lease, now_s));
	for (unsigned i = 0; i < dhcp6->reservation_count; i++)
		json_array_append_new(reservations, reservation_object(&dhcp6->reservation[i]));
	return json_pack("{s:s, s:o, s:o}", "server_duid", dhcp6_duid_text(&dhcp6->duid, duid),
			 "leases", leases, "reservations", reservations);
}

json_t *dhcp6_delegated(struct dhcp6_server *dhcp6)
{
	const struct dhcp6_lease *lease = NULL;
	json_t *users = json_object();
	char text[PREFIX6_TEXT];

	while ((lease = dhcp6_leases_next(dhcp6->leases, lease))) {
		if (lease->kind != DHCP6_PREFIX || lease->state != DHCP6_ACTIVE ||
		    lease->user[0] == '\0')
			continue;
		if (!json_object_get(users, lease->user))
			json_object_set_new(users, lease->user, json_array());
		json_array_append_new(json_object_get(users, lease->user),
				      json_string(prefix6_text(&lease->what, text)));
	}
	return users;
}

json_t *dhcp6_status(struct dhcp6_server *dhcp6)
{
	struct dhcp6_leases_counts counts = dhcp6_leases_count(dhcp6->leases);
	json_t *leases = json_object(), *results = json_object();

	for (unsigned i = 0; i < DHCP6_FORGOTTEN; i++)
		json_object_set_new(leases, dhcp6_state_name[i], json_integer(counts.state[i]));
	for (unsigned i = 0; i < DHCP6_RESULTS; i++)
		if (dhcp6->results[i] > 0)
			json_object_set_new(results, dhcp6_result_name[i],
					    json_integer((json_int_t)dhcp6->results[i]));
	return json_pack(
		"{s:b, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "durable", !dhcp6->failing,
		"routes_left_out", (json_int_t)dhcp6_routes_left_out(dhcp6->routes), "received",
		(json_int_t)dhcp6->received, "sent", (json_int_t)dhcp6->sent, "unsent",
		(json_int_t)dhcp6->unsent, "results", results, "leases", leases, "reconfigure",
		dhcp6_reconfigure_status(dhcp6->reconfigure), "messages",
		dhcp6_counts_messages(&dhcp6->counts), "store", dhcp6_counts_store(&dhcp6->counts));
}

bool dhcp6_has_leased(struct dhcp6_server *dhcp6, const struct ip6 *address)
{
	const struct prefix6 what = { *address, 128 };
	const struct dhcp6_lease *lease = dhcp6_leases_find(dhcp6->leases, &what, false);

	return lease && lease->state == DHCP6_ACTIVE;
}

/* ---- doing ---- */

int dhcp6_release(struct dhcp6_server *dhcp6, const char *text, struct err *err)
{
	struct prefix6 what;

	if (parse_what(text, &what, err) < 0)
		return -1;
	struct dhcp6_lease *lease = dhcp6_leases_find(dhcp6->leases, &what, false);
	if (!lease)
		lease = dhcp6_leases_find(dhcp6->leases, &what, true);
	if (!lease)
		return err_kind(err, ERR_NO_OBJECT, "nobody has leased %.64s", text);
	log_info("dhcp6: %s of %s is released by hand", text, lease->user);
	dhcp6_reconfigure_released(dhcp6->reconfigure, lease);
	dhcp6_lease_forget(dhcp6->leases, lease);
	return dhcp6_save(dhcp6) < 0 ? err_set(err, "the state file takes no change; see the log")
				     : 0;
}

static int follow_reservations(struct dhcp6_server *dhcp6, struct err *err)
{
	if (dhcp6_serve_reservations(dhcp6, err) < 0)
		return -1;
	dhcp6_reconfigure_everybody(dhcp6->reconfigure);
	return 0;
}

int dhcp6_reserve(struct dhcp6_server *dhcp6, const char *line, struct err *err)
{
	struct state *state = dhcp6->server->state;
	struct config_reservation reservation;
	struct err reason = { 0 };
	struct prefix6 what;
	char text[PREFIX6_TEXT];

	if (strncmp(line, "none ", 5) == 0) {
		if (parse_what(line + 5, &what, err) < 0 ||
		    state_reservation_remove(state, what_text(&what, text), err) < 0)
			return -1;
		log_info("dhcp6: %s is no longer reserved", text);
		return follow_reservations(dhcp6, err);
	}
	if (config_parse_reservation(line, &reservation, &reason) < 0)
		return err_kind(err, ERR_USAGE, "'%.128s': %s", line, reason.text);
	if (reservation.by == RESERVE_BY_USER && reservation.user[0] == '\0')
		return err_kind(err, ERR_USAGE, "'%.128s': for whom?", line);
	what_text(&reservation.what, text);
	if (state_reservation_put(state, text, line, err) < 0)
		return -1;
	log_info("dhcp6: %s is reserved by hand", text);
	return follow_reservations(dhcp6, err);
}
