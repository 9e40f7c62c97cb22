/* SPDX-License-Identifier: Apache-2.0 */
/* admin/route.c - finding a route, and making its action's request. */
#include "admin/route.h"

#include <stdio.h>
#include <string.h>

/* The segment of a route's path that `*at` stands in front of; moves behind it. */
static size_t next_segment(const char **at, const char **segment)
{
	*segment = *at + 1;
	size_t len = strcspn(*segment, "/");

	*at = *segment + len;
	return len;
}

static bool matches(const struct route *route, const struct path *path, struct route_match *match)
{
	const char *at = route->path, *segment;

	*match = (struct route_match) { .route = route };
	for (unsigned i = 0; i < path->count; i++) {
		if (!*at)
			return false;
		size_t len = next_segment(&at, &segment);

		if (*segment == '{') {
			match->name[match->count] = segment + 1;
			match->value[match->count++] = path->segment[i];
		} else if (strlen(path->segment[i]) != len ||
			   memcmp(path->segment[i], segment, len) != 0) {
			return false;
		}
	}
	return !*at;
}

static void add_method(char allow[static ROUTE_ALLOW_MAX], const char *method)
{
	size_t len = strlen(allow);

	snprintf(allow + len, ROUTE_ALLOW_MAX - len, "%s%s", len ? ", " : "",
		 strcmp(method, "GET") == 0 ? "GET, HEAD" : method);
}

bool route_find(const char *method, const struct path *path, struct route_match *match,
		char allow[static ROUTE_ALLOW_MAX])
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	allow[0] = '\0';
	for (unsigned i = 0; i < route_count; i++) {
		if (!matches(&routes[i], path, match))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return true;
		add_method(allow, routes[i].method);
	}
	return false;
}

/* ---- the request ---- */

static bool is_of_kind(const struct route_field *field, const json_t *value)
{
	switch (field->kind) {
	case FIELD_TEXT: return json_is_string(value);
	case FIELD_NUMBER: return json_is_integer(value);
	case FIELD_BOOL: return json_is_boolean(value);
	}
	return false;
}

static const struct route_field *find_field(const struct route *route, const char *name)
{
	const struct route_field *field = route->fields;

	while (field && field->name && strcmp(field->name, name) != 0)
		field++;
	return field && field->name ? field : NULL;
}

static int add_body(const struct route *route, json_t *request, const json_t *body, struct err *err)
{
	static const char *const kind_name[] = { "a string", "a whole number", "true or false" };
	const struct route_field *field;
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)body, name, value)
	{
		field = find_field(route, name);
		if (!field)
			return err_kind(err, ERR_USAGE, "there is no '%.64s' here", name);
		if (json_is_null(value))
			continue; /* as if it were not there */
		if (!is_of_kind(field, value))
			return err_kind(err, ERR_USAGE, "'%s' must be %s", name,
					kind_name[field->kind]);
		json_object_set(request, name, value);
	}
	for (field = route->fields; field && field->name; field++)
		if (field->needed && !json_object_get(request, field->name))
			return err_kind(err, ERR_USAGE, "'%s' is missing", field->name);
	return 0;
}

/* {id}, {capture} and {since_s} are numbers, everything else is text. */
static int add_value(const struct route_match *match, unsigned i, json_t *request, struct err *err)
{
	const char *value = match->value[i];
	size_t len = strcspn(match->name[i], "}");
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)len, match->name[i]);
	if (strcmp(name, "id") != 0 && strcmp(name, "capture") != 0 && strcmp(name, "since_s") != 0)
		return json_object_set_new(request, name, json_string(value));
	if (value[strspn(value, "0123456789")] || strlen(value) > 15)
		return err_kind(err, ERR_USAGE, "'%.32s' is no number", value);
	return json_object_set_new(request, name, json_integer(strtoll(value, NULL, 10)));
}

json_t *route_request(const struct route_match *match, const json_t *body, struct err *err)
{
	json_t *request = json_loads(match->route->request, 0, NULL);
	int failed = request ? add_body(match->route, request, body, err)
			     : err_set(err, "out of memory");

	/* after the body: a path's value cannot be written over */
	for (unsigned i = 0; i < match->count && failed == 0; i++)
		failed = add_value(match, i, request, err);
	if (failed == 0)
		return request;
	json_decref(request);
	return NULL;
}
