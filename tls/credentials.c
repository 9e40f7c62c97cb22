/* SPDX-License-Identifier: Apache-2.0 */
/* tls/credentials.c
 *
 * Credentials and the one configuration of mbedTLS: TLS 1.3, two suites, two groups, no
 * resumption of any kind.
 *
 * RFC 8446 4.2.3 (signature algorithms), 4.2.7 (groups), 4.2.9 (no pre-shared keys).
 */
#include "tls/credentials.h"

#include <stdlib.h>

#include "tls/aead.h"
#include "tls/certificate.h"

/* P-256 takes mbedTLS 3.6 a little less time: 3.3 instead of 3.6 ms for each end's handshake. */
static const uint16_t groups[] = {
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
	MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

/* The PKCS#1 ones are for certificates only (RFC 8446 4.2.3). */
static const uint16_t signatures[] = {
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
	MBEDTLS_TLS1_3_SIG_NONE,
};

/* mbedTLS takes the first of the server's that the client knows, too; whether the second is allowed is
 * for each handshake to say (handshake_check_hello). */
static const char *client_protocols[] = { TLS_ALPN, NULL };
static const char *server_protocols[] = { TLS_ALPN, TLS_ALPN_HTTP, NULL };

/* The fastest suite first; mbedTLS takes its own numbers, which are those of RFC 8446 B.4. */
static int conf_suites(struct tls_credentials *credentials, struct err *err)
{
	enum tls_suite suite[2];
	unsigned count = aead_suites(suite);

	if (count == 0)
		return err_set(err, "no cipher suite of ours runs on this machine");
	for (unsigned i = 0; i < count; i++)
		credentials->suites[i] = (int)suite[i];
	mbedtls_ssl_conf_ciphersuites(&credentials->config, credentials->suites);
	return 0;
}

static void conf_refuse_resumption(mbedtls_ssl_config *config, enum tls_role role)
{
	mbedtls_ssl_conf_tls13_key_exchange_modes(config,
						  MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	switch (role) {
	case TLS_CLIENT:
		mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
		break;
	case TLS_SERVER: mbedtls_ssl_conf_new_session_tickets(config, 0); break;
	}
#endif
#if defined(MBEDTLS_SSL_EARLY_DATA)
	mbedtls_ssl_conf_early_data(config, MBEDTLS_SSL_EARLY_DATA_DISABLED);
#endif
}

/* SHA-256 or better; P-256, P-384, RSA from 2048 bits.  Of the library's profiles only suite B's
 * has just these curves, but it has no RSA. */
static void make_profile(mbedtls_x509_crt_profile *profile)
{
	*profile = mbedtls_x509_crt_profile_default;
	profile->allowed_curves = mbedtls_x509_crt_profile_suiteb.allowed_curves;
	profile->rsa_min_bitlen = 2048;
}

/* A server asks for a certificate, and looks for who signed it at the end: tls/verify.c. */
static void conf_trust(struct tls_credentials *credentials)
{
	mbedtls_ssl_config *config = &credentials->config;

	switch (credentials->role) {
	case TLS_CLIENT:
		mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
		mbedtls_ssl_conf_ca_chain(config, &credentials->authority, NULL);
		break;
	case TLS_SERVER:
		mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_OPTIONAL);
		mbedtls_ssl_conf_cert_cb(config, handshake_check_hello);
		break;
	}
}

static int conf(struct tls_credentials *credentials, struct err *err)
{
	mbedtls_ssl_config *config = &credentials->config;
	int endpoint =
		credentials->role == TLS_SERVER ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;

	if (mbedtls_ssl_config_defaults(config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM,
					MBEDTLS_SSL_PRESET_DEFAULT))
		return err_set(err, "cannot configure TLS");
	mbed_conf_random(config);
	mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
	mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
	mbedtls_ssl_conf_groups(config, groups);
	mbedtls_ssl_conf_sig_algs(config, signatures);
	conf_refuse_resumption(config, credentials->role);
	mbedtls_ssl_conf_cert_profile(config, &credentials->profile);
	conf_trust(credentials);
	if ((credentials->has_certificate &&
	     mbedtls_ssl_conf_own_cert(config, &credentials->certificate, &credentials->key)) ||
	    mbedtls_ssl_conf_alpn_protocols(
		    config, credentials->role == TLS_SERVER ? server_protocols : client_protocols))
		return err_set(err, "cannot configure TLS");
	return conf_suites(credentials, err);
}

/* mbedTLS would trust any certificate in the list as it stands, a server's too. */
static int check_authority(const mbedtls_x509_crt *authority, struct err *err)
{
	for (; authority; authority = authority->next) {
		if (!certificate_is_authority(authority))
			return err_set(err,
				       "a certificate given as that of a CA is not one of a CA");
	}
	return 0;
}

/* Whom the other end trusts is not ours to know: only the strength of keys and hashes counts. */
static bool is_strong(struct tls_credentials *credentials)
{
	uint32_t flags = 0;
	int error = mbedtls_x509_crt_verify_with_profile(
		&credentials->certificate, &credentials->authority, NULL, &credentials->profile,
		NULL, &flags, NULL, NULL);

	if (error != 0 && error != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
		return false;
	return (flags & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK |
			 MBEDTLS_X509_BADCERT_BAD_KEY)) == 0;
}

/* The other end would refuse it, and mbedTLS would not even show it. */
static int check_own(struct tls_credentials *credentials, struct err *err)
{
	bool server = credentials->role == TLS_SERVER;

	if (!certificate_is_for(&credentials->certificate, server ? PKI_SERVER : PKI_CLIENT) ||
	    !certificate_may_sign(&credentials->certificate))
		return err_set(err, "the certificate is not made for a %s (see its key usages)",
			       server ? "server" : "client");
	if (!is_strong(credentials))
		return err_set(err,
			       "the certificate has, or is signed by, a key that is not P-256, "
			       "P-384 or RSA from 2048 bits, or a hash weaker than SHA-256");
	if (mbed_check_pair(&credentials->certificate.pk, &credentials->key))
		return err_set(err, "the private key does not belong to the certificate");
	return 0;
}

static int parse_own(struct tls_credentials *credentials, const char *certificate, const char *key,
		     struct err *err)
{
	if (!certificate && !key && credentials->role == TLS_CLIENT)
		return 0;
	if (!certificate || !key)
		return err_set(err, "a certificate and its private key are needed");
	credentials->has_certificate = true;
	if (certificate_parse(&credentials->certificate, certificate, "the certificate", err) ||
	    certificate_parse_key(&credentials->key, key, err))
		return -1;
	return check_own(credentials, err);
}

static struct tls_credentials *begin(enum tls_role role, struct err *err)
{
	struct tls_credentials *credentials = calloc(1, sizeof(*credentials));

	if (credentials && role == TLS_SERVER)
		credentials->known = known_new();
	if (!credentials || (role == TLS_SERVER && !credentials->known)) {
		free(credentials);
		err_set(err, "out of memory");
		return NULL;
	}
	credentials->role = role;
	make_profile(&credentials->profile);
	mbedtls_x509_crt_init(&credentials->authority);
	mbedtls_x509_crt_init(&credentials->certificate);
	mbedtls_pk_init(&credentials->key);
	mbedtls_ssl_config_init(&credentials->config);
	return credentials;
}

/* With whom is trusted in it; `failed`: it came to nothing. */
static struct tls_credentials *end(struct tls_credentials *credentials, int failed,
				   const char *certificate, const char *key, struct err *err)
{
	if (credentials &&
	    (failed || parse_own(credentials, certificate, key, err) || conf(credentials, err))) {
		tls_credentials_free(credentials);
		return NULL;
	}
	return credentials;
}

static int64_t last_end_s(const mbedtls_x509_crt *authority)
{
	int64_t last_s = 0;

	for (; authority; authority = authority->next) {
		int64_t end_s = certificate_time_s(&authority->valid_to);

		last_s = end_s > last_s ? end_s : last_s;
	}
	return last_s;
}

struct tls_credentials *tls_credentials_new(enum tls_role role, const char *authority,
					    const char *certificate, const char *key,
					    struct err *err)
{
	struct tls_credentials *credentials = begin(role, err);
	int failed =
		!credentials ||
		certificate_parse(&credentials->authority, authority, "the CA certificate", err) ||
		check_authority(&credentials->authority, err);

	if (!failed)
		credentials->trusted_until_s = last_end_s(&credentials->authority);
	return end(credentials, failed, certificate, key, err);
}

struct tls_credentials *
tls_credentials_pinned(const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
		       const char *certificate, const char *key, struct err *err)
{
	struct tls_credentials *credentials = begin(TLS_CLIENT, err);

	if (credentials) {
		credentials->pinned = true;
		memcpy(credentials->fingerprint, fingerprint, PKI_FINGERPRINT_LEN);
	}
	return end(credentials, 0, certificate, key, err);
}

struct tls_credentials *tls_credentials_public(const char *store, const char *certificate,
					       const char *key, struct err *err)
{
	struct tls_credentials *credentials = begin(TLS_CLIENT, err);
	int failed = !credentials;

	/* positive: so many could not be read */
	if (credentials && mbedtls_x509_crt_parse(&credentials->authority, (const uint8_t *)store,
						  strlen(store) + 1) < 0)
		failed = err_set(err, "the system's store of CA certificates cannot be read");
	if (credentials && !failed)
		failed = check_authority(&credentials->authority, err);
	return end(credentials, failed, certificate, key, err);
}

void tls_credentials_free(struct tls_credentials *credentials)
{
	if (!credentials)
		return;
	mbedtls_ssl_config_free(&credentials->config);
	mbedtls_pk_free(&credentials->key);
	mbedtls_x509_crt_free(&credentials->certificate);
	mbedtls_x509_crt_free(&credentials->authority);
	known_free(credentials->known);
	free(credentials);
}
