/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy_private.h - what proxy_talk.c (the state machine) shares with the two protocols,
 * proxy_http.c and proxy_socks.c. */
#ifndef CLIENT_PROXY_PRIVATE_H
#define CLIENT_PROXY_PRIVATE_H

#include "client/proxy_talk.h"

/*
 *   HTTP_REPLY ---------------------------------------.
 *   SOCKS_METHOD -> SOCKS_LOGIN -> SOCKS_REPLY -------+-> OPEN
 *        '------------------------------^             '-> FAILED (from anywhere)
 */
enum talk_state {
	TALK_HTTP_REPLY,
	TALK_SOCKS_METHOD,
	TALK_SOCKS_LOGIN,
	TALK_SOCKS_REPLY,
	TALK_OPEN,
	TALK_FAILED,
	TALK_STATES,
};

struct proxy_talk {
	const struct proxy *proxy;
	const char *host;
	uint16_t port;
	enum talk_state state;
	enum proxy_failure failure;
	struct err why;
	struct writer out;
	size_t sent;
	size_t in_len, head; /* head: where the HTTP reply begins that is being read */
	uint8_t in[PROXY_REPLY_MAX];
	uint8_t out_buffer[2048]; /* the longest: a CONNECT with the longest names and login */
};

/* proxy_talk.c */
void talk_enter(struct proxy_talk *talk, enum talk_state state);
void talk_fail(struct proxy_talk *talk, enum proxy_failure failure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void talk_fail_login(struct proxy_talk *talk); /* it has refused ours */
/* Empties the output and what was read: the next step's. */
struct writer *talk_say(struct proxy_talk *talk);

/* Each begins its state; says how many bytes of `in` it needs to go on, at least one more than
 * there are; and goes on when they are there. */
void http_begin(struct proxy_talk *talk);
size_t http_need(const struct proxy_talk *talk);
void http_look(struct proxy_talk *talk);

void socks_begin(struct proxy_talk *talk);
size_t socks_pair_need(const struct proxy_talk *talk); /* of the method and the login */
size_t socks_reply_need(const struct proxy_talk *talk);
void socks_method_look(struct proxy_talk *talk);
void socks_login_look(struct proxy_talk *talk);
void socks_reply_look(struct proxy_talk *talk);

#endif
