/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_openssl.c
 *
 * The whole of tls/ with one back end against an unmodified TLS implementation: openssl makes the
 * handshake with ours, then both move frames in records of every size, both ways at once, and
 * change keys when openssl asks, when it just does, and when we do.  openssl knows nothing of
 * our messages; the test feeds it theirs and reads what it prints.
 */
#include "tests/unit/tls/aead_back_end.h"
#include "tests/unit/tls/odd_certificate.h"
#include "tests/unit/tls/openssl_peer.h"
#include "tests/unit/tls/session_one.h"
#include "tls/credentials.h"

#define MESSAGE_CAP (MESSAGE_HEADER_LEN + FRAME_MAX)

#define PEER_HELLO "01 00000e 0001 0002 0001 0003 0004 0001000e"
#define PEER_WELCOME "02 00000e 0001 0004 00000011 0002 0002 05dc"

static const char *const files[] = { "authority", "certificate", "key", NULL };

/*
 * What is moved one after the other, as many frames each way.  "K": first, openssl changes its
 * key and asks us to do the same; "k": it does not ask.  With `pace`, a frame is only begun when the
 * one before has arrived, so that each has a record of its own.
 */
static const struct stage {
	const char *what, *command;
	size_t frame_len;
	unsigned count;
	bool pace;
	uint64_t rekey_after; /* records, ours; 0: far away */
} stages[] = {
	{ "one frame a record", "", 60, 200, true, 0 },
	{ "small frames together", "", 60, 20000, false, 0 },
	{ "frames of a LAN", "", 1514, 2000, false, 0 },
	{ "full records", "", FRAME_MAX, 64, false, 0 },
	{ "full records after a KeyUpdate that asks for ours", "K\n", FRAME_MAX, 32, false, 0 },
	{ "small ones after a KeyUpdate that does not", "k\n", 60, 20000, false, 0 },
	{ "our KeyUpdate after every fifth record", "", FRAME_MAX, 32, false, 5 },
	{ "another one of theirs", "K\n", 1514, 2000, false, 0 },
};

struct world {
	struct openssl_peer peer;
	struct end end; /* our session */
	struct tls_credentials *credentials;
	const struct stage *stage;
	/* frames: begun by us, printed by openssl, given to openssl */
	unsigned sent, printed, given;
	uint8_t giving[MESSAGE_CAP]; /* the message that openssl is being given */
	size_t giving_len, giving_at;
	uint8_t printing[MESSAGE_CAP]; /* the message that openssl is printing */
	size_t printing_len;
	bool talking;	/* openssl has begun to print what we say */
	unsigned aside; /* bytes of s_server_aside that it has printed */
};

static struct world *current; /* for the teardown */
static size_t current_len;

/* Digits only: openssl takes input that begins with some letters for a command. */
static size_t digits(unsigned number, uint8_t *to)
{
	fill(to, current_len, number);
	for (size_t i = 0; i < current_len; i++)
		to[i] = (uint8_t)('0' + to[i] % 10);
	return current_len;
}

static ssize_t io_read(void *owner, void *to, size_t len)
{
	return read(((struct world *)owner)->peer.socket, to, len);
}

static ssize_t io_write(void *owner, const void *from, size_t len)
{
	return write(((struct world *)owner)->peer.socket, from, len);
}

/* Our end of the handshake, by mbedTLS; then a session whose halves use the back end under test. */
static void use_back_end(struct record_half *half)
{
	struct tls_traffic_key material;

	assert_int_equal(tls_traffic_key(half->suite, &half->secret, &material, NULL), 0);
	half->backend->key_free(half->key);
	half->backend = back_end;
	half->key = back_end->key_new(half->suite, material.key);
	assert_non_null(half->key);
}

static void take_over(struct world *world, enum tls_role role)
{
	struct tls_io io = { .read = io_read, .write = io_write, .owner = world };
	struct tls_handshake *handshake = tls_handshake_new(
		world->credentials, role == TLS_CLIENT ? "vpn.example" : NULL, &io, NULL);
	struct tls_secrets secrets;
	struct err err = { 0 };
	enum tls_step step;

	assert_non_null(handshake);
	while ((step = tls_handshake_step(handshake)) != TLS_DONE) {
		if (step == TLS_FAILED) {
			tls_handshake_failure(handshake, &err);
			fail_msg("the handshake failed: %s", err.text);
		}
		openssl_wait(world->peer.socket, step == TLS_WANT_READ ? POLLIN : POLLOUT,
			     "the handshake");
	}
	tls_handshake_secrets(handshake, &secrets);
	tls_handshake_free(handshake);
	assert_int_equal(secrets.suite, suite);
	end_begin_with(&world->end, role, &secrets, 1000);
	tls_secrets_wipe(&secrets);
	world->end.frame_like = digits;
	use_back_end(&world->end.session->read);
	use_back_end(&world->end.session->write);
}

/* Gives openssl what it is to send; true if that is all of it. */
static bool give(struct world *world)
{
	while (world->giving_at < world->giving_len) {
		ssize_t put = write(world->peer.input, world->giving + world->giving_at,
				    world->giving_len - world->giving_at);
		if (put < 0) {
			assert_int_equal(errno, EAGAIN);
			return false;
		}
		world->giving_at += (size_t)put;
	}
	return true;
}

static void give_text(struct world *world, const char *text)
{
	assert_int_equal(world->giving_at, world->giving_len);
	world->giving_at = 0;
	world->giving_len = strlen(text);
	memcpy(world->giving, text, world->giving_len);
}

static void give_hex(struct world *world, const char *text)
{
	assert_int_equal(world->giving_at, world->giving_len);
	world->giving_at = 0;
	world->giving_len = hex(text, world->giving, sizeof(world->giving)).len;
}

static void give_frames(struct world *world)
{
	while (give(world) && world->given < world->stage->count &&
	       (!world->stage->pace || world->end.frames == world->given)) {
		struct frame frame = { 0 };

		frame.bytes = bytes_of(world->giving + MESSAGE_HEADER_LEN,
				       digits(world->given, world->giving + MESSAGE_HEADER_LEN));
		world->giving_len = message_build_frame_head(&frame, world->giving);
		assert_int_equal(world->giving_len, MESSAGE_HEADER_LEN);
		world->giving_len += frame.bytes.len;
		world->giving_at = 0;
		world->given++;
	}
}

static void send_frames(struct world *world)
{
	static uint8_t buffer[FRAME_MAX];
	const struct stage *stage = world->stage;

	while (world->sent < stage->count && session_has_room(world->end.session) &&
	       (!stage->pace || world->printed == world->sent)) {
		struct frame frame = { .bytes = bytes_of(buffer, digits(world->sent, buffer)) };

		assert_true(session_send_frame(world->end.session, &frame));
		world->sent++;
	}
	session_flush(world->end.session);
}

/* A whole message that openssl has printed; anything but frames is not looked at. */
static void note_printed(struct world *world, struct message message)
{
	static uint8_t expected[FRAME_MAX];

	if (message.type != MESSAGE_FRAME)
		return;
	size_t len = digits(world->printed, expected);
	if (message.len != len || memcmp(world->printing + MESSAGE_HEADER_LEN, expected, len) != 0)
		fail_msg("%s: openssl got frame %u changed", world->stage->what, world->printed);
	world->printed++;
}

/* s_server says so when it read a KeyUpdate and nothing else, also in the middle of a message.  No
 * message of ours has an R in it. */
static const char s_server_aside[] = "Read BLOCK\n";

static void take_printed(struct world *world, uint8_t octet)
{
	struct message message;

	/* Between messages, s_server prints about the connection, in text. */
	if (world->printing_len == 0 && (octet < MESSAGE_HELLO || octet > MESSAGE_GOODBYE))
		return;
	world->talking = true;
	if (octet == s_server_aside[world->aside]) {
		if (++world->aside == sizeof(s_server_aside) - 1)
			world->aside = 0;
		return;
	}
	assert_int_equal(world->aside, 0);
	assert_in_range(world->printing_len, 0, MESSAGE_CAP - 1);
	world->printing[world->printing_len++] = octet;
	if (world->printing_len < MESSAGE_HEADER_LEN)
		return;
	struct reader r = reader_over(bytes_of(world->printing, MESSAGE_HEADER_LEN));
	message_read_header(&r, &message);
	if (world->printing_len == MESSAGE_HEADER_LEN + message.len) {
		note_printed(world, message);
		world->printing_len = 0;
	}
}

static void read_printed(struct world *world)
{
	static uint8_t buffer[65536];
	ssize_t got = read(world->peer.output, buffer, sizeof(buffer));

	assert_true(got > 0);
	for (ssize_t i = 0; i < got; i++)
		take_printed(world, buffer[i]);
}

static void read_socket(struct world *world)
{
	size_t cap;
	void *room = session_room(world->end.session, &cap);
	ssize_t got = read(world->peer.socket, room, cap);

	assert_true(got > 0);
	session_received(world->end.session, (size_t)got, 1000);
	if (session_end(world->end.session) != SESSION_END_NONE) {
		struct err err = { 0 };
		session_end_sentence(world->end.session, &err);
		fail_msg("%s: the session ended: %s", world->stage->what, err.text);
	}
}

static void write_socket(struct world *world)
{
	struct bytes waiting = session_output(world->end.session);
	ssize_t put = write(world->peer.socket, waiting.data, waiting.len);

	assert_true(put > 0);
	session_sent(world->end.session, (size_t)put);
}

/* One turn of the loop: waits until something can be done, and does it. */
static void turn(struct world *world, const char *what)
{
	bool speaks = session_output(world->end.session).len > 0;
	struct pollfd wait[] = {
		{ .fd = world->peer.socket, .events = (short)(POLLIN | (speaks ? POLLOUT : 0)) },
		{ .fd = world->peer.output, .events = POLLIN },
		{ .fd = world->giving_at < world->giving_len ? world->peer.input : -1,
		  .events = POLLOUT },
	};

	if (poll(wait, ARRAY_LEN(wait), OPENSSL_PATIENCE_MS) <= 0)
		fail_msg("%s: stuck with %u sent, %u printed, %u given, %u received", what,
			 world->sent, world->printed, world->given, world->end.frames);
	if (wait[0].revents & POLLIN)
		read_socket(world);
	if (wait[0].revents & POLLOUT)
		write_socket(world);
	if (wait[1].revents)
		read_printed(world);
	if (wait[2].revents)
		give(world);
	session_flush(world->end.session);
}

/* openssl's command is input of its own: nothing else may be under way. */
static void command(struct world *world)
{
	uint64_t rekeys = world->end.session->counters.rekeys;
	/* its KeyUpdate, and ours if it asks */
	uint64_t more = world->stage->command[0] == 'K' ? 2 : 1;

	give_text(world, world->stage->command);
	while (world->end.session->counters.rekeys < rekeys + more)
		turn(world, world->stage->what);
	assert_int_equal(world->end.session->counters.rekeys, rekeys + more);
}

/*
 * Large frames went in records that were as full as can be.  openssl makes one of what it reads
 * from its input: s_server at most 16 KiB, s_client 8 KiB, and now and then less.
 */
static void check_records(const struct session *session, const struct session_counters *before,
			  const struct stage *stage)
{
	uint64_t bytes = (uint64_t)stage->count * (MESSAGE_HEADER_LEN + stage->frame_len);
	uint64_t sent = session->counters.tx_records - before->tx_records;
	uint64_t received = session->counters.rx_records - before->rx_records;
	size_t most = session->config.role == TLS_CLIENT ? RECORD_PLAIN_MAX : RECORD_PLAIN_MAX / 2;

	/* each frame's last one may be short: a turn of the loop ends */
	if (sent > bytes / RECORD_PLAIN_MAX + stage->count && !stage->rekey_after)
		fail_msg("%s: %ju records of ours for %ju bytes", stage->what, (uintmax_t)sent,
			 (uintmax_t)bytes);
	if (received > bytes / (most / 2))
		fail_msg("%s: %ju records of theirs for %ju bytes", stage->what,
			 (uintmax_t)received, (uintmax_t)bytes);
}

static void move(struct world *world, const struct stage *stage)
{
	struct session *session = world->end.session;

	world->stage = stage;
	if (stage->command[0])
		command(world);
	current_len = stage->frame_len;
	world->sent = world->printed = world->given = world->end.frames = 0;
	session->rekey_after = stage->rekey_after ? stage->rekey_after : RECORD_REKEY_AFTER;
	struct session_counters before = session->counters;
	while (world->printed < stage->count || world->end.frames < stage->count) {
		give_frames(world);
		send_frames(world);
		turn(world, stage->what);
	}
	if (stage->frame_len == FRAME_MAX)
		check_records(session, &before, stage);
	if (stage->rekey_after)
		assert_true(session->counters.rekeys >= before.rekeys + 10);
	else
		assert_int_equal(session->counters.rekeys, before.rekeys);
}

static void log_in(struct world *world)
{
	world->stage = &stages[0];
	give_hex(world, world->end.session->config.role == TLS_SERVER ? PEER_HELLO
								      : PEER_HELLO PEER_WELCOME);
	while (session_state(world->end.session) != SESSION_UP || !world->talking)
		turn(world, "login");
}

static void run(struct world *world, enum tls_role role)
{
	take_over(world, role);
	log_in(world);
	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		move(world, &stages[i]);
	session_close(world->end.session, GOODBYE_LEAVING, "");
	while (session_output(world->end.session).len > 0)
		write_socket(world);
	/* It hears our close_notify and ends. */
	while (read(world->peer.output, world->printing, sizeof(world->printing)) != 0)
		openssl_wait(world->peer.output, POLLIN, "openssl's end");
	assert_int_equal(openssl_finish(&world->peer), 0);
}

/* A CA, a certificate for each end; ours are credentials, openssl's are files. */
static struct world *world_new(enum tls_role role)
{
	static struct pki_pair authority, pair[2];
	static const struct odd odds[] = {
		[TLS_SERVER] = { .use = PKI_SERVER }, [TLS_CLIENT] = { .use = PKI_CLIENT }
	};
	enum tls_role other = role == TLS_SERVER ? TLS_CLIENT : TLS_SERVER;
	struct world *world = calloc(1, sizeof(*world));
	struct err err = { 0 };

	assert_non_null(world);
	current = world;
	assert_int_equal(pki_init(&err), 0);
	assert_int_equal(pki_make_authority("CA", 0, 4102444800ll, &authority, &err), 0);
	assert_true(odd_issue(&authority, &odds[role], &pair[role]));
	assert_true(odd_issue(&authority, &odds[other], &pair[other]));
	world->credentials = tls_credentials_new(role, authority.certificate,
						 pair[role].certificate, pair[role].key, &err);
	assert_non_null(world->credentials);
	openssl_begin(&world->peer);
	openssl_write_file(&world->peer, "authority", authority.certificate);
	openssl_write_file(&world->peer, "certificate", pair[other].certificate);
	openssl_write_file(&world->peer, "key", pair[other].key);
	return world;
}

/* Also after a failure in the middle. */
static int world_free(void **state)
{
	if (!current)
		return 0;
	openssl_remove(&current->peer, files);
	tls_credentials_free(current->credentials);
	end_finish(&current->end);
	free(current);
	current = NULL;
	return 0;
}

static void openssl_is_a_client(void **state)
{
	struct world *world = world_new(TLS_SERVER);
	int listener = openssl_listen(&world->peer);

	openssl_start(&world->peer,
		      (const char *const[]) { "s_client", "-unix", "socket", "-brief", "-tls1_3",
					      "-alpn", TLS_ALPN, "-ciphersuites",
					      tls_suite_name(suite), "-cert", "certificate", "-key",
					      "key", "-CAfile", "authority", "-verify_return_error",
					      "-verify_hostname", "vpn.example", NULL });
	openssl_accept(&world->peer, listener);
	run(world, TLS_SERVER);
}

static void openssl_is_a_server(void **state)
{
	struct world *world = world_new(TLS_CLIENT);

	openssl_start(&world->peer, (const char *const[]) { "s_server",
							    "-unix",
							    "socket",
							    "-naccept",
							    "1",
							    "-tls1_3",
							    "-num_tickets",
							    "0",
							    "-alpn",
							    TLS_ALPN,
							    "-ciphersuites",
							    tls_suite_name(suite),
							    "-cert",
							    "certificate",
							    "-key",
							    "key",
							    "-CAfile",
							    "authority",
							    "-Verify",
							    "1",
							    "-verify_return_error",
							    NULL });
	openssl_connect(&world->peer);
	run(world, TLS_CLIENT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(openssl_is_a_client, world_free),
		cmocka_unit_test_teardown(openssl_is_a_server, world_free),
	};
	int status = back_end_choose(argc, argv);

	return status != 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
