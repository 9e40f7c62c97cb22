/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_start.c
 *
 * A server that cannot start: whatever step fails, there is one sentence, nothing hangs, and
 * interface, socket and descriptors are gone.  And one that can, as often as one likes.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <uv.h>

#include "base/log.h"
#include "folder.h"
#include "server/server.h"
#include "tests/unit/namespace.h"

static char folder[FOLDER_PATH];

static int begin_test(void **state)
{
	uv_loop_t loop;

	/* the first loop of a process opens what all loops share */
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	namespace_enter();
	run_command("ip link set lo up");
	folder_make(folder);
	log_set_level(LOG_LEVEL_ERROR);
	return 0;
}

static int end_test(void **state)
{
	folder_remove(folder);
	return 0;
}

static unsigned count_descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(all);
	while (readdir(all))
		count++;
	closedir(all);
	return count;
}

/* "%s" in `text` is the test's folder. */
static void write_config(char path[static 300], const char *text)
{
	snprintf(path, 300, "%s/server.conf", folder);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fprintf(file, "[server]\nstate = %s/state\ncontrol = %s/server.sock\nworkers = 2\n", folder,
		folder);
	for (; *text; text++)
		if (text[0] == '@')
			fputs(folder, file);
		else
			fputc(text[0], file);
	assert_int_equal(fclose(file), 0);
}

/* What a row put into the socket's place; it must stay. */
static bool socket_is_taken;

static void check_nothing_is_left(const char *what, unsigned descriptors)
{
	char path[300];

	if (if_nametoindex("lanyard0") != 0)
		fail_msg("%s: the interface is still there", what);
	snprintf(path, sizeof(path), "%s/server.sock", folder);
	if ((access(path, F_OK) == 0) != socket_is_taken)
		fail_msg("%s: the control socket is %s", what, socket_is_taken ? "gone" : "there");
	if (count_descriptors() != descriptors)
		fail_msg("%s: %u descriptors, %u before", what, count_descriptors(), descriptors);
}

/* ---- what is in the way ---- */

static int taken_fd = -1;

static void take_port(void)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(4443) };

	taken_fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(taken_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(taken_fd, 1), 0);
}

static void take_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%.60s/server.sock", folder);
	socket_is_taken = true;
	taken_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(taken_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(taken_fd, 1), 0);
}

static void take_socket_path(void)
{
	run_command("mkdir %s/server.sock", folder);
	socket_is_taken = true;
}

static void take_state(void)
{
	run_command("touch %s/state", folder);
}

static void damage_state(void)
{
	run_command("mkdir %s/state && echo this is not a database, but long enough to be read as "
		    "the header of one: 0123456789012345678901234567890123456789 > "
		    "%s/state/state.db",
		    folder, folder);
}

static void take_name(void)
{
	run_command("ip tuntap add lanyard0 mode tun");
}

static void free_name(void)
{
	run_command("ip link del lanyard0");
}

static void make_bad_certificate(void)
{
	run_command("echo nothing > %s/own.pem", folder);
}

static void free_fd(void)
{
	close(taken_fd);
	taken_fd = -1;
}

static void free_socket(void)
{
	free_fd();
	run_command("rm %s/server.sock", folder);
	socket_is_taken = false;
}

static void free_path(void)
{
	run_command("rmdir %s/server.sock", folder);
	socket_is_taken = false;
}

static void free_state(void)
{
	run_command("rm -r %s/state", folder);
}

#define PORT "listen = [::]:4443\n"

static const struct {
	const char *what, *config, *sentence;
	enum err_kind kind;
	void (*spoil)(void), (*mend)(void);
} failures[] = {
	{ "a configuration with a mistake", PORT "colour = red\n", "unknown key 'colour'",
	  ERR_CONFIG, NULL, NULL },
	{ "no folder for the state", PORT, "Not a directory", ERR_FAILED, take_state, free_state },
	{ "a damaged state", PORT, "restore it from a copy", ERR_FAILED, damage_state, free_state },
	{ "a certificate that is not there", PORT "certificate = @/c.pem\nkey = @/k.pem\n",
	  "/c.pem: No such file or directory", ERR_CONFIG, NULL, NULL },
	{ "a certificate that is none", PORT "certificate = @/own.pem\nkey = @/own.pem\n", "",
	  ERR_CONFIG, make_bad_certificate, NULL },
	{ "a port in use", PORT, "cannot listen on :: port 4443: Address already in use",
	  ERR_FAILED, take_port, free_fd },
	{ "an address that is not ours", "listen = 192.0.2.1:4443\n",
	  "cannot listen on 192.0.2.1 port 4443", ERR_FAILED, NULL, NULL },
	{ "the second of two listeners", PORT "listen = 192.0.2.1:4443\n",
	  "cannot listen on 192.0.2.1 port 4443", ERR_FAILED, NULL, NULL },
	{ "a bridge that is not there", PORT "[bridge]\nmode = bridged\nbridge = br7\n", "br7",
	  ERR_NO_OBJECT, NULL, NULL },
	{ "a control socket that is alive", PORT, "another daemon already listens on", ERR_FAILED,
	  take_socket, free_socket },
	{ "a folder in its place", PORT, "is there and is no socket", ERR_FAILED, take_socket_path,
	  free_path },
};

static void a_failed_start_leaves_nothing(void **state)
{
	char path[300];

	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		struct err err = { 0 };

		write_config(path, failures[i].config);
		if (failures[i].spoil)
			failures[i].spoil();
		unsigned descriptors = count_descriptors();
		if (server_run(path, &err) == 0)
			fail_msg("%s: it ran", failures[i].what);
		if (!strstr(err.text, failures[i].sentence) || err.text[0] == '\0' ||
		    (int)failures[i].kind != err_status(&err))
			fail_msg("%s: kind %d, %s", failures[i].what, err_status(&err), err.text);
		check_nothing_is_left(failures[i].what, descriptors);
		if (failures[i].mend)
			failures[i].mend();
	}
}

static void somebody_elses_interface_stays(void **state)
{
	struct err err = { 0 };
	char path[300];

	write_config(path, PORT);
	take_name();
	unsigned descriptors = count_descriptors();
	assert_int_equal(server_run(path, &err), -1);
	assert_non_null(strstr(err.text, "lanyard0"));
	assert_int_equal(count_descriptors(), descriptors);
	assert_true(if_nametoindex("lanyard0") != 0);
	free_name();
}

/* ---- too few descriptors, wherever they end ---- */

#define RAN 0
#define FAILED 1
#define NO_SENTENCE 2

static void run_with_descriptors(const char *path, unsigned count)
{
	struct rlimit few = { count, count };
	struct err err = { 0 };

	alarm(30);		  /* one that hangs ends by SIGALRM, */
	signal(SIGSEGV, SIG_DFL); /* and cmocka's handlers are for the parent */
	signal(SIGABRT, SIG_DFL);
	setrlimit(RLIMIT_NOFILE, &few);
	int failed = server_run(path, &err);

	_exit(failed == 0 ? RAN
	      : err.text[0]
		      ? FAILED
		      : NO_SENTENCE); /* without a look for leaks: that needs descriptors, too */
}

/* The exit status of a child that runs a server; one that is ready is told to end. */
static int end_of(pid_t child, unsigned count)
{
	char socket_path[300];
	int status;

	snprintf(socket_path, sizeof(socket_path), "%s/server.sock", folder);
	while (waitpid(child, &status, WNOHANG) != child) {
		if (access(socket_path, F_OK) == 0)
			kill(child, SIGTERM);
		poll(NULL, 0, 5);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) > FAILED)
		fail_msg("%u descriptors: status %#x", count, (unsigned)status);
	return WEXITSTATUS(status);
}

static void too_few_descriptors_are_a_failure_like_others(void **state)
{
	unsigned count = count_descriptors() - 2, failed = 0;
	int result = FAILED;
	char path[300];

	write_config(path, PORT);
	for (; result == FAILED; count++, failed++) {
		unsigned descriptors = count_descriptors();
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			run_with_descriptors(path, count);
		result = end_of(child, count);
		check_nothing_is_left("too few descriptors", descriptors);
	}
	assert_true(failed > 10); /* each step that opens one has failed for want of it */
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: it forks, which libuv takes badly once it has threads */
		IN_FOLDER(too_few_descriptors_are_a_failure_like_others),
		IN_FOLDER(a_failed_start_leaves_nothing),
		IN_FOLDER(somebody_elses_interface_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
