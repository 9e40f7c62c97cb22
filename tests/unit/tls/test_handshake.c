/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_handshake.c
 *
 * Handshakes between our two ends: who gets in, byte by byte too, and what both ends hand over.
 * Who is refused is in test_handshake_refusals.c.
 */
#include <pthread.h>

#include "handshake_pair.h"
#include "odd_certificate.h"
#include "tls/aead.h"
#include "tls/credentials.h"

static struct pki_pair authority, server_pair, client_pair;
static struct tls_credentials *server, *client;

static struct tls_credentials *credentials_new(enum tls_role role, const struct pki_pair *pair)
{
	struct err err = { 0 };
	struct tls_credentials *credentials = tls_credentials_new(
		role, authority.certificate, pair->certificate, pair->key, &err);

	if (!credentials)
		fail_msg("%s", err.text);
	return credentials;
}

static int make_credentials(void **state)
{
	if (!odd_good_ones(&authority, &server_pair, &client_pair))
		return -1;
	server = credentials_new(TLS_SERVER, &server_pair);
	client = credentials_new(TLS_CLIENT, &client_pair);
	return 0;
}

static int free_credentials(void **state)
{
	tls_credentials_free(server);
	tls_credentials_free(client);
	return 0;
}

static void assert_done(const char *what, const struct end *end)
{
	struct err err = { 0 };

	if (end->step == TLS_DONE)
		return;
	fail_msg("%s: step %d, %s: %s", what, end->step,
		 tls_failure_name[tls_handshake_failure(end->handshake, &err)], err.text);
}

static void assert_both_done(const char *what, struct pair *pair)
{
	assert_done(what, &pair->client);
	assert_done(what, &pair->server);
}

static bool secrets_equal(const struct tls_secret *a, const struct tls_secret *b)
{
	return a->len == b->len && memcmp(a->octet, b->octet, a->len) == 0;
}

static void both_ends_get_the_same_secrets(void **state)
{
	struct pair *pair = pair_new(client, server, "vpn.example");
	struct tls_secrets ours, theirs, again;

	pair_run(pair);
	assert_both_done("a good pair", pair);
	tls_handshake_secrets(pair->client.handshake, &ours);
	tls_handshake_secrets(pair->server.handshake, &theirs);
	assert_int_equal(ours.suite, theirs.suite);
	assert_true(ours.client.len >= 32 && secrets_equal(&ours.client, &theirs.client));
	assert_true(secrets_equal(&ours.server, &theirs.server));
	assert_true(secrets_equal(&ours.server_handshake, &theirs.server_handshake));
	assert_false(secrets_equal(&ours.client, &ours.server));
	assert_false(secrets_equal(&ours.server, &ours.server_handshake));
	/* They are handed out once. */
	tls_handshake_secrets(pair->client.handshake, &again);
	assert_int_equal(again.client.len, 0);
	pair_free(pair);
}

static void both_ends_know_who_the_other_is(void **state)
{
	struct pair *pair = pair_new(client, server, "vpn.example");
	struct pki_description expected;

	pair_run(pair);
	assert_both_done("a good pair", pair);
	assert_string_equal(tls_handshake_peer(pair->server.handshake)->common_name, "alice");
	assert_int_equal(pki_describe(client_pair.certificate, &expected, NULL), 0);
	assert_memory_equal(tls_handshake_peer(pair->server.handshake)->fingerprint,
			    expected.fingerprint, PKI_FINGERPRINT_LEN);
	assert_string_equal(tls_handshake_peer(pair->client.handshake)->common_name, "vpn.example");
	assert_int_equal(tls_handshake_failure(pair->client.handshake, NULL), TLS_FAILURE_NONE);
	assert_int_equal(tls_handshake_step(pair->client.handshake), TLS_DONE);
	pair_free(pair);
}

static const struct {
	const char *what, *dialled;
} names[] = {
	{ "the DNS name", "vpn.example" },
	{ "the DNS name in capitals", "VPN.Example" },
	{ "the IPv4 address", "192.0.2.1" },
	{ "the IPv6 address", "2001:db8::1" },
	{ "the IPv6 address written otherwise", "2001:DB8:0:0::0:1" },
};

static void any_name_of_the_certificate_may_be_dialled(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct pair *pair = pair_new(client, server, names[i].dialled);

		pair_run(pair);
		assert_both_done(names[i].what, pair);
		pair_free(pair);
	}
}

static const struct {
	const char *what;
	size_t chunk;
	bool balks;
} transports[] = {
	{ "one byte at a time", 1, false },
	{ "one byte and then EAGAIN", 1, true },
	{ "seven bytes at a time", 7, false },
	{ "everything, and then EAGAIN", 0, true },
};

static void any_transport_will_do(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		struct pair *pair = pair_new(client, server, "vpn.example");

		pair->to_server.chunk = pair->to_client.chunk = transports[i].chunk;
		pair->to_server.balks = pair->to_client.balks = transports[i].balks;
		pair_run(pair);
		assert_both_done(transports[i].what, pair);
		pair_free(pair);
	}
}

/* Also one that does not fit where it gathers: with 12 CAs that the client does not need. */
static void a_flight_leaves_at_once(void **state)
{
	static const struct {
		const char *what;
		unsigned authorities, server_writes;
	} rows[] = { { "alone", 0, 1 }, { "longer than 4,096 bytes", 12, 2 } };
	char chain[13 * PKI_PEM_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		strcpy(chain, server_pair.certificate);
		for (unsigned n = 0; n < rows[i].authorities; n++)
			strcat(chain, authority.certificate);
		struct tls_credentials *showing = tls_credentials_new(
			TLS_SERVER, authority.certificate, chain, server_pair.key, NULL);
		assert_non_null(showing);
		struct pair *pair = pair_new(client, showing, "vpn.example");
		pair_run(pair);
		assert_both_done(rows[i].what, pair);
		assert_int_equal(pair->to_server.writes, 2); /* its hello, and what follows ours */
		assert_int_equal(pair->to_client.writes, rows[i].server_writes);
		pair_free(pair);
		tls_credentials_free(showing);
	}
}

static void a_full_socket_is_said(void **state)
{
	struct pair *pair = pair_new(client, NULL, "vpn.example");

	pair->to_server.written = PIPE_CAP;
	assert_int_equal(tls_handshake_step(pair->client.handshake), TLS_WANT_WRITE);
	pair->to_server.written = 0;
	assert_int_equal(tls_handshake_step(pair->client.handshake), TLS_WANT_READ);
	assert_true(pair->to_server.written > 100);
	pair_free(pair);
}

static void each_suite_works(void **state)
{
	static const struct {
		int suites[2];
		size_t secret_len;
	} rows[] = { { { TLS_AES_256_GCM_SHA384 }, 48 }, { { TLS_CHACHA20_POLY1305_SHA256 }, 32 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tls_credentials *chooser = credentials_new(TLS_CLIENT, &client_pair);
		struct tls_credentials *follower = credentials_new(TLS_SERVER, &server_pair);
		struct tls_secrets secrets;
		struct pair *pair;

		mbedtls_ssl_conf_ciphersuites(&chooser->config, rows[i].suites);
		mbedtls_ssl_conf_ciphersuites(&follower->config, rows[i].suites);
		pair = pair_new(chooser, follower, "vpn.example");
		pair_run(pair);
		assert_both_done(tls_suite_name(rows[i].suites[0]), pair);
		tls_handshake_secrets(pair->server.handshake, &secrets);
		assert_int_equal(secrets.suite, rows[i].suites[0]);
		assert_int_equal(secrets.client.len, rows[i].secret_len);
		pair_free(pair);
		tls_credentials_free(chooser);
		tls_credentials_free(follower);
	}
}

static void the_fastest_suite_of_this_machine_is_taken(void **state)
{
	struct pair *pair = pair_new(client, server, "vpn.example");
	enum tls_suite fastest[2];
	struct tls_secrets secrets;

	assert_true(aead_suites(fastest) >= 1);
	pair_run(pair);
	tls_handshake_secrets(pair->server.handshake, &secrets);
	assert_int_equal(secrets.suite, fastest[0]);
	pair_free(pair);
}

/* RFC 8446 4.1.4: the server asks for another group, the client says hello again. */
static void a_client_with_only_the_other_group_gets_in(void **state)
{
	static const uint16_t group[] = { MBEDTLS_SSL_IANA_TLS_GROUP_X25519, 0 };
	struct tls_credentials *other = credentials_new(TLS_CLIENT, &client_pair);
	struct tls_credentials *retrying = credentials_new(TLS_SERVER, &server_pair);
	struct pair *pair;

	mbedtls_ssl_conf_groups(&other->config, group);
	pair = pair_new(other, server, "vpn.example");
	pair_run(pair);
	assert_both_done("only X25519", pair);
	pair_free(pair);
	mbedtls_ssl_conf_groups(&retrying->config, group);
	pair = pair_new(client, retrying, "vpn.example");
	pair_run(pair);
	assert_both_done("a retry with X25519", pair);
	pair_free(pair);
	tls_credentials_free(other);
	tls_credentials_free(retrying);
}

static const struct {
	const char *what;
	struct odd odd;
} strong[] = {
	{ "a P-384 certificate", { .use = PKI_CLIENT, .curve_bits = 384 } },
	{ "an RSA certificate of 2048 bits", { .use = PKI_CLIENT, .rsa_bits = 2048 } },
	{ "a user in UTF-8", { .use = PKI_CLIENT, .user = "J\xc3\xbcrgen" } },
	{ "a certificate for any purpose", { .use = PKI_CLIENT, .any_purpose = true } },
};

static void strong_certificates_get_in(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(strong); i++) {
		struct pki_pair made;
		struct tls_credentials *odd;
		struct pair *pair;

		assert_true(odd_issue(&authority, &strong[i].odd, &made));
		odd = credentials_new(TLS_CLIENT, &made);
		pair = pair_new(odd, server, "vpn.example");
		pair_run(pair);
		assert_both_done(strong[i].what, pair);
		pair_free(pair);
		tls_credentials_free(odd);
	}
}

static void several_authorities_may_be_trusted(void **state)
{
	struct pki_pair second;
	struct pki_description is;
	char both[2 * PKI_PEM_MAX];
	struct tls_credentials *trusting;
	struct pair *pair;
	struct err err = { 0 };

	assert_int_equal(pki_make_authority("Second", 0, 4102444800ll, &second, &err), 0);
	snprintf(both, sizeof(both), "%s%s", second.certificate, authority.certificate);
	trusting = tls_credentials_new(TLS_SERVER, both, server_pair.certificate, server_pair.key,
				       &err);
	assert_non_null(trusting);
	pair = pair_new(client, trusting, "vpn.example");
	pair_run(pair);
	assert_both_done("the second of two", pair);
	assert_int_equal(pki_describe(authority.certificate, &is, &err), 0);
	assert_memory_equal(tls_handshake_authority(pair->server.handshake), is.fingerprint,
			    sizeof(is.fingerprint));
	pair_free(pair);
	tls_credentials_free(trusting);
}

/* What a client sends right after its last handshake message is for the record layer. */
static void not_a_byte_too_many_is_read(void **state)
{
	struct pair *pair = pair_new(client, server, "vpn.example");

	while (pair->client.step != TLS_DONE) {
		end_step(&pair->client);
		if (pair->client.step != TLS_DONE)
			end_step(&pair->server);
	}
	pipe_put(&pair->to_server, bytes_of("and more", 8));
	end_step(&pair->server);
	assert_both_done("more after it", pair);
	assert_int_equal(pipe_rest(&pair->to_server).len, 8);
	assert_memory_equal(pipe_rest(&pair->to_server).data, "and more", 8);
	assert_int_equal(pipe_rest(&pair->to_client).len, 0); /* no session ticket */
	pair_free(pair);
}

static void *shake_hands(void *unused)
{
	for (unsigned i = 0; i < 10; i++) {
		struct pair *pair = pair_new(client, server, "vpn.example");

		pair_run(pair);
		if (pair->client.step != TLS_DONE || pair->server.step != TLS_DONE) {
			pair_free(pair);
			return NULL;
		}
		pair_free(pair);
	}
	return &server; /* anything */
}

static void threads_share_credentials(void **state)
{
	pthread_t thread[4];

	for (unsigned i = 0; i < ARRAY_LEN(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, shake_hands, NULL), 0);
	for (unsigned i = 0; i < ARRAY_LEN(thread); i++) {
		void *result = NULL;

		pthread_join(thread[i], &result);
		assert_non_null(result);
	}
}

static const struct {
	const char *what;
	const char *authority, *certificate, *key;
	const char *sentence;
} bad_credentials[] = {
	{ "no CA", "", server_pair.certificate, server_pair.key,
	  "the CA certificate is not a PEM certificate" },
	{ "a server's certificate as CA", server_pair.certificate, server_pair.certificate,
	  server_pair.key, "a certificate given as that of a CA is not one of a CA" },
	{ "no certificate", authority.certificate, "", server_pair.key,
	  "the certificate is not a PEM certificate" },
	{ "no key", authority.certificate, server_pair.certificate, "",
	  "the private key is not a PEM key, or damaged" },
	{ "a client's certificate", authority.certificate, client_pair.certificate, client_pair.key,
	  "the certificate is not made for a server (see its key usages)" },
	{ "another's key", authority.certificate, server_pair.certificate, client_pair.key,
	  "the private key does not belong to the certificate" },
};

static void bad_credentials_are_refused_at_once(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_credentials); i++) {
		struct err err = { 0 };

		if (tls_credentials_new(TLS_SERVER, bad_credentials[i].authority,
					bad_credentials[i].certificate, bad_credentials[i].key,
					&err) ||
		    strcmp(err.text, bad_credentials[i].sentence) != 0)
			fail_msg("%s: '%s'", bad_credentials[i].what, err.text);
	}
}

/* What the other end would refuse is said before it is dialled. */
static void a_weak_certificate_is_refused_at_once(void **state)
{
	static const struct {
		struct odd odd;
		const char *sentence;
	} odds[] = {
		{ { .use = PKI_CLIENT, .rsa_bits = 1024 }, "RSA from 2048 bits" },
		{ { .use = PKI_CLIENT, .curve_bits = 521 }, "RSA from 2048 bits" },
		{ { .use = PKI_CLIENT, .weak_hash = true }, "RSA from 2048 bits" },
		{ { .use = PKI_CLIENT, .may_not_sign = true }, "not made for a client" },
	};

	for (size_t i = 0; i < ARRAY_LEN(odds); i++) {
		struct pki_pair pair;
		struct err err = { 0 };

		assert_true(odd_issue(&authority, &odds[i].odd, &pair));
		assert_null(tls_credentials_new(TLS_CLIENT, authority.certificate, pair.certificate,
						pair.key, &err));
		assert_non_null(strstr(err.text, odds[i].sentence));
	}
}

static void a_client_must_say_whom_it_dials(void **state)
{
	static char long_name[300];
	const char *wrong[] = { NULL, "", long_name };
	struct tls_io io = { .read = pipe_read, .write = pipe_write };

	memset(long_name, 'a', sizeof(long_name) - 1);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct err err = { 0 };

		assert_null(tls_handshake_new(client, wrong[i], &io, &err));
		assert_string_equal(err.text, "the server's name is missing or too long");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_get_the_same_secrets),
		cmocka_unit_test(both_ends_know_who_the_other_is),
		cmocka_unit_test(any_name_of_the_certificate_may_be_dialled),
		cmocka_unit_test(any_transport_will_do),
		cmocka_unit_test(a_flight_leaves_at_once),
		cmocka_unit_test(a_full_socket_is_said),
		cmocka_unit_test(each_suite_works),
		cmocka_unit_test(the_fastest_suite_of_this_machine_is_taken),
		cmocka_unit_test(a_client_with_only_the_other_group_gets_in),
		cmocka_unit_test(strong_certificates_get_in),
		cmocka_unit_test(several_authorities_may_be_trusted),
		cmocka_unit_test(not_a_byte_too_many_is_read),
		cmocka_unit_test(threads_share_credentials),
		cmocka_unit_test(bad_credentials_are_refused_at_once),
		cmocka_unit_test(a_weak_certificate_is_refused_at_once),
		cmocka_unit_test(a_client_must_say_whom_it_dials),
	};

	return cmocka_run_group_tests(tests, make_credentials, free_credentials);
}
