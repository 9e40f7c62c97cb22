/* SPDX-License-Identifier: Apache-2.0 */
/* base/notify.c
 *
 * sd_notify(3) without its library: a datagram is all there is to it.  An address that begins
 * with '@' is in the abstract namespace of unix(7); the other kinds of address that systemd
 * knows are for virtual machines, and not ours.
 */
#include "base/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

/* The length of the address, 0 if $NOTIFY_SOCKET has none that we can use. */
static socklen_t find_address(struct sockaddr_un *address)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = name ? strlen(name) : 0;

	*address = (struct sockaddr_un) { .sun_family = AF_UNIX };
	if (len < 2 || len >= sizeof(address->sun_path) || (name[0] != '/' && name[0] != '@'))
		return 0;
	memcpy(address->sun_path, name, len);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static void tell(const char *text)
{
	struct sockaddr_un address;
	const struct timeval limit = { .tv_sec = 1 }; /* its queue is full: not for ever */
	socklen_t len = find_address(&address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, len) < 0)
		log_debug("notify: systemd was not told: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void tell_status(struct notify *notify, const char *before);

static void on_pause_over(uv_timer_t *timer)
{
	struct notify *notify = timer->data;

	if (!notify->stopping && strcmp(notify->status, notify->sent) != 0)
		tell_status(notify, "");
}

static void tell_status(struct notify *notify, const char *before)
{
	char text[NOTIFY_STATUS + 64];

	snprintf(text, sizeof(text), "%sSTATUS=%s", before, notify->status);
	memcpy(notify->sent, notify->status, sizeof(notify->sent));
	tell(text);
	uv_timer_start(&notify->pause, on_pause_over, NOTIFY_STATUS_EVERY_MS, 0);
}

static void on_watchdog(uv_timer_t *timer)
{
	tell("WATCHDOG=1");
}

/* sd_watchdog_enabled(3): half of $WATCHDOG_USEC; 0 if it is not there or not for this process. */
static uint64_t watchdog_every_ms(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long time_us = time ? strtoull(time, NULL, 10) : 0;

	if (time_us == 0 || (pid && strtoll(pid, NULL, 10) != getpid()))
		return 0;
	return time_us < 2000 ? 1 : time_us / 2000;
}

void notify_open(struct notify *notify, uv_loop_t *loop)
{
	struct sockaddr_un address;

	*notify = (struct notify) { .open = find_address(&address) > 0 };
	if (!notify->open)
		return;
	uv_timer_init(loop, &notify->pause);
	uv_timer_init(loop, &notify->watchdog);
	notify->pause.data = notify;
}

void notify_close(struct notify *notify)
{
	if (!notify->open)
		return;
	notify->open = false;
	uv_close((uv_handle_t *)&notify->pause, NULL);
	uv_close((uv_handle_t *)&notify->watchdog, NULL);
}

void notify_ready(struct notify *notify)
{
	uint64_t every_ms = watchdog_every_ms();

	if (!notify->open || notify->ready)
		return;
	notify->ready = true;
	tell_status(notify, "READY=1\n");
	if (every_ms > 0)
		uv_timer_start(&notify->watchdog, on_watchdog, every_ms, every_ms);
}

void notify_status(struct notify *notify, const char *format, ...)
{
	va_list args;

	if (!notify->open || notify->stopping)
		return;
	va_start(args, format);
	vsnprintf(notify->status, sizeof(notify->status), format, args);
	va_end(args);
	for (char *c = notify->status; *c; c++) /* a second line would be a second message */
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	if (!uv_is_active((uv_handle_t *)&notify->pause))
		on_pause_over(&notify->pause);
}

void notify_reloading(struct notify *notify)
{
	struct timespec now = { 0 };
	char text[64];

	if (!notify->open || !notify->ready || notify->stopping)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* systemd's own clock in microseconds: it tells an old message from an answer */
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	tell(text);
}

void notify_reloaded(struct notify *notify)
{
	if (notify->open && notify->ready && !notify->stopping)
		tell_status(notify, "READY=1\n");
}

void notify_stopping(struct notify *notify)
{
	if (!notify->open || notify->stopping)
		return;
	notify->stopping = true;
	tell("STOPPING=1\nSTATUS=stopping");
}
