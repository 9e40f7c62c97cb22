/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/switch.h
 *
 * The Ethernet switch as one worker sees it.  All workers' switches share the address table and
 * the port directory; each knows the ports that live on its own worker.  A frame's way:
 *
 *     ingress guard (client ports) -> learn -> look up -> deliver
 *
 * and it leaves through the worker's functions before switch_input returns; the switch keeps none.
 * Knows Ethernet only: no TLS, no file descriptors, no clock, no threads.
 */
#ifndef BRIDGE_SWITCH_H
#define BRIDGE_SWITCH_H

#include "bridge/guard.h"
#include "bridge/ports.h"
#include "bridge/snoop.h"

/* How the worker gets frames out.  `port` is the owner given to switch_add_port.  None of these
 * functions may add or remove ports. */
struct switch_output {
	void (*to_port)(void *port, const struct frame *frame); /* a client on this worker */
	void (*to_tap)(void *worker, const struct frame *frame);
	/* To a port of another worker, or (port PORT_NONE) a flood: to all of that worker's
	 * client ports but `from`, isolated ones only if from_flags allows. */
	void (*hand_over)(void *worker, uint8_t to_worker, uint16_t port, uint32_t generation,
			  uint16_t from, const struct frame *frame);
	void (*punt)(void *worker, uint16_t from, enum guard_action action,
		     const struct frame *frame);
	void (*seen)(void *worker, uint16_t from, const struct snooped *found);
};

struct switch_config {
	uint8_t worker, workers;
	struct address_table *table; /* shared; outlive the switch */
	struct port_directory *ports;
	struct port_counters *tap_counters; /* the TAP's, as far as this worker has to do with it */
	const struct switch_output *output;
	void *owner; /* the worker */
};

struct eswitch;

struct eswitch *switch_new(const struct switch_config *config, struct err *err);
void switch_free(struct eswitch *eswitch);

/* The guard's policy for client ports; copied.  Changes at run time with the router's identity. */
void switch_set_policy(struct eswitch *eswitch, const struct guard_policy *policy);

/* A client port comes to this worker, and goes (its addresses are forgotten).  -1 without memory. */
int switch_add_port(struct eswitch *eswitch, uint16_t port, uint32_t generation, void *owner);
void switch_remove_port(struct eswitch *eswitch, uint16_t port);
/* The owner of a port of this worker; NULL if it is not here with this generation (0: any). */
void *switch_port(const struct eswitch *eswitch, uint16_t port, uint32_t generation);

/* A frame arrived on a port of this worker, or on its TAP queue (PORT_TAP). */
void switch_input(struct eswitch *eswitch, uint16_t from, const struct frame *frame,
		  uint64_t now_ms);
/* A frame was handed over by another worker's switch: deliver it, no guard, no learning. */
void switch_deliver(struct eswitch *eswitch, uint16_t port, uint32_t generation, uint16_t from,
		    const struct frame *frame);

#endif
