/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_source.c - how often a source may ask, and how many connections it has. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admin/source.h"

static struct sources *sources;

static int begin_test(void **state)
{
	struct siphash_key key = { 1, 2 };

	sources = sources_new(&key);
	return sources ? 0 : -1;
}

static int end_test(void **state)
{
	sources_free(sources);
	return 0;
}

static struct sockaddr_storage from(const char *text)
{
	struct sockaddr_storage storage = { 0 };
	struct sockaddr_in6 *six = (void *)&storage;
	struct sockaddr_in *four = (void *)&storage;

	if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		six->sin6_family = AF_INET6;
	else if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		four->sin_family = AF_INET;
	else
		fail_msg("%s", text);
	return storage;
}

static bool asks(const char *text, uint64_t now_ms)
{
	struct sockaddr_storage at = from(text);

	return source_may_ask(sources, (struct sockaddr *)&at, now_ms);
}

static bool connects(const char *text)
{
	struct sockaddr_storage at = from(text);

	return source_connect(sources, (struct sockaddr *)&at, 0);
}

static void requests_are_bounded(void **state)
{
	for (unsigned i = 0; i < SOURCE_BURST; i++)
		assert_true(asks("192.0.2.1", 1000));
	assert_false(asks("192.0.2.1", 1000));
	assert_true(asks("192.0.2.2", 1000));
	assert_true(asks("192.0.2.1", 1000 + 1000 / SOURCE_PER_S));
	assert_false(asks("192.0.2.1", 1000 + 1000 / SOURCE_PER_S));
}

static void a_subscriber_is_one_source(void **state)
{
	for (unsigned i = 0; i < SOURCE_BURST; i++)
		assert_true(asks(i % 2 ? "2001:db8::1" : "2001:db8::ffff:2", 0));
	assert_false(asks("2001:db8::3", 0));
	assert_true(asks("2001:db8:0:1::1", 0));
}

static void an_address_in_other_clothes_is_the_same(void **state)
{
	for (unsigned i = 0; i < SOURCE_BURST; i++)
		assert_true(asks("192.0.2.1", 0));
	assert_false(asks("::ffff:192.0.2.1", 0));
	assert_true(asks("::ffff:192.0.2.2", 0));
}

static void connections_are_bounded(void **state)
{
	struct sockaddr_storage at = from("192.0.2.1");

	for (unsigned i = 0; i < SOURCE_CONNECTIONS; i++)
		assert_true(connects("192.0.2.1"));
	assert_false(connects("192.0.2.1"));
	assert_true(connects("192.0.2.2"));
	source_disconnect(sources, (struct sockaddr *)&at);
	assert_true(connects("192.0.2.1"));
	assert_false(connects("192.0.2.1"));
}

/* Whoever asks from everywhere pushes nobody out who has connections. */
static void who_has_connections_keeps_its_place(void **state)
{
	char text[32];

	for (unsigned i = 0; i < SOURCE_CONNECTIONS; i++)
		assert_true(connects("192.0.2.1"));
	for (unsigned i = 0; i < 20 * SOURCES; i++) {
		snprintf(text, sizeof(text), "10.1.%u.%u", i / 256, i % 256);
		assert_true(asks(text, 1000 + i));
	}
	assert_false(connects("192.0.2.1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_are_bounded),
		TEST(a_subscriber_is_one_source),
		TEST(an_address_in_other_clothes_is_the_same),
		TEST(connections_are_bounded),
		TEST(who_has_connections_keeps_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
