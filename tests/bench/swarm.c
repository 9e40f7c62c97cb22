/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/swarm.c - many clients in one process and one thread, none with a TAP.
 *
 *   swarm [-n SESSIONS] [-j LOGINS_AT_ONCE] [-s STAY_S] [-a ADDRESS] [-r]
 *         [-f FRAMES_PER_S [-t MAC]] [-u ROUTE] PROFILE
 *
 * Each session is a device of its own (its hello has its own MAC) of the profile's user, by
 * certificate or with the password of the profile's password-file, and with
 * -a comes from an IPv4 address of its own, ADDRESS and those after it.  With -r one that is
 * lost tries again, with the pauses of `lanyard connect`.  With -f each sends so many frames a
 * second to the next one, or to the MAC of -t.  With -u SIGUSR1 has them count who is told of a route.
 *
 * One JSON line is printed when all of them are up or have failed, with -r one whenever all are
 * back, and one at the end: after STAY_S seconds, with 0 at SIGTERM or SIGINT.  The exit status
 * is 0 if every session came up and stayed, with -r if all are up in the end.
 *
 * It measures a server and is no client: what it receives is counted and dropped.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <jansson.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client/trust.h"
#include "tests/bench/swarm.h"

#define MAX_SESSIONS 60000
#define MAX_RATE 100000
#define GOODBYE_MS 3000 /* for all of them */

static void leave(struct swarm *swarm);

/* ---- what is said about it ---- */

static void count_reason(struct swarm *swarm, const char *text)
{
	struct swarm_reason *reason = swarm->reasons;

	while (reason < swarm->reasons + swarm->reason_count && strcmp(reason->text, text) != 0)
		reason++;
	if (reason == swarm->reasons + SWARM_MAX_REASONS)
		reason--; /* the last one stands for the rest */
	else if (reason == swarm->reasons + swarm->reason_count)
		snprintf(swarm->reasons[swarm->reason_count++].text, sizeof(reason->text), "%s",
			 text);
	reason->count++;
}

static void print_line(const struct swarm *swarm, const char *event, uint64_t duration_ms)
{
	json_t *failed = json_object();
	unsigned answering = 0;

	for (unsigned i = 0; i < swarm->reason_count; i++)
		json_object_set_new(failed, swarm->reasons[i].text,
				    json_integer(swarm->reasons[i].count));
	for (unsigned i = 0; i < swarm->started; i++)
		answering +=
			swarm->members[i].session && session_rtt_us(swarm->members[i].session) > 0;
	json_t *line = json_pack(
		"{s:s s:i s:i s:i s:o s:f s:I s:I s:I s:I s:i s:f s:i s:I}", "event", event,
		"sessions", (int)swarm->count, "up", (int)swarm->in[MEMBER_UP], "answering",
		(int)answering, "failed", failed, "duration_s", (double)duration_ms / 1000,
		"echoes_answered", (json_int_t)swarm->echoes_answered, "frames_sent",
		(json_int_t)swarm->carried.sent, "frames_blocked",
		(json_int_t)swarm->carried.blocked, "frames_received",
		(json_int_t)swarm->carried.received, "told", (int)swarm->told.members,
		"last_told_s", (double)swarm->told.last_ms / 1000, "most_frames",
		(int)swarm->told.most, "advertisements", (json_int_t)swarm->told.frames);
	if (line)
		json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(line);
}

void swarm_print(const struct swarm *swarm, const char *event)
{
	print_line(swarm, event, uv_now(&swarm->loop) - swarm->told.start_ms);
}

static void on_stay_over(uv_timer_t *timer)
{
	leave(timer->data);
}

/* All of them are up or have failed. */
static void settle(struct swarm *swarm)
{
	swarm->settled = true;
	swarm->settled_ms = uv_now(&swarm->loop);
	print_line(swarm, "up", swarm->settled_ms - swarm->start_ms);
	carried_start(swarm);
	if (swarm->in[MEMBER_UP] == 0)
		leave(swarm);
	else if (swarm->stay_s > 0)
		uv_timer_start(&swarm->stay, on_stay_over, swarm->stay_s * 1000ull, 0);
}

/* ---- the members ---- */

static unsigned logging_in(const struct swarm *swarm)
{
	return swarm->in[MEMBER_CONNECTING] + swarm->in[MEMBER_HANDSHAKE] + swarm->in[MEMBER_LOGIN];
}

static void start_more(struct swarm *swarm)
{
	if (swarm->starting) /* one fails at once: the loop below goes on with the next */
		return;
	swarm->starting = true;
	while (swarm->started < swarm->count && logging_in(swarm) < swarm->at_once) {
		struct member *member = &swarm->members[swarm->started++];

		member->swarm = swarm;
		swarm->in[MEMBER_WAITING]++;
		member_begin(member);
	}
	swarm->starting = false;
	if (!swarm->settled && swarm->in[MEMBER_UP] + swarm->in[MEMBER_GONE] == swarm->count)
		settle(swarm);
}

void swarm_member_up(struct swarm *swarm)
{
	start_more(swarm);
	if (swarm->broken_ms == 0 || swarm->in[MEMBER_UP] < swarm->count)
		return;
	print_line(swarm, "back", uv_now(&swarm->loop) - swarm->broken_ms);
	swarm->broken_ms = 0;
}

void swarm_member_lost(struct swarm *swarm, const char *reason, bool was_up)
{
	if (swarm->leaving) {
		if (swarm->in[MEMBER_GONE] == swarm->started)
			uv_stop(&swarm->loop);
		return;
	}
	if (was_up && swarm->again && swarm->settled && swarm->broken_ms == 0)
		swarm->broken_ms = uv_now(&swarm->loop);
	count_reason(swarm, reason);
	start_more(swarm);
}

/* ---- all of them ---- */

static void on_goodbye_over(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void leave(struct swarm *swarm)
{
	if (swarm->leaving)
		return;
	print_line(swarm, "end",
		   uv_now(&swarm->loop) - (swarm->settled ? swarm->settled_ms : swarm->start_ms));
	swarm->leaving = true;
	swarm->well = swarm->settled && swarm->in[MEMBER_UP] == swarm->count &&
		      (swarm->again || swarm->reason_count == 0);
	carried_stop(swarm);
	uv_timer_start(&swarm->stay, on_goodbye_over, GOODBYE_MS, 0);
	for (unsigned i = 0; i < swarm->started; i++)
		member_leave(&swarm->members[i]);
	if (swarm->in[MEMBER_GONE] == swarm->started)
		uv_stop(&swarm->loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
	leave(handle->data);
}

static int resolve(struct swarm *swarm, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *found;
	char port[8];
	int failed;

	snprintf(port, sizeof(port), "%u", swarm->profile.port);
	failed = getaddrinfo(swarm->profile.server, port, &hints, &found);
	if (failed)
		return err_set(err, "%s: %s", swarm->profile.server, gai_strerror(failed));
	memcpy(&swarm->to, found->ai_addr, found->ai_addrlen);
	swarm->to_len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int open_swarm(struct swarm *swarm, const char *path, struct err *err)
{
	static const int numbers[] = { SIGTERM, SIGINT };
	struct rlimit files;
	char source[320];

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE,
				&files); /* else some sessions get no socket: counted */
	}
	if (profile_read(&swarm->profile, path, err) < 0 || pki_init(err) < 0 ||
	    resolve(swarm, err) < 0)
		return -1;
	if (secret_find_password(&swarm->profile, &swarm->password, source, err) == SECRET_BAD)
		return -1;
	swarm->credentials = trust_credentials(&swarm->profile, path, err);
	swarm->memory = session_memory_new(err);
	if (!swarm->credentials || !swarm->memory)
		return -1;
	swarm->members = calloc(swarm->count, sizeof(*swarm->members));
	if (!swarm->members || uv_loop_init(&swarm->loop) < 0)
		return err_set(err, "out of memory");
	uv_timer_init(&swarm->loop, &swarm->stay);
	swarm->stay.data = swarm;
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
		uv_signal_init(&swarm->loop, &swarm->signals[i]);
		swarm->signals[i].data = swarm;
		uv_signal_start(&swarm->signals[i], on_signal, numbers[i]);
	}
	told_open(swarm);
	return 0;
}

static bool read_number(const char *text, unsigned max, unsigned *number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*number = (unsigned)value;
	return *text >= '0' && *text <= '9' && *end == '\0' && value <= max;
}

static bool read_address(const char *text, uint32_t *address)
{
	struct in_addr found;

	if (inet_pton(AF_INET, text, &found) != 1)
		return false;
	*address = ntohl(found.s_addr);
	return true;
}

static bool read_options(int argc, char **argv, struct swarm *swarm)
{
	struct carried *carried = &swarm->carried;
	struct err err = { 0 };
	bool right = true;

	for (int option; (option = getopt(argc, argv, "n:j:s:a:rf:t:u:")) != -1;) {
		switch (option) {
		case 'n': right &= read_number(optarg, MAX_SESSIONS, &swarm->count); break;
		case 'j': right &= read_number(optarg, MAX_SESSIONS, &swarm->at_once); break;
		case 's': right &= read_number(optarg, 86400, &swarm->stay_s); break;
		case 'a': right &= read_address(optarg, &swarm->from); break;
		case 'r': swarm->again = true; break;
		case 'f': right &= read_number(optarg, MAX_RATE, &carried->rate); break;
		case 't':
			carried->to_target = true;
			right &= mac_parse(optarg, &carried->target, &err) == 0;
			break;
		case 'u':
			swarm->told.wanted = true;
			right &= prefix6_parse(optarg, &swarm->told.route, &err) == 0;
			break;
		default: right = false;
		}
	}
	return right && optind == argc - 1 && swarm->count > 0 && swarm->at_once > 0;
}

int main(int argc, char **argv)
{
	static struct swarm swarm = { .count = 100, .at_once = 32, .stay_s = 10 };
	struct err err = { 0 };

	if (!read_options(argc, argv, &swarm)) {
		fprintf(stderr, "usage: swarm [-n SESSIONS] [-j LOGINS_AT_ONCE] [-s STAY_S] "
				"[-a ADDRESS] [-r]\n"
				"             [-f FRAMES_PER_S [-t MAC]] [-u ROUTE] PROFILE\n");
		return ERR_USAGE;
	}
	if (open_swarm(&swarm, argv[optind], &err) < 0) {
		fprintf(stderr, "swarm: %s\n", err.text);
		return err_status(&err);
	}
	swarm.start_ms = uv_now(&swarm.loop);
	start_more(&swarm);
	uv_run(&swarm.loop, UV_RUN_DEFAULT);
	profile_wipe(&swarm.profile);
	secret_forget(&swarm.password);
	return swarm.well ? 0 : ERR_FAILED;
}
