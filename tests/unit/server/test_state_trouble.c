/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_state_trouble.c
 *
 * The state file when things go wrong: several processes at once, kill -9 at any moment, a
 * damaged file, a disk that is full or cannot be written.  What was acknowledged is there
 * afterwards, and what failed says so in a sentence.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

#include "folder.h"

#define PROCESSES 8
#define ROUNDS_OF_PROCESSES 4
#define ROUNDS_OF_KILLS 12
#define PIECE 65536

static char folder[FOLDER_PATH];

static int begin_test(void **state)
{
	struct err err = { 0 };

	folder_make(folder);
	return pki_init(&err);
}

static int end_test(void **state)
{
	folder_remove(folder);
	return 0;
}

static unsigned user_count;

static void count_one(void *owner, const struct state_user *user)
{
	user_count++;
}

static unsigned count_users(struct state *state)
{
	struct err err = { 0 };

	user_count = 0;
	must(state_user_list(state, NOW_S, count_one, NULL, &err), &err);
	return user_count;
}

/* ---- several processes ---- */

/* A child: opens at the same moment as the others and reports the CA it got, or a sentence. */
static void first_start(int start_fd, int report_fd)
{
	struct pki_pair authority;
	struct pki_description is = { .common_name = "" };
	struct err err = { 0 };
	char byte, report[600];

	(void)!read(start_fd, &byte, 1); /* the end, as soon as all are there */
	struct state *state = state_open(folder, &err);

	if (state && state_authority(state, NOW_S, &authority, &err) == 0)
		(void)pki_describe(authority.certificate, &is, &err);
	memset(report, 0, sizeof(report));
	memcpy(report, is.fingerprint, sizeof(is.fingerprint));
	memcpy(report + sizeof(is.fingerprint), err.text, sizeof(err.text));
	bool written = write(report_fd, report, sizeof(report)) == sizeof(report);
	state_close(state);
	_exit(written ? 0 : 1);
}

static void processes_agree_on_one_authority(void **unused)
{
	for (unsigned round = 0; round < ROUNDS_OF_PROCESSES; round++) {
		int start[2], reports[2];
		char first[600], report[600];
		pid_t child[PROCESSES];

		assert_int_equal(pipe2(start, O_CLOEXEC), 0);
		assert_int_equal(pipe2(reports, O_CLOEXEC), 0);
		for (unsigned i = 0; i < PROCESSES; i++) {
			child[i] = fork();
			assert_true(child[i] >= 0);
			if (child[i] == 0) {
				close(start[1]);
				first_start(start[0], reports[1]);
			}
		}
		close(start[0]);
		close(start[1]);
		close(reports[1]);
		for (unsigned i = 0; i < PROCESSES; i++) {
			assert_int_equal(read(reports[0], report, sizeof(report)), sizeof(report));
			if (report[PKI_FINGERPRINT_LEN] != '\0')
				fail_msg("round %u: %s", round, report + PKI_FINGERPRINT_LEN);
			if (i == 0)
				memcpy(first, report, sizeof(first));
			assert_memory_equal(report, first, PKI_FINGERPRINT_LEN);
		}
		close(reports[0]);
		for (unsigned i = 0; i < PROCESSES; i++) {
			int status;

			assert_int_equal(waitpid(child[i], &status, 0), child[i]);
			assert_int_equal(status, 0);
		}
		folder_remove(folder);
		folder_make(folder);
	}
}

/* ---- kill -9 ---- */

static void add_for_ever(unsigned round, int report_fd)
{
	struct err err = { 0 };
	struct state *state = state_open(folder, &err);
	char name[STATE_USER_MAX];

	for (unsigned number = 0; state; number++) {
		snprintf(name, sizeof(name), "user-%u-%u", round, number);
		if (state_user_add(state, name, NULL, 0, NOW_S, "test", &err) < 0 ||
		    write(report_fd, &number, sizeof(number)) != sizeof(number))
			break;
	}
	_exit(1); /* only a signal ends it */
}

static void check_acknowledged(unsigned round, unsigned acknowledged)
{
	struct state *state = must_open(folder);
	char name[STATE_USER_MAX];

	for (unsigned number = 0; number < acknowledged; number++) {
		struct err err = { 0 };

		snprintf(name, sizeof(name), "user-%u-%u", round, number);
		if (state_user_add(state, name, NULL, 0, NOW_S, "test", &err) == 0)
			fail_msg("%s was acknowledged and is lost", name);
	}
	/* the one that was in work is there or not, and no other */
	unsigned more = count_users(state) - acknowledged;
	assert_true(more <= 1);
	state_close(state);
	folder_remove(folder);
	folder_make(folder);
}

static void a_kill_loses_nothing_that_was_acknowledged(void **unused)
{
	unsigned total = 0;

	for (unsigned round = 0; round < ROUNDS_OF_KILLS; round++) {
		struct timespec wait = { .tv_nsec = 1000000L * (3 + (round * 37) % 90) };
		int reports[2], status;
		unsigned number, acknowledged = 0;

		assert_int_equal(pipe2(reports, O_CLOEXEC), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			add_for_ever(round, reports[1]);
		close(reports[1]);
		/* half of them while it opens the file, half while it adds, however slow it is */
		if (round % 2 == 1 && read(reports[0], &number, sizeof(number)) == sizeof(number))
			assert_int_equal(number, acknowledged++);
		nanosleep(&wait, NULL); /* the moment of the kill, not a wait for anything */
		kill(child, SIGKILL);
		while (read(reports[0], &number, sizeof(number)) == sizeof(number))
			assert_int_equal(number, acknowledged++);
		close(reports[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		check_acknowledged(round, acknowledged);
		total += acknowledged;
	}
	assert_true(total > 0);
}

/* ---- a damaged file ---- */

static void write_file(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static size_t read_file(const char *path, char *data, size_t cap)
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	size_t len = fread(data, 1, cap, file);
	fclose(file);
	return len;
}

static void damage_is_told_and_not_made_worse(void **unused)
{
	static char good[1 << 20], bad[1 << 20], after[1 << 20];
	static const struct {
		const char *what;
		size_t keep, from, len; /* bytes kept, then from..len overwritten */
		const char *sentence;
	} cases[] = {
		{ "another kind of file", SIZE_MAX, 0, 100, "file is not a database" },
		{ "a header page of garbage", SIZE_MAX, 100, 3000, "malformed" },
	};
	struct err err = { 0 };
	char path[300];

	snprintf(path, sizeof(path), "%s/state.db", folder);
	struct state *state = must_open(folder);
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	state_close(state);
	size_t len = read_file(path, good, sizeof(good));

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t kept = cases[i].keep < len ? cases[i].keep : len;

		memcpy(bad, good, len);
		memset(bad + cases[i].from, 'x', cases[i].len);
		write_file(path, bad, kept);
		err = (struct err) { 0 };
		state = state_open(folder, &err);
		if (state || strncmp(err.text, path, strlen(path)) != 0 ||
		    !strstr(err.text, cases[i].sentence) ||
		    !strstr(err.text, "; restore it from a copy"))
			fail_msg("%s: %s", cases[i].what, state ? "opened" : err.text);
		state_close(state);
		if (read_file(path, after, sizeof(after)) != kept || memcmp(after, bad, kept) != 0)
			fail_msg("%s: the file was changed", cases[i].what);
	}
	write_file(path, good, len);
	state = must_open(folder);
	assert_int_equal(count_users(state), 1);
	state_close(state);
}

/* ---- a disk of our own ---- */

static void make_disk(char disk[static 300], const char *options)
{
	snprintf(disk, 300, "%s/disk", folder);
	if (unshare(CLONE_NEWNS) < 0) {
		print_message("skipped: no right to make a mount namespace\n");
		skip();
	}
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mkdir(disk, 0755), 0);
	assert_int_equal(mount("tmpfs", disk, "tmpfs", 0, options), 0);
}

static void remove_disk(const char *disk)
{
	assert_int_equal(umount(disk), 0);
}

/* Takes all that is left; the file to remove afterwards. */
static void fill(const char *disk, char path[static 310])
{
	static const char piece[PIECE];
	size_t len = sizeof(piece);

	snprintf(path, 310, "%s/filler", disk);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (len > 0)
		if (write(fd, piece, len) < 0)
			len /= 2;
	close(fd);
}

static void a_full_disk_loses_nothing(void **unused)
{
	char disk[300], filler[310], name[STATE_USER_MAX];
	struct err err = { 0 };
	unsigned added = 0;

	make_disk(disk, "size=2m");
	struct state *state = must_open(disk);
	must(state_user_add(state, "before", NULL, 0, NOW_S, "test", &err), &err);
	fill(disk, filler);
	for (; added < 1000; added++) {
		snprintf(name, sizeof(name), "user-%u", added);
		if (state_user_add(state, name, NULL, 0, NOW_S, "test", &err) < 0)
			break;
	}
	if (!strstr(err.text, "/disk/state.db: cannot ") ||
	    !strstr(err.text, "database or disk is full"))
		fail_msg("%s", err.text);
	assert_true(added < 1000);
	assert_int_equal(count_users(state), added + 1);
	assert_int_equal(state_set(state, "prefix", "fd00::/64", &err), -1);

	/* with room again, the same open file goes on */
	unlink(filler);
	must(state_user_add(state, name, NULL, 0, NOW_S, "test", &err), &err);
	state_close(state);
	state = must_open(disk);
	assert_int_equal(count_users(state), added + 2);
	state_close(state);

	/* and a start on a full disk fails with a sentence */
	char other[310];

	fill(disk, filler);
	snprintf(other, sizeof(other), "%s/other", disk);
	err = (struct err) { 0 };
	assert_null(state_open(other, &err));
	assert_non_null(strstr(err.text, "full"));
	remove_disk(disk);
}

static void a_disk_that_cannot_be_written(void **unused)
{
	char disk[300], other[310];
	struct err err = { 0 };

	make_disk(disk, "size=2m");
	struct state *state = must_open(disk);
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	state_close(state);
	assert_int_equal(mount(NULL, disk, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);

	state = state_open(disk, &err);
	if (state || !strstr(err.text, "/disk/state.db: cannot ") ||
	    !strstr(err.text, "write to it: it is read-only"))
		fail_msg("%s", state ? "opened" : err.text);
	snprintf(other, sizeof(other), "%s/other", disk);
	assert_null(state_open(other, &err));
	assert_non_null(strstr(err.text, "cannot make the folder"));
	assert_non_null(strstr(err.text, "Read-only file system"));

	assert_int_equal(mount(NULL, disk, NULL, MS_REMOUNT, NULL), 0);
	state = must_open(disk);
	assert_int_equal(count_users(state), 1);
	state_close(state);
	remove_disk(disk);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(processes_agree_on_one_authority),
		IN_FOLDER(a_kill_loses_nothing_that_was_acknowledged),
		IN_FOLDER(damage_is_told_and_not_made_worse),
		IN_FOLDER(a_full_disk_loses_nothing),
		IN_FOLDER(a_disk_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
