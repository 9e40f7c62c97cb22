/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_aead_choice.c
 *
 * Which back end serves what on this machine, and that threads may ask at once.
 */
#include <pthread.h>

#include "tests/unit/tls/aead_back_end.h"

#define THREADS 8

static const struct aead_backend *seen[THREADS];

static void *ask(void *number)
{
	seen[(size_t)number] = aead_for(TLS_CHACHA20_POLY1305_SHA256);
	return NULL;
}

/* The first question of all opens the libraries. */
static void threads_may_ask_at_once(void **state)
{
	pthread_t thread[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask, (void *)i), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_ptr_equal(seen[i], aead_for(TLS_CHACHA20_POLY1305_SHA256));
}

static void suites_are_those_with_a_back_end(void **state)
{
	enum tls_suite suites[2];
	unsigned count = aead_suites(suites);

	assert_in_range(count, 1, 2);
	for (unsigned i = 0; i < count; i++)
		assert_non_null(aead_for(suites[i]));
	/* Fastest first: AES only where there are instructions for it. */
	bool has_aes = aead_for(TLS_AES_256_GCM_SHA384);
	assert_int_equal(suites[0],
			 has_aes ? TLS_AES_256_GCM_SHA384 : TLS_CHACHA20_POLY1305_SHA256);
	assert_int_equal(count, has_aes ? 2 : 1);
	assert_null(aead_for((enum tls_suite)0x1301)); /* AES-128 is not ours */
}

/* The first that can serves, whatever comes behind it. */
static void the_first_that_can_serves(void **state)
{
	static const enum tls_suite suites[] = { TLS_AES_256_GCM_SHA384,
						 TLS_CHACHA20_POLY1305_SHA256 };

	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		const struct aead_backend *const *first = aead_backends();

		while (*first && !(*first)->serves(suites[i]))
			first++;
		assert_ptr_equal(aead_for(suites[i]), *first);
	}
	/* libsodium is always there, and last */
	assert_true(aead_libsodium.serves(TLS_CHACHA20_POLY1305_SHA256));
	for (const struct aead_backend *const *each = aead_backends(); *each; each++)
		assert_true((*each == &aead_libsodium) == (each[1] == NULL));
}

/* Every one is tested: a new one belongs into back_end_names. */
static void every_back_end_is_known_here(void **state)
{
	for (const struct aead_backend *const *each = aead_backends(); *each; each++) {
		if (!back_end_can_be((*each)->name))
			fail_msg("%s is not in back_end_names", (*each)->name);
		if (strlen((*each)->about()) == 0)
			fail_msg("%s says nothing about itself", (*each)->name);
		printf("%s: %s\n", (*each)->name, (*each)->about());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_may_ask_at_once), /* first */
		cmocka_unit_test(suites_are_those_with_a_back_end),
		cmocka_unit_test(the_first_that_can_serves),
		cmocka_unit_test(every_back_end_is_known_here),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
