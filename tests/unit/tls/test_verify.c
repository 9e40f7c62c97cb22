/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_verify.c
 *
 * What a server remembers of clients' certificates, and what it looks at each time all the same.
 * Every odd certificate beside a remembered one: test_handshake_refusals.c.
 */
#include "handshake_pair.h"
#include "handshake_refusal.h"
#include "odd_certificate.h"
#include "tls/verify.h"

static struct pki_pair authority, other_authority, server_pair, client_pair, second_pair, expired;

static int make_certificates(void **state)
{
	static const struct odd odds[] = {
		{ .use = PKI_SERVER },
		{ .use = PKI_CLIENT },
		{ .use = PKI_CLIENT,
		  .not_before = "20190101000000",
		  .not_after = "20200301000000" },
	};
	struct err err = { 0 };

	if (pki_init(&err) < 0 || pki_make_authority("CA", 0, 4102444800ll, &authority, &err) < 0 ||
	    pki_make_authority("CA", 0, 4102444800ll, &other_authority, &err) < 0)
		return -1;
	assert_true(odd_issue(&authority, &odds[0], &server_pair));
	assert_true(odd_issue(&authority, &odds[1], &client_pair));
	assert_true(odd_issue(&authority, &odds[1], &second_pair));
	assert_true(odd_issue(&authority, &odds[2], &expired));
	return 0;
}

/* The first, or the other time: who is let in comes from this CA. */
static void assert_comes_from(const struct tls_handshake *handshake,
			      const struct tls_credentials *server)
{
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];

	assert_true(certificate_fingerprint(&server->authority, fingerprint));
	assert_memory_equal(tls_handshake_authority(handshake), fingerprint, sizeof(fingerprint));
}

/* A client that shows this to that server: whether it is let in. */
static bool log_in(const struct tls_credentials *server, const struct pki_pair *shown)
{
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);
	struct pair *pair;

	odd_put(client, shown);
	pair = pair_new(client, server, "vpn.example");
	pair_run(pair);
	assert_true(end_is_over(&pair->server));
	bool done = pair->server.step == TLS_DONE;
	if (done)
		assert_comes_from(pair->server.handshake, server);
	pair_free(pair);
	tls_credentials_free(client);
	return done;
}

static void parse(const struct pki_pair *pair, mbedtls_x509_crt *certificate)
{
	mbedtls_x509_crt_init(certificate);
	assert_int_equal(mbedtls_x509_crt_parse(certificate, (const uint8_t *)pair->certificate,
						strlen(pair->certificate) + 1),
			 0);
}

static bool is_remembered(const struct tls_credentials *server, const struct pki_pair *pair)
{
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	mbedtls_x509_crt certificate;

	parse(pair, &certificate);
	assert_true(certificate_fingerprint(&certificate, fingerprint));
	mbedtls_x509_crt_free(&certificate);
	return known_signer(server->known, fingerprint) != NULL;
}

/* The CA's key gives way to another one: then only what is not verified again is believed. */
static void exchange_keys(struct tls_credentials *one, struct tls_credentials *other)
{
	mbedtls_pk_context kept = one->authority.pk;

	one->authority.pk = other->authority.pk;
	other->authority.pk = kept;
}

static void a_signature_is_verified_once(void **state)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *other = trusting(&other_authority, TLS_CLIENT, &client_pair);

	assert_true(log_in(server, &client_pair));
	exchange_keys(server, other);
	assert_true(log_in(server, &client_pair));
	assert_false(log_in(server, &second_pair));
	exchange_keys(server, other);
	assert_true(log_in(server, &second_pair));
	tls_credentials_free(server);
	tls_credentials_free(other);
}

/* Each server is a new one: another set of CAs begins with nothing. */
static void who_is_remembered(void **state)
{
	static struct pki_pair stolen;
	const struct {
		const char *what;
		const struct pki_pair *trusted, *shown;
		bool remembered;
	} rows[] = {
		{ "one that logged in", &authority, &client_pair, true },
		{ "one without the key of it", &authority, &stolen, false },
		{ "one that is refused", &authority, &expired, false },
		{ "one of a CA that is not trusted any more", &other_authority, &client_pair,
		  false },
	};

	stolen = client_pair;
	memcpy(stolen.key, second_pair.key, sizeof(stolen.key));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tls_credentials *server =
			trusting(rows[i].trusted, TLS_SERVER, &server_pair);

		if (log_in(server, rows[i].shown) != rows[i].remembered ||
		    is_remembered(server, rows[i].shown) != rows[i].remembered)
			fail_msg("%s", rows[i].what);
		tls_credentials_free(server);
	}
}

/* ---- without a handshake ---- */

#define NO_CA MBEDTLS_X509_BADCERT_NOT_TRUSTED /* what mbedTLS finds of a good one */

static enum peer_problem verdict(const struct tls_credentials *server,
				 const mbedtls_x509_crt *certificate, uint32_t found)
{
	struct peer_check check = { .role = TLS_SERVER, .wanted_name = "", .problem = PEER_FINE };
	int error = verify_client(server, &check, certificate, found);

	assert_int_equal(error, check.problem == PEER_FINE ? 0 : MBEDTLS_ERR_SSL_BAD_CERTIFICATE);
	return check.problem;
}

/* The same certificate, byte for byte, with another signature: by this CA. */
static enum peer_problem verdict_signed_by(const struct tls_credentials *server,
					   const struct pki_pair *signer,
					   const mbedtls_x509_crt *original)
{
	const struct odd same = { .use = PKI_CLIENT, .key = client_pair.key };
	struct pki_pair again;
	mbedtls_x509_crt certificate;

	assert_true(odd_issue(signer, &same, &again));
	parse(&again, &certificate);
	assert_int_equal(certificate.tbs.len, original->tbs.len);
	assert_memory_equal(certificate.tbs.p, original->tbs.p, original->tbs.len);
	assert_memory_not_equal(certificate.raw.p, original->raw.p, original->raw.len);
	enum peer_problem problem = verdict(server, &certificate, NO_CA);
	mbedtls_x509_crt_free(&certificate);
	return problem;
}

static enum peer_problem verdict_of(const struct tls_credentials *server, const uint8_t *der,
				    size_t len)
{
	mbedtls_x509_crt certificate;
	enum peer_problem problem = PEER_OTHER;

	mbedtls_x509_crt_init(&certificate);
	if (mbedtls_x509_crt_parse_der(&certificate, der, len) == 0)
		problem = verdict(server, &certificate, NO_CA);
	mbedtls_x509_crt_free(&certificate);
	return problem;
}

static void nothing_else_passes_for_it(void **state)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	mbedtls_x509_crt certificate;
	uint8_t der[2048];

	parse(&client_pair, &certificate);
	assert_int_equal(verdict(server, &certificate, NO_CA), PEER_FINE);
	for (size_t i = 0; i < certificate.raw.len; i++) {
		memcpy(der, certificate.raw.p, certificate.raw.len);
		der[i] ^= 1;
		if (verdict_of(server, der, certificate.raw.len) == PEER_FINE)
			fail_msg("byte %zu may be changed", i);
	}
	assert_int_equal(verdict_signed_by(server, &other_authority, &certificate), PEER_UNTRUSTED);
	/* the row above shows nothing if this one is refused */
	struct tls_credentials *theirs = trusting(&other_authority, TLS_SERVER, &server_pair);
	assert_int_equal(verdict_signed_by(theirs, &other_authority, &certificate), PEER_FINE);
	tls_credentials_free(theirs);
	mbedtls_x509_crt_free(&certificate);
	tls_credentials_free(server);
}

/* Both of two CAs of one name are trusted, as while one follows the other: each has its own dates. */
static void a_ca_that_has_ended_signs_for_nobody(void **state)
{
	char both[2 * PKI_PEM_MAX];
	struct tls_credentials *server;
	mbedtls_x509_crt certificate;

	snprintf(both, sizeof(both), "%s%s", other_authority.certificate, authority.certificate);
	server = tls_credentials_new(TLS_SERVER, both, server_pair.certificate, server_pair.key,
				     NULL);
	assert_non_null(server);
	mbedtls_x509_crt *older = &server->authority, *signer = older->next;
	struct {
		const char *what;
		int *year, then;
		enum peer_problem problem;
	} rows[] = {
		{ "as it was", &signer->valid_to.year, signer->valid_to.year, PEER_FINE },
		{ "its CA has ended", &signer->valid_to.year, 2001, PEER_EXPIRED },
		{ "its CA has not begun", &signer->valid_from.year, 2099, PEER_NOT_YET_VALID },
		{ "the other CA has ended", &older->valid_to.year, 2001, PEER_FINE },
		{ "the other CA has not begun", &older->valid_from.year, 2099, PEER_FINE },
	};

	parse(&client_pair, &certificate);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int year = *rows[i].year;

		assert_int_equal(verdict(server, &certificate, NO_CA), PEER_FINE);
		*rows[i].year = rows[i].then;
		if (verdict(server, &certificate, NO_CA) != rows[i].problem)
			fail_msg("%s", rows[i].what);
		*rows[i].year = year;
	}
	mbedtls_x509_crt_free(&certificate);
	tls_credentials_free(server);
}

/* What mbedTLS has found of the certificate itself is not taken for good. */
static void a_remembered_one_that_is_odd_goes_the_long_way(void **state)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *other = trusting(&other_authority, TLS_CLIENT, &client_pair);
	mbedtls_x509_crt certificate;

	parse(&client_pair, &certificate);
	assert_int_equal(verdict(server, &certificate, NO_CA), PEER_FINE);
	exchange_keys(server, other);
	assert_int_equal(verdict(server, &certificate, NO_CA), PEER_FINE);
	for (uint32_t flag = 1; flag != 0; flag <<= 1)
		if (verdict(server, &certificate, NO_CA | flag) !=
		    (flag == NO_CA ? PEER_FINE : PEER_UNTRUSTED))
			fail_msg("flag %#x", (unsigned)flag);
	mbedtls_x509_crt_free(&certificate);
	exchange_keys(server, other);
	tls_credentials_free(server);
	tls_credentials_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_is_verified_once),
		cmocka_unit_test(who_is_remembered),
		cmocka_unit_test(nothing_else_passes_for_it),
		cmocka_unit_test(a_ca_that_has_ended_signs_for_nobody),
		cmocka_unit_test(a_remembered_one_that_is_odd_goes_the_long_way),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
