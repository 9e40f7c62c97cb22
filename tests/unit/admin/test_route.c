/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/admin/test_route.c - which action a request is, and what a table of them must keep to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/files.h"
#include "admin/route.h"
#include "base/bytes.h"

static const struct {
	const char *method, *path;
	const char *route; /* NULL: none */
	const char *allow;
} finds[] = {
	{ "GET", "/api/v1/clients", "/api/v1/clients", NULL },
	{ "HEAD", "/api/v1/clients", "/api/v1/clients", NULL },
	{ "GET", "/api/v1/clients/alice", "/api/v1/clients/{client}", NULL },
	{ "GET", "/api/v1/clients/alice/x", NULL, "" },
	{ "GET", "/api/v1/client", NULL, "" },
	{ "GET", "/api/v1/clientsx", NULL, "" },
	{ "GET", "/api/v1", NULL, "" },
	{ "GET", "/", NULL, "" },
	{ "PATCH", "/api/v1/clients", NULL, "GET, HEAD" },
	{ "get", "/api/v1/clients", NULL, "GET, HEAD" },
	{ "PUT", "/api/v1/session", NULL, "GET, HEAD, POST, DELETE" },
	{ "DELETE", "/api/v1/leases/2001:db8::%2F56", "/api/v1/leases/{what}", NULL },
	{ "GET", "/api/v1/imports", NULL, "POST" },
};

static void routes_are_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
		char allow[ROUTE_ALLOW_MAX];
		struct route_match match;
		struct path path;

		assert_true(path_read(finds[i].path, &path));
		bool found = route_find(finds[i].method, &path, &match, allow);
		if (found != (finds[i].route != NULL) ||
		    (found && strcmp(match.route->path, finds[i].route) != 0) ||
		    (!found && strcmp(allow, finds[i].allow) != 0))
			fail_msg("%s %s: %s, '%s'", finds[i].method, finds[i].path,
				 found ? match.route->path : "none", allow);
	}
}

/* What only looks is asked for by GET, and nothing else is; so no link can change anything. */
static void get_never_changes_anything(void **state)
{
	static const char *const looks[] = { "show",	   "user list", "invite list", "cert list",
					     "token list", "audit",	"events" };

	for (unsigned i = 0; i < route_count; i++) {
		const struct route *route = &routes[i];
		bool is_get = strcmp(route->method, "GET") == 0, only_looks = false;
		json_t *request = json_loads(route->request ? route->request : "{}", 0, NULL);
		const char *verb = json_string_value(json_object_get(request, "verb"));

		for (size_t k = 0; k < ARRAY_LEN(looks); k++)
			only_looks |= verb && strcmp(verb, looks[k]) == 0;
		if (!request || (route->request && is_get != only_looks) ||
		    (is_get && route->fields) || (route->kind == ROUTE_VIEW && !is_get) ||
		    (!is_get && route->kind == ROUTE_ACT && route->role != ADMIN_ALL))
			fail_msg("%s %s: %s", route->method, route->path, verb);
		json_decref(request);
	}
}

/* The description and the table are one: path, method and role. */
static void the_description_says_the_same(void **state)
{
	const struct admin_file *file = file_find("/api/v1/openapi.json");
	json_t *description = json_loadb((const char *)file->plain, file->plain_len, 0, NULL);
	json_t *paths = json_object_get(description, "paths"), *methods, *operation;
	const char *path, *method;
	unsigned described = 0;

	for (unsigned i = 0; i < route_count; i++) {
		const char *name = strcmp(routes[i].method, "GET") == 0	   ? "get"
				   : strcmp(routes[i].method, "POST") == 0 ? "post"
									   : "delete";
		const char *role = json_string_value(json_object_get(
			json_object_get(json_object_get(paths, routes[i].path), name), "x-role"));

		if (!role || strcmp(role, admin_role_name[routes[i].role]) != 0)
			fail_msg("%s %s: %s", name, routes[i].path, role);
	}
	json_object_foreach(paths, path, methods) json_object_foreach(methods, method, operation)
		described += json_object_get(operation, "x-role") && !file_find(path);
	assert_int_equal(described, route_count);
	json_decref(description);
}

static const struct route_field fields[] = { { "name", FIELD_TEXT, true },
					     { "group", FIELD_TEXT, false },
					     { "expires_s", FIELD_NUMBER, false },
					     { "first_come", FIELD_BOOL, false },
					     { 0 } };
static const struct route plain = { "POST", "/x", ADMIN_ALL, ROUTE_ACT, "{\"verb\":\"v\"}",
				    fields, 0 };
static const struct route by_name = {
	"POST", "/x/{name}", ADMIN_ALL, ROUTE_ACT, "{\"verb\":\"v\",\"remove\":true}", fields, 0
};
static const struct route by_id = { "DELETE",		"/x/{id}", ADMIN_ALL, ROUTE_ACT,
				    "{\"verb\":\"v\"}", NULL,	   0 };

static const struct {
	const char *what;
	const struct route *route;
	const char *value, *body, *request, *sentence;
} requests[] = {
	{ "all of it", &plain, NULL,
	  "{\"name\":\"a\",\"group\":\"g\",\"expires_s\":5,\"first_come\":true}",
	  "{\"verb\":\"v\",\"name\":\"a\",\"group\":\"g\",\"expires_s\":5,\"first_come\":true}",
	  NULL },
	{ "null is as if it were not there", &plain, NULL, "{\"name\":\"a\",\"group\":null}",
	  "{\"verb\":\"v\",\"name\":\"a\"}", NULL },
	{ "something is missing", &plain, NULL, "{\"group\":\"g\"}", NULL, "'name' is missing" },
	{ "no body", &plain, NULL, NULL, NULL, "'name' is missing" },
	{ "null where it is needed", &plain, NULL, "{\"name\":null}", NULL, "'name' is missing" },
	{ "something unknown", &plain, NULL, "{\"name\":\"a\",\"colour\":1}", NULL,
	  "there is no 'colour' here" },
	{ "the verb is not the body's", &plain, NULL, "{\"name\":\"a\",\"verb\":\"reload\"}", NULL,
	  "there is no 'verb' here" },
	{ "who asks is not the body's", &plain, NULL, "{\"name\":\"a\",\"who\":\"root\"}", NULL,
	  "there is no 'who' here" },
	{ "a number for text", &plain, NULL, "{\"name\":1}", NULL, "'name' must be a string" },
	{ "text for a number", &plain, NULL, "{\"name\":\"a\",\"expires_s\":\"5\"}", NULL,
	  "'expires_s' must be a whole number" },
	{ "a part of a number", &plain, NULL, "{\"name\":\"a\",\"expires_s\":1.5}", NULL,
	  "'expires_s' must be a whole number" },
	{ "a number for yes or no", &plain, NULL, "{\"name\":\"a\",\"first_come\":1}", NULL,
	  "'first_come' must be true or false" },
	{ "the path's value stands", &by_name, "alice", "{\"name\":\"bob\"}",
	  "{\"verb\":\"v\",\"remove\":true,\"name\":\"alice\"}", NULL },
	{ "a number in a path", &by_id, "12", NULL, "{\"verb\":\"v\",\"id\":12}", NULL },
	{ "no number in a path", &by_id, "12x", NULL, NULL, "'12x' is no number" },
	{ "a number that is too large", &by_id, "1234567890123456", NULL, NULL,
	  "'1234567890123456' is no number" },
	{ "a body where none is taken", &by_id, "12", "{\"x\":1}", NULL, "there is no 'x' here" },
};

static void requests_are_made(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		const char *brace = strchr(requests[i].route->path, '{');
		struct route_match match = { .route = requests[i].route };
		json_t *body = requests[i].body ? json_loads(requests[i].body, 0, NULL) : NULL;
		json_t *wanted =
			requests[i].request ? json_loads(requests[i].request, 0, NULL) : NULL;
		struct err err = { 0 };

		if (brace) {
			match.name[0] = brace + 1;
			match.value[0] = requests[i].value;
			match.count = 1;
		}
		json_t *request = route_request(&match, body, &err);
		if ((wanted != NULL) != (request != NULL) ||
		    (wanted && !json_equal(request, wanted)) ||
		    (!wanted &&
		     (strcmp(err.text, requests[i].sentence) != 0 || err.kind != ERR_USAGE)))
			fail_msg("%s: %s", requests[i].what, err.text);
		json_decref(body);
		json_decref(wanted);
		json_decref(request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_found),
		cmocka_unit_test(get_never_changes_anything),
		cmocka_unit_test(the_description_says_the_same),
		cmocka_unit_test(requests_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
