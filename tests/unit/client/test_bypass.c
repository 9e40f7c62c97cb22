/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_bypass.c
 *
 * A namespace with a way out and a tunnel: which connections are kept out of the tunnel.
 */
#include <arpa/inet.h>
#include <unistd.h>

#include "client/bypass.h"
#include "tests/unit/namespace.h"

static void make_host(void)
{
	namespace_enter();
	run_command("ip link set lo up && ip link add out0 type veth peer name out1 && ip link set "
		    "out0 up && "
		    "ip link set out1 up && ip link add lan0 type veth peer name lan1 && "
		    "ip link set lan0 up && ip link set lan1 up");
	run_command("ip addr add 192.0.2.1/24 dev out0 && ip addr add 198.51.100.1/24 dev lan0 && "
		    "ip addr add 2001:db8:1::1/64 dev out0 nodad && "
		    "ip addr add 2001:db8:2::1/64 dev lan0 nodad");
	run_command("ip route add default via 192.0.2.254 && "
		    "ip -6 route add default via 2001:db8:1::ff dev out0");
}

/* The interface that a connection to `to` is bound to; "" for none, "-" when that failed. */
static void bound_to(struct link *link, const char *to, char name[static IF_NAMESIZE])
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(443) };
	bool is_six = inet_pton(AF_INET6, to, &six.sin6_addr) == 1;
	const struct sockaddr *address =
		is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = IF_NAMESIZE;
	struct err err = { 0 };

	assert_true(fd >= 0);
	assert_true(is_six || inet_pton(AF_INET, to, &four.sin_addr) == 1);
	memset(name, 0, IF_NAMESIZE);
	if (bypass_tunnel(link, "lan0", fd, address, &err) < 0) {
		strcpy(name, "-");
		assert_true(err.text[0] != '\0');
	} else {
		assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
	}
	close(fd);
}

static void the_tunnel_does_not_carry_itself(void **state)
{
	static const struct {
		const char *what, *command, *to, *bound;
	} steps[] = {
		{ "no route by the tunnel yet", NULL, "203.0.113.1", "out0" },
		{ "the same with IPv6", NULL, "2001:db8:9::1", "out0" },
		{ "a neighbour", NULL, "192.0.2.7", "out0" },
		{ "the tunnel covers it", "ip route add 203.0.113.0/24 dev lan0", "203.0.113.1",
		  "out0" },
		{ "and not its neighbour", NULL, "203.0.114.1", "out0" },
		{ "the tunnel covers it with IPv6",
		  "ip -6 route add 2001:db8:9::/48 via fe80::1 dev lan0", "2001:db8:9::1", "out0" },
		{ "the tunnel is the better default route",
		  "ip -6 route add default via fe80::1 dev lan0 metric 1", "2001:db8:7::1",
		  "out0" },
		{ "this host itself", NULL, "127.0.0.1", "lo" },
		{ "there is no other way", "ip route del default", "203.0.113.1", "-" },
		{ "not even a way at all", "ip route del 203.0.113.0/24", "203.0.113.1", "" },
	};
	struct err err = { 0 };
	char name[IF_NAMESIZE];

	make_host();
	struct link *link = link_open(&err);
	assert_non_null(link);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (steps[i].command)
			run_command("%s", steps[i].command);
		bound_to(link, steps[i].to, name);
		if (strcmp(name, steps[i].bound) != 0)
			fail_msg("%s: '%s'", steps[i].what, name);
	}
	link_close(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tunnel_does_not_carry_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
