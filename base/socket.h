/* SPDX-License-Identifier: Apache-2.0 */
/* base/socket.h
 *
 * What both ends do with a TCP socket that carries a tunnel: its options, where it leads to as
 * text, and an end that loses nothing.
 */
#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define SOCKET_TEXT 64 /* "[2001:db8::1]:50123", with its NUL */

/*
 * No delay for small segments; at most 128 KiB unsent in the kernel, since what waits there can
 * neither be dropped nor overtaken; given up when unacknowledged for user_timeout_ms.  Each is
 * an improvement and none a need, so none fails.
 */
void socket_tune(int fd, unsigned user_timeout_ms);

/* "192.0.2.1:443", "[2001:db8::1]:443"; an IPv4 address in IPv6 clothes as itself. */
const char *socket_text(const struct sockaddr_storage *address, char text[static SOCKET_TEXT]);

/*
 * Reads and throws away what the other end still sends, at most 64 KiB a call; adds to *bytes how
 * much it was (may be NULL).  True when that has ended: only then may a socket be closed whose last bytes matter, because close(2) with
 * unread input sends a reset, which overtakes them.
 */
bool socket_drained(int fd, size_t *bytes);

#endif
