/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_handshake_http.c
 *
 * Browsers at a server of ours: who comes in by http/1.1, who does not, and that none of them is asked
 * for a certificate, while whoever speaks our protocol is, as before.
 */
#include "handshake_refusal.h"
#include "odd_certificate.h"

static struct pki_pair authority, server_pair, client_pair;

static int make_certificates(void **state)
{
	return odd_good_ones(&authority, &server_pair, &client_pair) ? 0 : -1;
}

#define OFFER(...)                              \
	(const char *[])                        \
	{                                       \
		__VA_ARGS__ __VA_OPT__(, ) NULL \
	}

/* What a client offers by ALPN, and what becomes of it at the server. */
static const struct {
	const char *what;
	const char **offered;
	bool allowed, anonymous; /* at the server */
	bool bare;		 /* the client has no certificate */
	enum tls_failure reason;
	bool http, known; /* afterwards: which protocol; has it shown who it is */
} rows[] = {
	{ "a browser", OFFER("h2", "http/1.1"), true, .bare = true, .http = true },
	{ "http/1.1 alone", OFFER("http/1.1"), true, .bare = true, .http = true },
	{ "a browser with a certificate is not asked", OFFER("http/1.1"), true, .http = true },
	{ "nor where one may be shown", OFFER("http/1.1"), true, true, .http = true },
	{ "a browser where none may come", OFFER("h2", "http/1.1"), false, .bare = true,
	  .reason = TLS_FAILURE_ALPN },
	{ "nor one with a certificate", OFFER("http/1.1"), false, .reason = TLS_FAILURE_ALPN },
	{ "h2 alone", OFFER("h2"), true, .bare = true, .reason = TLS_FAILURE_ALPN },
	{ "another version", OFFER("http/1.0"), true, .bare = true, .reason = TLS_FAILURE_ALPN },
	{ "no protocol", NULL, true, .bare = true, .reason = TLS_FAILURE_ALPN },
	{ "a client of ours", OFFER("lanyard/1"), true, .known = true },
	{ "a client of ours without a certificate", OFFER("lanyard/1"), true, .bare = true,
	  .reason = TLS_FAILURE_NO_CERTIFICATE },
	{ "which it need not have", OFFER("lanyard/1"), true, true, .bare = true },
	{ "who knows both speaks ours", OFFER("http/1.1", "lanyard/1"), true, .known = true },
	{ "and so needs a certificate", OFFER("http/1.1", "lanyard/1"), true, .bare = true,
	  .reason = TLS_FAILURE_NO_CERTIFICATE },
};

static struct tls_credentials *client_for(size_t row)
{
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);

	if (rows[row].bare)
		mbedtls_ssl_conf_own_cert(&client->config, NULL, NULL);
	client->config.MBEDTLS_PRIVATE(alpn_list) = rows[row].offered;
	return client;
}

static void check(size_t row, const struct end *server)
{
	enum tls_failure found = tls_handshake_failure(server->handshake, NULL);

	if (found != rows[row].reason ||
	    server->step != (found == TLS_FAILURE_NONE ? TLS_DONE : TLS_FAILED))
		fail_msg("%s: step %d, %s", rows[row].what, server->step, tls_failure_name[found]);
	if (server->step == TLS_DONE &&
	    (tls_handshake_is_http(server->handshake) != rows[row].http ||
	     (tls_handshake_peer(server->handshake) != NULL) != rows[row].known))
		fail_msg("%s: the wrong protocol, or peer", rows[row].what);
}

/* With and without a second hello, which the server asks for when it wants another group. */
static void browsers_come_in_where_they_may(void **state)
{
	static const uint16_t theirs[] = { MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
					   MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, 0 };
	static const uint16_t ours[] = { MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
		struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
		struct tls_credentials *client = client_for(i / 2);

		if (i % 2) {
			mbedtls_ssl_conf_groups(&client->config, theirs);
			mbedtls_ssl_conf_groups(&server->config, ours);
		}
		struct pair *pair = pair_new(client, server, "vpn.example");
		if (rows[i / 2].allowed)
			tls_handshake_allow_http(pair->server.handshake);
		if (rows[i / 2].anonymous)
			tls_handshake_allow_anonymous(pair->server.handshake);
		pair_run(pair);
		check(i / 2, &pair->server);
		pair_free(pair);
		tls_credentials_free(client);
		tls_credentials_free(server);
	}
}

/* Where none may come they cost no signature: the alert is all they get, in clear. */
static void a_browser_that_may_not_gets_an_alert_only(void **state)
{
	static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 120 };
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client = client_for(0);
	struct pair *pair = pair_new(client, server, "vpn.example");

	end_step(&pair->client);
	end_step(&pair->server);
	assert_int_equal(pipe_rest(&pair->to_client).len, sizeof(alert));
	assert_memory_equal(pipe_rest(&pair->to_client).data, alert, sizeof(alert));
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

/* It is a server's to allow. */
static void a_client_of_ours_speaks_no_http(void **state)
{
	static const char *other[] = { TLS_ALPN_HTTP, NULL };
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client = client_for(0);

	mbedtls_ssl_conf_alpn_protocols(&server->config, other);
	struct pair *pair = pair_new(client, server, "vpn.example");
	tls_handshake_allow_http(pair->server.handshake);
	tls_handshake_allow_http(pair->client.handshake);
	pair_run(pair);
	assert_int_equal(pair->client.step, TLS_FAILED);
	assert_int_equal(tls_handshake_failure(pair->client.handshake, NULL), TLS_FAILURE_ALPN);
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(browsers_come_in_where_they_may),
		cmocka_unit_test(a_browser_that_may_not_gets_an_alert_only),
		cmocka_unit_test(a_client_of_ours_speaks_no_http),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
