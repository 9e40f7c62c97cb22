/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/delay.c - a long cable: carries frames between two interfaces, each some time later.
 *
 *   delay INTERFACE INTERFACE MICROSECONDS
 *
 * It says "ready", and at SIGTERM how many frames it carried and how many it had no room for.  The
 * interfaces must not offload: a packet socket sees no more of a frame than its bytes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#define FRAME_BYTES 1518 /* one of 1,500 bytes with a VLAN tag */
#define MAX_HELD 16384	 /* each way: 5 ms at 40 Gbit/s */
#define AT_ONCE 64
#define RECEIVE_BYTES (32 << 20) /* what comes while the other way is served */

struct held {
	uint64_t due_ns;
	uint16_t len;
	uint8_t bytes[FRAME_BYTES];
};

/* One way: a ring of frames in the order of their arrival, which is that of their due times. */
struct way {
	int from, to;
	struct held *held;
	unsigned first, count;
	uint64_t carried, no_room, failed;
};

static volatile sig_atomic_t ended;

static void on_end(int number)
{
	ended = 1;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void quit(const char *what)
{
	perror(what);
	exit(1);
}

static int open_interface(const char *name)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, queue = RECEIVE_BYTES;
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(name) };
	struct packet_mreq all = { .mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC };

	if (fd < 0 || at.sll_ifindex == 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) < 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		quit(name);
	return fd;
}

/* The ring's next places, as far as they lie side by side. */
static unsigned places(const struct way *way, unsigned begin, unsigned most)
{
	unsigned to_end = MAX_HELD - begin;

	most = most < AT_ONCE ? most : AT_ONCE;
	return most < to_end ? most : to_end;
}

static void take(struct way *way, uint64_t delay_ns)
{
	struct mmsghdr messages[AT_ONCE] = { 0 };
	struct iovec parts[AT_ONCE];
	uint8_t nowhere[AT_ONCE];
	bool full = way->count == MAX_HELD;
	unsigned begin = (way->first + way->count) % MAX_HELD;
	unsigned room = full ? AT_ONCE : places(way, begin, MAX_HELD - way->count);

	for (unsigned i = 0; i < room; i++) {
		parts[i].iov_base = full ? &nowhere[i] : way->held[begin + i].bytes;
		parts[i].iov_len = full ? 1 : FRAME_BYTES;
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}

	int n = recvmmsg(way->from, messages, room, MSG_TRUNC, NULL);
	uint64_t due_ns = now_ns() + delay_ns;

	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
		quit("recvmmsg");
	if (n > 0 && full)
		way->no_room += (unsigned)n;
	for (int i = 0; i < n && !full; i++) {
		struct held *held = &way->held[begin + (unsigned)i];

		held->due_ns = due_ns;
		held->len = messages[i].msg_len <= FRAME_BYTES ? (uint16_t)messages[i].msg_len : 0;
	}
	if (n > 0 && !full)
		way->count += (unsigned)n;
}

static unsigned due_at(const struct way *way, uint64_t now, unsigned most)
{
	unsigned n = 0;

	while (n < most && way->held[way->first + n].due_ns <= now)
		n++;
	return n;
}

static void give(struct way *way)
{
	struct mmsghdr messages[AT_ONCE] = { 0 };
	struct iovec parts[AT_ONCE];
	unsigned most;

	while ((most = due_at(way, now_ns(), places(way, way->first, way->count))) > 0) {
		for (unsigned i = 0; i < most; i++) {
			struct held *held = &way->held[way->first + i];

			parts[i] = (struct iovec) { held->bytes, held->len };
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		int n = sendmmsg(way->to, messages, most, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) { /* this one cannot go: too long, or the interface is down */
			way->failed++;
			n = 1;
		} else {
			way->carried += (unsigned)n;
		}
		way->first = (way->first + (unsigned)n) % MAX_HELD;
		way->count -= (unsigned)n;
	}
}

/* Until the first frame of either way is due; a second if there is none. */
static struct timespec wait_time(const struct way ways[2])
{
	uint64_t now = now_ns(), until = now + 1000000000;

	for (unsigned i = 0; i < 2; i++)
		if (ways[i].count > 0 && ways[i].held[ways[i].first].due_ns < until)
			until = ways[i].held[ways[i].first].due_ns;

	uint64_t wait_ns = until > now ? until - now : 0;

	return (struct timespec) { .tv_sec = (time_t)(wait_ns / 1000000000),
				   .tv_nsec = (long)(wait_ns % 1000000000) };
}

static void run(struct way ways[2], uint64_t delay_ns)
{
	struct pollfd polls[2] = { { .fd = ways[0].from, .events = POLLIN },
				   { .fd = ways[1].from, .events = POLLIN } };
	sigset_t while_waiting;

	sigemptyset(&while_waiting);
	while (!ended) {
		struct timespec wait = wait_time(ways);

		if (ppoll(polls, 2, &wait, &while_waiting) < 0 && errno != EINTR)
			quit("ppoll");
		for (unsigned i = 0; i < 2; i++) {
			if (polls[i].revents)
				take(&ways[i], delay_ns);
			give(&ways[i]);
		}
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_end };
	struct way ways[2] = { 0 };
	sigset_t ends;

	if (argc != 4) {
		fprintf(stderr, "usage: delay INTERFACE INTERFACE MICROSECONDS\n");
		return 2;
	}
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL); /* but while it waits: none is lost between */
	sigaction(SIGTERM, &action, NULL);
	prctl(PR_SET_TIMERSLACK, 1);
	for (unsigned i = 0; i < 2; i++) {
		ways[i].from = ways[1 - i].to = open_interface(argv[1 + i]);
		ways[i].held = calloc(MAX_HELD, sizeof(*ways[i].held));
		if (!ways[i].held)
			quit("calloc");
	}
	puts("ready");
	fflush(stdout);
	run(ways, strtoull(argv[3], NULL, 10) * 1000);
	for (unsigned i = 0; i < 2; i++)
		printf("{\"carried\": %llu, \"no_room\": %llu, \"failed\": %llu}\n",
		       (unsigned long long)ways[i].carried, (unsigned long long)ways[i].no_room,
		       (unsigned long long)ways[i].failed);
	return 0;
}
