/* SPDX-License-Identifier: Apache-2.0 */
/* cli/secret.c - passwords from a terminal, a file or standard input; never from arguments. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/account.h"

#define CONTROL_C 3

/* One line, without its end.  No stdio: its buffers would keep a copy. */
static int read_line(int fd, char *text, size_t cap, struct err *err)
{
	size_t len = 0;
	ssize_t got;
	char byte;

	while ((got = read(fd, &byte, 1)) != 0 && byte != '\n') {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "cannot read the password");
		if (byte == CONTROL_C)
			return err_set(err, "interrupted");
		if (byte == '\0' || len + 1 == cap)
			return err_kind(err, ERR_USAGE, "the password is %s",
					byte ? "too long" : "no text");
		text[len++] = byte;
	}
	if (len > 0 && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	return 0;
}

/* Without echo; Ctrl-C comes as a byte, so that the echo is on again whatever happens. */
static int ask_once(int terminal, const char *prompt, const char *again, char *text, size_t cap,
		    struct err *err)
{
	struct termios was, quiet;

	if (tcgetattr(terminal, &was) < 0)
		return err_errno(err, "cannot ask on this terminal");
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	if (tcsetattr(terminal, TCSAFLUSH, &quiet) < 0)
		return err_errno(err, "cannot turn the echo off");
	dprintf(terminal, "%s%s: ", prompt, again);
	int failed = read_line(terminal, text, cap, err);
	tcsetattr(terminal, TCSAFLUSH, &was);
	dprintf(terminal, "\n");
	return failed;
}

static int ask_twice(const char *prompt, char *text, size_t cap, struct err *err)
{
	char second[2048] = "";
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (terminal < 0)
		return err_errno(err, "cannot open the terminal");
	int failed = ask_once(terminal, prompt, "", text, cap, err);
	if (failed == 0)
		failed = ask_once(terminal, prompt, ", again", second, sizeof(second), err);
	if (failed == 0 && strcmp(text, second) != 0)
		failed = err_kind(err, ERR_USAGE, "the two are not the same");
	explicit_bzero(second, sizeof(second));
	close(terminal);
	return failed;
}

int account_read_secret(const char *file, const char *prompt, char *text, size_t cap,
			struct err *err)
{
	text[0] = '\0';
	if (!file && isatty(STDIN_FILENO))
		return ask_twice(prompt, text, cap, err);
	if (!file || strcmp(file, "-") == 0)
		return read_line(STDIN_FILENO, text, cap, err);
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot read %s", file);
	int failed = read_line(fd, text, cap, err);
	close(fd);
	return failed;
}
