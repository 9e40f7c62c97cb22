/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_config_view.c - what is in force and where it comes from, row by row; and
 * that every scalar of every section can be said as its text would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/config_text.h"
#include "server/config_view.h"

static void read_text(struct server_config *config, const char *text)
{
	struct err err = { 0 };

	if (server_config_read_text(config, "server.conf",
				    (struct bytes) { (const uint8_t *)text, strlen(text) },
				    &err) < 0)
		fail_msg("%s", err.text);
}

/* alice is in the group that has a section; bob is blocked, and in a group that has none. */
static bool user_of(void *owner, const char *name, struct state_user *user)
{
	*user = (struct state_user) { .role = "none" };
	strcpy(user->name, name);
	if (strcmp(name, "alice") == 0)
		strcpy(user->group, "engineers");
	else if (strcmp(name, "bob") == 0)
		*user = (struct state_user) { .group = "guests",
					      .role = "read-only",
					      .blocked_s = 7,
					      .why = "laptop lost",
					      .expires_s = 86400 * 366 };
	else
		return false;
	return true;
}

static json_t *reservations_of(void *owner)
{
	return json_pack("[s]", "carol 2001:db8:1::ca");
}

static struct config_facts facts_of(const struct follow *follow,
				    const struct config_unapplied *unapplied)
{
	struct config_facts facts = {
		.host = "office",
		.workers = 2,
		.follow = follow,
		.unapplied = unapplied,
		.user = user_of,
		.reservations = reservations_of,
	};

	assert_int_equal(prefix6_parse("fd79:1:2:3::/64", &facts.automatic, NULL), 0);
	return facts;
}

/* What the kernel has: eth0 has a prefix, and there are routes in and out of 2001:db8:100::/40. */
static void fill(struct follow *follow)
{
	*follow = (struct follow) { .interface_count = 1, .routes.count = 2 };
	strcpy(follow->interface[0].name, "eth0");
	follow->interface[0].count = 1;
	prefix6_parse("2001:db8:e::/64", &follow->interface[0].prefix[0].prefix, NULL);
	prefix6_parse("2001:db8:101::/48", &follow->routes.prefix[0], NULL);
	prefix6_parse("2001:db8:f101::/48", &follow->routes.prefix[1], NULL);
}

/* "[ra] prefix = auto | fd79::/64 by server | file from ra line 3 | after a restart x" */
static const char *text_of(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static void tell(const json_t *row, char *text, size_t cap)
{
	const json_t *in_force = json_object_get(row, "in_force");
	const char *value = text_of(row, "value"), *made_by = text_of(row, "made_by");
	const char *inherited = text_of(row, "inherited"), *after = text_of(row, "after_restart");
	FILE *out = fmemopen(text, cap, "w");

	assert_non_null(out);
	assert_int_equal(json_object_size(row), 9);
	fprintf(out, "[%s] %s = %s", text_of(row, "section"), text_of(row, "key"),
		value ? value : "-");
	for (size_t i = 0; i < json_array_size(in_force); i++)
		fprintf(out, "%s%s", i ? ", " : " | ",
			json_string_value(json_array_get(in_force, i)));
	if (made_by)
		fprintf(out, " by %s", made_by);
	fprintf(out, " | %s", text_of(row, "origin"));
	if (inherited)
		fprintf(out, " of [%s]", inherited);
	if (json_is_integer(json_object_get(row, "line")))
		fprintf(out, " line %d", (int)json_integer_value(json_object_get(row, "line")));
	if (after)
		fprintf(out, " | then %s", after);
	fclose(out);
}

/* How many rows are told like this. */
static unsigned find(const json_t *rows, const char *wanted)
{
	char text[1024];
	unsigned found = 0;
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
	{
		tell(row, text, sizeof(text));
		found += strcmp(text, wanted) == 0;
	}
	return found;
}

/* All rows of a key, for a failure's sentence. */
static void fail_with(const json_t *rows, const char *wanted)
{
	size_t len = strcspn(wanted, "="), i;
	char text[1024];
	const json_t *row;

	json_array_foreach((json_t *)rows, i, row)
	{
		tell(row, text, sizeof(text));
		if (strncmp(text, wanted, len) == 0)
			print_error("is: %s\n", text);
	}
	fail_msg("not there once: %s", wanted);
}

static void must_show(const char *text, const struct config_unapplied *unapplied,
		      const char *const *wanted, const char *const *unwanted)
{
	struct server_config config;
	struct follow *follow = malloc(sizeof(*follow));
	const struct config_facts facts = facts_of(follow, unapplied);

	assert_non_null(follow);
	fill(follow);
	read_text(&config, text);
	json_t *rows = config_view(&config, &facts);
	assert_non_null(rows);
	for (; *wanted; wanted++)
		if (find(rows, *wanted) != 1)
			fail_with(rows, *wanted);
	for (; unwanted && *unwanted; unwanted++) {
		const json_t *row;
		char line[1024];
		size_t i;

		json_array_foreach(rows, i, row)
		{
			tell(row, line, sizeof(line));
			if (strncmp(line, *unwanted, strlen(*unwanted)) == 0)
				fail_msg("is there: %s", line);
		}
	}
	json_decref(rows);
	server_config_free(&config);
	free(follow);
}

static const struct config_unapplied nothing;

static void without_a_file_all_are_defaults(void **state)
{
	static const char *const wanted[] = {
		"[server] listen = [::]:443 | default",
		"[server] name = - | office by kernel | default",
		"[server] state = /var/lib/lanyard | default",
		"[server] workers = auto | 2 by server | default",
		"[server] certificate = - | default",
		"[server] certificate-time = 365d | default",
		"[server] auth = certificate | default",
		"[server] auth-command = - | default",
		"[server] hours = always | default",
		"[server] password-memory = 64M | default",
		"[bridge] interface = lanyard0 | default",
		"[bridge] mode = routed | default",
		"[bridge] bridge = - | default",
		"[bridge] isolate = no | default",
		"[ra] enabled = yes | default",
		"[ra] prefix = auto | fd79:1:2:3::/64 by server | default",
		"[ra] route = - | default",
		"[ra] preference = medium | default",
		"[ra] mtu = - | 1500 by other-keys | default",
		"[ra] min-interval = - | 198s by other-keys | default",
		"[ra] dns-lifetime = - | 30m by other-keys | default",
		"[ra] managed = auto | no by other-keys | default",
		"[ra] reachable-time = 0s | default",
		"[dhcp6] enabled = auto | yes by other-keys | default",
		"[dhcp6] lease-time = 12h | default",
		"[dhcp6] preferred-time = - | 6h by other-keys | default",
		"[dhcp6] dns = - | default",
		"[dhcp6] rate = 50 | default",
		"[dhcp6] reserve = carol 2001:db8:1::ca | state",
		"[admin] listen = 127.0.0.1:8006 | default",
		NULL,
	};

	must_show("", &nothing, wanted, NULL);
}

static void lines_of_the_file_are_named(void **state)
{
	static const char *const wanted[] = {
		"[server] listen = 192.0.2.1:444 | file line 2",
		"[server] listen = [2001:db8::1]:443 | file line 3",
		"[server] login-time = 1m | file line 4", /* as it is in force */
		"[server] auth-command = /usr/bin/check ... | file line 5",
		"[server] hours = Mon-Fri 08:00-18:00 | file line 6",
		"[ra] prefix = interface eth0 valid=2h | 2001:db8:e::/64 by kernel | file line 9",
		"[ra] prefix = 2001:db8:1::/64 | file line 8",
		"[ra] prefix = interface eth1 | file line 10",
		"[ra] route = kernel 2001:db8:100::/40 low | 2001:db8:101::/48 by kernel | file "
		"line "
		"11",
		"[ra] route = 2001:db8:7::/48 high | file line 12",
		"[ra] dns = 2001:db8::53 | file line 13",
		"[ra] search = none | file line 14",
		"[ra] retrans-time = 500ms | file line 15",
		"[dhcp6] reserve = mac:02:00:00:00:00:01 2001:db8:1::1 | file line 17",
		"[dhcp6] dns = - | 2001:db8::53 by other-keys | default",
		"[dhcp6] rate = unlimited | file line 18",
		"[dhcp6] pool = 2001:db8:1::1000-2001:db8:1::ffff | file line 19",
		"[admin] listen = - | file line 21",
		NULL,
	};
	static const char *const unwanted[] = { "[ra] prefix = auto", "[server] listen = [::]:443",
						NULL };

	must_show("[server]\nlisten = 192.0.2.1:444\nlisten = [2001:db8::1]\nlogin-time = 60s\n"
		  "auth-command = /usr/bin/check --token s3cret\nhours = Mon-Fri 08:00-18:00\n"
		  "[ra]\nprefix = 2001:db8:1::/64\nprefix = interface eth0 valid=2h\n"
		  "prefix = interface eth1\nroute = kernel 2001:db8:100::/40 low\n"
		  "route = 2001:db8:7::/48 high\ndns = 2001:db8::53\nsearch = none\n"
		  "retrans-time = 500ms\n"
		  "[dhcp6]\nreserve = mac:02:00:00:00:00:01 2001:db8:1::1\nrate = unlimited\n"
		  "pool = 2001:db8:1::1000-2001:db8:1::ffff\n"
		  "[admin]\nlisten =\n",
		  &nothing, wanted, unwanted);
}

static const char sections[] = "[bridge]\nisolate = yes\n"		     /* 1 */
			       "[ra]\ndns = fd00::1\ndns = fd00::2\n"	     /* 3 */
			       "interval = 9m\n"			     /* 6 */
			       "[group engineers]\ndns = fd00::2\n"	     /* 7 */
			       "dns = fd00::3\nlifetime = 2h\n"		     /* 9 */
			       "dhcp6-dns = fd00::4\nauth = password\n"	     /* 11 */
			       "[user alice]\nlifetime = 3h\nroute = none\n" /* 13 */
			       "reserve = fd00::a\nprefix = fd00::/64\n"     /* 16 */
			       "[user bob]\ndns = none\n"		     /* 18 */
			       "[user stranger]\n";

static void sections_say_what_they_inherit(void **state)
{
	static const char *const wanted[] = {
		"[group engineers] dns = fd00::1 | file of [ra] line 4",
		"[group engineers] dns = fd00::2 | file line 8",
		"[group engineers] dns = fd00::3 | file line 9",
		"[group engineers] lifetime = 2h | file line 10",
		"[group engineers] interval = 9m | file of [ra] line 6",
		"[group engineers] dhcp6-dns = fd00::4 | file line 11",
		"[group engineers] auth = password | file line 12",
		"[group engineers] isolate = yes | file of [bridge] line 2",
		"[user alice] lifetime = 3h | file line 14",
		"[user alice] route = none | file line 15",
		"[user alice] reserve = fd00::a | file line 16",
		"[user alice] dns = fd00::1 | file of [ra] line 4",
		"[user alice] dns = fd00::3 | file of [group engineers] line 9",
		"[user alice] dhcp6-dns = fd00::4 | file of [group engineers] line 11",
		"[user alice] auth = password | file of [group engineers] line 12",
		"[user alice] group = engineers | state",
		"[user bob] dns = none | file line 19",
		"[user bob] group = guests | state",
		"[user bob] role = read-only | state",
		"[user bob] blocked = laptop lost | state",
		"[user bob] interval = 9m | file of [ra] line 6",
		"[user stranger] dns = fd00::2 | file of [ra] line 5",
		NULL,
	};
	static const char *const unwanted[] = {
		"[user bob] dns = fd00", /* which it has emptied */
		"[user bob] auth",	 /* a default */
		"[group engineers] enabled", "[group engineers] reserve", "[group engineers] group",
		"[user stranger] group",     "[user alice] role",	  NULL,
	};

	must_show(sections, &nothing, wanted, unwanted);
}

/* The file's values stand beside those that are in force. */
static void what_needs_a_restart_is_kept(void **state)
{
	static const struct config_unapplied unapplied = {
		.count = 4,
		.row = { { "server", "listen" },
			 { "server", "workers" },
			 { "bridge", "mtu" },
			 { "admin", "listen" } },
	};
	static const char *const wanted[] = {
		"[server] listen = 192.0.2.1:1 | kept line 2 | then 192.0.2.1:1, 192.0.2.1:2",
		"[server] listen = 192.0.2.1:2 | kept line 3",
		"[server] workers = 3 | kept line 4 | then 3",
		"[bridge] mtu = 1500 | kept | then 1500",
		"[admin] listen = 127.0.0.1:8006 | kept | then 127.0.0.1:8006",
		NULL,
	};

	must_show("[server]\nlisten = 192.0.2.1:1\nlisten = 192.0.2.1:2\nworkers = 3\n", &unapplied,
		  wanted, NULL);
}

/* What is said is read as what was said. */
static void every_scalar_has_a_text(void **state)
{
	struct server_config *config = malloc(sizeof(*config)), *again = malloc(sizeof(*again));
	struct conf_section all[CONFIG_SECTIONS], others[CONFIG_SECTIONS];

	assert_true(config && again);
	read_text(config, "[server]\nname = a.example\nworkers = 7\npassword-memory = 19M\n"
			  "hours = Sat\nauth = password+code\n"
			  "[bridge]\nmode = bridged\nbridge = br0\nmtu = 9000\n"
			  "[ra]\nmtu = 1280\npreference = low\nvalid = forever\n"
			  "captive-portal = https://a.example/\nmanaged = yes\nhop-limit = 0\n"
			  "reachable-time = 1h\nretrans-time = 1ms\n"
			  "[dhcp6]\nenabled = no\nlease-time = forever\nrate = unlimited\n");
	read_text(again, "");
	config_sections(config, all);
	config_sections(again, others);
	for (unsigned i = 0; all[i].name; i++) {
		for (const struct conf_key *key = all[i].keys; key->name && !all[i].begin; key++) {
			char text[1024], second[1024];
			struct err err = { 0 };

			if (!config_text(key, all[i].base, text, sizeof(text))) {
				if (key->once)
					fail_msg("[%s] %s has no text", all[i].name, key->name);
				continue;
			}
			if (text[0] &&
			    key->read(text, (char *)others[i].base + key->offset, key, &err) < 0)
				fail_msg("[%s] %s '%s': %s", all[i].name, key->name, text,
					 err.text);
			config_text(key, others[i].base, second, sizeof(second));
			if (strcmp(text, second) != 0)
				fail_msg("[%s] %s: '%s' and '%s'", all[i].name, key->name, text,
					 second);
		}
	}
	for (const struct conf_key *key = config_policy_keys; key->name; key++) {
		struct ra_section *section = calloc(1, sizeof(*section));
		char text[256];

		assert_non_null(section);
		section->policy.auth = PROOF_PASSWORD;
		assert_true(config_text(key, section, text, sizeof(text)));
		free(section);
	}
	server_config_free(config);
	server_config_free(again);
	free(config);
	free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_all_are_defaults),
		cmocka_unit_test(lines_of_the_file_are_named),
		cmocka_unit_test(sections_say_what_they_inherit),
		cmocka_unit_test(what_needs_a_restart_is_kept),
		cmocka_unit_test(every_scalar_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
