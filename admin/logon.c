/* SPDX-License-Identifier: Apache-2.0 */
/* admin/logon.c - logging in and out; the host knows whether a password is right. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin_private.h"

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void on_judged(void *owner, json_t *answer, const struct err *err)
{
	struct request *request = owner;
	struct logon who = { .role = admin_role_of(text_of(answer, "role")) };

	if (!answer) {
		/* the only thing that takes time here is that it failed too often, or too many do */
		request_ready(request,
			      err->kind == ERR_TIMEOUT ? MHD_HTTP_TOO_MANY_REQUESTS
						       : reply_status(err),
			      reply_error(err));
		return;
	}
	snprintf(who.user, sizeof(who.user), "%s", text_of(answer, "user"));
	snprintf(who.name, sizeof(who.name), "%s", text_of(answer, "name"));
	who.expires_s = json_integer_value(json_object_get(answer, "expires_s"));
	if (who.role == ADMIN_READ || who.role == ADMIN_ALL)
		logon_open(request->visitor->admin, &who, request->secure, request->cookie);
	json_object_del(answer, "user"); /* it is the session's */
	json_object_del(answer, "expires_s");
	request_ready(request, MHD_HTTP_OK, shared_dump(answer));
}

void logon_begin(struct request *request, const json_t *body)
{
	const struct sockaddr *from = (struct sockaddr *)&request->visitor->from;
	const void *address = from->sa_family == AF_INET6
				      ? (void *)&((struct sockaddr_in6 *)from)->sin6_addr
				      : (void *)&((struct sockaddr_in *)from)->sin_addr;
	char source[INET6_ADDRSTRLEN];
	struct err err = { 0 };
	json_t *question = route_request(&request->match, body, &err);

	if (!question) {
		request_failed(request, &err);
		return;
	}
	if (inet_ntop(from->sa_family, address, source, sizeof(source)))
		json_object_set_new(question, "source", json_string(source));
	request_wait(request);
	ask_host(request->visitor->admin, question, -1, on_judged, request);
}

void logon_end(struct request *request)
{
	if (request->session)
		logon_close(request->session, request->secure, request->cookie);
	request_ready(request, MHD_HTTP_OK, shared_dump(json_pack("{s:i}", "schema", 1)));
}

void logon_who(struct request *request)
{
	request_ready(request, MHD_HTTP_OK,
		      shared_dump(json_pack("{s:i, s:s, s:s}", "schema", 1, "name", request->who,
					    "role", admin_role_name[request->role])));
}
