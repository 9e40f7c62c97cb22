/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/swarm.c - many clients in one process and one thread, none with a TAP.
 *
 *   swarm [-n SESSIONS] [-j LOGINS_AT_ONCE] [-s STAY_S] PROFILE
 *
 * Each session is a device of its own (its hello has its own MAC) of the profile's user.  One JSON
 * line is printed when all of them are up or have failed, one at the end: after STAY_S seconds,
 * with 0 at SIGTERM or SIGINT.  The exit status is 0 if every session came up and stayed.
 *
 * It measures a server and is no client: it tries once, and what it receives is dropped.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/swarm.h"

#define MAX_SESSIONS 60000
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
		"{s:s s:i s:i s:i s:o s:f s:I}", "event", event, "sessions", (int)swarm->count,
		"up", (int)swarm->up, "answering", (int)answering, "failed", failed, "duration_s",
		(double)duration_ms / 1000, "echoes_answered", (json_int_t)swarm->echoes_answered);
	if (line)
		json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(line);
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
	if (swarm->up == 0)
		leave(swarm);
	else if (swarm->stay_s > 0)
		uv_timer_start(&swarm->stay, on_stay_over, swarm->stay_s * 1000ull, 0);
}

/* ---- the members ---- */

static void start_more(struct swarm *swarm)
{
	while (swarm->started < swarm->count && swarm->logging_in < swarm->at_once) {
		struct member *member = &swarm->members[swarm->started++];

		member->swarm = swarm;
		if (!member_start(member)) {
			count_reason(swarm, strerror(errno));
			member->stage = MEMBER_GONE;
			swarm->gone++;
		}
	}
	if (!swarm->settled && swarm->up + swarm->gone == swarm->count)
		settle(swarm);
}

void swarm_member_up(struct swarm *swarm)
{
	start_more(swarm);
}

void swarm_member_gone(struct swarm *swarm, const char *reason)
{
	if (swarm->leaving) {
		if (swarm->gone == swarm->started)
			uv_stop(&swarm->loop);
		return;
	}
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
	uv_timer_start(&swarm->stay, on_goodbye_over, GOODBYE_MS, 0);
	for (unsigned i = 0; i < swarm->started; i++)
		member_leave(&swarm->members[i]);
	if (swarm->gone == swarm->started)
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

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE,
				&files); /* else some sessions get no socket: counted */
	}
	if (profile_read(&swarm->profile, path, err) < 0 || pki_init(err) < 0 ||
	    resolve(swarm, err) < 0)
		return -1;
	swarm->credentials = tls_credentials_new(
		TLS_CLIENT, swarm->profile.ca, swarm->profile.certificate, swarm->profile.key, err);
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
	return 0;
}

static bool read_number(const char *text, unsigned max, unsigned *number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*number = (unsigned)value;
	return *text >= '0' && *text <= '9' && *end == '\0' && value <= max;
}

int main(int argc, char **argv)
{
	static struct swarm swarm = { .count = 100, .at_once = 32, .stay_s = 10 };
	struct err err = { 0 };
	bool right = true;

	for (int option; (option = getopt(argc, argv, "n:j:s:")) != -1;)
		right &= (option == 'n' && read_number(optarg, MAX_SESSIONS, &swarm.count)) ||
			 (option == 'j' && read_number(optarg, MAX_SESSIONS, &swarm.at_once)) ||
			 (option == 's' && read_number(optarg, 86400, &swarm.stay_s));
	if (!right || optind != argc - 1 || swarm.count == 0 || swarm.at_once == 0) {
		fprintf(stderr,
			"usage: swarm [-n SESSIONS] [-j LOGINS_AT_ONCE] [-s STAY_S] PROFILE\n");
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
	return swarm.reason_count == 0 && swarm.settled ? 0 : ERR_FAILED;
}
