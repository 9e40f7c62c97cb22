/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_file.c
 *
 * Files with secrets: what is read, and that a new one is there whole or not at all, whenever its
 * writer is killed.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "client/file.h"

static char folder[64], path[128], draft_path[144];

static int begin_test(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/lanyard-file-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/client.conf", folder);
	snprintf(draft_path, sizeof(draft_path), "%s.new", path);
	return 0;
}

static int end_test(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void put(const char *to, const char *text, mode_t mode)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void is_at(const char *where, const char *expected)
{
	size_t len;
	char *text = file_read(where, 65536, &len, NULL);

	assert_non_null(text);
	assert_string_equal(text, expected);
	file_forget(text, len);
}

static void commit(const char *where, bool over, const char *text)
{
	struct file_draft draft;
	struct err err = { 0 };

	if (file_draft_begin(&draft, where, over, &err) < 0 ||
	    file_draft_commit(&draft, text, &err) < 0)
		fail_msg("%s", err.text);
}

static void files_are_read_with_a_bound(void **state)
{
	struct err err = { 0 };
	size_t len;

	put(path, "12345", 0600);
	is_at(path, "12345");
	char *text = file_read(path, 5, &len, &err);
	assert_non_null(text);
	assert_int_equal(len, 5);
	file_forget(text, len);
	assert_null(file_read(path, 4, &len, &err));
	assert_non_null(strstr(err.text, "has more than 4 bytes"));
	assert_null(file_read(folder, 4, &len, &err));
	assert_non_null(strstr(err.text, "is no file"));
	assert_int_equal(mkfifo(draft_path, 0600), 0);
	assert_null(file_read(draft_path, 4, &len, &err)); /* and does not wait for a writer */
	assert_non_null(strstr(err.text, "is no file"));
}

static void a_new_file_is_its_owners(void **state)
{
	char deeper[160];
	struct stat is;

	snprintf(deeper, sizeof(deeper), "%s/lanyard/client.conf", folder);
	umask(0);
	commit(deeper, false, "text\n");
	is_at(deeper, "text\n");
	assert_int_equal(stat(deeper, &is), 0);
	assert_int_equal(is.st_mode & 07777, 0600);
	assert_int_equal(is.st_nlink, 1);
}

static void what_is_there_stays_unless_told_otherwise(void **state)
{
	struct file_draft draft;
	struct err err = { 0 };

	put(path, "old", 0644);
	assert_int_equal(file_draft_begin(&draft, path, false, &err), -1);
	assert_non_null(strstr(err.text, "is there already"));
	file_draft_drop(&draft);
	is_at(path, "old");
	commit(path, true, "new");
	is_at(path, "new");
	assert_int_equal(access(draft_path, F_OK), -1);
}

static void nor_what_came_meanwhile(void **state)
{
	struct file_draft draft;
	struct err err = { 0 };

	assert_int_equal(file_draft_begin(&draft, path, false, &err), 0);
	put(path, "somebody else's", 0600);
	assert_int_equal(file_draft_commit(&draft, "ours", &err), -1);
	assert_non_null(strstr(err.text, "File exists"));
	is_at(path, "somebody else's");
	assert_int_equal(access(draft_path, F_OK), -1);
}

static void a_draft_that_is_dropped_leaves_nothing(void **state)
{
	struct file_draft draft;

	assert_int_equal(file_draft_begin(&draft, path, false, NULL), 0);
	assert_int_equal(access(draft_path, F_OK), 0);
	file_draft_drop(&draft);
	file_draft_drop(&draft);
	assert_int_equal(access(draft_path, F_OK), -1);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_link_stays_one_and_an_owner_the_owner(void **state)
{
	char link_path[160];
	struct stat is;

	snprintf(link_path, sizeof(link_path), "%s/link.conf", folder);
	put(path, "old", 0600);
	assert_int_equal(chown(path, 1234, 2345), 0);
	assert_int_equal(symlink(path, link_path), 0);
	commit(link_path, true, "new");
	is_at(path, "new");
	assert_int_equal(lstat(link_path, &is), 0);
	assert_true(S_ISLNK(is.st_mode));
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(is.st_uid, 1234);
	assert_int_equal(is.st_gid, 2345);
}

/* ---- killed at any moment ---- */

#define BIG 40000

static void write_for_ever(int ready)
{
	static char text[BIG + 1];

	for (unsigned round = 0;; round++) {
		struct file_draft draft;

		memset(text, 'a' + (int)(round % 26), BIG);
		if (file_draft_begin(&draft, path, true, NULL) < 0 ||
		    file_draft_commit(&draft, text, NULL) < 0)
			_exit(1);
		if (round == 2 && write(ready, "", 1) != 1)
			_exit(1);
	}
}

static void check_whole(void)
{
	struct err err = { 0 };
	size_t len;
	char *text = file_read(path, 65536, &len, &err);

	if (!text)
		fail_msg("%s", err.text);
	assert_int_equal(len, BIG);
	for (size_t i = 1; i < len; i++)
		if (text[i] != text[0])
			fail_msg("two files in one");
	file_forget(text, len);
}

static void whoever_is_killed_leaves_one_or_the_other(void **state)
{
	for (unsigned round = 0; round < 40; round++) {
		int ready[2], status;
		char byte;

		assert_int_equal(pipe(ready), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			write_for_ever(ready[1]);
		close(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		for (unsigned n = 0; n < round * 2000; n++) /* at another moment each time */
			(void)getppid();
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		close(ready[0]);
		check_whole();
	}
	commit(path, true, "what a dead writer has left does not hold up the next");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(files_are_read_with_a_bound),
		IN_FOLDER(a_new_file_is_its_owners),
		IN_FOLDER(what_is_there_stays_unless_told_otherwise),
		IN_FOLDER(nor_what_came_meanwhile),
		IN_FOLDER(a_draft_that_is_dropped_leaves_nothing),
		IN_FOLDER(a_link_stays_one_and_an_owner_the_owner),
		IN_FOLDER(whoever_is_killed_leaves_one_or_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
