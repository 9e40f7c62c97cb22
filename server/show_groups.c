/* SPDX-License-Identifier: Apache-2.0 */
/* server/show_groups.c - groups: those that the configuration names, that users are in, or that had
 * clients; and in short for metrics. */
#include <time.h>

#include "server/server_private.h"
#include "server/show.h"

static void set_number(json_t *object, const char *name, uint64_t number)
{
	json_object_set_new(object, name, json_integer((json_int_t)number));
}

static void set_traffic(json_t *object, const struct group_traffic *group)
{
	set_number(object, "clients", group->clients);
	set_number(object, "rx_bytes", group->sum.rx_bytes);
	set_number(object, "tx_bytes", group->sum.tx_bytes);
	set_number(object, "rx_frames", group->sum.rx_frames);
	set_number(object, "tx_frames", group->sum.tx_frames);
}

json_t *show_groups_in_short(const struct groups *groups)
{
	json_t *all = json_object();

	for (unsigned i = 0; i <= groups->count; i++) {
		const struct group_traffic *group =
			i < groups->count ? &groups->group[i] : &groups->other;
		json_t *one = json_object();

		set_traffic(one, group);
		json_object_set_new(all, group->name, one);
	}
	return all;
}

json_t *show_drops(const struct traffic *traffic)
{
	json_t *drops = json_object();

	for (unsigned reason = 1; reason < DROP_REASONS; reason++)
		if (traffic->drops[reason] > 0)
			set_number(drops, drop_name[reason], traffic->drops[reason]);
	return drops;
}

/* ---- in full ---- */

/* The one of that name ("": of who is in none), made if need be. */
static json_t *group_named(json_t *all, const struct server *server, const char *name)
{
	static const struct group_traffic nothing;
	json_t *group = json_object_get(all, name);

	if (group)
		return group;
	group = json_pack("{s:s?, s:b, s:i}", "name", name[0] ? name : NULL, "has_section",
			  name[0] && server_config_section(&server->config, SECTION_GROUP, name),
			  "users", 0);
	set_traffic(group, &nothing);
	json_object_set_new(all, name, group);
	return group;
}

static void count_users(json_t *all, const struct server *server, const json_t *users)
{
	const json_t *user;
	size_t i;

	json_array_foreach(users, i, user)
	{
		const char *name = json_string_value(json_object_get(user, "group"));
		json_t *group = group_named(all, server, name ? name : "");
		json_t *count = json_object_get(group, "users");

		json_integer_set(count, json_integer_value(count) + 1);
	}
}

json_t *show_groups(struct server *server, const json_t *request, struct err *err)
{
	json_t *users = users_list(server->state, &server->config, time(NULL), err), *one;
	json_t *all = json_object(), *rows = json_array();
	struct groups groups;
	const char *name;

	for (unsigned i = 0; i < server->config.section_count; i++)
		if (server->config.section[i]->kind == SECTION_GROUP)
			group_named(all, server, server->config.section[i]->name);
	count_users(all, server, json_object_get(users, "users"));
	groups_now(server, &groups);
	for (unsigned i = 0; i < groups.count; i++)
		set_traffic(group_named(all, server, groups.group[i].name), &groups.group[i]);
	if (groups.other.sum.rx_frames > 0)
		set_traffic(group_named(all, server, GROUP_OTHER), &groups.other);
	json_object_foreach(all, name, one) json_array_append(rows, one);
	json_decref(all);
	one = users ? json_pack("{s:O}", "groups", rows) : NULL;
	json_decref(rows);
	json_decref(users);
	return one;
}
