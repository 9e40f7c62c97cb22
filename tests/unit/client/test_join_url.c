/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_join_url.c - invitations: what one says, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "client/join_url.h"

#define TOKEN "abcdefghijklmnopqrstuvwxyz-_0123"
#define PRINT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define LONG \
	"0123456789.0123456789.0123456789.0123456789.0123456789.0123456789.0123456789.0123456789."
#define TAIL "/" TOKEN "#" PRINT

static void invitations_are_read(void **state)
{
	static const struct {
		const char *text, *server, *host;
		unsigned port;
	} cases[] = {
		{ "lanyard://vpn.example.net" TAIL, "vpn.example.net", "vpn.example.net", 443 },
		{ "lanyard://vpn.example.net:8443" TAIL, "vpn.example.net:8443", "vpn.example.net",
		  8443 },
		{ "lanyard://192.0.2.1" TAIL, "192.0.2.1", "192.0.2.1", 443 },
		{ "lanyard://[2001:db8::1]:444" TAIL, "[2001:db8::1]:444", "2001:db8::1", 444 },
		{ "LANYARD://vpn.example.net" TAIL, "vpn.example.net", "vpn.example.net", 443 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct join_url url;
		struct err err = { 0 };

		if (join_url_read(cases[i].text, &url, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_string_equal(url.server, cases[i].server);
		assert_string_equal(url.host, cases[i].host);
		assert_int_equal(url.port, cases[i].port);
		assert_memory_equal(url.token, TOKEN, sizeof(url.token));
		for (unsigned n = 0; n < sizeof(url.fingerprint); n++)
			assert_int_equal(url.fingerprint[n], n);
	}
}

static void what_is_none_has_a_sentence_without_the_token(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "", "it does not begin with lanyard://" },
		{ "https://vpn.example.net" TAIL, "it does not begin with lanyard://" },
		{ "lanyard:/vpn.example.net" TAIL, "it does not begin with lanyard://" },
		{ " lanyard://vpn.example.net" TAIL, "it does not begin with lanyard://" },
		{ "lanyard://vpn.example.net", "it has no token" },
		{ "lanyard://" TAIL, "its host must be a host or an address" },
		{ "lanyard://" LONG LONG LONG TAIL, "its host is too long" },
		{ "lanyard://vpn.example.net:0" TAIL, "its host the port must be a number" },
		{ "lanyard://alice@vpn.example.net" TAIL, "its host must be a domain name" },
		{ "lanyard://vpn.example.net/x" TAIL, "its token has not 32" },
		{ "lanyard://vpn.example.net/#" PRINT, "its token has not 32" },
		{ "lanyard://vpn.example.net/" TOKEN "0#" PRINT, "its token has not 32" },
		{ "lanyard://vpn.example.net/%61bcdefghijklmnopqrstuvwxyz-_012#" PRINT,
		  "its token has not 32" },
		{ "lanyard://vpn.example.net/" TOKEN, "its fingerprint, behind '#', is missing" },
		{ "lanyard://vpn.example.net/" TOKEN "#", "its fingerprint, behind '#'" },
		{ "lanyard://vpn.example.net/" TOKEN "?" PRINT, "its fingerprint, behind '#'" },
		{ "lanyard://vpn.example.net" TAIL "\n", "its fingerprint, behind '#'" },
		{ "lanyard://vpn.example.net" TAIL TAIL, "its fingerprint, behind '#'" },
	};
	char longest[2 * JOIN_URL_MAX];
	struct join_url url;
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		err = (struct err) { 0 };
		if (join_url_read(cases[i].text, &url, &err) == 0 || err.kind != ERR_USAGE ||
		    !strstr(err.text, cases[i].sentence) || strstr(err.text, "bcdefghij"))
			fail_msg("%s: %s", cases[i].text, err.text);
	}
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest, "lanyard://", 10);
	assert_int_equal(join_url_read(longest, &url, &err), -1);
	assert_non_null(strstr(err.text, "it is too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invitations_are_read),
		cmocka_unit_test(what_is_none_has_a_sentence_without_the_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
