/* SPDX-License-Identifier: Apache-2.0 */
/* admin/route_table.c - the rows; data only.  The files of files.h are besides. */
#include "admin/route.h"

#define API "/api/v1"
#define IMPORT_MAX (8u << 20) /* another server's lease file, in JSON */

#define FIELDS(...)                  \
	(const struct route_field[]) \
	{                            \
		__VA_ARGS__,         \
		{                    \
			0            \
		}                    \
	}
#define TEXT(name)                      \
	{                               \
		name, FIELD_TEXT, false \
	}
#define TEXT_NEEDED(name)              \
	{                              \
		name, FIELD_TEXT, true \
	}
#define NUMBER(name)                      \
	{                                 \
		name, FIELD_NUMBER, false \
	}
#define NUMBER_NEEDED(name)              \
	{                                \
		name, FIELD_NUMBER, true \
	}
#define BOOL(name)                      \
	{                               \
		name, FIELD_BOOL, false \
	}

#define VIEW(path, request)                                               \
	{                                                                 \
		"GET", API path, ADMIN_READ, ROUTE_VIEW, request, NULL, 0 \
	}
#define ACT(method, path, request, fields)                                 \
	{                                                                  \
		method, API path, ADMIN_ALL, ROUTE_ACT, request, fields, 0 \
	}

const struct route routes[] = {
	{ "GET", API "/session", ADMIN_READ, ROUTE_WHO, NULL, NULL, 0 },
	{ "POST", API "/session", ADMIN_NOBODY, ROUTE_LOGIN, "{\"verb\":\"admin login\"}",
	  FIELDS(TEXT("user"), TEXT_NEEDED("password"), TEXT("code")), 4096 },
	{ "DELETE", API "/session", ADMIN_READ, ROUTE_LOGOUT, NULL, NULL, 0 },

	{ "GET", "/metrics", ADMIN_READ, ROUTE_METRICS, NULL, NULL, 0 },
	{ "GET", API "/events", ADMIN_READ, ROUTE_STREAM, NULL, NULL, 0 },
	VIEW("/overview", "{\"verb\":\"show\",\"what\":\"overview\"}"),
	VIEW("/clients", "{\"verb\":\"show\",\"what\":\"clients\"}"),
	{ "GET", API "/clients/{client}", ADMIN_READ, ROUTE_ACT,
	  "{\"verb\":\"show\",\"what\":\"client\"}", NULL, 0 },
	{ "GET", API "/clients/{client}/events", ADMIN_READ, ROUTE_ACT,
	  "{\"verb\":\"events\",\"newest\":100}", NULL, 0 },
	VIEW("/captures", "{\"verb\":\"show\",\"what\":\"captures\"}"),
	VIEW("/addresses", "{\"verb\":\"show\",\"what\":\"neighbours\"}"),
	VIEW("/leases", "{\"verb\":\"show\",\"what\":\"leases\"}"),
	VIEW("/prefixes", "{\"verb\":\"show\",\"what\":\"prefixes\"}"),
	VIEW("/router", "{\"verb\":\"show\",\"what\":\"ra\"}"),
	VIEW("/guards", "{\"verb\":\"show\",\"what\":\"guards\"}"),
	VIEW("/users", "{\"verb\":\"user list\"}"),
	VIEW("/groups", "{\"verb\":\"show\",\"what\":\"groups\"}"),
	VIEW("/invitations", "{\"verb\":\"invite list\"}"),
	VIEW("/certificates", "{\"verb\":\"cert list\"}"),
	VIEW("/history", "{\"verb\":\"show\",\"what\":\"history\"}"),
	{ "GET", API "/history/{since_s}", ADMIN_READ, ROUTE_ACT,
	  "{\"verb\":\"show\",\"what\":\"history\"}", NULL, 0 },
	{ "GET", API "/clients/{client}/history", ADMIN_READ, ROUTE_ACT,
	  "{\"verb\":\"show\",\"what\":\"history\"}", NULL, 0 },
	VIEW("/configuration", "{\"verb\":\"show\",\"what\":\"config\"}"),
	VIEW("/audit", "{\"verb\":\"audit\"}"),
	VIEW("/tokens", "{\"verb\":\"token list\"}"),

	ACT("POST", "/clients/{client}/disconnect", "{\"verb\":\"kick\"}", NULL),
	{ "POST", API "/captures", ADMIN_ALL, ROUTE_CAPTURE, "{\"verb\":\"capture\"}",
	  FIELDS(TEXT("of"), TEXT("filter"), NUMBER_NEEDED("seconds"), NUMBER_NEEDED("bytes")), 0 },
	{ "GET", API "/captures/{capture}", ADMIN_ALL, ROUTE_DOWNLOAD, NULL, NULL, 0 },
	ACT("DELETE", "/captures/{capture}", "{\"verb\":\"capture stop\"}", NULL),

	ACT("POST", "/users", "{\"verb\":\"user add\"}",
	    FIELDS(TEXT_NEEDED("name"), TEXT("group"), NUMBER("expires_s"))),
	ACT("DELETE", "/users/{name}", "{\"verb\":\"user remove\"}", NULL),
	ACT("POST", "/users/{name}/group", "{\"verb\":\"user group\"}",
	    FIELDS(TEXT_NEEDED("group"))),
	ACT("POST", "/users/{name}/role", "{\"verb\":\"user role\"}", FIELDS(TEXT_NEEDED("role"))),
	ACT("POST", "/users/{name}/block", "{\"verb\":\"user block\"}", FIELDS(TEXT("why"))),
	ACT("POST", "/users/{name}/unblock", "{\"verb\":\"user unblock\"}", NULL),
	ACT("POST", "/users/{name}/expire", "{\"verb\":\"user expire\"}",
	    FIELDS(NUMBER_NEEDED("expires_s"))),
	ACT("POST", "/users/{name}/password", "{\"verb\":\"user passwd\"}",
	    FIELDS(TEXT_NEEDED("password"))),
	ACT("DELETE", "/users/{name}/password", "{\"verb\":\"user passwd\",\"hash\":null}", NULL),
	ACT("POST", "/users/{name}/totp", "{\"verb\":\"user totp\"}", NULL),
	ACT("DELETE", "/users/{name}/totp", "{\"verb\":\"user totp\",\"remove\":true}", NULL),
	ACT("POST", "/users/{name}/profile", "{\"verb\":\"user profile\"}", FIELDS(TEXT("server"))),

	ACT("POST", "/invitations", "{\"verb\":\"invite\"}",
	    FIELDS(TEXT_NEEDED("name"), NUMBER_NEEDED("lasts_s"), TEXT("group"), TEXT("server"))),
	ACT("DELETE", "/invitations/{id}", "{\"verb\":\"invite revoke\"}", NULL),
	ACT("DELETE", "/certificates/{fingerprint}", "{\"verb\":\"cert revoke\"}", NULL),

	ACT("DELETE", "/leases/{what}", "{\"verb\":\"lease release\"}", NULL),
	ACT("POST", "/reservations", "{\"verb\":\"lease reserve\"}", FIELDS(TEXT_NEEDED("line"))),
	{ "POST", API "/imports", ADMIN_ALL, ROUTE_ACT, "{\"verb\":\"lease import\"}",
	  FIELDS(TEXT_NEEDED("text"), TEXT("format"), TEXT("user"), BOOL("first_come"),
		 BOOL("dry_run")),
	  IMPORT_MAX },

	ACT("POST", "/tokens", "{\"verb\":\"token add\"}",
	    FIELDS(TEXT_NEEDED("name"), TEXT("role"), NUMBER("expires_s"))),
	ACT("DELETE", "/tokens/{name}", "{\"verb\":\"token revoke\"}", NULL),
	ACT("POST", "/admin/password", "{\"verb\":\"admin passwd\"}",
	    FIELDS(TEXT_NEEDED("password"))),
	ACT("DELETE", "/admin/password", "{\"verb\":\"admin passwd\",\"hash\":null}", NULL),
	ACT("POST", "/admin/totp", "{\"verb\":\"admin totp\"}", NULL),
	ACT("DELETE", "/admin/totp", "{\"verb\":\"admin totp\",\"remove\":true}", NULL),

	ACT("POST", "/reload", "{\"verb\":\"reload\"}", NULL),
};
const unsigned route_count = sizeof(routes) / sizeof(routes[0]);
