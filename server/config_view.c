/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_view.c - the tables of all sections as rows of what is in force.  Where a value
 * stands, the notes of base/conf_notes.h know; what it comes to: config_in_force.c. */
#include "server/config_view.h"

#include <stdlib.h>

#include "server/config_fault.h"
#include "server/config_in_force.h"
#include "server/config_text.h"

#define TEXT_MAX 1024 /* the longest scalar is a path or a URI */

/* A section in which a value may stand: the innermost first. */
struct level {
	const struct conf_noted_section *section; /* NULL: the file has none */
	const char *title;
	bool named; /* a group's or a user's */
};

struct view {
	const struct server_config *config, *defaults;
	const struct config_facts *facts;
	json_t *rows;
	/* of the section in hand */
	const char *title;
	bool named;
	const void *values; /* as its tables have offsets into it */
	const struct ra_settings *settings;
	unsigned level_count;
	struct level level[4];
	const char *base; /* "dhcp6" of the table in hand */
};

struct found {
	const struct conf_note *note; /* NULL: nowhere */
	const struct level *level;
};

/* ---- where a value stands ---- */

static void push_level(struct view *view, const char *title, bool named)
{
	view->level[view->level_count++] = (struct level) {
		conf_notes_section(&view->config->notes, title),
		title,
		named,
	};
}

static const char *key_in(const struct view *view, const struct level *level, const char *key,
			  char name[static 64])
{
	return level->named ? config_section_key(view->base, key, name) : key;
}

static struct found find_scalar(const struct view *view, const char *key)
{
	char name[64];

	for (unsigned i = 0; i < view->level_count; i++) {
		const struct level *level = &view->level[i];
		const struct conf_note *note = conf_notes_last(&view->config->notes, level->section,
							       key_in(view, level, key, name));

		if (note)
			return (struct found) { note, level };
	}
	return (struct found) { 0 };
}

static struct found find_item(const struct view *view, const char *key, enum ra_list list,
			      const union ra_item *item)
{
	char name[64];

	for (unsigned i = 0; i < view->level_count; i++) {
		const struct level *level = &view->level[i];
		const struct conf_note *note =
			config_find_item(&view->config->notes, level->section,
					 key_in(view, level, key, name), list, item);

		if (note)
			return (struct found) { note, level };
	}
	return (struct found) { 0 };
}

/* ---- rows ---- */

static bool is_kept(const struct view *view, const char *key)
{
	const struct config_unapplied *unapplied = view->facts->unapplied;

	for (unsigned i = 0; i < unapplied->count && !view->named; i++)
		if (strcmp(unapplied->row[i].section, view->title) == 0 &&
		    strcmp(unapplied->row[i].key, key) == 0)
			return true;
	return false;
}

static json_t *text_or_null(const char *text)
{
	return text && text[0] ? json_string(text) : json_null();
}

/* `value` NULL or "": nothing is set. */
static json_t *add_row(struct view *view, const char *key, const char *value, struct found found)
{
	const struct conf_note *note = found.note;
	bool inherited = note && strcmp(found.level->title, view->title) != 0;
	char name[64];

	json_t *row =
		json_pack("{s:s, s:s, s:o, s:[], s:n, s:s, s:s?, s:o, s:n}", "section", view->title,
			  "key", view->named ? config_section_key(view->base, key, name) : key,
			  "value", text_or_null(value), "in_force", "made_by", "origin",
			  is_kept(view, key) ? "kept"
			  : note	     ? "file"
					     : "default",
			  "inherited", inherited ? found.level->title : NULL, "line",
			  note ? json_integer(note->line) : json_null(), "after_restart");
	json_array_append_new(view->rows, row);
	return row;
}

static void set_in_force(json_t *row, json_t *in_force, const char *made_by)
{
	if (json_array_size(in_force) > 0) {
		json_object_set(row, "in_force", in_force);
		json_object_set_new(row, "made_by", json_string(made_by));
	}
	json_decref(in_force);
}

static json_t *add_state_row(struct view *view, const char *key, const char *value)
{
	json_t *row = add_row(view, key, value, (struct found) { 0 });

	json_object_set_new(row, "origin", json_string("state"));
	return row;
}

/* ---- scalars ---- */

/* What the file has in place of what is kept, or that it has nothing any more. */
static const char *text_in_file(const struct view *view, const struct conf_key *key,
				const struct conf_note *note, char *text, size_t cap)
{
	if (note && key->read == config_key_command)
		config_text(key, view->config, text, cap);
	else if (note)
		return note->value;
	else
		config_text(key, view->defaults, text, cap);
	return text;
}

static void add_scalar(struct view *view, const struct conf_key *key)
{
	struct found found = find_scalar(view, key->name);
	char text[TEXT_MAX], other[TEXT_MAX];
	const char *made_by = NULL;

	if (view->named && (!found.note || key->size == 0)) /* size 0: no section inherits it */
		return;
	config_text(key, view->values, text, sizeof(text));
	json_t *row = add_row(view, key->name, text, found);
	if (is_kept(view, key->name))
		json_object_set_new(
			row, "after_restart",
			json_string(text_in_file(view, key, found.note, other, sizeof(other))));
	json_t *in_force = config_in_force(view->base, key->name, view->config, view->settings,
					   view->facts, &made_by);
	set_in_force(row, in_force, made_by);
}

/* ---- lists ---- */

static void add_empty_list(struct view *view, const char *key)
{
	struct found found = find_scalar(view, key);
	const char *made_by = NULL;

	if (found.note && strcmp(found.note->value, "none") != 0)
		found = (struct found) { 0 };
	if (view->named && !found.note)
		return;
	json_t *row = add_row(view, key, found.note ? "none" : NULL, found);
	json_t *in_force = config_in_force(view->base, key, view->config, view->settings,
					   view->facts, &made_by);
	set_in_force(row, in_force, made_by);
}

/* Without a line it is what there is without any: `prefix = auto`. */
static void add_list(struct view *view, const struct conf_key *key)
{
	enum ra_list list = (enum ra_list)key->max;
	const struct ra_list_kind *kind = &ra_list_kind[list];
	unsigned count = *(const unsigned *)((const char *)view->settings + kind->count);
	const char *made_by = NULL;

	for (unsigned i = 0; i < count; i++) {
		union ra_item item = { 0 };

		memcpy(&item, (const char *)view->settings + kind->items + i * kind->size,
		       kind->size);
		struct found found = find_item(view, key->name, list, &item);
		if (view->named && !found.note)
			continue;
		json_t *row =
			add_row(view, key->name, found.note ? found.note->value : "auto", found);
		json_t *in_force = config_item_in_force(list, &item, view->facts, &made_by);
		set_in_force(row, in_force, made_by);
	}
	if (count == 0)
		add_empty_list(view, key->name);
}

/* Those of a section are its own; of none inherits another. */
static void add_reservations(struct view *view, const char *key)
{
	const struct level *own = &view->level[0];
	const struct conf_note *note = NULL;

	while ((note = conf_notes_next(&view->config->notes, own->section, key, note)))
		add_row(view, key, note->value, (struct found) { note, own });
	if (view->named)
		return;

	json_t *by_hand = view->facts->reservations(view->facts->owner), *line;
	size_t i;
	json_array_foreach(by_hand, i, line) add_state_row(view, key, json_string_value(line));
	json_decref(by_hand);
}

/* ---- listen, of [server] and [admin] ---- */

static unsigned listen_text(const struct server_config *config, bool admin, unsigned number,
			    char text[static 80])
{
	unsigned count = admin ? config->admin.listen_count : config->listen_count;

	if (number < count && admin)
		config_listen_text(config->admin.listen[number].host,
				   config->admin.listen[number].port, text, 80);
	else if (number < count)
		config_listen_text(config->listen[number].host, config->listen[number].port, text,
				   80);
	return count;
}

/* All that the file has, "a, b", or what there is without any. */
static void set_listen_in_file(const struct view *view, json_t *row, bool admin)
{
	const struct conf_note *note = NULL;
	char text[80], all[CONFIG_MAX_LISTEN * sizeof(text)] = "";

	while ((note = conf_notes_next(&view->config->notes, view->level[0].section, "listen",
				       note)))
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%.70s",
			 all[0] ? ", " : "", note->value);
	if (!conf_notes_last(&view->config->notes, view->level[0].section, "listen") &&
	    listen_text(view->defaults, admin, 0, text) > 0)
		snprintf(all, sizeof(all), "%s", text);
	json_object_set_new(row, "after_restart", json_string(all));
}

static void add_listen(struct view *view, bool admin)
{
	const struct conf_note *note = NULL;
	unsigned count = 0, i = 0;
	char text[80];

	do {
		text[0] = '\0';
		count = listen_text(view->config, admin, i, text);
		note = conf_notes_next(&view->config->notes, view->level[0].section, "listen",
				       note);
		json_t *row = add_row(view, "listen", text,
				      (struct found) { note, note ? &view->level[0] : NULL });
		if (i == 0 && is_kept(view, "listen"))
			set_listen_in_file(view, row, admin);
	} while (++i < count);
}

/* ---- sections ---- */

static void add_table(struct view *view, const char *base, const struct conf_key *keys)
{
	view->base = base;
	for (const struct conf_key *key = keys; key->name; key++) {
		if (key->read == config_read_item)
			add_list(view, key);
		else if (key->read == config_read_reservation)
			add_reservations(view, key->name);
		else if (strcmp(key->name, "listen") == 0)
			add_listen(view, strcmp(base, "admin") == 0);
		else
			add_scalar(view, key);
	}
}

static void add_base_section(struct view *view, const struct conf_section *section)
{
	view->title = section->name;
	view->named = false;
	view->values = section->base;
	view->settings = &view->config->ra;
	view->level_count = 0;
	push_level(view, section->name, false);
	add_table(view, section->name, section->keys);
}

static void add_state(struct view *view, const struct state_user *user, struct ra_section *in_force)
{
	static const char never[] = "none";
	char text[64];

	if (user->group[0])
		add_state_row(view, "group", user->group);
	if (user->role[0] && strcmp(user->role, never) != 0)
		add_state_row(view, "role", user->role);
	for (const struct conf_key *key = config_policy_keys; user->expires_s > 0 && key->name;
	     key++)
		if (key->read == policy_read_expires) {
			in_force->policy.expires_s = user->expires_s;
			config_text(key, in_force, text, sizeof(text));
			add_state_row(view, key->name, text);
		}
	if (user->blocked_s > 0)
		add_state_row(view, "blocked", user->why[0] ? user->why : "yes");
}

/* [group G], or [user U] in the group that the state file has for it. */
static void add_named_section(struct view *view, const struct ra_section *section,
			      struct ra_section *in_force)
{
	struct state_user user = { 0 };
	bool is_user = section->kind == SECTION_USER;
	bool known = is_user && view->facts->user(view->facts->owner, section->name, &user);
	const char *name = is_user ? section->name : "",
		   *group = is_user ? user.group : section->name;
	const struct ra_section *of_group =
		server_config_section(view->config, SECTION_GROUP, group);
	char title[CONFIG_TITLE_MAX], group_title[CONFIG_TITLE_MAX];

	server_config_resolve(view->config, name, group, &in_force->settings);
	server_config_policy(view->config, name, group, &in_force->policy);
	view->title = config_section_title(section, title);
	view->named = true;
	view->values = in_force;
	view->settings = &in_force->settings;
	view->level_count = 0;
	push_level(view, title, true);
	if (is_user && of_group)
		push_level(view, config_section_title(of_group, group_title), true);

	unsigned named = view->level_count;
	push_level(view, "ra", false);
	add_table(view, "ra", config_ra_keys);
	view->level_count = named;
	push_level(view, "dhcp6", false);
	add_table(view, "dhcp6", config_dhcp6_keys);
	view->level_count = named;
	push_level(view, "server", false);
	push_level(view, "bridge", false);
	add_table(view, "server", config_policy_keys);
	if (known)
		add_state(view, &user, in_force);
}

json_t *config_view(const struct server_config *config, const struct config_facts *facts)
{
	struct server_config *defaults = malloc(sizeof(*defaults));
	struct ra_section *in_force = calloc(1, sizeof(*in_force));
	struct view view = { .config = config, .defaults = defaults, .facts = facts };
	struct conf_section sections[CONFIG_SECTIONS];

	if (defaults && in_force &&
	    server_config_read_text(defaults, "", (struct bytes) { 0 }, NULL) == 0) {
		view.rows = json_array();
		config_sections((struct server_config *)config, sections);
		for (unsigned i = 0; sections[i].name; i++)
			if (!sections[i].begin)
				add_base_section(&view, &sections[i]);
		for (unsigned i = 0; i < config->section_count; i++)
			add_named_section(&view, config->section[i], in_force);
		server_config_free(defaults);
	}
	free(in_force);
	free(defaults);
	return view.rows;
}
