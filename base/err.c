/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.c
 *
 * Sentences are put together in a buffer of their own first, because the arguments may
 * point into the sentence that is being replaced.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void store(struct err *err, enum err_kind kind, const char *text)
{
	size_t len = strlen(text);

	memcpy(err->text, text, len + 1);
	err->kind = kind;
}

int err_set(struct err *err, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	store(err, ERR_FAILED, text);
	return -1;
}

int err_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	char reason[128], text[sizeof(err->text)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* The GNU strerror_r: strerror itself may share one buffer between threads. */
	const char *meaning = strerror_r(number, reason, sizeof(reason));

	/* The reason is short and says most: a sentence that is too long makes room for it. */
	size_t meaning_len = strlen(meaning), len = strlen(text);
	size_t most = sizeof(text) - sizeof(": ") - meaning_len;

	if (len > most)
		len = most;
	snprintf(text + len, sizeof(text) - len, ": %s", meaning);
	store(err, ERR_FAILED, text);
	errno = number;
	return -1;
}

int err_kind(struct err *err, enum err_kind kind, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	store(err, kind, text);
	return -1;
}

int err_context(struct err *err, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	size_t len = strlen(text);
	int room = len + sizeof(": ") < sizeof(text) ? (int)(sizeof(text) - sizeof(": ") - len) : 0;

	snprintf(text + len, sizeof(text) - len, ": %.*s", room, err->text);
	store(err, err->kind, text);
	return -1;
}

int err_status(const struct err *err)
{
	return err && err->kind ? (int)err->kind : ERR_FAILED;
}
