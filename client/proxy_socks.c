/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy_socks.c - SOCKS 5: which way to log in, the login, the connection.
 *
 * RFC 1928; RFC 1929 (user and password).
 */
#include <arpa/inet.h>

#include "client/proxy_private.h"

#define VERSION 5
#define LOGIN_VERSION 1 /* of RFC 1929's own */
#define CONNECT 1

enum method { METHOD_NONE = 0, METHOD_LOGIN = 2, METHOD_REFUSED = 0xff };
enum address_type { ADDRESS_4 = 1, ADDRESS_NAME = 3, ADDRESS_6 = 4 };

#define HEAD_LEN 4 /* version, reply, a reserved byte, the address's type */
#define PORT_LEN 2

void socks_begin(struct proxy_talk *talk)
{
	struct writer *w = talk_say(talk);
	bool has_login = talk->proxy->has_login;

	writer_u8(w, VERSION);
	writer_u8(w, has_login ? 2 : 1);
	writer_u8(w, METHOD_NONE);
	if (has_login)
		writer_u8(w, METHOD_LOGIN);
	talk_enter(talk, TALK_SOCKS_METHOD);
}

static void write_counted(struct writer *w, const char *text)
{
	size_t len = strlen(text);

	w->full = w->full || len > UINT8_MAX;
	writer_u8(w, (uint8_t)len);
	writer_copy(w, text, len);
}

/* RFC 1928 4: the name, not an address of it, which is the proxy's business. */
static void ask_connection(struct proxy_talk *talk)
{
	struct writer *w = talk_say(talk);
	uint8_t address[16];

	writer_u8(w, VERSION);
	writer_u8(w, CONNECT);
	writer_u8(w, 0);
	if (inet_pton(AF_INET, talk->host, address) == 1) {
		writer_u8(w, ADDRESS_4);
		writer_copy(w, address, 4);
	} else if (inet_pton(AF_INET6, talk->host, address) == 1) {
		writer_u8(w, ADDRESS_6);
		writer_copy(w, address, 16);
	} else {
		writer_u8(w, ADDRESS_NAME);
		write_counted(w, talk->host);
	}
	writer_u16(w, talk->port);
	talk_enter(talk, TALK_SOCKS_REPLY);
}

static void log_in(struct proxy_talk *talk)
{
	struct writer *w = talk_say(talk);

	writer_u8(w, LOGIN_VERSION);
	write_counted(w, talk->proxy->user);
	write_counted(w, talk->proxy->password);
	talk_enter(talk, TALK_SOCKS_LOGIN);
}

size_t socks_pair_need(const struct proxy_talk *talk)
{
	return 2;
}

static void is_no_proxy(struct proxy_talk *talk)
{
	talk_fail(talk, PROXY_NO_PROXY, "does not answer as a SOCKS 5 proxy");
}

void socks_method_look(struct proxy_talk *talk)
{
	uint8_t method = talk->in[1];

	if (talk->in[0] != VERSION)
		is_no_proxy(talk);
	else if (method == METHOD_NONE)
		ask_connection(talk);
	else if (method == METHOD_LOGIN && talk->proxy->has_login)
		log_in(talk);
	else if (method == METHOD_REFUSED && !talk->proxy->has_login)
		talk_fail(talk, PROXY_WANTS_LOGIN, "wants a user and a password, and has got none");
	else
		talk_fail(talk, PROXY_WANTS_LOGIN,
			  "wants a way to log in that this client has not");
}

/* RFC 1929 2: any status but 0 is a refusal. */
void socks_login_look(struct proxy_talk *talk)
{
	if (talk->in[0] != LOGIN_VERSION)
		is_no_proxy(talk);
	else if (talk->in[1] != 0)
		talk_fail_login(talk);
	else
		ask_connection(talk);
}

/* The address that the proxy connects from is of no use to us, but it must be read. */
size_t socks_reply_need(const struct proxy_talk *talk)
{
	if (talk->in_len < HEAD_LEN)
		return HEAD_LEN;
	switch (talk->in[3]) {
	case ADDRESS_4: return HEAD_LEN + 4 + PORT_LEN;
	case ADDRESS_6: return HEAD_LEN + 16 + PORT_LEN;
	}
	if (talk->in_len == HEAD_LEN)
		return HEAD_LEN + 1; /* a name, whose length comes first */
	return HEAD_LEN + 1 + talk->in[HEAD_LEN] + PORT_LEN;
}

static void refused(struct proxy_talk *talk, uint8_t reply)
{
	/* RFC 1928 6 */
	static const struct {
		enum proxy_failure failure;
		const char *why;
	} replies[] = {
		{ PROXY_BROKEN, "it does not say why" },
		{ PROXY_BROKEN, "it failed itself" },
		{ PROXY_FORBIDS, "its rules forbid it" },
		{ PROXY_CANNOT_REACH, "it has no way to that network" },
		{ PROXY_CANNOT_REACH, "it does not reach that host" },
		{ PROXY_CANNOT_REACH, "the connection is refused there" },
		{ PROXY_CANNOT_REACH, "its packets do not get there" },
		{ PROXY_FORBIDS, "it does not make connections" },
		{ PROXY_BROKEN, "it takes no such address" },
	};
	unsigned i = reply < ARRAY_LEN(replies) ? reply : 0;

	talk_fail(talk, replies[i].failure, "does not connect to %s port %u: %s (reply %u)",
		  talk->host, talk->port, replies[i].why, reply);
}

void socks_reply_look(struct proxy_talk *talk)
{
	uint8_t type = talk->in[3];

	if (talk->in_len > HEAD_LEN) {
		if (talk->in_len > HEAD_LEN + 1) /* not only the length of a name */
			talk_enter(talk, TALK_OPEN);
	} else if (talk->in[0] != VERSION) {
		is_no_proxy(talk);
	} else if (talk->in[1] != 0) {
		refused(talk, talk->in[1]);
	} else if (type != ADDRESS_4 && type != ADDRESS_6 && type != ADDRESS_NAME) {
		is_no_proxy(talk);
	}
}
