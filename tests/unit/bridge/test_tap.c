/* SPDX-License-Identifier: Apache-2.0 */
/* The TAP against the real kernel: frames, superframes, queues, and how each thing fails. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/packet.h"
#include "bridge/tap.h"
#include "tests/unit/namespace.h"

static uint8_t buffer[TAP_BUFFER];

static struct tap *open_up(const char *name, unsigned queues, const char *address)
{
	struct err err = { 0 };
	struct tap *tap = tap_open(name, queues, &err);

	if (!tap)
		fail_msg("%s", err.text);
	run_command("ip link set %s up && ip addr add %s dev %s nodad", name, address, name);
	return tap;
}

static void names_and_numbers_are_checked(void **state)
{
	static const struct {
		const char *what, *name;
		unsigned queues;
		const char *sentence;
	} cases[] = {
		{ "no queue at all", "tap0", 0, "an interface has 1 to 256 queues, not 0" },
		{ "more queues than the kernel has", "tap0", 257,
		  "an interface has 1 to 256 queues" },
		{ "an empty name", "", 1, "'' is no interface name" },
		{ "a name of 16 characters", "abcdefghijklmnop", 1, "is no interface name" },
		{ "a slash would leave sysctl's folder", "../all", 1, "is no interface name" },
		{ "white space", "tap 0", 1, "is no interface name" },
		{ "two dots", "..", 1, "is no interface name" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		struct tap *tap = tap_open(cases[i].name, cases[i].queues, &err);

		if (tap || !strstr(err.text, cases[i].sentence))
			fail_msg("%s: '%s'", cases[i].what, err.text);
	}
}

/* The next frame that is UDP or TCP over IPv6, skipping the kernel's own multicast. */
static bool read_upper(struct tap *tap, unsigned queue, uint8_t protocol, struct frame *frame)
{
	while (tap_read(tap, queue, buffer, frame) == TAP_DONE) {
		if (frame->bytes.len > ETHER_HEADER_LEN + IP6_HEADER_LEN &&
		    frame->bytes.data[20] == protocol)
			return true;
	}
	return false;
}

static int udp_socket(uint16_t port)
{
	struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof(here)), 0);
	return fd;
}

static void send_udp(int fd, const char *to, uint16_t port, const char *text)
{
	struct sockaddr_in6 there = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	inet_pton(AF_INET6, to, &there.sin6_addr);
	assert_int_equal(
		sendto(fd, text, strlen(text), 0, (struct sockaddr *)&there, sizeof(there)),
		strlen(text));
}

static void a_datagram_comes_out_with_its_checksum_to_do(void **state)
{
	struct frame frame;

	namespace_enter();
	struct tap *tap = open_up("tap0", 1, "fd00::1/64");
	run_command("ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev tap0");
	int fd = udp_socket(4000);
	assert_string_equal(tap_name(tap), "tap0");

	send_udp(fd, "fd00::2", 5000, "hello");
	until(read_upper(tap, 0, IP_UDP, &frame), "no datagram came out of the TAP");
	assert_int_equal(frame.bytes.len, ETHER_HEADER_LEN + IP6_HEADER_LEN + UDP_HEADER_LEN + 5);
	assert_memory_equal(frame.bytes.data, "\x02\0\0\0\0\x02", 6);
	assert_memory_equal(frame.bytes.data + 62, "hello", 5);
	assert_int_equal(frame.offload.gso, GSO_NONE);
	assert_true(frame.offload.needs_csum);
	assert_int_equal(frame.offload.csum_start, 54);
	assert_int_equal(frame.offload.csum_offset, 6);
	close(fd);
	tap_free(tap);
}

/* A datagram to the kernel's fd00::1 port 4000, whole or with the checksum left to the kernel. */
static struct frame datagram(struct writer *w, const struct mac *to, bool leave_checksum)
{
	struct packet_ends ends = { .mac_source = { { 2, 0, 0, 0, 0, 2 } },
				    .mac_destination = *to };
	struct err err;

	ip6_parse("fd00::2", &ends.source, &err);
	ip6_parse("fd00::1", &ends.destination, &err);
	packet_udp6(w, &ends, 5000, 4000, (struct bytes) { (const uint8_t *)"howdy", 5 });

	struct frame frame = { .bytes = writer_bytes(w) };
	if (leave_checksum) {
		uint16_t sum = checksum_fold(
			checksum_pseudo6(&ends.source, &ends.destination, IP_UDP, 13));

		w->buf[60] = (uint8_t)(sum >> 8);
		w->buf[61] = (uint8_t)sum;
		frame.offload.needs_csum = true;
		frame.offload.csum_start = 54;
		frame.offload.csum_offset = 6;
	}
	return frame;
}

static struct mac mac_of(const char *name)
{
	char path[64], text[MAC_TEXT] = "";
	struct mac mac;
	struct err err;

	/* Not /sys: it shows the namespace in which it was mounted. */
	snprintf(path, sizeof(path), "ip -br link show %s | grep -oE '([0-9a-f]{2}:){5}..'", name);
	FILE *pipe = popen(path, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(text, sizeof(text), pipe));
	pclose(pipe);
	assert_int_equal(mac_parse(text, &mac, &err), 0);
	return mac;
}

static void frames_reach_the_kernel(void **state)
{
	static const struct {
		const char *what;
		bool leave_checksum, break_checksum, arrives;
	} cases[] = {
		{ "a whole datagram", false, false, true },
		{ "a datagram whose checksum the kernel makes", true, false, true },
		{ "a datagram with a wrong checksum", false, true, false },
	};

	namespace_enter();
	struct tap *tap = open_up("tap0", 1, "fd00::1/64");
	struct mac mac = mac_of("tap0");
	int fd = udp_socket(4000);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t bytes[128], got[16];
		struct writer w = writer_over(bytes, sizeof(bytes));
		struct frame frame = datagram(&w, &mac, cases[i].leave_checksum);

		if (cases[i].break_checksum)
			bytes[60] ^= 0x55;
		if (tap_write(tap, 0, &frame) != TAP_DONE)
			fail_msg("%s: not taken", cases[i].what);
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		bool arrived = poll(&ready, 1, cases[i].arrives ? 5000 : 50) == 1;
		if (arrived != cases[i].arrives || (arrived && recv(fd, got, sizeof(got), 0) != 5))
			fail_msg("%s: arrived=%d", cases[i].what, arrived);
	}
	close(fd);
	tap_free(tap);
}

static void refusals_are_told_apart(void **state)
{
	static const struct {
		const char *what, *command;
		size_t len;
		struct offload offload;
		enum tap_result result;
	} cases[] = {
		{ "a frame that is no frame", NULL, 13, { 0 }, TAP_DROPPED },
		{ "a superframe without a segment size",
		  NULL,
		  100,
		  { .gso = GSO_TCP6,
		    .header_len = 74,
		    .needs_csum = true,
		    .csum_start = 54,
		    .csum_offset = 16 },
		  TAP_DROPPED },
		{ "a header longer than the frame",
		  NULL,
		  100,
		  { .gso = GSO_TCP6,
		    .gso_size = 10,
		    .header_len = 101,
		    .needs_csum = true,
		    .csum_start = 54 },
		  TAP_DROPPED },
		{ "a checksum behind the frame",
		  NULL,
		  100,
		  { .needs_csum = true, .csum_start = 99 },
		  TAP_DROPPED },
		{ "an interface that is down", "ip link set tap0 down", 100, { 0 }, TAP_DROPPED },
		{ "an interface that was deleted", "ip link del tap0", 100, { 0 }, TAP_GONE },
	};
	uint8_t bytes[100] = { 0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60 };

	namespace_enter();
	struct tap *tap = open_up("tap0", 1, "fd00::1/64");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct frame frame = { .bytes = { bytes, cases[i].len },
				       .offload = cases[i].offload };

		if (cases[i].command)
			run_command("%s", cases[i].command);
		enum tap_result result = tap_write(tap, 0, &frame);
		if (result != cases[i].result)
			fail_msg("%s: %d", cases[i].what, (int)result);
	}
	struct frame frame;
	assert_int_equal(tap_read(tap, 0, buffer, &frame), TAP_GONE);
	tap_free(tap);
}

static void an_idle_tap_says_again(void **state)
{
	struct err err;
	struct frame frame;

	namespace_enter();
	struct tap *tap = tap_open("tap0", 1, &err);
	assert_non_null(tap);
	assert_int_equal(tap_read(tap, 0, buffer, &frame), TAP_AGAIN);
	tap_free(tap);
}

static void nobody_takes_an_interface_twice(void **state)
{
	static const struct {
		const char *what;
		unsigned first, second;
		const char *sentence;
	} cases[] = {
		{ "one queue, and again", 1, 1, "interface 'tap0' is in use by another program" },
		{ "several queues, and again", 4, 4,
		  "interface 'tap0' is in use by another program" },
		{ "one queue, then several", 1, 4, "interface 'tap0' is" },
		{ "several queues, then one", 4, 1,
		  "interface 'tap0' exists and is no TAP with 1 queue" },
	};

	namespace_enter();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		struct tap *first = open_up("tap0", cases[i].first, "fd00::1/64");
		struct tap *second = tap_open("tap0", cases[i].second, &err);

		if (second || !strstr(err.text, cases[i].sentence))
			fail_msg("%s: '%s'", cases[i].what, err.text);
		tap_free(first);
	}
	run_command("ip link add veth0 type veth peer name veth1");
	struct err err = { 0 };
	assert_null(tap_open("veth0", 1, &err));
	assert_non_null(strstr(err.text, "is no TAP"));
}

static void a_persistent_interface_is_taken_over_and_stays(void **state)
{
	struct err err;

	namespace_enter();
	run_command("ip tuntap add dev tap0 mode tap");
	struct tap *tap = open_up("tap0", 1, "fd00::1/64");
	tap_free(tap);
	run_command("ip link show tap0 > /dev/null");
	run_command("ip link del tap0");

	tap = tap_open("tap0", 1, &err);
	tap_free(tap);
	run_command("! ip link show tap0 2> /dev/null");
}

static void a_persistent_interface_can_be_made_to_go(void **state)
{
	struct err err = { 0 };

	namespace_enter();
	run_command("ip tuntap add dev tap0 mode tap vnet_hdr");
	struct tap *tap = tap_open("tap0", 1, &err);
	if (!tap || tap_end_interface(tap, &err) < 0)
		fail_msg("%s", err.text);
	run_command("ip link show tap0 >/dev/null");
	tap_free(tap);
	run_command("! ip link show tap0 2>/dev/null");
}

static void flows_spread_over_the_queues(void **state)
{
	enum { QUEUES = 4, FLOWS = 64 };
	unsigned seen[QUEUES] = { 0 }, used = 0, all = 0;

	namespace_enter();
	struct tap *tap = open_up("tap0", QUEUES, "fd00::1/64");
	run_command("ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev tap0");
	for (uint16_t flow = 0; flow < FLOWS; flow++) {
		int fd = udp_socket((uint16_t)(4000 + flow));

		send_udp(fd, "fd00::2", 5000, "x");
		close(fd);
	}
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		struct frame frame;

		while (read_upper(tap, queue, IP_UDP, &frame))
			seen[queue]++;
		used += seen[queue] > 0;
		all += seen[queue];
	}
	assert_int_equal(all, FLOWS);
	assert_true(used > 1);

	/* And the kernel takes frames from each. */
	struct mac mac = mac_of("tap0");
	int fd = udp_socket(4000);
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		uint8_t bytes[128], got[16];
		struct writer w = writer_over(bytes, sizeof(bytes));
		struct frame frame = datagram(&w, &mac, false);
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		assert_int_equal(tap_write(tap, queue, &frame), TAP_DONE);
		assert_int_equal(poll(&ready, 1, 5000), 1);
		assert_int_equal(recv(fd, got, sizeof(got), 0), 5);
	}
	close(fd);
	tap_free(tap);
}

/* Two namespaces, each with a TAP; this program is the cable between them. */
struct cable {
	int space[2];
	struct tap *tap[2];
	unsigned superframes;
	size_t longest;
	bool sane;
};

static void cable_end(struct cable *cable, unsigned end, const char *address)
{
	namespace_enter();
	cable->space[end] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(cable->space[end] >= 0);
	cable->tap[end] = open_up("tap0", 1, address);
}

static void cable_check(struct cable *cable, const struct frame *frame)
{
	const struct offload *offload = &frame->offload;
	const uint8_t *data = frame->bytes.data;
	bool ip6 = data[12] == 0x86;
	unsigned tcp_start = ip6 ? 54 : 34;

	cable->superframes++;
	if (frame->bytes.len > cable->longest)
		cable->longest = frame->bytes.len;
	if (offload->gso != (ip6 ? GSO_TCP6 : GSO_TCP4) || !offload->needs_csum ||
	    offload->csum_start != tcp_start || offload->csum_offset != 16 ||
	    offload->gso_size == 0 ||
	    offload->header_len != tcp_start + (data[tcp_start + 12] >> 4) * 4u ||
	    frame->bytes.len <= (size_t)offload->header_len + offload->gso_size)
		cable->sane = false;
}

static void cable_carry(struct cable *cable)
{
	for (unsigned end = 0; end < 2; end++) {
		struct frame frame;

		while (tap_read(cable->tap[end], 0, buffer, &frame) == TAP_DONE) {
			if (frame.offload.gso != GSO_NONE)
				cable_check(cable, &frame);
			assert_int_equal(tap_write(cable->tap[!end], 0, &frame), TAP_DONE);
		}
	}
}

static int tcp_socket(int family, struct sockaddr_storage *address, socklen_t *len)
{
	struct sockaddr_in *a4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	*len = family == AF_INET ? sizeof(*a4) : sizeof(*a6);
	address->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		a4->sin_port = htons(4000);
		inet_pton(AF_INET, "10.0.0.2", &a4->sin_addr);
	} else {
		a6->sin6_port = htons(4000);
		inet_pton(AF_INET6, "fd00::2", &a6->sin6_addr);
	}
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	return fd;
}

#define STREAM_LEN (4u << 20)

static void carry_stream(struct cable *cable, int sender, int receiver)
{
	static uint8_t sent[65536], got[65536];
	size_t sent_len = 0, got_len = 0;
	uint64_t limit_ms = now_ms() + 20000;

	while (got_len < STREAM_LEN) {
		size_t at = sent_len % sizeof(sent);

		for (size_t i = at; i < sizeof(sent); i++)
			sent[i] = (uint8_t)((sent_len - at + i) * 2654435761u >> 24);
		if (sent_len < STREAM_LEN) {
			ssize_t n = send(sender, sent + at, sizeof(sent) - at, MSG_NOSIGNAL);
			sent_len += n > 0 ? (size_t)n : 0;
		}
		cable_carry(cable);
		ssize_t n = recv(receiver, got, sizeof(got), 0);
		for (ssize_t i = 0; i < n; i++, got_len++) {
			if (got[i] != (uint8_t)((got_len)*2654435761u >> 24))
				fail_msg("byte %zu of the stream is wrong", got_len);
		}
		if (now_ms() > limit_ms)
			fail_msg("only %zu bytes came through", got_len);
	}
}

static void superframes_cross_whole(void **state)
{
	static const struct {
		const char *what;
		int family;
	} cases[] = { { "TCP over IPv6", AF_INET6 }, { "TCP over IPv4", AF_INET } };
	struct cable cable = { .sane = true };

	cable_end(&cable, 0, "fd00::1/64");
	run_command("ip addr add 10.0.0.1/24 dev tap0");
	cable_end(&cable, 1, "fd00::2/64");
	run_command("ip addr add 10.0.0.2/24 dev tap0");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sockaddr_storage address;
		socklen_t len;
		int receiver;

		cable.superframes = 0;
		cable.longest = 0;
		setns(cable.space[1], CLONE_NEWNET);
		int listener = tcp_socket(cases[i].family, &address, &len);
		assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
		assert_int_equal(listen(listener, 1), 0);
		setns(cable.space[0], CLONE_NEWNET);
		int sender = tcp_socket(cases[i].family, &address, &len);
		(void)connect(sender, (struct sockaddr *)&address, len);
		until((cable_carry(&cable),
		       receiver = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0,
		      "%s: no connection", cases[i].what);
		carry_stream(&cable, sender, receiver);
		if (cable.superframes == 0 || cable.longest < 20000 || !cable.sane)
			fail_msg("%s: %u superframes, longest %zu, sane=%d", cases[i].what,
				 cable.superframes, cable.longest, cable.sane);
		close(sender);
		close(receiver);
		close(listener);
	}
	for (unsigned end = 0; end < 2; end++) {
		tap_free(cable.tap[end]);
		close(cable.space[end]);
	}
}

static void freeing_nothing_is_fine(void **state)
{
	tap_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_are_checked),
		cmocka_unit_test(a_datagram_comes_out_with_its_checksum_to_do),
		cmocka_unit_test(frames_reach_the_kernel),
		cmocka_unit_test(refusals_are_told_apart),
		cmocka_unit_test(an_idle_tap_says_again),
		cmocka_unit_test(nobody_takes_an_interface_twice),
		cmocka_unit_test(a_persistent_interface_is_taken_over_and_stays),
		cmocka_unit_test(a_persistent_interface_can_be_made_to_go),
		cmocka_unit_test(flows_spread_over_the_queues),
		cmocka_unit_test(superframes_cross_whole),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
