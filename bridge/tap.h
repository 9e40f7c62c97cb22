/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/tap.h
 *
 * A TAP interface of the kernel: whole Ethernet frames, with a virtio-net header, TCP
 * segmentation offload for IPv4 and IPv6 (superframes up to 64 KiB), and one queue per worker.
 * Linux; another system has its own tap_*.c behind this header.
 *
 * tuntap.rst and VIRTIO 1.2 5.1.6 (linux/if_tun.h, linux/virtio_net.h).
 */
#ifndef BRIDGE_TAP_H
#define BRIDGE_TAP_H

#include "base/err.h"
#include "base/frame.h"

struct tap;

/* What one tap_read needs: the virtio-net header and the largest frame. */
#define TAP_BUFFER (12 + FRAME_MAX)

/*
 * Creates (or takes over a persistent) interface `name` with that many queues (1 to 256).
 * Offload is on.  NULL and a sentence: no /dev/net/tun, no right, the name is in use.
 * tap_free closes the queues; the interface goes with them.
 */
struct tap *tap_open(const char *name, unsigned queues, struct err *err);
void tap_free(struct tap *tap);
/* Whoever made the interface and wants it to stay: it goes with tap_free(). */
int tap_end_interface(struct tap *tap, struct err *err);
const char *tap_name(const struct tap *tap);
/* Non-blocking; wait for it with poll(2). */
int tap_fd(const struct tap *tap, unsigned queue);

enum tap_result {
	TAP_DONE,
	TAP_AGAIN,   /* nothing to read; no room to write */
	TAP_DROPPED, /* this frame is lost: the kernel did not take it (EINVAL, ENOBUFS, interface
		      * down), or it gave one that is too long or of an offload we did not ask for */
	TAP_GONE,    /* the queue is closed or the interface was deleted */
};

/* One frame into `buffer` (TAP_BUFFER bytes); `frame` borrows it.  header_len of a superframe is
 * the true end of its TCP header. */
enum tap_result tap_read(struct tap *tap, unsigned queue, uint8_t *buffer, struct frame *frame);
/* One frame out, with its offload work for the kernel to do. */
enum tap_result tap_write(struct tap *tap, unsigned queue, const struct frame *frame);

#endif
