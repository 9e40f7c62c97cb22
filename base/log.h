/* SPDX-License-Identifier: Apache-2.0 */
/* base/log.h
 *
 * One line per event on stderr, subject first.  Under systemd (JOURNAL_STREAM is set) each
 * line begins with its priority, "<6>", see sd-daemon(3).  Thread-safe: a line is one write.
 *
 * Text that a peer supplied goes through log_escape first, always.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above this level are dropped.  Default: info.  Set it before there are threads. */
void log_set_level(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whatever a stranger can set off is logged at most once per interval and reason. */
struct log_limit {
	uint64_t next_ms;
	uint64_t suppressed;
};

#define LOG_LIMIT_INTERVAL_MS 60000

/*
 * True if the line may be written now (monotonic now_ms); `suppressed` is then how many were
 * kept back since the last one, for "(and N more)".  A limit belongs to one thread.
 */
bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, uint64_t *suppressed);

/*
 * `text` (len bytes) made safe for a terminal and a log: printable ASCII stays, everything
 * else and the backslash becomes \xNN; cut with "..." if it does not fit.  Returns `out`.
 */
const char *log_escape(const void *text, size_t len, char *out, size_t cap);

#endif
