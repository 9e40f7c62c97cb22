/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/validity.c - what makes a client's message valid, as data.
 *
 * A type without a row is a server's message, a relay's answer or unknown, and is discarded:
 * RFC 9915 16.3 (Advertise), 16.10 (Reply), 16.11 (Reconfigure), 16.14 (Relay-reply), 16 (unknown),
 * RFC 9686 4.3 (Addr-reg-reply).
 */
#include "dhcp6/validity.h"

enum presence { NEVER, MAYBE, MUST, OURS /* must, and be this server's */ };

static const struct rule {
	enum presence client_id, server_id, ia, option_request, address;
	const char *source;
} rules[DHCP6_TYPES] = {
	/*                               client server  ia     ORO    address */
	[DHCP6_SOLICIT] = { MUST, NEVER, MAYBE, MAYBE, MAYBE, "RFC 9915 16.2" },
	[DHCP6_REQUEST] = { MUST, OURS, MAYBE, MAYBE, MAYBE, "RFC 9915 16.4" },
	[DHCP6_CONFIRM] = { MUST, NEVER, MAYBE, MAYBE, MAYBE, "RFC 9915 16.5" },
	[DHCP6_RENEW] = { MUST, OURS, MAYBE, MAYBE, MAYBE, "RFC 9915 16.6" },
	[DHCP6_REBIND] = { MUST, NEVER, MAYBE, MAYBE, MAYBE, "RFC 9915 16.7" },
	[DHCP6_DECLINE] = { MUST, OURS, MAYBE, MAYBE, MAYBE, "RFC 9915 16.8" },
	[DHCP6_RELEASE] = { MUST, OURS, MAYBE, MAYBE, MAYBE, "RFC 9915 16.9" },
	/* here the server id may be missing; if it is there it has to be ours */
	[DHCP6_INFORMATION_REQUEST] = { MAYBE, MAYBE, NEVER, MAYBE, MAYBE, "RFC 9915 16.12" },
	[DHCP6_ADDR_REG_INFORM] = { MUST, NEVER, MAYBE, NEVER, MUST, "RFC 9686 4.2.1" },
};

const char *const dhcp6_result_name[DHCP6_RESULTS] = {
	[DHCP6_ANSWERED] = "answered",
	[DHCP6_MALFORMED] = "malformed",
	[DHCP6_TOO_LARGE] = "too-large",
	[DHCP6_TOO_DEEP] = "too-deep",
	[DHCP6_WRONG_TYPE] = "wrong-type",
	[DHCP6_UNICAST] = "unicast",
	[DHCP6_NO_CLIENT_ID] = "no-client-id",
	[DHCP6_NO_SERVER_ID] = "no-server-id",
	[DHCP6_UNWANTED_SERVER_ID] = "unwanted-server-id",
	[DHCP6_OTHER_SERVER] = "other-server",
	[DHCP6_UNWANTED_IA] = "unwanted-ia",
	[DHCP6_UNWANTED_REQUEST] = "unwanted-request",
	[DHCP6_NO_ADDRESS] = "no-address",
	[DHCP6_TWICE] = "twice",
	[DHCP6_NOT_OURS] = "not-ours",
	[DHCP6_OTHER_LINK] = "other-link",
	[DHCP6_WRONG_SOURCE] = "wrong-source",
	[DHCP6_NOT_ON_LINK] = "not-on-link",
	[DHCP6_LEASED] = "leased",
	[DHCP6_NO_REGISTRATION] = "no-registration",
	[DHCP6_NO_ROOM] = "no-room",
};

static const struct rule *rule_of(unsigned type)
{
	return type < DHCP6_TYPES && rules[type].source ? &rules[type] : NULL;
}

const char *dhcp6_validity_source(unsigned type)
{
	const struct rule *rule = rule_of(type);

	return rule ? rule->source : NULL;
}

static enum dhcp6_result server_id_fault(enum presence presence,
					 const struct dhcp6_request *request,
					 const struct dhcp6_duid *server)
{
	if (request->server_ids == 0)
		return presence == OURS ? DHCP6_NO_SERVER_ID : DHCP6_ANSWERED;
	if (presence == NEVER)
		return DHCP6_UNWANTED_SERVER_ID;
	return dhcp6_duid_equal(&request->server_id, server) ? DHCP6_ANSWERED : DHCP6_OTHER_SERVER;
}

enum dhcp6_result dhcp6_request_fault(const struct dhcp6_request *request,
				      const struct dhcp6_duid *server)
{
	const struct rule *rule = rule_of(request->type);

	if (!rule)
		return DHCP6_WRONG_TYPE;
	if (request->client_ids == 0 && rule->client_id == MUST)
		return DHCP6_NO_CLIENT_ID;
	enum dhcp6_result fault = server_id_fault(rule->server_id, request, server);
	if (fault != DHCP6_ANSWERED)
		return fault;
	/* 21: "each option MUST NOT appear more than once", unless it says so */
	if (request->client_ids > 1 || request->server_ids > 1)
		return DHCP6_TWICE;
	if (request->ias > 0 && rule->ia == NEVER)
		return DHCP6_UNWANTED_IA;
	if (request->option_requests > 0 && rule->option_request == NEVER)
		return DHCP6_UNWANTED_REQUEST;
	/* RFC 9686 4.2: "exactly one IA Address option" */
	if (request->addresses != 1 && rule->address == MUST)
		return DHCP6_NO_ADDRESS;
	return DHCP6_ANSWERED;
}
