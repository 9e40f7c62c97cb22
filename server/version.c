/* SPDX-License-Identifier: Apache-2.0 */
/* server/version.c - the version, and which back end does the cryptography of which suite. */
#include "server/version.h"

#include <sys/utsname.h>

#include "tls/aead.h"
#include "tls/pki.h"

/* One row of `suites`: {"cipher", "aead", "detail"}. */
static json_t *suite_object(enum tls_suite suite)
{
	const struct aead_backend *backend = aead_for(suite);

	return json_pack("{s:s, s:s, s:s}", "cipher", tls_suite_name(suite), "aead", backend->name,
			 "detail", backend->about());
}

json_t *version_suites(void)
{
	enum tls_suite suite[2];
	unsigned count = aead_suites(suite);
	json_t *suites = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(suites, suite_object(suite[i]));
	return suites;
}

static bool serves_any(const struct aead_backend *backend)
{
	return backend->serves(TLS_AES_256_GCM_SHA384) ||
	       backend->serves(TLS_CHACHA20_POLY1305_SHA256);
}

/* Back ends of this program that this machine cannot use, and why: an admin may want to know. */
static json_t *unusable(void)
{
	json_t *unusable = json_array();

	for (const struct aead_backend *const *each = aead_backends(); *each; each++)
		if (!serves_any(*each))
			json_array_append_new(unusable,
					      json_pack("{s:s, s:s}", "aead", (*each)->name,
							"reason", (*each)->about()));
	return unusable;
}

json_t *version_object(void)
{
	struct utsname host = { .machine = "?" };
	enum tls_suite suite[2];
	unsigned suites = aead_suites(suite);

	uname(&host); /* it cannot fail with room to write to */
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "schema", 1, "version",
			 LANYARD_VERSION, "cipher", suites > 0 ? tls_suite_name(suite[0]) : "none",
			 "aead", suites > 0 ? aead_for(suite[0])->name : "none", "tls",
			 pki_library(), "machine", host.machine, "suites", version_suites(),
			 "unusable", unusable());
}
