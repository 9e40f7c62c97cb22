/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_config_sections.c
 *
 * [group NAME] and [user NAME]: what inherits from what, wherever it stands in the file, and
 * what is refused, with its section named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/config.h"

static int read_text(struct server_config *config, const char *text, struct err *err)
{
	*err = (struct err) { 0 };
	return server_config_read_text(config, "server.conf",
				       (struct bytes) { (const uint8_t *)text, strlen(text) }, err);
}

/* "auto 2001:db8::/64 | 2001:db8:1::/48 high 600 | fe80::1 | corp.example | 600" */
static const char *tell(const struct ra_settings *settings, char *out, size_t cap)
{
	FILE *to = fmemopen(out, cap, "w");
	char text[PREFIX6_TEXT];

	assert_non_null(to);
	for (unsigned i = 0; i < settings->prefix_count; i++)
		fprintf(to, "%s ",
			settings->prefix[i].automatic
				? "auto"
				: prefix6_text(&settings->prefix[i].prefix, text));
	fprintf(to, "|");
	for (unsigned i = 0; i < settings->route_count; i++)
		fprintf(to, " %s %s %u", prefix6_text(&settings->route[i].prefix, text),
			ra_preference_name[settings->route[i].preference],
			settings->route[i].lifetime_s);
	fprintf(to, " |");
	for (unsigned i = 0; i < settings->dns_count; i++)
		fprintf(to, " %s", ip6_text(&settings->dns[i], text));
	fprintf(to, " |");
	for (unsigned i = 0; i < settings->search_count; i++)
		fprintf(to, " %s", settings->search[i]);
	fprintf(to, " | %u %s", settings->interval_s, settings->enabled ? "on" : "off");
	fclose(to);
	return out;
}

/* The users come first in the file: order must not matter between sections. */
static const char office[] = "[user bob]\n"
			     "route = 2001:db8:3::/48 low 10m\n"
			     "dns = none\n"
			     "dns = 2001:db8::b0b\n"
			     "interval = 5m\n"
			     "[user eve]\n"
			     "enabled = no\n"
			     "[group engineers]\n"
			     "prefix = 2001:db8:0:e::/64\n"
			     "route = 2001:db8:2::/48\n"
			     "route = 2001:db8:1::/48 high\n"
			     "search = eng.example\n"
			     "[group guests]\n"
			     "prefix = none\n"
			     "prefix = 2001:db8:0:9::/64\n"
			     "route = none\n"
			     "search = none\n"
			     "interval = 20m\n"
			     "[ra]\n"
			     "prefix = auto\n"
			     "route = 2001:db8:1::/48\n"
			     "dns = 2001:db8::53\n"
			     "search = corp.example\n";

static void sections_inherit(void **state)
{
	static const struct {
		const char *user, *group, *settings;
	} cases[] = {
		{ NULL, NULL,
		  "auto | 2001:db8:1::/48 medium 0 | 2001:db8::53 | corp.example | 600 on" },
		{ "alice", "nobody",
		  "auto | 2001:db8:1::/48 medium 0 | 2001:db8::53 | corp.example | 600 on" },
		{ "alice", "engineers",
		  "auto 2001:db8:0:e::/64 | 2001:db8:1::/48 high 0 2001:db8:2::/48 medium 0 | "
		  "2001:db8::53 | corp.example eng.example | 600 on" },
		{ NULL, "guests", "2001:db8:0:9::/64 | | 2001:db8::53 | | 1200 on" },
		{ "bob", NULL,
		  "auto | 2001:db8:1::/48 medium 0 2001:db8:3::/48 low 600 | 2001:db8::b0b | "
		  "corp.example | 300 on" },
		{ "bob", "guests",
		  "2001:db8:0:9::/64 | 2001:db8:3::/48 low 600 | 2001:db8::b0b | | 300 on" },
		{ "eve", NULL,
		  "auto | 2001:db8:1::/48 medium 0 | 2001:db8::53 | corp.example | 600 off" },
		/* a name is of a user or of a group */
		{ "engineers", "bob",
		  "auto | 2001:db8:1::/48 medium 0 | 2001:db8::53 | corp.example | 600 on" },
	};
	struct server_config config;
	struct err err;

	if (read_text(&config, office, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ra_settings settings;
		char text[1024];

		server_config_resolve(&config, cases[i].user, cases[i].group, &settings);
		assert_string_equal(tell(&settings, text, sizeof(text)), cases[i].settings);
	}
	assert_true(server_config_advertises(&config));
	server_config_free(&config);
}

/* Every scalar of [ra] overrides, and what a section does not say it does not touch. */
static void every_scalar_overrides(void **state)
{
	static const char *const values[][2] = {
		{ "enabled", "no" },	     { "default-route", "yes" },
		{ "preference", "high" },    { "dns-lifetime", "1h" },
		{ "search-lifetime", "1h" }, { "captive-portal", "https://portal.example/" },
		{ "mtu", "1400" },	     { "lifetime", "2000s" },
		{ "preferred", "1h" },	     { "valid", "3h" },
		{ "interval", "1000s" },     { "min-interval", "100s" },
		{ "hop-limit", "7" },	     { "reachable-time", "30s" },
		{ "retrans-time", "500ms" }, { "managed", "yes" },
		{ "other", "yes" },	     { "final-advertisements", "3" },
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct server_config here, inherited;
		struct ra_settings of_ra, of_user;
		char text[128];
		struct err err;

		snprintf(text, sizeof(text), "[ra]\n%s = %s\n", values[i][0], values[i][1]);
		assert_int_equal(read_text(&here, text, &err), 0);
		snprintf(text, sizeof(text), "[user u]\n%s = %s\n", values[i][0], values[i][1]);
		assert_int_equal(read_text(&inherited, text, &err), 0);
		server_config_resolve(&here, "u", NULL, &of_ra);
		server_config_resolve(&inherited, "u", NULL, &of_user);
		if (memcmp(&of_ra, &of_user, sizeof(of_ra)) != 0 ||
		    memcmp(&of_user, &inherited.ra, sizeof(of_user)) == 0)
			fail_msg("%s does not override", values[i][0]);
		server_config_free(&here);
		server_config_free(&inherited);
	}
	for (const struct conf_key *key = config_ra_keys; key->name; key++) {
		size_t i = 0;

		while (key->once && i < ARRAY_LEN(values) && strcmp(values[i][0], key->name) != 0)
			i++;
		if (i == ARRAY_LEN(values))
			fail_msg("%s has no row here", key->name);
	}
}

static void mistakes_name_their_section(void **state)
{
	static const struct {
		const char *what, *text, *sentence;
	} cases[] = {
		{ "an unknown key", "[group a]\nmode = routed\n",
		  "server.conf:2: [group a] unknown key 'mode'" },
		{ "a group twice", "[group a]\n[user a]\n[group a]\n",
		  "server.conf:3: [group a]: this section was there before" },
		{ "no name", "[group]\n",
		  "server.conf:1: [group]: this section needs a name of its own: write [group "
		  "NAME]" },
		{ "a name that no group can have", "[group none]\n",
		  "server.conf:1: [group none]: no group is called 'none'" },
		{ "a name that no user can have", "[user a b]\n",
		  "server.conf:1: [user a b]: a user's name has 1 to 32 characters of a-z A-Z "
		  "0-9 . _ - @ and does not begin with . or -" },
		{ "a group's name of 33 characters", "[group abcdefghijklmnopqrstuvwxyz0123456]\n",
		  "server.conf:1: [group abcdefghijklmnopqrstuvwxyz0123456]: a group's name has 1 "
		  "to 32 characters of a-z A-Z 0-9 . _ - @ and does not begin with . or -" },
		{ "a scalar twice", "[user a]\nmtu = 1400\nmtu = 1400\n",
		  "server.conf:3: [user a] mtu: was set in line 2 already" },
		{ "an item twice", "[ra]\nroute = fd00::/8\nroute = fd00::/8 low\n",
		  "server.conf:3: [ra] route 'fd00::/8 low': is there already" },
		{ "a domain twice", "[ra]\nsearch = a.example\nsearch = A.example\n",
		  "server.conf:3: [ra] search 'A.example': is there already" },
		{ "none behind an item", "[group a]\ndns = fd00::1\ndns = none\n",
		  "server.conf:3: [group a] dns 'none': must be the first of its kind in its "
		  "section" },
		{ "none twice", "[group a]\ndns = none\ndns = none\n",
		  "server.conf:3: [group a] dns 'none': must be the first of its kind in its "
		  "section" },
		{ "a rule in a group", "[ra]\ninterval = 10m\n[group a]\nlifetime = 5m\n",
		  "server.conf:4: [group a] lifetime '5m': must not be shorter than interval" },
		{ "a rule in a user's section", "[user a]\npreferred = 2h\n",
		  "server.conf:2: [user a] preferred '2h': must not be longer than valid" },
		{ "a rule that only the two together break",
		  "[group g]\ninterval = 30m\n[user a]\nlifetime = 20m\n",
		  "server.conf:4: [user a] lifetime '20m': must not be shorter than interval "
		  "([user a] in [group g])" },
		{ "the group's line, of a key of [ra]",
		  "[ra]\nlifetime = 20m\n[group g]\ninterval = 30m\n",
		  "server.conf:4: [group g] interval '30m': lifetime must not be shorter than "
		  "interval" },
		{ "a key of both, of DHCPv6", "[group g]\ndhcp6-preferred-time = 1h\n",
		  "server.conf:2: [group g] unknown key 'dhcp6-preferred-time'" },
		{ "over several lines", "[group g]\nlease-time = 1h\npreferred-time =\n  2h\n",
		  "server.conf:3: [group g] preferred-time '2h': must not be longer than "
		  "lease-time" },
		{ "the link's MTU", "[user a]\nmtu = 9000\n",
		  "server.conf:2: [user a] mtu '9000': must not be larger than the bridge's, "
		  "1500" },
		{ "auto in bridged mode",
		  "[bridge]\nmode = bridged\nbridge = br0\n[group a]\nprefix = auto\n",
		  "server.conf:5: [group a] prefix 'auto': is for routed mode: name the bridge's "
		  "prefix" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server_config config;
		struct err err;

		if (read_text(&config, cases[i].text, &err) == 0 ||
		    strcmp(err.text, cases[i].sentence) != 0 || err.kind != ERR_CONFIG)
			fail_msg("%s: '%s'", cases[i].what, err.text);
		assert_int_equal(config.section_count, 0); /* nothing is left to free */
	}
}

static void what_is_inherited_counts(void **state)
{
	char text[8192] = "[ra]\n";
	struct server_config config;
	struct err err;

	for (unsigned i = 0; i < RA_MAX_ROUTES; i++)
		sprintf(text + strlen(text), "route = 2001:db8:%u::/48\n", i);
	size_t end = strlen(text);

	strcpy(text + end, "[user a]\nroute = 2001:db8:7::/48 high\n"); /* takes a place */
	if (read_text(&config, text, &err) < 0)
		fail_msg("%s", err.text);
	server_config_free(&config);
	strcpy(text + end, "[user a]\nroute = none\nroute = 2001:db8:777::/48\n");
	if (read_text(&config, text, &err) < 0)
		fail_msg("%s", err.text);
	server_config_free(&config);
	strcpy(text + end, "[user a]\nroute = 2001:db8:777::/48\n");
	assert_int_equal(read_text(&config, text, &err), -1);
	assert_string_equal(err.text,
			    "server.conf:35: [user a] route '2001:db8:777::/48': is one too "
			    "many: with those that are inherited there are more than 32");
}

/* Sections, and different prefixes in them. */
static void there_is_an_end(void **state)
{
	static const struct {
		unsigned sections, prefixes;
		const char *sentence;
	} cases[] = {
		{ CONFIG_MAX_SECTIONS, 0, NULL },
		{ CONFIG_MAX_SECTIONS + 1, 0,
		  "server.conf:257: [user u256]: is one too many: at most 256 of [group NAME] and "
		  "[user NAME]" },
		{ 16, 15, NULL }, /* and the one of [ra] */
		{ 16, 16,
		  "server.conf:288: [group u15] prefix '2001:db8:15:15::/64': there are more than "
		  "256 different prefixes in all sections" },
	};
	char *text = malloc(65536);

	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server_config config;
		struct err err;
		char *at = text;

		for (unsigned j = 0; j < cases[i].sections; j++) {
			at += sprintf(at, "[%s u%u]\n", j % 2 ? "group" : "user", j);
			at += cases[i].prefixes > 0 ? sprintf(at, "prefix = none\n") : 0;
			for (unsigned k = 0; k < cases[i].prefixes; k++)
				at += sprintf(at, "prefix = 2001:db8:%u:%u::/64\n", j, k);
		}
		int failed = read_text(&config, text, &err);

		if (!cases[i].sentence)
			assert_int_equal(failed, 0);
		else
			assert_string_equal(err.text, cases[i].sentence);
		server_config_free(&config);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_inherit),
		cmocka_unit_test(every_scalar_overrides),
		cmocka_unit_test(mistakes_name_their_section),
		cmocka_unit_test(what_is_inherited_counts),
		cmocka_unit_test(there_is_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
