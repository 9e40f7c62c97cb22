/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/switch.c - one worker's part of the switch: guard, learn, look up, deliver.
 *
 * Not here: what a client may send (guard.c), the table (table.c), segmentation and queues,
 * which are the worker's behind its output functions.  No VLANs, no spanning tree, no
 * multicast snooping: a group goes everywhere (IEEE 802.1Q 8.6, without filtering entries).
 */
#include "bridge/switch.h"

#include "base/bucket.h"

#include <stdlib.h>

/* A port of this worker. */
struct local_port {
	uint32_t generation; /* 0: not here */
	uint32_t place;	     /* in eswitch.dense */
	void *owner;
	struct bucket floods; /* frames that went to everybody */
};

struct eswitch {
	struct switch_config config;
	struct guard_policy policy;
	unsigned max_ports;
	struct local_port *local; /* by port id */
	uint16_t *dense;	  /* the ids of all ports that are here, in any order */
	unsigned count;
};

#define IP6_NEXT_AT 6 /* the next header's number, RFC 8200 3 */

/* One frame on its way. */
struct passage {
	const struct frame *frame;
	uint16_t from, from_flags;
	uint16_t ether_type;
	struct mac destination, source;
};

struct eswitch *switch_new(const struct switch_config *config, struct err *err)
{
	struct eswitch *eswitch = calloc(1, sizeof(*eswitch));

	if (!eswitch)
		goto fail;
	eswitch->config = *config;
	eswitch->max_ports = port_directory_max(config->ports);
	eswitch->local = calloc(eswitch->max_ports, sizeof(*eswitch->local));
	eswitch->dense = calloc(eswitch->max_ports, sizeof(*eswitch->dense));
	if (!eswitch->local || !eswitch->dense)
		goto fail;
	return eswitch;

fail:
	err_set(err, "out of memory");
	switch_free(eswitch);
	return NULL;
}

void switch_free(struct eswitch *eswitch)
{
	if (!eswitch)
		return;
	free(eswitch->local);
	free(eswitch->dense);
	free(eswitch);
}

void switch_set_policy(struct eswitch *eswitch, const struct guard_policy *policy)
{
	eswitch->policy = *policy;
}

/* ---- ports ---- */

int switch_add_port(struct eswitch *eswitch, uint16_t port, uint32_t generation, void *owner)
{
	if (port < PORT_FIRST_CLIENT || port >= eswitch->max_ports || generation == 0)
		return -1;

	struct local_port *local = &eswitch->local[port];

	if (local->generation == 0) {
		local->place = eswitch->count;
		eswitch->dense[eswitch->count++] = port;
	}
	local->generation = generation;
	local->owner = owner;
	return 0;
}

void switch_remove_port(struct eswitch *eswitch, uint16_t port)
{
	if (port >= eswitch->max_ports || eswitch->local[port].generation == 0)
		return;

	uint32_t place = eswitch->local[port].place;
	uint16_t last = eswitch->dense[--eswitch->count];

	eswitch->dense[place] = last;
	eswitch->local[last].place = place;
	eswitch->local[port] = (struct local_port) { 0 };
	address_table_forget_port(eswitch->config.table, port);
}

void *switch_port(const struct eswitch *eswitch, uint16_t port, uint32_t generation)
{
	if (port >= eswitch->max_ports)
		return NULL;

	const struct local_port *local = &eswitch->local[port];

	return generation == 0 || local->generation == generation ? local->owner : NULL;
}

/* ---- counters ---- */

/* Each worker has its own of the TAP: they would be the one line that all of them write. */
static struct port_counters *counters_of(const struct eswitch *eswitch, uint16_t port)
{
	return port == PORT_TAP ? eswitch->config.tap_counters
				: port_directory_counters(eswitch->config.ports, port);
}

/* A frame handed over is dropped on another worker than its port's: so no plain addition
 * here.  Drops are rare. */
static void drop(const struct eswitch *eswitch, uint16_t port, enum drop_reason reason)
{
	struct port_counters *counters = counters_of(eswitch, port);

	if (counters)
		atomic_fetch_add_explicit(&counters->drops[reason], 1, memory_order_relaxed);
}

static void count_received(const struct eswitch *eswitch, uint16_t from, size_t len)
{
	struct port_counters *counters = counters_of(eswitch, from);

	counter_add(&counters->rx_frames, 1);
	counter_add(&counters->rx_bytes, len);
}

/* ---- deliver ---- */

static bool is_isolated(uint16_t flags)
{
	return (flags & PORT_CLIENT) && (flags & PORT_ISOLATED);
}

static void to_tap(const struct eswitch *eswitch, const struct frame *frame)
{
	eswitch->config.output->to_tap(eswitch->config.owner, frame);
}

/* To all client ports of this worker that `from` may reach. */
static void flood_local(const struct eswitch *eswitch, uint16_t from, uint16_t from_flags,
			const struct frame *frame)
{
	const struct switch_config *config = &eswitch->config;
	bool isolated = is_isolated(from_flags);

	for (unsigned i = 0; i < eswitch->count; i++) {
		uint16_t port = eswitch->dense[i];

		if (port == from)
			continue;
		if (isolated && is_isolated(port_directory_get(config->ports, port).flags))
			continue;
		config->output->to_port(eswitch->local[port].owner, frame);
	}
}

/* Each of these costs every port something.  Discovery protocols of a whole office stay below;
 * a broadcast storm does not. */
static const struct bucket_limit flood_limit = { .burst = 1000, .per_second = 500 };

static bool may_flood(struct eswitch *eswitch, uint16_t from, uint64_t now_ms)
{
	return from == PORT_TAP || bucket_take(&eswitch->local[from].floods, flood_limit, now_ms);
}

static void flood(const struct eswitch *eswitch, const struct passage *passage)
{
	const struct switch_config *config = &eswitch->config;

	flood_local(eswitch, passage->from, passage->from_flags, passage->frame);
	for (unsigned worker = 0; worker < config->workers; worker++)
		if (worker != config->worker)
			config->output->hand_over(config->owner, (uint8_t)worker, PORT_NONE, 0,
						  passage->from, passage->frame);
	if (passage->from != PORT_TAP)
		to_tap(eswitch, passage->frame);
}

static void deliver_local(const struct eswitch *eswitch, uint16_t port, uint32_t generation,
			  uint16_t from, const struct frame *frame)
{
	void *owner = switch_port(eswitch, port, generation);

	if (owner)
		eswitch->config.output->to_port(owner, frame);
	else
		drop(eswitch, from, DROP_NO_PORT);
}

static void deliver(const struct eswitch *eswitch, uint16_t port, const struct passage *passage)
{
	const struct switch_config *config = &eswitch->config;

	if (port == PORT_TAP) {
		to_tap(eswitch, passage->frame);
		return;
	}

	struct port_entry entry = port_directory_get(config->ports, port);

	if (entry.generation == 0)
		drop(eswitch, passage->from, DROP_NO_PORT);
	else if (is_isolated(passage->from_flags) && is_isolated(entry.flags))
		drop(eswitch, passage->from, DROP_ISOLATED);
	else if (entry.worker == config->worker)
		deliver_local(eswitch, port, entry.generation, passage->from, passage->frame);
	else
		config->output->hand_over(config->owner, entry.worker, port, entry.generation,
					  passage->from, passage->frame);
}

static void forward(struct eswitch *eswitch, const struct passage *passage, uint64_t now_ms)
{
	uint32_t now_s = (uint32_t)(now_ms / 1000);
	uint16_t port = PORT_NONE;

	if (!mac_is_multicast(&passage->destination))
		port = address_table_lookup(eswitch->config.table, &passage->destination, now_s);
	if (port == PORT_NONE && !may_flood(eswitch, passage->from, now_ms))
		drop(eswitch, passage->from, DROP_FLOOD_RATE);
	else if (port == PORT_NONE)
		flood(eswitch, passage);
	else if (port == passage->from)
		drop(eswitch, passage->from, DROP_SAME_PORT);
	else
		deliver(eswitch, port, passage);
}

/* ---- enter ---- */

/* The few rules for frames from the TAP, which the guard does not see. */
static enum drop_reason check_tap(const struct passage *passage)
{
	if (mac_is_multicast(&passage->source) || mac_is_zero(&passage->source))
		return DROP_SOURCE_MAC;
	if (guard_reserved_mac(&passage->destination))
		return DROP_RESERVED_MAC;
	if (passage->ether_type == ETHER_VLAN || passage->ether_type == ETHER_QINQ)
		return DROP_VLAN;
	return DROP_NONE;
}

static enum drop_reason learn(const struct eswitch *eswitch, const struct passage *passage,
			      uint32_t now_s)
{
	const struct switch_config *config = &eswitch->config;
	bool client = passage->from_flags & PORT_CLIENT;
	uint32_t max_addresses = 0;

	if (client)
		max_addresses = port_directory_limit(config->ports, passage->from);
	switch (address_table_learn(config->table, &passage->source, passage->from, max_addresses,
				    !client, now_s)) {
	case LEARN_LIMIT: return DROP_MAC_LIMIT;
	case LEARN_OWNED: return DROP_MAC_OWNED;
	case LEARN_KNOWN:
	case LEARN_NEW:
	case LEARN_MOVED:
	case LEARN_FULL: break;
	}
	return DROP_NONE;
}

/* Looks only at what may be neighbour discovery or ARP: most frames are TCP or UDP. */
static void snoop(const struct eswitch *eswitch, const struct passage *passage)
{
	struct snooped found;

	if (passage->ether_type == ETHER_IP6) {
		struct reader r = reader_over(passage->frame->bytes);

		reader_take(&r, ETHER_HEADER_LEN + IP6_NEXT_AT);
		uint8_t next = reader_u8(&r);
		if (next == IP_TCP || next == IP_UDP)
			return;
	} else if (passage->ether_type != ETHER_ARP) {
		return;
	}
	if (snoop_frame(passage->frame, &found))
		eswitch->config.output->seen(eswitch->config.owner, passage->from, &found);
}

/* PORT_TAP, or a client port that is on this worker and still the one the directory means. */
static bool enters(const struct eswitch *eswitch, uint16_t from, uint16_t *flags)
{
	struct port_entry entry = port_directory_get(eswitch->config.ports, from);

	*flags = entry.flags;
	if (from == PORT_TAP)
		return true;
	return from < eswitch->max_ports && entry.generation != 0 &&
	       eswitch->local[from].generation == entry.generation;
}

static void punt(const struct eswitch *eswitch, const struct passage *passage,
		 enum guard_action action)
{
	eswitch->config.output->punt(eswitch->config.owner, passage->from, action, passage->frame);
}

/* A Router Advertisement without extension headers: another router's, which passes on as well. */
static bool is_ra(const struct passage *passage)
{
	const struct bytes *bytes = &passage->frame->bytes;

	return passage->ether_type == ETHER_IP6 && bytes->len > ETHER_HEADER_LEN + IP6_HEADER_LEN &&
	       bytes->data[ETHER_HEADER_LEN + IP6_NEXT_AT] == IP_ICMP6 &&
	       bytes->data[ETHER_HEADER_LEN + IP6_HEADER_LEN] == ND_RA;
}

static void input(struct eswitch *eswitch, const struct passage *passage, uint64_t now_ms)
{
	struct guard_verdict verdict = { .action = GUARD_PASS };
	bool client = passage->from != PORT_TAP;

	if (client)
		verdict = guard_check(&eswitch->policy, passage->frame);
	else
		verdict.reason = check_tap(passage);
	if (verdict.reason == DROP_NONE)
		verdict.reason = learn(eswitch, passage, (uint32_t)(now_ms / 1000));
	if (verdict.reason != DROP_NONE) {
		drop(eswitch, passage->from, verdict.reason);
		return;
	}
	if (client)
		snoop(eswitch, passage);
	else if (is_ra(passage))
		punt(eswitch, passage, GUARD_PUNT_RA);

	switch (verdict.action) {
	case GUARD_PASS: forward(eswitch, passage, now_ms); break;
	case GUARD_PUNT_RS:
		punt(eswitch, passage, verdict.action);
		if (may_flood(eswitch, passage->from, now_ms))
			to_tap(eswitch, passage->frame);
		else
			drop(eswitch, passage->from, DROP_FLOOD_RATE);
		break;
	case GUARD_PUNT_DHCP6: punt(eswitch, passage, verdict.action); break;
	case GUARD_PUNT_RA:
	case GUARD_DROP: break; /* has a reason, see above */
	}
}

void switch_input(struct eswitch *eswitch, uint16_t from, const struct frame *frame,
		  uint64_t now_ms)
{
	struct passage passage = { .frame = frame, .from = from };
	struct reader r = reader_over(frame->bytes);

	if (!enters(eswitch, from, &passage.from_flags)) {
		drop(eswitch, from, DROP_NO_PORT);
		return;
	}
	count_received(eswitch, from, frame->bytes.len);
	reader_copy(&r, &passage.destination, sizeof(passage.destination));
	reader_copy(&r, &passage.source, sizeof(passage.source));
	passage.ether_type = reader_u16(&r);
	if (r.bad)
		drop(eswitch, from, DROP_TOO_SHORT);
	else
		input(eswitch, &passage, now_ms);
}

void switch_deliver(struct eswitch *eswitch, uint16_t port, uint32_t generation, uint16_t from,
		    const struct frame *frame)
{
	struct port_entry sender = port_directory_get(eswitch->config.ports, from);

	/* whoever sent it may have left meanwhile: nobody knows then whom it may reach */
	if (sender.generation == 0)
		drop(eswitch, from, DROP_NO_PORT);
	else if (port == PORT_NONE)
		flood_local(eswitch, from, sender.flags, frame);
	else
		deliver_local(eswitch, port, generation, from, frame);
}
