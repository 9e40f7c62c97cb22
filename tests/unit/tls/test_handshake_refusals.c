/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_handshake_refusals.c
 *
 * Certificates that are not to be trusted, and what both ends then say.
 */
#include "handshake_pair.h"
#include "handshake_refusal.h"
#include "odd_certificate.h"
#include "tls/certificate.h"
#include "tls/record.h"

static struct pki_pair authority, other_authority, expired_authority, young_authority,
	p521_authority, intermediate, below, server_pair, client_pair;

static int make_certificates(void **state)
{
	static const struct odd odds[] = {
		{ .use = PKI_SERVER },
		{ .use = PKI_CLIENT },
		{ .use = PKI_CLIENT, .user = "Between", .is_authority = true },
		{ .use = PKI_CLIENT, .user = "self", .is_authority = true, .curve_bits = 521 },
		{ .use = PKI_CLIENT, .user = "Below", .is_authority = true },
	};
	struct err err = { 0 };

	if (pki_init(&err) < 0 || pki_make_authority("CA", 0, 4102444800ll, &authority, &err) < 0 ||
	    pki_make_authority("CA", 0, 4102444800ll, &other_authority, &err) < 0 ||
	    pki_make_authority("Old CA", 0, 1577836800ll, &expired_authority, &err) < 0 ||
	    pki_make_authority("New CA", 4070908800ll, 4102444800ll, &young_authority, &err) < 0)
		return -1;
	assert_true(odd_issue(&authority, &odds[0], &server_pair));
	assert_true(odd_issue(&authority, &odds[1], &client_pair));
	assert_true(odd_issue(&authority, &odds[2], &intermediate));
	assert_true(odd_issue(NULL, &odds[3], &p521_authority));
	assert_true(odd_issue(&intermediate, &odds[4], &below));
	return 0;
}

/*
 * Credentials of a stranger who does not look at his own certificate, as ours and mbedTLS do: it
 * is put in the place of a good one.
 */
static struct tls_credentials *careless(enum tls_role role, const struct pki_pair *odd)
{
	struct tls_credentials *made =
		trusting(&authority, role, role == TLS_SERVER ? &server_pair : &client_pair);

	odd_put(made, odd);
	return made;
}

/* The alert of a server that refused the certificate of a client that was done already: the first
 * record under the new key. */
static uint8_t late_alert(const char *what, struct pair *pair)
{
	struct bytes sealed = pipe_rest(&pair->to_client);
	struct tls_secrets secrets;
	struct record_opened opened = { 0 };
	struct record_half half;
	static uint8_t out[RECORD_PLAIN_MAX + 256];

	if (pair->client.step != TLS_DONE)
		fail_msg("%s: the client is not done", what);
	tls_handshake_secrets(pair->client.handshake, &secrets);
	assert_int_equal(record_half_init(&half, secrets.suite, &secrets.server, NULL), 0);
	assert_int_equal(record_open(&half, sealed, out, &opened), RECORD_OPENED);
	record_half_free(&half);
	assert_int_equal(opened.type, RECORD_ALERT);
	assert_int_equal(opened.plain_len, 2);
	assert_int_equal(opened.sealed_len, sealed.len); /* and nothing else */
	return out[1];
}

enum signer {
	BY_CA,
	BY_OTHER_CA,
	BY_ITSELF,
	BY_INTERMEDIATE,
	BY_INTERMEDIATES,
	BY_OLD_CA,
	BY_NEW_CA,
	BY_P521_CA
};

/* In each row one end's certificate is odd, the other end is good. */
static const struct {
	const char *what;
	struct odd odd;
	enum signer signer;
	const char *dialled;  /* else vpn.example */
	const char *sentence; /* of who refuses */
	const char *answer;   /* of who is refused */
} certificates[] = {
	{ .what = "a server of another CA of the same name",
	  .odd = { .use = PKI_SERVER },
	  .signer = BY_OTHER_CA,
	  .sentence = "the server's certificate is not signed by the CA of this profile",
	  .answer = "the client refused our certificate: not signed by a CA it knows" },
	{ .what = "a client of another CA of the same name",
	  .odd = { .use = PKI_CLIENT },
	  .signer = BY_OTHER_CA,
	  .sentence = "the certificate of client 'alice' is not signed by our CA",
	  .answer = "the server refused our certificate: not signed by a CA it knows" },
	{ .what = "a client of another CA with a name for no terminal",
	  .odd = { .use = PKI_CLIENT, .user = "jos\xc3\xa9" },
	  .signer = BY_OTHER_CA,
	  .sentence = "the certificate of client 'jos\\xc3\\xa9' is not signed by our CA",
	  .answer = "the server refused our certificate: not signed by a CA it knows" },
	{ .what = "a self-signed server",
	  .odd = { .use = PKI_SERVER, .user = "self" },
	  .signer = BY_ITSELF,
	  .sentence = "the server's certificate is not signed by the CA of this profile",
	  .answer = "the client refused our certificate: not signed by a CA it knows" },
	{ .what = "a self-signed client",
	  .odd = { .use = PKI_CLIENT, .user = "self" },
	  .signer = BY_ITSELF,
	  .sentence = "the certificate of client 'self' is not signed by our CA",
	  .answer = "the server refused our certificate: not signed by a CA it knows" },
	{ .what = "a server behind two intermediates of our own CA",
	  .odd = { .use = PKI_SERVER },
	  .signer = BY_INTERMEDIATES,
	  .sentence = "the CA certificate 'Between' is not signed by the CA of this profile",
	  .answer = "the client refused our certificate: not signed by a CA it knows" },
	{ .what = "a client behind two intermediates of our own CA",
	  .odd = { .use = PKI_CLIENT },
	  .signer = BY_INTERMEDIATES,
	  .sentence = "the certificate of client 'alice' is not signed by our CA",
	  .answer = "the server refused our certificate: not signed by a CA it knows" },
	{ .what = "a client behind one intermediate of our own CA",
	  .odd = { .use = PKI_CLIENT },
	  .signer = BY_INTERMEDIATE,
	  .sentence = "the certificate of client 'alice' is not signed by our CA",
	  .answer = "the server refused our certificate: not signed by a CA it knows" },
	{ .what = "an expired server",
	  .odd = { .use = PKI_SERVER,
		   .not_before = "20190101000000",
		   .not_after = "20200301000000" },
	  .sentence = "the server's certificate expired on 2020-03-01",
	  .answer = "the client refused our certificate: certificate expired" },
	{ .what = "an expired client",
	  .odd = { .use = PKI_CLIENT,
		   .not_before = "20190101000000",
		   .not_after = "20200301000000" },
	  .sentence = "the certificate of client 'alice' expired on 2020-03-01",
	  .answer = "the server refused our certificate: certificate expired" },
	{ .what = "a server of next century",
	  .odd = { .use = PKI_SERVER, .not_before = "20980101000000" },
	  .sentence =
		  "the server's certificate is not valid before 2098-01-01; is this clock right?",
	  .answer = "the client refused our certificate: not acceptable, perhaps not valid yet" },
	{ .what = "a client of next century",
	  .odd = { .use = PKI_CLIENT, .not_before = "20980101000000" },
	  .sentence = "the certificate of client 'alice' is not valid before 2098-01-01; "
		      "is this clock right?",
	  .answer = "the server refused our certificate: not acceptable, perhaps not valid yet" },
	{ .what = "a server of an expired CA",
	  .odd = { .use = PKI_SERVER },
	  .signer = BY_OLD_CA,
	  .sentence = "the CA certificate 'Old CA' expired on 2020-01-01",
	  .answer = "the client refused our certificate: certificate expired" },
	{ .what = "a client of an expired CA",
	  .odd = { .use = PKI_CLIENT },
	  .signer = BY_OLD_CA,
	  .sentence = "the CA certificate 'Old CA' expired on 2020-01-01",
	  .answer = "the server refused our certificate: certificate expired" },
	{ .what = "a server of a CA of next century",
	  .odd = { .use = PKI_SERVER },
	  .signer = BY_NEW_CA,
	  .sentence = "the CA certificate 'New CA' is not valid before 2099-01-01; "
		      "is this clock right?",
	  .answer = "the client refused our certificate: not acceptable, perhaps not valid yet" },
	{ .what = "a client's certificate as a server's",
	  .odd = { .use = PKI_SERVER, .other_purpose = true },
	  .sentence = "the server's certificate is not made for a server "
		      "(its extended key usage does not say so)",
	  .answer = "the client refused our certificate: made for another use, or a weak key" },
	{ .what = "a server's certificate as a client's",
	  .odd = { .use = PKI_CLIENT, .other_purpose = true },
	  .sentence = "the certificate of client 'alice' is not made for a client "
		      "(its extended key usage does not say so)",
	  .answer = "the server refused our certificate: made for another use, or a weak key" },
	{ .what = "a server without an extended key usage",
	  .odd = { .use = PKI_SERVER, .no_purpose = true },
	  .sentence = "the server's certificate is not made for a server "
		      "(its extended key usage does not say so)",
	  .answer = "the client refused our certificate: made for another use, or a weak key" },
	{ .what = "a client without an extended key usage",
	  .odd = { .use = PKI_CLIENT, .no_purpose = true },
	  .sentence = "the certificate of client 'alice' is not made for a client "
		      "(its extended key usage does not say so)",
	  .answer = "the server refused our certificate: made for another use, or a weak key" },
	{ .what = "a server that may not sign",
	  .odd = { .use = PKI_SERVER, .may_not_sign = true },
	  .sentence =
		  "the server's certificate may not be used to log in (its key usage forbids it)",
	  .answer = "the client refused our certificate: made for another use, or a weak key" },
	{ .what = "a client that may not sign",
	  .odd = { .use = PKI_CLIENT, .may_not_sign = true },
	  .sentence = "the certificate of client 'alice' may not be used to log in "
		      "(its key usage forbids it)",
	  .answer = "the server refused our certificate: made for another use, or a weak key" },
	{ .what = "a server that is a CA",
	  .odd = { .use = PKI_SERVER, .is_authority = true },
	  .sentence = "the server's certificate is one of a CA, not of a server",
	  .answer = "the client refused our certificate: made for another use, or a weak key" },
	{ .what = "a client that is a CA",
	  .odd = { .use = PKI_CLIENT, .is_authority = true },
	  .sentence = "the certificate of client 'alice' is one of a CA, not of a client",
	  .answer = "the server refused our certificate: made for another use, or a weak key" },
	{ .what = "a server with RSA of 1024 bits",
	  .odd = { .use = PKI_SERVER, .rsa_bits = 1024 },
	  .sentence = "the server's certificate has, or is signed by, "
		      "a key that is not P-256, P-384 or RSA from 2048 bits",
	  .answer = "the client refused our certificate: made for another use, or a weak key" },
	{ .what = "a client with RSA of 1024 bits",
	  .odd = { .use = PKI_CLIENT, .rsa_bits = 1024 },
	  .sentence = "the certificate of client 'alice' has, or is signed by, "
		      "a key that is not P-256, P-384 or RSA from 2048 bits",
	  .answer = "the server refused our certificate: made for another use, or a weak key" },
	{ .what = "a server of a CA with P-521",
	  .odd = { .use = PKI_SERVER },
	  .signer = BY_P521_CA,
	  .sentence = "the server's certificate has, or is signed by, "
		      "a key that is not P-256, P-384 or RSA from 2048 bits",
	  .answer = "the client refused our certificate: made for another use, or a weak key" },
	{ .what = "a client of a CA with P-521",
	  .odd = { .use = PKI_CLIENT },
	  .signer = BY_P521_CA,
	  .sentence = "the certificate of client 'alice' has, or is signed by, "
		      "a key that is not P-256, P-384 or RSA from 2048 bits",
	  .answer = "the server refused our certificate: made for another use, or a weak key" },
	{ .what = "a server signed with SHA-1",
	  .odd = { .use = PKI_SERVER, .weak_hash = true },
	  .sentence = "the server's certificate is signed with a hash weaker than SHA-256",
	  .answer = "the client refused our certificate: not acceptable, perhaps not valid yet" },
	{ .what = "a client signed with SHA-1",
	  .odd = { .use = PKI_CLIENT, .weak_hash = true },
	  .sentence = "the certificate of client 'alice' is signed with a hash weaker than SHA-256",
	  .answer = "the server refused our certificate: not acceptable, perhaps not valid yet" },
	{ .what = "a server of another name",
	  .odd = { .use = PKI_SERVER, .name = "other.example" },
	  .sentence = "the server's certificate is for 'other.example', '192.0.2.1', "
		      "'2001:db8::1', not 'vpn.example'",
	  .answer = "the client refused our certificate: bad certificate" },
	{ .what = "a server of another IPv4 address",
	  .odd = { .use = PKI_SERVER },
	  .dialled = "192.0.2.2",
	  .sentence = "the server's certificate is for 'vpn.example', '192.0.2.1', "
		      "'2001:db8::1', not '192.0.2.2'",
	  .answer = "the client refused our certificate: bad certificate" },
	{ .what = "a server of another IPv6 address",
	  .odd = { .use = PKI_SERVER },
	  .dialled = "2001:db8::2",
	  .sentence = "the server's certificate is for 'vpn.example', '192.0.2.1', "
		      "'2001:db8::1', not '2001:db8::2'",
	  .answer = "the client refused our certificate: bad certificate" },
	{ .what = "a server with our name before a NUL",
	  .odd = { .use = PKI_SERVER, .name = "vpn.example\0.evil.example", .name_len = 25 },
	  .sentence = "the server's certificate is for 'vpn.example\\x00.evil.example', "
		      "'192.0.2.1', '2001:db8::1', not 'vpn.example'",
	  .answer = "the client refused our certificate: bad certificate" },
	{ .what = "a server with our name as common name only",
	  .odd = { .use = PKI_SERVER, .no_names = true },
	  .sentence = "the server's certificate is for no name, not 'vpn.example'",
	  .answer = "the client refused our certificate: bad certificate" },
	{ .what = "a client with a NUL in its name",
	  .odd = { .use = PKI_CLIENT, .user = "alice\0x", .user_len = 7 },
	  .sentence =
		  "the client's certificate does not name one user in one short, printable text",
	  .answer = "the server refused our certificate: bad certificate" },
	{ .what = "a client with a newline in its name",
	  .odd = { .use = PKI_CLIENT, .user = "alice\nroot" },
	  .sentence =
		  "the client's certificate does not name one user in one short, printable text",
	  .answer = "the server refused our certificate: bad certificate" },
	{ .what = "a client with two names",
	  .odd = { .use = PKI_CLIENT, .two_users = true },
	  .sentence =
		  "the client's certificate does not name one user in one short, printable text",
	  .answer = "the server refused our certificate: bad certificate" },
	{ .what = "a client with a name in 16-bit characters",
	  .odd = { .use = PKI_CLIENT, .user = "\0a\0l", .user_len = 4, .user_tag = 0x1e },
	  .sentence =
		  "the client's certificate does not name one user in one short, printable text",
	  .answer = "the server refused our certificate: bad certificate" },
	{ .what = "a client with a name in 16-bit characters that looks like ASCII",
	  .odd = { .use = PKI_CLIENT, .user = "bobs", .user_tag = 0x1e },
	  .sentence =
		  "the client's certificate does not name one user in one short, printable text",
	  .answer = "the server refused our certificate: bad certificate" },
	{ .what = "a client with a name of 64 bytes",
	  .odd = { .use = PKI_CLIENT,
		   .user = "0123456789012345678901234567890123456789012345678901234567890123" },
	  .sentence =
		  "the client's certificate does not name one user in one short, printable text",
	  .answer = "the server refused our certificate: bad certificate" },
	{ .what = "a client without a name",
	  .odd = { .use = PKI_CLIENT, .no_user = true },
	  .sentence =
		  "the client's certificate does not name one user in one short, printable text",
	  .answer = "the server refused our certificate: bad certificate" },
	{ .what = "a server with a NUL in its common name",
	  .odd = { .use = PKI_SERVER, .user = "vpn\0x", .user_len = 5 },
	  .sentence =
		  "the server's certificate does not name one user in one short, printable text",
	  .answer = "the client refused our certificate: bad certificate" },
};

/* Who signs it; and which CA the other end trusts, so that only the row's fault counts. */
static const struct {
	const struct pki_pair *issuer, *trusted;
} signers[] = {
	[BY_CA] = { &authority, &authority },
	[BY_OTHER_CA] = { &other_authority, &authority },
	[BY_ITSELF] = { NULL, &authority },
	[BY_INTERMEDIATE] = { &intermediate, &authority },
	[BY_INTERMEDIATES] = { &below, &authority },
	[BY_OLD_CA] = { &expired_authority, &expired_authority },
	[BY_NEW_CA] = { &young_authority, &young_authority },
	[BY_P521_CA] = { &p521_authority, &p521_authority },
};

static void make_odd(size_t row, struct pki_pair *pair)
{
	assert_true(
		odd_issue(signers[certificates[row].signer].issuer, &certificates[row].odd, pair));
	if (certificates[row].signer == BY_INTERMEDIATES)
		strcat(pair->certificate, below.certificate);
	if (certificates[row].signer == BY_INTERMEDIATE ||
	    certificates[row].signer == BY_INTERMEDIATES)
		strcat(pair->certificate, intermediate.certificate);
}

static void server_is_refused(size_t row)
{
	const struct pki_pair *trusted = signers[certificates[row].signer].trusted;
	const char *what = certificates[row].what;
	const char *dialled = certificates[row].dialled;
	struct pki_pair odd;
	struct tls_credentials *client, *server;
	struct pair *pair;

	make_odd(row, &odd);
	server = careless(TLS_SERVER, &odd);
	client = trusting(trusted, TLS_CLIENT, &client_pair);
	pair = pair_new(client, server, dialled ? dialled : "vpn.example");
	pair_run(pair);
	assert_failed(what, &pair->client, TLS_FAILURE_CERTIFICATE, ERR_CERTIFICATE,
		      certificates[row].sentence);
	assert_failed(what, &pair->server, TLS_FAILURE_REFUSED, ERR_CERTIFICATE,
		      certificates[row].answer);
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

/* What the server has verified before. */
enum memory { NOTHING, A_GOOD_ONE, THIS_ONE, MEMORIES };

/* Whether there can be such a memory: who signed it is what it says. */
static bool may_be(size_t row, enum memory memory)
{
	enum signer signer = certificates[row].signer;

	switch (memory) {
	case NOTHING: return true;
	case A_GOOD_ONE: return signers[signer].trusted == &authority;
	case THIS_ONE: return signer == BY_CA || signer == BY_OLD_CA || signer == BY_NEW_CA;
	case MEMORIES: break;
	}
	return false;
}

static void remember(struct tls_credentials *server, const struct tls_credentials *odd,
		     enum memory memory)
{
	struct tls_credentials *good = trusting(&authority, TLS_CLIENT, &client_pair);
	struct pair *pair = pair_new(good, server, "vpn.example");
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];

	if (memory == A_GOOD_ONE) {
		pair_run(pair);
		assert_int_equal(pair->server.step, TLS_DONE);
		assert_true(certificate_fingerprint(&good->certificate, fingerprint));
		assert_non_null(known_signer(server->known, fingerprint));
	} else if (memory == THIS_ONE) {
		assert_true(certificate_fingerprint(&odd->certificate, fingerprint));
		known_add(server->known, fingerprint, &server->authority);
	}
	pair_free(pair);
	tls_credentials_free(good);
}

/* `optional`: a client without a certificate would be welcome; one with this is not. */
static void client_is_refused(size_t row, bool optional, enum memory memory)
{
	const struct pki_pair *trusted = signers[certificates[row].signer].trusted;
	const char *what = certificates[row].what;
	struct pki_pair odd;
	struct tls_credentials *client, *server;
	struct pair *pair;
	struct err err = { 0 };

	make_odd(row, &odd);
	server = trusting(trusted, TLS_SERVER, &server_pair);
	client = careless(TLS_CLIENT, &odd);
	remember(server, client, memory);
	pair = pair_new(client, server, "vpn.example");
	if (optional)
		tls_handshake_allow_anonymous(pair->server.handshake);
	pair_run(pair);
	assert_failed(what, &pair->server, TLS_FAILURE_CERTIFICATE, ERR_CERTIFICATE,
		      certificates[row].sentence);
	tls_alert_sentence(TLS_CLIENT, late_alert(what, pair), &err);
	if (strcmp(err.text, certificates[row].answer) != 0 || err.kind != ERR_CERTIFICATE)
		fail_msg("%s: the client hears '%s'", what, err.text);
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

static void odd_certificates_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(certificates); i++) {
		switch (certificates[i].odd.use) {
		case PKI_SERVER: server_is_refused(i); break;
		case PKI_CLIENT:
			client_is_refused(i, false, NOTHING);
			for (unsigned memory = 0; memory < MEMORIES; memory++)
				if (may_be(i, memory))
					client_is_refused(i, true, memory);
			break;
		}
	}
}

/* The table above shows nothing if its good ends are not. */
static void the_good_ends_are_good(void **state)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);
	struct pair *pair = pair_new(client, server, "vpn.example");

	pair_run(pair);
	assert_int_equal(pair->client.step, TLS_DONE);
	assert_int_equal(pair->server.step, TLS_DONE);
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_good_ends_are_good),
		cmocka_unit_test(odd_certificates_are_refused),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
