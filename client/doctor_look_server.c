/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_look_server.c - the way to the server: its name, TCP to each address, who answers
 * there, and this machine's clock.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/doctor_private.h"

#define NAME_LIMIT_MS 6000
#define TCP_LIMIT_MS 3000
#define TLS_LIMIT_MS 5000
#define HTTP_PORT 80

/* ---- name: getaddrinfo(3) has no time limit, so it gets a thread ---- */

struct lookup {
	pthread_mutex_t mutex;
	pthread_cond_t over;
	bool is_over, abandoned; /* abandoned: the thread frees it */
	char host[256], port[8];
	int error;
	struct addrinfo *found;
};

static void lookup_free(struct lookup *lookup)
{
	if (lookup->found)
		freeaddrinfo(lookup->found);
	pthread_cond_destroy(&lookup->over);
	pthread_mutex_destroy(&lookup->mutex);
	free(lookup);
}

static void *run_lookup(void *argument)
{
	struct lookup *lookup = argument;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	int error = getaddrinfo(lookup->host, lookup->port, &hints, &found);

	pthread_mutex_lock(&lookup->mutex);
	lookup->error = error;
	lookup->found = error == 0 ? found : NULL;
	lookup->is_over = true;
	bool abandoned = lookup->abandoned;
	pthread_cond_signal(&lookup->over);
	pthread_mutex_unlock(&lookup->mutex);
	if (abandoned)
		lookup_free(lookup);
	return NULL;
}

static bool start_lookup(struct lookup *lookup)
{
	pthread_condattr_t clock;
	pthread_attr_t detached;
	pthread_t thread;

	pthread_mutex_init(&lookup->mutex, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC); /* the clock is what we doubt */
	pthread_cond_init(&lookup->over, &clock);
	pthread_condattr_destroy(&clock);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	bool started = pthread_create(&thread, &detached, run_lookup, lookup) == 0;
	pthread_attr_destroy(&detached);
	return started;
}

/* True when it was over in time; else the thread has it. */
static bool await_lookup(struct lookup *lookup, uint32_t limit_ms)
{
	uint64_t end_ms = doctor_now_ms() + limit_ms;
	struct timespec end = { .tv_sec = (time_t)(end_ms / 1000),
				.tv_nsec = (long)(end_ms % 1000) * 1000000 };
	int waited = 0;

	pthread_mutex_lock(&lookup->mutex);
	while (!lookup->is_over && waited == 0)
		waited = pthread_cond_timedwait(&lookup->over, &lookup->mutex, &end);
	bool in_time = lookup->is_over;
	lookup->abandoned = !in_time;
	pthread_mutex_unlock(&lookup->mutex);
	return in_time;
}

static void keep_addresses(struct doctor *doctor, const struct addrinfo *found, char *text,
			   size_t cap)
{
	size_t used = 0;

	text[0] = '\0';
	for (; found && doctor->address_count < DIAL_MAX_ADDRESSES; found = found->ai_next) {
		char host[NI_MAXHOST];

		if (found->ai_addrlen > sizeof(struct sockaddr_storage) ||
		    getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof(host), NULL, 0,
				NI_NUMERICHOST) != 0)
			continue;
		memcpy(&doctor->address[doctor->address_count++], found->ai_addr,
		       found->ai_addrlen);
		if (used < cap)
			used += (size_t)snprintf(text + used, cap - used, "%s%s", used ? ", " : "",
						 host);
	}
}

void look_name(struct doctor *doctor, struct findings *findings)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	const struct proxy *proxy = &doctor->proxy.proxy;
	bool direct = proxy->kind == PROXY_NONE;
	struct name_facts facts = {
		.host = direct ? doctor->profile.server : proxy->host,
		.said_by = direct ? "[client] server" : doctor->proxy.by,
		.limit_s = NAME_LIMIT_MS / 1000,
	};
	char addresses[400];
	uint8_t literal[16];

	if (!lookup)
		return finding_add(findings, DOCTOR_FAILED, "out of memory");
	facts.is_address = inet_pton(AF_INET6, facts.host, literal) == 1 ||
			   inet_pton(AF_INET, facts.host, literal) == 1;
	snprintf(lookup->host, sizeof(lookup->host), "%s", facts.host);
	snprintf(lookup->port, sizeof(lookup->port), "%u",
		 direct ? doctor->profile.port : proxy->port);
	if (!start_lookup(lookup)) {
		lookup_free(lookup);
		return finding_add(findings, DOCTOR_FAILED, "no thread to look names up with");
	}
	if (await_lookup(lookup, (uint32_t)doctor_wait_ms(doctor, NAME_LIMIT_MS))) {
		facts.error = lookup->error;
		keep_addresses(doctor, lookup->found, addresses, sizeof(addresses));
		facts.addresses = addresses;
		lookup_free(lookup);
	} else {
		facts.timed_out = true;
	}
	judge_name(findings, &facts);
}

/* ---- TCP ---- */

struct attempt {
	int fd, error;
	bool over;
	uint32_t ms;
};

static void begin_all(struct doctor *doctor, struct attempt *attempt)
{
	for (unsigned i = 0; i < doctor->address_count; i++) {
		attempt[i] = (struct attempt) { .fd = doctor_dial(doctor, &doctor->address[i]) };
		if (attempt[i].fd < 0) {
			attempt[i].error = errno;
			attempt[i].over = true;
		}
	}
}

static void look_at_one(struct attempt *attempt, uint64_t start_ms)
{
	socklen_t len = sizeof(attempt->error);

	attempt->over = true;
	attempt->ms = (uint32_t)(doctor_now_ms() - start_ms);
	if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &attempt->error, &len) < 0)
		attempt->error = errno;
}

static void await_all(struct doctor *doctor, struct attempt *attempt)
{
	uint64_t start_ms = doctor_now_ms(), end_ms = start_ms + TCP_LIMIT_MS, now_ms = start_ms;
	unsigned count = doctor->address_count, waiting = count;

	while (waiting > 0 && now_ms < end_ms) {
		struct pollfd polled[DIAL_MAX_ADDRESSES];

		waiting = 0;
		for (unsigned i = 0; i < count; i++) {
			polled[i] = (struct pollfd) { .fd = attempt[i].over ? -1 : attempt[i].fd,
						      .events = POLLOUT };
			waiting += !attempt[i].over;
		}
		if (waiting == 0 ||
		    poll(polled, count, doctor_wait_ms(doctor, (uint32_t)(end_ms - now_ms))) <= 0)
			break;
		for (unsigned i = 0; i < count; i++)
			if (!attempt[i].over && polled[i].revents)
				look_at_one(&attempt[i], start_ms);
		now_ms = doctor_now_ms();
	}
}

/* Keeps the fastest connection for what comes next. */
static void keep_fastest(struct doctor *doctor, struct attempt *attempt)
{
	for (unsigned i = 0; i < doctor->address_count; i++) {
		bool works = attempt[i].over && attempt[i].error == 0;

		if (works && (doctor->fd < 0 || attempt[i].ms < doctor->tcp_ms)) {
			if (doctor->fd >= 0)
				close(doctor->fd);
			doctor->fd = attempt[i].fd;
			doctor->tcp_ms = attempt[i].ms;
			doctor->connected = i;
		} else if (attempt[i].fd >= 0) {
			close(attempt[i].fd);
		}
	}
}

static void look_for_portal(struct doctor *doctor, struct findings *findings)
{
	struct http_facts http;

	if (doctor->address_count == 0)
		return;
	doctor_get(doctor, &doctor->address[0], HTTP_PORT, &http);
	if (http_is_portal(&http))
		judge_portal(findings, &http);
}

void look_tcp(struct doctor *doctor, struct findings *findings)
{
	struct attempt attempt[DIAL_MAX_ADDRESSES];

	begin_all(doctor, attempt);
	await_all(doctor, attempt);
	keep_fastest(doctor, attempt);
	for (unsigned i = 0; i < doctor->address_count; i++) {
		char text[SOCKET_TEXT];
		struct tcp_facts facts = {
			.address = socket_text(&doctor->address[i], text),
			.error = attempt[i].error,
			.timed_out = !attempt[i].over,
			.ms = attempt[i].over ? attempt[i].ms : TCP_LIMIT_MS,
			.other = doctor->fd >= 0,
			.is_proxy = doctor->proxy.proxy.kind != PROXY_NONE,
		};
		judge_tcp(findings, &facts);
	}
	if (doctor->fd < 0)
		look_for_portal(doctor, findings);
	else
		socket_text(&doctor->address[doctor->connected], doctor->remote);
}

/* ---- who answers ---- */

static ssize_t read_some(void *owner, void *to, size_t len)
{
	return recv(((struct doctor *)owner)->fd, to, len, 0);
}

static ssize_t write_some(void *owner, const void *from, size_t len)
{
	return send(((struct doctor *)owner)->fd, from, len, MSG_NOSIGNAL);
}

static enum tls_step shake_hands(struct doctor *doctor)
{
	uint64_t end_ms = doctor_now_ms() + TLS_LIMIT_MS, now_ms;
	enum tls_step step;

	while ((step = tls_handshake_step(doctor->handshake)) == TLS_WANT_READ ||
	       step == TLS_WANT_WRITE) {
		struct pollfd polled = { .fd = doctor->fd,
					 .events = step == TLS_WANT_READ ? POLLIN : POLLOUT };
		now_ms = doctor_now_ms();
		if (now_ms >= end_ms ||
		    poll(&polled, 1, doctor_wait_ms(doctor, (uint32_t)(end_ms - now_ms))) <= 0)
			break;
	}
	return step;
}

/* The port itself where HTTP answered, else the port that portals take. */
static void look_for_http(struct doctor *doctor, struct server_facts *facts)
{
	bool here = facts->failure == TLS_FAILURE_NOT_TLS;

	if (facts->any_shown && facts->shown.signed_by_ours)
		return;
	close(doctor->fd); /* who serves one at a time shall serve this one */
	doctor->fd = -1;
	if (doctor->proxy.proxy.kind != PROXY_NONE)
		return; /* what stands beyond it answers no GET of ours */
	doctor_get(doctor, &doctor->address[doctor->connected],
		   here ? doctor->profile.port : HTTP_PORT, &facts->http);
}

void look_server(struct doctor *doctor, struct findings *findings)
{
	struct tls_io io = { .read = read_some, .write = write_some, .owner = doctor };
	struct server_facts facts = { .address = doctor->remote, .name = doctor->profile.name };
	uint64_t start_ms = doctor_now_ms();
	struct err err = { 0 };

	doctor->handshake = tls_handshake_new(doctor->credentials, doctor->profile.name, &io, &err);
	if (!doctor->handshake)
		return finding_add(findings, DOCTOR_FAILED, "%s", err.text);
	enum tls_step step = shake_hands(doctor);
	doctor->tls_ms = (uint32_t)(doctor_now_ms() - start_ms);
	if (step == TLS_FAILED)
		facts.failure = tls_handshake_failure(doctor->handshake, &err);
	facts.timed_out = step != TLS_FAILED && step != TLS_DONE;
	facts.sentence = err.text;
	const struct tls_shown *shown = tls_handshake_shown(doctor->handshake);
	if (shown) {
		facts.any_shown = true;
		facts.shown = *shown;
	}
	if (step != TLS_DONE)
		look_for_http(doctor, &facts);
	judge_server(findings, &facts);
}

void look_clock(struct doctor *doctor, struct findings *findings)
{
	const struct tls_shown *shown =
		doctor->handshake ? tls_handshake_shown(doctor->handshake) : NULL;
	struct clock_facts facts = {
		.now_s = time(NULL),
		.own_from_s = doctor->own.not_before_s,
		.own_until_s = doctor->own.not_after_s,
		.server_shown = shown && shown->signed_by_ours,
		.user = doctor->profile.user,
	};

	if (facts.server_shown) {
		facts.server_from_s = shown->not_before_s;
		facts.server_until_s = shown->not_after_s;
	}
	judge_clock(findings, &facts);
}
