/* SPDX-License-Identifier: Apache-2.0 */
/* What a resolver is told of the link beside its lists, and when it is told again. */
#include <sys/socket.h>
#include <sys/un.h>

#include "client/dns_mark.h"
#include "tests/unit/client/dns_bench.h"

#define TOLD(servers, domains, default_route)              \
	"resolvectl [dns] [tap0] " servers "\n"            \
	"resolvectl [domain] [tap0] " domains "\n"         \
	"resolvectl [default-route] [tap0] " default_route \
	"\nresolvectl [mdns] [tap0] [yes]\nresolvectl [llmnr] [tap0] [yes]\n"

/* Nothing more happens. */
static void rest(struct bench *bench)
{
	for (unsigned i = 0; i < 20; i++) {
		turn(bench);
		poll(NULL, 0, 5);
	}
}

static void await_told(struct bench *bench, const char *wanted)
{
	until((turn(bench), strcmp(peek_told(bench), wanted) == 0), "told\n%s", bench->told);
	told(bench);
}

/* As systemd-resolved does when it starts. */
static void start_resolved(const struct bench *bench)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/io.systemd.Resolve",
		 bench->folder);
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	write_file(bench->folder, "stub-resolv.conf", "");
}

static void the_links_default_router_decides_who_is_asked(void **state)
{
	struct bench bench;

	bench_open(&bench, RECORD, NULL, true);
	servers(&bench, "fd00::53", 600);
	search(&bench, "corp.example", 600);
	dns_router(bench.dns, true, false);
	await_told(&bench, TOLD("[fd00::53]", "[corp.example]", "[no]"));
	dns_router(bench.dns, true, false);
	rest(&bench);
	assert_string_equal(told(&bench), "");
	dns_router(bench.dns, true, true);
	await_told(&bench, TOLD("[fd00::53]", "[corp.example]", "[yes]"));
	dns_router(bench.dns, true, false);
	await_told(&bench, TOLD("[fd00::53]", "[corp.example]", "[no]"));
	bench_close(&bench);
}

static void a_link_without_servers_has_names_of_its_own(void **state)
{
	struct bench bench;

	bench_open(&bench, RECORD, RECORD, true);
	dns_router(bench.dns, true, false);
	await_told(&bench, TOLD("[]", "[]", "[yes]"));
	dns_close(bench.dns, on_closed);
	until((turn(&bench), bench.closed), "the end does not come");
	assert_string_equal(told(&bench), "resolvectl [revert] [tap0]\n");
	bench_close(&bench);

	/* at resolvconf it has nothing to say */
	bench_open(&bench, NULL, RECORD, false);
	dns_router(bench.dns, true, false);
	rest(&bench);
	assert_string_equal(told(&bench), "");
	assert_string_equal(dns_problem(bench.dns), "");
	bench_close(&bench);
}

static void an_extra_that_fails_is_told_and_the_rest_goes_on(void **state)
{
	struct bench bench;

	bench_open(&bench,
		   RECORD "[ \"$1\" != mdns ] || { echo 'no multicast here' >&2; exit 1; }\n",
		   RECORD, true);
	servers(&bench, "fd00::53", 600);
	await_change(&bench, "first");
	assert_string_equal(told(&bench), TOLD("[fd00::53]", "[]", "[yes]"));
	assert_string_equal(dns_applied_by(bench.dns), "systemd-resolved");
	assert_non_null(strstr(dns_problem(bench.dns), "no multicast here"));
	bench_close(&bench);
}

static void a_resolver_that_was_started_again_is_told_again(void **state)
{
	struct bench bench;

	bench_open(&bench, RECORD, NULL, true);
	start_resolved(&bench);
	servers(&bench, "fd00::53", 600);
	await_change(&bench, "first");
	assert_string_equal(told(&bench), TOLD("[fd00::53]", "[]", "[yes]"));
	dns_look(bench.dns);
	rest(&bench);
	assert_string_equal(told(&bench), "");
	start_resolved(&bench);
	dns_look(bench.dns);
	await_told(&bench, TOLD("[fd00::53]", "[]", "[yes]"));
	rest(&bench);
	dns_look(bench.dns);
	rest(&bench);
	assert_string_equal(told(&bench), "");
	bench_close(&bench);
}

static void one_that_comes_later_is_told(void **state)
{
	struct bench bench;

	bench_open(&bench, RECORD, RECORD, false);
	servers(&bench, "fd00::53", 600);
	await_change(&bench, "first");
	assert_string_equal(dns_applied_by(bench.dns), "resolvconf");
	told(&bench);
	start_resolved(&bench);
	dns_look(bench.dns);
	await_change(&bench, "later");
	assert_string_equal(told(&bench), TOLD("[fd00::53]", "[]", "[yes]"));
	assert_string_equal(dns_applied_by(bench.dns), "systemd-resolved");

	/* and when it goes, the other one again */
	run_command("rm %s", bench.mark);
	dns_look(bench.dns);
	await_change(&bench, "gone");
	assert_string_equal(dns_applied_by(bench.dns), "resolvconf");
	bench_close(&bench);
}

static void resolvectl_by_another_name_is_no_resolvconf(void **state)
{
	struct bench bench;

	bench_open(&bench, RECORD, NULL, false);
	run_command("ln -s resolvectl %s/resolvconf", bench.folder);
	servers(&bench, "fd00::53", 600);
	await_change(&bench, "first");
	assert_string_equal(told(&bench), "");
	assert_string_equal(dns_applied_by(bench.dns), "none");
	assert_non_null(strstr(dns_problem(bench.dns), "neither systemd-resolved"));
	bench_close(&bench);
}

static void a_record_that_is_lost_is_made_again(void **state)
{
	static const char *const folders[] = { "interface", "interfaces", "keys" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		struct bench bench;

		bench_open(&bench, NULL, RECORD, false);
		run_command("mkdir -p %s/%s && : > %s/%s/tap0.lanyard", bench.run, folders[i],
			    bench.run, folders[i]);
		servers(&bench, "fd00::53", 600);
		await_change(&bench, folders[i]);
		told(&bench);
		dns_look(bench.dns);
		rest(&bench);
		assert_string_equal(told(&bench), "");
		run_command("rm -r %s/%s", bench.run, folders[i]);
		dns_look(bench.dns);
		await_told(&bench, "resolvconf [-a] [tap0.lanyard]\n< nameserver fd00::53\n");
		/* where there is no record to be seen, nothing is made of that */
		rest(&bench);
		dns_look(bench.dns);
		rest(&bench);
		assert_string_equal(told(&bench), "");
		bench_close(&bench);
	}
}

static void what_a_manager_has_overwritten_is_its_own(void **state)
{
	static const struct {
		bool resolved_runs, overwritten;
		const char *undone;
	} cases[] = {
		{ true, false, "resolvectl [revert] [tap0]\n" },
		{ true, true, "" },
		{ false, false, "resolvconf [-d] [tap0.lanyard]\n" },
		{ false, true, "resolvconf [-d] [tap0.lanyard]\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench bench;

		bench_open(&bench, RECORD, RECORD, cases[i].resolved_runs);
		servers(&bench, "fd00::53", 600);
		await_change(&bench, "first");
		told(&bench);
		dns_hand_over(bench.dns, cases[i].overwritten);
		await_change(&bench, "handed over");
		assert_string_equal(told(&bench), cases[i].undone);
		assert_string_equal(dns_applied_by(bench.dns), "none");
		/* nor at the end */
		dns_close(bench.dns, on_closed);
		until((turn(&bench), bench.closed), "the end does not come");
		assert_string_equal(told(&bench), "");
		bench_close(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_links_default_router_decides_who_is_asked),
		cmocka_unit_test(a_link_without_servers_has_names_of_its_own),
		cmocka_unit_test(an_extra_that_fails_is_told_and_the_rest_goes_on),
		cmocka_unit_test(a_resolver_that_was_started_again_is_told_again),
		cmocka_unit_test(one_that_comes_later_is_told),
		cmocka_unit_test(resolvectl_by_another_name_is_no_resolvconf),
		cmocka_unit_test(a_record_that_is_lost_is_made_again),
		cmocka_unit_test(what_a_manager_has_overwritten_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
