/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a real interface in a namespace of its own, and this machine's identity. */
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "bridge/tap.h"
#include "client/host.h"
#include "tests/unit/namespace.h"

/* What a laptop's interface must have, whatever it was. */
static const struct {
	const char *key;
	int odd, right;
} keys[] = {
	{ "accept_ra", 0, 2 },
	{ "accept_ra_pinfo", 0, 1 },
	{ "accept_ra_defrtr", 0, 1 },
	{ "accept_ra_mtu", 0, 1 },
	{ "accept_ra_min_lft", 180, 0 },
	{ "accept_ra_rtr_pref", 0, 1 },
	{ "accept_ra_rt_info_min_plen", 64, 0 },
	{ "accept_ra_rt_info_max_plen", 0, 128 },
	{ "ra_honor_pio_pflag", 1, 0 },
	{ "autoconf", 0, 1 },
	{ "max_addresses", 2, 64 },
	{ "router_solicitations", 3, -1 },
	{ "addr_gen_mode", 1, 0 },
	{ "optimistic_dad", 0, 1 },
	{ "use_optimistic", 0, 1 },
	{ "disable_ipv6", 1, 0 },
};

#define NO_KEY INT_MIN /* this kernel does not have it */

static int value_of(const char *interface, const char *key)
{
	char path[128];
	int value = NO_KEY;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, key);
	FILE *file = fopen(path, "re");
	if (!file)
		return NO_KEY;
	if (fscanf(file, "%d", &value) != 1)
		value = NO_KEY;
	fclose(file);
	return value;
}

static void set_value(const char *interface, const char *key, int value)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, key);
	FILE *file = fopen(path, "we");
	if (!file)
		return;
	fprintf(file, "%d\n", value);
	fclose(file);
}

static struct tap *odd_interface(const char *name)
{
	struct err err = { 0 };
	struct tap *tap = tap_open(name, 1, &err);

	if (!tap)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		set_value(name, keys[i].key, keys[i].odd);
	return tap;
}

static void a_laptops_interface_is_set_and_put_back(void **state)
{
	struct host_saved saved;
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = odd_interface("tap0");
	if (host_interface_apply("tap0", false, &saved, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		int value = value_of("tap0", keys[i].key);

		if (value != keys[i].right &&
		    !(value == NO_KEY && strstr(saved.missing, keys[i].key)))
			fail_msg("%s is %d", keys[i].key, value);
	}
	if (host_interface_undo(&saved, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		int value = value_of("tap0", keys[i].key);

		if (value != keys[i].odd && value != NO_KEY)
			fail_msg("%s is %d after the end", keys[i].key, value);
	}

	/* Undone once: what somebody sets later stays. */
	set_value("tap0", "accept_ra", 1);
	assert_int_equal(host_interface_undo(&saved, &err), 0);
	assert_int_equal(value_of("tap0", "accept_ra"), 1);
	tap_free(tap);
}

static void what_is_right_already_is_not_saved(void **state)
{
	struct host_saved saved, again;
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = odd_interface("tap0");
	assert_int_equal(host_interface_apply("tap0", false, &saved, &err), 0);
	assert_true(saved.count > 0);
	assert_int_equal(host_interface_apply("tap0", false, &again, &err), 0);
	assert_int_equal(again.count, 0);
	assert_int_equal(host_interface_undo(&again, &err), 0);
	assert_int_equal(value_of("tap0", "accept_ra"), 2);
	tap_free(tap);
}

static void a_bridge_port_takes_no_addresses(void **state)
{
	struct host_saved saved;
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = odd_interface("tap0");
	set_value("tap0", "disable_ipv6", 0);
	assert_int_equal(host_interface_apply("tap0", true, &saved, &err), 0);
	assert_int_equal(value_of("tap0", "disable_ipv6"), 1);
	assert_int_equal(value_of("tap0", "accept_ra"), 0);
	run_command("ip link set tap0 up && ! ip -6 addr show dev tap0 | grep -q inet6");
	assert_int_equal(host_interface_undo(&saved, &err), 0);
	assert_int_equal(value_of("tap0", "disable_ipv6"), 0);
	tap_free(tap);
}

static void only_the_same_interface_is_put_back(void **state)
{
	struct host_saved saved;
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = odd_interface("tap0");
	assert_int_equal(host_interface_apply("tap0", false, &saved, &err), 0);
	tap_free(tap);
	if (host_interface_undo(&saved, &err) < 0)
		fail_msg("the interface is gone: %s", err.text);

	tap = odd_interface("tap0");
	assert_int_equal(host_interface_apply("tap0", false, &saved, &err), 0);
	tap_free(tap);
	run_command("ip link add other0 type bridge"); /* takes an index */
	tap = tap_open("tap0", 1, &err);
	set_value("tap0", "accept_ra", 1);
	assert_int_equal(host_interface_undo(&saved, &err), 0);
	assert_int_equal(value_of("tap0", "accept_ra"), 1);
	tap_free(tap);
}

static void what_another_program_changes_is_put_back(void **state)
{
	struct host_saved saved;
	struct host_found found;
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = odd_interface("tap0");
	assert_int_equal(host_interface_apply("tap0", false, &saved, &err), 0);
	host_interface_check(&saved, &found);
	assert_string_equal(found.restored, "");
	assert_string_equal(found.wrong, "");

	for (unsigned i = 0; i < HOST_MAX_RESTORES; i++) {
		set_value("tap0", "accept_ra", 0);
		set_value("tap0", "router_solicitations", 3);
		host_interface_check(&saved, &found);
		assert_string_equal(found.restored,
				    "accept_ra (0, not 2), router_solicitations (3, not -1)");
		assert_string_equal(found.wrong, "");
		assert_int_equal(value_of("tap0", "accept_ra"), 2);
	}
	/* one that insists wins, and only in what it insists on */
	set_value("tap0", "accept_ra", 0);
	set_value("tap0", "autoconf", 0);
	host_interface_check(&saved, &found);
	assert_string_equal(found.restored, "autoconf (0, not 1)");
	assert_string_equal(found.wrong, "accept_ra (0, not 2)");
	assert_int_equal(value_of("tap0", "accept_ra"), 0);
	assert_int_equal(host_interface_undo(&saved, &err), 0);
	host_interface_check(&saved, &found); /* nothing is ours any more */
	assert_string_equal(found.restored, "");
	tap_free(tap);
}

static void a_manager_that_takes_over_keeps_what_it_set(void **state)
{
	struct host_saved saved;
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = odd_interface("tap0");
	set_value("tap0", "accept_ra", 1);
	assert_int_equal(host_interface_apply("tap0", false, &saved, &err), 0);
	set_value("tap0", "addr_gen_mode", 3); /* the manager's */
	if (host_interface_hand_over(&saved, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(value_of("tap0", "addr_gen_mode"), 3);
	assert_int_equal(value_of("tap0", "accept_ra_rt_info_max_plen"), 0); /* as before us */
	assert_int_equal(value_of("tap0", "accept_ra"), 0); /* not 1: the manager takes them */

	assert_int_equal(host_interface_apply("tap0", false, &saved, &err), 0);
	set_value("tap0", "accept_ra", 1); /* as a manager may want it */
	assert_int_equal(host_interface_hand_over(&saved, &err), 0);
	assert_int_equal(value_of("tap0", "accept_ra"), 1);
	tap_free(tap);
}

static void no_interface_is_a_sentence(void **state)
{
	static const char *const names[] = { "gone0", "../all", "all", "" };

	namespace_enter();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct host_saved saved;
		struct err err = { 0 };

		if (host_interface_apply(names[i], false, &saved, &err) != -1 ||
		    err.kind != ERR_NO_OBJECT || !strstr(err.text, "there is no interface '"))
			fail_msg("'%s': %s", names[i], err.text);
		assert_int_equal(host_interface_undo(&saved, &err), 0);
	}
}

static void a_failure_leaves_everything_as_it_was(void **state)
{
	struct host_saved saved;
	struct err err = { 0 };

	namespace_enter();
	struct tap *tap = odd_interface("tap0");
	/* An MTU below 1280 takes IPv6 and its settings away (RFC 8200 5). */
	run_command("ip link set tap0 mtu 1000");
	assert_int_equal(value_of("tap0", "accept_ra"), NO_KEY);
	assert_int_equal(host_interface_apply("tap0", false, &saved, &err), -1);
	assert_non_null(strstr(err.text, "interface 'tap0' has no IPv6 setting accept_ra"));
	assert_int_equal(saved.count, 0);
	if (host_interface_apply("tap0", true, &saved, &err) < 0)
		fail_msg("a bridge port needs no IPv6: %s", err.text);
	assert_string_equal(saved.missing, "disable_ipv6");
	tap_free(tap);
}

static void a_mac_is_stable_and_its_own(void **state)
{
	uint8_t mine[32] = { 1 }, other[32] = { 2 };
	struct mac mac, again;

	bool lasts = host_mac_for("lanyard0", mine, &mac);
	assert_int_equal(host_mac_for("lanyard0", mine, &again), lasts);
	assert_memory_equal(&mac, &again, sizeof(mac));
	host_mac_for("lanyard1", mine, &again);
	assert_memory_not_equal(&mac, &again, sizeof(mac));
	host_mac_for("lanyard0", other, &again);
	assert_memory_not_equal(&mac, &again, sizeof(mac));
	for (unsigned i = 0; i < 256; i++) {
		mine[31] = (uint8_t)i;
		host_mac_for("lanyard0", mine, &mac);
		if ((mac.octet[0] & 3) != 2)
			fail_msg("%02x is no locally administered unicast MAC", mac.octet[0]);
	}
}

/* With /etc/machine-id another certificate changes nothing; without, it is what there is. */
static void a_host_is_the_same_whatever_changes(void **state)
{
	uint8_t one[32] = { 1 }, other[32] = { 2 }, a[16], b[16], again[16];
	struct mac mac;

	host_uuid(one, a);
	host_uuid(one, again);
	assert_memory_equal(a, again, sizeof(a));
	host_uuid(other, b);
	assert_int_equal(memcmp(a, b, sizeof(a)) == 0, host_mac_for("lanyard0", one, &mac));
	assert_memory_not_equal(a, a + 8, 8);
	/* RFC 9562 4.1, 4.2 */
	assert_int_equal(a[6] >> 4, 8);
	assert_int_equal(a[8] >> 6, 2);
}

static void the_device_name_is_short_and_plain(void **state)
{
	static const struct {
		const char *host, *device;
	} cases[] = {
		{ "laptop", "laptop" },
		{ "laptop.corp.example", "laptop" },
		{ "a_b-9", "a_b-9" },
		{ "w\xc3\xbcrfel \x1b[1m", "w--rfel---1m" },
		{ ".", "unnamed" },
		{ "0123456789012345678901234567890123456789012345678901234567890123",
		  "012345678901234567890123456789012345678901234567890123456789012" },
	};

	if (unshare(CLONE_NEWUTS) < 0) {
		print_message("skipped: no right to make a namespace; run as root\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char name[HOST_DEVICE_NAME];

		assert_int_equal(sethostname(cases[i].host, strlen(cases[i].host)), 0);
		host_device_name(name);
		assert_string_equal(name, cases[i].device);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_laptops_interface_is_set_and_put_back),
		cmocka_unit_test(what_is_right_already_is_not_saved),
		cmocka_unit_test(a_bridge_port_takes_no_addresses),
		cmocka_unit_test(only_the_same_interface_is_put_back),
		cmocka_unit_test(what_another_program_changes_is_put_back),
		cmocka_unit_test(a_manager_that_takes_over_keeps_what_it_set),
		cmocka_unit_test(no_interface_is_a_sentence),
		cmocka_unit_test(a_failure_leaves_everything_as_it_was),
		cmocka_unit_test(a_mac_is_stable_and_its_own),
		cmocka_unit_test(a_host_is_the_same_whatever_changes),
		cmocka_unit_test(the_device_name_is_short_and_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
