/* SPDX-License-Identifier: Apache-2.0 */
/* server/version.c - the version, and the cipher and back end that new connections get first. */
#include "server/version.h"

#include <sys/utsname.h>

#include "tls/aead.h"
#include "tls/pki.h"

json_t *version_object(void)
{
	struct utsname host = { .machine = "?" };
	enum tls_suite suite[2];
	unsigned suites = aead_suites(suite);

	uname(&host); /* it cannot fail with room to write to */
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "schema", 1, "version", LANYARD_VERSION,
			 "cipher", suites > 0 ? tls_suite_name(suite[0]) : "none", "aead",
			 suites > 0 ? aead_for(suite[0])->name : "none", "tls", pki_library(),
			 "machine", host.machine);
}
