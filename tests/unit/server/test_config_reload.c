/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_config_reload.c - what a running server takes over from its file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/config_reload.h"

#define MOST_CLIENTS 4096

static void read_text(struct server_config *config, const char *text)
{
	struct err err = { 0 };

	if (server_config_read_text(config, "server.conf",
				    (struct bytes) { (const uint8_t *)text, strlen(text) },
				    &err) < 0)
		fail_msg("%s", err.text);
}

/* Every key of [server], [bridge] and [admin], with another value than the default. */
static const struct {
	const char *section, *line;
	bool restart;
} keys[] = {
	{ "server", "listen = [::1]:443", true },
	{ "server", "name = other.example", true },
	{ "server", "state = /tmp/x", true },
	{ "server", "control = /tmp/x", true },
	{ "server", "workers = 3", true },
	{ "server", "congestion-control = cubic", true },
	{ "server", "certificate-time = 7d", false },
	{ "server", "login-time = 7s", false },
	{ "server", "echo-time = 7s", false },
	{ "server", "dead-time = 77s", false },
	{ "server", "max-clients = 7", false },
	{ "server", "max-clients = 4097", true },
	{ "server", "max-per-profile = 7", false },
	{ "server", "max-sessions = 7", false },
	{ "server", "auth = password", false },
	{ "server", "auth-command = /bin/false", false },
	{ "server", "hours = Mon", false },
	{ "server", "password-memory = 32M", false },
	{ "server", "password-passes = 7", false },
	{ "server", "max-strangers = 7", false },
	{ "server", "max-strangers-per-source = 7", false },
	{ "bridge", "interface = lanyard7", true },
	{ "bridge", "mtu = 1400", true },
	{ "bridge", "isolate = yes", false },
	{ "bridge", "office = no", false },
	{ "bridge", "max-macs = 7", false },
	{ "bridge", "max-macs-office = 7", false },
	{ "bridge", "table = 777", true },
	{ "admin", "listen = [::1]:8006", true },
	{ "admin", "listen = ", true },
	{ "ra", "enabled = no", false },
	{ "ra", "route = fd00::/8", false },
	{ "dhcp6", "enabled = no", false },
	{ "dhcp6", "rate = 7", false },
};

static void each_key_is_applied_or_named(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct server_config running, next, wanted;
		struct config_unapplied unapplied;
		struct err err = { 0 };
		char text[128], key[64];

		snprintf(text, sizeof(text), "[%s]\n%s\n", keys[i].section, keys[i].line);
		snprintf(key, sizeof(key), "%.*s", (int)strcspn(keys[i].line, " "), keys[i].line);
		read_text(&running, "");
		read_text(&next, text);
		wanted = keys[i].restart ? running : next;
		if (config_reload_keep(&running, &next, MOST_CLIENTS, "server.conf", &unapplied,
				       &err) < 0)
			fail_msg("%s: %s", keys[i].line, err.text);
		if (memcmp(&next, &wanted, offsetof(struct server_config, notes)) != 0)
			fail_msg("%s: %s", keys[i].line, keys[i].restart ? "applied" : "kept");
		if (unapplied.count != keys[i].restart ||
		    (keys[i].restart && (strcmp(unapplied.row[0].section, keys[i].section) != 0 ||
					 strcmp(unapplied.row[0].key, key) != 0)))
			fail_msg("%s: %u are named", keys[i].line, unapplied.count);
		server_config_free(&running);
		server_config_free(&next);
	}
}

static void note_key(const char *line)
{
	static char section[32];
	size_t i = 0;

	if (line[0] == '[') {
		snprintf(section, sizeof(section), "%.*s", (int)strcspn(line + 1, " ]"), line + 1);
		return;
	}
	size_t len = strcspn(line + 2, " ");
	while (i < ARRAY_LEN(keys) &&
	       (strcmp(keys[i].section, section) != 0 ||
		strncmp(keys[i].line, line + 2, len) != 0 || keys[i].line[len] != ' '))
		i++;
	/* the last ones go together with others: see below */
	if (i == ARRAY_LEN(keys) && strcmp(section, "ra") != 0 && strcmp(section, "dhcp6") != 0 &&
	    strcmp(section, "group") != 0 && strncmp(line + 2, "certificate ", 12) != 0 &&
	    strncmp(line + 2, "key ", 4) != 0 && strncmp(line + 2, "mode ", 5) != 0 &&
	    strncmp(line + 2, "bridge ", 7) != 0 && strncmp(line + 2, "on-vpn-port ", 12) != 0)
		fail_msg("[%s] %.*s has no row here", section, (int)len, line + 2);
}

static void no_key_is_forgotten(void **state)
{
	server_config_describe(note_key);
}

static void several_are_named_each_once(void **state)
{
	static const char *const wanted[] = { "listen", "name",	  "certificate", "key",
					      "mode",	"bridge", "on-vpn-port" };
	struct server_config running, next;
	struct config_unapplied unapplied;
	struct err err = { 0 };

	read_text(&running, "");
	read_text(&next,
		  "[server]\nlisten = [::1]:1\nlisten = [::1]:2\ncertificate = /c\nkey = /k\n"
		  "name = vpn.example\n[admin]\non-vpn-port = yes\n"
		  "[bridge]\nmode = bridged\nbridge = br0\n[ra]\nprefix = fd00::/64\n");
	assert_int_equal(
		config_reload_keep(&running, &next, MOST_CLIENTS, "server.conf", &unapplied, &err),
		0);
	assert_int_equal(unapplied.count, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		assert_string_equal(unapplied.row[i].key, wanted[i]);
	assert_int_equal(next.mode, MODE_ROUTED);
	assert_int_equal(next.listen_count, 1);
	assert_false(next.admin_on_vpn_port);
	assert_int_equal(next.ra.prefix_count, 1);
	assert_false(next.ra.prefix[0].automatic);
	server_config_free(&running);
	server_config_free(&next);
}

/* A file that is right in itself, but not beside what cannot change. */
static void what_does_not_fit_what_runs_is_refused(void **state)
{
	static const struct {
		const char *running, *next, *sentence;
	} cases[] = {
		{ "", "[bridge]\nmtu = 9000\n[ra]\nmtu = 9000\n",
		  "server.conf:4: [ra] mtu '9000': must not be larger than the bridge's, 1500" },
		{ "[bridge]\nmode = bridged\nbridge = br0\n", "[group g]\nprefix = auto\n",
		  "server.conf: [ra] prefix auto: is for routed mode: name the bridge's prefix" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server_config running, next;
		struct config_unapplied unapplied;
		struct err err = { 0 };

		read_text(&running, cases[i].running);
		read_text(&next, cases[i].next);
		assert_int_equal(config_reload_keep(&running, &next, MOST_CLIENTS, "server.conf",
						    &unapplied, &err),
				 -1);
		assert_string_equal(err.text, cases[i].sentence);
		assert_int_equal(err.kind, ERR_CONFIG);
		server_config_free(&running);
		server_config_free(&next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_applied_or_named),
		cmocka_unit_test(no_key_is_forgotten),
		cmocka_unit_test(several_are_named_each_once),
		cmocka_unit_test(what_does_not_fit_what_runs_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
