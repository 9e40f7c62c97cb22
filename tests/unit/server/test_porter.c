/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_porter.c - how many browsers there may be, and that a porter that was never
 * needed, or has ended, takes none; what it does with those it has is in
 * tests/netns/test_api_vpn_port.py. */
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "server/porter_private.h"
#include "tests/unit/server/folder.h"

static const struct {
	unsigned strangers, per_source; /* the configuration's */
	unsigned most, own;		/* the porter's */
} limits[] = {
	{ 1024, 128, 64, 24 },
	{ 64, 24, 64, 24 },
	{ 63, 23, 63, 23 },
	{ 1, 1, 1, 1 },
};

static void browsers_are_few_and_never_more_than_strangers(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits) * 2; i++) {
		bool later = i % 2; /* by a reload */
		size_t row = i / 2;
		struct porter *porter = porter_new(later ? 7 : limits[row].strangers,
						   later ? 7 : limits[row].per_source, NULL);

		assert_non_null(porter);
		if (later)
			porter_limit(porter, limits[row].strangers, limits[row].per_source);
		assert_int_equal(porter->most, limits[row].most);
		assert_int_equal(porter->per_source, limits[row].own);
		porter_free(porter);
	}
}

/* What was given and never taken is closed; afterwards nothing is taken, and it stays the giver's. */
static void nothing_is_taken_after_the_end(void **state)
{
	struct tls_secrets secrets = { 0 };
	struct porter *porter = porter_new(1, 1, NULL);
	int pair[2];
	char byte;

	assert_non_null(porter);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_true(porter_take(porter, pair[0], &secrets));
	porter_stop(porter);
	assert_false(porter_take(porter, pair[1], &secrets));
	porter_free(porter);
	assert_int_equal(recv(pair[1], &byte, 1, 0), 0);
	assert_int_equal(close(pair[1]), 0);
	porter_stop(NULL);
	porter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(browsers_are_few_and_never_more_than_strangers),
		cmocka_unit_test(nothing_is_taken_after_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
