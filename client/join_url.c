/* SPDX-License-Identifier: Apache-2.0 */
/* client/join_url.c - an invitation's parts, each as strict as who makes it is. */
#include "client/join_url.h"

#include <string.h>

#include "client/fingerprint.h"
#include "client/profile.h"

#define SCHEME "lanyard://"
#define FORM "lanyard://HOST[:PORT]/TOKEN#FINGERPRINT"

/* RFC 4648 5: base64url. */
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int wrong(struct err *err, const char *what)
{
	return err_kind(err, ERR_USAGE, "the invitation is not right: %s; it has the form " FORM,
			what);
}

static int read_host(const char *from, size_t len, struct join_url *url, struct err *err)
{
	struct err why = { 0 };

	if (len >= sizeof(url->server))
		return wrong(err, "its host is too long");
	memcpy(url->server, from, len);
	url->server[len] = '\0';
	if (profile_read_server(url->server, url->host, &url->port, &why) < 0)
		return err_kind(err, ERR_USAGE, "the invitation is not right: its host %s",
				why.text);
	return 0;
}

int join_url_read(const char *text, struct join_url *url, struct err *err)
{
	*url = (struct join_url) { 0 };
	if (strncasecmp(text, SCHEME, strlen(SCHEME)) != 0)
		return wrong(err, "it does not begin with " SCHEME);
	if (strlen(text) >= JOIN_URL_MAX)
		return wrong(err, "it is too long");
	const char *host = text + strlen(SCHEME), *token = strchr(host, '/');
	if (!token)
		return wrong(err, "it has no token");
	if (read_host(host, (size_t)(token - host), url, err) < 0)
		return -1;
	token++;
	if (strspn(token, letters) != sizeof(url->token))
		return wrong(err, "its token has not 32 letters, digits, '-' and '_'");
	memcpy(url->token, token, sizeof(url->token));
	const char *mark = token + sizeof(url->token);
	/* a shell takes what follows an unquoted '#' for itself only after white space */
	if (*mark != '#' || !fingerprint_read(mark + 1, url->fingerprint))
		return wrong(err, "its fingerprint, behind '#', is missing or damaged");
	return 0;
}
