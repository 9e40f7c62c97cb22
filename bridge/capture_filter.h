/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/capture_filter.h
 *
 * Which frames a capture is about: pcap-filter(7), compiled and run by libpcap on the frame's bytes,
 * in user space.
 *
 * A program that goes back (libpcap makes one of "protochain") is refused, and one of more than
 * CAPTURE_FILTER_STEPS instructions: so what a frame costs is bounded, whatever was asked for.
 */
#ifndef BRIDGE_CAPTURE_FILTER_H
#define BRIDGE_CAPTURE_FILTER_H

#include "base/bytes.h"
#include "base/err.h"

#define CAPTURE_FILTER_TEXT 1024 /* with the NUL */
#define CAPTURE_FILTER_STEPS 500

struct capture_filter;

/* "": everything passes.  NULL: what is wrong with it, ERR_USAGE.  A name in it is looked up, which may
 * take as long as the resolver's patience: not for a thread that anybody waits for. */
struct capture_filter *capture_filter_new(const char *text, struct err *err);
void capture_filter_free(struct capture_filter *filter);

/* From any thread: a filter never changes. */
bool capture_filter_passes(const struct capture_filter *filter, struct bytes frame);

#endif
