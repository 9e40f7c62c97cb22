/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/offload_scene.h
 *
 * A TAP in the kernel's bridge, and behind the bridge a wire without any offload: what the TAP
 * takes with work left to do, the kernel itself has to finish before it comes out at the far end.
 *
 *   tap0 -- br0 -- veth0 == veth1 (the far end, a packet socket)
 *
 * Each frame bears a number in its destination MAC, so that nothing else is taken for it.  And
 * the kernel's log, from the scene's beginning on.
 */
#ifndef TESTS_BRIDGE_OFFLOAD_SCENE_H
#define TESTS_BRIDGE_OFFLOAD_SCENE_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/tap.h"
#include "plain_sums.h"
#include "tests/unit/namespace.h"

#define NUMBERED 0x024cu /* the first two bytes of such a MAC: local, unicast */

struct scene {
	struct tap *tap;
	int far_end;
	int log; /* -1: not to be had here */
	uint32_t number;
	uint8_t buffer[TAP_BUFFER];
};

static inline int scene_far_end(const char *name)
{
	struct sockaddr_ll here = { .sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = (int)if_nametoindex(name) };
	int room = 16 << 20;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && here.sll_ifindex > 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof(here)), 0);
	return fd;
}

/* Writes the next number into a frame that is about to be sent. */
static inline void scene_number(struct scene *scene, uint8_t *frame)
{
	put(frame, NUMBERED, 2);
	put(frame + 2, ++scene->number, 4);
}

/* What comes out at the far end of the frame numbered last; false if nothing does in time. */
static inline bool scene_receive(struct scene *scene, struct bytes *frame, int limit_ms)
{
	struct pollfd ready = { .fd = scene->far_end, .events = POLLIN };
	uint64_t end_ms = now_ms() + (uint64_t)limit_ms;

	for (;;) {
		ssize_t len = recv(scene->far_end, scene->buffer, sizeof(scene->buffer), 0);

		if (len >= FRAME_MIN && get(scene->buffer, 2) == NUMBERED &&
		    get(scene->buffer + 2, 4) == scene->number) {
			*frame = (struct bytes) { scene->buffer, (size_t)len };
			return true;
		}
		if (len < 0 && errno != EAGAIN && errno != EINTR)
			fail_msg("the far end: %s", strerror(errno));
		if (now_ms() > end_ms)
			return false;
		if (len < 0)
			poll(&ready, 1, limit_ms);
	}
}

/* The kernel sees a carrier some time after it is there; until then a port does not forward. */
static inline void scene_await_forwarding(struct scene *scene)
{
	uint8_t bytes[60] = { [6] = 2, [11] = 2, [12] = 0x90 }; /* loopback test: nobody's */
	struct frame frame = { .bytes = { bytes, sizeof(bytes) } };
	struct bytes got;

	until((scene_number(scene, bytes),
	       tap_write(scene->tap, 0, &frame) == TAP_DONE && scene_receive(scene, &got, 10)),
	      "the bridge does not forward");
}

static inline void scene_open(struct scene *scene)
{
	struct err err = { 0 };

	namespace_enter();
	*scene = (struct scene) { .log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC) };
	if (scene->log >= 0)
		assert_true(lseek(scene->log, 0, SEEK_END) >= 0);
	scene->tap = tap_open("tap0", 1, &err);
	if (!scene->tap)
		fail_msg("%s", err.text);
	run_command("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 "
		    "net.ipv6.conf.default.disable_ipv6=1"); /* nothing of the kernel's own */
	run_command("ip link add br0 type bridge mcast_snooping 0");
	/* where the kernel has br_netfilter, its bridge drops a broken IPv4 header by itself */
	run_command(
		"for family in ip ip6; do sysctl -eqw net.bridge.bridge-nf-call-${family}tables=0 "
		"2> /dev/null; done; true");
	run_command("ip link add veth0 mtu 65535 type veth peer name veth1 mtu 65535");
	/* frames that need no cutting may be as long as a TAP's can be */
	run_command("ip link set tap0 mtu 65521");
	for (unsigned end = 0; end < 2; end++)
		run_command("ethtool -K veth%u tx off sg off tso off gso off gro off > /dev/null",
			    end);
	run_command("ip link set tap0 master br0 && ip link set veth0 master br0");
	run_command("for name in br0 tap0 veth0 veth1; do ip link set $name up || exit; done");
	scene->far_end = scene_far_end("veth1");
	scene_await_forwarding(scene);
}

static inline void scene_close(struct scene *scene)
{
	close(scene->far_end);
	if (scene->log >= 0)
		close(scene->log);
	tap_free(scene->tap);
}

/* Fails if the kernel has complained since the scene was opened. */
static inline void scene_check_log(struct scene *scene, const char *what)
{
	static const char *const complaints[] = { "WARNING:", "BUG:", "kernel BUG", "bad gso",
						  "skb_warn_bad_offload" };
	char line[8192];

	while (scene->log >= 0) {
		ssize_t len = read(scene->log, line, sizeof(line) - 1);

		if (len < 0 && (errno == EPIPE || errno == EINTR)) /* EPIPE: overwritten before */
			continue;
		if (len <= 0) {
			assert_int_equal(errno, EAGAIN);
			return;
		}
		line[len] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(complaints); i++)
			if (strstr(line, complaints[i]))
				fail_msg("%s: the kernel's log: %s", what, line);
	}
}

#endif
