/* SPDX-License-Identifier: Apache-2.0 */
/* tls/verify.c
 *
 * mbedTLS is given no CA for a server's handshakes: it looks at dates, usages and strength of what the
 * client shows, and at the proof that the client has its key (RFC 8446 4.4.3).  Only then is asked who
 * signed it (RFC 5280 6.1.3 a 1).  So who shows another's certificate cannot tell, by the time it takes,
 * whether that one was here before; and only one that has logged in is remembered.
 */
#include "tls/verify.h"

/* A CA that has ended signs for nobody, RFC 5280 6.1.3 a 2; mbedTLS has done so with the client's. */
static bool is_in_time(const mbedtls_x509_crt *signer)
{
	return !mbedtls_x509_time_is_past(&signer->valid_to) &&
	       !mbedtls_x509_time_is_future(&signer->valid_from);
}

/* The CA that signed it, if all that changes from one time to the next is as it was when the signature
 * was verified.  Whatever else is odd goes the long way: NULL. */
static const mbedtls_x509_crt *find_known(const struct tls_credentials *credentials,
					  const uint8_t *fingerprint, uint32_t found)
{
	const mbedtls_x509_crt *signer = known_signer(credentials->known, fingerprint);

	return signer && is_in_time(signer) &&
			       (found & ~(uint32_t)MBEDTLS_X509_BADCERT_NOT_TRUSTED) == 0
		       ? signer
		       : NULL;
}

/* As mbedTLS asks about a chain in which it finds nothing wrong: the CA first. */
static int check_known(struct peer_check *check, mbedtls_x509_crt *certificate,
		       const mbedtls_x509_crt *signer, uint32_t *flags)
{
	mbedtls_x509_crt authority = *signer;

	peer_check_certificate(check, &authority, 1, flags);
	check->signer = signer;
	return peer_check_certificate(check, certificate, 0, flags);
}

int verify_client(const struct tls_credentials *credentials, struct peer_check *check,
		  const mbedtls_x509_crt *certificate, uint32_t found)
{
	mbedtls_x509_crt *authority = (mbedtls_x509_crt *)(uintptr_t)&credentials->authority;
	mbedtls_x509_crt alone = *certificate;
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	uint32_t flags = 0;
	int error;

	/* What else is shown signs nothing here: our CAs sign what clients have, and nothing in between,
	 * whatever their path length allows (see issue_set_authority). */
	alone.next = NULL;
	if (!certificate_fingerprint(certificate, fingerprint))
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	const mbedtls_x509_crt *known = find_known(credentials, fingerprint, found);
	if (known)
		error = check_known(check, &alone, known, &flags);
	else
		error = mbedtls_x509_crt_verify_with_profile(&alone, authority, NULL,
							     &credentials->profile, NULL, &flags,
							     peer_check_certificate, check);
	if (error != 0 && error != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
		return error;
	if (flags != 0 || check->problem != PEER_FINE)
		return MBEDTLS_ERR_SSL_BAD_CERTIFICATE;
	if (!known && check->signer)
		known_add(credentials->known, fingerprint, check->signer);
	return 0;
}
