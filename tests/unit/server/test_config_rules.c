/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_config_rules.c
 *
 * The server's configuration as a whole: none at all, the documented example, and the rules
 * that span keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/config.h"

static int read_text(struct server_config *config, const char *text, struct err *err)
{
	*err = (struct err) { 0 };
	return server_config_read_text(config, "server.conf",
				       (struct bytes) { (const uint8_t *)text, strlen(text) }, err);
}

static void nothing_at_all_is_a_configuration(void **state)
{
	struct server_config config;
	struct err err;

	assert_int_equal(read_text(&config, "", &err), 0);
	assert_int_equal(config.listen_count, 1);
	assert_string_equal(config.listen[0].host, "::");
	assert_int_equal(config.listen[0].port, 443);
	assert_int_equal(config.ra.prefix_count, 1);
	assert_true(config.ra.prefix[0].automatic);
	assert_true(config.ra.prefix[0].on_link && config.ra.prefix[0].autonomous);
	assert_string_equal(config.interface, "lanyard0");
	assert_string_equal(config.state, "/var/lib/lanyard");
	assert_string_equal(config.control, "/run/lanyard/server.sock");
	assert_int_equal(config.mode, MODE_ROUTED);
	assert_int_equal(config.mtu, 1500);
	assert_true(config.ra.enabled);
	assert_false(config.ra.default_route); /* a split tunnel, unless the admin says so */
	assert_false(config.policy.isolate);
	assert_false(config.ra.managed || config.ra.other);
	assert_int_equal(config.ra.lifetime_s, 1800);
	assert_true(config.max_strangers > config.max_strangers_per_source);
	server_config_free(&config);
}

/* What INTERFACE documents, letter by letter, as far as there are sections for it. */
static const char example[] = "[server]\n"
			      "listen = [::]:443                ; repeatable; both families\n"
			      "name = vpn.example.net           ; what clients dial\n"
			      "state = /var/lib/lanyard\n"
			      "control = /run/lanyard/server.sock\n"
			      "workers = auto\n"
			      "certificate = ; key =            ; PEM files instead\n"
			      "login-time = 20s                 ; and other limits\n"
			      "\n"
			      "[bridge]\n"
			      "interface = lanyard0\n"
			      "mode = routed                    ; routed | bridged\n"
			      "bridge = br0                     ; bridged: the kernel bridge\n"
			      "mtu = 1500\n"
			      "isolate = no                     ; clients see each other?\n"
			      "\n"
			      "[ra]\n"
			      "enabled = yes\n"
			      "prefix = auto                    ; repeatable\n"
			      "route = 2001:db8:100::/48 high   ; repeatable\n"
			      "default-route = no\n"
			      "dns = 2001:db8:1::53             ; repeatable\n"
			      "search = corp.example            ; repeatable\n";

static void the_documented_example_is_good(void **state)
{
	struct server_config config;
	struct err err;

	if (read_text(&config, example, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(config.name, "vpn.example.net");
	assert_string_equal(config.certificate, "");
	assert_int_equal(config.ra.route_count, 1);
	assert_int_equal(config.ra.route[0].preference, RA_HIGH);
	assert_int_equal(config.ra.dns_count, 1);
	assert_string_equal(config.ra.search[0], "corp.example");
	server_config_free(&config);
}

#define BRIDGED "[bridge]\nmode = bridged\nbridge = br0\n"

static void rules_that_span_keys(void **state)
{
	static const struct {
		const char *what, *text, *sentence; /* NULL: it is good */
	} cases[] = {
		{ "dead is echo", "[server]\necho-time = 45s\n",
		  "server.conf:2: [server] echo-time '45s': dead-time must be longer than "
		  "echo-time" },
		{ "dead is just over echo", "[server]\necho-time = 44s\n", NULL },
		{ "a certificate without key", "[server]\ncertificate = /c\n",
		  "server.conf:2: [server] certificate '/c': certificate and key go together" },
		{ "a key without certificate", "[server]\nkey = /k\n",
		  "server.conf:2: [server] key '/k': certificate and key go together" },
		{ "both of them", "[server]\nkey = /k\ncertificate = /c\n", NULL },
		{ "neither, said so", "[server]\nkey =\ncertificate =\n", NULL },
		{ "a page that nobody can name", "[admin]\non-vpn-port = yes\n",
		  "server.conf:2: [admin] on-vpn-port 'yes': needs name in [server]" },
		{ "one with a name", "[admin]\non-vpn-port = yes\n[server]\nname = vpn.example\n",
		  NULL },
		{ "bridged to nothing", "[bridge]\nmode = bridged\n",
		  "server.conf:2: [bridge] mode 'bridged': needs bridge = NAME" },
		{ "a bridge, but the mode was forgotten", "[bridge]\nbridge = br0\n",
		  "server.conf:2: [bridge] bridge 'br0': needs mode = bridged" },
		{ "a bridge that waits", "[bridge]\nmode = routed\nbridge = br0\n", NULL },
		{ "bridged", BRIDGED, NULL },
		{ "a bridge that is its own port", BRIDGED "interface = br0\n",
		  "server.conf:3: [bridge] bridge 'br0': must not be interface itself" },
		{ "preferred for longer than valid", "[ra]\npreferred = 91m\n",
		  "server.conf:2: [ra] preferred '91m': must not be longer than valid" },
		{ "preferred for ever, valid not", "[ra]\npreferred = forever\n",
		  "server.conf:2: [ra] preferred 'forever': must not be longer than valid" },
		{ "both for ever", "[ra]\npreferred = forever\nvalid = forever\n", NULL },
		{ "an RA's MTU over the bridge's", "[ra]\nmtu = 1501\n",
		  "server.conf:2: [ra] mtu '1501': must not be larger than the bridge's, 1500" },
		{ "jumbo frames on both", "[ra]\nmtu = 9000\n[bridge]\nmtu = 9000\n", NULL },
		{ "a small bridge, no word in the RA", "[bridge]\nmtu = 1280\n", NULL },
		{ "a lifetime that ends before the next RA", "[ra]\nlifetime = 599s\n",
		  "server.conf:2: [ra] lifetime '599s': must not be shorter than interval" },
		{ "dns that ends before the next RA", "[ra]\ndns-lifetime = 599s\n",
		  "server.conf:2: [ra] dns-lifetime '599s': must not be shorter than interval" },
		{ "domains that end before the next RA", "[ra]\nsearch-lifetime = 599s\n",
		  "server.conf:2: [ra] search-lifetime '599s': must not be shorter than interval" },
		{ "both as short as may be", "[ra]\ndns-lifetime = 10m\nsearch-lifetime = 10m\n",
		  NULL },
		{ "a shortest interval over three quarters of the longest",
		  "[ra]\ninterval = 100s\nmin-interval = 76s\n",
		  "server.conf:3: [ra] min-interval '76s': must not be longer than three quarters "
		  "of "
		  "interval" },
		{ "three quarters", "[ra]\ninterval = 100s\nmin-interval = 75s\n", NULL },
		{ "the longest times of RFC 8319",
		  "[ra]\ninterval = 65535s\nlifetime = 65535s\npreferred = 65535s\nvalid = 2d\n",
		  NULL },
		{ "addresses that are given up before the next RA",
		  "[ra]\ninterval = 46m\nlifetime = 2h\n",
		  "server.conf:2: [ra] interval '46m': preferred must not be shorter than "
		  "interval" },
		{ "those of an interface", "[ra]\nprefix = interface wan0 preferred=599s\n",
		  "server.conf:2: [ra] prefix 'interface wan0 preferred=599s': preferred must not "
		  "be "
		  "shorter than interval" },
		{ "a prefix that is on its way out", "[ra]\nprefix = fd00::/64 preferred=0s\n",
		  NULL },
		{ "times without a prefix", "[ra]\nprefix = none\ninterval = 46m\nlifetime = 2h\n",
		  NULL },
		{ "a prefix preferred for longer than all are valid",
		  "[ra]\nprefix = fd00::/64 preferred=2h\n",
		  "server.conf:2: [ra] prefix 'fd00::/64 preferred=2h': preferred must not be "
		  "longer "
		  "than valid" },
		{ "a prefix valid for less than all are preferred",
		  "[ra]\nprefix = auto valid=30m\n",
		  "server.conf:2: [ra] prefix 'auto valid=30m': preferred must not be longer than "
		  "valid" },
		{ "a prefix with both", "[ra]\nprefix = auto valid=30m preferred=30m\n", NULL },
		{ "auto where the LAN has its own", BRIDGED "[ra]\nprefix = auto\n",
		  "server.conf:5: [ra] prefix 'auto': is for routed mode: name the bridge's "
		  "prefix" },
		{ "a prefix twice", "[ra]\nprefix = fd00::/64\nprefix = fd00:0:0:0::/64\n",
		  "server.conf:3: [ra] prefix 'fd00:0:0:0::/64': is there already" },
		{ "auto twice", "[ra]\nprefix = auto\nprefix = auto\n",
		  "server.conf:3: [ra] prefix 'auto': is there already" },
		{ "an interface twice", "[ra]\nprefix = interface a\nprefix = interface a\n",
		  "server.conf:3: [ra] prefix 'interface a': is there already" },
		{ "two interfaces", "[ra]\nprefix = interface a\nprefix = interface b\n", NULL },
		{ "a filter twice", "[ra]\nroute = kernel ::/0\nroute = kernel ::/0 low\n",
		  "server.conf:3: [ra] route 'kernel ::/0 low': is there already" },
		{ "a filter and the same route", "[ra]\nroute = kernel ::/0\nroute = ::/0\n",
		  NULL },
		{ "auto and another", "[ra]\nprefix = auto\nprefix = fd00::/64\n", NULL },
		{ "an unknown key", "[ra]\n\nprefixes = auto\n",
		  "server.conf:3: [ra] unknown key 'prefixes'" },
		{ "an unknown section", "[vpn]\n", "server.conf:1: [vpn]: unknown section" },
		{ "a section twice", "[ra]\n[server]\n[ra]\n",
		  "server.conf:3: [ra]: this section was there before" },
		{ "no section", "mtu = 1500\n",
		  "server.conf:1: 'mtu' comes before the first [section]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct server_config config;
		struct err err;
		int failed = read_text(&config, cases[i].text, &err);

		if (!cases[i].sentence && failed < 0)
			fail_msg("%s: %s", cases[i].what, err.text);
		if (cases[i].sentence && (failed == 0 || err.kind != ERR_CONFIG ||
					  strcmp(err.text, cases[i].sentence) != 0))
			fail_msg("%s: %d, kind %d, '%s'", cases[i].what, failed, (int)err.kind,
				 err.text);
		if (failed == 0)
			server_config_free(&config);
	}
}

static void a_bridged_server_has_no_prefix_of_its_own(void **state)
{
	struct server_config config;
	struct err err;

	assert_int_equal(read_text(&config, BRIDGED, &err), 0);
	assert_int_equal(config.ra.prefix_count, 0);
	server_config_free(&config);
}

static void files_are_read(void **state)
{
	char path[] = "/tmp/lanyard-config-XXXXXX", expected[128];
	struct server_config config;
	struct err err = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[bridge]\nmtu = 1400\n", 20), 20);
	if (server_config_read(&config, path, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(config.mtu, 1400);
	server_config_free(&config);
	assert_int_equal(write(fd, "x\n", 2), 2);
	snprintf(expected, sizeof(expected), "%s:3: neither '[section]' nor 'key = value'", path);
	assert_int_equal(server_config_read(&config, path, &err), -1);
	assert_string_equal(err.text, expected);
	close(fd);
	unlink(path);
	/* a file that was named must be there */
	snprintf(expected, sizeof(expected), "cannot open %s: No such file or directory", path);
	assert_int_equal(server_config_read(&config, path, &err), -1);
	assert_string_equal(err.text, expected);
	assert_int_equal(err.kind, ERR_CONFIG);
}

/* `line` with its last '#' as a number from 1 to count. */
static void add_lines(char *text, size_t cap, unsigned count, const char *line)
{
	const char *at = strrchr(line, '#');

	for (unsigned i = 1; i <= count; i++) {
		size_t len = strlen(text);
		snprintf(text + len, cap - len, "%.*s%04x%s\n", (int)(at - line), line, i, at + 1);
	}
}

/* What one packet cannot hold is said in several: no list is too long for a small link. */
static void full_lists_are_a_configuration(void **state)
{
	char text[16384] = "[bridge]\nmtu = 1280\n[ra]\n";
	struct server_config config;
	struct err err;

	add_lines(text, sizeof(text), RA_MAX_ROUTES, "route = 2001:db8::#/128");
	add_lines(text, sizeof(text), RA_MAX_SEARCH,
		  "search = a-rather-long-name-of-a-part-of-a-company.example-#.org");
	add_lines(text, sizeof(text), RA_MAX_PREFIXES, "prefix = 2001:db8:0:#::/64");
	add_lines(text, sizeof(text), RA_MAX_DNS, "dns = 2001:db8::#");
	if (read_text(&config, text, &err) < 0)
		fail_msg("%s", err.text);
	server_config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_lists_are_a_configuration),
		cmocka_unit_test(nothing_at_all_is_a_configuration),
		cmocka_unit_test(the_documented_example_is_good),
		cmocka_unit_test(rules_that_span_keys),
		cmocka_unit_test(a_bridged_server_has_no_prefix_of_its_own),
		cmocka_unit_test(files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
