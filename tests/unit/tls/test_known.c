/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_known.c - which certificates are known, and who makes way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tls/known.h"

static const mbedtls_x509_crt one_authority, other_authority;

/* Certificates of the same first two bytes share a set. */
static const uint8_t *fingerprint(uint16_t set, uint32_t number, uint8_t out[PKI_FINGERPRINT_LEN])
{
	memset(out, 0, PKI_FINGERPRINT_LEN);
	out[0] = (uint8_t)(set >> 8);
	out[1] = (uint8_t)set;
	memcpy(out + PKI_FINGERPRINT_LEN - sizeof(number), &number, sizeof(number));
	return out;
}

/* A letter each: it is added, in capitals, or asked for, in small ones, which may be in vain. */
static const struct {
	const char *what, *steps, *there, *gone;
} cases[] = {
	{ "nothing", "", "", "ABCDE" },
	{ "one", "A", "A", "BCDE" },
	{ "as many as a set holds", "ABCD", "ABCD", "E" },
	{ "one more: the first makes way", "ABCDE", "BCDE", "A" },
	{ "unless it was asked for since", "ABCDaE", "ACDE", "B" },
	{ "who is asked for in vain pushes nobody out", "ABCDe", "ABCD", "E" },
	{ "nor does who comes again", "ABCDAD", "ABCD", "E" },
	{ "though it is younger then", "ABCDAE", "ACDE", "B" },
	{ "and twice is not there twice", "AABBCCDDE", "BCDE", "A" },
	{ "all of them are wanted in turn", "ABCDabcdE", "BCDE", "A" },
};

static void run(struct known *known, const char *steps)
{
	uint8_t of[PKI_FINGERPRINT_LEN];

	for (; *steps; steps++) {
		if (*steps <= 'Z')
			known_add(known, fingerprint(7, (uint32_t)*steps, of), &one_authority);
		else
			known_signer(known, fingerprint(7, (uint32_t)(*steps - 'a' + 'A'), of));
	}
}

static void who_is_wanted_stays(void **state)
{
	uint8_t of[PKI_FINGERPRINT_LEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct known *known = known_new();

		assert_non_null(known);
		run(known, cases[i].steps);
		for (const char *at = cases[i].gone; *at; at++)
			if (known_signer(known, fingerprint(7, (uint32_t)*at, of)))
				fail_msg("%s: %c is known", cases[i].what, *at);
		for (const char *at = cases[i].there; *at; at++)
			if (known_signer(known, fingerprint(7, (uint32_t)*at, of)) !=
			    &one_authority)
				fail_msg("%s: %c is not known", cases[i].what, *at);
		known_free(known);
	}
	known_free(NULL);
}

static void each_bit_counts(void **state)
{
	struct known *known = known_new();
	uint8_t of[PKI_FINGERPRINT_LEN];

	assert_non_null(known);
	known_add(known, fingerprint(0x1234, 5, of), &one_authority);
	for (unsigned bit = 0; bit < 8 * PKI_FINGERPRINT_LEN; bit++) {
		fingerprint(0x1234, 5, of);
		of[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (known_signer(known, of))
			fail_msg("bit %u does not count", bit);
	}
	known_free(known);
}

static void it_is_known_who_signed(void **state)
{
	struct known *known = known_new();
	uint8_t of[PKI_FINGERPRINT_LEN];

	assert_non_null(known);
	known_add(known, fingerprint(1, 1, of), &one_authority);
	known_add(known, fingerprint(1, 2, of), &other_authority);
	assert_ptr_equal(known_signer(known, fingerprint(1, 1, of)), &one_authority);
	assert_ptr_equal(known_signer(known, fingerprint(1, 2, of)), &other_authority);
	known_add(known, fingerprint(1, 1, of), &other_authority);
	assert_ptr_equal(known_signer(known, fingerprint(1, 1, of)), &other_authority);
	known_free(known);
}

static void there_is_an_end(void **state)
{
	struct known *known = known_new();
	uint8_t of[PKI_FINGERPRINT_LEN];
	unsigned found = 0;

	assert_non_null(known);
	for (uint32_t i = 0; i < 2 * KNOWN_MAX; i++)
		known_add(known, fingerprint((uint16_t)i, i, of), &one_authority);
	for (uint32_t i = 0; i < 2 * KNOWN_MAX; i++)
		found += known_signer(known, fingerprint((uint16_t)i, i, of)) != NULL;
	assert_int_equal(found, KNOWN_MAX);
	known_free(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_wanted_stays),
		cmocka_unit_test(each_bit_counts),
		cmocka_unit_test(it_is_known_who_signed),
		cmocka_unit_test(there_is_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
