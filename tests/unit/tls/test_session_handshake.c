/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_session_handshake.c
 *
 * From a real handshake to sessions: the record layer takes over from mbedTLS on both ends, and
 * a client that was refused after it was done learns why.
 */
#include "handshake_refusal.h"
#include "odd_certificate.h"
#include "tls/session.h"

static struct pki_pair authority, other_authority, server_pair, client_pair;

static int make_certificates(void **state)
{
	static const struct odd odds[] = { { .use = PKI_SERVER }, { .use = PKI_CLIENT } };
	struct err err = { 0 };

	if (pki_init(&err) < 0 || pki_make_authority("CA", 0, 4102444800ll, &authority, &err) < 0 ||
	    pki_make_authority("CA", 0, 4102444800ll, &other_authority, &err) < 0)
		return -1;
	assert_true(odd_issue(&authority, &odds[0], &server_pair));
	assert_true(odd_issue(&authority, &odds[1], &client_pair));
	return 0;
}

/* A session behind a handshake that is done. */
struct party {
	struct session *session;
	struct session_memory *memory;
	unsigned frames;
};

static void on_hello(void *owner, const struct hello *hello)
{
	static const struct welcome welcome = { .session_id = 1, .mtu = 1500 };
	struct party *party = owner;

	session_accept(party->session, &welcome, 1);
}

static void on_frame(void *owner, const struct frame *frame)
{
	struct party *party = owner;

	party->frames++;
}

static const struct session_events events = { .hello = on_hello, .frame = on_frame };

static void party_begin(struct party *party, enum tls_role role, struct end *end)
{
	const struct session_config config = {
		.role = role,
		.login_ms = 5000,
		.echo_ms = 1000,
		.dead_ms = 4000,
		.hello = { .version = MESSAGE_VERSION, .max_frame = FRAME_MAX },
	};
	struct tls_secrets secrets;

	tls_handshake_secrets(end->handshake, &secrets);
	*party = (struct party) { .memory = session_memory_new(NULL) };
	assert_non_null(party->memory);
	party->session = session_new(&config, &secrets, &events, party, party->memory, 1, NULL);
	assert_non_null(party->session);
	tls_secrets_wipe(&secrets);
}

static void party_finish(struct party *party)
{
	session_free(party->session);
	session_memory_free(party->memory);
}

static void give(struct party *to, struct bytes bytes)
{
	size_t cap;
	void *room = session_room(to->session, &cap);

	assert_in_range(bytes.len, 1, cap);
	memcpy(room, bytes.data, bytes.len);
	session_received(to->session, bytes.len, 1);
}

static bool carry(struct party *from, struct party *to)
{
	session_flush(from->session);
	struct bytes waiting = session_output(from->session);

	if (waiting.len == 0)
		return false;
	give(to, waiting);
	session_sent(from->session, waiting.len);
	return true;
}

static void a_handshake_becomes_sessions(void **state)
{
	static const uint8_t bytes[1514];
	const struct frame frame = { .bytes = bytes_of(bytes, sizeof(bytes)) };
	struct tls_credentials *ours = trusting(&authority, TLS_CLIENT, &client_pair);
	struct tls_credentials *theirs = trusting(&authority, TLS_SERVER, &server_pair);
	struct pair *pair = pair_new(ours, theirs, "vpn.example");
	struct party client, server;

	pair_run(pair);
	assert_int_equal(pipe_rest(&pair->to_client).len, 0); /* nothing of ours was taken */
	assert_int_equal(pipe_rest(&pair->to_server).len, 0);
	party_begin(&client, TLS_CLIENT, &pair->client);
	party_begin(&server, TLS_SERVER, &pair->server);
	while (carry(&client, &server) || carry(&server, &client))
		;
	assert_int_equal(session_state(client.session), SESSION_UP);
	assert_int_equal(session_state(server.session), SESSION_UP);
	assert_true(session_send_frame(client.session, &frame));
	assert_true(session_send_frame(server.session, &frame));
	while (carry(&client, &server) || carry(&server, &client))
		;
	assert_int_equal(client.frames, 1);
	assert_int_equal(server.frames, 1);
	party_finish(&client);
	party_finish(&server);
	pair_free(pair);
	tls_credentials_free(ours);
	tls_credentials_free(theirs);
}

/* The server knows another CA; the client trusts the server's and is done before it hears. */
static void a_refused_client_learns_why(void **state)
{
	struct tls_credentials *ours = trusting(&authority, TLS_CLIENT, &client_pair);
	struct tls_credentials *theirs = trusting(&other_authority, TLS_SERVER, &server_pair);
	struct pair *pair = pair_new(ours, theirs, "vpn.example");
	struct err err = { 0 };
	struct party client;

	pair_run(pair);
	assert_int_equal(pair->client.step, TLS_DONE);
	assert_int_equal(pair->server.step, TLS_FAILED);
	party_begin(&client, TLS_CLIENT, &pair->client);
	give(&client, pipe_rest(&pair->to_client));
	assert_int_equal(session_end(client.session), SESSION_END_ALERT);
	assert_int_equal(session_end_sentence(client.session, &err), -1);
	assert_int_equal(err.kind, ERR_CERTIFICATE);
	assert_string_equal(err.text, "the server refused our certificate: "
				      "not signed by a CA it knows");
	party_finish(&client);
	pair_free(pair);
	tls_credentials_free(ours);
	tls_credentials_free(theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake_becomes_sessions),
		cmocka_unit_test(a_refused_client_learns_why),
	};
	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
