/* SPDX-License-Identifier: Apache-2.0 */
/* server/router.c - the server's TAP, and who routes for the clients.
 *
 * routed:  the TAP stands alone; its MAC (kept for good) gives the link-local address that RAs
 *          carry, and each advertised prefix's ::1 is its address.
 * bridged: the TAP is a port of the admin's kernel bridge; RAs carry the bridge's identity.
 *
 * The kernel is asked, and asked again whenever it reports a change; nothing is guessed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "server/server_private.h"

/* A key under /proc/sys/net/ipv6/conf/INTERFACE. */
static int set_sysctl(const char *interface, const char *key, const char *value, struct err *err)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, key);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot write %s", path);
	ssize_t n = write(fd, value, strlen(value));
	close(fd);
	return n < 0 ? err_errno(err, "cannot write %s to %s", value, path) : 0;
}

static bool sysctl_is_zero(const char *path)
{
	char value = '1';
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool zero = read(fd, &value, 1) == 1 && value == '0';
	close(fd);
	return zero;
}

/* ---- what is kept for good ---- */

static int random_bytes(void *to, size_t len, struct err *err)
{
	int result = uv_random(NULL, NULL, to, len, 0, NULL);

	return result < 0 ? err_set(err, "no random numbers: %s", uv_strerror(result)) : 0;
}

/* RFC 4193 3.2: fd00::/8 and 40 random bits; our subnet is 0. */
static int generated_prefix(struct server *server, struct prefix6 *prefix, struct err *err)
{
	char text[PREFIX6_TEXT];
	int found = state_get(server->state, "prefix", text, sizeof(text), err);

	if (found < 0)
		return -1;
	if (found > 0)
		return prefix6_parse(text, prefix, err);
	*prefix = (struct prefix6) { .len = 64 };
	prefix->address.octet[0] = 0xfd;
	if (random_bytes(prefix->address.octet + 1, 5, err) < 0)
		return -1;
	return state_set(server->state, "prefix", prefix6_text(prefix, text), err);
}

static int own_mac(struct server *server, struct mac *mac, struct err *err)
{
	char text[MAC_TEXT];
	int found = state_get(server->state, "tap-mac", text, sizeof(text), err);

	if (found < 0)
		return -1;
	if (found > 0)
		return mac_parse(text, mac, err);
	if (random_bytes(mac->octet, sizeof(mac->octet), err) < 0)
		return -1;
	mac->octet[0] =
		(uint8_t)((mac->octet[0] & 0xfc) | 0x02); /* unicast, locally administered */
	return state_set(server->state, "tap-mac", mac_text(mac, text), err);
}

int router_find_automatic(struct server *server, const struct server_config *config,
			  struct err *err)
{
	struct config_prefix from[CONFIG_MAX_PREFIXES];
	unsigned count = server_config_prefixes(config, from);
	struct prefix6 found = { .len = 0 };

	for (unsigned i = 0; i < count; i++)
		if (from[i].automatic && generated_prefix(server, &found, err) < 0)
			return -1;
	if (found.len > 0)
		server->automatic = found;
	return 0;
}

struct prefix6 router_prefix(const struct server *server, const struct config_prefix *from)
{
	return from->automatic ? server->automatic : from->prefix;
}

/* ---- set-up ---- */

static int set_up_routed(struct server *server, struct err *err)
{
	const char *name = server->config.interface;
	struct mac mac;

	/* our own RAs must not configure us; nobody else is on this link, so no DAD */
	if (own_mac(server, &mac, err) < 0 || link_set_mac(server->link, name, &mac, err) < 0 ||
	    set_sysctl(name, "disable_ipv6", "0", err) < 0 ||
	    set_sysctl(name, "accept_ra", "0", err) < 0 ||
	    set_sysctl(name, "accept_dad", "0", err) < 0 ||
	    set_sysctl(name, "addr_gen_mode", "0", err) < 0 ||
	    link_set_up(server->link, name, true, err) < 0)
		return -1;
	if (sysctl_is_zero("/proc/sys/net/ipv6/conf/all/forwarding"))
		log_warning(
			"router: this host does not forward IPv6, so clients reach only this host: "
			"sysctl -w net.ipv6.conf.all.forwarding=1");
	return 0;
}

static int set_up_bridged(struct server *server, struct err *err)
{
	const char *name = server->config.interface;

	return set_sysctl(name, "disable_ipv6", "1", err) < 0 ||
			       link_join_bridge(server->link, name, server->config.bridge, err) <
				       0 ||
			       link_set_up(server->link, name, true, err) < 0
		       ? -1
		       : 0;
}

const char *router_interface(const struct server *server)
{
	return server->config.mode == MODE_ROUTED ? server->config.interface : server->config.bridge;
}

/* ---- identity ---- */

_Static_assert(GUARD_MAX_ROUTER_ADDRESSES >= LINK_MAX_ADDRESSES, "the guard protects all of them");

/* The addresses of the interface that routes, its link-local one first; whether they are others. */
static bool read_addresses(struct server *server)
{
	struct link_address address[LINK_MAX_ADDRESSES];
	struct ip6 before[LINK_MAX_ADDRESSES];
	unsigned count_before = server->address_count;
	struct err err;
	int count = link_addresses(server->link, router_interface(server), address,
				   LINK_MAX_ADDRESSES, &err);

	memcpy(before, server->address, sizeof(before));
	server->address_count = 0;
	if (server->identity.has_link_local)
		server->address[server->address_count++] = server->identity.link_local;
	for (int i = 0; i < count && server->address_count < LINK_MAX_ADDRESSES; i++)
		if (!ip6_equal(&address[i].address, &server->identity.link_local))
			server->address[server->address_count++] = address[i].address;
	return server->address_count != count_before ||
	       memcmp(before, server->address, count_before * sizeof(before[0])) != 0;
}

bool router_address_in(const struct server *server, const struct prefix6 *prefix,
		       struct ip6 *address)
{
	for (unsigned i = 0; i < server->address_count; i++) {
		if (prefix6_contains(prefix, &server->address[i])) {
			*address = server->address[i];
			return true;
		}
	}
	return false;
}

static void fill_policy(struct server *server, struct guard_policy *policy)
{
	*policy = (struct guard_policy) {
		.router_mac = server->identity.mac,
		.punt_rs = server_config_advertises(&server->config),
		.punt_dhcp6 = server_config_answers_dhcp6(&server->config),
		.router_address_count = server->address_count,
	};
	memcpy(policy->router_address, server->address, sizeof(server->address));
}

void router_send_policy(struct server *server)
{
	struct guard_policy policy;

	fill_policy(server, &policy);
	for (unsigned i = 0; i < server->worker_count; i++)
		mail_send(server->box, THREAD_WORKER + i, MAIL_POLICY, &policy, sizeof(policy));
}

static void refresh(struct server *server)
{
	struct link_identity now;
	struct err err = { 0 };
	char link_local[IP6_TEXT], mac[MAC_TEXT];

	if (link_identity(server->link, router_interface(server), &now, &err) < 0) {
		log_error("router: %s", err.text);
		now = (struct link_identity) { 0 };
	}
	bool same = now.has_link_local == server->identity.has_link_local &&
		    mac_equal(&now.mac, &server->identity.mac) &&
		    ip6_equal(&now.link_local, &server->identity.link_local);
	server->identity = now;
	bool readdressed = read_addresses(server);
	if (same && !readdressed)
		return; /* the kernel tells of each lifetime, and going on costs the more the more clients */
	router_send_policy(server);
	if (same) {
		settings_replace_all(server); /* an address that RAs name may be another */
		return;
	}
	if (!now.has_link_local) {
		log_warning("router: %s has no link-local address: no Router Advertisements",
			    router_interface(server));
		advertiser_lost_all(server);
		return;
	}
	log_info("router: %s is %s, %s", router_interface(server),
		 ip6_text(&now.link_local, link_local), mac_text(&now.mac, mac));
	tap_addresses_repair(server);
	dhcp6_server_link_changed(server->dhcp6);
	advertiser_restart_all(server); /* RFC 4861 6.2.8 */
}

static void on_changed(void *owner, int index)
{
	struct server *server = owner;

	if (index == server->identity.index || server->identity.index == 0)
		refresh(server);
	kernel_link_changed(server->kernel);
}

static void on_route(void *owner, const struct prefix6 *prefix, bool ours)
{
	struct server *server = owner;

	kernel_route_changed(server->kernel, prefix);
	/* thousands of our own, each as a prefix is delegated, are in nobody's way */
	if (!ours)
		dhcp6_server_routes_changed(server->dhcp6);
}

static void on_forwarding(void *owner)
{
	kernel_forwarding_changed(((struct server *)owner)->kernel);
}

static void on_gone(void *owner, int index)
{
	struct server *server = owner;

	if (index != server->tap_index) {
		on_changed(owner, index);
		return;
	}
	log_error("router: interface %s was deleted", server->config.interface);
	server->failed = true;
	server_stop(server, false);
}

static void on_lost(void *owner)
{
	refresh(owner);
	kernel_lost(((struct server *)owner)->kernel);
	dhcp6_server_routes_changed(((struct server *)owner)->dhcp6);
}

static const struct link_events link_events = {
	.changed = on_changed,
	.gone = on_gone,
	.route_changed = on_route,
	.forwarding_changed = on_forwarding,
	.lost = on_lost,
};

static void on_watch(uv_poll_t *poll, int status, int events)
{
	struct server *server = poll->data;
	struct err err = { 0 };

	if (link_watch_read(server->watch, &err) < 0)
		log_error("router: %s", err.text);
}

static int start_watching(struct server *server, struct err *err)
{
	server->watch = link_watch_open(&link_events, server, err);
	if (!server->watch)
		return -1;
	if (uv_poll_init(&server->loop, &server->watch_poll, link_watch_fd(server->watch)) < 0)
		return err_set(err, "cannot watch the kernel's interfaces");
	server->watch_poll.data = server;
	uv_poll_start(&server->watch_poll, UV_READABLE, on_watch);
	return 0;
}

int router_set_up(struct server *server, struct err *err)
{
	const struct server_config *config = &server->config;
	struct link_identity tap;
	int failed;

	server->link = link_open(err);
	if (!server->link || router_find_automatic(server, config, err) < 0)
		return -1;
	server->tap = tap_open(config->interface, server->worker_count, err);
	if (!server->tap || link_identity(server->link, config->interface, &tap, err) < 0 ||
	    start_watching(server, err) < 0 ||
	    link_set_mtu(server->link, config->interface, config->mtu, err) < 0)
		return -1;
	server->tap_index = tap.index;
	failed = config->mode == MODE_ROUTED ? set_up_routed(server, err)
					     : set_up_bridged(server, err);
	if (failed < 0)
		return -1;
	refresh(server);
	return kernel_open(server, err) < 0 || promises_open(server, err) < 0 ||
			       tap_addresses_set(server, err) < 0
		       ? -1
		       : 0;
}

void router_tear_down(struct server *server)
{
	promises_close(server->promises);
	kernel_close(server->kernel);
	if (server->watch_poll.data)
		uv_close((uv_handle_t *)&server->watch_poll, NULL);
	link_watch_close(server->watch);
	link_close(server->link);
	tap_free(server->tap);
}
