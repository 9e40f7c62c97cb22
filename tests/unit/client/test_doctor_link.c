/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_doctor_link.c
 *
 * A namespace with a cable in it: what the doctor's own solicitations and pings hear there, and
 * what they do not take for an answer.
 */
#include "tests/unit/namespace.h"

#include "client/doctor_echo.h"
#include "client/doctor_nd.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define RA_LEN 16

static struct link_identity here; /* of near0, where the doctor is; far0 is the other end */

static void make_cable(void)
{
	struct err err = { 0 };

	namespace_enter();
	run_command("ip link set lo up && ip link add near0 type veth peer name far0");
	run_command("for name in near0 far0; do "
		    "echo 0 > /proc/sys/net/ipv6/conf/$name/accept_dad; "
		    "ip link set $name up; done; ip addr add fd00::2/64 dev far0 nodad");
	await_own_route("fd00::2");
	struct link *link = link_open(&err);
	assert_non_null(link);
	until(link_identity(link, "near0", &here, &err) == 0 && here.has_link_local && here.carrier,
	      "near0 has no link-local address");
	link_close(link);
}

/* An ICMPv6 message from the far end to all nodes of the cable. */
static void say(uint8_t type, int hop_limit, const uint8_t *body, size_t len)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	int index = (int)if_nametoindex("far0");
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_scope_id = (uint32_t)index };
	uint8_t message[64] = { type };

	assert_true(fd >= 0);
	memcpy(&to.sin6_addr, &ip6_all_nodes, sizeof(to.sin6_addr));
	memcpy(message + 4, body, len);
	assert_int_equal(
		setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hop_limit, sizeof(hop_limit)),
		0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "far0", 4), 0);
	assert_int_equal(sendto(fd, message, 4 + len, 0, (struct sockaddr *)&to, sizeof(to)),
			 4 + (ssize_t)len);
	close(fd);
}

static void only_the_link_is_heard(void **state)
{
	static const uint8_t body[RA_LEN - 4] = { 64 };
	uint8_t message[256];
	struct ip6 from;

	make_cable();
	int fd = nd_open(here.index, ND_RA);
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	assert_true(fd >= 0);
	assert_int_equal(nd_receive(fd, &from, message, sizeof(message)), 0);
	say(ND_NA, 255, body, sizeof(body)); /* of another type: not even there */
	say(ND_RA, 64, body, sizeof(body));  /* forwarded from afar */
	assert_int_equal(poll(&polled, 1, 5000), 1);
	assert_int_equal(nd_receive(fd, &from, message, sizeof(message)), 0);
	say(ND_RA, 255, body, sizeof(body));
	assert_int_equal(poll(&polled, 1, 5000), 1);
	assert_int_equal(nd_receive(fd, &from, message, sizeof(message)), RA_LEN);
	assert_true(ip6_is_link_local(&from) && message[0] == ND_RA && message[4] == 64);
	say(ND_RA, 255, body, sizeof(body)); /* more than there is room for */
	assert_int_equal(poll(&polled, 1, 5000), 1);
	assert_int_equal(nd_receive(fd, &from, message, RA_LEN - 1), 0);
	close(fd);
	assert_int_equal(nd_open(9999, ND_RA), -1);
}

static void an_address_is_taken_by_who_answers_for_it(void **state)
{
	struct ip6 there, nobody;

	make_cable();
	assert_int_equal(ip6_parse("fd00::2", &there, NULL), 0);
	assert_int_equal(ip6_parse("fd00::3", &nobody, NULL), 0);
	assert_true(nd_is_taken(&here, &there, 2000));
	assert_false(nd_is_taken(&here, &nobody, 50));
}

static void pings_come_back_or_not(void **state)
{
	struct echo echo[3] = { { .size = ECHO_LEAST }, { .size = 1400 }, { .size = 1401 } };
	struct err err = { 0 };

	make_cable();
	run_command("ip link set lo mtu 1400");
	for (unsigned i = 0; i < ARRAY_LEN(echo); i++)
		echo[i].to = (struct ip6) { { [15] = 1 } };
	assert_int_equal(echo_all("lo", echo, ARRAY_LEN(echo), 600, &err), 0);
	assert_true(echo[0].answered && echo[1].answered);
	/* the interface takes no more, and nothing is cut in pieces */
	assert_false(echo[2].answered);
	assert_int_equal(echo_all("nowhere0", echo, 1, 50, &err), -1);
	assert_true(strstr(err.text, "nowhere0") != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_link_is_heard),
		cmocka_unit_test(an_address_is_taken_by_who_answers_for_it),
		cmocka_unit_test(pings_come_back_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
