/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/swarm.h - what the files of the test client share: all of them, and one.
 *
 *   swarm.c     all of them: options, when the next one starts, what is printed
 *   member.c    one of them: connect, handshake, login, echoes, and again after a pause
 *   carried.c   the frames that they send each other or the server, and what arrives
 *   told.c      the Router Advertisements that they are sent
 */
#ifndef TESTS_BENCH_SWARM_H
#define TESTS_BENCH_SWARM_H

#include <uv.h>

#include "base/packet.h"
#include "client/profile.h"
#include "client/secret.h"
#include "tls/session.h"

#define SWARM_MAX_REASONS 32

enum member_stage {
	MEMBER_WAITING, /* before its first attempt, and between two */
	MEMBER_CONNECTING,
	MEMBER_HANDSHAKE,
	MEMBER_LOGIN,
	MEMBER_UP,
	MEMBER_GONE,
	MEMBER_STAGES,
};

struct swarm;

struct member {
	struct swarm *swarm;
	enum member_stage stage;
	bool counting; /* the session's questions for the time: see now_us in member.c */
	int fd, watching;
	uv_poll_t poll;
	uv_timer_t timer; /* the limit until there is a session, then its ticks; a pause */
	struct tls_handshake *handshake;
	struct session *session;
	unsigned failures; /* since it was up for long */
	uint64_t failing_since_ms, up_since_ms;
	unsigned frames_told; /* advertisements since the signal */
	bool was_told;
};

struct swarm_reason {
	char text[128];
	unsigned count;
};

/* What the members send, and how much of it arrives. */
struct carried {
	unsigned rate;	/* frames per second of each member; 0: none */
	bool to_target; /* to `target`, a MAC behind the server; else each to the next one */
	struct mac target;
	uv_timer_t timer;
	uint64_t start_ms;
	unsigned next; /* whose turn it is */
	uint64_t due;  /* frames whose time has come, sent or not */
	uint64_t sent, blocked, received;
};

/* Who was told of a route since SIGUSR1. */
struct told {
	bool wanted, listening;
	struct prefix6 route;
	uv_signal_t signal;
	uv_timer_t window;
	uint64_t start_ms, last_ms;
	unsigned members, most; /* told of it; frames to one member at most */
	uint64_t frames;
};

struct swarm {
	uv_loop_t loop;
	uv_timer_t stay;
	uv_signal_t signals[2];
	struct profile profile;
	struct secret password; /* of the profile's password-file; or none */
	struct tls_credentials *credentials;
	struct session_memory *memory;
	struct sockaddr_storage to;
	socklen_t to_len;
	struct member *members;
	unsigned count, at_once, stay_s;
	bool again;	  /* a member that is lost tries again */
	uint32_t from;	  /* IPv4: member i comes from this plus i; 0: as the kernel says */
	unsigned started; /* the sum of the members in all stages */
	unsigned in[MEMBER_STAGES];
	bool starting, settled, leaving, well; /* well: as the exit status says */
	uint64_t start_ms, settled_ms;
	uint64_t broken_ms; /* when one of all was lost; 0: all are up, or were not yet */
	uint64_t echoes_answered;
	struct swarm_reason reasons[SWARM_MAX_REASONS];
	unsigned reason_count;
	struct carried carried;
	struct told told;
};

/* ---- member.c ---- */

void member_begin(struct member *member);
/* Says goodbye if it is up, then goes. */
void member_leave(struct member *member);
/* A device of its own: the server takes the same user with the same MAC for one device. */
struct mac member_mac(const struct member *member);
/* UP only: false if it has no room for the frame now.  It leaves with member_flush. */
bool member_send(struct member *member, const struct frame *frame);
void member_flush(struct member *member); /* the member may be lost by it */

/* ---- swarm.c ---- */

/* A JSON line about all of them. */
void swarm_print(const struct swarm *swarm, const char *event);
/* A member came up; an attempt of a member failed, or it was lost, and why. */
void swarm_member_up(struct swarm *swarm);
void swarm_member_lost(struct swarm *swarm, const char *reason, bool was_up);

/* ---- carried.c ---- */

/* The server learns where the member is, before anybody sends to it. */
void carried_introduce(struct member *member);
void carried_start(struct swarm *swarm);
void carried_stop(struct swarm *swarm);
void carried_frame(struct swarm *swarm, const struct frame *frame);

/* ---- told.c ---- */

void told_open(struct swarm *swarm);
void told_frame(struct member *member, const struct frame *frame);

#endif
