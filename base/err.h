/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.h
 *
 * One sentence about what went wrong, built from the inside out.  Only set-up code uses it;
 * packet code counts a reason instead.  Only a program prints it.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* What a failure means to the user: the exit status of INTERFACE.md. */
enum err_kind {
	ERR_FAILED = 1,
	ERR_USAGE = 2,
	ERR_TIMEOUT = 3,
	ERR_CONNECT = 4,
	ERR_LOGIN = 5,
	ERR_CERTIFICATE = 6,
	ERR_NO_DAEMON = 8,
	ERR_NO_OBJECT = 10,
	ERR_CONFIG = 78,
};

struct err {
	char text[512];
	enum err_kind kind; /* 0 counts as ERR_FAILED */
};

/* Each returns -1, so a function can end with `return err_set(...)`.  A NULL err is allowed. */
int err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The sentence and ": " + strerror(errno). */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The sentence, and what it means to the user. */
int err_kind(struct err *err, enum err_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "context: " in front of the sentence that is already there. */
int err_context(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The exit status that err stands for. */
int err_status(const struct err *err);

#endif
