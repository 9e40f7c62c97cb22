/* SPDX-License-Identifier: Apache-2.0 */
/* cli/watch.c - the terminal of `status --watch`: a screen of its own, keys as they are typed, and
 * everything as it was when it ends, however it ends.
 *
 * Each picture is one write over the one before, so that nothing flickers.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/watch.h"

#define EVERY_MS 1000
#define ENTER "\033[?1049h\033[?25l" /* the other screen, no cursor */
#define LEAVE "\033[?25h\033[?1049l"

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };

struct watch {
	struct watch_view *view;
	struct termios before;
	sigset_t mask_before;
	int signal_fd;
	int64_t asked_ms;
	bool over;
	int ended_by; /* a signal */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the terminal ---- */

static void say(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* the terminal is gone: SIGHUP follows */
		text += n;
		len -= (size_t)n;
	}
}

static void enter(const struct watch *watch)
{
	struct termios raw = watch->before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	say(ENTER, strlen(ENTER));
}

static void leave(const struct watch *watch)
{
	say(LEAVE, strlen(LEAVE));
	tcsetattr(STDIN_FILENO, TCSANOW, &watch->before);
}

static int open_terminal(struct watch *watch, struct err *err)
{
	sigset_t set;

	if (tcgetattr(STDIN_FILENO, &watch->before) < 0)
		return err_errno(err, "cannot ask the terminal");
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
		sigaddset(&set, watched[i]);
	if (sigprocmask(SIG_BLOCK, &set, &watch->mask_before) < 0)
		return err_errno(err, "cannot watch for signals");
	watch->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (watch->signal_fd < 0)
		return err_errno(err, "cannot watch for signals");
	enter(watch);
	return 0;
}

static void draw(const struct watch *watch)
{
	struct winsize size = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return;
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	/* a serial line does not know its size */
	watch_draw(watch->view, size.ws_row ? size.ws_row : 24, size.ws_col ? size.ws_col : 80, to);
	if (fclose(to) == 0)
		say(text, len);
	free(text);
}

/* ---- what comes ---- */

static void suspend(const struct watch *watch)
{
	leave(watch);
	raise(SIGSTOP); /* until the shell goes on with us */
	enter(watch);
}

static void read_signals(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTSTP)
			suspend(watch);
		else if (info.ssi_signo != SIGWINCH) {
			watch->over = true;
			watch->ended_by = (int)info.ssi_signo;
		}
	}
}

static void read_keys(struct watch *watch)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n <= 0)
		watch->over = true;
	for (ssize_t i = 0; i < n; i++)
		if (!watch_key(watch->view, keys[i]))
			watch->over = true;
}

static void wait_for_more(struct watch *watch)
{
	int64_t left_ms = watch->asked_ms + EVERY_MS - now_ms();
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = watch->signal_fd, .events = POLLIN } };

	if (poll(fds, 2, left_ms > 0 ? (int)left_ms : 0) <= 0)
		return;
	if (fds[1].revents)
		read_signals(watch);
	if (fds[0].revents && !watch->over)
		read_keys(watch);
}

/* ---- the daemon ---- */

static json_t *ask(const struct cli_target *target, struct err *err)
{
	json_t *request = json_pack("{s:s}", "verb", "status");
	json_t *status = cli_ask(target, request, false, err);

	json_decref(request);
	return status;
}

static void look(struct watch *watch, const struct cli_target *target)
{
	int64_t before_ms = watch->asked_ms;
	struct err err = { 0 };
	json_t *status = ask(target, &err);

	watch->asked_ms = now_ms();
	if (status)
		watch_take(watch->view, status, (double)(watch->asked_ms - before_ms) / 1000);
	else /* what is shown stays: that is better than nothing */
		snprintf(watch->view->trouble, sizeof(watch->view->trouble), "NO ANSWER: %.140s",
			 err.text);
	json_decref(status);
}

static int on_terminal(const struct cli_target *target, json_t *status, struct err *err)
{
	struct watch watch = { .view = calloc(1, sizeof(*watch.view)), .asked_ms = now_ms() };

	if (!watch.view)
		return err_set(err, "out of memory");
	watch.view->colour = cli_use_colour();
	watch_take(watch.view, status, 0);
	int failed = open_terminal(&watch, err);

	while (failed == 0 && !watch.over) {
		draw(&watch);
		wait_for_more(&watch);
		if (!watch.over && now_ms() >= watch.asked_ms + EVERY_MS)
			look(&watch, target);
	}
	if (failed == 0) {
		leave(&watch);
		close(watch.signal_fd);
	}
	free(watch.view);
	sigprocmask(SIG_SETMASK, &watch.mask_before, NULL);
	if (watch.ended_by == SIGTERM || watch.ended_by == SIGHUP || watch.ended_by == SIGQUIT)
		raise(watch.ended_by); /* whoever waits for us is to see by what we ended */
	return failed;
}

/* For scripts: a line each second. */
static int as_lines(const struct cli_target *target, json_t *status, struct err *err)
{
	const struct timespec pause = { .tv_sec = EVERY_MS / 1000 };

	while (status) {
		json_dumpf(status, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(status);
		if (fflush(stdout) != 0)
			return err_errno(err, "cannot write");
		nanosleep(&pause, NULL);
		status = ask(target, err);
	}
	return -1;
}

int cli_watch(const struct cli_target *target)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct err err = { 0 };

	if (!terminal && !target->json)
		return cli_usage("status", "--watch wants a terminal, or --json");
	json_t *status = ask(target, &err); /* nobody there: that is said on the usual screen */

	if (!status)
		return cli_fail(&err);
	if (target->json)
		return as_lines(target, status, &err) < 0 ? cli_fail(&err) : 0;
	int failed = on_terminal(target, status, &err);

	json_decref(status);
	return failed < 0 ? cli_fail(&err) : 0;
}
