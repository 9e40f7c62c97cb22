/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_in_force.c - a row for each key that may be left to something else. */
#include "server/config_in_force.h"

#include <stdio.h>

#include "radvd-lite/ra_schedule.h"

static const char by_server[] = "server", by_kernel[] = "kernel", by_keys[] = "other-keys";

struct question {
	const struct server_config *config;
	const struct ra_settings *settings;
	const struct config_facts *facts;
	json_t *answer;
};

static void say(const struct question *question, const char *text)
{
	json_array_append_new(question->answer, json_string(text));
}

static void say_time(const struct question *question, uint32_t seconds)
{
	char text[24];

	say(question, conf_time_text(seconds, text, sizeof(text)));
}

static void say_yes(const struct question *question, bool yes)
{
	say(question, yes ? "yes" : "no");
}

static void of_name(const struct question *question)
{
	if (!question->config->name[0])
		say(question, question->facts->host);
}

static void of_workers(const struct question *question)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", question->facts->workers);
	if (question->config->workers == 0)
		say(question, text);
}

static void of_mtu(const struct question *question)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", question->config->mtu);
	if (question->settings->mtu == 0)
		say(question, text);
}

static void of_min_interval(const struct question *question)
{
	struct ra_interval interval = ra_interval_of(0, question->settings->interval_s);

	if (question->settings->min_interval_s == 0)
		say_time(question, interval.min_ms / 1000);
}

static void of_dns_lifetime(const struct question *question)
{
	if (question->settings->dns_lifetime_s == 0)
		say_time(question, question->settings->lifetime_s);
}

static void of_search_lifetime(const struct question *question)
{
	if (question->settings->search_lifetime_s == 0)
		say_time(question, question->settings->lifetime_s);
}

static void of_managed(const struct question *question)
{
	if (question->settings->managed == CONFIG_AUTO)
		say_yes(question, dhcp6_settings_leases(question->settings));
}

static void of_other(const struct question *question)
{
	if (question->settings->other == CONFIG_AUTO)
		say_yes(question, dhcp6_settings_informs(question->settings));
}

static void of_enabled(const struct question *question)
{
	if (question->settings->dhcp6.enabled == CONFIG_AUTO)
		say_yes(question, dhcp6_settings_answers(question->settings));
}

static void of_preferred_time(const struct question *question)
{
	if (question->settings->dhcp6.preferred_s == 0)
		say_time(question, dhcp6_settings_preferred_s(&question->settings->dhcp6));
}

static void of_dns(const struct question *question)
{
	char text[IP6_TEXT];

	for (unsigned i = 0; i < question->settings->dns_count; i++)
		say(question, ip6_text(&question->settings->dns[i], text));
}

static void of_search(const struct question *question)
{
	for (unsigned i = 0; i < question->settings->search_count; i++)
		say(question, question->settings->search[i]);
}

static const struct {
	const char *base, *key;
	void (*answer)(const struct question *question);
	const char *made_by;
} rows[] = {
	{ "server", "name", of_name, by_kernel },
	{ "server", "workers", of_workers, by_server },
	{ "ra", "mtu", of_mtu, by_keys },
	{ "ra", "min-interval", of_min_interval, by_keys },
	{ "ra", "dns-lifetime", of_dns_lifetime, by_keys },
	{ "ra", "search-lifetime", of_search_lifetime, by_keys },
	{ "ra", "managed", of_managed, by_keys },
	{ "ra", "other", of_other, by_keys },
	{ "dhcp6", "enabled", of_enabled, by_keys },
	{ "dhcp6", "preferred-time", of_preferred_time, by_keys },
	{ "dhcp6", "dns", of_dns, by_keys },
	{ "dhcp6", "search", of_search, by_keys },
};

json_t *config_in_force(const char *base, const char *key, const struct server_config *config,
			const struct ra_settings *settings, const struct config_facts *facts,
			const char **made_by)
{
	struct question question = { config, settings, facts, json_array() };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].base, base) != 0 || strcmp(rows[i].key, key) != 0)
			continue;
		rows[i].answer(&question);
		*made_by = rows[i].made_by;
	}
	return question.answer;
}

/* ---- items ---- */

static void add_prefix(json_t *all, const struct prefix6 *prefix)
{
	char text[PREFIX6_TEXT];

	json_array_append_new(all, json_string(prefix6_text(prefix, text)));
}

static void add_of_interface(json_t *all, const struct follow *follow, const char *name)
{
	for (unsigned i = 0; i < follow->interface_count; i++)
		for (unsigned j = 0;
		     j < follow->interface[i].count && strcmp(follow->interface[i].name, name) == 0;
		     j++)
			add_prefix(all, &follow->interface[i].prefix[j].prefix);
}

/* As kernel_add_routes has it. */
static void add_of_filter(json_t *all, const struct follow *follow, const struct prefix6 *filter)
{
	for (unsigned i = 0; i < follow->routes.count; i++) {
		const struct prefix6 *prefix = &follow->routes.prefix[i];

		if (prefix->len >= filter->len && prefix6_contains(filter, &prefix->address))
			add_prefix(all, prefix);
	}
}

json_t *config_item_in_force(enum ra_list list, const union ra_item *item,
			     const struct config_facts *facts, const char **made_by)
{
	json_t *all = json_array();

	*made_by = by_kernel;
	if (list == RA_LIST_PREFIX && item->prefix.automatic) {
		*made_by = by_server;
		if (facts->automatic.len > 0)
			add_prefix(all, &facts->automatic);
	} else if (list == RA_LIST_PREFIX && item->prefix.interface[0] && facts->follow) {
		add_of_interface(all, facts->follow, item->prefix.interface);
	} else if (list == RA_LIST_ROUTE && item->route.kernel && facts->follow) {
		add_of_filter(all, facts->follow, &item->route.prefix);
	}
	return all;
}
