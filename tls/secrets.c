/* SPDX-License-Identifier: Apache-2.0 */
/* tls/secrets.c
 *
 * Names suites and wipes secrets.
 */
#include "tls/secrets.h"

#include <string.h>

const char *tls_suite_name(enum tls_suite suite)
{
	switch (suite) {
	case TLS_AES_256_GCM_SHA384: return "TLS_AES_256_GCM_SHA384";
	case TLS_CHACHA20_POLY1305_SHA256: return "TLS_CHACHA20_POLY1305_SHA256";
	}
	return "none";
}

void tls_secrets_wipe(struct tls_secrets *secrets)
{
	explicit_bzero(secrets, sizeof(*secrets));
}
