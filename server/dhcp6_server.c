/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_server.c - DHCPv6 messages of clients in, answers out: at once, or when what they promise
 * is on disk (dhcp6_disk.c).
 *
 * RFC 9915 7.2 (ports), 18.3 (by the engine), 19.3 (relays), RFC 8357 (their ports).
 */
#include "bridge/headers.h"
#include "server/dhcp6_private.h"

/* ---- answers ---- */

bool dhcp6_send(struct dhcp6_server *dhcp6, const struct dhcp6_waiting *letter,
		const uint8_t *payload)
{
	uint8_t bytes[ETHER_HEADER_LEN + IP6_HEADER_LEN + UDP_HEADER_LEN + DHCP6_MAX_MESSAGE];
	struct writer out = writer_over(bytes, sizeof(bytes));
	struct mail_frame head = { .port = letter->port };

	packet_udp6(&out, &letter->ends, letter->source_port, letter->destination_port,
		    (struct bytes) { payload, letter->len });
	struct frame frame = { .bytes = writer_bytes(&out) };
	bool sent = !out.full && mail_send_frame(dhcp6->server->box, THREAD_WORKER + letter->worker,
						 MAIL_INJECT, &head, &frame);
	if (sent) {
		dhcp6->sent++;
		dhcp6_count_sent(&dhcp6->counts, (struct bytes) { payload, letter->len });
	} else {
		dhcp6->unsent++;
	}
	return sent;
}

/* ---- messages ---- */

/* The parts of a punted frame: Ethernet, IPv6 and UDP, with nothing between that the guard has not
 * walked over. */
struct letter {
	struct packet_ends ends;
	uint16_t source_port;
	struct bytes payload;
};

static bool open_letter(const struct frame *frame, struct letter *letter)
{
	struct headers h;
	struct reader r;

	if (headers_walk(frame->bytes, &h) != HEADERS_UPPER || h.version != 6 ||
	    h.protocol != IP_UDP)
		return false;
	r = reader_over(h.upper);
	letter->source_port = reader_u16(&r);
	reader_u16(&r);
	uint16_t len = reader_u16(&r), checksum = reader_u16(&r);
	/* RFC 8200 8.1: no checksum is no packet; a local sender may have left it to its card */
	if (r.bad || len < UDP_HEADER_LEN || len > h.upper.len ||
	    (checksum == 0 && !frame->offload.needs_csum))
		return false;
	if (!frame->offload.needs_csum &&
	    checksum_fold(
		    checksum_add(checksum_pseudo6(&h.ip_source, &h.ip_destination, IP_UDP, len),
				 (struct bytes) { h.upper.data, len })) != 0xffff)
		return false;
	letter->ends =
		(struct packet_ends) { h.source, h.destination, h.ip_source, h.ip_destination };
	letter->payload = (struct bytes) { r.at, len - UDP_HEADER_LEN };
	/* an answer has to go somewhere */
	return !ip6_is_unspecified(&h.ip_source) && !ip6_is_multicast(&h.ip_source);
}

/* RFC 9915 7.2: clients listen on 546 and relays on 547, whatever port they send from; but RFC
 * 8357 relays on the one they named. */
static uint16_t answer_port(const struct dhcp6_request *request, const struct letter *letter)
{
	if (request->relay_count == 0)
		return DHCP6_CLIENT_PORT;
	return request->relay[0].has_port ? letter->source_port : DHCP6_SERVER_PORT;
}

/* A relay speaks from any of its addresses, and may be a router away: what is delegated leads to the
 * card that its frame came from, by the address that does not change with the prefixes. */
static struct ip6 gateway_of(const struct client *client, const struct packet_ends *ends)
{
	const struct snoop_table *table = &client->neighbours.snooped;
	const struct snoop_entry *latest = NULL;

	for (unsigned i = 0; i < table->count && !ip6_is_link_local(&ends->source); i++) {
		const struct snoop_entry *entry = &table->entry[i];

		if (ip6_is_link_local(&entry->is.address) &&
		    mac_equal(&entry->is.mac, &ends->mac_source) &&
		    (!latest || entry->seen_ms > latest->seen_ms))
			latest = entry;
	}
	return latest ? latest->is.address : ends->source;
}

static enum dhcp6_result answer(struct client *client, const struct letter *letter,
				struct writer *w, uint16_t *port)
{
	static const enum dhcp6_result of_parsed[] = {
		[DHCP6_PARSED_MALFORMED] = DHCP6_MALFORMED,
		[DHCP6_PARSED_TOO_LARGE] = DHCP6_TOO_LARGE,
		[DHCP6_PARSED_TOO_DEEP] = DHCP6_TOO_DEEP,
	};
	struct dhcp6_server *dhcp6 = client->server->dhcp6;
	struct dhcp6_arrival arrival = {
		.user = client->user,
		.mac = letter->ends.mac_source,
		.source = letter->ends.source,
		.gateway = gateway_of(client, &letter->ends),
		.unicast = !ip6_is_multicast(&letter->ends.destination),
	};
	struct dhcp6_request request;
	struct dhcp6_handout handout;
	struct dhcp6_link link;
	enum dhcp6_parsed parsed = dhcp6_request_parse(letter->payload, &request);

	if (parsed != DHCP6_PARSED)
		return of_parsed[parsed];
	dhcp6_count_received(&dhcp6->counts, request.type);
	if (!dhcp6_serve_client(dhcp6, client, &link, &handout))
		return DHCP6_NOT_OURS;
	dhcp6_serve_network(&client->settings->ra.dhcp6, dhcp6_request_link(&request), &link);
	*port = answer_port(&request, letter);
	enum dhcp6_result result =
		dhcp6_answer(dhcp6->leases, &link, &arrival, &request, dhcp6_now_s(dhcp6), w);
	if (result == DHCP6_ANSWERED)
		dhcp6_reconfigure_heard(dhcp6->reconfigure, client->user, &request);
	return result;
}

void dhcp6_server_input(struct client *client, const struct frame *frame)
{
	struct server *server = client->server;
	struct dhcp6_server *dhcp6 = server->dhcp6;
	uint8_t payload[DHCP6_MAX_MESSAGE];
	size_t room = server->config.mtu - IP6_HEADER_LEN - UDP_HEADER_LEN;
	struct writer w = writer_over(payload, room < sizeof(payload) ? room : sizeof(payload));
	struct letter letter;
	uint16_t port = 0;

	dhcp6->received++;
	if (client->leaving || server->phase != SERVER_RUNNING)
		return;
	if (!open_letter(frame, &letter)) {
		dhcp6->results[DHCP6_MALFORMED]++;
		return;
	}
	if (!dhcp6_has_room(dhcp6))
		dhcp6_finish(dhcp6);
	enum dhcp6_result result = answer(client, &letter, &w, &port);
	dhcp6->results[result]++;
	if (result != DHCP6_ANSWERED)
		return;
	struct dhcp6_waiting waiting = {
		.port = client->is,
		.worker = client->worker,
		.ends = { server->identity.mac, letter.ends.mac_source, server->identity.link_local,
			  letter.ends.source },
		.source_port = DHCP6_SERVER_PORT,
		.destination_port = port,
		.len = (uint32_t)w.len,
	};
	if (payload[0] == DHCP6_ADVERTISE && !dhcp6->failing)
		dhcp6_send(dhcp6, &waiting, payload);
	else
		dhcp6_hold(dhcp6, &waiting, payload);
}
