/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_source_of.c - which addresses are one subscriber's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/source.h"

static const struct {
	const char *what, *a, *b;
	bool same;
} cases[] = {
	{ "an IPv4 address", "192.0.2.1", "192.0.2.1", true },
	{ "its neighbour", "192.0.2.1", "192.0.2.2", false },
	{ "a /64", "2001:db8::1", "2001:db8::ffff:2", true },
	{ "a /64, by long and short names", "2001:db8:1:2:1111:2222:3333:4444", "2001:db8:1:2::1",
	  true },
	{ "the next /64", "2001:db8::1", "2001:db8:0:1::1", false },
	{ "the next /64, by names as long", "2001:db8:1:2:1111:2222:3333:4444",
	  "2001:db8:1:3:1111:2222:3333:4444", false },
	{ "IPv4 in IPv6 clothes", "::ffff:192.0.2.1", "192.0.2.1", true },
	{ "another in them", "::ffff:192.0.2.1", "192.0.2.2", false },
	{ "no address", "x", "0.0.0.0", true },
	{ "no address is nobody else's", "x", "::", false },
};

static struct source by_sockaddr(const char *text)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = 1, .sin6_scope_id = 7 };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = 2 };

	if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
		return source_of((const struct sockaddr *)&six);
	inet_pton(AF_INET, text, &four.sin_addr);
	return source_of((const struct sockaddr *)&four);
}

static void sources_are_told_apart(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct source a = source_of_text(cases[i].a), b = source_of_text(cases[i].b);
		struct source c = by_sockaddr(cases[i].b);

		if ((memcmp(&a, &b, sizeof(a)) == 0) != cases[i].same)
			fail_msg("%s: %s and %s", cases[i].what, cases[i].a, cases[i].b);
		if (memcmp(&b, &c, sizeof(b)) != 0)
			fail_msg("%s: %s is another as text", cases[i].what, cases[i].b);
		assert_int_equal(source_bytes(&a).len, a.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
