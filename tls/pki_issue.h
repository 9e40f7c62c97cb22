/* SPDX-License-Identifier: Apache-2.0 */
/* tls/pki_issue.h
 *
 * A certificate in the making: what pki.c (our own keys) and pki_request.c (other people's) share.
 * Inside tls/ only.
 */
#ifndef TLS_PKI_ISSUE_H
#define TLS_PKI_ISSUE_H

#include "tls/certificate.h"

/* One certificate in the making; `key` is the subject's, `issuer_key` who signs. */
struct issue {
	mbedtls_x509write_cert writer;
	mbedtls_pk_context key, issuer_key;
	mbedtls_x509_crt issuer;
};

void issue_init(struct issue *issue);
void issue_free(struct issue *issue);
/* Each: -1 and a sentence. */
int issue_make_key(mbedtls_pk_context *key, struct err *err);
int issue_name(const char *common_name, char *out, size_t cap, struct err *err);
int issue_set_subject(struct issue *issue, const char *common_name, struct err *err);
int issue_set_issuer(struct issue *issue, const mbedtls_x509_name *issuer, struct err *err);
int issue_set_serial(struct issue *issue, struct err *err);
int issue_set_dates(struct issue *issue, int64_t not_before_s, int64_t not_after_s,
		    struct err *err);
/* Not beyond the issuer's own end, for which nobody takes it. */
int issue_set_dates_below(struct issue *issue, const struct pki_request *request, struct err *err);
int issue_set_authority(struct issue *issue,
			struct err *err); /* a CA: it signs no other but its successor */
int issue_set_usage(struct issue *issue, enum pki_use use, struct err *err);
int issue_load_authority(struct issue *issue, const struct pki_pair *authority, struct err *err);
/* Everything that a CA's and any other certificate have in common; then signs. */
int issue_sign(struct issue *issue, mbedtls_pk_context *subject_key, mbedtls_pk_context *issuer_key,
	       char certificate[static PKI_PEM_MAX], struct err *err);

#endif
