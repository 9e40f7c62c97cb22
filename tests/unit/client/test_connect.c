/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_connect.c
 *
 * A client that cannot start, or whose first attempt fails: whatever step it is, there is one
 * sentence with its exit status, nothing hangs, and interface, socket and descriptors are gone.
 */
#include <dirent.h>
#include <net/if.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "client/connect.h"
#include "client/profile.h"
#include "tests/unit/namespace.h"
#include "tls/pki.h"

#define NOW_S 1790000000ll
#define DAY_S 86400ll

static char folder[64];
static struct pki_pair authority, own;

static int begin_test(void **state)
{
	const struct pki_request request = { .use = PKI_CLIENT,
					     .common_name = "alice",
					     .not_before_s = NOW_S - 2000 * DAY_S,
					     .not_after_s = NOW_S + 2000 * DAY_S };
	struct err err = { 0 };
	uv_loop_t loop;

	/* the first loop of a process opens what all loops share */
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	namespace_enter();
	run_command("ip link set lo up");
	log_set_level(LOG_LEVEL_ERROR);
	strcpy(folder, "/tmp/lanyard-connect-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(pki_init(&err), 0);
	assert_int_equal(pki_make_authority("CA", request.not_before_s, request.not_after_s,
					    &authority, &err),
			 0);
	assert_int_equal(pki_issue(&authority, &request, &own, &err), 0);
	return 0;
}

static int end_test(void **state)
{
	run_command("rm -r %s", folder);
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

static void write_pem(FILE *file, const char *key, const char *pem)
{
	fprintf(file, "%s =\n", key);
	while (*pem) {
		size_t len = strcspn(pem, "\n");

		fputs("  ", file);
		fwrite(pem, 1, len, file);
		fputc('\n', file);
		pem += len + (pem[len] == '\n');
	}
}

static void write_profile(char path[static 128], const char *client, const char *key, mode_t mode)
{
	snprintf(path, 128, "%s/client.conf", folder);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fprintf(file,
		"[client]\nserver = 127.0.0.1:4443\nname = vpn.example\ndns = ignore\n"
		"control = %s/client.sock\n%s[trust]\n",
		folder, client);
	write_pem(file, "ca", authority.certificate);
	fprintf(file, "[identity]\n");
	write_pem(file, "certificate", own.certificate);
	write_pem(file, "key", key);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static bool socket_is_taken;

static void check_nothing_is_left(const char *what, unsigned descriptors)
{
	char path[128];

	if (if_nametoindex("lanyard0") != 0)
		fail_msg("%s: the interface is still there", what);
	snprintf(path, sizeof(path), "%s/client.sock", folder);
	if ((access(path, F_OK) == 0) != socket_is_taken)
		fail_msg("%s: the control socket is %s", what, socket_is_taken ? "gone" : "there");
	if (count_descriptors() != descriptors)
		fail_msg("%s: %u descriptors, %u before", what, count_descriptors(), descriptors);
}

/* ---- what is in the way ---- */

static int taken_fd = -1;

static void take_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/client.sock", folder);
	taken_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(taken_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(taken_fd, 1), 0);
	socket_is_taken = true;
}

static void free_socket(void)
{
	close(taken_fd);
	run_command("rm %s/client.sock", folder);
	socket_is_taken = false;
}

static const struct {
	const char *what, *client, *bridge;
	bool wrong_key;
	mode_t mode;
	const char *sentence;
	enum err_kind kind;
	void (*spoil)(void), (*mend)(void);
} failures[] = {
	{ "a mistake in the profile", "colour = red\n", NULL, false, 0600, "unknown key 'colour'",
	  ERR_CONFIG, NULL, NULL },
	{ "a profile for all to read", "", NULL, false, 0644, "others can read it", ERR_CONFIG,
	  NULL, NULL },
	{ "another key than the certificate's", "", NULL, true, 0600, "client.conf: ", ERR_CONFIG,
	  NULL, NULL },
	{ "a bridge that is not there", "bridge = br7\n", NULL, false, 0600, "br7", ERR_NO_OBJECT,
	  NULL, NULL },
	{ "one on the command line", "", "br8", false, 0600, "br8", ERR_NO_OBJECT, NULL, NULL },
	{ "a control socket that is alive", "", NULL, false, 0600,
	  "another daemon already listens on", ERR_FAILED, take_socket, free_socket },
	{ "nobody listens there", "", NULL, false, 0600, "port 4443: Connection refused",
	  ERR_CONNECT, NULL, NULL },
};

static void a_failure_leaves_nothing(void **state)
{
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		struct connect_options options = { .profile = path,
						   .bridge = failures[i].bridge,
						   .once = true };
		struct err err = { 0 };

		write_profile(path, failures[i].client,
			      failures[i].wrong_key ? authority.key : own.key, failures[i].mode);
		if (failures[i].spoil)
			failures[i].spoil();
		unsigned descriptors = count_descriptors();
		if (client_connect(&options, &err) == 0)
			fail_msg("%s: it ran", failures[i].what);
		if (!strstr(err.text, failures[i].sentence) ||
		    err_status(&err) != (int)failures[i].kind)
			fail_msg("%s: kind %d, %s", failures[i].what, err_status(&err), err.text);
		check_nothing_is_left(failures[i].what, descriptors);
		if (failures[i].mend)
			failures[i].mend();
	}
}

static void a_client_leaves_no_core_dump(void **state)
{
	char path[128];
	struct connect_options options = { .profile = path, .once = true };
	struct err err = { 0 };

	write_profile(path, "", own.key, 0600);
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
	assert_int_equal(client_connect(&options, &err), -1);
	assert_int_equal(err.kind, ERR_CONNECT); /* it came so far */
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

static void somebody_elses_interface_stays(void **state)
{
	char path[128];
	struct connect_options options = { .profile = path, .once = true };
	struct err err = { 0 };

	write_profile(path, "", own.key, 0600);
	run_command("ip tuntap add lanyard0 mode tun");
	unsigned descriptors = count_descriptors();
	assert_int_equal(client_connect(&options, &err), -1);
	assert_non_null(strstr(err.text, "lanyard0"));
	assert_int_equal(count_descriptors(), descriptors);
	assert_true(if_nametoindex("lanyard0") != 0);
	run_command("ip link del lanyard0");
}

/* ---- too few descriptors, wherever they end ---- */

#define NO_SENTENCE 100
#define RAN 101

static void run_with_descriptors(const char *path, unsigned count)
{
	struct connect_options options = { .profile = path, .once = true };
	struct rlimit few = { count, count };
	struct err err = { 0 };

	alarm(30);		  /* one that hangs ends by SIGALRM, */
	signal(SIGSEGV, SIG_DFL); /* and cmocka's handlers are for the parent */
	signal(SIGABRT, SIG_DFL);
	setrlimit(RLIMIT_NOFILE, &few);
	int failed = client_connect(&options, &err);

	_exit(failed == 0 ? RAN
	      : err.text[0]
		      ? err_status(&err)
		      : NO_SENTENCE); /* without a look for leaks: that needs descriptors, too */
}

static void too_few_descriptors_are_a_failure_like_others(void **state)
{
	unsigned count = count_descriptors() - 2, failed = 0;
	unsigned descriptors = count_descriptors();
	char path[128];
	int status = 0;

	write_profile(path, "", own.key, 0600);
	/* with enough of them it gets so far that nobody listens */
	for (; WEXITSTATUS(status) != ERR_CONNECT || failed < 10; count++, failed++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			run_with_descriptors(path, count);
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFEXITED(status) ||
		    (WEXITSTATUS(status) != ERR_FAILED && WEXITSTATUS(status) != ERR_CONNECT &&
		     WEXITSTATUS(status) != ERR_CONFIG))
			fail_msg("%u descriptors: status %#x", count, (unsigned)status);
		check_nothing_is_left("too few descriptors", descriptors);
		assert_true(count < 200);
	}
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: it forks, which libuv takes badly once it has threads */
		IN_FOLDER(too_few_descriptors_are_a_failure_like_others),
		IN_FOLDER(a_failure_leaves_nothing),
		IN_FOLDER(a_client_leaves_no_core_dump),
		IN_FOLDER(somebody_elses_interface_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
