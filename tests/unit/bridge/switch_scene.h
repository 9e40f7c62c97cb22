/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/switch_scene.h
 *
 * One worker's switch with a worker that only writes down what it is told.  The scene: this is
 * worker 0 of 3.
 *
 *     port 1     the TAP: a host with MAC ...a1
 *     port 2, 3  clients here
 *     port 4, 5  isolated clients here
 *     port 6     a client of worker 1
 *     port 7     an isolated client of worker 2
 *     port 8     an office here
 *
 * Each client's MAC ends with its port's number and is known to the table.
 */
#ifndef TESTS_BRIDGE_SWITCH_SCENE_H
#define TESTS_BRIDGE_SWITCH_SCENE_H

#include "bridge/switch.h"

#include <stdio.h>

#include "packets.h"

#define PORTS 16
#define NOW_MS 5000000
#define MAX_ADDRESSES 2
#define MAX_ADDRESSES_OFFICE 4

#define MAC_TEXT_OF(port) "0200000000" port " "
#define ANYONE "ffffffffffff "
#define GROUP "333300000123 "
#define STRANGER "0200000000ee "
#define TAP_HOST "0200000000a1 "
#define ROUTER "0200000000fe "
#define FRAME(destination, source) destination source "9000 00*46"
#define ALL_IP6 "333300000001 "
#define IP6_FROM(source, next) ALL_IP6 source "86dd 60000000 LLLL " next " ff " CLIENT_LL ALL_NODES
#define RS "8500 0000 00000000 "
#define RA "8600 0000 00*12 "
#define NA "8800 0000 20000000 " CLIENT_LL
#define SOLICIT "0222 0223 0009 0000 01 "
#define IP6_TO_SERVERS(source)                               \
	ALL_IP6 source "86dd 60000000 LLLL 11 ff " CLIENT_LL \
		       "ff02 0000 0000 0000 0000 0000 0001 0002 "
#define ARP_OF(source) ANYONE source "0806 0001 0800 06 04 0001 " source "c0000202 00*6 c0000201"

struct scene;

/* What switch_add_port is given. */
struct port_owner {
	struct scene *scene;
	uint16_t port;
};

struct scene {
	struct eswitch *eswitch;
	struct port_directory *ports;
	struct address_table *table;
	struct port_counters tap_counters;
	uint32_t generation[PORTS];
	struct port_owner owners[PORTS];
	char told[256];		   /* what the worker was told about the last frame */
	const struct frame *frame; /* that it must be about */
};

static inline void tell(struct scene *scene, const struct frame *frame, const char *text)
{
	size_t len = strlen(scene->told);

	if (frame && frame != scene->frame)
		fail_msg("another frame left than came: %s", text);
	snprintf(scene->told + len, sizeof(scene->told) - len, "%s%s", len > 0 ? " " : "", text);
}

/* ---- the worker ---- */

static inline void to_port(void *owner, const struct frame *frame)
{
	struct port_owner *port = owner;
	char text[16];

	snprintf(text, sizeof(text), "%u", port->port);
	tell(port->scene, frame, text);
}

static inline void to_tap(void *worker, const struct frame *frame)
{
	tell(worker, frame, "tap");
}

static inline void hand_over(void *worker, uint8_t to_worker, uint16_t port, uint32_t generation,
			     uint16_t from, const struct frame *frame)
{
	struct scene *scene = worker;
	char text[48];

	if (port == PORT_NONE)
		snprintf(text, sizeof(text), "w%u:all-%u", to_worker, from);
	else
		snprintf(text, sizeof(text), "w%u:%u%s", to_worker, port,
			 generation == scene->generation[port] ? "" : "?");
	tell(scene, frame, text);
}

static inline void punt(void *worker, uint16_t from, enum guard_action action,
			const struct frame *frame)
{
	char text[32];

	snprintf(text, sizeof(text), "punt-%s-%u",
		 action == GUARD_PUNT_RS   ? "rs"
		 : action == GUARD_PUNT_RA ? "ra"
					   : "dhcp6",
		 from);
	tell(worker, frame, text);
}

static inline void seen(void *worker, uint16_t from, const struct snooped *found)
{
	char text[32];

	snprintf(text, sizeof(text), "seen-%u-%02x", from, found->address.octet[15]);
	tell(worker, NULL, text);
}

static const struct switch_output output = {
	.to_port = to_port,
	.to_tap = to_tap,
	.hand_over = hand_over,
	.punt = punt,
	.seen = seen,
};

/* ---- the scene ---- */

static inline struct mac mac_ending(uint8_t last)
{
	return (struct mac) { { 2, 0, 0, 0, 0, last } };
}

static inline void scene_add_port(struct scene *scene, uint16_t expected, uint8_t worker,
				  uint16_t flags)
{
	struct mac mac = mac_ending((uint8_t)expected);
	uint16_t port = port_directory_add(scene->ports, worker, PORT_CLIENT | flags,
					   &scene->generation[expected]);

	assert_int_equal(port, expected);
	port_directory_set_limit(scene->ports, port,
				 flags & PORT_OFFICE ? MAX_ADDRESSES_OFFICE : MAX_ADDRESSES);
	scene->owners[port] = (struct port_owner) { scene, port };
	if (worker == 0)
		assert_int_equal(switch_add_port(scene->eswitch, port, scene->generation[port],
						 &scene->owners[port]),
				 0);
	address_table_learn(scene->table, &mac, port, 0, false, NOW_MS / 1000);
}

static inline void scene_open(struct scene *scene)
{
	struct guard_policy policy = { .router_mac = mac_ending(0xfe),
				       .punt_rs = true,
				       .punt_dhcp6 = true };
	struct mac tap_host = mac_ending(0xa1);
	struct err err = { 0 };

	*scene = (struct scene) { 0 };
	scene->ports = port_directory_new(PORTS);
	scene->table = address_table_new(64, PORTS, (struct siphash_key) { 1, 2 });
	scene->eswitch = switch_new(&(struct switch_config) { .worker = 0,
							      .workers = 3,
							      .table = scene->table,
							      .ports = scene->ports,
							      .tap_counters = &scene->tap_counters,
							      .output = &output,
							      .owner = scene },
				    &err);
	assert_non_null(scene->eswitch);
	switch_set_policy(scene->eswitch, &policy);

	port_directory_add_tap(scene->ports, PORT_ROUTER);
	address_table_learn(scene->table, &tap_host, PORT_TAP, 0, true, NOW_MS / 1000);
	scene_add_port(scene, 2, 0, 0);
	scene_add_port(scene, 3, 0, PORT_OFFLOAD);
	scene_add_port(scene, 4, 0, PORT_ISOLATED);
	scene_add_port(scene, 5, 0, PORT_ISOLATED);
	scene_add_port(scene, 6, 1, 0);
	scene_add_port(scene, 7, 2, PORT_ISOLATED);
	scene_add_port(scene, 8, 0, PORT_OFFICE);
}

static inline void scene_close(struct scene *scene)
{
	switch_free(scene->eswitch);
	address_table_free(scene->table);
	port_directory_free(scene->ports);
}

static inline const struct port_counters *counters_of(const struct scene *scene, uint16_t port)
{
	return port == PORT_TAP ? &scene->tap_counters
				: port_directory_counters(scene->ports, port);
}

static inline uint64_t dropped(const struct scene *scene, uint16_t port, enum drop_reason reason)
{
	return atomic_load(&counters_of(scene, port)->drops[reason]);
}

static inline uint64_t dropped_in_all(const struct scene *scene)
{
	uint64_t sum = 0;

	for (uint16_t port = PORT_TAP; port < PORTS; port++)
		for (unsigned reason = 0; reason < DROP_REASONS; reason++)
			sum += dropped(scene, port, reason);
	return sum;
}

static inline const char *input(struct scene *scene, uint16_t from, const char *text,
				uint64_t now_ms)
{
	uint8_t buf[512];
	struct frame frame = { .bytes = packet(text, buf, sizeof(buf)) };

	scene->told[0] = '\0';
	scene->frame = &frame;
	switch_input(scene->eswitch, from, &frame, now_ms);
	return scene->told;
}

static inline const char *deliver(struct scene *scene, uint16_t port, uint32_t generation,
				  uint16_t from)
{
	uint8_t buf[512];
	struct frame frame = { .bytes = packet(FRAME(ANYONE, MAC_TEXT_OF("06")), buf, 512) };

	scene->told[0] = '\0';
	scene->frame = &frame;
	switch_deliver(scene->eswitch, port, generation, from, &frame);
	return scene->told;
}

#endif
