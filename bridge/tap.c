/* SPDX-License-Identifier: Apache-2.0 */
/* bridge/tap.c
 *
 * The TAP interface of Linux.  Every frame crosses with a virtio-net header of 12 bytes; its
 * words are made little-endian on every machine, so that there is one layout to know.
 * Not here: who waits (poll), who switches, addresses and MTU (bridge/link.h).
 *
 * linux/if_tun.h, VIRTIO 1.2 5.1.6.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/packet.h"
#include "bridge/tap.h"

#define HEADER_LEN 12 /* flags, gso_type, hdr_len, gso_size, csum_start, csum_offset, num_buffers */
#define MAX_QUEUES 256 /* MAX_TAP_QUEUES of the kernel */

struct tap {
	char name[IF_NAMESIZE];
	unsigned queues; /* opened so far */
	int fd[];
};

/* The header's words sit behind its two bytes, in this order. */
enum header_word { HEADER_TCP_END, GSO_SIZE, CSUM_START, CSUM_OFFSET };

static uint16_t header_word(const uint8_t *header, enum header_word word)
{
	const uint8_t *at = header + 2 + 2 * word;

	return (uint16_t)(at[0] | at[1] << 8);
}

static void header_set_word(uint8_t *header, enum header_word word, uint16_t value)
{
	uint8_t *at = header + 2 + 2 * word;

	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

/* What the kernel's refusal means to whoever chose the name. */
static int explain(struct err *err, const char *name, unsigned queues)
{
	switch (errno) {
	case EPERM:
		return err_set(err, "no right to create interface '%s' (CAP_NET_ADMIN is needed)",
			       name);
	case EBUSY: return err_set(err, "interface '%s' is in use by another program", name);
	case EINVAL:
		return err_set(err, "interface '%s' exists and is no TAP with %u queue%s", name,
			       queues, queues == 1 ? "" : "s");
	}
	return err_errno(err, "cannot create interface '%s'", name);
}

/*
 * A TAP of one queue is given to one program only; one of several queues gives a queue to
 * anybody who asks, and frames would be divided between two programs.  Its carrier tells:
 * it is there while somebody holds a queue.
 */
static bool is_in_use(const char *name)
{
	struct ethtool_value carrier = { .cmd = ETHTOOL_GLINK };
	struct ifreq request = { .ifr_data = (void *)&carrier };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	bool in_use = ioctl(fd, SIOCETHTOOL, &request) == 0 && carrier.data != 0;
	close(fd);
	return in_use;
}

static int open_queue(struct tap *tap, unsigned of_queues, struct err *err)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };

	if (of_queues > 1)
		request.ifr_flags |= IFF_MULTI_QUEUE;
	memcpy(request.ifr_name, tap->name, sizeof(tap->name));

	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open /dev/net/tun");
	tap->fd[tap->queues++] = fd;
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		return explain(err, tap->name, of_queues);
	memcpy(tap->name, request.ifr_name, sizeof(tap->name));
	return 0;
}

/* The header's form and the offload belong to the interface, not to a queue. */
static int configure(struct tap *tap, struct err *err)
{
	int header_len = HEADER_LEN, little_endian = 1;

	if (ioctl(tap->fd[0], TUNSETVNETHDRSZ, &header_len) < 0)
		return err_errno(err, "interface '%s' takes no virtio-net header", tap->name);
	/* By default the words have the host's byte order. */
	if (ioctl(tap->fd[0], TUNSETVNETLE, &little_endian) < 0)
		return err_errno(err, "interface '%s' takes no little-endian header", tap->name);
	if (ioctl(tap->fd[0], TUNSETOFFLOAD,
		  (unsigned long)(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)) < 0)
		return err_errno(err, "interface '%s' takes no segmentation offload", tap->name);
	return 0;
}

/* Like the kernel's dev_valid_name, which says EINVAL for this and for much else. */
static bool name_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < IF_NAMESIZE && strcspn(name, "/: \t\n\v\f\r") == len &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

struct tap *tap_open(const char *name, unsigned queues, struct err *err)
{
	if (queues < 1 || queues > MAX_QUEUES) {
		err_set(err, "an interface has 1 to %d queues, not %u", MAX_QUEUES, queues);
		return NULL;
	}
	if (!name_is_valid(name)) {
		err_set(err,
			"'%s' is no interface name: 1 to %d characters, no '/', ':' or white space",
			name, IF_NAMESIZE - 1);
		return NULL;
	}

	if (queues > 1 && is_in_use(name)) {
		errno = EBUSY;
		explain(err, name, queues);
		return NULL;
	}

	struct tap *tap = calloc(1, sizeof(*tap) + queues * sizeof(tap->fd[0]));
	if (!tap) {
		err_set(err, "out of memory");
		return NULL;
	}
	strcpy(tap->name, name);
	for (unsigned queue = 0; queue < queues; queue++) {
		if (open_queue(tap, queues, err) < 0)
			goto fail;
	}
	if (configure(tap, err) < 0)
		goto fail;
	return tap;

fail:
	tap_free(tap);
	return NULL;
}

void tap_free(struct tap *tap)
{
	if (!tap)
		return;
	for (unsigned queue = 0; queue < tap->queues; queue++)
		close(tap->fd[queue]);
	free(tap);
}

int tap_end_interface(struct tap *tap, struct err *err)
{
	if (ioctl(tap->fd[0], TUNSETPERSIST, 0) < 0)
		return err_errno(err, "cannot let interface '%s' go", tap->name);
	return 0;
}

const char *tap_name(const struct tap *tap)
{
	return tap->name;
}

int tap_fd(const struct tap *tap, unsigned queue)
{
	return tap->fd[queue];
}

/*
 * The kernel gives its linear part as hdr_len, a hint that may lie anywhere behind the headers.
 * The true end of the TCP header: the checksum starts where TCP does, its data offset is
 * the upper half of byte 12 (RFC 9293 3.1).
 */
static bool tcp_header_end(struct bytes frame, uint16_t tcp_start, uint16_t *end)
{
	struct reader r = reader_over(frame);

	reader_take(&r, tcp_start);
	reader_take(&r, 12);
	unsigned tcp_len = (reader_u8(&r) >> 4) * 4u;
	if (r.bad || tcp_len < 20 || tcp_start + tcp_len > frame.len)
		return false;
	*end = (uint16_t)(tcp_start + tcp_len);
	return true;
}

/* False: a superframe of a kind that TUNSETOFFLOAD did not ask for, or a broken one. */
static bool offload_read(const uint8_t *header, struct frame *frame)
{
	struct offload *offload = &frame->offload;
	uint8_t kind = header[1] & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;

	*offload = (struct offload) { 0 };
	if (header[0] & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		offload->needs_csum = true;
		offload->csum_start = header_word(header, CSUM_START);
		offload->csum_offset = header_word(header, CSUM_OFFSET);
	}
	if (kind == VIRTIO_NET_HDR_GSO_NONE)
		return true;
	if (kind != VIRTIO_NET_HDR_GSO_TCPV4 && kind != VIRTIO_NET_HDR_GSO_TCPV6)
		return false;
	/* VIRTIO 1.2 5.1.6.2.1: whoever has segments to cut has their checksums to make. */
	if (!offload->needs_csum)
		return false;
	offload->gso = kind;
	offload->gso_ecn = header[1] & VIRTIO_NET_HDR_GSO_ECN;
	offload->gso_size = header_word(header, GSO_SIZE);
	return offload->gso_size > 0 &&
	       tcp_header_end(frame->bytes, offload->csum_start, &offload->header_len);
}

static void offload_write(const struct offload *offload, uint8_t header[static HEADER_LEN])
{
	memset(header, 0, HEADER_LEN);
	if (offload->needs_csum) {
		header[0] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header_set_word(header, CSUM_START, offload->csum_start);
		header_set_word(header, CSUM_OFFSET, offload->csum_offset);
	}
	if (offload->gso != GSO_NONE) {
		header[1] = offload->gso | (offload->gso_ecn ? VIRTIO_NET_HDR_GSO_ECN : 0);
		header_set_word(header, HEADER_TCP_END, offload->header_len);
		header_set_word(header, GSO_SIZE, offload->gso_size);
	}
}

static enum tap_result failed(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR: return TAP_AGAIN;
	case EBADFD: /* the interface was deleted under us */
	case EBADF:
	case ENODEV: return TAP_GONE;
	}
	return TAP_DROPPED;
}

enum tap_result tap_read(struct tap *tap, unsigned queue, uint8_t *buffer, struct frame *frame)
{
	ssize_t len;

	/* Header and frame arrive in one piece, so the frame needs no second vector. */
	do {
		len = read(tap->fd[queue], buffer, TAP_BUFFER);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return failed(errno);
	/* The kernel cuts what does not fit; no frame of an IP packet is that long. */
	if (len < HEADER_LEN + FRAME_MIN || len >= TAP_BUFFER)
		return TAP_DROPPED;
	frame->bytes =
		(struct bytes) { .data = buffer + HEADER_LEN, .len = (size_t)len - HEADER_LEN };
	return offload_read(buffer, frame) ? TAP_DONE : TAP_DROPPED;
}

enum tap_result tap_write(struct tap *tap, unsigned queue, const struct frame *frame)
{
	uint8_t header[HEADER_LEN];
	struct iovec part[] = {
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)frame->bytes.data, .iov_len = frame->bytes.len },
	};
	ssize_t len;

	offload_write(&frame->offload, header);
	do {
		len = writev(tap->fd[queue], part, ARRAY_LEN(part));
	} while (len < 0 && errno == EINTR);
	return len < 0 ? failed(errno) : TAP_DONE;
}
