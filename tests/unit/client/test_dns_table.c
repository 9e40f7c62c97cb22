/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of DNS servers and search domains: lifetimes, order, bounds, and what is not taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "client/dns_table.h"

static struct ip6 address(const char *text)
{
	struct ip6 result;
	struct err err = { 0 };

	if (ip6_parse(text, &result, &err) < 0)
		fail_msg("%s", err.text);
	return result;
}

static void list(const struct dns_table *table, char *text, size_t cap)
{
	size_t len = 0;
	char one[IP6_TEXT];

	text[0] = '\0';
	for (unsigned i = 0; i < table->server_count; i++)
		len += (size_t)snprintf(text + len, cap - len, "%s ",
					ip6_text(&table->server[i].address, one));
	for (unsigned i = 0; i < table->search_count; i++)
		len += (size_t)snprintf(text + len, cap - len, "%s ", table->search[i].domain);
}

/* A story in steps; what each changes and what is there then. */
static const struct {
	const char *what;
	uint64_t now_ms;
	const char *server, *search; /* neither: time passes */
	uint32_t lifetime_s;
	bool changes;
	const char *there;
	uint64_t due_ms;
} story[] = {
	{ "a server", 1000, "fd00::1", NULL, 10, true, "fd00::1 ", 11000 },
	{ "a second one that lasts for ever", 1000, "fd00::2", NULL, DNS_FOREVER_S, true,
	  "fd00::1 fd00::2 ", 11000 },
	{ "a domain", 1000, NULL, "corp.example", 5, true, "fd00::1 fd00::2 corp.example ", 6000 },
	{ "a refresh keeps the place and is no change", 2000, "fd00::1", NULL, 20, false,
	  "fd00::1 fd00::2 corp.example ", 6000 },
	{ "the same domain in capitals is a refresh", 2000, NULL, "CORP.Example", 6, false,
	  "fd00::1 fd00::2 corp.example ", 8000 },
	{ "a millisecond before the end", 7999, NULL, NULL, 0, false,
	  "fd00::1 fd00::2 corp.example ", 8000 },
	{ "the domain's end", 8000, NULL, NULL, 0, true, "fd00::1 fd00::2 ", 22000 },
	{ "a withdrawal of what is not there", 8000, "fd00::3", NULL, 0, false, "fd00::1 fd00::2 ",
	  22000 },
	{ "a withdrawal", 9000, "fd00::1", NULL, 0, true, "fd00::2 ", DNS_NEVER_MS },
	{ "for ever does not end", UINT64_MAX - 1, NULL, NULL, 0, false, "fd00::2 ", DNS_NEVER_MS },
	{ "for ever can become finite", 10000, "fd00::2", NULL, 1, false, "fd00::2 ", 11000 },
	{ "and end", 11000, NULL, NULL, 0, true, "", DNS_NEVER_MS },
	{ "a domain again", 12000, NULL, "a.example", 4294967294, true, "a.example ",
	  12000 + 4294967294000 },
	{ "and its withdrawal", 12000, NULL, "A.example", 0, true, "", DNS_NEVER_MS },
};

static void lifetimes_are_kept(void **state)
{
	struct dns_table table = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(story); i++) {
		char text[512];
		bool changed;

		if (story[i].server) {
			struct ip6 server = address(story[i].server);
			changed = dns_table_server(&table, &server, story[i].lifetime_s,
						   story[i].now_ms);
		} else if (story[i].search) {
			changed = dns_table_search(&table, story[i].search, story[i].lifetime_s,
						   story[i].now_ms);
		} else {
			changed = dns_table_expire(&table, story[i].now_ms);
		}
		list(&table, text, sizeof(text));
		if (changed != story[i].changes || strcmp(text, story[i].there) != 0 ||
		    dns_table_due_ms(&table) != story[i].due_ms)
			fail_msg("%s: changed=%d '%s' due %llu", story[i].what, changed, text,
				 (unsigned long long)dns_table_due_ms(&table));
	}
}

static void only_servers_are_taken_as_servers(void **state)
{
	static const struct {
		const char *what, *address;
		bool taken;
	} cases[] = {
		{ "a global address", "2001:db8::53", true },
		{ "a unique local address", "fd00::53", true },
		{ "a link-local address", "fe80::53", true },
		{ "the unspecified address", "::", false },
		{ "the loopback", "::1", false },
		{ "a multicast address", "ff02::fb", false },
		{ "an IPv4 address", "::ffff:192.0.2.1", false },
		{ "an old IPv4 address", "::192.0.2.1", false },
		{ "the well-known NAT64 prefix", "64:ff9b::c000:201", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_table table = { 0 };
		struct ip6 server = address(cases[i].address);

		if (dns_table_server(&table, &server, 60, 0) != cases[i].taken ||
		    table.server_count != cases[i].taken)
			fail_msg("%s", cases[i].what);
	}
}

#define SIXTY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"

static void only_host_names_are_taken_as_domains(void **state)
{
	static const struct {
		const char *what, *domain;
		bool taken;
	} cases[] = {
		{ "a domain", "corp.example", true },
		{ "one label", "corp", true },
		{ "digits, hyphens, underscores, capitals", "_dns-1.4TH.example", true },
		{ "nothing", "", false },
		{ "a final dot", "corp.example.", false },
		{ "a dot at the beginning", ".corp", false },
		{ "an empty label", "corp..example", false },
		{ "an option of a program", "-x", false },
		{ "a label that begins with a hyphen", "corp.-x", false },
		{ "a label that ends with a hyphen", "corp-.example", false },
		{ "a route-only domain of resolvectl", "~corp", false },
		{ "white space", "corp example", false },
		{ "a line of its own", "corp\nnameserver", false },
		{ "a shell's word", "$(reboot)", false },
		{ "a semicolon", "a;b", false },
		{ "a slash", "../../etc", false },
		{ "beyond ASCII", "b\xc3\xbcro.example", false },
		{ "a label of 63", SIXTY "abc", true },
		{ "a label of 64", SIXTY "abcd", false },
		{ "253 characters", SIXTY "." SIXTY "." SIXTY "." SIXTY ".abcdefghi", true },
		{ "254 characters", SIXTY "." SIXTY "." SIXTY "." SIXTY ".abcdefghij", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_table table = { 0 };

		if (dns_table_search(&table, cases[i].domain, 60, 0) != cases[i].taken ||
		    dns_domain_valid(cases[i].domain) != cases[i].taken)
			fail_msg("%s", cases[i].what);
	}
}

static void full_lists_keep_what_lasts_longest(void **state)
{
	static const struct {
		const char *what;
		uint32_t lifetime_s;
		bool taken;
	} cases[] = {
		{ "ends before all others", 50, false },
		{ "ends with the first", 101, false },
		{ "lasts longer than the first", 102, true },
		{ "lasts for ever", DNS_FOREVER_S, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_table table = { 0 };
		struct ip6 server = address("fd00::");
		char domain[] = "a.example";

		/* The third of each ends first, at 101 s. */
		for (unsigned n = 0; n < DNS_MAX_SERVERS; n++) {
			server.octet[15] = (uint8_t)n;
			assert_true(dns_table_server(&table, &server, n == 2 ? 101 : 200 + n, 0));
		}
		for (unsigned n = 0; n < DNS_MAX_SEARCH; n++) {
			domain[0] = (char)('a' + n);
			assert_true(dns_table_search(&table, domain, n == 2 ? 101 : 200 + n, 0));
		}
		server.octet[15] = 99;
		if (dns_table_server(&table, &server, cases[i].lifetime_s, 0) != cases[i].taken ||
		    dns_table_search(&table, "new.example", cases[i].lifetime_s, 0) !=
			    cases[i].taken)
			fail_msg("%s", cases[i].what);
		assert_int_equal(table.server_count, DNS_MAX_SERVERS);
		assert_int_equal(table.search_count, DNS_MAX_SEARCH);
		if ((table.server[2].address.octet[15] == 2) == cases[i].taken ||
		    (strcmp(table.search[2].domain, "c.example") == 0) == cases[i].taken)
			fail_msg("%s: the wrong one went", cases[i].what);
	}
}

static void sameness_does_not_look_at_lifetimes(void **state)
{
	struct dns_table a = { 0 }, b = { 0 };
	struct ip6 one = address("fd00::1"), two = address("fd00::2");

	assert_true(dns_table_same(&a, &b));
	dns_table_server(&a, &one, 10, 0);
	assert_false(dns_table_same(&a, &b));
	dns_table_server(&b, &one, 20, 5);
	assert_true(dns_table_same(&a, &b));
	dns_table_server(&a, &two, 10, 0);
	dns_table_server(&b, &one, 0, 0);
	dns_table_server(&b, &two, 10, 0);
	dns_table_server(&b, &one, 10, 0);
	assert_false(dns_table_same(&a, &b)); /* another order */
	dns_table_server(&b, &two, 0, 0);
	dns_table_server(&b, &two, 10, 0);
	assert_true(dns_table_same(&a, &b));
	dns_table_search(&a, "a.example", 10, 0);
	dns_table_search(&b, "b.example", 10, 0);
	assert_false(dns_table_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifetimes_are_kept),
		cmocka_unit_test(only_servers_are_taken_as_servers),
		cmocka_unit_test(only_host_names_are_taken_as_domains),
		cmocka_unit_test(full_lists_keep_what_lasts_longest),
		cmocka_unit_test(sameness_does_not_look_at_lifetimes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
