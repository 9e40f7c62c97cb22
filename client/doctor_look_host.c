/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_look_host.c
 *
 * The client that runs here, its interface, and what the kernel has on it: addresses, routes,
 * settings (ip-sysctl.rst).  In an office it is the bridge that has them.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rpc.h"
#include "client/doctor_judge_beyond.h"
#include "client/doctor_nd.h"
#include "client/doctor_private.h"

#define TAKEN_LIMIT_MS 600

void doctor_ask_client(struct doctor *doctor)
{
	const char *path =
		doctor->options->socket ? doctor->options->socket : doctor->profile.control;
	json_t *request = json_pack("{s:s}", "verb", "status");

	json_decref(doctor->status);
	doctor->status = request ? rpc_call(path, request, &doctor->no_status) : NULL;
	json_decref(request);

	const char *state = json_string_value(json_object_get(doctor->status, "state"));
	const char *name = json_string_value(json_object_get(doctor->status, "interface"));
	doctor->up = state && strcmp(state, "up") == 0;
	strcpy(doctor->tap, doctor->profile.interface);
	if (name && strlen(name) < sizeof(doctor->tap))
		strcpy(doctor->tap, name);
}

void doctor_find_host(struct doctor *doctor)
{
	struct link_identity tap;

	strcpy(doctor->bridge, doctor->profile.bridge);
	if (link_identity(doctor->link, doctor->tap, &tap, NULL) == 0 &&
	    (tap.master == 0 || !if_indextoname((unsigned)tap.master, doctor->bridge)))
		doctor->bridge[0] = '\0';
	strcpy(doctor->host, doctor->bridge[0] ? doctor->bridge : doctor->tap);
}

static int setting_of(const char *interface, const char *key)
{
	char path[PATH_MAX], text[16];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, key);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -1;
	text[len] = '\0';
	return atoi(text);
}

/* NULL where the kernel obeys the router by itself: told by us, or by whom the profile leaves it to. */
static const char *manager_of(const struct doctor *doctor)
{
	const char *by = json_string_value(json_object_get(doctor->status, "managed_by"));

	return !by || strcmp(by, "lanyard") == 0 || strcmp(by, "nobody") == 0 ? NULL : by;
}

const char *doctor_health(const struct doctor *doctor, const char *name)
{
	const json_t *check;
	size_t i;

	json_array_foreach(json_object_get(doctor->status, "health"), i, check)
	{
		const char *is = json_string_value(json_object_get(check, "check"));
		const char *detail = json_string_value(json_object_get(check, "detail"));
		if (is && detail && strcmp(is, name) == 0)
			return detail;
	}
	return "";
}

void doctor_read_host(struct doctor *doctor)
{
	const char *name = doctor->host;
	int links =
		link_addresses(doctor->link, name, doctor->link_address, LINK_MAX_ADDRESSES, NULL);
	int routes = link_routes(doctor->link, name, doctor->route, LINK_MAX_ROUTES, NULL);

	/* that it has none, or went meanwhile: the judges see neither */
	doctor->link_count = links > 0 ? (unsigned)links : 0;
	doctor->route_count = routes > 0 ? (unsigned)routes : 0;
	doctor->mtu = setting_of(name, "mtu");
	doctor->settings = (struct host_facts) {
		.interface = name,
		.office = doctor->bridge[0] != '\0',
		.manager = manager_of(doctor),
		.hands_off = doctor->profile.manage == PROFILE_MANAGE_NO,
		.disable_ipv6 = setting_of(name, "disable_ipv6"),
		.accept_ra = setting_of(name, "accept_ra"),
		.forwarding = setting_of(name, "forwarding"),
		.autoconf = setting_of(name, "autoconf"),
		.accept_ra_pinfo = setting_of(name, "accept_ra_pinfo"),
		.accept_ra_defrtr = setting_of(name, "accept_ra_defrtr"),
		.route_min_len = setting_of(name, "accept_ra_rt_info_min_plen"),
		.route_max_len = setting_of(name, "accept_ra_rt_info_max_plen"),
	};
}

void look_client(struct doctor *doctor, struct findings *findings)
{
	const char *role = json_string_value(json_object_get(doctor->status, "role"));
	const char *path = doctor->options->profile;
	char safe[256];

	if (doctor->status && role && strcmp(role, "client") == 0) {
		finding_add(findings, DOCTOR_OK, "lanyard connect runs here, on %s", doctor->tap);
	} else if (doctor->status) {
		finding_add(findings, DOCTOR_FAILED, "that control socket is not a client's");
		finding_advise(findings, "name the client's with --socket");
	} else if (doctor->no_status.kind == ERR_NO_DAEMON) {
		finding_add(findings, DOCTOR_FAILED, "lanyard connect does not run here");
		finding_advise(findings, "start it: sudo lanyard connect %s",
			       log_escape(path, strlen(path), safe, sizeof(safe)));
	} else {
		finding_add(findings, DOCTOR_FAILED, "%s", doctor->no_status.text);
		finding_advise(findings, "run this as root; if that does not help, start lanyard "
					 "connect anew");
	}
}

void look_interface(struct doctor *doctor, struct findings *findings)
{
	struct link_identity tap;
	struct interface_facts facts = {
		.tap = doctor->tap,
		.bridge = doctor->bridge[0] ? doctor->bridge : NULL,
		.there = link_identity(doctor->link, doctor->tap, &tap, NULL) == 0,
	};

	doctor->identity = tap;
	if (facts.there && facts.bridge)
		facts.bridge_up =
			link_identity(doctor->link, facts.bridge, &doctor->identity, NULL) == 0 &&
			doctor->identity.up;
	facts.up = tap.up;
	facts.carrier = tap.carrier;
	facts.mtu = tap.mtu;
	judge_interface(findings, &facts);
}

void look_link_local(struct doctor *doctor, struct findings *findings)
{
	doctor_read_host(doctor);
	judge_link_local(findings, &doctor->settings, doctor->link_address, doctor->link_count);
}

/* The kernel forgets an address of this kind that is a duplicate (RFC 4862 5.4.5).  Who has it then
 * answers for it. */
static bool find_taken(const struct doctor *doctor, const struct ra_prefix *prefix,
		       struct ip6 *taken)
{
	for (unsigned i = 0; i < doctor->link_count; i++)
		if (prefix6_contains(&prefix->prefix, &doctor->link_address[i].address))
			return false;
	*taken = ip6_from_eui64(&prefix->prefix, &doctor->identity.mac);
	return nd_is_taken(&doctor->identity, taken,
			   (unsigned)doctor_wait_ms(doctor, TAKEN_LIMIT_MS));
}

void look_address(struct doctor *doctor, struct findings *findings)
{
	doctor_read_host(doctor);
	for (unsigned i = 0; i < doctor->ra.prefix_count; i++) {
		const struct ra_prefix *prefix = &doctor->ra.prefix[i];
		struct ip6 taken;

		if (!prefix->autonomous || prefix->valid_s == 0)
			continue;
		bool is_taken = find_taken(doctor, prefix, &taken);
		judge_address(findings, &doctor->settings, prefix, doctor->link_address,
			      doctor->link_count, is_taken ? &taken : NULL);
	}
	if (findings->count == 0)
		finding_add(findings, DOCTOR_OK, "the router advertises no prefix for addresses");
}

/* The default route counts among them. */
static unsigned wanted_routes(const struct ra *ra, struct ra_route wanted[RA_MAX_ROUTES + 1])
{
	unsigned count = 0;

	for (unsigned i = 0; i < ra->route_count; i++)
		if (ra->route[i].lifetime_s > 0)
			wanted[count++] = ra->route[i];
	if (ra->lifetime_s > 0)
		wanted[count++] = (struct ra_route) { .preference = ra->preference,
						      .lifetime_s = ra->lifetime_s };
	return count;
}

void look_route(struct doctor *doctor, struct findings *findings)
{
	struct ra_route wanted[RA_MAX_ROUTES + 1];
	unsigned count = wanted_routes(&doctor->ra, wanted), refused = 0;

	doctor_read_host(doctor);
	for (unsigned i = 0; i < count; i++) {
		judge_route(findings, &doctor->settings, &wanted[i], &doctor->router, doctor->route,
			    doctor->route_count);
		refused += host_refuses_routes(&doctor->settings, wanted[i].prefix.len) != NULL;
	}
	/* An office's bridge that takes none is no way for its own machine. */
	doctor->for_others = doctor->bridge[0] && count > 0 && refused == count;
	if (findings->count == 0)
		finding_add(findings, DOCTOR_OK, "the router advertises no route");
}

/* All servers that the router gives are those that the client says it applied. */
static bool has_all_servers(const struct doctor *doctor, const json_t *servers)
{
	for (unsigned i = 0; i < doctor->ra.dns_count; i++) {
		char text[IP6_TEXT];
		bool found = false;
		const json_t *server;
		size_t k;

		ip6_text(&doctor->ra.dns[i], text);
		json_array_foreach(servers, k, server) found =
			found || strcmp(json_string_value(server), text) == 0;
		if (!found)
			return false;
	}
	return true;
}

void look_dns(struct doctor *doctor, struct findings *findings)
{
	struct dns_facts facts = {
		.servers = doctor->ra.dns_count > 0,
		.domains = doctor->ra.search_count > 0,
		.office = doctor->bridge[0] != '\0',
		.ignored = doctor->profile.dns == PROFILE_DNS_IGNORE,
	};

	/* it is applied a moment after the advertisement came */
	doctor_ask_client(doctor);
	const json_t *dns = json_object_get(doctor->status, "dns");
	facts.applied_by = json_string_value(json_object_get(dns, "applied_by"));
	facts.problem = doctor_health(doctor, "dns");
	facts.applied =
		facts.applied_by && strcmp(facts.applied_by, "none") != 0 &&
		(manager_of(doctor) || has_all_servers(doctor, json_object_get(dns, "servers")));
	judge_dns(findings, &facts);
}
