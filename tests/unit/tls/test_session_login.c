/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_session_login.c
 *
 * Logins that need a password or a code, invitations and certificates, between two sessions; and
 * what a peer says that was not asked.
 */
#include "tests/unit/tls/session_pair.h"
#include "tests/unit/tls/session_puppet.h"

static struct said {
	unsigned asks, answers, enrols, credentials, renews;
	struct ask ask;
	struct answer answer;
	struct enrol enrol;
	struct message_credentials given;
	struct message_request request;
} said;

static void on_ask(void *owner, const struct ask *ask)
{
	said.asks++;
	said.ask = *ask;
}

static void on_answer(void *owner, const struct answer *answer)
{
	said.answers++;
	said.answer = *answer;
}

static void on_enrol(void *owner, const struct enrol *enrol)
{
	said.enrols++;
	said.enrol = *enrol;
}

static void on_credentials(void *owner, const struct message_credentials *credentials)
{
	said.credentials++;
	said.given = *credentials;
}

static void on_renew(void *owner, const struct message_request *request)
{
	said.renews++;
	said.request = *request;
}

static const struct session_login_events login = { on_ask, on_answer, on_enrol, on_credentials,
						   on_renew };

static const struct session_events events = { on_hello,	 on_welcome, on_frame,
					      on_notice, on_now_us,  &login };

/* To LOGIN on the server's side, with our events on both. */
static struct pair *pair_for_login(bool enrol)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	said = (struct said) { 0 };
	pair_begin(pair);
	if (enrol) { /* the hello of pair_begin is on its way: one that announces it instead */
		struct tls_secrets secrets = test_secrets();
		struct session_config config = pair->client.session->config;

		config.hello.enrol = true;
		session_free(pair->client.session);
		pair->client.session = session_new(&config, &secrets, &events, &pair->client,
						   pair->client.memory, pair->now_ms, NULL);
		assert_non_null(pair->client.session);
	}
	session_move(pair->client.session, &events, &pair->client, pair->client.memory);
	session_move(pair->server.session, &events, &pair->server, pair->server.memory);
	pair->server.accepts = false;
	return pair;
}

static void pair_end(struct pair *pair)
{
	pair_finish(pair);
	free(pair);
}

static void ask(struct pair *pair, enum ask_kind kind, const char *text)
{
	struct ask question = { .kind = (uint16_t)kind };

	strcpy(question.text, text);
	session_ask(pair->server.session, &question);
	settle(pair);
}

static void a_password_and_a_code_are_asked_for(void **state)
{
	struct pair *pair = pair_for_login(false);

	settle(pair);
	ask(pair, ASK_PASSWORD, "");
	assert_int_equal(said.ask.kind, ASK_PASSWORD);
	assert_true(session_answer(pair->client.session, "correct horse"));
	assert_false(session_answer(pair->client.session, "once more"));
	settle(pair);
	assert_int_equal(said.answer.kind, ASK_PASSWORD);
	assert_string_equal(said.answer.secret, "correct horse");
	ask(pair, ASK_CODE, "wrong: once more");
	assert_int_equal(said.ask.kind, ASK_CODE);
	assert_string_equal(said.ask.text, "wrong: once more");
	assert_true(session_answer(pair->client.session, "123456"));
	settle(pair);
	assert_string_equal(said.answer.secret, "123456");
	session_accept(pair->server.session, &test_welcome, pair->now_ms);
	settle(pair);
	assert_int_equal(pair->client.hellos, 1); /* said once, with the first question */
	assert_int_equal(session_state(pair->client.session), SESSION_UP);
	assert_int_equal(session_state(pair->server.session), SESSION_UP);
	pair_end(pair);
}

/* Only one question at a time, or an answer could be taken for another one's. */
static void a_question_waits_for_its_answer(void **state)
{
	struct pair *pair = pair_for_login(false);

	settle(pair);
	ask(pair, ASK_PASSWORD, "");
	ask(pair, ASK_CODE, "");
	assert_int_equal(said.asks, 1);
	pair_end(pair);
}

static bool holds(const void *memory, size_t len, const char *secret)
{
	return memmem(memory, len, secret, strlen(secret)) != NULL;
}

static bool holds_token(const void *memory, size_t len, const struct enrol *enrol)
{
	return memmem(memory, len, enrol->token.octet, enrol->token.len) != NULL;
}

static void a_secret_stays_nowhere(void **state)
{
	struct pair *pair = pair_for_login(false);

	settle(pair);
	ask(pair, ASK_PASSWORD, "");
	assert_true(session_answer(pair->client.session, "correct horse"));
	assert_false(holds(pair->client.session->output.buffer, OUTPUT_CAP, "correct horse"));
	settle(pair);
	assert_int_equal(said.answers, 1);
	assert_false(holds(pair->server.memory->plain, PLAIN_CAP, "correct horse"));
	assert_false(holds(pair->server.memory->sealed, SEALED_CAP, "correct horse"));
	pair_end(pair);
}

static void the_longest_secret_fits(void **state)
{
	struct pair *pair = pair_for_login(false);
	char secret[MESSAGE_SECRET_MAX + 1];

	memset(secret, 'x', sizeof(secret));
	secret[MESSAGE_SECRET_MAX] = '\0';
	settle(pair);
	ask(pair, ASK_PASSWORD, "");
	assert_false(session_answer(pair->client.session, secret));
	assert_true(session_answer(pair->client.session, secret + 1));
	settle(pair);
	assert_int_equal(strlen(said.answer.secret), MESSAGE_SECRET_MAX - 1);
	pair_end(pair);
}

static struct enrol longest_enrol(void)
{
	struct enrol enrol = { .token = { .len = MESSAGE_TOKEN_MAX },
			       .request = { .len = MESSAGE_REQUEST_MAX } };

	fill(enrol.token.octet, sizeof(enrol.token.octet), 1);
	fill(enrol.request.octet, sizeof(enrol.request.octet), 2);
	return enrol;
}

static struct message_credentials longest_credentials(void)
{
	struct message_credentials given = {
		.certificate = { .len = MESSAGE_CERTIFICATE_MAX },
		.authorities = { .len = MESSAGE_AUTHORITIES_MAX },
		.distrusted = { .len = MESSAGE_DISTRUSTED_MAX },
		.system = true,
	};

	fill(given.certificate.octet, sizeof(given.certificate.octet), 3);
	fill(given.authorities.octet, sizeof(given.authorities.octet), 4);
	fill(given.distrusted.octet, sizeof(given.distrusted.octet), 5);
	memset(given.user, 'u', sizeof(given.user) - 1);
	return given;
}

static void check_given(const struct message_credentials *given)
{
	assert_int_equal(said.given.certificate.len, given->certificate.len);
	assert_int_equal(said.given.authorities.len, given->authorities.len);
	assert_memory_equal(said.given.certificate.octet, given->certificate.octet,
			    given->certificate.len);
	assert_memory_equal(said.given.authorities.octet, given->authorities.octet,
			    given->authorities.len);
	assert_int_equal(said.given.distrusted.len, given->distrusted.len);
	assert_memory_equal(said.given.distrusted.octet, given->distrusted.octet,
			    given->distrusted.len);
	assert_int_equal(said.given.system, given->system);
	assert_string_equal(said.given.user, given->user);
}

static void an_invitation_becomes_a_certificate(void **state)
{
	struct pair *pair = pair_for_login(true);
	struct enrol enrol = longest_enrol();
	struct message_credentials given = longest_credentials();

	session_enrol(pair->client.session, &enrol);
	settle(pair);
	assert_int_equal(pair->server.hellos, 1);
	assert_int_equal(said.enrols, 1);
	assert_memory_equal(said.enrol.token.octet, enrol.token.octet, enrol.token.len);
	assert_memory_equal(said.enrol.request.octet, enrol.request.octet, enrol.request.len);
	assert_false(holds_token(pair->server.memory->plain, PLAIN_CAP, &enrol));
	session_enrolled(pair->server.session, &given);
	settle(pair);
	assert_int_equal(said.credentials, 1);
	check_given(&given);
	assert_int_equal(session_goodbye(pair->client.session)->reason, GOODBYE_ENROLLED);
	pair_end(pair);
}

static void nobody_gets_what_he_did_not_ask_for(void **state)
{
	struct pair *pair = pair_for_login(true);
	struct message_credentials given = longest_credentials();

	settle(pair);
	session_enrolled(pair->server.session, &given); /* announced, but it did not come */
	settle(pair);
	assert_int_equal(said.credentials, 0);
	assert_int_equal(session_state(pair->client.session), SESSION_HELLO);
	pair_end(pair);
}

static void no_frame_is_sent_before_the_login(void **state)
{
	struct pair *pair = pair_for_login(false);

	settle(pair);
	assert_int_equal(session_state(pair->server.session), SESSION_LOGIN);
	assert_false(send(&pair->server, small_frame, 0));
	assert_int_equal(session_counters(pair->server.session)->tx_frames, 0);
	pair_end(pair);
}

static void certificates_are_renewed_in_between(void **state)
{
	struct pair *pair = pair_for_login(false);
	struct enrol enrol = longest_enrol();
	struct message_credentials given = longest_credentials();

	pair->server.accepts = true;
	assert_false(session_send_renew(pair->client.session, &enrol.request));
	settle(pair);
	assert_true(session_send_renew(pair->client.session, &enrol.request));
	settle(pair);
	assert_int_equal(said.renews, 1);
	assert_int_equal(said.request.len, enrol.request.len);
	assert_memory_equal(said.request.octet, enrol.request.octet, enrol.request.len);
	assert_true(session_send_credentials(pair->server.session, &given));
	settle(pair);
	check_given(&given);
	given = (struct message_credentials) { 0 }; /* nothing new */
	assert_true(session_send_credentials(pair->server.session, &given));
	assert_false(session_send_credentials(pair->client.session, &given));
	assert_false(session_send_renew(pair->server.session, &enrol.request));
	settle(pair);
	assert_int_equal(said.credentials, 2);
	check_given(&given);
	assert_int_equal(session_state(pair->client.session), SESSION_UP);
	pair_end(pair);
}

/* ---- what nobody asked for ---- */

#define ANSWER_PASSWORD "0001 0002 0001 0002 0001 61"
#define ANSWER_CODE "0001 0002 0002 0002 0001 61"
#define ENROL "0001 0001 01 0002 0001 02"
#define HELLO_ENROL "01 000012 0001 0002 0001 0003 0004 0001000e 0008 0000"

static const struct {
	const char *what;
	bool announced; /* hello said that an enrolment follows */
	enum ask_kind asked;
	struct {
		uint8_t type;
		const char *body;
	} say[2];
	bool ok;
	bool accepted; /* without that the answer or the enrolment has come */
} manners[] = {
	{ "an answer to nothing", false, 0, { { MESSAGE_ANSWER, ANSWER_PASSWORD } }, false },
	{ "an answer", false, ASK_PASSWORD, { { MESSAGE_ANSWER, ANSWER_PASSWORD } }, true },
	{ "an answer of another kind",
	  false,
	  ASK_PASSWORD,
	  { { MESSAGE_ANSWER, ANSWER_CODE } },
	  false },
	{ "a second answer",
	  false,
	  ASK_CODE,
	  { { MESSAGE_ANSWER, ANSWER_CODE }, { MESSAGE_ANSWER, ANSWER_CODE } },
	  false },
	{ "an answer of kind 0 to nothing",
	  false,
	  0,
	  { { MESSAGE_ANSWER, "0001 0002 0000 0002 0001 61" } },
	  false },
	{ "an answer of kind 0",
	  false,
	  ASK_PASSWORD,
	  { { MESSAGE_ANSWER, "0001 0002 0000 0002 0001 61" } },
	  false },
	{ "a malformed answer",
	  false,
	  ASK_PASSWORD,
	  { { MESSAGE_ANSWER, "0001 0002 0001" } },
	  false },
	{ "an enrolment", true, 0, { { MESSAGE_ENROL, ENROL } }, true },
	{ "an enrolment that hello did not announce",
	  false,
	  0,
	  { { MESSAGE_ENROL, ENROL } },
	  false },
	{ "a second enrolment",
	  true,
	  0,
	  { { MESSAGE_ENROL, ENROL }, { MESSAGE_ENROL, ENROL } },
	  false },
	{ "a malformed enrolment", true, 0, { { MESSAGE_ENROL, "0001 0001 01" } }, false },
	{ "an answer after the login",
	  false,
	  ASK_PASSWORD,
	  { { MESSAGE_ANSWER, ANSWER_PASSWORD } },
	  false,
	  true },
	{ "an enrolment after the login", true, 0, { { MESSAGE_ENROL, ENROL } }, false, true },
	{ "a malformed request after the login",
	  false,
	  0,
	  { { MESSAGE_RENEW, "0001 0002 01" } },
	  false,
	  true },
};

static void check_manners(size_t i)
{
	struct ask question = { .kind = (uint16_t)manners[i].asked };
	uint8_t buffer[64];
	struct puppet puppet;

	puppet_begin(&puppet, TLS_SERVER);
	session_move(puppet_session(&puppet), &events, &puppet.end, puppet.end.memory);
	puppet.end.accepts = false;
	puppet_say_hex(&puppet, RECORD_APPLICATION,
		       manners[i].announced ? HELLO_ENROL : PUPPET_HELLO);
	if (manners[i].asked)
		session_ask(puppet_session(&puppet), &question);
	if (manners[i].accepted)
		session_accept(puppet_session(&puppet), &test_welcome, puppet.now_ms);
	for (unsigned m = 0; m < ARRAY_LEN(manners[i].say) && manners[i].say[m].body; m++)
		puppet_say_message(&puppet, manners[i].say[m].type,
				   hex(manners[i].say[m].body, buffer, sizeof(buffer)));
	if ((session_end(puppet_session(&puppet)) == SESSION_END_NONE) != manners[i].ok)
		fail_msg("%s: should be %s", manners[i].what, manners[i].ok ? "taken" : "refused");
	puppet_listen(&puppet);
	puppet_finish(&puppet);
}

static void nothing_is_taken_that_was_not_asked_for(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(manners); i++)
		check_manners(i);
}

/* To a client that only logs in; whoever it is, it has proven to be the server. */
static void credentials_are_for_who_enrols(void **state)
{
	struct puppet puppet;

	puppet_bring(&puppet, TLS_CLIENT, SESSION_LOGIN);
	puppet_say_message(&puppet, MESSAGE_CREDENTIALS, bytes_of(NULL, 0));
	assert_int_equal(session_end(puppet_session(&puppet)), SESSION_END_PROTOCOL);
	puppet_listen(&puppet);
	puppet_finish(&puppet);
}

static const struct {
	const char *what;
	enum session_state state;
	const char *messages;
} servers[] = {
	{ "a question of no kind", SESSION_LOGIN, "09 000006 0001 0002 0000" },
	{ "a malformed question", SESSION_LOGIN, "09 000005 0001 0001 01" },
	{ "malformed credentials", SESSION_UP, "0c 000005 0001 0002 01" },
};

static void a_server_has_manners_too(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		struct puppet puppet;

		puppet_bring(&puppet, TLS_CLIENT, servers[i].state);
		puppet_say_hex(&puppet, RECORD_APPLICATION, servers[i].messages);
		if (session_end(puppet_session(&puppet)) != SESSION_END_PROTOCOL)
			fail_msg("%s: should end the session", servers[i].what);
		puppet_listen(&puppet);
		puppet_finish(&puppet);
	}
}

/* Their length alone ends the session, before they came. */
static void credentials_have_their_limit(void **state)
{
	for (uint32_t more = 0; more < 2; more++) {
		uint8_t header[MESSAGE_HEADER_LEN];
		struct writer w = writer_over(header, sizeof(header));
		struct puppet puppet;

		puppet_bring(&puppet, TLS_CLIENT, SESSION_UP);
		writer_u8(&w, MESSAGE_CREDENTIALS);
		writer_u24(&w, MESSAGE_CREDENTIALS_MAX + more);
		puppet_say(&puppet, RECORD_APPLICATION, writer_bytes(&w));
		assert_int_equal(session_end(puppet_session(&puppet)),
				 more ? SESSION_END_PROTOCOL : SESSION_END_NONE);
		puppet_finish(&puppet);
	}
}

/* As a client that runs without anybody who could be asked. */
static void a_client_without_answers_says_so(void **state)
{
	struct puppet puppet;
	uint8_t buffer[64];

	puppet_bring(&puppet, TLS_CLIENT, SESSION_LOGIN);
	puppet_say_message(&puppet, MESSAGE_ASK, hex("0001 0002 0001", buffer, sizeof(buffer)));
	puppet_listen(&puppet);
	assert_int_equal(puppet.goodbye.reason, GOODBYE_NOT_ALLOWED);
	puppet_finish(&puppet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_and_a_code_are_asked_for),
		cmocka_unit_test(a_question_waits_for_its_answer),
		cmocka_unit_test(a_secret_stays_nowhere),
		cmocka_unit_test(the_longest_secret_fits),
		cmocka_unit_test(an_invitation_becomes_a_certificate),
		cmocka_unit_test(nobody_gets_what_he_did_not_ask_for),
		cmocka_unit_test(no_frame_is_sent_before_the_login),
		cmocka_unit_test(certificates_are_renewed_in_between),
		cmocka_unit_test(nothing_is_taken_that_was_not_asked_for),
		cmocka_unit_test(credentials_are_for_who_enrols),
		cmocka_unit_test(a_server_has_manners_too),
		cmocka_unit_test(credentials_have_their_limit),
		cmocka_unit_test(a_client_without_answers_says_so),
	};

	if (pki_init(NULL) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
