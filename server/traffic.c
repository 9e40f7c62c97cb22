/* SPDX-License-Identifier: Apache-2.0 */
/* server/traffic.c - sums by group.  A client's counters are its port's; what of them its group's sum
 * has already is client->counted. */
#include "server/traffic.h"

#include <stdio.h>

#include "server/server_private.h"

void traffic_add(struct traffic *sum, const struct traffic *now, const struct traffic *before)
{
	sum->rx_bytes += now->rx_bytes - before->rx_bytes;
	sum->tx_bytes += now->tx_bytes - before->tx_bytes;
	sum->rx_frames += now->rx_frames - before->rx_frames;
	sum->tx_frames += now->tx_frames - before->tx_frames;
	for (unsigned i = 0; i < DROP_REASONS; i++)
		sum->drops[i] += now->drops[i] - before->drops[i];
}

struct group_traffic *groups_place(struct groups *groups, const char *name)
{
	for (unsigned i = 0; i < groups->count; i++)
		if (strcmp(groups->group[i].name, name) == 0)
			return &groups->group[i];
	/* two sums of one name would be one to whoever reads them */
	if (groups->count == GROUPS_COUNTED || strcmp(name, GROUP_OTHER) == 0)
		return &groups->other;
	struct group_traffic *place = &groups->group[groups->count++];

	*place = (struct group_traffic) { 0 };
	snprintf(place->name, sizeof(place->name), "%s", name);
	return place;
}

static uint64_t word(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

struct traffic traffic_of(const struct client *client)
{
	const struct port_counters *counters =
		port_directory_counters(client->server->ports, client->is.port);
	struct traffic now = {
		.rx_bytes = word(&counters->rx_bytes),
		.tx_bytes = word(&counters->tx_bytes),
		.rx_frames = word(&counters->rx_frames),
		.tx_frames = word(&counters->tx_frames),
	};

	for (unsigned i = 0; i < DROP_REASONS; i++)
		now.drops[i] = word(&counters->drops[i]);
	return now;
}

void group_enter(struct client *client)
{
	groups_place(&client->server->groups, client->group);
}

void group_leave(struct client *client)
{
	struct traffic now = traffic_of(client);

	traffic_add(&groups_place(&client->server->groups, client->group)->sum, &now,
		    &client->counted);
	client->counted = now;
}

void groups_now(const struct server *server, struct groups *groups)
{
	*groups = server->groups;
	snprintf(groups->other.name, sizeof(groups->other.name), GROUP_OTHER);
	for (const struct client *client = server->clients; client; client = client->next) {
		struct group_traffic *place = groups_place(groups, client->group);
		struct traffic now = traffic_of(client);

		traffic_add(&place->sum, &now, &client->counted);
		place->clients += client->added && !client->leaving;
	}
}

struct traffic groups_sum(const struct groups *groups)
{
	static const struct traffic none;
	struct traffic sum = groups->other.sum;

	for (unsigned i = 0; i < groups->count; i++)
		traffic_add(&sum, &groups->group[i].sum, &none);
	return sum;
}
