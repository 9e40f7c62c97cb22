/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_handshake_trust.c
 *
 * Whom an end trusts other than by its own CA: a pinned certificate, a system's store; and clients
 * without a certificate.
 */
#include "handshake_pair.h"
#include "handshake_refusal.h"
#include "odd_certificate.h"

#define NOT_PINNED "the server's certificate is not the one of the fingerprint, nor signed by it"

static struct pki_pair authority, other_authority, server_pair, client_pair;

static int make_certificates(void **state)
{
	static const struct odd server = { .use = PKI_SERVER }, client = { .use = PKI_CLIENT };

	if (pki_init(NULL) < 0 || pki_make_authority("CA", 0, 4102444800ll, &authority, NULL) < 0 ||
	    pki_make_authority("CA", 0, 4102444800ll, &other_authority, NULL) < 0)
		return -1;
	assert_true(odd_issue(&authority, &server, &server_pair));
	assert_true(odd_issue(&authority, &client, &client_pair));
	return 0;
}

/* ---- a pinned certificate ---- */

enum shown { SHOWS_ITSELF, SHOWS_CA, SHOWS_OTHER_CA };
enum pin { PIN_CA, PIN_OTHER_CA, PIN_SERVER, PIN_CLIENT, PIN_NOBODY };

/* A server signed by `authority` unless `forged`: then by a CA of the same name. */
static const struct {
	const char *what;
	bool forged;
	struct odd odd;
	enum shown shown;
	enum pin pin;
	const char *dialled;
	const char *sentence; /* NULL: all is well */
} pins[] = {
	{ .what = "the CA, shown", .shown = SHOWS_CA, .pin = PIN_CA },
	{ .what = "the server itself", .shown = SHOWS_ITSELF, .pin = PIN_SERVER },
	{ .what = "the server itself, with its CA", .shown = SHOWS_CA, .pin = PIN_SERVER },
	{ .what = "the CA, not shown",
	  .shown = SHOWS_ITSELF,
	  .pin = PIN_CA,
	  .sentence = NOT_PINNED },
	{ .what = "another CA", .shown = SHOWS_CA, .pin = PIN_OTHER_CA, .sentence = NOT_PINNED },
	{ .what = "another certificate of the CA",
	  .shown = SHOWS_CA,
	  .pin = PIN_CLIENT,
	  .sentence = NOT_PINNED },
	{ .what = "nothing", .shown = SHOWS_CA, .pin = PIN_NOBODY, .sentence = NOT_PINNED },
	{ .what = "the CA, shown by somebody else's server",
	  .forged = true,
	  .shown = SHOWS_CA,
	  .pin = PIN_CA,
	  .sentence = NOT_PINNED },
	{ .what = "the CA, beside the other one that has signed",
	  .forged = true,
	  .shown = SHOWS_OTHER_CA,
	  .pin = PIN_CA,
	  .sentence = NOT_PINNED },
	{ .what = "an expired server",
	  .shown = SHOWS_CA,
	  .pin = PIN_CA,
	  .odd = { .not_before = "20190101000000", .not_after = "20200301000000" },
	  .sentence = "the server's certificate expired on 2020-03-01" },
	{ .what = "a client's certificate",
	  .shown = SHOWS_CA,
	  .pin = PIN_CA,
	  .odd = { .other_purpose = true },
	  .sentence = "the server's certificate is not made for a server "
		      "(its extended key usage does not say so)" },
	{ .what = "another name",
	  .shown = SHOWS_CA,
	  .pin = PIN_CA,
	  .dialled = "evil.example",
	  .sentence = "the server's certificate is for 'vpn.example', '192.0.2.1', "
		      "'2001:db8::1', not 'evil.example'" },
	{ .what = "a weak hash",
	  .shown = SHOWS_CA,
	  .pin = PIN_CA,
	  .odd = { .weak_hash = true },
	  .sentence = "the server's certificate is signed with a hash weaker than SHA-256" },
};

static void find_pin(enum pin pin, const struct pki_pair *server,
		     uint8_t fingerprint[static PKI_FINGERPRINT_LEN])
{
	const char *certificate[] = {
		[PIN_CA] = authority.certificate,
		[PIN_OTHER_CA] = other_authority.certificate,
		[PIN_SERVER] = server->certificate,
		[PIN_CLIENT] = client_pair.certificate,
	};
	struct pki_description description = { 0 };

	if (pin != PIN_NOBODY)
		assert_int_equal(pki_describe(certificate[pin], &description, NULL), 0);
	memcpy(fingerprint, description.fingerprint, PKI_FINGERPRINT_LEN);
}

static struct tls_credentials *server_of(size_t row, struct pki_pair *pair)
{
	struct odd odd = pins[row].odd;
	struct pki_pair good = server_pair;

	odd.use = PKI_SERVER;
	assert_true(odd_issue(pins[row].forged ? &other_authority : &authority, &odd, pair));
	if (pins[row].shown == SHOWS_OTHER_CA)
		strcat(pair->certificate, other_authority.certificate);
	if (pins[row].shown != SHOWS_ITSELF)
		strcat(pair->certificate, authority.certificate);
	struct tls_credentials *made = trusting(&authority, TLS_SERVER, &good);
	odd_put(made, pair);
	return made;
}

static void check_pin(size_t row)
{
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	struct pki_pair odd;
	struct tls_credentials *server = server_of(row, &odd);
	const char *dialled = pins[row].dialled ? pins[row].dialled : "vpn.example";

	find_pin(pins[row].pin, &odd, fingerprint);
	struct tls_credentials *client =
		tls_credentials_pinned(fingerprint, client_pair.certificate, client_pair.key, NULL);
	assert_non_null(client);
	struct pair *pair = pair_new(client, server, dialled);
	pair_run(pair);
	if (pins[row].sentence)
		assert_failed(pins[row].what, &pair->client, TLS_FAILURE_CERTIFICATE,
			      ERR_CERTIFICATE, pins[row].sentence);
	else if (pair->client.step != TLS_DONE || pair->server.step != TLS_DONE)
		fail_msg("%s: not trusted", pins[row].what);
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

static void only_what_is_pinned_is_trusted(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pins); i++)
		check_pin(i);
}

/* ---- clients without a certificate ---- */

static const struct {
	const char *what;
	bool allowed, shows;
	bool in;
} strangers[] = {
	{ "nobody, where a certificate is demanded", false, false, false },
	{ "nobody, where that is allowed", true, false, true },
	{ "alice, where a certificate is demanded", false, true, true },
	{ "alice, where nobody is allowed", true, true, true },
};

static void check_stranger(size_t row)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	const char *certificate = strangers[row].shows ? client_pair.certificate : NULL;
	const char *key = strangers[row].shows ? client_pair.key : NULL;
	struct tls_credentials *client =
		tls_credentials_new(TLS_CLIENT, authority.certificate, certificate, key, NULL);
	assert_non_null(client);
	struct pair *pair = pair_new(client, server, "vpn.example");

	if (strangers[row].allowed)
		tls_handshake_allow_anonymous(pair->server.handshake);
	pair_run(pair);
	if ((pair->server.step == TLS_DONE) != strangers[row].in)
		fail_msg("%s: should be %s", strangers[row].what,
			 strangers[row].in ? "let in" : "refused");
	if (!strangers[row].in)
		assert_failed(strangers[row].what, &pair->server, TLS_FAILURE_NO_CERTIFICATE,
			      ERR_CERTIFICATE, "the client showed no certificate");
	else if (strangers[row].shows)
		assert_string_equal(tls_handshake_peer(pair->server.handshake)->common_name,
				    "alice");
	else
		assert_null(tls_handshake_peer(pair->server.handshake));
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

static void nobody_is_let_in_only_where_allowed(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
		check_stranger(i);
}

/* A server never does without: allowing it there changes nothing. */
static void a_server_always_shows_who_it_is(void **state)
{
	assert_null(tls_credentials_new(TLS_SERVER, authority.certificate, NULL, NULL, NULL));
	assert_null(tls_credentials_new(TLS_CLIENT, authority.certificate, client_pair.certificate,
					NULL, NULL));
	assert_null(tls_credentials_new(TLS_CLIENT, authority.certificate, NULL, client_pair.key,
					NULL));
}

/* ---- a system's store ---- */

static void check_store(const char *store, bool made, bool trusted)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client =
		tls_credentials_public(store, client_pair.certificate, client_pair.key, NULL);

	assert_int_equal(client != NULL, made);
	if (made) {
		struct pair *pair = pair_new(client, server, "vpn.example");

		pair_run(pair);
		assert_int_equal(pair->client.step == TLS_DONE, trusted);
		pair_free(pair);
	}
	tls_credentials_free(client);
	tls_credentials_free(server);
}

static void a_store_is_read_as_far_as_it_can_be(void **state)
{
	static const char junk[] = "-----BEGIN CERTIFICATE-----\nMAA=\n"
				   "-----END CERTIFICATE-----\n";
	char store[4 * PKI_PEM_MAX];

	snprintf(store, sizeof(store), "# a store\n%s%s%s", other_authority.certificate, junk,
		 authority.certificate);
	check_store(store, true, true);
	check_store(other_authority.certificate, true, false);
	check_store("no store", false, false);
	check_store("", false, false);
	check_store(client_pair.certificate, false, false); /* would be trusted as it stands */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_pinned_is_trusted),
		cmocka_unit_test(nobody_is_let_in_only_where_allowed),
		cmocka_unit_test(a_server_always_shows_who_it_is),
		cmocka_unit_test(a_store_is_read_as_far_as_it_can_be),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
