/* SPDX-License-Identifier: Apache-2.0 */
/* Programs are found, run without a shell and with no environment but PATH, and do not outlive
 * their limit; what they say when they fail is part of the sentence. */
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program.h"
#include "tests/unit/namespace.h"

struct ending {
	bool ended;
	struct err err; /* text empty: it went well */
};

static void on_done(void *owner, const struct err *err)
{
	struct ending *ending = owner;

	assert_false(ending->ended);
	ending->ended = true;
	if (err)
		ending->err = *err;
}

static void endings_are_told_apart(void **state)
{
	static const struct {
		const char *what, *script, *input, *sentence; /* NULL: it goes well */
		enum err_kind kind;
		uint32_t limit_ms;
	} cases[] = {
		{ "it goes well", "exit 0", NULL, NULL, 0, 5000 },
		{ "a status", "exit 7", NULL, "sh ended with status 7", ERR_FAILED, 5000 },
		{ "a status and a reason", "echo first; echo second; exit 1", NULL,
		  "sh ended with status 1: first", ERR_FAILED, 5000 },
		{ "a reason on standard error", "echo why >&2; exit 1", NULL,
		  "sh ended with status 1: why", ERR_FAILED, 5000 },
		{ "a reason to be escaped", "printf '\\033[31m\\n' >&2; exit 1", NULL,
		  "sh ended with status 1: \\x1b[31m", ERR_FAILED, 5000 },
		{ "a signal", "kill -9 $$", NULL, "sh was killed by signal 9", ERR_FAILED, 5000 },
		{ "an endless loop", "while :; do :; done", NULL, "sh did not end in time",
		  ERR_TIMEOUT, 100 },
		{ "a loop that ignores SIGTERM", "trap '' TERM HUP INT; while :; do :; done", NULL,
		  "sh did not end in time", ERR_TIMEOUT, 100 },
		{ "input", "read -r a; read -r b; [ \"$a+$b\" = one+two ] && ! read -r c",
		  "one\ntwo\n", NULL, 0, 5000 },
		{ "no input", "! read -r a", NULL, NULL, 0, 5000 },
		{ "no environment but PATH",
		  "[ \"$PATH\" = /some/path ] && [ -z \"$SECRET$HOME\" ]", NULL, NULL, 0, 5000 },
		{ "the root folder", "[ \"$PWD\" = / ]", NULL, NULL, 0, 5000 },
		{ "more output than anybody reads",
		  "i=0; while [ $i -lt 9000 ]; do echo 0123456789 || exit 5; i=$((i+1)); done 2> "
		  "/dev/null",
		  NULL, "sh ended with status 5: 0123456789", ERR_FAILED, 5000 },
	};
	uv_loop_t loop;

	setenv("SECRET", "x", 1);
	setenv("HOME", "/root", 1);
	assert_int_equal(uv_loop_init(&loop), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *argv[] = { "/bin/sh", "-c", (char *)cases[i].script, NULL };
		struct program_call call = {
			.argv = argv,
			.input = cases[i].input,
			.search = "/some/path",
			.limit_ms = cases[i].limit_ms,
		};
		struct ending ending = { 0 };
		struct err err = { 0 };

		if (program_run(&loop, &call, on_done, &ending, &err) < 0)
			fail_msg("%s: %s", cases[i].what, err.text);
		uv_run(&loop, UV_RUN_DEFAULT);
		if (!ending.ended ||
		    strcmp(ending.err.text, cases[i].sentence ? cases[i].sentence : "") != 0 ||
		    ending.err.kind != cases[i].kind)
			fail_msg("%s: ended=%d '%s' kind %d", cases[i].what, ending.ended,
				 ending.err.text, (int)ending.err.kind);
	}
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void what_does_not_start_is_a_sentence(void **state)
{
	char *argv[] = { "/nowhere/program", NULL };
	struct program_call call = { .argv = argv, .search = "/bin", .limit_ms = 1000 };
	struct ending ending = { 0 };
	struct err err = { 0 };
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(program_run(&loop, &call, on_done, &ending, &err), -1);
	assert_string_equal(err.text, "cannot run /nowhere/program: no such file or directory");
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_false(ending.ended);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void programs_are_found_in_absolute_folders(void **state)
{
	char folder[] = "/tmp/lanyard-test-XXXXXX", there[64], search[128], file[PROGRAM_PATH];

	assert_non_null(mkdtemp(folder));
	snprintf(there, sizeof(there), "%s/tool", folder);
	FILE *made = fopen(there, "we");
	assert_non_null(made);
	fclose(made);
	assert_int_equal(chmod(there, 0644), 0);
	assert_int_equal(chdir(folder), 0);

	const struct {
		const char *what, *search, *name;
		mode_t mode;
		bool found;
	} cases[] = {
		{ "an empty list", "", "tool", 0755, false },
		{ "the only folder", folder, "tool", 0755, true },
		{ "another name", folder, "tools", 0755, false },
		{ "not executable", folder, "tool", 0644, false },
		{ "the last of three",
		  (snprintf(search, sizeof(search), "/nowhere:/:%s", folder), search), "tool", 0755,
		  true },
		{ "the current folder", ".", "tool", 0755, false },
		{ "the current folder, as an empty word", ":/nowhere", "tool", 0755, false },
		{ "a folder is no program", "/", "tmp", 0755, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		chmod(there, cases[i].mode);
		bool found = program_find(cases[i].search, cases[i].name, file);
		if (found != cases[i].found || (found && strcmp(file, there) != 0))
			fail_msg("%s: found=%d", cases[i].what, found);
	}
	assert_int_equal(chdir("/"), 0);
	unlink(there);
	rmdir(folder);
}

/* A pipe is at its end when nobody has it open for writing any more. */
static void a_programs_children_end_with_it(void **state)
{
	char *argv[] = { "/bin/sh", "-c", "sleep 60 & wait", NULL };
	const struct program_call call = { .argv = argv,
					   .search = "/bin:/usr/bin",
					   .limit_ms = 200 };
	struct ending ending = { 0 };
	uv_loop_t loop;
	int ends[2];

	assert_int_equal(pipe(ends), 0); /* not O_CLOEXEC: they have it, too */
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(program_run(&loop, &call, on_done, &ending, NULL), 0);
	close(ends[1]);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(ending.ended);
	assert_int_equal(poll(&(struct pollfd) { .fd = ends[0], .events = POLLIN }, 1, 10000), 1);
	assert_int_equal(read(ends[0], ends, 1), 0);
	close(ends[0]);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endings_are_told_apart),
		cmocka_unit_test(a_programs_children_end_with_it),
		cmocka_unit_test(what_does_not_start_is_a_sentence),
		cmocka_unit_test(programs_are_found_in_absolute_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
