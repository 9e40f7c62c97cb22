/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_rest.c - unreachable routes to the prefixes that are delegated from.
 *
 * The kernel asks them last, so any other route to the same prefix or a part of it wins.  The state
 * file knows those that may be there, before they are: other programs have such routes as well, also
 * `lanyard connect --delegate`, and theirs are not ours to take away.
 */
#include "server/dhcp6_rest.h"

#include <stdlib.h>

#include "server/server_private.h"

#define MAX_PREFIXES 256
#define KEPT "dhcp6-unreachable"
#define KEPT_TEXT (2 * MAX_PREFIXES * PREFIX6_TEXT) /* the old ones and the new ones */

struct prefixes {
	unsigned count;
	struct prefix6 prefix[2 * MAX_PREFIXES];
};

struct dhcp6_rest {
	struct server *server;
	struct prefixes installed;
	char text[KEPT_TEXT];
};

static bool has(const struct prefixes *all, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < all->count; i++)
		if (prefix6_equal(&all->prefix[i], prefix))
			return true;
	return false;
}

static void add(struct prefixes *all, const struct prefix6 *prefix, unsigned max)
{
	char text[PREFIX6_TEXT];

	if (has(all, prefix))
		return;
	if (all->count == max)
		log_warning("dhcp6: %s is one prefix too many: what of it nobody has may loop",
			    prefix6_text(prefix, text));
	else
		all->prefix[all->count++] = *prefix;
}

static void add_delegates(struct prefixes *wanted, const struct ra_settings *settings)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;

	for (unsigned i = 0; i < dhcp6->delegate_count && dhcp6_settings_answers(settings); i++)
		add(wanted, &dhcp6->delegate[i].prefix, MAX_PREFIXES);
}

static void find_wanted(const struct server_config *config, struct prefixes *wanted)
{
	wanted->count = 0;
	add_delegates(wanted, &config->ra);
	for (unsigned i = 0; i < config->section_count; i++)
		add_delegates(wanted, &config->section[i]->settings);
}

/* ---- the state file ---- */

static int note(struct dhcp6_rest *rest, const struct prefixes *a, const struct prefixes *b,
		struct err *err)
{
	struct prefixes all = *a;
	char text[PREFIX6_TEXT];
	size_t len = 0;

	for (unsigned i = 0; b && i < b->count; i++)
		add(&all, &b->prefix[i], 2 * MAX_PREFIXES);
	rest->text[0] = '\0';
	for (unsigned i = 0; i < all.count; i++)
		len += (size_t)snprintf(rest->text + len, sizeof(rest->text) - len, "%s%s",
					i > 0 ? " " : "", prefix6_text(&all.prefix[i], text));
	return state_set(rest->server->state, KEPT, rest->text, err);
}

static int read_noted(struct dhcp6_rest *rest, struct err *err)
{
	struct prefix6 prefix;
	char *more = NULL, *word;
	int found = state_get(rest->server->state, KEPT, rest->text, sizeof(rest->text), err);

	if (found <= 0)
		return found;
	for (word = strtok_r(rest->text, " ", &more); word; word = strtok_r(NULL, " ", &more)) {
		if (prefix6_parse(word, &prefix, err) < 0)
			return err_context(err, "the state file's '%s' is damaged", KEPT);
		add(&rest->installed, &prefix, 2 * MAX_PREFIXES);
	}
	return 0;
}

/* ---- the kernel ---- */

static bool is_same(const struct prefixes *a, const struct prefixes *b)
{
	for (unsigned i = 0; i < a->count; i++)
		if (!has(b, &a->prefix[i]))
			return false;
	return a->count == b->count;
}

static void change(struct dhcp6_rest *rest, const struct prefixes *wanted)
{
	struct err err = { 0 };

	for (unsigned i = 0; i < rest->installed.count; i++)
		if (!has(wanted, &rest->installed.prefix[i]) &&
		    link_delete_unreachable(rest->server->link, &rest->installed.prefix[i], &err) <
			    0)
			log_error("dhcp6: %s", err.text);
	for (unsigned i = 0; i < wanted->count; i++)
		if (link_add_unreachable(rest->server->link, &wanted->prefix[i], &err) < 0)
			log_error("dhcp6: %s", err.text);
}

static void become(struct dhcp6_rest *rest, const struct prefixes *wanted)
{
	bool same = is_same(&rest->installed, wanted);
	struct err err = { 0 };

	if (!same && note(rest, wanted, &rest->installed, &err) < 0) {
		log_error("dhcp6: unreachable routes stay as they are: %s", err.text);
		return;
	}
	change(rest, wanted);
	rest->installed = *wanted;
	if (!same && note(rest, wanted, NULL, &err) < 0)
		log_error("dhcp6: %s", err.text);
}

void dhcp6_rest_follow(struct dhcp6_rest *rest)
{
	struct prefixes wanted;

	find_wanted(&rest->server->config, &wanted);
	become(rest, &wanted);
}

struct dhcp6_rest *dhcp6_rest_open(struct server *server, struct err *err)
{
	struct dhcp6_rest *rest = calloc(1, sizeof(*rest));

	if (!rest) {
		err_set(err, "out of memory");
		return NULL;
	}
	rest->server = server;
	if (read_noted(rest, err) < 0) {
		free(rest);
		return NULL;
	}
	dhcp6_rest_follow(rest);
	return rest;
}

void dhcp6_rest_free(struct dhcp6_rest *rest)
{
	static const struct prefixes none;

	if (!rest)
		return;
	become(rest, &none);
	free(rest);
}
