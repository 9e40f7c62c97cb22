/* SPDX-License-Identifier: Apache-2.0 */
/* server/tap_addresses.c - the server's own addresses in the prefixes that it advertises: ::1 of
 * each, on the TAP in routed mode, for as long as any client may have an address in it.
 *
 * The prefixes of the TAP itself (`prefix = interface` with its name) have somebody else's address.
 * Those of another interface have the same route there; who is in the prefix is here.
 */
#include "server/server_private.h"

#define METRIC_HERE 128 /* less than the kernel's 256 of the other interface */

struct wanted {
	unsigned count;
	struct prefix6 prefix[CONFIG_MAX_PREFIXES];
	uint32_t metric[CONFIG_MAX_PREFIXES]; /* of the route, 0: the kernel's */
};

static bool has(const struct wanted *wanted, const struct prefix6 *prefix)
{
	for (unsigned i = 0; i < wanted->count; i++)
		if (prefix6_equal(&wanted->prefix[i], prefix))
			return true;
	return false;
}

static void want(struct wanted *wanted, const struct prefix6 *prefix, uint32_t metric)
{
	if (has(wanted, prefix) || wanted->count == CONFIG_MAX_PREFIXES)
		return;
	wanted->metric[wanted->count] = metric;
	wanted->prefix[wanted->count++] = *prefix;
}

struct collecting {
	struct wanted *all, *ours;
};

/* Deprecated ones too: connections go on until the promise is over. */
static void collect_promised(void *owner, const struct state_scope *scope,
			     const struct ra_promises *table)
{
	const struct collecting *collecting = owner;

	for (unsigned i = 0; i < table->count; i++) {
		if (table->promise[i].configured)
			continue;
		want(collecting->all, &table->promise[i].prefix.prefix, 0);
		want(collecting->ours, &table->promise[i].prefix.prefix, 0);
	}
}

/* `all`: what is advertised; `ours`: what is to have an address of ours. */
static void collect(const struct server *server, struct wanted *all, struct wanted *ours)
{
	struct config_prefix from[CONFIG_MAX_PREFIXES];
	unsigned count = server_config_prefixes(&server->config, from);
	const struct follow *follow = kernel_follow(server->kernel);
	struct collecting collecting = { .all = all, .ours = ours };

	for (unsigned i = 0; i < count; i++) {
		struct prefix6 prefix = router_prefix(server, &from[i]);

		if (from[i].interface[0])
			continue;
		want(all, &prefix, 0);
		want(ours, &prefix, 0);
	}
	for (unsigned i = 0; i < follow->interface_count; i++) {
		const struct followed_interface *interface = &follow->interface[i];

		for (unsigned j = 0; j < interface->count; j++) {
			want(all, &interface->prefix[j].prefix, 0);
			if (strcmp(interface->name, server->config.interface) != 0)
				want(ours, &interface->prefix[j].prefix, METRIC_HERE);
		}
	}
	promises_each(server->promises, collect_promised, &collecting);
}

static struct prefix6 own_address(const struct prefix6 *prefix)
{
	struct prefix6 address = *prefix;

	address.address.octet[15] = 1;
	return address;
}

static int drop_others(struct server *server, const struct wanted *ours, struct err *err)
{
	for (unsigned i = server->tap_address_count; i-- > 0;) {
		struct prefix6 *address = &server->tap_address[i],
			       prefix = prefix6_masked(*address);

		if (has(ours, &prefix))
			continue;
		if (link_delete_address(server->link, server->config.interface, address, err) < 0)
			return -1;
		unsigned last = --server->tap_address_count;
		server->tap_address[i] = server->tap_address[last];
		server->tap_metric[i] = server->tap_metric[last];
	}
	return 0;
}

static bool has_address(const struct server *server, const struct prefix6 *address)
{
	for (unsigned i = 0; i < server->tap_address_count; i++)
		if (prefix6_equal(&server->tap_address[i], address))
			return true;
	return false;
}

int tap_addresses_set(struct server *server, struct err *err)
{
	struct wanted all = { 0 }, ours = { 0 };

	collect(server, &all, &ours);
	memcpy(server->prefix, all.prefix, sizeof(server->prefix));
	server->prefix_count = all.count;
	if (server->config.mode != MODE_ROUTED)
		return 0;
	if (drop_others(server, &ours, err) < 0)
		return -1;
	for (unsigned i = 0; i < ours.count; i++) {
		struct prefix6 address = own_address(&ours.prefix[i]);

		if (has_address(server, &address))
			continue;
		if (link_add_address(server->link, server->config.interface, &address,
				     ours.metric[i], err) < 0)
			return -1;
		server->tap_metric[server->tap_address_count] = ours.metric[i];
		server->tap_address[server->tap_address_count++] = address;
	}
	return 0;
}

/* An interface that was down has lost its addresses; those that are there yet stay as they are. */
void tap_addresses_repair(struct server *server)
{
	struct err err = { 0 };

	for (unsigned i = 0; i < server->tap_address_count; i++)
		if (link_add_address(server->link, server->config.interface,
				     &server->tap_address[i], server->tap_metric[i], &err) < 0)
			log_error("router: %s", err.text);
}

void tap_addresses_follow(struct server *server)
{
	struct err err = { 0 };

	if (tap_addresses_set(server, &err) < 0)
		log_error("router: %s", err.text);
}
