/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/swarm.h - what the two files of the test client share: all of them, and one. */
#ifndef TESTS_BENCH_SWARM_H
#define TESTS_BENCH_SWARM_H

#include <uv.h>

#include "client/profile.h"
#include "tls/session.h"

#define SWARM_MAX_REASONS 32

enum member_stage {
	MEMBER_WAITING,
	MEMBER_CONNECTING,
	MEMBER_HANDSHAKE,
	MEMBER_LOGIN,
	MEMBER_UP,
	MEMBER_GONE,
};

struct swarm;

struct member {
	struct swarm *swarm;
	enum member_stage stage;
	bool counting; /* the session's questions for the time: see now_us in member.c */
	int fd, watching;
	uv_poll_t poll;
	uv_timer_t timer; /* the limit until there is a session, then its ticks */
	struct tls_handshake *handshake;
	struct session *session;
};

struct swarm_reason {
	char text[128];
	unsigned count;
};

struct swarm {
	uv_loop_t loop;
	uv_timer_t stay;
	uv_signal_t signals[2];
	struct profile profile;
	struct tls_credentials *credentials;
	struct session_memory *memory;
	struct sockaddr_storage to;
	socklen_t to_len;
	struct member *members;
	unsigned count, at_once, stay_s;
	unsigned started, logging_in, up, gone; /* started = the three others */
	bool settled, leaving;
	uint64_t start_ms, settled_ms;
	uint64_t echoes_answered;
	struct swarm_reason reasons[SWARM_MAX_REASONS];
	unsigned reason_count;
};

/* Begins to connect.  False, with errno, without a socket: nothing of it is left then. */
bool member_start(struct member *member);
/* Says goodbye if it is up, then goes. */
void member_leave(struct member *member);

/* A member came up; a member has gone and why. */
void swarm_member_up(struct swarm *swarm);
void swarm_member_gone(struct swarm *swarm, const char *reason);

#endif
