/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/link_bench.h
 *
 * What the tests of bridge/link.h share: a connection, addresses from text, and a watch that
 * counts what it is told.
 */
#ifndef TESTS_BRIDGE_LINK_BENCH_H
#define TESTS_BRIDGE_LINK_BENCH_H

#include <arpa/inet.h>
#include <sys/socket.h>

#include "bridge/link.h"
#include "tests/unit/namespace.h"

static inline struct link *open_link(void)
{
	struct err err = { 0 };
	struct link *link = link_open(&err);

	if (!link)
		fail_msg("%s", err.text);
	return link;
}

static inline struct prefix6 prefix(const char *address, uint8_t len)
{
	struct prefix6 result = { .len = len };

	assert_int_equal(inet_pton(AF_INET6, address, &result.address), 1);
	return result;
}

static inline bool has_address(struct link *link, const char *name, const char *text,
			       struct link_address *found)
{
	struct link_address row[LINK_MAX_ADDRESSES];
	struct prefix6 wanted = prefix(text, 128);
	struct err err = { 0 };
	int count = link_addresses(link, name, row, ARRAY_LEN(row), &err);

	if (count < 0)
		fail_msg("%s", err.text);
	for (int i = 0; i < count; i++) {
		if (ip6_equal(&row[i].address, &wanted.address)) {
			*found = row[i];
			return true;
		}
	}
	return false;
}

/* What a watch told, as counts. */
struct told {
	unsigned changed, gone, routes, forwarding, lost, options;
	int changed_index, gone_index;
	struct ip6 from;
	uint8_t option[4][64];
	struct prefix6 route; /* the latest that changed */
	bool route_is_ours;
};

static inline void told_changed(void *owner, int index)
{
	struct told *told = owner;

	told->changed++;
	told->changed_index = index;
}

static inline void told_gone(void *owner, int index)
{
	struct told *told = owner;

	told->gone++;
	told->gone_index = index;
}

static inline void told_option(void *owner, int index, const struct ip6 *from, struct bytes option)
{
	struct told *told = owner;

	assert_true(index > 0);
	assert_in_range(option.len, 8, sizeof(told->option[0]));
	assert_int_equal(option.data[1] * 8, option.len);
	told->from = *from;
	if (told->options < ARRAY_LEN(told->option))
		memcpy(told->option[told->options], option.data, option.len);
	told->options++;
}

static inline void told_routes(void *owner)
{
	((struct told *)owner)->routes++;
}

static inline void told_route(void *owner, const struct prefix6 *route, bool ours)
{
	((struct told *)owner)->route = *route;
	((struct told *)owner)->route_is_ours = ours;
}

static inline void told_forwarding(void *owner)
{
	((struct told *)owner)->forwarding++;
}

static inline void told_lost(void *owner)
{
	((struct told *)owner)->lost++;
}

static const struct link_events told_events = {
	.changed = told_changed,
	.gone = told_gone,
	.nd_option = told_option,
	.routes_changed = told_routes,
	.route_changed = told_route,
	.forwarding_changed = told_forwarding,
	.lost = told_lost,
};

static inline struct link_watch *open_watch(struct told *told)
{
	struct err err = { 0 };
	struct link_watch *watch = link_watch_open(&told_events, told, &err);

	if (!watch)
		fail_msg("%s", err.text);
	*told = (struct told) { 0 };
	return watch;
}

static inline void read_watch(struct link_watch *watch)
{
	struct err err = { 0 };

	if (link_watch_read(watch, &err) < 0)
		fail_msg("%s", err.text);
}

#endif
