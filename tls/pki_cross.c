/* SPDX-License-Identifier: Apache-2.0 */
/* tls/pki_cross.c
 *
 * One CA follows another: the new one's key, signed by the old one as well.  RFC 4210 4.4 calls it
 * "new with old".  And which of several has signed something.
 */
#include <string.h>

#include "tls/pki_issue.h"

int pki_cross_sign(const struct pki_pair *older, const char *certificate, int64_t not_before_s,
		   char cross[static PKI_PEM_MAX], struct err *err)
{
	mbedtls_x509_crt newer;
	struct issue issue;
	char name[PKI_NAME_MAX], issuer[PKI_NAME_MAX];
	int result = -1;

	mbedtls_x509_crt_init(&newer);
	issue_init(&issue);
	if (certificate_parse(&newer, certificate, "the new CA certificate", err) ||
	    issue_load_authority(&issue, older, err))
		goto out;
	certificate_common_name(&newer, name);
	certificate_common_name(&issue.issuer, issuer);
	/* RFC 5280 6.1.4 (l): what its own name has issued does not count in the path */
	if (!certificate_is_authority(&newer) || strcmp(name, issuer) != 0) {
		err_set(err, "a CA follows one of the same name only");
		goto out;
	}
	if (issue_set_subject(&issue, name, err) == 0 &&
	    issue_set_issuer(&issue, &issue.issuer.subject, err) == 0 &&
	    issue_set_serial(&issue, err) == 0 &&
	    issue_set_dates(&issue, not_before_s, certificate_time_s(&issue.issuer.valid_to),
			    err) == 0 &&
	    issue_set_authority(&issue, err) == 0)
		result = issue_sign(&issue, &newer.pk, &issue.issuer_key, cross, err);
out:
	issue_free(&issue);
	mbedtls_x509_crt_free(&newer);
	return result;
}

static bool is_signed_by(mbedtls_x509_crt *certificate, mbedtls_x509_crt *authority)
{
	mbedtls_x509_crt *others = authority->next;
	uint32_t flags = 0;

	authority->next = NULL; /* by this one, and no other */
	int error = mbedtls_x509_crt_verify(certificate, authority, NULL, NULL, &flags, NULL, NULL);
	authority->next = others;
	return error == 0 || (error == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED &&
			      !(flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED));
}

int pki_signer(const char *certificate, const char *authorities)
{
	mbedtls_x509_crt parsed, all;
	int place = 0, found = -1;

	mbedtls_x509_crt_init(&parsed);
	mbedtls_x509_crt_init(&all);
	if (certificate_parse(&parsed, certificate, "", NULL) == 0 &&
	    certificate_parse(&all, authorities, "", NULL) == 0)
		for (mbedtls_x509_crt *one = &all; one && found < 0; one = one->next, place++)
			found = is_signed_by(&parsed, one) ? place : -1;
	mbedtls_x509_crt_free(&all);
	mbedtls_x509_crt_free(&parsed);
	return found;
}
