/* SPDX-License-Identifier: Apache-2.0 */
/* client/proxy.c - a proxy's URL, and who decides which one it is.
 *
 * RFC 3986 3.2 (authority), as curl reads it: the last '@' ends the login, the first ':' in it the
 * user; what comes after the authority is for nobody.
 */
#include "client/proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/conf.h"

static const struct {
	const char *scheme;
	enum proxy_kind kind;
} schemes[] = {
	{ "http", PROXY_HTTP },
	{ "socks5", PROXY_SOCKS5 },
	{ "socks5h", PROXY_SOCKS5 }, /* curl's: the name is the proxy's to resolve */
};

static int read_scheme(struct proxy *proxy, const char **url, struct err *err)
{
	const char *end = strstr(*url, "://");
	size_t len = end ? (size_t)(end - *url) : 0;

	proxy->kind = PROXY_HTTP;
	if (!end)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (strlen(schemes[i].scheme) == len &&
		    strncasecmp(schemes[i].scheme, *url, len) == 0) {
			proxy->kind = schemes[i].kind;
			*url = end + 3;
			return 0;
		}
	return err_set(err, "the scheme must be http or socks5");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* RFC 3986 2.1; a '%' without two digits behind it stands for itself, as it does for curl. */
static int decode(const char *text, size_t len, char out[static PROXY_LOGIN_MAX + 1],
		  struct err *err)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
		    hex_digit(text[i + 2]) >= 0) {
			c = (unsigned char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
			i += 2;
		}
		/* a newline would begin a header of its own in what we send */
		if (c < ' ' || c == 0x7f)
			return err_set(err, "user and password must have no control characters");
		if (used == PROXY_LOGIN_MAX)
			return err_set(err, "user and password must have at most %u bytes each",
				       PROXY_LOGIN_MAX);
		out[used++] = (char)c;
	}
	out[used] = '\0';
	return 0;
}

static int read_login(struct proxy *proxy, const char *text, size_t len, struct err *err)
{
	const char *colon = memchr(text, ':', len);
	size_t user_len = colon ? (size_t)(colon - text) : len;

	if (decode(text, user_len, proxy->user, err) < 0 ||
	    (colon && decode(colon + 1, len - user_len - 1, proxy->password, err) < 0))
		return -1;
	if (proxy->user[0] == '\0')
		return err_set(err, "there is no user before the '@'");
	/* RFC 7617 2 */
	if (proxy->kind == PROXY_HTTP && strchr(proxy->user, ':'))
		return err_set(err, "a user of an HTTP proxy must have no colon");
	proxy->has_login = true;
	return 0;
}

static int read_port(struct proxy *proxy, const char *text, size_t len, struct err *err)
{
	unsigned long port = 0;
	size_t digits = 0;

	for (; digits < len && text[digits] >= '0' && text[digits] <= '9' && port <= UINT16_MAX;
	     digits++)
		port = port * 10 + (unsigned long)(text[digits] - '0');
	if (digits < len || port < 1 || port > UINT16_MAX)
		return err_set(err, "the port must be a number from 1 to 65535");
	proxy->port = (uint16_t)port;
	return 0;
}

/* "name", "192.0.2.1", "[2001:db8::1]" */
static int read_host(struct proxy *proxy, const char *text, size_t len, struct err *err)
{
	bool bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';
	uint8_t address[16];

	if (bracketed) {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(proxy->host))
		return err_set(err, "must have a host or an address");
	memcpy(proxy->host, text, len);
	proxy->host[len] = '\0';
	if (bracketed && inet_pton(AF_INET6, proxy->host, address) != 1)
		return err_set(err, "what is in brackets must be an IPv6 address");
	if (bracketed || inet_pton(AF_INET, proxy->host, address) == 1)
		return 0;
	char name[sizeof(proxy->host)];

	return conf_domain(proxy->host, name, NULL, err);
}

static int read_authority(struct proxy *proxy, const char *text, size_t len, struct err *err)
{
	const char *at = memrchr(text, '@', len);
	const char *end = text + len;

	if (at && read_login(proxy, text, (size_t)(at - text), err) < 0)
		return -1;
	if (at)
		text = at + 1;
	const char *colon = memrchr(text, ':', (size_t)(end - text));

	if (colon && memchr(colon, ']', (size_t)(end - colon)))
		colon = NULL; /* one of an address */
	if (colon && read_port(proxy, colon + 1, (size_t)(end - colon - 1), err) < 0)
		return -1;
	return read_host(proxy, text, (size_t)((colon ? colon : end) - text), err);
}

int proxy_parse(struct proxy *proxy, const char *url, struct err *err)
{
	*proxy = (struct proxy) { .port = PROXY_PORT };
	if (read_scheme(proxy, &url, err) == 0 &&
	    read_authority(proxy, url, strcspn(url, "/?#"), err) == 0)
		return 0;
	proxy_wipe(proxy);
	return -1;
}

int proxy_setting_parse(struct proxy_setting *setting, const char *text, struct err *err)
{
	*setting = (struct proxy_setting) { .fixed = strcmp(text, "auto") != 0 };
	if (!setting->fixed || strcmp(text, "none") == 0)
		return 0;
	return proxy_parse(&setting->proxy, text, err);
}

/* The first of them that is there and not empty; NULL if none is. */
static const char *first_of(const char *const *names, proxy_variable variable, const char **value)
{
	for (; *names; names++) {
		*value = variable(*names);
		if (*value && (*value)[0] != '\0')
			return *names;
	}
	return NULL;
}

int proxy_choose(struct proxy_choice *choice, const struct proxy_setting *setting, const char *host,
		 proxy_variable variable, struct err *err)
{
	static const char *const proxies[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
					       "ALL_PROXY", NULL };
	static const char *const exempting[] = { "no_proxy", "NO_PROXY", NULL };
	const char *url, *list;

	*choice = (struct proxy_choice) { .proxy = setting->proxy, .by = "[client] proxy" };
	if (setting->fixed)
		return 0;
	const char *name = first_of(proxies, variable, &url);
	const char *exempts = first_of(exempting, variable, &list);

	if (name && exempts && proxy_exempt(list, host))
		name = exempts;
	else if (name && proxy_parse(&choice->proxy, url, err) < 0) {
		if (err)
			err->kind = ERR_CONFIG;
		return err_context(err, "the environment variable %s", name);
	}
	choice->by = name ? name : "";
	return 0;
}

const char *proxy_text(const struct proxy *proxy, char text[static PROXY_TEXT])
{
	static const char *const scheme[] = { [PROXY_HTTP] = "http", [PROXY_SOCKS5] = "socks5" };
	bool is6 = strchr(proxy->host, ':');

	text[0] = '\0';
	if (proxy->kind != PROXY_NONE)
		snprintf(text, PROXY_TEXT, "%s://%s%s%s:%u", scheme[proxy->kind], is6 ? "[" : "",
			 proxy->host, is6 ? "]" : "", proxy->port);
	return text;
}

void proxy_wipe(struct proxy *proxy)
{
	explicit_bzero(proxy, sizeof(*proxy));
}
