/* SPDX-License-Identifier: Apache-2.0 */
/* tls/peer.c
 *
 * mbedTLS takes a certificate without an extended key usage for any use, a CA's certificate for
 * a server's, and a common name for a DNS name; Lanyard takes none of them.  Flags are set, never
 * cleared, but for the one that a pinned certificate answers.
 *
 * RFC 5280 4.2.1.3 (key usage), 4.2.1.9 (basic constraints), 4.2.1.12 (extended key usage);
 * RFC 9525 2 (no common name as a server's name).
 */
#include "tls/peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "base/log.h"

#define SUBJECT_TEXT (4 * PKI_NAME_MAX + 40) /* every byte escaped, and words around it */

/* From mbedTLS's flags to our problems; what is not in here is PEER_OTHER. */
static const struct {
	uint32_t flag;
	enum peer_problem problem;
} problems[] = {
	{ MBEDTLS_X509_BADCERT_NOT_TRUSTED, PEER_UNTRUSTED },
	{ MBEDTLS_X509_BADCERT_MISSING, PEER_UNTRUSTED },
	{ MBEDTLS_X509_BADCERT_BAD_MD, PEER_WEAK_HASH },
	{ MBEDTLS_X509_BADCERT_BAD_PK, PEER_WEAK_KEY },
	{ MBEDTLS_X509_BADCERT_BAD_KEY, PEER_WEAK_KEY },
	{ MBEDTLS_X509_BADCERT_EXPIRED, PEER_EXPIRED },
	{ MBEDTLS_X509_BADCERT_FUTURE, PEER_NOT_YET_VALID },
	{ MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, PEER_WRONG_PURPOSE },
	{ MBEDTLS_X509_BADCERT_KEY_USAGE, PEER_MAY_NOT_SIGN },
	{ MBEDTLS_X509_BADCERT_CN_MISMATCH, PEER_WRONG_NAME },
};

static void note(enum peer_problem *worst, enum peer_problem problem)
{
	if (problem < *worst)
		*worst = problem;
}

/* A server's certificate needs no common name; a client's is the user. */
static bool is_user_clean(const struct peer_check *check, const mbedtls_x509_crt *certificate)
{
	char name[PKI_NAME_MAX];
	enum certificate_name kind = certificate_common_name(certificate, name);

	return kind == CERTIFICATE_NAME_OK ||
	       (kind == CERTIFICATE_NAME_NONE && check->role == TLS_CLIENT);
}

static struct bytes parse_address(const char *name, uint8_t octet[static 16])
{
	if (inet_pton(AF_INET, name, octet) == 1)
		return (struct bytes) { octet, 4 };
	if (inet_pton(AF_INET6, name, octet) == 1)
		return (struct bytes) { octet, 16 };
	return (struct bytes) { 0 };
}

bool peer_is_address(const char *name)
{
	uint8_t octet[16];

	return parse_address(name, octet).len > 0;
}

/* Of a server that was dialled by an address. */
static bool has_wanted_address(const struct peer_check *check, const mbedtls_x509_crt *certificate)
{
	uint8_t octet[16];
	struct bytes address = parse_address(check->wanted_name, octet);

	return address.len == 0 || certificate_has_address(certificate, address);
}

/* Our own rules on the peer's certificate itself; each sets a flag too, so that it is refused
 * and the alert fits. */
static enum peer_problem check_leaf(const struct peer_check *check,
				    const mbedtls_x509_crt *certificate, uint32_t *flags)
{
	enum peer_problem worst = PEER_FINE;

	if (!certificate->raw
		     .p) { /* mbedTLS skips a certificate whose algorithm it does not know */
		*flags |= MBEDTLS_X509_BADCERT_BAD_PK;
		return PEER_WEAK_KEY;
	}
	if (certificate_is_authority(certificate)) {
		*flags |= MBEDTLS_X509_BADCERT_KEY_USAGE;
		note(&worst, PEER_IS_AUTHORITY);
	}
	if (!certificate_is_for(certificate, check->role == TLS_CLIENT ? PKI_SERVER : PKI_CLIENT)) {
		*flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
		note(&worst, PEER_WRONG_PURPOSE);
	}
	if (!certificate_may_sign(certificate)) {
		*flags |= MBEDTLS_X509_BADCERT_KEY_USAGE;
		note(&worst, PEER_MAY_NOT_SIGN);
	}
	if (check->role == TLS_CLIENT &&
	    (!mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) ||
	     !has_wanted_address(check, certificate))) {
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
		note(&worst, PEER_WRONG_NAME);
	}
	if (!is_user_clean(check, certificate)) {
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
		note(&worst, PEER_BAD_USER);
	}
	return worst;
}

/* "the server's certificate", "the certificate of client 'alice'", "the CA certificate 'X'". */
static void subject_text(const struct peer_check *check, const mbedtls_x509_crt *certificate,
			 int depth, char text[static SUBJECT_TEXT])
{
	char name[PKI_NAME_MAX], escaped[4 * PKI_NAME_MAX];
	bool named = certificate_common_name(certificate, name) == CERTIFICATE_NAME_OK;

	log_escape(name, strlen(name), escaped, sizeof(escaped));
	if (depth == 0 && check->role == TLS_CLIENT)
		snprintf(text, SUBJECT_TEXT, "the server's certificate");
	else if (depth == 0 && named)
		snprintf(text, SUBJECT_TEXT, "the certificate of client '%s'", escaped);
	else if (depth == 0)
		snprintf(text, SUBJECT_TEXT, "the client's certificate");
	else
		snprintf(text, SUBJECT_TEXT, "the CA certificate '%s'", escaped);
}

static bool ended_on(int64_t end_s, char date[static 48])
{
	time_t when = (time_t)end_s;
	struct tm tm;

	return end_s != 0 && when <= time(NULL) && gmtime_r(&when, &tm) &&
	       strftime(date, 48, "%Y-%m-%d", &tm) > 0;
}

/* Another CA that a server shows with its own certificate: that is what does not fit. */
static void say_untrusted(struct peer_check *check, const mbedtls_x509_crt *certificate, int depth,
			  const char *subject)
{
	char date[48];

	if (depth > 0 && certificate_is_self_issued(certificate))
		subject = "the server's certificate";
	if (check->pinned)
		err_kind(&check->err, ERR_CERTIFICATE,
			 "%s is not the one of the fingerprint, nor signed by it", subject);
	else if (check->role == TLS_CLIENT && ended_on(check->trusted_until_s, date))
		err_kind(&check->err, ERR_CERTIFICATE,
			 "%s is not signed by the CA of this profile, which ended on %s; ask for "
			 "a new invitation or profile",
			 subject, date);
	else
		err_kind(&check->err, ERR_CERTIFICATE, "%s is not signed by %s", subject,
			 check->role == TLS_CLIENT ? "the CA of this profile" : "our CA");
}

static const char *date_text(const mbedtls_x509_time *time, char text[static 48])
{
	snprintf(text, 48, "%04d-%02d-%02d", time->year, time->mon, time->day);
	return text;
}

static void say_wrong_name(struct peer_check *check, const mbedtls_x509_crt *certificate,
			   const char *subject)
{
	char names[200], wanted[200];
	const char *name = check->wanted_name ? check->wanted_name : "";

	certificate_names_text(certificate, names, sizeof(names));
	log_escape(name, strlen(name), wanted, sizeof(wanted));
	err_kind(&check->err, ERR_CERTIFICATE, "%s is for %s, not '%s'", subject, names, wanted);
}

static void say(struct peer_check *check, const mbedtls_x509_crt *certificate, int depth)
{
	const char *them = check->role == TLS_CLIENT ? "a server" : "a client";
	char subject[SUBJECT_TEXT], date[48];
	const char *problem = "cannot be trusted";

	subject_text(check, certificate, depth, subject);
	switch (check->problem) {
	case PEER_UNTRUSTED: say_untrusted(check, certificate, depth, subject); return;
	case PEER_EXPIRED:
		err_kind(&check->err, ERR_CERTIFICATE, "%s expired on %s", subject,
			 date_text(&certificate->valid_to, date));
		return;
	case PEER_NOT_YET_VALID:
		err_kind(&check->err, ERR_CERTIFICATE,
			 "%s is not valid before %s; is this clock right?", subject,
			 date_text(&certificate->valid_from, date));
		return;
	case PEER_IS_AUTHORITY:
		err_kind(&check->err, ERR_CERTIFICATE, "%s is one of a CA, not of %s", subject,
			 them);
		return;
	case PEER_WRONG_PURPOSE:
		err_kind(&check->err, ERR_CERTIFICATE,
			 "%s is not made for %s (its extended key usage does not say so)", subject,
			 them);
		return;
	case PEER_WRONG_NAME: say_wrong_name(check, certificate, subject); return;
	case PEER_WEAK_HASH: problem = "is signed with a hash weaker than SHA-256"; break;
	case PEER_WEAK_KEY:
		problem = "has, or is signed by, a key that is not P-256, P-384 or RSA from "
			  "2048 bits";
		break;
	case PEER_MAY_NOT_SIGN:
		problem = "may not be used to log in (its key usage forbids it)";
		break;
	case PEER_BAD_USER: problem = "does not name one user in one short, printable text"; break;
	case PEER_OTHER:
	case PEER_FINE: break;
	}
	err_kind(&check->err, ERR_CERTIFICATE, "%s %s", subject, problem);
}

/* For whoever asks who it was that answered; believed by nobody. */
static void note_shown(struct peer_check *check, const mbedtls_x509_crt *certificate)
{
	struct tls_shown *shown = &check->shown;

	check->any_shown = true;
	certificate_party_text(&certificate->subject, shown->subject, sizeof(shown->subject));
	certificate_party_text(&certificate->issuer, shown->issuer, sizeof(shown->issuer));
	shown->not_before_s = certificate_time_s(&certificate->valid_from);
	shown->not_after_s = certificate_time_s(&certificate->valid_to);
	shown->signed_by_ours =
		!(check->flags & (MBEDTLS_X509_BADCERT_NOT_TRUSTED | MBEDTLS_X509_BADCERT_MISSING));
	shown->in_time =
		!(check->flags & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE));
	shown->name_fits = !(check->flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) &&
			   has_wanted_address(check, certificate);
}

/*
 * mbedTLS knows no CA then.  It comes with the top of the chain first, which it calls untrusted
 * because there is nothing above, and with the peer's own certificate last: until then the pinned
 * one may come.  Further down the same flag means a wrong signature, and stays.
 */
static void check_pinned(struct peer_check *check, const mbedtls_x509_crt *certificate, int depth,
			 uint32_t *flags)
{
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];

	if (!check->top_seen)
		*flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_NOT_TRUSTED;
	check->top_seen = true;
	if (certificate->raw.p && certificate_fingerprint(certificate, fingerprint) &&
	    memcmp(fingerprint, check->pinned, sizeof(fingerprint)) == 0)
		check->pinned_seen = true;
	if (depth == 0 && !check->pinned_seen)
		*flags |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
}

int peer_check_certificate(void *owner, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
	struct peer_check *check = owner;
	enum peer_problem worst = PEER_FINE;

	if (!check->any_seen && certificate->raw.p)
		certificate_fingerprint(certificate, check->top);
	check->any_seen = true;
	if (check->pinned)
		check_pinned(check, certificate, depth, flags);
	if (depth == 1)
		check->signer = certificate;
	check->flags |= *flags; /* what mbedTLS found, before our own rules set more */
	if (depth == 0)
		worst = check_leaf(check, certificate, flags);
	for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
		/* A CA's certificate has KEY_USAGE set by check_leaf: IS_AUTHORITY says more. */
		if (*flags & problems[i].flag)
			note(&worst, problems[i].problem);
	}
	if (*flags != 0)
		note(&worst, PEER_OTHER);
	if (depth == 0 && certificate->raw.p)
		note_shown(check, certificate);
	if (worst < check->problem) {
		check->problem = worst;
		say(check, certificate, depth);
	}
	return 0;
}
