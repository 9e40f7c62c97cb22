/* SPDX-License-Identifier: Apache-2.0 */
/* admin/metrics.h
 *
 * What is live as metrics: OpenMetrics 1.0 text, or the older text format of Prometheus, for who
 * asks for nothing.  Names begin with lanyard_ and end with their unit; a counter's with _total.
 */
#ifndef ADMIN_METRICS_H
#define ADMIN_METRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define METRICS_CLIENTS 1000 /* with series of their own; of more, none has any */
#define METRICS_OPEN "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define METRICS_PLAIN "text/plain; version=0.0.4; charset=utf-8"

/* Does an Accept header ask for OpenMetrics?  NULL: there is none. */
bool metrics_wants_open(const char *accept);
/* Of `show live`.  Allocated, to be freed; NULL: no memory. */
char *metrics_text(const json_t *live, bool open, size_t *len);

#endif
