/* SPDX-License-Identifier: Apache-2.0 */
/* server/settings.c - which settings of Router Advertisements a client has.
 *
 * All clients in the same sections share one object: there are as many as there are different
 * ones in use, and looking one up costs nothing per advertisement.
 */
#include <stdlib.h>

#include "server/server_private.h"

/* The name of the section if there is one, or was, and is still to be called off by name; else "":
 * users without one share. */
static const char *section_name(const struct server *server, enum ra_section_kind kind,
				const char *name)
{
	bool promised = kind == SECTION_USER ? promises_know_user(server->promises, name)
					     : promises_know_group(server->promises, name);

	return promised || server_config_section(&server->config, kind, name) ? name : "";
}

struct settings *settings_take(struct server *server, const char *user, const char *group)
{
	const char *user_section = section_name(server, SECTION_USER, user);
	const char *group_section = section_name(server, SECTION_GROUP, group);
	struct settings *settings;

	for (settings = server->settings; settings; settings = settings->next)
		if (!settings->stale && strcmp(settings->user, user_section) == 0 &&
		    strcmp(settings->group, group_section) == 0)
			break;
	if (!settings) {
		settings = calloc(1, sizeof(*settings));
		if (!settings)
			return NULL;
		strcpy(settings->user, user_section);
		strcpy(settings->group, group_section);
		server_config_resolve(&server->config, user_section, group_section, &settings->ra);
		settings_compose(server, settings);
		settings->next = server->settings;
		settings->link = &server->settings;
		if (settings->next)
			settings->next->link = &settings->next;
		server->settings = settings;
	}
	settings->clients++;
	return settings;
}

void settings_release(struct settings *settings)
{
	if (!settings || --settings->clients > 0)
		return;
	*settings->link = settings->next;
	if (settings->next)
		settings->next->link = settings->link;
	free(settings);
}

void settings_compose(struct server *server, struct settings *settings)
{
	struct state_scope scope = { 0 };

	strcpy(scope.user, settings->user);
	strcpy(scope.group, settings->group);
	settings->composed_ms = uv_now(&server->loop);
	content_compose(server, &settings->ra, &settings->content);
	if (settings->ra.enabled) /* what is not said is not promised */
		promises_apply(server->promises, &scope, &settings->content);
}

void settings_compose_all(struct server *server)
{
	/* stale ones are being called off: to compose them would promise what they said anew */
	for (struct settings *settings = server->settings; settings; settings = settings->next)
		if (!settings->stale)
			settings_compose(server, settings);
}

unsigned settings_replace_all(struct server *server)
{
	unsigned changed = 0;

	for (struct settings *old = server->settings; old; old = old->next)
		old->stale = true;
	for (struct client *client = server->clients; client; client = client->next) {
		struct settings *settings = settings_take(server, client->user, client->group);

		if (!settings)
			log_error("settings: out of memory: a client keeps what it had");
		else
			changed += advertiser_switch(client, settings, changed);
	}
	return changed;
}
