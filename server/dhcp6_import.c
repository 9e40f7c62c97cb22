/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_import.c - leases that another DHCPv6 server has given, taken over.
 *
 * The file is read by dhcp6/import*.c.  Here: whose a lease is, whether the configuration gives it at
 * all, and all of them into the table and onto the disk in one transaction.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dhcp6/import.h"
#include "server/dhcp6_private.h"

#define MAX_REFUSED 100 /* lines told of one by one; the others are counted */

struct importing {
	struct dhcp6_server *dhcp6;
	struct dhcp6_leases *leases; /* the server's, or a copy for a dry run */
	const struct dhcp6_import_order *order;
	/* what the configuration gives: to the order's user, or to anybody */
	unsigned link_count;
	struct dhcp6_link *link;
	size_t done_count, done_room;
	struct prefix6 *done; /* to be forgotten again, should the disk refuse */
	unsigned addresses, prefixes, waiting, refused_count, before, no_user;
	unsigned skipped[DHCP6_IMPORT_FOUNDS];
	json_t *refused;
};

/* ---- what may be given ---- */

struct search {
	const char *name;
	char group[STATE_USER_MAX];
	bool found;
};

static void look_at_user(void *owner, const struct state_user *user)
{
	struct search *search = owner;

	if (strcmp(user->name, search->name) != 0)
		return;
	search->found = true;
	strcpy(search->group, user->group);
}

static int pools_of_user(struct importing *importing, const char *name, struct err *err)
{
	struct server *server = importing->dhcp6->server;
	struct search search = { .name = name };
	struct ra_settings settings;

	if (state_user_list(server->state, time(NULL), look_at_user, &search, err) < 0)
		return -1;
	if (!search.found)
		return err_kind(err, ERR_NO_OBJECT, "no user is called '%.64s'", name);
	server_config_resolve(&server->config, name, search.group, &settings);
	dhcp6_serve_pools(importing->dhcp6, &settings.dhcp6, &importing->link[0]);
	importing->link_count = 1;
	return 0;
}

/* A section inherits what is above it, so all sections' own pools are everybody's together. */
static int find_pools(struct importing *importing, struct err *err)
{
	const struct server_config *config = &importing->dhcp6->server->config;
	unsigned count = 1 + config->section_count;

	importing->link = calloc(count, sizeof(*importing->link));
	if (!importing->link)
		return err_set(err, "out of memory");
	if (importing->order->user)
		return pools_of_user(importing, importing->order->user, err);
	dhcp6_serve_pools(importing->dhcp6, &config->ra.dhcp6, &importing->link[0]);
	for (unsigned i = 1; i < count; i++)
		dhcp6_serve_pools(importing->dhcp6, &config->section[i - 1]->settings.dhcp6,
				  &importing->link[i]);
	importing->link_count = count;
	return 0;
}

/* ---- one lease ---- */

__attribute__((format(printf, 3, 4))) static void refuse(struct importing *importing, unsigned line,
							 const char *format, ...)
{
	char reason[256];
	va_list values;

	va_start(values, format);
	vsnprintf(reason, sizeof(reason), format, values);
	va_end(values);
	if (importing->refused_count++ < MAX_REFUSED)
		json_array_append_new(
			importing->refused,
			json_pack("{s:I, s:s}", "line", (json_int_t)line, "reason", reason));
}

static const struct dhcp6_reservation *reservation_at(const struct importing *importing,
						      const struct prefix6 *what)
{
	return dhcp6_reservation_at(importing->dhcp6->reservation,
				    importing->dhcp6->reservation_count, what);
}

/* The order's user; else whom the address is reserved for; else nobody. */
static void find_user(const struct importing *importing, struct dhcp6_lease *lease)
{
	const struct dhcp6_reservation *reservation = reservation_at(importing, &lease->what);

	if (importing->order->user)
		strcpy(lease->user, importing->order->user);
	else if (reservation)
		memcpy(lease->user, reservation->user, sizeof(lease->user));
}

/* NULL, or why it cannot be had. */
static const char *not_given(const struct importing *importing, const struct dhcp6_lease *lease)
{
	const struct dhcp6_identity identity = { .user = lease->user,
						 .duid = lease->duid,
						 .iaid = lease->iaid,
						 .has_mac = lease->has_mac,
						 .mac = lease->mac };
	const struct dhcp6_link *link = importing->link;
	bool given = false;

	for (unsigned i = 0; i < importing->link_count && !given; i++)
		given = dhcp6_link_gives(&link[i], lease);
	if (!given)
		return reservation_at(importing, &lease->what) ? "is reserved for somebody else"
		       : importing->order->user
			       ? "is in no pool and no delegated prefix of this user"
			       : "is in no pool and no delegated prefix of [dhcp6]";
	/* without a MAC nobody can tell whether it is this client that is seen */
	if ((lease->has_mac || lease->kind == DHCP6_PREFIX) &&
	    link->in_use(link->owner, &lease->what, &identity))
		return lease->kind == DHCP6_PREFIX
			       ? "is in the way of a route that this host has already"
			       : "is in use by somebody else";
	return NULL;
}

static bool note_done(struct importing *importing, const struct prefix6 *what)
{
	if (importing->done_count == importing->done_room) {
		size_t room = importing->done_room ? 2 * importing->done_room : 256;
		struct prefix6 *more = realloc(importing->done, room * sizeof(*more));

		if (!more)
			return false;
		importing->done = more;
		importing->done_room = room;
	}
	importing->done[importing->done_count++] = *what;
	return true;
}

static void put(struct importing *importing, unsigned line, const struct dhcp6_lease *lease,
		const char *what)
{
	/* the room first: what is imported must be on the list */
	if (!note_done(importing, &lease->what)) {
		refuse(importing, line, "out of memory");
		return;
	}
	enum dhcp6_imported imported = dhcp6_leases_import(importing->leases, lease);

	if (imported != DHCP6_IMPORTED)
		importing->done_count--;
	switch (imported) {
	case DHCP6_IMPORTED:
		*(lease->kind == DHCP6_PREFIX ? &importing->prefixes : &importing->addresses) += 1;
		importing->waiting += lease->user[0] == '\0';
		break;
	case DHCP6_IMPORTED_BEFORE: importing->before++; break;
	case DHCP6_IMPORT_TAKEN:
		refuse(importing, line, "%s is leased to somebody else here", what);
		break;
	case DHCP6_IMPORT_USER_FULL:
		refuse(importing, line, "%s: user %s has as many leases as leases-per-user allows",
		       what, lease->user);
		break;
	case DHCP6_IMPORT_TABLE_FULL:
		refuse(importing, line, "%s: the server has no room for more leases", what);
		break;
	case DHCP6_IMPORT_SENSELESS: refuse(importing, line, "%s makes no sense", what); break;
	}
}

static void on_row(void *owner, const struct dhcp6_import_row *row)
{
	struct importing *importing = owner;
	struct dhcp6_lease lease = row->lease;
	char what[PREFIX6_TEXT];

	if (row->found == DHCP6_IMPORT_MALFORMED) {
		refuse(importing, row->line, "%s", row->fault);
		return;
	}
	if (row->found != DHCP6_IMPORT_LEASE) {
		importing->skipped[row->found]++;
		return;
	}
	find_user(importing, &lease);
	lease.state = DHCP6_ACTIVE;
	if (lease.what.len == 128)
		ip6_text(&lease.what.address, what);
	else
		prefix6_text(&lease.what, what);
	const char *reason = not_given(importing, &lease);
	if (reason)
		refuse(importing, row->line, "%s %s", what, reason);
	else if (lease.user[0] == '\0' && !importing->order->first_come)
		importing->no_user++;
	else
		put(importing, row->line, &lease, what);
}

/* ---- all of them ---- */

/* For a dry run: the table as it is, to be thrown away. */
static struct dhcp6_leases *copy_of(struct dhcp6_server *dhcp6, uint64_t now_s, struct err *err)
{
	struct dhcp6_leases *copy = dhcp6_new_table(dhcp6->server, err);
	const struct dhcp6_lease *lease = NULL;

	while (copy && (lease = dhcp6_leases_next(dhcp6->leases, lease)))
		if (lease->state != DHCP6_OFFERED)
			dhcp6_leases_load(copy, lease, now_s);
	return copy;
}

static int keep(struct importing *importing, struct err *err)
{
	struct dhcp6_server *dhcp6 = importing->dhcp6;

	if (dhcp6_save(dhcp6) == 0)
		return 0;
	for (size_t i = 0; i < importing->done_count; i++)
		dhcp6_lease_forget(dhcp6->leases,
				   dhcp6_leases_find(dhcp6->leases, &importing->done[i], false));
	return err_set(err, "nothing is imported: the state file takes no change; see the log");
}

static json_t *skipped_object(const struct importing *importing)
{
	json_t *skipped = json_object();

	for (unsigned i = 0; i < DHCP6_IMPORT_FOUNDS; i++)
		if (importing->skipped[i] > 0)
			json_object_set_new(skipped, dhcp6_import_found_name[i],
					    json_integer(importing->skipped[i]));
	if (importing->before > 0)
		json_object_set_new(skipped, "before", json_integer(importing->before));
	if (importing->no_user > 0)
		json_object_set_new(skipped, "no-user", json_integer(importing->no_user));
	return skipped;
}

static json_t *run(struct importing *importing, enum dhcp6_import_format format, struct err *err)
{
	struct dhcp6_server *dhcp6 = importing->dhcp6;
	const struct dhcp6_import_order *order = importing->order;
	uint64_t now_s = dhcp6_now_s(dhcp6);

	dhcp6_leases_expire(dhcp6->leases, now_s);
	importing->leases = order->dry_run ? copy_of(dhcp6, now_s, err) : dhcp6->leases;
	if (!importing->leases || find_pools(importing, err) < 0 ||
	    dhcp6_import_each(format, order->text, now_s, on_row, importing, err) < 0 ||
	    (!order->dry_run && keep(importing, err) < 0))
		return NULL;
	if (!order->dry_run)
		log_info("dhcp6: %u addresses and %u prefixes are imported, %u lines refused",
			 importing->addresses, importing->prefixes, importing->refused_count);
	return json_pack("{s:i, s:s, s:b, s:I, s:I, s:I, s:o, s:O, s:I}", "schema", 1, "format",
			 dhcp6_import_format_name[format], "dry_run", order->dry_run, "addresses",
			 (json_int_t)importing->addresses, "prefixes",
			 (json_int_t)importing->prefixes, "waiting", (json_int_t)importing->waiting,
			 "skipped", skipped_object(importing), "refused", importing->refused,
			 "refused_count", (json_int_t)importing->refused_count);
}

static int find_format(const struct dhcp6_import_order *order, enum dhcp6_import_format *format,
		       struct err *err)
{
	if (!order->format)
		return dhcp6_import_guess(order->text, format, err);
	for (unsigned i = 0; i < DHCP6_IMPORT_FORMATS; i++) {
		if (strcmp(order->format, dhcp6_import_format_name[i]) == 0) {
			*format = (enum dhcp6_import_format)i;
			return 0;
		}
	}
	return err_kind(err, ERR_USAGE, "format '%.40s' must be kea, dnsmasq or odhcpd",
			order->format);
}

json_t *dhcp6_import(struct dhcp6_server *dhcp6, const struct dhcp6_import_order *order,
		     struct err *err)
{
	struct importing importing = { .dhcp6 = dhcp6, .order = order, .refused = json_array() };
	enum dhcp6_import_format format;
	json_t *answer = NULL;

	if (order->user && order->first_come)
		err_kind(err, ERR_USAGE, "a user and first-come are two different things");
	else if (find_format(order, &format, err) == 0)
		answer = run(&importing, format, err);
	json_decref(importing.refused);
	if (order->dry_run)
		dhcp6_leases_free(importing.leases);
	free(importing.link);
	free(importing.done);
	return answer;
}
