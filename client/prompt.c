/* SPDX-License-Identifier: Apache-2.0 */
/* client/prompt.c
 *
 * /dev/tty rather than standard input: a password is for a person to type, whatever else goes
 * through pipes.  Its descriptor is ours alone, so that O_NONBLOCK is nobody else's.  Control-C
 * stays a signal, which ends the client in order; control-Z and control-\ would leave the terminal
 * without echo, so they are off meanwhile.  See termios(3).
 */
#include "client/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_LEN 4096 /* the kernel's longest: N_TTY_BUF_SIZE */

struct prompt {
	int fd;
	uv_poll_t poll;
	struct termios before;
	bool silent; /* the terminal has been changed */
	char *line;  /* guarded */
	size_t len;
	prompt_done done;
	void *owner;
	const char *text; /* ours */
};

/* A terminal that is gone takes no words; nobody is left to miss them. */
static void say(const struct prompt *prompt, const char *text)
{
	ssize_t written = write(prompt->fd, text, strlen(text));

	(void)written;
}

static void restore(struct prompt *prompt)
{
	if (!prompt->silent)
		return;
	prompt->silent = false;
	say(prompt, "\n"); /* the one that was typed was not shown */
	(void)tcsetattr(prompt->fd, TCSAFLUSH, &prompt->before);
}

static void prompt_free(struct prompt *prompt)
{
	restore(prompt);
	if (prompt->fd >= 0)
		close(prompt->fd);
	sodium_free(prompt->line);
	free((char *)prompt->text);
	free(prompt);
}

static void on_closed(uv_handle_t *handle)
{
	prompt_free(handle->data);
}

void prompt_close(struct prompt *prompt)
{
	if (!prompt)
		return;
	restore(prompt);
	uv_poll_stop(&prompt->poll);
	uv_close((uv_handle_t *)&prompt->poll, on_closed);
}

static void finish(struct prompt *prompt, struct secret *typed, const struct err *err)
{
	prompt_done done = prompt->done;
	void *owner = prompt->owner;

	prompt_close(prompt);
	done(owner, typed, err);
	secret_forget(typed);
}

static void give_up(struct prompt *prompt, const char *why)
{
	struct secret none = { 0 };
	struct err err = { 0 };

	err_kind(&err, ERR_LOGIN, "%s", why);
	finish(prompt, &none, &err);
}

/* One line is there, or what was typed before control-D. */
static void take_line(struct prompt *prompt)
{
	struct secret typed = { 0 };
	struct err why = { 0 };

	if (secret_keep(&typed, prompt->line, prompt->len, &why) == 0) {
		finish(prompt, &typed, NULL);
		return;
	}
	sodium_memzero(prompt->line, prompt->len);
	prompt->len = 0;
	say(prompt, "\nwhat was typed ");
	say(prompt, why.text);
	say(prompt, "\n");
	say(prompt, prompt->text);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct prompt *prompt = poll->data;
	ssize_t n = read(prompt->fd, prompt->line + prompt->len, LINE_MAX_LEN - prompt->len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (n == 0 && prompt->len == 0)) {
		give_up(prompt, "nothing was typed where the server asks");
		return;
	}
	prompt->len += (size_t)n;
	if (n == 0 || prompt->len == LINE_MAX_LEN || prompt->line[prompt->len - 1] == '\n')
		take_line(prompt);
}

static int open_terminal(struct prompt *prompt, struct err *err)
{
	prompt->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (prompt->fd < 0 || tcgetattr(prompt->fd, &prompt->before) < 0)
		return err_set(err, "there is no terminal to ask on");
	/* in the background we would be stopped, and the tunnel with us */
	if (tcgetpgrp(prompt->fd) != getpgrp())
		return err_set(err, "the terminal is not ours now, we run in the background");
	return 0;
}

static int silence(struct prompt *prompt, struct err *err)
{
	struct termios silent = prompt->before;

	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	silent.c_lflag |= ICANON | ISIG;
	silent.c_cc[VSUSP] = silent.c_cc[VQUIT] = _POSIX_VDISABLE;
	prompt->silent = tcsetattr(prompt->fd, TCSAFLUSH, &silent) == 0;
	return prompt->silent ? 0 : err_errno(err, "cannot turn the terminal's echo off");
}

struct prompt *prompt_open(uv_loop_t *loop, const char *text, prompt_done done, void *owner,
			   struct err *err)
{
	struct prompt *prompt = calloc(1, sizeof(*prompt));

	if (!prompt) {
		err_set(err, "out of memory");
		return NULL;
	}
	prompt->fd = -1;
	prompt->text = strdup(text);
	prompt->line = sodium_init() < 0 ? NULL : sodium_malloc(LINE_MAX_LEN);
	if (!prompt->text || !prompt->line)
		err_set(err, "out of memory");
	else if (open_terminal(prompt, err) == 0 && silence(prompt, err) == 0 &&
		 uv_poll_init(loop, &prompt->poll, prompt->fd) == 0) {
		prompt->poll.data = prompt;
		prompt->done = done;
		prompt->owner = owner;
		say(prompt, text);
		uv_poll_start(&prompt->poll, UV_READABLE, on_readable);
		return prompt;
	}
	if (err && !err->text[0])
		err_set(err, "the terminal cannot be watched");
	prompt_free(prompt);
	return NULL;
}
