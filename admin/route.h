/* SPDX-License-Identifier: Apache-2.0 */
/* admin/route.h
 *
 * What there is to ask for: a table of method, path, role and the action of the control socket that
 * answers.  openapi.json says the same, and a test holds one against the other.
 */
#ifndef ADMIN_ROUTE_H
#define ADMIN_ROUTE_H

#include <jansson.h>

#include "admin/admin.h"
#include "admin/path.h"

#define ROUTE_VALUES 2	   /* of a path */
#define ROUTE_BODY 65536   /* bytes, where a route says nothing else */
#define ROUTE_ALLOW_MAX 64 /* "GET, HEAD, POST, DELETE" */

enum route_kind {
	ROUTE_VIEW,  /* an action's answer, shared by all who ask within ADMIN_SNAPSHOT_MS */
	ROUTE_ACT,   /* an action's answer, for this request alone */
	ROUTE_LOGIN, /* likewise, and a session */
	ROUTE_LOGOUT,
	ROUTE_METRICS,
	ROUTE_STREAM,	/* server-sent events */
	ROUTE_WHO,	/* who asks */
	ROUTE_CAPTURE,	/* an action that answers with a stream: it begins, and waits */
	ROUTE_DOWNLOAD, /* ... to be taken */
};

/* A member of a body; what is not in a route's list is refused by name. */
struct route_field {
	const char *name;
	enum { FIELD_TEXT, FIELD_NUMBER, FIELD_BOOL } kind;
	bool needed;
};

struct route {
	const char *method;
	const char *path; /* "/api/v1/users/{name}": a value becomes the request's member */
	enum admin_role role;
	enum route_kind kind;
	const char *request;		  /* JSON: the action, with what is always the same */
	const struct route_field *fields; /* of a body; ends with a row without name.  NULL: none */
	size_t body_max;		  /* 0: ROUTE_BODY */
};

extern const struct route routes[];
extern const unsigned route_count;

/* What a path's {} stand for. */
struct route_match {
	const struct route *route;
	const char *name[ROUTE_VALUES]; /* not terminated: in the route's path */
	const char *value[ROUTE_VALUES];
	unsigned count;
};

/* HEAD is as GET.  False: `allow` is what the path takes, or "" if there is no such path. */
bool route_find(const char *method, const struct path *path, struct route_match *match,
		char allow[static ROUTE_ALLOW_MAX]);
/* The action's request.  `body` is an object or NULL.  NULL and a sentence, ERR_USAGE. */
json_t *route_request(const struct route_match *match, const json_t *body, struct err *err);

#endif
