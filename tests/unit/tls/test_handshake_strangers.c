/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_handshake_strangers.c
 *
 * Peers without TLS 1.3, our protocol or a certificate, and whatever else may connect: what our
 * end says, and what the other one gets to hear.
 */
#include "handshake_refusal.h"
#include "odd_certificate.h"
#include "tls/credentials.h"
#include "tls/record.h"

static struct pki_pair authority, server_pair, client_pair;

static int make_certificates(void **state)
{
	return odd_good_ones(&authority, &server_pair, &client_pair) ? 0 : -1;
}

/* Ends that are not Lanyard: our credentials with something taken away. */
static void without_alpn(struct tls_credentials *credentials)
{
	credentials->config.MBEDTLS_PRIVATE(alpn_list) = NULL;
	mbedtls_ssl_conf_cert_cb(&credentials->config, NULL);
}

static void with_other_alpn(struct tls_credentials *credentials)
{
	static const char *other[] = { "h2", "http/1.1", NULL };

	mbedtls_ssl_conf_alpn_protocols(&credentials->config, other);
}

static void without_certificate(struct tls_credentials *credentials)
{
	mbedtls_ssl_conf_own_cert(&credentials->config, NULL, NULL);
}

static void with_tls12(struct tls_credentials *credentials)
{
	mbedtls_ssl_conf_ciphersuites(&credentials->config, mbedtls_ssl_list_ciphersuites());
	mbedtls_ssl_conf_min_tls_version(&credentials->config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(&credentials->config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_cert_cb(&credentials->config, NULL);
}

static void with_other_suite(struct tls_credentials *credentials)
{
	static const int suites[] = { MBEDTLS_TLS1_3_AES_128_GCM_SHA256, 0 };

	mbedtls_ssl_conf_ciphersuites(&credentials->config, suites);
}

static void with_other_group(struct tls_credentials *credentials)
{
	static const uint16_t group[] = { MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1, 0 };

	mbedtls_ssl_conf_groups(&credentials->config, group);
}

/* In each row our good end meets the strange one; what our end says. */
static const struct {
	const char *what;
	enum tls_role role; /* of the strange end */
	void (*change)(struct tls_credentials *credentials);
	enum tls_failure reason;
	enum err_kind kind;
	const char *sentence;
} strangers[] = {
	{ "a client without ALPN", TLS_CLIENT, without_alpn, TLS_FAILURE_ALPN, ERR_CONNECT,
	  "the client speaks TLS but not lanyard/1: is it Lanyard?" },
	{ "a server without ALPN", TLS_SERVER, without_alpn, TLS_FAILURE_ALPN, ERR_CONNECT,
	  "the server speaks TLS but not lanyard/1: is it Lanyard?" },
	{ "a client of another protocol", TLS_CLIENT, with_other_alpn, TLS_FAILURE_ALPN,
	  ERR_CONNECT, "the client speaks TLS but not lanyard/1: is it Lanyard?" },
	{ "a server of another protocol", TLS_SERVER, with_other_alpn, TLS_FAILURE_ALPN,
	  ERR_CONNECT, "the server speaks TLS but not lanyard/1: is it Lanyard?" },
	{ "a client without a certificate", TLS_CLIENT, without_certificate,
	  TLS_FAILURE_NO_CERTIFICATE, ERR_CERTIFICATE, "the client showed no certificate" },
	{ "a client of TLS 1.2", TLS_CLIENT, with_tls12, TLS_FAILURE_VERSION, ERR_CONNECT,
	  "the client does not speak TLS 1.3" },
	{ "a client with none of our suites", TLS_CLIENT, with_other_suite, TLS_FAILURE_PROTOCOL,
	  ERR_CONNECT, "the TLS handshake with the client came to no agreement" },
	{ "a client with none of our groups", TLS_CLIENT, with_other_group, TLS_FAILURE_PROTOCOL,
	  ERR_CONNECT, "the TLS handshake with the client came to no agreement" },
	{ "a server with none of our suites", TLS_SERVER, with_other_suite, TLS_FAILURE_REFUSED,
	  ERR_CONNECT, "the server ended the connection: nothing in common to agree on" },
};

static void strangers_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
		struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
		struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);
		bool client_is_strange = strangers[i].role == TLS_CLIENT;
		struct pair *pair;

		strangers[i].change(client_is_strange ? client : server);
		pair = pair_new(client, server, "vpn.example");
		pair_run(pair);
		assert_failed(strangers[i].what, client_is_strange ? &pair->server : &pair->client,
			      strangers[i].reason, strangers[i].kind, strangers[i].sentence);
		/* The strange end is told, by an alert at the least. */
		if (pair->to_client.written == 0 || pair->to_server.written == 0)
			fail_msg("%s: hears nothing", strangers[i].what);
		pair_free(pair);
		tls_credentials_free(client);
		tls_credentials_free(server);
	}
}

/* A client without ALPN costs us no signature: the alert is all it gets, in clear. */
static void a_client_without_alpn_gets_an_alert_only(void **state)
{
	static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 120 };
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);
	struct pair *pair;

	without_alpn(client);
	pair = pair_new(client, server, "vpn.example");
	end_step(&pair->client);
	end_step(&pair->server);
	assert_int_equal(pipe_rest(&pair->to_client).len, sizeof(alert));
	assert_memory_equal(pipe_rest(&pair->to_client).data, alert, sizeof(alert));
	pair_free(pair);
	tls_credentials_free(client);
	tls_credentials_free(server);
}

/* Bytes that somebody sends to one of our ends, and then hangs up or waits. */
static const struct {
	const char *what;
	enum tls_role role; /* ours */
	const char *text;   /* sent as it is, or ... */
	const char *hex;    /* ... as hex */
	bool waits;	    /* does not hang up */
	enum tls_failure reason;
	const char *sentence;
	const char *answer; /* hex of what it gets; NULL: nothing */
} raws[] = {
	{ "an HTTP request", TLS_SERVER, "GET / HTTP/1.1\r\nHost: vpn.example\r\n\r\n", NULL, true,
	  TLS_FAILURE_NOT_TLS, "the client speaks HTTP, not TLS: is this the right port?", NULL },
	{ "an SSH banner for the server", TLS_SERVER, "SSH-2.0-OpenSSH_9.2\r\n", NULL, true,
	  TLS_FAILURE_NOT_TLS, "the client speaks SSH, not TLS: is this the right port?", NULL },
	{ "an SSH banner for the client", TLS_CLIENT, "SSH-2.0-OpenSSH_9.2\r\n", NULL, true,
	  TLS_FAILURE_NOT_TLS, "the server speaks SSH, not TLS: is this the right port?", NULL },
	{ "an HTTP answer", TLS_CLIENT, "HTTP/1.1 400 Bad Request\r\n\r\n", NULL, true,
	  TLS_FAILURE_NOT_TLS, "the server speaks HTTP, not TLS: is this the right port?", NULL },
	{ "noise", TLS_SERVER, NULL, "9a8b7c6d5e4f30211203f4e5d6c7b8a9", true, TLS_FAILURE_NOT_TLS,
	  "the client speaks something else, not TLS: is this the right port?", NULL },
	{ "two bytes of noise and the end", TLS_SERVER, NULL, "9a8b", false, TLS_FAILURE_NOT_TLS,
	  "the client speaks something else, not TLS: is this the right port?", NULL },
	{ "noise that begins like a record", TLS_SERVER, NULL, "160303000a 9a0000065e4f30211203",
	  true, TLS_FAILURE_PROTOCOL, "the client broke the rules of the TLS handshake (-0x7700)",
	  "150303 0002 020a" },
	{ "a record that is too long", TLS_SERVER, NULL, "160303ffff 0100", true,
	  TLS_FAILURE_PROTOCOL, "the client broke the rules of the TLS handshake (-0x7100)",
	  "150303 0002 0232" },
	{ "an empty record", TLS_SERVER, NULL, "1603030000", true, TLS_FAILURE_PROTOCOL,
	  "the client broke the rules of the TLS handshake (-0x7200)", "150303 0002 0232" },
	{ "application data in place of a hello", TLS_SERVER, NULL, "1703030003 010203", true,
	  TLS_FAILURE_PROTOCOL, "the client broke the rules of the TLS handshake (-0x7700)",
	  "150303 0002 020a" },
	{ "nothing", TLS_SERVER, NULL, "", false, TLS_FAILURE_CLOSED,
	  "the client closed the connection during the TLS handshake", NULL },
	{ "half a record", TLS_SERVER, NULL, "16030300ff 0100", false, TLS_FAILURE_CLOSED,
	  "the client closed the connection during the TLS handshake", NULL },
	{ "a server that hangs up", TLS_CLIENT, NULL, "", false, TLS_FAILURE_CLOSED,
	  "the server closed the connection during the TLS handshake", NULL },
	{ "a TLS 1.2 client's hello", TLS_SERVER, NULL,
	  "160301002f 0100002b 0303 "
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 0002c02f 0100 0000",
	  true, TLS_FAILURE_VERSION, "the client does not speak TLS 1.3", "150303 0002 0246" },
	{ "a TLS 1.0 client's hello", TLS_SERVER, NULL,
	  "160301002f 0100002b 0301 "
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 0002002f 0100 0000",
	  true, TLS_FAILURE_VERSION, "the client does not speak TLS 1.3", "150303 0002 0246" },
	{ "a server that has no common version", TLS_CLIENT, NULL, "150303 0002 0246", false,
	  TLS_FAILURE_VERSION, "the server does not speak TLS 1.3", NULL },
	{ "a server that has no common protocol", TLS_CLIENT, NULL, "150303 0002 0278", false,
	  TLS_FAILURE_ALPN, "the server speaks TLS but not lanyard/1: is it Lanyard?", NULL },
	{ "a server that agrees on nothing", TLS_CLIENT, NULL, "150303 0002 0228", false,
	  TLS_FAILURE_REFUSED, "the server ended the connection: nothing in common to agree on",
	  NULL },
	{ "an alert that nobody knows", TLS_CLIENT, NULL, "150303 0002 02c8", false,
	  TLS_FAILURE_REFUSED, "the server ended the connection with TLS alert 200", NULL },
	{ "close_notify in place of a hello", TLS_CLIENT, NULL, "150303 0002 0100", false,
	  TLS_FAILURE_CLOSED, "the server closed the connection during the TLS handshake", NULL },
};

static struct bytes raw_bytes(size_t row, uint8_t *buffer, size_t cap)
{
	if (raws[row].text)
		return bytes_of(raws[row].text, strlen(raws[row].text));
	return hex(raws[row].hex, buffer, cap);
}

static void assert_answer(size_t row, const struct pipe *pipe, size_t hello_len)
{
	uint8_t buffer[64];
	struct bytes answer = bytes_of(pipe->data + hello_len, pipe->written - hello_len);
	struct bytes expected =
		hex(raws[row].answer ? raws[row].answer : "", buffer, sizeof(buffer));

	if (answer.len != expected.len || memcmp(answer.data, expected.data, expected.len) != 0)
		fail_msg("%s: %zu bytes of answer, alert %d", raws[row].what, answer.len,
			 answer.len > 6 ? answer.data[6] : -1);
}

static void whatever_else_connects_is_refused(void **state)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);

	for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
		bool we_dial = raws[i].role == TLS_CLIENT;
		struct pair *pair =
			pair_new(we_dial ? client : NULL, we_dial ? NULL : server, "vpn.example");
		struct end *end = we_dial ? &pair->client : &pair->server;
		uint8_t buffer[256];
		size_t hello_len;

		pair_run(pair);
		hello_len = end->out->written;
		pipe_put(end->in, raw_bytes(i, buffer, sizeof(buffer)));
		end->in->ended = !raws[i].waits;
		pair_run(pair);
		assert_failed(raws[i].what, end, raws[i].reason, ERR_CONNECT, raws[i].sentence);
		assert_answer(i, end->out, hello_len);
		assert_int_equal(tls_handshake_step(end->handshake), TLS_FAILED);
		pair_free(pair);
	}
	tls_credentials_free(client);
	tls_credentials_free(server);
}

/* Every cut and every changed byte of the other end's flight ends in an orderly failure. */
static void damaged_flights_fail(void **state)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);

	for (size_t at = 0;; at += at < 160 ? 1 : 13) {
		struct pair *pair = pair_new(client, server, "vpn.example");
		bool damaged;

		end_step(&pair->client);
		end_step(&pair->server);
		damaged = at < pair->to_client.written;
		if (damaged)
			pair->to_client.data[at] ^= 0x55;
		pair->to_client.ended = true;
		pair_run(pair);
		/* What is not covered by the transcript: the versions in record headers. */
		if (damaged && pair->client.step == TLS_DONE && pair->server.step == TLS_DONE)
			fail_msg("byte %zu may be changed", at);
		pair_free(pair);
		if (!damaged)
			break;
	}
	tls_credentials_free(client);
	tls_credentials_free(server);
}

/* Neither a message longer than a record may be, nor one that never ends, is waited for. */
static void an_endless_hello_is_refused(void **state)
{
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct pair *pair = pair_new(NULL, server, NULL);
	static uint8_t record[5 + 16000] = { 22, 3, 3, 16000 >> 8, 16000 & 0xff, 1, 0x7f };

	for (unsigned i = 0; i < 3 && pair->server.step != TLS_FAILED; i++) {
		pipe_put(&pair->to_server, bytes_of(record, sizeof(record)));
		pair_run(pair);
	}
	assert_int_equal(pair->server.step, TLS_FAILED);
	assert_int_equal(tls_handshake_failure(pair->server.handshake, NULL), TLS_FAILURE_PROTOCOL);
	pair_free(pair);
	tls_credentials_free(server);
}

static int raw_write(void *end, const unsigned char *from, size_t len)
{
	return (int)pipe_write(end, from, len);
}

static int raw_read(void *end, unsigned char *to, size_t len)
{
	ssize_t got = pipe_read(end, to, len);

	return got < 0 ? MBEDTLS_ERR_SSL_WANT_READ : (int)got;
}

static void keep_client_key(void *secret, mbedtls_ssl_key_export_type type,
			    const unsigned char *octet, size_t len, const unsigned char *client,
			    const unsigned char *server, mbedtls_tls_prf_types prf)
{
	struct tls_secret *kept = secret;

	if (type != MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET)
		return;
	memcpy(kept->octet, octet, len);
	kept->len = len;
}

/* Opens the client's last handshake record and seals it again with `more` behind its message. */
static void lengthen_finished(struct pipe *pipe, const struct tls_secret *secret, struct bytes more)
{
	size_t at = pipe->read, len = 0;
	static uint8_t plain[RECORD_PLAIN_MAX + 256];
	struct bytes part = { .data = plain };
	struct record_opened opened;
	struct record_half half;

	for (; at < pipe->written; at += len)
		len = RECORD_HEADER_LEN + (size_t)(pipe->data[at + 3] << 8 | pipe->data[at + 4]);
	assert_int_equal(record_half_init(&half, TLS_AES_256_GCM_SHA384, secret, NULL), 0);
	half.sequence = 2; /* after Certificate and CertificateVerify */
	assert_int_equal(record_open(&half, bytes_of(pipe->data + at - len, len), plain, &opened),
			 RECORD_OPENED);
	memcpy(plain + opened.plain_len, more.data, more.len);
	part.len = opened.plain_len + more.len;
	half.sequence = 2;
	pipe->written -= len;
	pipe->written += record_seal(&half, RECORD_HANDSHAKE, &part, 1, pipe->data + pipe->written);
	record_half_free(&half);
}

/* RFC 8446 5.1: nothing may follow a message after which the keys change, in the same record. */
static void nothing_rides_on_the_last_message(void **state)
{
	static const uint8_t key_update[] = { 24, 0, 0, 1, 0 };
	static const int suite[] = { TLS_AES_256_GCM_SHA384, 0 };
	struct tls_credentials *server = trusting(&authority, TLS_SERVER, &server_pair);
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);

	for (size_t len = 0; len <= sizeof(key_update); len += sizeof(key_update)) {
		struct pair *pair;
		struct tls_secret secret = { 0 };
		mbedtls_ssl_context ssl;

		mbedtls_ssl_conf_ciphersuites(&client->config, suite);
		pair = pair_new(NULL, server, NULL);
		mbedtls_ssl_init(&ssl);
		assert_int_equal(mbedtls_ssl_setup(&ssl, &client->config), 0);
		assert_int_equal(mbedtls_ssl_set_hostname(&ssl, "vpn.example"), 0);
		mbedtls_ssl_set_bio(&ssl, &pair->client, raw_write, raw_read, NULL);
		mbedtls_ssl_set_export_keys_cb(&ssl, keep_client_key, &secret);
		while (mbedtls_ssl_handshake(&ssl) != 0)
			end_step(&pair->server);
		lengthen_finished(&pair->to_server, &secret, bytes_of(key_update, len));
		pair_run(pair);
		assert_int_equal(pair->server.step, len == 0 ? TLS_DONE : TLS_FAILED);
		mbedtls_ssl_free(&ssl);
		pair_free(pair);
	}
	tls_credentials_free(client);
	tls_credentials_free(server);
}

static void a_broken_socket_is_said(void **state)
{
	struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);
	struct pair *pair = pair_new(client, NULL, "vpn.example");

	pair->to_server.broken = ECONNRESET;
	pair_run(pair);
	assert_failed("a reset", &pair->client, TLS_FAILURE_CLOSED, ERR_CONNECT,
		      "the server closed the connection during the TLS handshake: "
		      "Connection reset by peer");
	pair_free(pair);
	tls_credentials_free(client);
}

static void every_failure_has_a_name(void **state)
{
	for (unsigned i = 0; i < TLS_FAILURES; i++)
		assert_non_null(tls_failure_name[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(a_client_without_alpn_gets_an_alert_only),
		cmocka_unit_test(whatever_else_connects_is_refused),
		cmocka_unit_test(damaged_flights_fail),
		cmocka_unit_test(an_endless_hello_is_refused),
		cmocka_unit_test(nothing_rides_on_the_last_message),
		cmocka_unit_test(a_broken_socket_is_said),
		cmocka_unit_test(every_failure_has_a_name),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
