/* SPDX-License-Identifier: Apache-2.0 */
/* cli/watch.h - `lanyard status --watch`: what is shown (watch_view.c, no terminal) and where (watch.c). */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdio.h>

#include "cli/cli.h"

#define WATCH_CLIENTS 4096 /* whose rates are known; the rest is counted */

enum watch_sort { WATCH_BY_RATE, WATCH_BY_USER, WATCH_BY_SINCE, WATCH_BY_RTT, WATCH_SORTS };

struct watch_client {
	int64_t id, rx_bytes, tx_bytes, connected_s, rtt_us;
	double rx_rate, tx_rate; /* bytes a second, as the server receives and sends */
	char user[64], device[32], from[64];
};

struct watch_view {
	enum watch_sort sort;
	bool reversed, colour;
	unsigned first;	       /* row on top */
	unsigned count, total; /* kept, and all */
	struct watch_client client[WATCH_CLIENTS];
	char title[160], trouble[160]; /* trouble: what is shown is old, and why */
	double rx_rate, tx_rate;
};

/* Takes the server's newest status, `elapsed_s` after the one before. */
void watch_take(struct watch_view *view, const json_t *status, double elapsed_s);
/* A key: false ends it. */
bool watch_key(struct watch_view *view, int key);
/* The whole screen, from its top left on, without scrolling it: each line is cut to `columns` and
 * clears what was behind it. */
void watch_draw(struct watch_view *view, unsigned rows, unsigned columns, FILE *to);

int cli_watch(const struct cli_target *target);

#endif
