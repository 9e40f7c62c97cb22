/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session_input.c
 *
 * Records in, messages out.  Each record is opened behind what is left of the one before,
 * so that a message that runs over several records lies in one piece and is handed out where it
 * lies.  Which message may come when, and how long it may be, is a table.
 *
 * RFC 8446 6 (alerts).
 */
#include "tls/session_private.h"

/* The server's flight before its refusal: EncryptedExtensions, CertificateRequest, Certificate
 * (perhaps in several records), CertificateVerify, Finished. */
#define REFUSAL_SEQUENCE_MAX 16

/* Where opened content lies: the thread's plain buffer, with [start, end) not yet handled. */
struct inbox {
	uint8_t *buffer;
	size_t start, end;
};

static void end_by_record(struct session *session, enum alert alert, const char *fault)
{
	session->fault = fault;
	session_end_with_alert(session, SESSION_END_RECORD, alert);
}

void session_fault(struct session *session, const char *fault)
{
	session->fault = fault;
	session_end_with_goodbye(session, SESSION_END_PROTOCOL, GOODBYE_PROTOCOL, fault);
}

static void handle_hello(struct session *session, struct bytes body)
{
	struct hello hello;

	if (!message_parse_hello(body, &hello) || hello.max_frame < FRAME_MIN) {
		session_fault(session, "a malformed hello");
		return;
	}
	if (hello.version == 0) { /* any other number speaks all below it, too */
		session->fault = "no common version";
		session_end_with_goodbye(session, SESSION_END_PROTOCOL, GOODBYE_VERSION,
					 session->fault);
		return;
	}
	session->peer = hello;
	session_enter(session, SESSION_LOGIN);
	if (session->events->hello)
		session->events->hello(session->owner, &session->peer);
}

/* The keep-alive that the server asks for, as long as it makes sense. */
static void adopt_times(struct session_config *config, const struct welcome *welcome)
{
	uint32_t echo_ms = welcome->echo_ms > 0 ? welcome->echo_ms : config->echo_ms;
	uint32_t dead_ms = welcome->dead_ms > 0 ? welcome->dead_ms : config->dead_ms;

	if (echo_ms < SESSION_ECHO_MIN_MS || dead_ms <= echo_ms)
		return;
	config->echo_ms = echo_ms;
	config->dead_ms = dead_ms;
}

static void handle_welcome(struct session *session, struct bytes body)
{
	struct welcome welcome;

	if (!message_parse_welcome(body, &welcome)) {
		session_fault(session, "a malformed welcome");
		return;
	}
	adopt_times(&session->config, &welcome);
	session_go_up(session);
	if (session->events->welcome && session->state == SESSION_UP)
		session->events->welcome(session->owner, &welcome);
}

static void handle_frame(struct session *session, enum message_type type, struct bytes body)
{
	struct frame frame;

	if (!message_parse_frame(type, body, &frame)) {
		session_fault(session, "a malformed frame message");
		return;
	}
	session->counters.rx_frames++;
	session->counters.rx_bytes += frame.bytes.len;
	if (session->events->frame)
		session->events->frame(session->owner, &frame);
}

static void handle_plain_frame(struct session *session, struct bytes body)
{
	handle_frame(session, MESSAGE_FRAME, body);
}

static void handle_superframe(struct session *session, struct bytes body)
{
	if (session->config.hello.capabilities & CAPABILITY_OFFLOAD)
		handle_frame(session, MESSAGE_SUPERFRAME, body);
	else
		session_fault(session, "a superframe that nobody asked for");
}

static void handle_echo(struct session *session, struct bytes body)
{
	uint8_t buffer[MESSAGE_HEADER_LEN + 8];
	struct writer w = writer_over(buffer, sizeof(buffer));
	struct reader r = reader_over(body);
	uint64_t token = reader_u64(&r);

	if (r.bad || r.left > 0) {
		session_fault(session, "a malformed echo");
		return;
	}
	message_build_echo(&w, MESSAGE_ECHO_REPLY, token);
	output_control(session, &w);
}

/* RFC 6298 2.2, 2.3: the first sample as it is, then an eighth of each. */
static void measure(struct session *session, uint64_t sample_us)
{
	uint64_t smoothed_us = sample_us;

	if (session->rtt_us > 0)
		smoothed_us = (7 * (uint64_t)session->rtt_us + sample_us) / 8;
	session->rtt_us = smoothed_us > UINT32_MAX ? UINT32_MAX : (uint32_t)smoothed_us;
	if (session->rtt_us == 0)
		session->rtt_us = 1; /* 0 would say that it is not known */
}

static void handle_echo_reply(struct session *session, struct bytes body)
{
	struct reader r = reader_over(body);
	uint64_t token = reader_u64(&r);
	uint64_t now_us = session_now_us(session);

	if (r.bad || r.left > 0) {
		session_fault(session, "a malformed echo reply");
		return;
	}
	/* A token that was never sent is far off, too: the difference wraps. */
	if (session->echo_token - token >= SESSION_ECHOES)
		return;
	uint64_t *sent_us = &session->echo_sent_us[token % SESSION_ECHOES];
	if (*sent_us > 0 && now_us >= *sent_us)
		measure(session, now_us - *sent_us);
	*sent_us = 0;
}

static void handle_notice(struct session *session, struct bytes body)
{
	char text[MESSAGE_TEXT_MAX];

	if (!message_parse_notice(body, text))
		session_fault(session, "a malformed notice");
	else if (session->events->notice)
		session->events->notice(session->owner, text);
}

static void handle_goodbye(struct session *session, struct bytes body)
{
	if (message_parse_goodbye(body, &session->goodbye))
		session_end_with_alert(session, SESSION_END_GOODBYE, ALERT_CLOSE_NOTIFY);
	else
		session_fault(session, "a malformed goodbye");
}

#define IN(state) (1u << (state))
#define BEFORE_END (IN(SESSION_HELLO) | IN(SESSION_LOGIN) | IN(SESSION_UP))

/* When each message may come to a server and to a client, and what takes it. */
static const struct rule {
	unsigned server, client; /* states */
	void (*handle)(struct session *session, struct bytes body);
	size_t limit; /* of the body, whatever the state; 0: the state's own */
} rules[] = {
	[MESSAGE_HELLO] = { IN(SESSION_HELLO), IN(SESSION_HELLO), handle_hello },
	[MESSAGE_WELCOME] = { 0, IN(SESSION_LOGIN), handle_welcome },
	[MESSAGE_FRAME] = { IN(SESSION_UP), IN(SESSION_UP), handle_plain_frame },
	[MESSAGE_SUPERFRAME] = { IN(SESSION_UP), IN(SESSION_UP), handle_superframe },
	[MESSAGE_ECHO] = { IN(SESSION_UP), IN(SESSION_UP), handle_echo },
	[MESSAGE_ECHO_REPLY] = { IN(SESSION_UP), IN(SESSION_UP), handle_echo_reply },
	[MESSAGE_NOTICE] = { IN(SESSION_UP), IN(SESSION_UP), handle_notice },
	[MESSAGE_GOODBYE] = { BEFORE_END, BEFORE_END, handle_goodbye },
	[MESSAGE_ASK] = { 0, IN(SESSION_LOGIN), session_handle_ask },
	[MESSAGE_ANSWER] = { IN(SESSION_LOGIN), 0, session_handle_answer },
	[MESSAGE_ENROL] = { IN(SESSION_LOGIN), 0, session_handle_enrol },
	[MESSAGE_CREDENTIALS] = { 0, IN(SESSION_LOGIN) | IN(SESSION_UP), session_handle_credentials,
				  MESSAGE_CREDENTIALS_MAX },
	[MESSAGE_RENEW] = { IN(SESSION_UP), 0, session_handle_renew },
};

/* NULL for a type that only a newer peer knows. */
static const struct rule *rule_for(uint8_t type)
{
	return type < ARRAY_LEN(rules) && rules[type].handle ? &rules[type] : NULL;
}

/* The longest body of this type now. */
static size_t body_limit(const struct session *session, uint8_t type)
{
	const struct rule *rule = rule_for(type);

	if (rule && rule->limit > 0)
		return rule->limit;
	if (session->state != SESSION_UP)
		return MESSAGE_LOGIN_MAX;
	if (type == MESSAGE_FRAME)
		return session->config.hello.max_frame;
	if (type == MESSAGE_SUPERFRAME)
		return session->config.hello.max_frame + MESSAGE_OFFLOAD_LEN;
	return MESSAGE_CONTROL_MAX;
}

/* Of all messages before UP: a server has proven who it is, and sends credentials once. */
static size_t login_bytes_limit(const struct session *session)
{
	return session->config.role == TLS_SERVER
		       ? SESSION_LOGIN_BYTES_MAX
		       : SESSION_LOGIN_BYTES_MAX + MESSAGE_CREDENTIALS_MAX;
}

/* What is wrong with a message of which only the header need be there; NULL if nothing. */
static const char *message_fault(const struct session *session, const struct message *message)
{
	const struct rule *rule = rule_for(message->type);

	if (rule) {
		unsigned states = session->config.role == TLS_SERVER ? rule->server : rule->client;
		if (!(states & IN(session->state)))
			return "a message that is not allowed now";
	}
	if (message->len > body_limit(session, message->type))
		return "a message that is too long";
	if (session->state != SESSION_UP &&
	    session->login_bytes + MESSAGE_HEADER_LEN + message->len > login_bytes_limit(session))
		return "too much before the login";
	return NULL;
}

/* Handles the messages that are there in whole. */
static void handle_messages(struct session *session, struct inbox *inbox)
{
	while (!session_is_over(session)) {
		struct reader r = reader_over((struct bytes) {
			.data = inbox->buffer + inbox->start,
			.len = inbox->end - inbox->start,
		});
		struct message message;
		struct bytes body;

		message_read_header(&r, &message);
		if (r.bad)
			return;
		const char *fault = message_fault(session, &message);
		if (fault) {
			session_fault(session, fault);
			return;
		}
		body.len = message.len;
		body.data = reader_take(&r, body.len);
		if (!body.data)
			return;
		inbox->start += MESSAGE_HEADER_LEN + body.len;
		if (session->state != SESSION_UP)
			session->login_bytes += MESSAGE_HEADER_LEN + body.len;
		const struct rule *rule = rule_for(message.type);
		if (rule)
			rule->handle(session, body);
	}
}

/* A record that carries no data costs us work: there must not be many in a row. */
static bool too_many_idle_records(struct session *session)
{
	if (++session->idle_records <= RECORD_IDLE_MAX)
		return false;
	end_by_record(session, ALERT_UNEXPECTED_MESSAGE, "too many records without data");
	return true;
}

static void handle_handshake(struct session *session, struct bytes content)
{
	bool asks = false;
	const struct record_fault *fault = key_update_read(content, &asks);

	if (fault) {
		end_by_record(session, fault->alert, fault->words);
	} else if (!too_many_idle_records(session)) {
		session->counters.rekeys++;
		if (record_half_update(&session->read, NULL) < 0)
			session_end_with_alert(session, SESSION_END_MEMORY, ALERT_INTERNAL_ERROR);
		else if (asks)
			output_key_update(session);
	}
}

/* RFC 8446 6: whatever the level says, only close_notify is not an error. */
static void handle_alert(struct session *session, struct bytes content)
{
	if (content.len != 2) {
		end_by_record(session, ALERT_DECODE_ERROR, "a malformed alert");
		return;
	}
	session->alert = content.data[1];
	if (session->alert == ALERT_CLOSE_NOTIFY)
		session_end_with_alert(session, SESSION_END_CLOSED, ALERT_CLOSE_NOTIFY);
	else
		session_end_silently(session, SESSION_END_ALERT);
}

/*
 * The first record after the handshake is not for our key: perhaps the server refused our
 * certificate and says so with the key it had during the handshake (tls/secrets.h).
 */
static bool is_refusal(struct session *session, struct bytes sealed, uint8_t *out)
{
	struct record_half half;
	struct record_opened opened;
	bool refused = false;

	if (session->refusal_secret.len == 0 ||
	    record_half_init(&half, session->read.suite, &session->refusal_secret, NULL) < 0)
		return false;
	for (uint64_t sequence = 0; sequence < REFUSAL_SEQUENCE_MAX && !refused; sequence++) {
		half.sequence = sequence;
		refused = record_open(&half, sealed, out, &opened) == RECORD_OPENED &&
			  opened.type == RECORD_ALERT && opened.plain_len == 2;
	}
	record_half_free(&half);
	if (refused)
		handle_alert(session, (struct bytes) { .data = out, .len = opened.plain_len });
	return refused;
}

static void handle_content(struct session *session, enum record_type type, size_t len,
			   struct inbox *inbox)
{
	struct bytes content = { .data = inbox->buffer + inbox->end, .len = len };

	switch (type) {
	case RECORD_ALERT: handle_alert(session, content); break;
	case RECORD_HANDSHAKE: handle_handshake(session, content); break;
	case RECORD_APPLICATION:
		if (len == 0) {
			too_many_idle_records(session);
			break;
		}
		session->idle_records = 0;
		inbox->end += len;
		handle_messages(session, inbox);
		break;
	}
}

/* Opens the next record behind what is in the inbox.  False if there is no whole one. */
static bool receive_record(struct session *session, struct bytes *sealed, struct inbox *inbox)
{
	struct record_opened opened;

	if (inbox->start == inbox->end) {
		inbox->start = inbox->end = 0;
	} else if (PLAIN_CAP - inbox->end < RECORD_SEALED_MAX) {
		memmove(inbox->buffer, inbox->buffer + inbox->start, inbox->end - inbox->start);
		inbox->end -= inbox->start;
		inbox->start = 0;
	}
	enum record_verdict verdict =
		record_open(&session->read, *sealed, inbox->buffer + inbox->end, &opened);
	if (verdict == RECORD_INCOMPLETE)
		return false;
	if (verdict != RECORD_OPENED) {
		if (verdict != RECORD_FORGED ||
		    !is_refusal(session, *sealed, inbox->buffer + inbox->end))
			end_by_record(session, record_fault_of(verdict)->alert,
				      record_fault_of(verdict)->words);
		return false;
	}
	if (session->refusal_secret.len > 0)
		explicit_bzero(&session->refusal_secret, sizeof(session->refusal_secret));
	sealed->data += opened.sealed_len;
	sealed->len -= opened.sealed_len;
	session->counters.rx_records++;
	session->heard_ms = session->now_ms;
	session->probe_due_ms = 0;
	handle_content(session, opened.type, opened.plain_len, inbox);
	return true;
}

/* Takes a stash's bytes back to where they are worked on; returns their number. */
static size_t stash_empty(struct session *session, enum memory_kind kind, struct stash *stash,
			  uint8_t *to)
{
	size_t len = stash->len;

	if (len > 0 && to)
		memcpy(to, stash->buffer, len);
	stash_release(session, kind, stash);
	return len;
}

static void stash_fill(struct session *session, enum memory_kind kind, struct stash *stash,
		       struct bytes rest)
{
	if (rest.len == 0 || session_is_over(session))
		return;
	stash->buffer = memory_take(session->memory, kind);
	if (!stash->buffer) {
		session_end_with_alert(session, SESSION_END_MEMORY, ALERT_INTERNAL_ERROR);
		return;
	}
	memcpy(stash->buffer, rest.data, rest.len);
	stash->len = rest.len;
}

void *session_room(struct session *session, size_t *cap)
{
	uint8_t *room = session->memory->sealed;
	size_t len = session->sealed.len;

	if (len > 0)
		memcpy(room, session->sealed.buffer, len);
	*cap = SEALED_CAP - len;
	return room + len;
}

void session_received(struct session *session, size_t len, uint64_t now_ms)
{
	struct inbox inbox = { .buffer = session->memory->plain };
	struct bytes sealed = { .data = session->memory->sealed };

	session->now_ms = now_ms;
	if (len == 0 || session_is_over(session))
		return;
	/* session_room has put the sealed stash in front already. */
	sealed.len = stash_empty(session, MEMORY_SEALED, &session->sealed, NULL) + len;
	inbox.end = stash_empty(session, MEMORY_PLAIN, &session->plain, inbox.buffer);
	while (!session_is_over(session) && receive_record(session, &sealed, &inbox))
		;
	stash_fill(session, MEMORY_SEALED, &session->sealed, sealed);
	stash_fill(session, MEMORY_PLAIN, &session->plain,
		   (struct bytes) { .data = inbox.buffer + inbox.start,
				    .len = inbox.end - inbox.start });
}
