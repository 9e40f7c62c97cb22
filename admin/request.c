/* SPDX-License-Identifier: Apache-2.0 */
/* admin/request.c - one request: its head is judged before anything of its body is taken.
 *
 * RFC 9110 9 (methods), 15 (status codes); RFC 9112 6 (bodies have a length that is known).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin_private.h"
#include "admin/download.h"
#include "admin/visit.h"

/* ---- the head ---- */

struct head {
	struct visit visit;
	const char *authorization, *cookie, *length;
	bool is_forwarded; /* a proxy brings it: where it comes from is not where it began */
	unsigned authorization_count, cookie_count, length_count;
	bool is_chunked;
	/* To the proxy it came over TLS.  No page can say so of itself: another's script would have
	 * to ask before it sends such a field (Fetch 3.3), and is refused. */
	const char *scheme;
	unsigned scheme_count;
};

static enum MHD_Result note_field(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct head *head = cls;
	const struct {
		const char *name, **value;
		unsigned *count;
	} fields[] = {
		{ "Host", &head->visit.host, &head->visit.host_count },
		{ "Origin", &head->visit.origin, &head->visit.origin_count },
		{ "Sec-Fetch-Site", &head->visit.site, &head->visit.site_count },
		{ "Sec-Fetch-Mode", &head->visit.mode, NULL },
		{ "Content-Type", &head->visit.type, NULL },
		{ "Authorization", &head->authorization, &head->authorization_count },
		{ "Cookie", &head->cookie, &head->cookie_count },
		{ "Content-Length", &head->length, &head->length_count },
		{ "X-Forwarded-Proto", &head->scheme, &head->scheme_count },
	};

	if (strcasecmp(name, "Forwarded") == 0 || strcasecmp(name, "X-Forwarded-For") == 0 ||
	    strcasecmp(name, "X-Forwarded-Proto") == 0 || strcasecmp(name, "Via") == 0)
		head->is_forwarded = true;
	if (strcasecmp(name, "Transfer-Encoding") == 0)
		head->is_chunked = true;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (strcasecmp(fields[i].name, name) != 0)
			continue;
		*fields[i].value = value ? value : "";
		if (fields[i].count)
			++*fields[i].count;
	}
	return MHD_YES;
}

static bool reads(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static void read_head(struct request *request, const char *method, struct head *head)
{
	*head = (struct head) { 0 };
	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_field, head);
	head->visit.changes = !reads(method);
	head->visit.has_body = head->is_chunked || (head->length && strcmp(head->length, "0") != 0);
	head->visit.name = request->visitor->admin->config.name;
	request->secure = request->visitor->tls ||
			  (head->scheme_count == 1 && strcmp(head->scheme, "https") == 0);
	head->visit.secure = request->secure;
	head->visit.has_cookie = head->cookie && !head->authorization;
}

static enum MHD_Result refuse_visit(struct request *request, enum visit_verdict verdict)
{
	static const unsigned status[] = {
		[VISIT_HOST] = MHD_HTTP_MISDIRECTED_REQUEST,
		[VISIT_ORIGIN] = MHD_HTTP_FORBIDDEN,
		[VISIT_SITE] = MHD_HTTP_FORBIDDEN,
		[VISIT_TYPE] = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
	};

	return reply_refuse(request->connection, status[verdict], ERR_USAGE,
			    visit_sentence[verdict]);
}

static bool is_loopback(const struct visitor *visitor)
{
	const struct sockaddr_in6 *six = (const void *)&visitor->from;
	const struct sockaddr_in *four = (const void *)&visitor->from;

	return visitor->from.ss_family == AF_INET6
		       ? IN6_IS_ADDR_LOOPBACK(&six->sin6_addr)
		       : ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* A token counts where there is one: no browser sends it by itself. */
static void identify(struct request *request, const struct head *head)
{
	struct admin *admin = request->visitor->admin;
	const char *name = NULL;

	request->role = head->authorization_count > 1
				? ADMIN_ROLES
				: tokens_role(admin, head->authorization, &name);
	if (name)
		snprintf(request->who, sizeof(request->who), "token %s", name);
	/* a scraper on this host needs no token; who comes to the VPN's port may be brought by a proxy
	 * that sees no HTTP and adds nothing to it */
	if (request->match.route->kind == ROUTE_METRICS && !head->authorization &&
	    !head->is_forwarded && !request->visitor->tls && is_loopback(request->visitor))
		request->role = ADMIN_READ;
	if (head->authorization || head->cookie_count != 1)
		return;
	request->session = logon_find(admin, head->cookie, request->secure);
	if (request->session) {
		request->role = request->session->role;
		snprintf(request->who, sizeof(request->who), "%s", request->session->name);
	}
}

/* MHD_NO: it was refused (or is to end). */
static enum MHD_Result judge_role(struct request *request, enum MHD_Result *result)
{
	struct err err = { 0 };

	if (request->role < ADMIN_ROLES && request->role >= request->match.route->role)
		return MHD_YES;
	if (request->role == ADMIN_NOBODY || request->role == ADMIN_ROLES) {
		err_kind(&err, ERR_LOGIN, "log in first");
		*result = reply_send(request->connection, MHD_HTTP_UNAUTHORIZED, reply_error(&err),
				     "WWW-Authenticate", "Bearer");
	} else {
		*result = reply_refuse(request->connection, MHD_HTTP_FORBIDDEN, ERR_LOGIN,
				       "that is for the role admin");
	}
	return MHD_NO;
}

static enum MHD_Result judge_body(struct request *request, const struct head *head,
				  enum MHD_Result *result)
{
	const struct route *route = request->match.route;
	/* without fields, {} is as good as nothing */
	size_t most = !route->fields ? 2 : route->body_max ? route->body_max : ROUTE_BODY;
	unsigned status = 0;
	const char *sentence = NULL;

	if (!head->visit.has_body)
		return MHD_YES;
	if (head->is_chunked || head->length_count != 1 || strlen(head->length) > 9 ||
	    head->length[strspn(head->length, "0123456789")]) {
		status = MHD_HTTP_LENGTH_REQUIRED;
		sentence = "a body needs a Content-Length";
		if (head->length && strlen(head->length) > 9)
			status = MHD_HTTP_CONTENT_TOO_LARGE;
	} else if (reads(route->method)) {
		status = MHD_HTTP_BAD_REQUEST;
		sentence = "this takes no body";
	} else if (strtoul(head->length, NULL, 10) > most) {
		status = MHD_HTTP_CONTENT_TOO_LARGE;
		sentence = "the body is too large";
	}
	if (!sentence)
		return MHD_YES;
	*result = reply_refuse(request->connection, status, ERR_USAGE, sentence);
	return MHD_NO;
}

static enum MHD_Result refuse_route(struct request *request, const char *url, const char *allow)
{
	struct err err = { 0 };

	if (!allow[0])
		return reply_refuse(request->connection, MHD_HTTP_NOT_FOUND, ERR_NO_OBJECT,
				    file_absence(url));
	err_kind(&err, ERR_USAGE, "this takes %s", allow);
	return reply_send(request->connection, MHD_HTTP_METHOD_NOT_ALLOWED, reply_error(&err),
			  "Allow", allow);
}

static enum MHD_Result judge(struct request *request, const char *url, const char *method)
{
	struct visitor *visitor = request->visitor;
	struct admin *admin = visitor->admin;
	char allow[ROUTE_ALLOW_MAX];
	enum MHD_Result result = MHD_YES;
	struct head head;

	const struct admin_file *file = reads(method) ? file_find(url) : NULL;

	request->stage = STAGE_SENT; /* unless it may go on */
	if (!source_may_ask(admin->sources, (struct sockaddr *)&visitor->from,
			    uv_now(&admin->loop)))
		return reply_send(request->connection, MHD_HTTP_TOO_MANY_REQUESTS,
				  reply_error(&(struct err) { "too many requests", ERR_TIMEOUT }),
				  "Retry-After", "1");
	read_head(request, method, &head);
	head.visit.is_page = file != NULL;
	enum visit_verdict verdict = visit_judge(&head.visit);
	if (verdict != VISIT_FINE)
		return refuse_visit(request, verdict);
	if (file && !head.visit.has_body) {
		/* answered when all of it was read: libmicrohttpd ends a connection that is answered
		 * before, and a page is many files */
		request->file = file;
		request->stage = STAGE_FILE;
		return MHD_YES;
	}
	if (!path_read(url, &request->path))
		return reply_refuse(request->connection, MHD_HTTP_BAD_REQUEST, ERR_USAGE,
				    "that is no path");
	if (!route_find(method, &request->path, &request->match, allow))
		return refuse_route(request, url, allow);
	identify(request, &head);
	if (judge_role(request, &result) != MHD_YES ||
	    judge_body(request, &head, &result) != MHD_YES)
		return result;
	request->stage = STAGE_BODY;
	if (head.visit.has_body) {
		request->body_room = strtoul(head.length, NULL, 10);
		request->body = malloc(request->body_room);
		return request->body ? MHD_YES : MHD_NO;
	}
	return MHD_YES;
}

/* ---- the answer ---- */

void request_wait(struct request *request)
{
	request->stage = STAGE_WAITING;
	MHD_suspend_connection(request->connection);
}

void request_ready(struct request *request, unsigned status, struct shared *text)
{
	bool waits = request->stage == STAGE_WAITING;

	request->status = status;
	request->text = text;
	request->stage = STAGE_READY;
	if (waits)
		MHD_resume_connection(request->connection);
}

void request_failed(struct request *request, const struct err *err)
{
	request_ready(request, reply_status(err), reply_error(err));
}

static void on_answer(void *owner, json_t *answer, const struct err *err)
{
	struct request *request = owner;

	if (!reads(request->match.route->method))
		snapshot_forget_all(request->visitor->admin);
	if (answer)
		request_ready(request, MHD_HTTP_OK, shared_dump(answer));
	else
		request_failed(request, err);
}

/* The body as an object; NULL and an empty sentence: there is none. */
static json_t *read_body(const struct request *request, struct err *err)
{
	json_error_t where;
	json_t *body;

	if (request->body_len == 0)
		return NULL;
	body = json_loadb(request->body, request->body_len, JSON_REJECT_DUPLICATES, &where);
	if (json_is_object(body))
		return body;
	err_kind(err, ERR_USAGE, "the body is no JSON object");
	json_decref(body);
	return NULL;
}

static void act(struct request *request, const json_t *body)
{
	struct err err = { 0 };
	json_t *question = route_request(&request->match, body, &err);

	if (!question) {
		request_failed(request, &err);
		return;
	}
	json_object_set_new(question, "who", json_string(request->who));
	request_wait(request);
	ask_host(request->visitor->admin, question, -1, on_answer, request);
}

/* A body may have taken its time: who sent it may have been logged out meanwhile. */
bool request_still_may(struct request *request)
{
	struct head head;

	read_head(request, request->match.route->method, &head);
	identify(request, &head);
	return request->role < ADMIN_ROLES && request->role >= request->match.route->role;
}

static void dispatch(struct request *request)
{
	struct err err = { 0 };
	json_t *body = read_body(request, &err);

	request->visitor->answering = true;
	request->visitor->since_ms = uv_now(&request->visitor->admin->loop);
	if (!err.text[0] && !request_still_may(request))
		err_kind(&err, ERR_LOGIN, "log in first");
	if (err.text[0]) {
		json_decref(body);
		request_failed(request, &err);
		return;
	}
	switch (request->match.route->kind) {
	case ROUTE_VIEW: snapshot_give(request->visitor->admin, request); break;
	case ROUTE_ACT: act(request, body); break;
	case ROUTE_LOGIN: logon_begin(request, body); break;
	case ROUTE_LOGOUT: logon_end(request); break;
	case ROUTE_WHO: logon_who(request); break;
	case ROUTE_METRICS: feed_give_metrics(request->visitor->admin, request); break;
	case ROUTE_STREAM: request->stage = STAGE_STREAM; break;
	case ROUTE_CAPTURE: download_begin(request, body); break;
	case ROUTE_DOWNLOAD: request->stage = STAGE_DOWNLOAD; break;
	}
	json_decref(body);
}

static enum MHD_Result give_answer(struct request *request)
{
	struct shared *text = request->text;

	request->text = NULL;
	request->stage = STAGE_SENT;
	return reply_text(request->connection, request->status, text,
			  request->type ? request->type : "application/json",
			  request->cookie[0] ? "Set-Cookie" : NULL, request->cookie);
}

/* libmicrohttpd keeps to the length that the head gave. */
static enum MHD_Result take_body(struct request *request, const char *data, size_t *size)
{
	if (*size > request->body_room - request->body_len)
		return MHD_NO;
	memcpy(request->body + request->body_len, data, *size);
	request->body_len += *size;
	*size = 0;
	return MHD_YES;
}

static struct request *begin(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct visitor *visitor = info ? info->socket_context : NULL;
	struct request *request = visitor ? calloc(1, sizeof(*request)) : NULL;

	if (request) {
		request->visitor = visitor;
		request->connection = connection;
	}
	return request;
}

enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **state)
{
	struct request *request = *state;

	if (!request) {
		*state = request = begin(connection);
		if (!request)
			return MHD_NO;
		request->is_head = strcmp(method, "HEAD") == 0;
		return judge(request, url, method);
	}
	if (*size > 0)
		return request->stage == STAGE_BODY ? take_body(request, data, size) : MHD_NO;
	if (request->stage == STAGE_BODY)
		dispatch(request);
	if (request->stage == STAGE_FILE) {
		request->stage = STAGE_SENT;
		return reply_file(request->connection, request->file);
	}
	if (request->stage == STAGE_STREAM) {
		request->stage = STAGE_SENT;
		return stream_begin(request);
	}
	if (request->stage == STAGE_DOWNLOAD) {
		request->stage = STAGE_SENT;
		return download_give(request);
	}
	return request->stage == STAGE_READY ? give_answer(request) : MHD_YES;
}

void request_completed(void *cls, struct MHD_Connection *connection, void **state,
		       enum MHD_RequestTerminationCode how)
{
	struct request *request = *state;

	if (!request)
		return;
	request->visitor->answering = false;
	request->visitor->since_ms = uv_now(&request->visitor->admin->loop);
	if (request->stream)
		stream_leave(request->stream);
	if (request->download)
		download_leave(request->download);
	shared_release(request->text);
	if (request->body) /* there may be a password in it */
		explicit_bzero(request->body, request->body_room);
	free(request->body);
	free(request);
	*state = NULL;
}
