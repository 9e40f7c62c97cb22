/* SPDX-License-Identifier: Apache-2.0 */
/* tls/aead.c
 *
 * Which back end serves which suite on this machine: the first in the list that can.
 * A new back end is one line here and one file of its own.
 */
#include "tls/aead.h"

/* Fastest first. */
static const struct aead_backend *const backends[] = {
#ifdef LANYARD_IPSEC_MB
	&aead_ipsec_mb,
#endif
	&aead_libsodium,
	NULL,
};

/* Fastest first where both are served: AES is, with the instructions that back ends ask for. */
static const enum tls_suite suites[] = {
	TLS_AES_256_GCM_SHA384,
	TLS_CHACHA20_POLY1305_SHA256,
};

const struct aead_backend *const *aead_backends(void)
{
	return backends;
}

const struct aead_backend *aead_for(enum tls_suite suite)
{
	for (size_t i = 0; backends[i]; i++) {
		if (backends[i]->serves(suite))
			return backends[i];
	}
	return NULL;
}

unsigned aead_suites(enum tls_suite suite[2])
{
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		if (aead_for(suites[i]))
			suite[count++] = suites[i];
	}
	return count;
}
