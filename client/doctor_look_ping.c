/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_look_ping.c
 *
 * What lies behind the router: its DNS servers are asked, addresses pinged, all bound to the
 * tunnel's interface, so that an answer came through it.  And the largest packet to the router.
 *
 * RFC 4291 2.6.1 (the router's anycast address of each prefix).
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "client/doctor_echo.h"
#include "client/doctor_judge_beyond.h"
#include "client/doctor_private.h"
#include "client/doctor_query.h"

#define DNS_LIMIT_MS 2500
#define DNS_AGAIN_MS 1000
#define DNS_PORT 53
#define PING_LIMIT_MS 2000
#define FRAME_LIMIT_MS 1500
#define SMALL 64
#define MTU_MIN 1280 /* RFC 8200 5 */

/* ---- DNS servers ---- */

struct asked {
	int fd; /* -1: no way there */
	bool answered;
	unsigned rcode;
	uint32_t ms;
};

struct question {
	uint16_t id;
	const char *name; /* "" for the root */
	enum query_type type;
};

static int open_dns(const struct doctor *doctor, const struct ip6 *server)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT) };

	memcpy(&to.sin6_addr, server, sizeof(to.sin6_addr));
	if (ip6_is_link_local(server))
		to.sin6_scope_id = (uint32_t)doctor->identity.index;
	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, doctor->host,
		       (socklen_t)strlen(doctor->host)) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void send_questions(const struct question *question, const struct asked *asked,
			   unsigned count)
{
	uint8_t bytes[QUERY_MAX];
	struct writer w = writer_over(bytes, sizeof(bytes));

	query_build(&w, question->id, question->name, question->type);
	for (unsigned i = 0; i < count; i++)
		if (asked[i].fd >= 0 && !asked[i].answered)
			(void)send(asked[i].fd, bytes, w.len, MSG_NOSIGNAL); /* again later */
}

/* Returns how many answered now. */
static unsigned take_answers(const struct question *question, struct asked *asked, unsigned count,
			     uint64_t start_ms)
{
	uint8_t bytes[1500];
	unsigned answers = 0;

	for (unsigned i = 0; i < count; i++) {
		ssize_t len = asked[i].fd >= 0 && !asked[i].answered
				      ? recv(asked[i].fd, bytes, sizeof(bytes), 0)
				      : -1;
		/* the socket is connected: it came from there, or from who could see the question */
		if (len < 0 || !query_answers((struct bytes) { bytes, (size_t)len }, question->id,
					      question->name, question->type, &asked[i].rcode))
			continue;
		asked[i].answered = true;
		asked[i].ms = (uint32_t)(doctor_now_ms() - start_ms);
		answers++;
	}
	return answers;
}

static void ask_all(const struct doctor *doctor, const struct question *question,
		    struct asked *asked, unsigned count)
{
	uint64_t start_ms = doctor_now_ms(), now_ms = start_ms, sent_ms = 0;
	unsigned waiting = 0;

	for (unsigned i = 0; i < count; i++)
		waiting += asked[i].fd >= 0;
	while (waiting > 0 && now_ms < start_ms + DNS_LIMIT_MS) {
		struct pollfd polled[RA_MAX_DNS];

		if (sent_ms == 0 || now_ms >= sent_ms + DNS_AGAIN_MS) {
			send_questions(question, asked, count);
			sent_ms = now_ms;
		}
		for (unsigned i = 0; i < count; i++)
			polled[i] = (struct pollfd) { .fd = asked[i].answered ? -1 : asked[i].fd,
						      .events = POLLIN };
		if (poll(polled, count, doctor_wait_ms(doctor, DNS_AGAIN_MS / 4)) > 0)
			waiting -= take_answers(question, asked, count, start_ms);
		now_ms = doctor_now_ms();
	}
}

static void judge_servers(struct doctor *doctor, struct findings *findings,
			  const struct question *question, const struct asked *asked)
{
	char text[RA_MAX_DOMAIN + 8];

	snprintf(text, sizeof(text), "%s %s", question->name[0] ? question->name : ".",
		 question->type == QUERY_SOA ? "SOA" : "NS");
	for (unsigned i = 0; i < doctor->ra.dns_count; i++) {
		char server[IP6_TEXT];
		struct dns_answer_facts facts = {
			.server = ip6_text(&doctor->ra.dns[i], server),
			.question = text,
			.no_way = asked[i].fd < 0,
			.answered = asked[i].answered,
			.is_root = question->name[0] == '\0',
			.rcode = asked[i].rcode,
			.ms = asked[i].ms,
		};
		judge_dns_answer(findings, &facts);
	}
}

void look_dns_answer(struct doctor *doctor, struct findings *findings)
{
	struct asked asked[RA_MAX_DNS] = { 0 };
	bool has_domain = doctor->ra.search_count > 0;
	struct question question = { .name = has_domain ? doctor->ra.search[0] : "",
				     .type = has_domain ? QUERY_SOA : QUERY_NS };
	unsigned count = doctor->ra.dns_count;

	if (count == 0 || doctor->for_others)
		return finding_add(findings, DOCTOR_OK, "there is no DNS server to ask%s",
				   count > 0 ? " from this machine" : "");
	(void)!getrandom(&question.id, sizeof(question.id), 0); /* 0 does too, on our own link */
	for (unsigned i = 0; i < count; i++)
		asked[i].fd = open_dns(doctor, &doctor->ra.dns[i]);
	ask_all(doctor, &question, asked, count);
	judge_servers(doctor, findings, &question, asked);
	doctor->dns_answered = asked[0].answered;
	for (unsigned i = 0; i < count; i++)
		if (asked[i].fd >= 0)
			close(asked[i].fd);
}

/* ---- pings ---- */

/* Where a router is in a prefix: it says so itself, or by RFC 4291 2.6.1, or as is usual. */
static unsigned add_own(const struct ra_prefix *prefix, struct echo *echo)
{
	if (prefix->has_router_address) {
		echo[0].to = prefix->router_address;
		return 1;
	}
	echo[0].to = echo[1].to = prefix->prefix.address;
	echo[1].to.octet[15] |= 1;
	return 2;
}

static unsigned fill_targets(const struct doctor *doctor, struct echo *echo)
{
	unsigned count = 1;

	echo[0].to = doctor->router;
	for (unsigned i = 0; i < doctor->ra.prefix_count && count + 3 < ECHO_MAX; i++)
		count += add_own(&doctor->ra.prefix[i], echo + count);
	for (unsigned i = 0; i < count; i++)
		echo[i].size = SMALL;
	return count;
}

void look_ping(struct doctor *doctor, struct findings *findings)
{
	bool has_target = doctor->ra.dns_count > 0 && !doctor->for_others;
	struct echo echo[ECHO_MAX] = { 0 }, *answered = NULL;
	unsigned owns = fill_targets(doctor, echo), count = owns;
	char link_local[IP6_TEXT], own[IP6_TEXT], target[IP6_TEXT];
	struct ping_facts facts = { .link_local = ip6_text(&doctor->router, link_local) };
	struct err err = { 0 };

	if (has_target) {
		echo[count++] = (struct echo) { .to = doctor->ra.dns[0], .size = SMALL };
		facts.target = ip6_text(&doctor->ra.dns[0], target);
	}
	if (echo_all(doctor->host, echo, count, (uint32_t)doctor_wait_ms(doctor, PING_LIMIT_MS),
		     &err) < 0)
		return finding_add(findings, DOCTOR_FAILED, "%s", err.text);
	for (unsigned i = owns; i-- > 0;)
		if (echo[i].answered)
			answered = &echo[i];
	facts.link_local_answered = echo[0].answered;
	for (unsigned i = owns; i-- > 1;)
		if (echo[i].answered)
			facts.own = ip6_text(&echo[i].to, own);
	facts.target_answered = has_target && echo[owns].answered;
	facts.target_spoke = doctor->dns_answered;
	facts.ms = facts.target_answered ? echo[owns].ms : answered ? answered->ms : 0;
	doctor->can_measure = answered != NULL;
	if (answered)
		doctor->measured = answered->to;
	judge_ping(findings, &facts);
}

/* ---- the largest packet ---- */

/* The longest of these sizes that comes back, at least `passed`; *lost: the shortest beyond it. */
static unsigned try_sizes(const struct doctor *doctor, const unsigned *size, unsigned count,
			  unsigned passed, unsigned *lost)
{
	struct echo echo[ECHO_MAX] = { 0 };

	for (unsigned i = 0; i < count; i++)
		echo[i] = (struct echo) { .to = doctor->measured, .size = size[i] };
	/* that none can be sent is found as none coming back */
	(void)echo_all(doctor->host, echo, count, (uint32_t)doctor_wait_ms(doctor, FRAME_LIMIT_MS),
		       NULL);
	for (unsigned i = 0; i < count; i++)
		if (echo[i].answered && size[i] > passed)
			passed = size[i];
	for (unsigned i = 0; i < count; i++)
		if (size[i] > passed && size[i] < *lost)
			*lost = size[i];
	return passed;
}

void look_frame(struct doctor *doctor, struct findings *findings)
{
	unsigned mtu = doctor->mtu < MTU_MIN	     ? MTU_MIN
		       : doctor->mtu > ECHO_SIZE_MAX ? ECHO_SIZE_MAX
						     : (unsigned)doctor->mtu;
	unsigned size[ECHO_MAX] = { mtu }, lost = mtu;

	if (!doctor->can_measure)
		return finding_add(findings, DOCTOR_OK,
				   "the largest packet is not known: the router answers no ping");
	unsigned passed = try_sizes(doctor, size, 1, 0, &lost);
	if (passed < mtu) {
		size[0] = MTU_MIN;
		passed = try_sizes(doctor, size, 1, 0, &lost);
	}
	/* each turn divides what is left by 25 */
	while (passed >= MTU_MIN && passed < mtu && lost - passed > 1 &&
	       doctor_wait_ms(doctor, FRAME_LIMIT_MS) == FRAME_LIMIT_MS) {
		unsigned count = frame_sizes(passed, lost, size, ECHO_MAX);
		passed = try_sizes(doctor, size, count, passed, &lost);
	}
	judge_frame(findings, mtu, passed);
}
