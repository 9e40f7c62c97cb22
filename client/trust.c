/* SPDX-License-Identifier: Apache-2.0 */
/* client/trust.c - the profile's three kinds of trust, and where systems keep their CAs. */
#include "client/trust.h"

#include <unistd.h>

#include "client/file.h"

#define STORE_MAX (8u << 20)

/* One file with all of them, PEM. */
static const char *const stores[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Gentoo */
	"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
	"/etc/ssl/ca-bundle.pem",	      /* openSUSE */
	"/etc/ssl/cert.pem",		      /* Alpine */
};

static struct tls_credentials *trust_system(const char *certificate, const char *key,
					    struct err *err)
{
	struct tls_credentials *credentials;
	size_t which = 0, len;

	while (which < ARRAY_LEN(stores) && access(stores[which], R_OK) != 0)
		which++;
	if (which == ARRAY_LEN(stores)) {
		err_set(err,
			"[trust] system: this system has no store of CA certificates, as in %s; "
			"install ca-certificates",
			stores[0]);
		return NULL;
	}
	char *store = file_read(stores[which], STORE_MAX, &len, err);
	if (!store)
		return NULL;
	credentials = tls_credentials_public(store, certificate, key, err);
	file_forget(store, len);
	return credentials;
}

struct tls_credentials *trust_credentials(const struct profile *profile, const char *name,
					  struct err *err)
{
	const char *certificate = profile->certificate[0] ? profile->certificate : NULL;
	const char *key = profile->key[0] ? profile->key : NULL;
	struct tls_credentials *credentials;

	if (profile->system)
		credentials = trust_system(certificate, key, err);
	else if (profile->pin.given)
		credentials =
			tls_credentials_pinned(profile->pin.fingerprint, certificate, key, err);
	else
		credentials = tls_credentials_new(TLS_CLIENT, profile->ca, certificate, key, err);
	if (!credentials) {
		err_context(err, "%s", name);
		err->kind = ERR_CONFIG;
	}
	return credentials;
}
