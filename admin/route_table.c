/* SPDX-License-Identifier: Apache-2.0 */
/* admin/route_table.c - the rows; data only. */
#include "admin/route.h"

#define API "/api/v1"
#define VIEW(path, role, request)                                   \
	{                                                           \
		"GET", API path, role, ROUTE_VIEW, request, NULL, 0 \
	}

const struct route routes[] = {
	VIEW("/overview", ADMIN_READ, "{\"verb\":\"show\",\"what\":\"overview\"}"),
	VIEW("/clients", ADMIN_READ, "{\"verb\":\"show\",\"what\":\"clients\"}"),
	{ "GET", API "/clients/{client}", ADMIN_READ, ROUTE_ACT,
	  "{\"verb\":\"show\",\"what\":\"client\"}", NULL, 0 },
	VIEW("/addresses", ADMIN_READ, "{\"verb\":\"show\",\"what\":\"neighbours\"}"),
	VIEW("/leases", ADMIN_READ, "{\"verb\":\"show\",\"what\":\"leases\"}"),
	VIEW("/prefixes", ADMIN_READ, "{\"verb\":\"show\",\"what\":\"prefixes\"}"),
	VIEW("/router", ADMIN_READ, "{\"verb\":\"show\",\"what\":\"ra\"}"),
	VIEW("/guards", ADMIN_READ, "{\"verb\":\"show\",\"what\":\"guards\"}"),
	VIEW("/users", ADMIN_READ, "{\"verb\":\"user list\"}"),
	VIEW("/invitations", ADMIN_READ, "{\"verb\":\"invite list\"}"),
	VIEW("/certificates", ADMIN_READ, "{\"verb\":\"cert list\"}"),
	VIEW("/audit", ADMIN_READ, "{\"verb\":\"audit\"}"),
	VIEW("/tokens", ADMIN_READ, "{\"verb\":\"token list\"}"),
};
const unsigned route_count = sizeof(routes) / sizeof(routes[0]);
