/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_proxy.c - which proxy is used: its URL, who decides, and no_proxy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "client/proxy.h"

#define N64 "0123456789012345678901234567890123456789012345678901234567890123"
#define N255 N64 N64 N64 "012345678901234567890123456789012345678901234567890123456789012"

static void urls_are_read(void **state)
{
	static const struct {
		const char *url, *text; /* text: as it is shown */
		const char *user, *password;
	} cases[] = {
		{ "http://proxy.example:3128", "http://proxy.example:3128" },
		{ "HTTP://proxy.example:3128", "http://proxy.example:3128" },
		{ "http://proxy.example", "http://proxy.example:1080" },
		{ "proxy.example:8080", "http://proxy.example:8080" },
		{ "proxy.example", "http://proxy.example:1080" },
		{ "socks5://proxy.example", "socks5://proxy.example:1080" },
		{ "socks5h://proxy.example:9050", "socks5://proxy.example:9050" },
		{ "http://192.0.2.9:3128/", "http://192.0.2.9:3128" },
		{ "http://192.0.2.9:3128/a:b@c", "http://192.0.2.9:3128" },
		{ "http://192.0.2.9:3128?a@c", "http://192.0.2.9:3128" },
		{ "http://[2001:db8::9]:3128", "http://[2001:db8::9]:3128" },
		{ "socks5://[2001:db8::9]", "socks5://[2001:db8::9]:1080" },
		{ "http://u:p@h.example:1", "http://h.example:1", "u", "p" },
		{ "u:p@h.example:1", "http://h.example:1", "u", "p" },
		{ "http://u@h.example:65535", "http://h.example:65535", "u", "" },
		{ "http://u:@h.example:1", "http://h.example:1", "u", "" },
		{ "http://u:p:q@h.example:1", "http://h.example:1", "u", "p:q" },
		{ "http://u:p@q@h.example:1", "http://h.example:1", "u", "p@q" },
		{ "http://u%40v:p%2Fq%3a%25@h.example:1", "http://h.example:1", "u@v", "p/q:%" },
		{ "http://u:50%@h.example:1", "http://h.example:1", "u", "50%" },
		{ "http://u:5%x0%4@h.example:1", "http://h.example:1", "u", "5%x0%4" },
		{ "http://u:p%c3%a4@[::1]:1", "http://[::1]:1", "u", "p\xc3\xa4" },
		{ "socks5://u%3av:p@h.example:1", "socks5://h.example:1", "u:v", "p" },
		{ "http://" N255 ":" N255 "@h.example:1", "http://h.example:1", N255, N255 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[PROXY_TEXT];
		struct proxy proxy;
		struct err err = { 0 };

		if (proxy_parse(&proxy, cases[i].url, &err) < 0)
			fail_msg("%s: %s", cases[i].url, err.text);
		if (strcmp(proxy_text(&proxy, text), cases[i].text) != 0 ||
		    proxy.has_login != (cases[i].user != NULL) ||
		    (cases[i].user && (strcmp(proxy.user, cases[i].user) != 0 ||
				       strcmp(proxy.password, cases[i].password) != 0)))
			fail_msg("%s: %s, '%s' '%s'", cases[i].url, text, proxy.user,
				 proxy.password);
	}
}

#define SECRET "hunter2"
#define LOGIN "alice:" SECRET "@"

static void mistakes_in_urls_have_sentences_without_passwords(void **state)
{
	static const char port[] = "the port must be a number from 1 to 65535";
	static const char scheme[] = "the scheme must be http or socks5";
	static const char control[] = "user and password must have no control characters";
	static const struct {
		const char *url, *sentence;
	} cases[] = {
		{ "https://" LOGIN "h.example:1", scheme },
		{ "socks4://" LOGIN "h.example:1", scheme },
		{ "socks4a://h.example:1", scheme },
		{ "ftp://h.example:1", scheme },
		{ "httpx://h.example:1", scheme },
		{ "://h.example:1", scheme },
		{ "http://" LOGIN "h.example:0", port },
		{ "http://" LOGIN "h.example:65536", port },
		{ "http://" LOGIN "h.example:99999999999999999999", port },
		{ "http://" LOGIN "h.example:", port },
		{ "http://" LOGIN "h.example:31x", port },
		{ "http://" LOGIN "h.example:-1", port },
		{ "http://alice:" SECRET, port }, /* the host is not there at all */
		{ "http://" LOGIN, "must have a host or an address" },
		{ "", "must have a host or an address" },
		{ "http://", "must have a host or an address" },
		{ "http://:3128", "must have a host or an address" },
		{ "http://" LOGIN "a b:1", "must be a domain name" },
		{ "http://" LOGIN "192.0.2.256:1", "must be a domain name, not an address" },
		{ "http://" LOGIN "2001:db8::1", "must be a domain name" },
		{ "http://" LOGIN "[h.example]:1", "what is in brackets must be an IPv6 address" },
		{ "http://" LOGIN "[fe80::1%eth0]:1",
		  "what is in brackets must be an IPv6 address" },
		{ "http://:" SECRET "@h.example:1", "there is no user before the '@'" },
		{ "http://@h.example:1", "there is no user before the '@'" },
		{ "http://a%3ab:" SECRET "@h.example:1",
		  "a user of an HTTP proxy must have no colon" },
		{ "http://alice:" SECRET "%0d%0aX-Evil:%201@h.example:1", control },
		{ "http://a%00b:" SECRET "@h.example:1", control },
		{ "http://a%7fb:" SECRET "@h.example:1", control },
		{ "http://a\nb:" SECRET "@h.example:1", control },
		{ "http://" N255 "0:" SECRET "@h.example:1",
		  "user and password must have at most 255 bytes each" },
		{ "http://alice:" SECRET N255 "@h.example:1",
		  "user and password must have at most 255 bytes each" },
		{ "http://" LOGIN N255 "0:1", "must have a host or an address" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static const struct proxy nothing;
		struct proxy proxy;
		struct err err = { 0 };

		if (proxy_parse(&proxy, cases[i].url, &err) == 0)
			fail_msg("%s: taken", cases[i].url);
		if (strcmp(err.text, cases[i].sentence) != 0)
			fail_msg("%s: %s", cases[i].url, err.text);
		if (strstr(err.text, SECRET) || memcmp(&proxy, &nothing, sizeof(proxy)) != 0)
			fail_msg("%s: the password stays", cases[i].url);
	}
}

static void a_list_exempts_hosts_as_for_curl(void **state)
{
	static const struct {
		const char *list, *host;
		bool exempt;
	} cases[] = {
		{ "", "vpn.example.net", false },
		{ "*", "vpn.example.net", true },
		{ "*", "192.0.2.1", true },
		{ "*,other.example", "vpn.example.net", false },
		{ "*.example.net", "vpn.example.net", false },
		{ "vpn.example.net", "vpn.example.net", true },
		{ "VPN.Example.net", "vpn.exAMPLE.net", true },
		{ "example.net", "vpn.example.net", true },
		{ ".example.net", "vpn.example.net", true },
		{ ".example.net", "example.net", true },
		{ "example.net.", "vpn.example.net", true },
		{ "ample.net", "vpn.example.net", false },
		{ "www.vpn.example.net", "vpn.example.net", false },
		{ "vpn.example.net:443", "vpn.example.net", false },
		{ ".", "vpn.example.net", false },
		{ "net", "vpn.example.net", true },
		{ "a.example,example.net", "vpn.example.net", true },
		{ "a.example, example.net", "vpn.example.net", true },
		{ "a.example example.net", "vpn.example.net", true },
		{ ",, ,a.example,\texample.net,", "vpn.example.net", true },
		{ "a.example,b.example", "vpn.example.net", false },
		{ N255 "0,example.net", "vpn.example.net", true },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.10", false },
		{ "192.0.2.10", "192.0.2.1", false },
		{ "2.1", "192.0.2.1", false }, /* no address is another's subdomain */
		{ "192.0.2.0/24", "192.0.2.1", true },
		{ "192.0.2.0/24", "192.0.3.1", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.129", true },
		{ "192.0.2.1/32", "192.0.2.1", true },
		{ "192.0.2.1/33", "192.0.2.1", false },
		{ "192.0.2.1/", "192.0.2.1", false },
		{ "192.0.2.1/a", "192.0.2.1", false },
		{ "192.0.2.1/4294967328", "192.0.2.1", false }, /* 32 in 32 bits */
		{ "0.0.0.0/0", "192.0.2.1", true },
		{ "::/0", "192.0.2.1", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:DB8:0::1", "2001:db8::1", true },
		{ "[2001:db8::1]", "2001:db8::1", true },
		{ "2001:db8::/32", "2001:db8::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "2001:db8::1/128", "2001:db8::1", true },
		{ "2001:db8::1/129", "2001:db8::1", false },
		{ "192.0.2.1", "vpn.example.net", false },
		{ "vpn.example.net", "192.0.2.1", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (proxy_exempt(cases[i].list, cases[i].host) != cases[i].exempt)
			fail_msg("'%s', %s: %sexempt", cases[i].list, cases[i].host,
				 cases[i].exempt ? "not " : "");
}

/* "a=b c=d": the environment of the row that is being looked at, with NULs for blanks. */
static char variables[200];

static const char *variable(const char *name)
{
	size_t len = strlen(name), used;

	for (char *at = variables; *at; at += used + 1) {
		used = strlen(at);
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

static void set_variables(const char *text)
{
	snprintf(variables, sizeof(variables) - 1, "%s", text);
	variables[strlen(variables) + 1] = '\0';
	for (char *at = variables; (at = strchr(at, ' ')); at++)
		*at = '\0';
}

static void the_profile_decides_or_the_environment(void **state)
{
	static const char client[] = "[client] proxy";
	static const struct {
		const char *setting, *environment;
		const char *proxy, *by; /* proxy: NULL: a mistake, whose sentence `by` is */
	} cases[] = {
		{ "auto", "", "", "" },
		{ "auto", "no_proxy=example.net", "", "" },
		{ "auto", "https_proxy=http://a.example:1", "http://a.example:1", "https_proxy" },
		{ "auto", "HTTPS_PROXY=b.example:2", "http://b.example:2", "HTTPS_PROXY" },
		{ "auto", "HTTPS_PROXY=b.example:2 https_proxy=a.example:1", "http://a.example:1",
		  "https_proxy" },
		{ "auto", "HTTPS_PROXY=b.example:2 https_proxy=", "http://b.example:2",
		  "HTTPS_PROXY" },
		{ "auto", "all_proxy=socks5://c.example:3", "socks5://c.example:3", "all_proxy" },
		{ "auto", "ALL_PROXY=socks5://c.example:3", "socks5://c.example:3", "ALL_PROXY" },
		{ "auto", "all_proxy=c.example:3 HTTPS_PROXY=b.example:2", "http://b.example:2",
		  "HTTPS_PROXY" },
		{ "auto", "http_proxy=a.example:1 HTTP_PROXY=a.example:1", "", "" },
		{ "auto", "https_proxy=a.example:1 no_proxy=example.net", "", "no_proxy" },
		{ "auto", "https_proxy=a.example:1 NO_PROXY=example.net", "", "NO_PROXY" },
		{ "auto", "https_proxy=a.example:1 NO_PROXY=* no_proxy=b.example",
		  "http://a.example:1", "https_proxy" },
		{ "auto", "https_proxy=ftp://a.example no_proxy=*", "", "no_proxy" },
		{ "auto", "https_proxy=ftp://u:" SECRET "@a.example", NULL,
		  "the environment variable https_proxy: the scheme must be http or socks5" },
		{ "none", "https_proxy=a.example:1", "", client },
		{ "http://d.example:4", "", "http://d.example:4", client },
		{ "http://d.example:4", "https_proxy=a.example:1 no_proxy=*", "http://d.example:4",
		  client },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[PROXY_TEXT] = "";
		struct proxy_setting setting;
		struct proxy_choice choice;
		struct err err = { 0 };

		set_variables(cases[i].environment);
		assert_int_equal(proxy_setting_parse(&setting, cases[i].setting, &err), 0);
		int failed = proxy_choose(&choice, &setting, "vpn.example.net", variable, &err);

		if (!cases[i].proxy) {
			if (failed == 0 || strcmp(err.text, cases[i].by) != 0 ||
			    err.kind != ERR_CONFIG)
				fail_msg("%s, '%s': %s", cases[i].setting, cases[i].environment,
					 err.text);
		} else if (failed < 0 ||
			   strcmp(proxy_text(&choice.proxy, text), cases[i].proxy) != 0 ||
			   strcmp(choice.by, cases[i].by) != 0) {
			fail_msg("%s, '%s': '%s' by '%s' %s", cases[i].setting,
				 cases[i].environment, text, choice.by, err.text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_read),
		cmocka_unit_test(mistakes_in_urls_have_sentences_without_passwords),
		cmocka_unit_test(a_list_exempts_hosts_as_for_curl),
		cmocka_unit_test(the_profile_decides_or_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
