/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/aead_back_end.h
 *
 * A test of one back end with one suite: both are the program's arguments, so that meson counts
 * what this machine cannot try as skipped.
 */
#ifndef TESTS_UNIT_TLS_AEAD_BACK_END_H
#define TESTS_UNIT_TLS_AEAD_BACK_END_H

#include "tests/unit/tls/hex.h"
#include "tls/aead.h"

#define SKIPPED 77 /* meson's word for it */

/* Those that there can be; tests/unit/tls/meson.build names them too. */
static const char *const back_end_names[] = { "intel-ipsec-mb", "libsodium" };

/* What is under test. */
static const struct aead_backend *back_end;
static enum tls_suite suite;

static inline const struct aead_backend *back_end_by_name(const char *name)
{
	for (const struct aead_backend *const *each = aead_backends(); *each; each++) {
		if (strcmp((*each)->name, name) == 0)
			return *each;
	}
	return NULL;
}

static inline bool suite_by_name(const char *name)
{
	static const enum tls_suite suites[] = { TLS_AES_256_GCM_SHA384,
						 TLS_CHACHA20_POLY1305_SHA256 };

	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		suite = suites[i];
		if (strcmp(tls_suite_name(suite), name) == 0)
			return true;
	}
	return false;
}

static inline bool back_end_can_be(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(back_end_names); i++) {
		if (strcmp(back_end_names[i], name) == 0)
			return true;
	}
	return false;
}

/* 0 if the test can be run, else the program's exit status. */
static inline int back_end_choose(int argc, char **argv)
{
	if (argc != 3 || !back_end_can_be(argv[1]) || !suite_by_name(argv[2])) {
		fprintf(stderr, "usage: %s BACK-END SUITE\n", argv[0]);
		return 2;
	}
	back_end = back_end_by_name(argv[1]);
	if (!back_end) {
		fprintf(stderr, "skipped: %s is not built in\n", argv[1]);
		return SKIPPED;
	}
	if (!back_end->serves(suite)) {
		fprintf(stderr, "skipped: %s does not serve %s here (%s)\n", argv[1], argv[2],
			back_end->about());
		return SKIPPED;
	}
	return 0;
}

static inline struct aead_key *key_like(uint32_t seed)
{
	uint8_t octet[32];

	fill(octet, sizeof(octet), seed);
	struct aead_key *key = back_end->key_new(suite, octet);
	assert_non_null(key);
	return key;
}

static inline size_t total_len(const struct bytes *part, unsigned part_count)
{
	size_t len = 0;

	for (unsigned i = 0; i < part_count; i++)
		len += part[i].len;
	return len;
}

#endif
