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

#define SOCKET_UNSENT_START 16384

/*
 * The congestion control of the outer connection, which all of its inner flows share.  BBR paces
 * itself by what the path delivers: it keeps hardly a queue at the bottleneck, where each packet
 * of it would delay every inner flow, and takes a lost packet for a lost packet.
 */
#define SOCKET_CONGESTION_MAX 16 /* TCP_CA_NAME_MAX of the kernel */
#define SOCKET_CONGESTION_DEFAULT "bbr"
#define SOCKET_CONGESTION_SYSTEM "system" /* whatever net.ipv4.tcp_congestion_control says */

/*
 * No delay for small segments; at most SOCKET_UNSENT_START bytes unsent in the kernel until its
 * owner knows better; given up when unacknowledged for user_timeout_ms.  Each is an improvement
 * and none a need, so none fails.
 */
void socket_tune(int fd, unsigned user_timeout_ms);
/* `name`, or SOCKET_CONGESTION_SYSTEM to leave it; sockets accepted from a listening one get the
 * same.  False if the kernel has no such algorithm: then its own default stays. */
bool socket_set_congestion(int fd, const char *name);
/*
 * What waits unsent in the kernel can neither be dropped nor overtaken.  From now on the socket
 * takes more only while less than `bytes` are unsent, and polls writable below half of that
 * (TCP_NOTSENT_LOWAT, tcp(7)).  What it has already stays.
 */
void socket_limit_unsent(int fd, size_t bytes);
/* How many bytes TCP has not sent for the first time yet; 0 where the kernel does not say. */
size_t socket_unsent(int fd);
/* At how many bytes per second BBR sends now, from what it believes the path to deliver; 0 where
 * another algorithm runs. */
uint64_t socket_bbr_pacing(int fd);

/* "192.0.2.1:443", "[2001:db8::1]:443"; an IPv4 address in IPv6 clothes as itself. */
const char *socket_text(const struct sockaddr_storage *address, char text[static SOCKET_TEXT]);

/*
 * Reads and throws away what the other end still sends, at most 64 KiB a call; adds to *bytes how
 * much it was (may be NULL).  True when that has ended: only then may a socket be closed whose last
 * bytes matter, because close(2) with unread input sends a reset, which overtakes them.
 */
bool socket_drained(int fd, size_t *bytes);

#endif
