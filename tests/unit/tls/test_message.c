/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_message.c
 *
 * Each message's body: what is read, what is refused and at which length; and that what is
 * built reads back the same.
 */
#include "tests/unit/tls/hex.h"
#include "tls/message_login.h"

#define BODY_MAX 2048
#define TEXT_63                                                             \
	"61616161616161616161616161616161 61616161616161616161616161616161" \
	"61616161616161616161616161616161 616161616161616161616161616161"

#define BYTES_31 "61616161616161616161616161616161 616161616161616161616161616161"

/* How a parser is asked for its yes or no. */
static bool hello_reads(struct bytes body)
{
	struct hello hello;
	return message_parse_hello(body, &hello);
}

static bool welcome_reads(struct bytes body)
{
	struct welcome welcome;
	return message_parse_welcome(body, &welcome);
}

static bool goodbye_reads(struct bytes body)
{
	struct goodbye goodbye;
	return message_parse_goodbye(body, &goodbye);
}

static bool notice_reads(struct bytes body)
{
	char text[MESSAGE_TEXT_MAX];
	return message_parse_notice(body, text);
}

static bool ask_reads(struct bytes body)
{
	struct ask ask;
	return message_parse_ask(body, &ask);
}

static bool answer_reads(struct bytes body)
{
	struct answer answer;
	return message_parse_answer(body, &answer);
}

static bool enrol_reads(struct bytes body)
{
	struct enrol enrol;
	return message_parse_enrol(body, &enrol);
}

static bool credentials_read(struct bytes body)
{
	struct message_credentials credentials;
	return message_parse_credentials(body, &credentials);
}

static bool renew_reads(struct bytes body)
{
	struct message_request request;
	return message_parse_renew(body, &request);
}

static bool frame_reads(struct bytes body)
{
	struct frame frame;
	return message_parse_frame(MESSAGE_FRAME, body, &frame);
}

static bool superframe_reads(struct bytes body)
{
	struct frame frame;
	return message_parse_frame(MESSAGE_SUPERFRAME, body, &frame);
}

static const struct {
	const char *what;
	bool (*reads)(struct bytes body);
	const char *body;
	bool ok;
} bodies[] = {
	{ "hello: the least", hello_reads, "0001 0002 0001  0003 0004 00010000", true },
	{ "hello: in another order", hello_reads, "0003 0004 00010000  0001 0002 0001", true },
	{ "hello: everything", hello_reads,
	  "0001 0002 0001  0002 0004 00000001  0003 0004 0001000e  0004 0006 020000000001"
	  "0005 0000  0006 0003 6c616e  0007 0002 7063",
	  true },
	{ "hello: nothing", hello_reads, "", false },
	{ "hello: no largest frame", hello_reads, "0001 0002 0001", false },
	{ "hello: no version", hello_reads, "0003 0004 00010000", false },
	{ "hello: something new in it", hello_reads,
	  "0001 0002 0001  7777 0003 010203  0003 0004 00010000", true },
	{ "hello: something new and empty at its end", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  7777 0000", true },
	{ "hello: something new twice", hello_reads,
	  "0001 0002 0001  7777 0000  7777 0000 0003 0004 00010000", true },
	{ "hello: something new, one byte short", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  7777 0002 01", false },
	{ "hello: the version twice", hello_reads,
	  "0001 0002 0001  0001 0002 0001  0003 0004 00010000", false },
	{ "hello: the flag twice", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0005 0000  0005 0000", false },
	{ "hello: a version of one byte", hello_reads, "0001 0001 01  0003 0004 00010000", false },
	{ "hello: a version of three bytes", hello_reads, "0001 0003 000001  0003 0004 00010000",
	  false },
	{ "hello: a largest frame of two bytes", hello_reads, "0001 0002 0001  0003 0002 0001",
	  false },
	{ "hello: a MAC of five bytes", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0004 0005 0200000000", false },
	{ "hello: a MAC of seven bytes", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0004 0007 02000000000001", false },
	{ "hello: a flag with a value", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0005 0001 01", false },
	{ "hello: an empty text", hello_reads, "0001 0002 0001  0003 0004 00010000  0006 0000",
	  true },
	{ "hello: the longest text", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0006 003f" TEXT_63, true },
	{ "hello: a text one byte too long", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0006 0040 61" TEXT_63, false },
	{ "hello: NUL in a text", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0006 0003 610062", false },
	{ "hello: NUL at a text's end", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0006 0002 6100", false },
	{ "hello: any other byte in a text", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0006 0004 1b0affc3", true },
	{ "hello: half a TLV header", hello_reads, "0001 0002 0001  0003 0004 00010000  00",
	  false },
	{ "hello: a TLV header without its length", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0005", false },
	{ "hello: a length over the end", hello_reads, "0001 0002 0001  0003 0005 00010000",
	  false },
	{ "hello: a length far over the end", hello_reads, "0001 0002 0001  0003 ffff 00010000",
	  false },

	{ "welcome: the least", welcome_reads, "0001 0004 00000011  0002 0002 05dc", true },
	{ "welcome: everything", welcome_reads,
	  "0001 0004 00000011  0002 0002 05dc  0003 0004 000003e8  0004 0004 00001388"
	  "0005 0005 616c696365",
	  true },
	{ "welcome: no session", welcome_reads, "0002 0002 05dc", false },
	{ "welcome: no MTU", welcome_reads, "0001 0004 00000011", false },
	{ "welcome: an MTU of four bytes", welcome_reads, "0001 0004 00000011  0002 0004 000005dc",
	  false },
	{ "welcome: a session twice", welcome_reads,
	  "0001 0004 00000011  0002 0002 05dc  0001 0004 00000011", false },
	{ "welcome: a short time", welcome_reads,
	  "0001 0004 00000011  0002 0002 05dc  0003 0002 03e8", false },
	{ "welcome: NUL in the user", welcome_reads,
	  "0001 0004 00000011  0002 0002 05dc  0005 0003 610062", false },
	{ "welcome: the longest user", welcome_reads,
	  "0001 0004 00000011  0002 0002 05dc  0005 003f" TEXT_63, true },
	{ "welcome: a user one byte too long", welcome_reads,
	  "0001 0004 00000011  0002 0002 05dc  0005 0040 61" TEXT_63, false },

	{ "goodbye: a reason", goodbye_reads, "0001 0002 0006", true },
	{ "goodbye: a reason and a sentence", goodbye_reads, "0001 0002 0006  0002 0002 6869",
	  true },
	{ "goodbye: a reason of tomorrow", goodbye_reads, "0001 0002 ffff", true },
	{ "goodbye: no reason", goodbye_reads, "0002 0002 6869", false },
	{ "goodbye: nothing", goodbye_reads, "", false },
	{ "goodbye: a reason of one byte", goodbye_reads, "0001 0001 06", false },
	{ "goodbye: NUL in the sentence", goodbye_reads, "0001 0002 0006  0002 0001 00", false },

	{ "notice: a text", notice_reads, "0001 0002 6869", true },
	{ "notice: an empty text", notice_reads, "0001 0000", true },
	{ "notice: nothing", notice_reads, "", false },
	{ "notice: something else", notice_reads, "0002 0002 6869", false },
	{ "notice: NUL in it", notice_reads, "0001 0003 610062", false },

	{ "hello: an enrolment and a user", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0008 0000  0009 0005 616c696365", true },
	{ "hello: a long user", hello_reads,
	  "0001 0002 0001  0003 0004 00010000  0009 0040 61" TEXT_63, false },

	{ "ask: a password", ask_reads, "0001 0002 0001", true },
	{ "ask: a code, and why", ask_reads, "0001 0002 0002  0002 0002 6869", true },
	{ "ask: something new", ask_reads, "0001 0002 7777", true },
	{ "ask: nothing", ask_reads, "", false },
	{ "ask: a kind of one byte", ask_reads, "0001 0001 01", false },

	{ "answer: one", answer_reads, "0001 0002 0001  0002 0001 61", true },
	{ "answer: an empty one", answer_reads, "0001 0002 0001  0002 0000", true },
	{ "answer: none", answer_reads, "0001 0002 0001", false },
	{ "answer: of no kind", answer_reads, "0002 0001 61", false },
	{ "answer: NUL in it", answer_reads, "0001 0002 0001  0002 0003 610062", false },

	{ "enrol: token and request", enrol_reads, "0001 0001 01  0002 0001 02", true },
	{ "enrol: no request", enrol_reads, "0001 0001 01", false },
	{ "enrol: no token", enrol_reads, "0002 0001 02", false },
	{ "enrol: an empty token", enrol_reads, "0001 0000  0002 0001 02", false },
	{ "enrol: the longest token", enrol_reads, "0001 0020 61" BYTES_31 "  0002 0001 02", true },
	{ "enrol: a token one byte too long", enrol_reads,
	  "0001 0021 6161" BYTES_31 "  0002 0001 02", false },

	{ "credentials: nothing new", credentials_read, "", true },
	{ "credentials: a certificate", credentials_read, "0001 0002 3000", true },
	{ "credentials: everything", credentials_read,
	  "0001 0002 3000  0002 0002 3000  0003 0000  0004 0001 61", true },
	{ "credentials: an empty certificate", credentials_read, "0001 0000", false },
	{ "credentials: a certificate twice", credentials_read, "0001 0001 30  0001 0001 30",
	  false },

	{ "renew: a request", renew_reads, "0001 0001 30", true },
	{ "renew: an empty one", renew_reads, "0001 0000", false },

	{ "frame: an Ethernet header", frame_reads, "ffffffffffff 020000000001 86dd", true },
	{ "frame: one byte less", frame_reads, "ffffffffffff 020000000001 86", false },
	{ "frame: nothing", frame_reads, "", false },

	{ "superframe: nothing to do", superframe_reads,
	  "00 00 0000 0000 0000 ffffffffffff 020000000001 86dd", true },
	{ "superframe: a checksum to fill in", superframe_reads,
	  "10 06 0000 0000 0036 ffffffffffff 020000000001 86dd", true },
	{ "superframe: TCP over IPv4", superframe_reads,
	  "11 10 05a0 0042 0022 ffffffffffff 020000000001 0800", true },
	{ "superframe: TCP over IPv6 with ECN", superframe_reads,
	  "1c 10 05a0 0056 0036 ffffffffffff 020000000001 86dd", true },
	{ "superframe: segmentation 2", superframe_reads,
	  "02 00 0000 0000 0000 ffffffffffff 020000000001 86dd", false },
	{ "superframe: segmentation 3, UDP", superframe_reads,
	  "03 00 0000 0000 0000 ffffffffffff 020000000001 86dd", false },
	{ "superframe: segmentation 5", superframe_reads,
	  "05 00 0000 0000 0000 ffffffffffff 020000000001 86dd", false },
	{ "superframe: segmentation 7", superframe_reads,
	  "07 00 0000 0000 0000 ffffffffffff 020000000001 86dd", false },
	{ "superframe: reserved bit 0x20", superframe_reads,
	  "20 00 0000 0000 0000 ffffffffffff 020000000001 86dd", false },
	{ "superframe: reserved bit 0x40", superframe_reads,
	  "40 00 0000 0000 0000 ffffffffffff 020000000001 86dd", false },
	{ "superframe: reserved bit 0x80", superframe_reads,
	  "80 00 0000 0000 0000 ffffffffffff 020000000001 86dd", false },
	{ "superframe: a frame one byte short", superframe_reads,
	  "00 00 0000 0000 0000 ffffffffffff 020000000001 86", false },
	{ "superframe: half its metadata", superframe_reads, "00 00 0000", false },
	{ "superframe: nothing", superframe_reads, "", false },
};

static void bodies_are_read_or_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		uint8_t buffer[BODY_MAX];
		struct bytes body = hex(bodies[i].body, buffer, sizeof(buffer));

		if (bodies[i].reads(body) != bodies[i].ok)
			fail_msg("%s: should %sread", bodies[i].what, bodies[i].ok ? "" : "not ");
	}
}

/* No prefix of a body is read past its end: exact copies, so that a sanitizer sees it. */
static void cut_bodies_are_safe(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		uint8_t buffer[BODY_MAX];
		struct bytes body = hex(bodies[i].body, buffer, sizeof(buffer));

		for (size_t len = 0; len < body.len; len++) {
			uint8_t *copy = malloc(len > 0 ? len : 1);

			assert_non_null(copy);
			memcpy(copy, body.data, len);
			bodies[i].reads(bytes_of(copy, len));
			free(copy);
		}
	}
}

/* The message in `w` after its header, which must be of this type and span it all. */
static struct bytes body_of(const struct writer *w, enum message_type type)
{
	struct reader r = reader_over(writer_bytes(w));
	struct message message;

	assert_false(w->full);
	message_read_header(&r, &message);
	assert_false(r.bad);
	assert_int_equal(message.type, type);
	assert_int_equal(message.len, r.left);
	return reader_rest(&r);
}

static void hello_reads_back(void **state)
{
	struct hello sent = { .version = 1,
			      .capabilities = CAPABILITY_OFFLOAD,
			      .max_frame = FRAME_MAX,
			      .mac = { .octet = { 2, 0, 0, 0, 0, 1 } },
			      .office = true,
			      .software = "lanyard 0.1.0",
			      .device = "pc" };
	struct hello read;
	uint8_t buffer[MESSAGE_LOGIN_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	message_build_hello(&w, &sent);
	assert_true(message_parse_hello(body_of(&w, MESSAGE_HELLO), &read));
	assert_memory_equal(&read.mac, &sent.mac, sizeof(sent.mac));
	assert_int_equal(read.version, sent.version);
	assert_int_equal(read.capabilities, sent.capabilities);
	assert_int_equal(read.max_frame, sent.max_frame);
	assert_true(read.office);
	assert_string_equal(read.software, sent.software);
	assert_string_equal(read.device, sent.device);
}

/* The longest of everything still fits what is allowed before the login. */
static void the_longest_hello_fits(void **state)
{
	struct hello sent, read;
	uint8_t buffer[MESSAGE_HEADER_LEN + MESSAGE_LOGIN_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	memset(&sent, 'x', sizeof(sent)); /* no text has its NUL */
	sent.office = true;
	message_build_hello(&w, &sent);
	assert_true(message_parse_hello(body_of(&w, MESSAGE_HELLO), &read));
	assert_int_equal(strlen(read.software), MESSAGE_USER_MAX - 1);
	assert_int_equal(strlen(read.device), MESSAGE_USER_MAX - 1);
	w = writer_over(buffer, 20);
	message_build_hello(&w, &sent);
	assert_true(w.full);
}

static void an_empty_hello_reads_back(void **state)
{
	struct hello sent = { 0 }, read;
	uint8_t buffer[MESSAGE_LOGIN_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	message_build_hello(&w, &sent);
	assert_int_equal(w.len, MESSAGE_HEADER_LEN + 6 + 8); /* what must be there */
	memset(&read, 0xff, sizeof(read));
	assert_true(message_parse_hello(body_of(&w, MESSAGE_HELLO), &read));
	assert_int_equal(read.version, 0);
	assert_false(read.office);
	assert_string_equal(read.device, "");
}

static void welcome_reads_back(void **state)
{
	struct welcome sent = {
		.session_id = 17, .mtu = 1500, .echo_ms = 1000, .dead_ms = 5000, .user = "alice"
	};
	struct welcome read;
	uint8_t buffer[MESSAGE_LOGIN_MAX];
	struct writer w = writer_over(buffer, sizeof(buffer));

	message_build_welcome(&w, &sent);
	assert_true(message_parse_welcome(body_of(&w, MESSAGE_WELCOME), &read));
	assert_int_equal(read.session_id, sent.session_id);
	assert_int_equal(read.mtu, sent.mtu);
	assert_int_equal(read.echo_ms, sent.echo_ms);
	assert_int_equal(read.dead_ms, sent.dead_ms);
	assert_string_equal(read.user, sent.user);
}

static void every_goodbye_reads_back(void **state)
{
	for (unsigned reason = 0; reason <= GOODBYE_REASONS; reason++) {
		struct goodbye sent = { .reason = (enum goodbye_reason)reason, .text = "so long" };
		struct goodbye read;
		uint8_t buffer[MESSAGE_LOGIN_MAX];
		struct writer w = writer_over(buffer, sizeof(buffer));

		message_build_goodbye(&w, &sent);
		assert_true(message_parse_goodbye(body_of(&w, MESSAGE_GOODBYE), &read));
		assert_int_equal(read.reason, reason < GOODBYE_REASONS ? reason : GOODBYE_NONE);
		assert_string_equal(read.text, sent.text);
		if (reason < GOODBYE_REASONS)
			assert_non_null(goodbye_name[reason]);
	}
}

static void texts_are_cut(void **state)
{
	char text[2 * MESSAGE_TEXT_MAX], read[MESSAGE_TEXT_MAX];
	uint8_t buffer[MESSAGE_LOGIN_MAX];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (size_t len = 0; len < sizeof(text); len++) {
		struct writer w = writer_over(buffer, sizeof(buffer));

		message_build_notice(&w, text + sizeof(text) - 1 - len);
		assert_true(message_parse_notice(body_of(&w, MESSAGE_NOTICE), read));
		assert_int_equal(strlen(read), len < MESSAGE_TEXT_MAX ? len : MESSAGE_TEXT_MAX - 1);
	}
}

static void echo_is_eight_bytes(void **state)
{
	uint8_t buffer[32], expected[32];
	struct writer w = writer_over(buffer, sizeof(buffer));

	message_build_echo(&w, MESSAGE_ECHO_REPLY, 0x0102030405060708);
	struct bytes golden = hex("06 000008 0102030405060708", expected, sizeof(expected));
	assert_int_equal(w.len, golden.len);
	assert_memory_equal(buffer, golden.data, golden.len);
}

static const struct {
	const char *what;
	struct offload offload;
	size_t len;
	const char *head;
} frames[] = {
	{ "a plain frame", { 0 }, 60, "03 00003c" },
	{ "the largest frame", { 0 }, FRAME_MAX, "03 01000e" },
	{ "a checksum to fill in",
	  { .needs_csum = true, .csum_start = 54, .csum_offset = 6 },
	  60,
	  "04 000044 10 06 0000 0000 0036" },
	{ "TCP over IPv4",
	  { .gso = GSO_TCP4,
	    .needs_csum = true,
	    .gso_size = 1448,
	    .header_len = 66,
	    .csum_start = 34,
	    .csum_offset = 16 },
	  60000,
	  "04 00ea68 11 10 05a8 0042 0022" },
	{ "TCP over IPv6 with ECN",
	  { .gso = GSO_TCP6,
	    .gso_ecn = true,
	    .needs_csum = true,
	    .gso_size = 65535,
	    .header_len = 65534,
	    .csum_start = 65533,
	    .csum_offset = 255 },
	  FRAME_MAX,
	  "04 010016 1c ff ffff fffe fffd" },
};

static void frames_read_back(void **state)
{
	static uint8_t message[MESSAGE_FRAME_HEAD_MAX + FRAME_MAX];

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		uint8_t head[MESSAGE_FRAME_HEAD_MAX], expected[MESSAGE_FRAME_HEAD_MAX];
		struct bytes golden = hex(frames[i].head, expected, sizeof(expected));
		struct frame sent = { .offload = frames[i].offload }, read;

		fill(message, sizeof(message), (uint32_t)i);
		sent.bytes = bytes_of(message + golden.len, frames[i].len);
		size_t len = message_build_frame_head(&sent, head);
		if (len != golden.len || memcmp(head, golden.data, len) != 0)
			fail_msg("%s: another head", frames[i].what);
		memcpy(message, head, len);
		struct writer w = { .buf = message, .len = len + frames[i].len };
		struct bytes body = body_of(&w, (enum message_type)head[0]);
		if (!message_parse_frame((enum message_type)head[0], body, &read) ||
		    read.bytes.data != sent.bytes.data || read.bytes.len != sent.bytes.len)
			fail_msg("%s: another frame", frames[i].what);
		if (read.offload.gso != sent.offload.gso ||
		    read.offload.gso_ecn != sent.offload.gso_ecn ||
		    read.offload.needs_csum != sent.offload.needs_csum ||
		    read.offload.gso_size != sent.offload.gso_size ||
		    read.offload.header_len != sent.offload.header_len ||
		    read.offload.csum_start != sent.offload.csum_start ||
		    read.offload.csum_offset != sent.offload.csum_offset)
			fail_msg("%s: other metadata", frames[i].what);
	}
}

static void frames_have_a_largest_length(void **state)
{
	static uint8_t body[MESSAGE_OFFLOAD_LEN + FRAME_MAX + 1];
	struct frame frame;

	assert_true(message_parse_frame(MESSAGE_FRAME, bytes_of(body, FRAME_MAX), &frame));
	assert_false(message_parse_frame(MESSAGE_FRAME, bytes_of(body, FRAME_MAX + 1), &frame));
	assert_true(message_parse_frame(MESSAGE_SUPERFRAME,
					bytes_of(body, MESSAGE_OFFLOAD_LEN + FRAME_MAX), &frame));
	assert_false(message_parse_frame(MESSAGE_SUPERFRAME, bytes_of(body, sizeof(body)), &frame));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_read_or_refused),
		cmocka_unit_test(cut_bodies_are_safe),
		cmocka_unit_test(hello_reads_back),
		cmocka_unit_test(the_longest_hello_fits),
		cmocka_unit_test(an_empty_hello_reads_back),
		cmocka_unit_test(welcome_reads_back),
		cmocka_unit_test(every_goodbye_reads_back),
		cmocka_unit_test(texts_are_cut),
		cmocka_unit_test(echo_is_eight_bytes),
		cmocka_unit_test(frames_read_back),
		cmocka_unit_test(frames_have_a_largest_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
