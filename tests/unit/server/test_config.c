/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_config.c
 *
 * The server's configuration, key by key: what each takes, where it goes, and the sentence for
 * what it does not take.  Rules that span keys are in test_config_rules.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/config.h"

static int read_text(struct server_config *config, const char *text, struct err *err)
{
	*err = (struct err) { 0 };
	return server_config_read_text(config, "server.conf",
				       (struct bytes) { (const uint8_t *)text, strlen(text) }, err);
}

#define NUMBER(section, line, member, value)                               \
	{                                                                  \
		section, line, offsetof(struct server_config, member),     \
			sizeof(((struct server_config *)0)->member), value \
	}

static const struct {
	const char *section, *line;
	size_t offset, size;
	uint64_t value;
} numbers[] = {
	NUMBER("server", "workers = auto", workers, 0),
	NUMBER("server", "workers = 1", workers, 1),
	NUMBER("server", "workers = 64", workers, 64),
	NUMBER("server", "certificate-time = 1m", certificate_time_s, 60),
	NUMBER("server", "certificate-time = 3650d", certificate_time_s, 3650 * 86400),
	NUMBER("server", "login-time = 1s", login_time_s, 1),
	NUMBER("server", "login-time = 10m", login_time_s, 600),
	NUMBER("server", "echo-time = 1s", echo_time_s, 1),
	NUMBER("server", "echo-time = 44s", echo_time_s, 44),
	NUMBER("server", "dead-time = 21s", dead_time_s, 21),
	NUMBER("server", "dead-time = 2h", dead_time_s, 7200),
	NUMBER("server", "max-per-profile = 1", max_per_profile, 1),
	NUMBER("server", "max-per-profile = 60000", max_per_profile, 60000),
	NUMBER("server", "max-clients = 1", max_clients, 1),
	NUMBER("server", "max-clients = 60000", max_clients, 60000),
	NUMBER("server", "max-per-profile = 60000", max_per_profile, 60000),
	NUMBER("server", "max-strangers = 65536", max_strangers, 65536),
	NUMBER("server", "max-strangers-per-source = 1", max_strangers_per_source, 1),
	NUMBER("bridge", "mode = routed", mode, MODE_ROUTED),
	NUMBER("bridge", "mtu = 1280", mtu, 1280),
	NUMBER("bridge", "mtu = 9000", mtu, 9000),
	NUMBER("bridge", "isolate = yes", policy.isolate, true),
	NUMBER("bridge", "isolate = no", policy.isolate, false),
	NUMBER("bridge", "office = no", policy.office, false),
	NUMBER("server", "max-sessions = 3", policy.max_sessions, 3),
	NUMBER("server", "auth = certificate+password", policy.auth, 3),
	NUMBER("server", "password-memory = 19M", password.memory_kib, 19456),
	NUMBER("server", "password-memory = 1024M", password.memory_kib, 1048576),
	NUMBER("server", "password-passes = 2", password.passes, 2),
	NUMBER("bridge", "max-macs = 65536", policy.max_macs, 65536),
	NUMBER("bridge", "max-macs-office = 1", policy.max_macs_office, 1),
	NUMBER("bridge", "table = 64", table, 64),
	NUMBER("bridge", "table = 1048576", table, 1048576),
	NUMBER("ra", "enabled = no", ra.enabled, false),
	NUMBER("ra", "default-route = yes", ra.default_route, true),
	NUMBER("ra", "mtu = 1280", ra.mtu, 1280),
	NUMBER("ra", "mtu = 1500", ra.mtu, 1500),
	NUMBER("ra", "preference = high", ra.preference, RA_HIGH),
	NUMBER("ra", "preference = low", ra.preference, RA_LOW),
	NUMBER("ra", "dns-lifetime = 10m", ra.dns_lifetime_s, 600),
	NUMBER("ra", "dns-lifetime = forever", ra.dns_lifetime_s, RA_FOREVER),
	NUMBER("ra", "search-lifetime = 10m", ra.search_lifetime_s, 600),
	NUMBER("ra", "min-interval = 3s", ra.min_interval_s, 3),
	NUMBER("ra", "min-interval = 450s", ra.min_interval_s, 450),
	NUMBER("ra", "reachable-time = 1h", ra.reachable_ms, 3600000),
	NUMBER("ra", "reachable-time = 500ms", ra.reachable_ms, 500),
	NUMBER("ra", "reachable-time = 0s", ra.reachable_ms, 0),
	NUMBER("ra", "retrans-time = 1s", ra.retrans_ms, 1000),
	NUMBER("ra", "retrans-time = 1ms", ra.retrans_ms, 1),
	NUMBER("ra", "final-advertisements = 0", ra.final_advertisements, 0),
	NUMBER("ra", "final-advertisements = 3", ra.final_advertisements, 3),
	NUMBER("ra", "lifetime = 10m", ra.lifetime_s, 600),
	NUMBER("ra", "lifetime = 65535s", ra.lifetime_s, 65535),
	NUMBER("ra", "preferred = 0s", ra.preferred_s, 0),
	NUMBER("ra", "preferred = 90m", ra.preferred_s, 5400),
	NUMBER("ra", "valid = 45m", ra.valid_s, 2700),
	NUMBER("ra", "valid = forever", ra.valid_s, RA_FOREVER),
	NUMBER("ra", "interval = 4s", ra.interval_s, 4),
	NUMBER("ra", "interval = 30m", ra.interval_s, 1800), /* the default lifetime */
	NUMBER("ra", "hop-limit = 0", ra.hop_limit, 0),
	NUMBER("ra", "hop-limit = 255", ra.hop_limit, 255),
	NUMBER("ra", "managed = yes", ra.managed, CONFIG_YES),
	NUMBER("ra", "other = no", ra.other, CONFIG_NO),
	NUMBER("dhcp6", "enabled = auto", ra.dhcp6.enabled, CONFIG_AUTO),
	NUMBER("dhcp6", "lease-time = forever", ra.dhcp6.lease_s, RA_FOREVER),
	NUMBER("dhcp6", "preferred-time = 15s", ra.dhcp6.preferred_s, 15),
	NUMBER("dhcp6", "refresh-time = 10m", ra.dhcp6.refresh_s, 600),
	NUMBER("dhcp6", "sol-max-rt = 1m", ra.dhcp6.sol_max_rt_s, 60),
	NUMBER("dhcp6", "inf-max-rt = 1d", ra.dhcp6.inf_max_rt_s, 86400),
	NUMBER("dhcp6", "rapid-commit = no", ra.dhcp6.rapid_commit, false),
	NUMBER("dhcp6", "registration = no", ra.dhcp6.registration, false),
	NUMBER("dhcp6", "server-preference = 255", ra.dhcp6.server_preference, 255),
	NUMBER("dhcp6", "leases-per-user = 1", ra.dhcp6.per_user, 1),
	NUMBER("dhcp6", "rate = 1000", ra.dhcp6.rate, 1000),
};

static uint64_t value_at(const struct server_config *config, size_t offset, size_t size)
{
	uint8_t bytes[8] = { 0 };
	uint64_t value;

	memcpy(bytes, (const char *)config + offset, size); /* little-endian machines */
	memcpy(&value, bytes, sizeof(value));
	return value;
}

static void numbers_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct server_config config;
		struct err err;
		char text[128];

		snprintf(text, sizeof(text), "[%s]\n%s\n", numbers[i].section, numbers[i].line);
		if (read_text(&config, text, &err) < 0)
			fail_msg("%s", err.text);
		uint64_t value = value_at(&config, numbers[i].offset, numbers[i].size);
		if (value != numbers[i].value)
			fail_msg("[%s] %s: is %llu", numbers[i].section, numbers[i].line,
				 (unsigned long long)value);
		server_config_free(&config);
	}
}

#define C63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"
#define C107 "/" C63 "/abcdefghijklmnopqrstuvwxyz0123456789abcdef"
#define C255 \
	"/" C63 "/" C63 "/" C63 "/abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"

static const char bad_listen[] = "must be an address, as in [::]:443 or 192.0.2.1:443";
static const char bad_port[] = "the port must be a number from 1 to 65535";
static const char bad_time[] = "must be a time like 30s, 10m, 12h or 7d";
static const char bad_bool[] = "must be yes or no";
static const char bad_auto[] = "must be auto, yes or no";
static const char bad_domain[] = "must be a domain name";
static const char bad_interface[] = "must be an interface name: no space, '/', ':' or '%'";
static const char bad_route[] = "must be a prefix, then a preference and a lifetime if you like";

#define bad_option(word)                                                                  \
	"'" word "' is not on-link=, autonomous=, valid=, preferred=, router-address or " \
	"dhcp-pd-preferred"

static const struct {
	const char *section, *key, *value, *sentence;
} mistakes[] = {
	{ "server", "listen", "", bad_listen },
	{ "server", "listen", "443", bad_listen },
	{ "server", "listen", "::", bad_listen },
	{ "server", "listen", "::1", bad_listen },
	{ "server", "listen", "[::1", bad_listen },
	{ "server", "listen", "[::1]443", bad_listen },
	{ "server", "listen", "[::1] :443", bad_listen },
	{ "server", "listen", "[192.0.2.1]:443", bad_listen },
	{ "server", "listen", "192.0.2.256:443", bad_listen },
	{ "server", "listen", "vpn.example.net:443", bad_listen },
	{ "server", "listen", "[" C63 C63 "]:443", bad_listen },
	{ "server", "listen", "[::]:", bad_port },
	{ "server", "listen", "[::]:0", bad_port },
	{ "server", "listen", "[::]:65536", bad_port },
	{ "server", "listen", "[::]:443x", bad_port },
	{ "server", "listen", "[::]:-1", bad_port },
	{ "server", "listen", "192.0.2.1: 443", bad_port },
	{ "server", "listen", "192.0.2.1:18446744073709551617", bad_port },
	{ "server", "name", "", bad_domain },
	{ "server", "name", "vpn_1.example", bad_domain },
	{ "server", "name", "vpn.example.", "must be a domain name without a dot at its end" },
	{ "server", "name", "192.0.2.1", "must be a domain name, not an address" },
	{ "server", "state", "", "must not be empty" },
	{ "server", "state", C255 "x", "must have at most 255 characters" },
	{ "server", "control", "", "must not be empty" },
	{ "server", "control", C107 "x", "must have at most 107 characters" },
	{ "server", "workers", "0", "must be a number from 1 to 64" },
	{ "server", "workers", "65", "must be a number from 1 to 64" },
	{ "server", "workers", "Auto", "must be a number from 1 to 64" },
	{ "server", "congestion-control", "", "must not be empty" },
	{ "server", "congestion-control", "sixteen-letters-", "must have at most 15 characters" },
	{ "server", "certificate", C255 "x", "must have at most 255 characters" },
	{ "server", "key", C255 "x", "must have at most 255 characters" },
	{ "server", "auth-command", "false",
	  "must be a program's absolute path, then its arguments; empty: none" },
	{ "server", "certificate-time", "59s", "must be a time from 1m to 3650d" },
	{ "server", "certificate-time", "3651d", "must be a time from 1m to 3650d" },
	{ "server", "login-time", "0s", "must be a time from 1s to 10m" },
	{ "server", "login-time", "601s", "must be a time from 1s to 10m" },
	{ "server", "login-time", "20", bad_time },
	{ "server", "echo-time", "0s", "must be a time from 1s to 1h" },
	{ "server", "echo-time", "3601s", "must be a time from 1s to 1h" },
	{ "server", "echo-time", "forever", bad_time },
	{ "server", "dead-time", "1s", "must be a time from 2s to 2h" },
	{ "server", "dead-time", "7201s", "must be a time from 2s to 2h" },
	{ "server", "max-per-profile", "0", "must be a number from 1 to 60000" },
	{ "server", "max-clients", "0", "must be a number from 1 to 60000" },
	{ "server", "max-clients", "60001", "must be a number from 1 to 60000" },
	{ "server", "max-per-profile", "0", "must be a number from 1 to 60000" },
	{ "server", "max-strangers", "0", "must be a number from 1 to 65536" },
	{ "server", "max-strangers", "65537", "must be a number from 1 to 65536" },
	{ "server", "max-strangers-per-source", "-1", "must be a number from 1 to 65536" },
	{ "bridge", "interface", "", "must be an interface name of 1 to 15 characters" },
	{ "bridge", "interface", "sixteen-letters0",
	  "must be an interface name of 1 to 15 characters" },
	{ "bridge", "interface", "a/b", "must be an interface name: no space, '/', ':' or '%'" },
	{ "bridge", "interface", "tap%d", "must be an interface name: no space, '/', ':' or '%'" },
	{ "bridge", "interface", "..", "must be an interface name, which '.' and '..' are not" },
	{ "bridge", "mode", "bridge", "must be routed or bridged" },
	{ "bridge", "mode", "", "must be routed or bridged" },
	{ "bridge", "bridge", "", "must be an interface name of 1 to 15 characters" },
	{ "bridge", "mtu", "1279", "must be a number from 1280 to 9000" },
	{ "bridge", "mtu", "9001", "must be a number from 1280 to 9000" },
	{ "bridge", "isolate", "true", bad_bool },
	{ "bridge", "office", "true", bad_bool },
	{ "server", "max-sessions", "0", "must be a number from 1 to 60000" },
	{ "server", "auth", "code",
	  "must be certificate, password, password+code, certificate+password or "
	  "certificate+password+code" },
	{ "server", "hours", "never",
	  "must be always, or days and times as in Mon-Fri 08:00-18:00, Sat 09:00-12:00" },
	{ "server", "password-memory", "18M", "must be 19M to 1024M" },
	{ "server", "password-memory", "1025M", "must be 19M to 1024M" },
	{ "server", "password-memory", "64", "must be 19M to 1024M" },
	{ "server", "password-memory", "-64M", "must be 19M to 1024M" },
	{ "server", "password-passes", "1", "must be a number from 2 to 16" },
	{ "bridge", "max-macs", "0", "must be a number from 1 to 65536" },
	{ "bridge", "max-macs-office", "65537", "must be a number from 1 to 65536" },
	{ "bridge", "table", "63", "must be a number from 64 to 1048576" },
	{ "bridge", "table", "1048577", "must be a number from 64 to 1048576" },
	{ "ra", "enabled", "1", bad_bool },
	{ "ra", "prefix", "fd00::/65", "must be a /64" },
	{ "ra", "prefix", "fd00::/63", "must be a /64" },
	{ "ra", "prefix", "fe80::/64", "must not be link-local or multicast" },
	{ "ra", "prefix", "ff05::/64", "must not be link-local or multicast" },
	{ "ra", "prefix", "interface", "must be an IPv6 prefix like fd00:1::/64" },
	{ "ra", "prefix", "interface  ", "must be an IPv6 prefix like fd00:1::/64" },
	{ "ra", "prefix", "interface a/b on-link=no", bad_interface },
	{ "ra", "prefix", "interface tap 0", bad_option("0") },
	{ "ra", "prefix", "interfaces tap0", "must be an IPv6 prefix like fd00:1::/64" },
	{ "ra", "default-route", "maybe", bad_bool },
	{ "ra", "route", "kernel", "must be an IPv6 prefix like fd00:1::/64" },
	{ "ra", "route", "kernel high", "must be an IPv6 prefix like fd00:1::/64" },
	{ "ra", "route", "", bad_route },
	{ "ra", "route", "2001:db8::/32 highest", "'highest' must be low, medium or high" },
	{ "ra", "route", "2001:db8::/32 reserved", "'reserved' must be low, medium or high" },
	{ "ra", "route", "2001:db8::/32 low 5", bad_time },
	{ "ra", "route", "2001:db8::/32 low 0s", "'0s' must not be 0" },
	{ "ra", "route", "2001:db8::/32 low 5m now", "has words after the lifetime" },
	{ "ra", "search", "corp..example", bad_domain },
	{ "ra", "search", "-x.example", bad_domain },
	{ "ra", "mtu", "1279", "must be a number from 1280 to 9000" },
	{ "ra", "preference", "none", "must be low, medium or high" },
	{ "ra", "prefix", "fd00::/64 on-link", bad_option("on-link") },
	{ "ra", "prefix", "fd00::/64 preferrable=1d", bad_option("preferrable=1d") },
	{ "ra", "prefix", "fd00::/64 router-address=yes", bad_option("router-address=yes") },
	{ "ra", "prefix", "fd00::/64 on-link=maybe", "'on-link=maybe' must be yes or no" },
	{ "ra", "prefix", "fd00::/64 valid=5",
	  "'valid=5' must be a time like 30s, 10m, 12h or 7d" },
	{ "ra", "nat64", "64:ff9b::/97", "must be a /96, /64, /56, /48, /40 or /32" },
	{ "ra", "nat64", "64:ff9b::/96 7s", "must be a time from 8s to 65528s" },
	{ "ra", "nat64", "64:ff9b::/96 65529s", "must be a time from 8s to 65528s" },
	{ "ra", "nat64", "64:ff9b::/96 1h high", "has words after the lifetime" },
	{ "ra", "captive-portal", "ftp://x.example/",
	  "must be an http or https URI of at most 255 characters" },
	{ "ra", "captive-portal", "https://x.example/a b",
	  "must be an http or https URI of at most 255 characters" },
	{ "ra", "dnr", "2001:db8::53", bad_domain },
	{ "ra", "dnr", "dns.example 2001:db8::53",
	  "needs alpn: dot, doq, h2 or h3, with commas between them" },
	{ "ra", "dnr", "dns.example alpn=dot", "needs an address beside alpn, port or dohpath" },
	{ "ra", "dnr", "dns.example 192.0.2.1 alpn=dot",
	  "'192.0.2.1' is neither an IPv6 address nor alpn=, port=, dohpath=, priority= or "
	  "lifetime=" },
	{ "ra", "dnr", "dns.example 2001:db8::53 alpn=dot port=0",
	  "'0' must be a number from 1 to 65535" },
	{ "ra", "dnr", "dns.example 2001:db8::53 alpn=dot priority=0",
	  "'0' must be a number from 1 to 65535" },
	{ "ra", "dnr", "dns.example ::1:1 ::1:2 ::1:3 ::1:4 ::1:5 alpn=dot",
	  "has more than 4 addresses" },
	{ "ra", "dns-lifetime", "3s", "must be a time from 4s to forever" },
	{ "ra", "search-lifetime", "3s", "must be a time from 4s to forever" },
	{ "ra", "lifetime", "3s", "must be a time from 4s to 65535s" },
	{ "ra", "lifetime", "65536s", "must be a time from 4s to 65535s" },
	{ "ra", "lifetime", "forever", bad_time },
	{ "ra", "preferred", "60", bad_time },
	{ "ra", "valid", "0s", "must be a time from 1s to forever" },
	{ "ra", "interval", "3s", "must be a time from 4s to 65535s" },
	{ "ra", "interval", "65536s", "must be a time from 4s to 65535s" },
	{ "ra", "min-interval", "2s", "must be a time from 3s to 49151s" },
	{ "ra", "reachable-time", "3600001ms", "must be at most 3600s" },
	{ "ra", "reachable-time", "-1ms", "must be a time like 500ms, 30s or 10m" },
	{ "ra", "retrans-time", "2h", "must be at most 3600s" },
	{ "ra", "retrans-time", "forever", "must be a time like 500ms, 30s or 10m" },
	{ "ra", "final-advertisements", "4", "must be a number from 0 to 3" },
	{ "ra", "hop-limit", "256", "must be a number from 0 to 255" },
	{ "ra", "managed", "on", bad_auto },
	{ "ra", "other", "off", bad_auto },
};

static void mistakes_have_sentences(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		char text[512], start[256];
		struct server_config config;
		struct err err;

		snprintf(text, sizeof(text), "# a comment\n[%s]\n%s = %s\n", mistakes[i].section,
			 mistakes[i].key, mistakes[i].value);
		snprintf(start, sizeof(start), "server.conf:3: [%s] %s '", mistakes[i].section,
			 mistakes[i].key);
		if (read_text(&config, text, &err) == 0)
			fail_msg("[%s] %s = %s: accepted", mistakes[i].section, mistakes[i].key,
				 mistakes[i].value);
		size_t len = strlen(err.text), end = strlen(mistakes[i].sentence);
		if (strncmp(err.text, start, strlen(start)) != 0 || len < end + 3 ||
		    strcmp(err.text + len - end, mistakes[i].sentence) != 0 ||
		    strncmp(err.text + len - end - 3, "': ", 3) != 0 || err.kind != ERR_CONFIG)
			fail_msg("[%s] %s = %s: kind %d, %s", mistakes[i].section, mistakes[i].key,
				 mistakes[i].value, (int)err.kind, err.text);
	}
}

/* ---- what is more than a number ---- */

static void addresses_to_listen_on(void **state)
{
	static const struct {
		const char *value, *host;
		unsigned port;
	} cases[] = {
		{ "[::]:443", "::", 443 },
		{ "[::]", "::", 443 },
		{ "[2001:db8::1]:8443", "2001:db8::1", 8443 },
		{ "192.0.2.1", "192.0.2.1", 443 },
		{ "0.0.0.0:65535", "0.0.0.0", 65535 },
		{ "127.0.0.1:1", "127.0.0.1", 1 },
		{ "[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1", 443 },
	};
	char text[1024] = "[server]\n";
	struct server_config config;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		sprintf(text + strlen(text), "listen = %s\n", cases[i].value);
	assert_int_equal(read_text(&config, text, &err), 0);
	assert_int_equal(config.listen_count, ARRAY_LEN(cases)); /* they add up */
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (strcmp(config.listen[i].host, cases[i].host) != 0 ||
		    config.listen[i].port != cases[i].port)
			fail_msg("%s: '%s' %u", cases[i].value, config.listen[i].host,
				 config.listen[i].port);
	server_config_free(&config);
}

static void texts_go_where_they_belong(void **state)
{
	struct server_config config;
	struct err err;

	if (read_text(&config,
		      "[server]\nname = vpn.example.net\nstate = " C255 "\ncontrol = " C107
		      "\ncertificate = /etc/a b.pem ; not a b\nkey = /etc/k.pem\n"
		      "[bridge]\ninterface = fifteen-letters\nmode = bridged\nbridge = br0\n",
		      &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(config.name, "vpn.example.net");
	assert_string_equal(config.state, C255);
	assert_string_equal(config.control, C107);
	assert_string_equal(config.certificate, "/etc/a b.pem");
	assert_string_equal(config.key, "/etc/k.pem");
	assert_string_equal(config.interface, "fifteen-letters");
	assert_string_equal(config.bridge, "br0");
	assert_int_equal(config.mode, MODE_BRIDGED);
	server_config_free(&config);
}

/* ---- how many, how often ---- */

static void lists_have_an_end(void **state)
{
	static const struct {
		const char *section, *key, *format;
		unsigned most;
	} cases[] = {
		{ "server", "listen", "[::1]:%u", CONFIG_MAX_LISTEN },
		{ "ra", "prefix", "2001:db8:0:%u::/64", RA_MAX_PREFIXES },
		{ "ra", "route", "2001:db8:%u::/48", RA_MAX_ROUTES },
		{ "ra", "dns", "2001:db8::%u", RA_MAX_DNS },
		{ "ra", "search", "a%u.example", RA_MAX_SEARCH },
		{ "ra", "nat64", "2001:db8:%u::/96", RA_MAX_PREF64 },
		{ "ra", "dnr", "dns%u.example", RA_MAX_DNR },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[4096], value[64], expected[256];
		struct server_config config;
		struct err err;

		snprintf(text, sizeof(text), "[%s]\n", cases[i].section);
		for (unsigned n = 1; n <= cases[i].most + 1; n++) {
			if (n > cases[i].most) {
				if (read_text(&config, text, &err) < 0)
					fail_msg("%s", err.text);
				server_config_free(&config);
			}
			sprintf(text + strlen(text), "%s = ", cases[i].key);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			sprintf(value, cases[i].format, n);
#pragma GCC diagnostic pop
			sprintf(text + strlen(text), "%s\n", value);
		}
		snprintf(expected, sizeof(expected),
			 "server.conf:%u: [%s] %s '%s': is one too many: at most %u",
			 cases[i].most + 2, cases[i].section, cases[i].key, value, cases[i].most);
		assert_int_equal(read_text(&config, text, &err), -1);
		assert_string_equal(err.text, expected);
	}
}

static char keys[128][64]; /* "section key" */
static unsigned key_count;
static char section[32];

static void note_key(const char *line)
{
	if (line[0] == '[')
		snprintf(section, sizeof(section), "%.*s", (int)strcspn(line + 1, "]"), line + 1);
	else if (!strstr(line, "may be repeated") && strncmp(section, "group", 5) != 0)
		snprintf(keys[key_count++], sizeof(keys[0]), "%s %.*s", section,
			 (int)strcspn(line + 2, " "), line + 2);
}

/* A value that `section key` takes: from the tables above. */
static const char *value_for(const char *of_section, const char *key)
{
	static char value[64];

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		size_t len = strcspn(numbers[i].line, " ");
		if (strcmp(numbers[i].section, of_section) == 0 && strlen(key) == len &&
		    strncmp(numbers[i].line, key, len) == 0) {
			snprintf(value, sizeof(value), "%s", numbers[i].line + len + 3);
			return value;
		}
	}
	if (strcmp(key, "auth-command") == 0)
		return "/bin/false x";
	if (strcmp(key, "hours") == 0)
		return "always";
	if (strcmp(key, "on-vpn-port") == 0)
		return "yes";
	if (strcmp(key, "captive-portal") == 0)
		return "http://x";
	return "x"; /* the others are texts */
}

static void what_is_there_once_is_refused_twice(void **state)
{
	key_count = 0;
	server_config_describe(note_key);
	assert_true(key_count >= 39); /* all but those that add up */
	for (unsigned i = 0; i < key_count; i++) {
		char text[256], expected[256], *key = strchr(keys[i], ' ');
		struct server_config config;
		struct err err;

		*key++ = '\0';
		snprintf(text, sizeof(text), "[%s]\n%s = %s\n%s = %s\n", keys[i], key,
			 value_for(keys[i], key), key, value_for(keys[i], key));
		snprintf(expected, sizeof(expected),
			 "server.conf:3: [%s] %s: was set in line 2 already", keys[i], key);
		assert_int_equal(read_text(&config, text, &err), -1);
		assert_string_equal(err.text, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(mistakes_have_sentences),
		cmocka_unit_test(addresses_to_listen_on),
		cmocka_unit_test(texts_go_where_they_belong),
		cmocka_unit_test(lists_have_an_end),
		cmocka_unit_test(what_is_there_once_is_refused_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
