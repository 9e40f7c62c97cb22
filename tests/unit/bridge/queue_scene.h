/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/queue_scene.h
 *
 * A queue and its pool for tests, and frames of several flows to put into it: UDP over IPv6 whose
 * source port is the flow, filled with one byte.
 */
#ifndef TESTS_BRIDGE_QUEUE_SCENE_H
#define TESTS_BRIDGE_QUEUE_SCENE_H

#include "bridge/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/packet.h"
#include "plain_sums.h"

#define SCENE_POOL_BYTES (64u << 20)
#define SCENE_UDP_MIN (ETHER_HEADER_LEN + IP6_HEADER_LEN + UDP_HEADER_LEN)

struct queue_scene {
	struct siphash_key key;
	struct frame_pool *pool;
	struct frame_queue *queue;
	struct queue_losses losses;
	uint8_t buffer[FRAME_MAX];
};

static inline struct queue_scene *scene_new(void)
{
	struct queue_scene *scene = calloc(1, sizeof(*scene));

	scene->key = (struct siphash_key) { 1, 2 };
	scene->pool = frame_pool_new(SCENE_POOL_BYTES);
	scene->queue = frame_queue_new(scene->pool, &scene->key);
	assert_non_null(scene->queue);
	return scene;
}

static inline void scene_free(struct queue_scene *scene)
{
	frame_queue_free(scene->queue);
	assert_int_equal(frame_pool_used(scene->pool), 0);
	frame_pool_free(scene->pool);
	free(scene);
}

/* A frame of `len` bytes, each `fill` behind the Ethernet header: all of one flow. */
static inline struct frame scene_plain(struct queue_scene *scene, size_t len, uint8_t fill)
{
	memset(scene->buffer, fill, len);
	memset(scene->buffer, 0x88, len < ETHER_HEADER_LEN ? len : ETHER_HEADER_LEN);
	return (struct frame) { .bytes = { scene->buffer, len } };
}

static inline void scene_push(struct queue_scene *scene, size_t len, uint8_t fill, uint64_t now_us)
{
	struct frame frame = scene_plain(scene, len, fill);

	frame_queue_push(scene->queue, &frame, now_us, &scene->losses);
}

/* A packet of `flow`, `len` bytes with its Ethernet header, with these ECN bits. */
static inline struct frame scene_udp(struct queue_scene *scene, uint16_t flow, size_t len,
				     unsigned ecn)
{
	uint8_t *ip = scene->buffer + ETHER_HEADER_LEN;

	memset(scene->buffer, 0, len);
	put(scene->buffer + 12, ETHER_IP6, 2);
	put(ip, 0x6000 | ecn << 4, 2);
	put(ip + 4, len - ETHER_HEADER_LEN - IP6_HEADER_LEN, 2);
	ip[6] = IP_UDP;
	put(ip + IP6_HEADER_LEN, flow, 2);
	return (struct frame) { .bytes = { scene->buffer, len } };
}

static inline void scene_push_flow(struct queue_scene *scene, uint16_t flow, size_t len,
				   uint64_t now_us)
{
	struct frame frame = scene_udp(scene, flow, len, 0);

	frame_queue_push(scene->queue, &frame, now_us, &scene->losses);
}

static inline uint16_t scene_flow_of(const struct frame *frame)
{
	return (uint16_t)get(frame->bytes.data + ETHER_HEADER_LEN + IP6_HEADER_LEN, 2);
}

static inline bool scene_take(struct queue_scene *scene, uint64_t now_us, struct frame *frame)
{
	return frame_queue_take(scene->queue, now_us, frame, &scene->losses);
}

/* The flow of the next frame to leave. */
static inline unsigned scene_take_flow(struct queue_scene *scene, uint64_t now_us)
{
	struct frame frame;

	assert_true(scene_take(scene, now_us, &frame));
	return scene_flow_of(&frame);
}

static inline uint64_t scene_lost(const struct queue_scene *scene)
{
	return scene->losses.full + scene->losses.old + scene->losses.codel;
}

#endif
