/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_err.c
 *
 * Sentences from the inside out, and the log's lines, limits and escapes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"

static void a_sentence_grows_from_the_inside_out(void **state)
{
	struct err err = { "" };

	assert_int_equal(err_status(&err), 1);
	assert_int_equal(err_set(&err, "must be a /%d", 64), -1);
	assert_int_equal(err_context(&err, "prefix '%s'", "fd00::/65"), -1);
	assert_int_equal(err_context(&err, "server.conf:%d", 14), -1);
	assert_string_equal(err.text, "server.conf:14: prefix 'fd00::/65': must be a /64");
	assert_int_equal(err_status(&err), 1);
}

static void the_kind_survives_its_contexts_but_not_a_new_sentence(void **state)
{
	struct err err = { "" };

	assert_int_equal(err_kind(&err, ERR_LOGIN, "login refused"), -1);
	err_context(&err, "vpn.example.net");
	assert_string_equal(err.text, "vpn.example.net: login refused");
	assert_int_equal(err_status(&err), 5);
	err_set(&err, "something else");
	assert_int_equal(err_status(&err), 1);
	err_kind(&err, ERR_CONFIG, "no");
	assert_int_equal(err_status(&err), 78);
	errno = ENOENT;
	err_errno(&err, "cannot open x");
	assert_int_equal(err_status(&err), 1);
}

static void errno_becomes_words_and_stays(void **state)
{
	struct err err;

	errno = EACCES;
	assert_int_equal(err_errno(&err, "cannot open %s", "/dev/net/tun"), -1);
	assert_string_equal(err.text, "cannot open /dev/net/tun: Permission denied");
	assert_int_equal(errno, EACCES);
}

static void no_err_is_fine(void **state)
{
	assert_int_equal(err_set(NULL, "a"), -1);
	assert_int_equal(err_errno(NULL, "a"), -1);
	assert_int_equal(err_kind(NULL, ERR_USAGE, "a"), -1);
	assert_int_equal(err_context(NULL, "a"), -1);
	assert_int_equal(err_status(NULL), 1);
}

static void a_sentence_may_quote_itself(void **state)
{
	struct err err;

	err_set(&err, "b");
	err_set(&err, "a %s c", err.text);
	assert_string_equal(err.text, "a b c");
	err_context(&err, "%s", err.text);
	assert_string_equal(err.text, "a b c: a b c");
}

static void what_is_too_long_is_cut_inside_the_buffer(void **state)
{
	char much[2000];
	struct err err;

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	err_set(&err, "%s", much);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_context(&err, "%s", much);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_set(&err, "short");
	for (size_t len = 490; len < 520; len++) {
		err_set(&err, "short");
		err_context(&err, "%.*s", (int)len, much);
		assert_true(strlen(err.text) < sizeof(err.text));
	}
	errno = EACCES;
	err_errno(&err, "%s", much);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_non_null(strstr(err.text, "xxx: Permission denied"));
}

static const struct {
	const char *what;
	const char *text;
	size_t len, cap;
	const char *shown;
} escapes[] = {
	{ "printable text stays", "eve 1.0 ~", 9, 64, "eve 1.0 ~" },
	{ "nothing is nothing", "", 0, 64, "" },
	{ "a terminal sequence is made visible", "\033[2J", 4, 64, "\\x1b[2J" },
	{ "a new line cannot forge a log line", "a\nb", 3, 64, "a\\x0ab" },
	{ "a backslash cannot forge an escape", "\\x41", 4, 64, "\\x5cx41" },
	{ "bytes over 127 and NUL and DEL", "\xff\0\x7f", 3, 64, "\\xff\\x00\\x7f" },
	{ "a text that just fits", "abcde", 5, 6, "abcde" },
	{ "a text one too long is cut", "abcdef", 6, 6, "ab..." },
	{ "an escape that just fits", "ab\n", 3, 7, "ab\\x0a" },
	{ "an escape is never cut in two", "ab\nc", 4, 7, "ab..." },
	{ "no room even for the dots", "abcdef", 6, 3, ".." },
	{ "room for the NUL alone", "abcdef", 6, 1, "" },
};

static void peers_text_is_made_safe(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
		char *out = malloc(escapes[i].cap);

		log_escape(escapes[i].text, escapes[i].len, out, escapes[i].cap);
		if (strcmp(out, escapes[i].shown) != 0)
			fail_msg("%s: '%s'", escapes[i].what, out);
		free(out);
	}
}

static void a_limit_lets_one_line_through_per_interval(void **state)
{
	struct log_limit limit = { 0 };
	uint64_t kept_back = 99;

	assert_true(log_limit_pass(&limit, 5, &kept_back));
	assert_int_equal(kept_back, 0);
	assert_false(log_limit_pass(&limit, 5, &kept_back));
	assert_false(log_limit_pass(&limit, 5 + LOG_LIMIT_INTERVAL_MS - 1, &kept_back));
	assert_true(log_limit_pass(&limit, 5 + LOG_LIMIT_INTERVAL_MS, &kept_back));
	assert_int_equal(kept_back, 2);
	assert_true(log_limit_pass(&limit, 5 + 2 * LOG_LIMIT_INTERVAL_MS, &kept_back));
	assert_int_equal(kept_back, 0);
}

static char long_text[5000];

static void log_warn_yes(void)
{
	log_warning("session %d: closed", 17);
}

static void log_two_lines(void)
{
	log_info("one\ntwo");
}

static void log_below_level(void)
{
	log_debug("not shown");
}

static void log_much(void)
{
	log_error("%s", long_text);
}

static const struct {
	const char *what;
	void (*log)(void);
	const char *journal; /* JOURNAL_STREAM */
	const char *begins, *ends;
} lines[] = {
	{ "a line on a terminal is bare", log_warn_yes, NULL, "session 17: closed\n", "closed\n" },
	{ "under systemd a priority is in front", log_warn_yes, "8:1", "<4>session", "closed\n" },
	{ "an event stays one line", log_two_lines, NULL, "one two\n", "one two\n" },
	{ "a level above the limit is dropped", log_below_level, NULL, "", "" },
	{ "a long line is cut and ends", log_much, "8:1", "<3>yyyy", "yyy...\n" },
};

static void an_event_is_one_line_on_stderr(void **state)
{
	memset(long_text, 'y', sizeof(long_text) - 1);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		char got[4096];
		int pipe_ends[2], real_stderr = dup(STDERR_FILENO);

		assert_int_equal(pipe(pipe_ends), 0);
		if (lines[i].journal)
			setenv("JOURNAL_STREAM", lines[i].journal, 1);
		else
			unsetenv("JOURNAL_STREAM");
		dup2(pipe_ends[1], STDERR_FILENO);
		errno = EXDEV;
		lines[i].log();
		int errno_after = errno;
		dup2(real_stderr, STDERR_FILENO);
		close(real_stderr);
		close(pipe_ends[1]);
		ssize_t len = read(pipe_ends[0], got, sizeof(got) - 1);
		close(pipe_ends[0]);

		assert_true(len >= 0);
		got[len] = '\0';
		size_t ends_len = strlen(lines[i].ends);
		if (strncmp(got, lines[i].begins, strlen(lines[i].begins)) != 0 ||
		    (size_t)len < ends_len || strcmp(got + len - ends_len, lines[i].ends) != 0 ||
		    (lines[i].begins[0] == '\0' && len > 0) || errno_after != EXDEV)
			fail_msg("%s: '%s', errno %d", lines[i].what, got, errno_after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_grows_from_the_inside_out),
		cmocka_unit_test(the_kind_survives_its_contexts_but_not_a_new_sentence),
		cmocka_unit_test(errno_becomes_words_and_stays),
		cmocka_unit_test(no_err_is_fine),
		cmocka_unit_test(a_sentence_may_quote_itself),
		cmocka_unit_test(what_is_too_long_is_cut_inside_the_buffer),
		cmocka_unit_test(peers_text_is_made_safe),
		cmocka_unit_test(a_limit_lets_one_line_through_per_interval),
		cmocka_unit_test(an_event_is_one_line_on_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
