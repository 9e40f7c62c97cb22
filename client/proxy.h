/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy.h
 *
 * Which proxy the connection goes through, if any: by the profile, or by the environment variables
 * that curl(1) reads, as it reads them.  No I/O.
 *
 *   proxy.c         a proxy's URL, and who decides
 *   proxy_exempt.c  no_proxy
 *   proxy_talk.h    what is said to the proxy
 */
#ifndef CLIENT_PROXY_H
#define CLIENT_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PROXY_PORT 1080	    /* curl's default, whatever the kind */
#define PROXY_LOGIN_MAX 255 /* RFC 1929 2: one byte says how long a user or a password is */
#define PROXY_TEXT 288

enum proxy_kind { PROXY_NONE, PROXY_HTTP, PROXY_SOCKS5 };

struct proxy {
	enum proxy_kind kind;
	char host[256]; /* a name or an address, without brackets */
	uint16_t port;
	bool has_login; /* then the user has at least one character */
	char user[PROXY_LOGIN_MAX + 1], password[PROXY_LOGIN_MAX + 1];
};

/* What a profile says: this one (PROXY_NONE: none), or what the environment names. */
struct proxy_setting {
	bool fixed;
	struct proxy proxy;
};

/*
 * "auto", "none", or "[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/...]".  Schemes: http, which is
 * also what is meant without one; socks5 and socks5h, both of which leave names to the proxy.
 * What is percent-encoded in user and password is decoded.  -1 and the end of a sentence, which has
 * nothing of the text in it: that may be a password.
 */
int proxy_setting_parse(struct proxy_setting *setting, const char *text, struct err *err);
int proxy_parse(struct proxy *proxy, const char *url, struct err *err);

/* The variable's value, NULL or "" without one: getenv(3). */
typedef const char *(*proxy_variable)(const char *name);

struct proxy_choice {
	struct proxy proxy;
	const char
		*by; /* "[client] proxy", or the variable that decided; "": nobody said anything */
};

/*
 * For a connection to `host`.  Where the environment decides: https_proxy, HTTPS_PROXY, all_proxy,
 * ALL_PROXY, the first that is there, unless no_proxy or NO_PROXY exempts the host.  -1 and a
 * sentence (ERR_CONFIG): the variable's value is no proxy of ours.
 */
int proxy_choose(struct proxy_choice *choice, const struct proxy_setting *setting, const char *host,
		 proxy_variable variable, struct err *err);

/*
 * Whether a list as in no_proxy has the host: names apart by commas or blanks, each of which stands
 * for its subdomains too; addresses, and CIDR prefixes of them, for a host that is an address; or
 * "*" alone, for everything.
 */
bool proxy_exempt(const char *list, const char *host);

/* "http://proxy.example.net:3128", "socks5://[2001:db8::1]:1080", "" for PROXY_NONE: no login. */
const char *proxy_text(const struct proxy *proxy, char text[static PROXY_TEXT]);
void proxy_wipe(struct proxy *proxy);

#endif
