/* SPDX-License-Identifier: Apache-2.0 */
/* base/notify.h
 *
 * Tells systemd how a daemon is, by the protocol of sd_notify(3): lines of text in one datagram
 * to the Unix socket that $NOTIFY_SOCKET names.  Where that is not set, nothing is done at all.
 * What cannot be sent is not sent: whether anybody listens never changes what the daemon does.
 *
 * One per daemon, on its libuv loop; a struct of zeros is one that is not open.
 */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include <stdbool.h>
#include <uv.h>

#define NOTIFY_STATUS 256	    /* of the sentence, with its NUL */
#define NOTIFY_STATUS_EVERY_MS 1000 /* at most */

struct notify {
	bool open, ready, stopping;
	uv_timer_t pause;    /* runs after a status; the next one waits for its end */
	uv_timer_t watchdog; /* signs of life, twice per $WATCHDOG_USEC */
	char status[NOTIFY_STATUS], sent[NOTIFY_STATUS];
};

/* Without $NOTIFY_SOCKET it stays closed, and all the others do nothing. */
void notify_open(struct notify *notify, uv_loop_t *loop);
/* The loop must run once more. */
void notify_close(struct notify *notify);

/* READY=1, with the status if there is one, and the watchdog's beginning; once. */
void notify_ready(struct notify *notify);
/* STATUS=...: one sentence for `systemctl status`.  At once, or when a second has passed since
 * the one before; then the latest counts.  Control characters become spaces. */
void notify_status(struct notify *notify, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* RELOADING=1, and READY=1 with the status when that is over: sd_notify(3). */
void notify_reloading(struct notify *notify);
void notify_reloaded(struct notify *notify);
/* STOPPING=1; after that no more status. */
void notify_stopping(struct notify *notify);

#endif
