/* SPDX-License-Identifier: Apache-2.0 */
/* server/worker.h
 *
 * A data worker: one thread, one loop, one queue of the TAP, and the logged-in sessions that
 * were given to it.  It moves frames and decides nothing: logins, advertisements and policy
 * are the control thread's.  Nothing of it is touched by another thread once it runs.
 */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include "bridge/switch.h"
#include "bridge/tap.h"
#include "server/mailbox.h"

struct worker_config {
	uint8_t index, count; /* this worker, of how many */
	uint32_t dhcp6_rate;  /* messages a second of each client */
	struct address_table *table;
	struct port_directory *ports;
	struct tap *tap; /* queue `index` is ours */
	struct post_office *office;
};

struct worker;

/* Written by the worker only, read by anybody. */
struct worker_counters {
	struct port_counters tap;     /* of this worker's queue of it */
	_Atomic uint64_t handed_over; /* frames that were for another worker's clients */
	_Atomic uint32_t clients;     /* now */
};

/* Set up in the calling thread; worker_run then takes its own thread for it. */
struct worker *worker_new(const struct worker_config *config, struct err *err);
int worker_run(struct worker *worker, struct err *err);
const struct worker_counters *worker_counters(const struct worker *worker);
/* After MAIL_EXIT: waits for the thread. */
void worker_join(struct worker *worker);
void worker_free(struct worker *worker);

#endif
