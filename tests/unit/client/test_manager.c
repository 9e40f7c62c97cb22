/* SPDX-License-Identifier: Apache-2.0 */
/* Who manages an interface, by the files that systemd-networkd 252 and NetworkManager 1.42 write. */
#include <pthread.h>

#include "base/bytes.h"
#include "client/manager.h"
#include "tests/unit/namespace.h"

#define INDEX 7
#define NETWORKD "systemd/netif/links/7"
#define NM "NetworkManager/devices/7"
#define CONNECTION "NetworkManager/system-connections/lanyard0.nmconnection"
#define NETWORKD_FILE(state) \
	"# This is private data. Do not parse.\nADMIN_STATE=" state "\nOPER_STATE=routable\n"
#define NM_FILE(managed, uuid) "[device]\nmanaged=" managed "\n" uuid "nm-owned=false\n"
#define UUID "connection-uuid=6b6991b6-8208-485b-a2d2-2d5bcdff6608\n"
#define NM_CONNECTION(uuid, meta) \
	"[connection]\nid=lanyard0\nuuid=" uuid "\ntype=tun\n\n[.nmmeta]\n" meta

static char run[64];

static int begin_test(void **state)
{
	strcpy(run, "/tmp/lanyard-manager-XXXXXX");
	return mkdtemp(run) ? 0 : -1;
}

static int end_test(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", run);
	return system(command);
}

/* As networkd and NetworkManager do it: nobody sees half of it. */
static void write_file(const char *name, const char *text)
{
	char command[256], path[128], next[136];

	snprintf(command, sizeof(command), "mkdir -p $(dirname %s/%s)", run, name);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s/%s", run, name);
	snprintf(next, sizeof(next), "%s.next", path);
	FILE *file = fopen(next, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
	assert_int_equal(rename(next, path), 0);
}

static void who_manages_is_read_from_files(void **state)
{
	static const struct {
		const char *what;
		struct {
			const char *name, *text;
		} file[3];
		enum manager by;
		bool undecided;
	} cases[] = {
		{ "no manager at all", { { 0 } }, MANAGER_NONE, false },
		{ "networkd has a file for it",
		  { { NETWORKD, NETWORKD_FILE("configured") } },
		  MANAGER_NETWORKD,
		  false },
		{ "networkd is at it",
		  { { NETWORKD, NETWORKD_FILE("configuring") } },
		  MANAGER_NETWORKD,
		  false },
		{ "networkd failed, but it is networkd's",
		  { { NETWORKD, NETWORKD_FILE("failed") } },
		  MANAGER_NETWORKD,
		  false },
		{ "networkd leaves it alone",
		  { { NETWORKD, NETWORKD_FILE("unmanaged") } },
		  MANAGER_NONE,
		  false },
		{ "networkd has not looked yet",
		  { { NETWORKD, NETWORKD_FILE("pending") } },
		  MANAGER_NONE,
		  true },
		{ "networkd is looking",
		  { { NETWORKD, NETWORKD_FILE("initialized") } },
		  MANAGER_NONE,
		  true },
		{ "networkd has said nothing about it",
		  { { "systemd/netif/links/1", NETWORKD_FILE("configured") } },
		  MANAGER_NONE,
		  true },
		{ "networkd: another interface's number begins alike",
		  { { "systemd/netif/links/77", NETWORKD_FILE("configured") } },
		  MANAGER_NONE,
		  false },
		{ "networkd: a key that ends alike",
		  { { NETWORKD, "OLD_ADMIN_STATE=configured\nADMIN_STATE=unmanaged\n" } },
		  MANAGER_NONE,
		  false },
		{ "NetworkManager has a connection up on it",
		  { { NM, NM_FILE("true", UUID) } },
		  MANAGER_NETWORK_MANAGER,
		  false },
		{ "NetworkManager must not touch it",
		  { { NM, NM_FILE("false", UUID) } },
		  MANAGER_NONE,
		  false },
		{ "NetworkManager has no connection for it",
		  { { NM, NM_FILE("true", "") } },
		  MANAGER_NONE,
		  true },
		{ "NetworkManager only describes what others did",
		  { { NM, NM_FILE("true", UUID) },
		    { CONNECTION, NM_CONNECTION("6b6991b6-8208-485b-a2d2-2d5bcdff6608",
						"nm-generated=true\nexternal=true\n") } },
		  MANAGER_NONE,
		  false },
		{ "NetworkManager: a connection in memory, but its own",
		  { { NM, NM_FILE("true", UUID) },
		    { CONNECTION, NM_CONNECTION("6b6991b6-8208-485b-a2d2-2d5bcdff6608",
						"nm-generated=true\n") } },
		  MANAGER_NETWORK_MANAGER,
		  false },
		{ "NetworkManager: another one is external",
		  { { NM, NM_FILE("true", UUID) },
		    { CONNECTION,
		      NM_CONNECTION("11111111-8208-485b-a2d2-2d5bcdff6608", "external=true\n") } },
		  MANAGER_NETWORK_MANAGER,
		  false },
		{ "NetworkManager has said nothing about it",
		  { { "NetworkManager/devices/1", NM_FILE("true", UUID) } },
		  MANAGER_NONE,
		  true },
		{ "both run, networkd has it",
		  { { NETWORKD, NETWORKD_FILE("configured") }, { NM, NM_FILE("false", "") } },
		  MANAGER_NETWORKD,
		  false },
		{ "both run, NetworkManager has it",
		  { { NETWORKD, NETWORKD_FILE("unmanaged") }, { NM, NM_FILE("true", UUID) } },
		  MANAGER_NETWORK_MANAGER,
		  false },
		{ "both run, one has not decided",
		  { { NETWORKD, NETWORKD_FILE("unmanaged") }, { NM, NM_FILE("true", "") } },
		  MANAGER_NONE,
		  true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		begin_test(state);
		for (size_t k = 0; k < ARRAY_LEN(cases[i].file) && cases[i].file[k].name; k++)
			write_file(cases[i].file[k].name, cases[i].file[k].text);

		struct manager_look look = manager_look(run, NULL, INDEX);
		if (look.by != cases[i].by || look.undecided != cases[i].undecided)
			fail_msg("%s: %s, undecided=%d", cases[i].what, manager_name[look.by],
				 look.undecided);
		assert_int_equal(end_test(state), 0);
	}
}

static void *decide(void *unused)
{
	write_file(NETWORKD, NETWORKD_FILE("configured"));
	return NULL;
}

static void one_that_decides_is_waited_for(void **state)
{
	pthread_t thread;

	write_file(NETWORKD, NETWORKD_FILE("pending"));
	assert_int_equal(manager_await(run, NULL, INDEX, 20), MANAGER_NONE);
	assert_int_equal(pthread_create(&thread, NULL, decide, NULL), 0);
	assert_int_equal(manager_await(run, NULL, INDEX, 5000), MANAGER_NETWORKD);
	pthread_join(thread, NULL);
}

static void network_manager_makes_an_interface_its_own(void **state)
{
	static const struct {
		const char *what, *addr_gen_mode, *accept_ra, *device;
		bool runs, ours;
		struct manager_look look;
	} cases[] = {
		{ "as NetworkManager leaves it",
		  "1",
		  "0",
		  NULL,
		  true,
		  false,
		  { MANAGER_NETWORK_MANAGER, false } },
		{ "and before its connection is up",
		  "1",
		  "0",
		  NM_FILE("true", ""),
		  true,
		  false,
		  { MANAGER_NETWORK_MANAGER, false } },
		{ "but it says that it does not manage it",
		  "1",
		  "0",
		  NM_FILE("false", ""),
		  true,
		  false,
		  { MANAGER_NONE, false } },
		{ "we made it", "1", "0", NULL, true, true, { MANAGER_NONE, true } },
		{ "NetworkManager does not run",
		  "1",
		  "0",
		  NULL,
		  false,
		  false,
		  { MANAGER_NONE, false } },
		{ "the kernel makes addresses",
		  "0",
		  "0",
		  NULL,
		  true,
		  false,
		  { MANAGER_NONE, true } },
		{ "the kernel takes advertisements",
		  "1",
		  "1",
		  NULL,
		  true,
		  false,
		  { MANAGER_NONE, true } },
	};

	namespace_enter();
	run_command("ip link add veth0 type veth peer name veth1");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		begin_test(state);
		if (cases[i].runs)
			write_file("NetworkManager/devices/1", NM_FILE("true", UUID));
		if (cases[i].device)
			write_file(NM, cases[i].device);
		run_command("cd /proc/sys/net/ipv6/conf/veth0 && echo %s > addr_gen_mode && "
			    "echo %s > accept_ra",
			    cases[i].addr_gen_mode, cases[i].accept_ra);
		struct manager_look look = manager_look(run, cases[i].ours ? NULL : "veth0", INDEX);
		if (look.by != cases[i].look.by || look.undecided != cases[i].look.undecided)
			fail_msg("%s: %s, undecided=%d", cases[i].what, manager_name[look.by],
				 look.undecided);
		assert_int_equal(end_test(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_manages_is_read_from_files),
		cmocka_unit_test(network_manager_makes_an_interface_its_own),
		cmocka_unit_test_setup_teardown(one_that_decides_is_waited_for, begin_test,
						end_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
