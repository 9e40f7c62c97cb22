/* SPDX-License-Identifier: Apache-2.0 */
/* What the system's resolver is told, by which program, in which order: with programs of our own in
 * a folder of our own, which write down how they were called. */
#include "tests/unit/client/dns_bench.h"

#define BROKEN "#!/bin/sh\necho 'Failed to set DNS: no' >&2\nexit 3\n"
#define SERVERS "fd00::53 fe80::1"
#define DOMAINS "corp.example lab.example"
#define MULTICAST_TOLD "resolvectl [mdns] [tap0] [yes]\nresolvectl [llmnr] [tap0] [yes]\n"
#define RESOLVED_TOLD                                               \
	"resolvectl [dns] [tap0] [fd00::53] [fe80::1%tap0]\n"       \
	"resolvectl [domain] [tap0] [corp.example] [lab.example]\n" \
	"resolvectl [default-route] [tap0] [no]\n" MULTICAST_TOLD
#define RESOLVCONF_TOLD                    \
	"resolvconf [-a] [tap0.lanyard]\n" \
	"< nameserver fd00::53\n< nameserver fe80::1%tap0\n< search corp.example lab.example\n"

static void the_resolver_that_is_there_is_told(void **state)
{
	static const struct {
		const char *what, *resolvectl, *resolvconf;
		bool resolved_runs;
		const char *servers, *search, *told, *applied_by, *problem, *undone;
	} cases[] = {
		{ "systemd-resolved", RECORD, NULL, true, SERVERS, DOMAINS, RESOLVED_TOLD,
		  "systemd-resolved", "", "resolvectl [revert] [tap0]\n" },
		{ "resolvconf", NULL, RECORD, false, SERVERS, DOMAINS, RESOLVCONF_TOLD,
		  "resolvconf", "", "resolvconf [-d] [tap0.lanyard]\n" },
		{ "both: systemd-resolved", RECORD, RECORD, true, SERVERS, DOMAINS, RESOLVED_TOLD,
		  "systemd-resolved", "", "resolvectl [revert] [tap0]\n" },
		{ "both, but systemd-resolved does not run", RECORD, RECORD, false, SERVERS,
		  DOMAINS, RESOLVCONF_TOLD, "resolvconf", "", "resolvconf [-d] [tap0.lanyard]\n" },
		{ "systemd-resolved refuses, resolvconf is there", BROKEN, RECORD, true, SERVERS,
		  DOMAINS, RESOLVCONF_TOLD, "resolvconf", "", "resolvconf [-d] [tap0.lanyard]\n" },
		{ "it refuses and there is nothing else", BROKEN, NULL, true, SERVERS, DOMAINS, "",
		  "none", "resolvectl ended with status 3: Failed to set DNS: no", "" },
		{ "neither", NULL, NULL, false, SERVERS, DOMAINS, "", "none",
		  "neither systemd-resolved nor resolvconf is there to be told", "" },
		{ "a program that cannot be run", NULL, "#!/nowhere/sh\n", false, SERVERS, DOMAINS,
		  "", "none", "resolvconf: no such file or directory", "" },
		{ "servers without a domain are asked for everything", RECORD, NULL, true, SERVERS,
		  NULL,
		  "resolvectl [dns] [tap0] [fd00::53] [fe80::1%tap0]\nresolvectl [domain] [tap0] "
		  "[]\n"
		  "resolvectl [default-route] [tap0] [yes]\n" MULTICAST_TOLD,
		  "systemd-resolved", "", "resolvectl [revert] [tap0]\n" },
		{ "domains without a server", NULL, RECORD, false, NULL, DOMAINS,
		  "resolvconf [-a] [tap0.lanyard]\n< search corp.example lab.example\n",
		  "resolvconf", "", "resolvconf [-d] [tap0.lanyard]\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench bench;

		bench_open(&bench, cases[i].resolvectl, cases[i].resolvconf,
			   cases[i].resolved_runs);
		assert_string_equal(dns_applied_by(bench.dns), "none");
		assert_string_equal(dns_problem(bench.dns), "");
		if (cases[i].servers)
			servers(&bench, cases[i].servers, 600);
		if (cases[i].search)
			search(&bench, cases[i].search, 600);
		await_change(&bench, cases[i].what);
		if (strcmp(told(&bench), cases[i].told) != 0)
			fail_msg("%s: told\n%s", cases[i].what, bench.told);
		if (strcmp(dns_applied_by(bench.dns), cases[i].applied_by) != 0 ||
		    (cases[i].problem[0] == '\0') != (dns_problem(bench.dns)[0] == '\0') ||
		    !strstr(dns_problem(bench.dns), cases[i].problem))
			fail_msg("%s: by %s, '%s'", cases[i].what, dns_applied_by(bench.dns),
				 dns_problem(bench.dns));
		dns_close(bench.dns, on_closed);
		assert_false(bench.closed);
		until((turn(&bench), bench.closed), "%s: the end does not come", cases[i].what);
		if (strcmp(told(&bench), cases[i].undone) != 0)
			fail_msg("%s: at the end\n%s", cases[i].what, bench.told);
		assert_int_equal(bench.changed, 1);
		bench_close(&bench);
	}
}

static void nobody_is_told_what_he_knows(void **state)
{
	struct bench bench;

	bench_open(&bench, NULL, RECORD, false);
	servers(&bench, "fd00::1 fd00::2", 600);
	await_change(&bench, "first");
	assert_string_equal(
		told(&bench),
		"resolvconf [-a] [tap0.lanyard]\n< nameserver fd00::1\n< nameserver fd00::2\n");
	servers(&bench, "fd00::2 fd00::1", 600); /* the order of the first time stays */
	servers(&bench, "::1 ff02::1", 600);	 /* not taken */
	dns_option(bench.dns, (struct bytes) { (const uint8_t *)"\x19\0", 2 }); /* malformed */
	dns_option(bench.dns,
		   (struct bytes) { (const uint8_t *)"\5\1\0\0\0\0\5\xdc", 8 }); /* MTU */
	for (unsigned i = 0; i < 20; i++) {
		turn(&bench);
		poll(NULL, 0, 5);
	}
	assert_string_equal(told(&bench), "");
	assert_int_equal(bench.changed, 1);

	servers(&bench, "fd00::1", 0);
	await_change(&bench, "withdrawn");
	assert_string_equal(told(&bench), "resolvconf [-a] [tap0.lanyard]\n< nameserver fd00::2\n");
	assert_int_equal(dns_current(bench.dns)->server_count, 1);
	dns_clear(bench.dns);
	await_change(&bench, "cleared");
	assert_string_equal(told(&bench), "resolvconf [-d] [tap0.lanyard]\n");
	assert_string_equal(dns_applied_by(bench.dns), "none");
	assert_string_equal(dns_problem(bench.dns), "");
	dns_close(bench.dns, on_closed);
	until((turn(&bench), bench.closed), "the end does not come");
	assert_string_equal(told(&bench), ""); /* nothing was left to undo */
	bench_close(&bench);
}

static void the_end_of_a_lifetime_is_told(void **state)
{
	struct bench bench;

	bench_open(&bench, NULL, RECORD, false);
	servers(&bench, "fd00::1", 3); /* longer than the first program takes on a busy machine */
	servers(&bench, "fd00::2", 600);
	await_change(&bench, "first");
	told(&bench);
	await_change(&bench, "three seconds later");
	assert_string_equal(told(&bench), "resolvconf [-a] [tap0.lanyard]\n< nameserver fd00::2\n");
	bench_close(&bench);
}

/* Waits for the file "go" in its folder before it ends, to be caught at work. */
#define SLOW RECORD "echo > started\nwhile [ ! -e go ]; do /bin/sleep 0.01; done\n"

static bool exists(const struct bench *bench, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	return access(path, F_OK) == 0;
}

static void one_at_a_time_and_the_newest_wins(void **state)
{
	struct bench bench;

	bench_open(&bench, SLOW, NULL, true);
	servers(&bench, "fd00::1", 600);
	until((turn(&bench), exists(&bench, "started")), "resolvectl was not started");
	servers(&bench, "fd00::2", 600);
	servers(&bench, "fd00::3", 600);
	servers(&bench, "fd00::1", 0);
	/* Nor does the end of a lifetime start a second one. */
	servers(&bench, "fd00::4", 1);
	until((turn(&bench), dns_current(bench.dns)->server_count == 2), "it does not end");
	for (unsigned i = 0; i < 20; i++) {
		turn(&bench);
		poll(NULL, 0, 5);
	}
	assert_string_equal(told(&bench), "resolvectl [dns] [tap0] [fd00::1]\n");
	write_file(bench.folder, "go", "");
	await_change(&bench, "afterwards");
	/* Neither the rest of the first run nor anything between. */
	assert_string_equal(told(&bench),
			    "resolvectl [dns] [tap0] [fd00::2] [fd00::3]\n"
			    "resolvectl [domain] [tap0] []\n"
			    "resolvectl [default-route] [tap0] [yes]\n" MULTICAST_TOLD);
	bench_close(&bench);
}

static void the_end_waits_for_the_program_that_runs(void **state)
{
	struct bench bench;

	bench_open(&bench, SLOW, NULL, true);
	servers(&bench, "fd00::1", 600);
	until((turn(&bench), exists(&bench, "started")), "resolvectl was not started");
	dns_close(bench.dns, on_closed);
	dns_close(bench.dns, on_closed); /* once is enough */
	for (unsigned i = 0; i < 10; i++) {
		turn(&bench);
		poll(NULL, 0, 5);
	}
	assert_false(bench.closed);
	write_file(bench.folder, "go", "");
	until((turn(&bench), bench.closed), "the end does not come");
	assert_string_equal(told(&bench),
			    "resolvectl [dns] [tap0] [fd00::1]\nresolvectl [revert] [tap0]\n");
	assert_int_equal(bench.changed, 0);
	bench_close(&bench);
}

static void what_failed_is_tried_again_when_it_is_advertised_again(void **state)
{
	struct bench bench;

	bench_open(&bench, BROKEN, NULL, true);
	servers(&bench, "fd00::1", 600);
	await_change(&bench, "first");
	assert_true(dns_problem(bench.dns)[0] != '\0');
	servers(&bench, "fd00::1", 600); /* fails the same way: not worth an event */
	for (unsigned i = 0; i < 40; i++) {
		turn(&bench);
		poll(NULL, 0, 5);
	}
	assert_int_equal(bench.changed, 1);
	write_file(bench.folder, "resolvectl", RECORD);
	/* again and again: an attempt that failed may still be at its end */
	until((servers(&bench, "fd00::1", 600), turn(&bench), bench.changed == 2),
	      "nothing changed");
	assert_string_equal(dns_applied_by(bench.dns), "systemd-resolved");
	assert_string_equal(dns_problem(bench.dns), "");
	bench_close(&bench);
}

/* Neither its own end nor that of the program it started comes. */
#define HANGING "#!/bin/sh\ncd \"${0%/*}\"\n/bin/sleep 1000 &\necho $! > child\nwait\n"

/* Ended, or a zombie that init has not looked at yet. */
static bool is_over(int pid)
{
	char path[32], letter = 'Z';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return true;
	if (fscanf(file, "%*d (sleep) %c", &letter) != 1)
		letter = 'Z'; /* gone meanwhile, or not ours */
	fclose(file);
	return letter == 'Z';
}

static void a_program_that_hangs_is_killed_with_its_children(void **state)
{
	struct bench bench;
	int child = 0;

	bench_open(&bench, HANGING, RECORD, true);
	servers(&bench, "fd00::1", 600);
	uint64_t start_ms = now_ms();
	await_change(&bench, "after the limit");
	assert_true(now_ms() - start_ms >= 1900);
	assert_string_equal(dns_applied_by(bench.dns), "resolvconf");

	char path[96];
	snprintf(path, sizeof(path), "%s/child", bench.folder);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &child), 1);
	fclose(file);
	until(is_over(child), "the child lives on");
	bench_close(&bench);
}

static void it_is_refused_at_once(void **state)
{
	static char long_search[5000];
	static const struct {
		const char *what, *interface, *search, *sentence;
	} cases[] = {
		{ "an interface that looks like an option", "-x", "/bin",
		  "'-x' cannot have DNS servers" },
		{ "no interface", "", "/bin", "'' cannot have DNS servers" },
		{ "an endless PATH", "tap0", long_search, "PATH is longer than 4095" },
	};
	uv_loop_t loop;

	memset(long_search, 'a', sizeof(long_search) - 1);
	uv_loop_init(&loop);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_config config = { .search = cases[i].search };
		struct err err = { 0 };

		strcpy(config.interface, cases[i].interface);
		if (dns_new(&loop, &config, &events, NULL, &err) ||
		    !strstr(err.text, cases[i].sentence))
			fail_msg("%s: '%s'", cases[i].what, err.text);
	}
	dns_close(NULL, NULL);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_resolver_that_is_there_is_told),
		cmocka_unit_test(nobody_is_told_what_he_knows),
		cmocka_unit_test(the_end_of_a_lifetime_is_told),
		cmocka_unit_test(one_at_a_time_and_the_newest_wins),
		cmocka_unit_test(the_end_waits_for_the_program_that_runs),
		cmocka_unit_test(what_failed_is_tried_again_when_it_is_advertised_again),
		cmocka_unit_test(a_program_that_hangs_is_killed_with_its_children),
		cmocka_unit_test(it_is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
