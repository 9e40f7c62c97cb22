/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_visit.c - whose doing a request is, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/visit.h"
#include "base/bytes.h"

static const struct {
	const char *text, *host; /* NULL: it is none */
} hosts[] = {
	{ "localhost", "localhost" },
	{ "LocalHost:8006", "localhost" },
	{ "127.0.0.1:8006", "127.0.0.1" },
	{ "[::1]:8006", "::1" },
	{ "[2001:db8::1]", "2001:db8::1" },
	{ "vpn.example.net", "vpn.example.net" },
	{ "a:65535", "a" },
	{ "", NULL },
	{ ":8006", NULL },
	{ "a:", NULL },
	{ "a:0", NULL },
	{ "a:65536", NULL },
	{ "a:+80", NULL },
	{ "a:80a", NULL },
	{ "a:80:80", NULL },
	{ "a b", NULL },
	{ "a/b", NULL },
	{ "user@a", NULL },
	{ "a\r\nb", NULL },
	{ "a\xc3\xa4", NULL },
	{ "::1", NULL },
	{ "[::1", NULL },
	{ "[::1]8006", NULL },
	{ "[fe80::1%lo]", NULL },
	{ "[127.0.0.1]", NULL },
	{ "[]", NULL },
};

static void hosts_are_read(void **state)
{
	char host[VISIT_HOST_MAX], large[VISIT_HOST_MAX + 1];

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		bool read = visit_read_host(hosts[i].text, host);

		if (read != (hosts[i].host != NULL) || (read && strcmp(host, hosts[i].host) != 0))
			fail_msg("'%s' gives %s", hosts[i].text, read ? host : "nothing");
	}
	memset(large, 'a', sizeof(large));
	large[VISIT_HOST_MAX] = '\0';
	assert_false(visit_read_host(large, host));
	large[VISIT_HOST_MAX - 1] = '\0';
	assert_true(visit_read_host(large, host));
}

#define HOST .host = "127.0.0.1:8006", .host_count = 1, .name = "vpn.example.net"
#define ORIGIN(text) .origin = text, .origin_count = 1
#define SITE(text) .site = text, .site_count = 1
#define POST .changes = true, .has_body = true, .type = "application/json"

static const struct {
	const char *what;
	struct visit visit;
	enum visit_verdict verdict;
} visits[] = {
	{ "a script looks", { HOST }, VISIT_FINE },
	{ "a script changes something", { HOST, POST }, VISIT_FINE },
	{ "by our name",
	  { .host = "VPN.example.net", .host_count = 1, .name = "vpn.example.net" },
	  VISIT_FINE },
	{ "by a name that is not ours",
	  { .host = "rebound.example", .host_count = 1, .name = "vpn.example.net" },
	  VISIT_HOST },
	{ "we have no name",
	  { .host = "vpn.example.net", .host_count = 1, .name = "" },
	  VISIT_HOST },
	{ "our name is the end of another's",
	  { .host = "evil.vpn.example.net", .host_count = 1, .name = "vpn.example.net" },
	  VISIT_HOST },
	{ "localhost is the end of another's",
	  { .host = "evil.localhost", .host_count = 1, .name = "" },
	  VISIT_HOST },
	{ "no Host", { .name = "" }, VISIT_HOST },
	{ "two", { .host = "127.0.0.1", .host_count = 2, .name = "" }, VISIT_HOST },
	{ "the page itself",
	  { HOST, SITE("same-origin"), POST, ORIGIN("http://127.0.0.1:8006") },
	  VISIT_FINE },
	{ "another origin", { HOST, ORIGIN("http://evil.example") }, VISIT_ORIGIN },
	{ "another port is another origin",
	  { HOST, POST, ORIGIN("http://127.0.0.1:8007") },
	  VISIT_ORIGIN },
	{ "another scheme is another origin",
	  { HOST, POST, ORIGIN("https://127.0.0.1:8006") },
	  VISIT_ORIGIN },
	{ "over TLS, it is ours",
	  { HOST, POST, ORIGIN("https://127.0.0.1:8006"), .secure = true },
	  VISIT_FINE },
	{ "over TLS, from a page that was not",
	  { HOST, POST, ORIGIN("http://127.0.0.1:8006"), .secure = true },
	  VISIT_ORIGIN },
	{ "a sandboxed page", { HOST, POST, ORIGIN("null") }, VISIT_ORIGIN },
	{ "two origins",
	  { HOST, POST, .origin = "http://127.0.0.1:8006", .origin_count = 2 },
	  VISIT_ORIGIN },
	{ "typed into the address line", { HOST, SITE("none") }, VISIT_FINE },
	{ "nobody types a change", { HOST, POST, SITE("none") }, VISIT_SITE },
	{ "another site reads data", { HOST, SITE("cross-site") }, VISIT_SITE },
	{ "another site on our domain", { HOST, SITE("same-site") }, VISIT_SITE },
	{ "another site changes something", { HOST, POST, SITE("cross-site") }, VISIT_SITE },
	{ "a link to the page",
	  { HOST, SITE("cross-site"), .mode = "navigate", .is_page = true },
	  VISIT_FINE },
	{ "a link to data", { HOST, SITE("cross-site"), .mode = "navigate" }, VISIT_SITE },
	{ "another site's script asks for the page",
	  { HOST, SITE("cross-site"), .mode = "cors", .is_page = true },
	  VISIT_SITE },
	{ "a form of another site that navigates",
	  { HOST, POST, SITE("cross-site"), .mode = "navigate", .is_page = true },
	  VISIT_SITE },
	{ "two sites", { HOST, .site = "same-origin", .site_count = 2 }, VISIT_SITE },
	{ "a cookie, and nothing of where it comes from",
	  { HOST, POST, .has_cookie = true },
	  VISIT_ORIGIN },
	{ "a cookie that only looks", { HOST, .has_cookie = true }, VISIT_FINE },
	{ "a cookie, from our page",
	  { HOST, POST, .has_cookie = true, SITE("same-origin") },
	  VISIT_FINE },
	{ "a form's body",
	  { HOST, .changes = true, .has_body = true, .type = "text/plain" },
	  VISIT_TYPE },
	{ "a body of no type", { HOST, .changes = true, .has_body = true }, VISIT_TYPE },
	{ "a type that begins alike",
	  { HOST, .changes = true, .has_body = true, .type = "application/jsonx" },
	  VISIT_TYPE },
	{ "a type with a charset",
	  { HOST, .changes = true, .has_body = true, .type = "Application/JSON; charset=utf-8" },
	  VISIT_FINE },
	{ "no body needs no type", { HOST, .changes = true }, VISIT_FINE },
};

static void visits_are_judged(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(visits); i++) {
		enum visit_verdict verdict = visit_judge(&visits[i].visit);

		if (verdict != visits[i].verdict)
			fail_msg("%s: %u, '%s'", visits[i].what, verdict, visit_sentence[verdict]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_read),
		cmocka_unit_test(visits_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
