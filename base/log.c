/* SPDX-License-Identifier: Apache-2.0 */
/* base/log.c
 *
 * A line is put together on the stack and given to the kernel in one write, so lines of
 * several threads never mix.  Times are not ours: the journal knows them.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LEN 2048

static const char *const priority[] = {
	/* sd-daemon(3) */
	[LOG_LEVEL_ERROR] = "<3>",
	[LOG_LEVEL_WARNING] = "<4>",
	[LOG_LEVEL_INFO] = "<6>",
	[LOG_LEVEL_DEBUG] = "<7>",
};
_Static_assert(sizeof(priority) / sizeof(priority[0]) == LOG_LEVEL_DEBUG + 1, "every level");

/* The program's, not a component's: what the user asked for on the command line. */
static atomic_int highest_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&highest_level, (int)level, memory_order_relaxed);
}

__attribute__((format(printf, 2, 0))) static void write_line(enum log_level level,
							     const char *format, va_list args)
{
	char line[LINE_MAX_LEN];
	size_t start = 0;

	if ((int)level > atomic_load_explicit(&highest_level, memory_order_relaxed))
		return;
	int errno_before = errno;

	if (getenv("JOURNAL_STREAM")) {
		memcpy(line, priority[level], 3);
		start = 3;
	}
	int made = vsnprintf(line + start, sizeof(line) - start - 1, format, args);

	if (made < 0)
		return;
	size_t len = start + strlen(line + start);

	if (start + (size_t)made > len)
		memcpy(line + len - 3, "...", 3);
	for (size_t i = start; i < len; i++) /* one event stays one line, whatever it quotes */
		if (line[i] == '\n')
			line[i] = ' ';
	line[len++] = '\n';

	ssize_t written;

	do /* any other failure has nowhere to be reported */
		written = write(STDERR_FILENO, line, len);
	while (written < 0 && errno == EINTR);
	errno = errno_before;
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_WARNING, format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, uint64_t *suppressed)
{
	if (now_ms < limit->next_ms) {
		limit->suppressed++;
		return false;
	}
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	limit->next_ms = now_ms + LOG_LIMIT_INTERVAL_MS;
	return true;
}

/* One byte as it is to be shown, without NUL: 1 or 4 characters. */
static size_t escape_byte(uint8_t byte, char shown[static 4])
{
	static const char digits[] = "0123456789abcdef";

	if (byte >= 0x20 && byte <= 0x7e && byte != '\\') {
		shown[0] = (char)byte;
		return 1;
	}
	shown[0] = '\\';
	shown[1] = 'x';
	shown[2] = digits[byte >> 4];
	shown[3] = digits[byte & 15];
	return 4;
}

const char *log_escape(const void *text, size_t len, char *out, size_t cap)
{
	const uint8_t *from = text;
	size_t at = 0, cut = 0; /* cut: the last place between two bytes where "..." fits */

	if (cap == 0)
		return out;
	for (size_t i = 0; i < len; i++) {
		char shown[4];
		size_t n = escape_byte(from[i], shown);

		if (at + 3 < cap)
			cut = at;
		if (at + n >= cap) {
			size_t dots = cap - 1 - cut < 3 ? cap - 1 - cut : 3;

			memcpy(out + cut, "...", dots);
			out[cut + dots] = '\0';
			return out;
		}
		memcpy(out + at, shown, n);
		at += n;
	}
	out[at] = '\0';
	return out;
}
