/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_life.c - the DHCPv6 server from start to end: who it is, its leases at start,
 * their clock, and what happens to them other than by messages. */
#include <stdlib.h>

#include "server/dhcp6_private.h"

#define MAX_LEASES 250000
#define LONGEST_WAIT_S 86400
#define RETRY_S 5 /* after the disk refused */

uint64_t dhcp6_now_s(const struct dhcp6_server *dhcp6)
{
	struct lease_clock_reading reading;

	lease_clock_read_now(&reading);
	return lease_clock_now(&dhcp6->clock, &reading);
}

/* ---- when leases end ---- */

static void on_timer(uv_timer_t *timer);

void dhcp6_wait_for_the_next(struct dhcp6_server *dhcp6)
{
	uint64_t now_s = dhcp6_now_s(dhcp6), due_s = dhcp6_leases_due_s(dhcp6->leases);
	uint64_t wait_s = due_s > now_s ? due_s - now_s : 0;

	if (dhcp6->failing && wait_s < RETRY_S)
		wait_s = RETRY_S;
	if (wait_s > LONGEST_WAIT_S)
		wait_s = LONGEST_WAIT_S;
	uv_timer_start(&dhcp6->timer, on_timer, wait_s * 1000, 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct dhcp6_server *dhcp6 = timer->data;

	dhcp6_leases_expire(dhcp6->leases, dhcp6_now_s(dhcp6)); /* saved at the end of this turn */
	dhcp6_wait_for_the_next(dhcp6);
}

/* ---- the state file ---- */

static int random_text(struct server *server, const char *name, uint8_t *bytes, size_t len,
		       struct err *err)
{
	char text[65] = "";
	int found = state_get(server->state, name, text, sizeof(text), err);

	if (found < 0)
		return -1;
	if (found > 0)
		return config_parse_hex(text, bytes, len) == (int)len
			       ? 0
			       : err_set(err, "the state file's '%s' is damaged", name);
	int result = uv_random(NULL, NULL, bytes, len, 0, NULL);
	if (result < 0)
		return err_set(err, "no random numbers: %s", uv_strerror(result));
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return state_set(server->state, name, text, err);
}

/* RFC 6355: made once, and kept for as long as the state file is. */
static int find_identity(struct dhcp6_server *dhcp6, struct err *err)
{
	uint8_t uuid[16], key[16];

	if (random_text(dhcp6->server, "dhcp6-uuid", uuid, sizeof(uuid), err) < 0 ||
	    random_text(dhcp6->server, "dhcp6-reconfigure-key", key, sizeof(key), err) < 0)
		return -1;
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 9562 5.4: version 4 */
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	dhcp6->duid = dhcp6_duid_of_uuid(uuid);
	memcpy(&dhcp6->reconfigure_key, key, sizeof(key));
	return 0;
}

struct dhcp6_leases *dhcp6_new_table(struct server *server, struct err *err)
{
	struct dhcp6_leases_config config;
	struct dhcp6_leases *leases;

	dhcp6_leases_config_defaults(&config);
	config.max_leases = MAX_LEASES;
	config.max_per_user = server->config.ra.dhcp6.per_user;
	if (uv_random(NULL, NULL, &config.table_key, sizeof(config.table_key), 0, NULL) < 0) {
		err_set(err, "no random numbers");
		return NULL;
	}
	leases = dhcp6_leases_new(&config);
	if (!leases)
		err_set(err, "out of memory");
	return leases;
}

static int route_all(struct dhcp6_server *dhcp6, struct err *err)
{
	const struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_next(dhcp6->leases, lease)))
		if (dhcp6_is_routed(lease) &&
		    dhcp6_routes_set(dhcp6->routes, &lease->what, &lease->peer, err) < 0)
			return -1;
	dhcp6_routes_apply(dhcp6->routes);
	dhcp6_routes_tidy(dhcp6->routes);
	return 0;
}

static int note_clock(struct dhcp6_server *dhcp6, struct err *err)
{
	char text[LEASE_CLOCK_TEXT];

	return state_set(dhcp6->server->state, "lease-clock", lease_clock_text(&dhcp6->clock, text),
			 err);
}

static int move_leases(struct dhcp6_server *dhcp6, int64_t jump_s, struct err *err)
{
	log_warning("dhcp6: the clock was set %lld s %s: all leases are moved with it",
		    (long long)(jump_s < 0 ? -jump_s : jump_s), jump_s < 0 ? "back" : "ahead");
	return state_leases_shift(dhcp6->server->state, jump_s, err);
}

static int start_clock(struct dhcp6_server *dhcp6, struct err *err)
{
	struct lease_clock_reading reading;
	struct lease_clock before;
	char text[LEASE_CLOCK_TEXT];
	uint64_t newest_s = 0;
	int found = state_get(dhcp6->server->state, "lease-clock", text, sizeof(text), err);

	if (found < 0 || state_leases_newest(dhcp6->server->state, &newest_s, err) < 0)
		return -1;
	bool known = found > 0 && lease_clock_parse(text, &before);
	lease_clock_read(&reading);
	int64_t jump_s =
		lease_clock_start(&dhcp6->clock, known ? &before : NULL, newest_s, &reading);
	if (jump_s != 0 && move_leases(dhcp6, jump_s, err) < 0)
		return -1;
	return note_clock(dhcp6, err);
}

void dhcp6_server_check_clock(struct dhcp6_server *dhcp6)
{
	struct lease_clock_reading reading;
	struct lease_clock was = dhcp6->clock;
	struct err err = { 0 };

	lease_clock_read_now(&reading);
	int64_t jump_s = lease_clock_check(&dhcp6->clock, &reading);
	if (jump_s == 0)
		return;
	dhcp6->clock = was;
	if (dhcp6_save(dhcp6) < 0) /* what is only in memory must move as well: the next time */
		return;
	if (move_leases(dhcp6, jump_s, &err) < 0) {
		log_error("dhcp6: %s", err.text);
		return;
	}
	lease_clock_check(&dhcp6->clock, &reading);
	if (note_clock(dhcp6, &err) < 0 || dhcp6_load(dhcp6, &err) < 0)
		log_error("dhcp6: %s", err.text);
	dhcp6_wait_for_the_next(dhcp6);
}

/* ---- from start to end ---- */

int dhcp6_server_open(struct server *server, struct err *err)
{
	struct dhcp6_server *dhcp6 = calloc(1, sizeof(*dhcp6));

	if (!dhcp6)
		return err_set(err, "out of memory");
	server->dhcp6 = dhcp6; /* dhcp6_server_close knows what to undo */
	dhcp6->server = server;
	uv_timer_init(&server->loop, &dhcp6->timer);
	dhcp6->timer.data = dhcp6;
	dhcp6->reservation = calloc(DHCP6_MAX_RESERVATIONS, sizeof(*dhcp6->reservation));
	if (!dhcp6->reservation)
		return err_set(err, "out of memory");
	dhcp6->routes = dhcp6_routes_new(server, err);
	if (!dhcp6->routes || dhcp6_disk_open(dhcp6, err) < 0)
		return -1;
	dhcp6->reconfigure = dhcp6_reconfigure_open(dhcp6, err);
	if (!dhcp6->reconfigure || find_identity(dhcp6, err) < 0 || start_clock(dhcp6, err) < 0 ||
	    dhcp6_load(dhcp6, err) < 0 || dhcp6_serve_reservations(dhcp6, err) < 0 ||
	    route_all(dhcp6, err) < 0)
		return -1;
	dhcp6->rest = dhcp6_rest_open(dhcp6->server, err);
	if (!dhcp6->rest)
		return -1;
	dhcp6_wait_for_the_next(dhcp6);
	return 0;
}

static void free_server(uv_handle_t *timer)
{
	free(timer->data);
}

void dhcp6_server_close(struct dhcp6_server *dhcp6)
{
	if (!dhcp6)
		return;
	dhcp6_disk_close(dhcp6);
	dhcp6_reconfigure_close(dhcp6->reconfigure);
	dhcp6_rest_free(dhcp6->rest);
	dhcp6_routes_free(dhcp6->routes);
	dhcp6_leases_free(dhcp6->leases);
	free(dhcp6->reservation);
	dhcp6->server->dhcp6 = NULL;
	uv_close((uv_handle_t *)&dhcp6->timer, free_server);
}

void dhcp6_server_configure(struct dhcp6_server *dhcp6)
{
	struct dhcp6_leases_config config;
	struct err err = { 0 };

	dhcp6_leases_config_defaults(&config);
	config.max_leases = MAX_LEASES;
	config.max_per_user = dhcp6->server->config.ra.dhcp6.per_user;
	dhcp6_leases_configure(dhcp6->leases, &config);
	dhcp6_routes_changed(dhcp6->routes); /* others may be in the way */
	dhcp6_rest_follow(dhcp6->rest);
	if (dhcp6_serve_reservations(dhcp6, &err) < 0)
		log_error("dhcp6: %s", err.text);
}

void dhcp6_server_configured(struct dhcp6_server *dhcp6)
{
	dhcp6_reconfigure_everybody(dhcp6->reconfigure);
}

void dhcp6_server_serves(struct client *client)
{
	dhcp6_reconfigure_client(client->server->dhcp6->reconfigure, client);
}

void dhcp6_server_user_removed(struct dhcp6_server *dhcp6, const char *user)
{
	uint64_t now_s = dhcp6_now_s(dhcp6);
	const struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_next(dhcp6->leases, lease)))
		if (lease->state == DHCP6_ACTIVE && strcmp(lease->user, user) == 0)
			dhcp6_lease_release(dhcp6->leases, (struct dhcp6_lease *)lease, now_s);
	dhcp6_save(dhcp6);
}

void dhcp6_server_routes_changed(struct dhcp6_server *dhcp6)
{
	if (dhcp6)
		dhcp6_routes_changed(dhcp6->routes);
}

void dhcp6_server_link_changed(struct dhcp6_server *dhcp6)
{
	if (dhcp6)
		dhcp6_routes_repair(dhcp6->routes);
}
