/* SPDX-License-Identifier: Apache-2.0 */
/* server/recorder.h
 *
 * What goes through is looked at every HISTORY_STEP_MS as long as somebody is connected, and once
 * after that: for all clients together an hour and a day, for each client an hour.  It is kept in
 * memory, 2.9 KiB for each of the first two and 1.5 KiB for each client that has stayed for a step;
 * a reload leaves it, a restart does not.  Control thread only.
 */
#ifndef SERVER_RECORDER_H
#define SERVER_RECORDER_H

#include <jansson.h>

#include "base/err.h"

struct server;
struct client;
struct recorder;

/* NULL and a sentence when memory is short. */
struct recorder *recorder_new(struct server *server, struct err *err);
void recorder_close(struct recorder *recorder); /* also NULL; its timer ends with the loop */
/* Somebody has come. */
void recorder_client_comes(struct recorder *recorder);

/* {"hour": {"step_s", "since_s", "rx_bytes": [], "tx_bytes": []}, "day": likewise}, without steps that
 * began before `from_s` (of time(2); 0: all). */
json_t *recorder_all(struct recorder *recorder, int64_t from_s);
/* Likewise, the hour alone. */
json_t *recorder_client(struct recorder *recorder, const struct client *client, int64_t from_s);

#endif
