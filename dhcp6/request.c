/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/request.c - a client's message out of bytes, and its relays around the answer.
 *
 * Every option's body is a reader of its own, so a length can lie only about itself.  Relays are
 * unwrapped in a loop: nesting costs no stack.  Not here: what a message must and must not have
 * (validity.c), what to answer (engine.c).
 *
 * RFC 9915 8, 9, 19.3, 21; RFC 4704 4 (FQDN), RFC 6939 (MAC), RFC 8357 (relay port).
 */
#include "dhcp6/request.h"

#define MAC_LINK_TYPE 1 /* RFC 6939 4: Ethernet, as in ARP */

const char *const dhcp6_kind_name[DHCP6_KINDS] = {
	[DHCP6_ADDRESS] = "address",
	[DHCP6_PREFIX] = "prefix",
	[DHCP6_REGISTERED] = "registered",
};

/* ---- IAs ---- */

static struct dhcp6_item read_address(struct reader *body)
{
	struct dhcp6_item item = { .what.len = 128 };

	reader_copy(body, item.what.address.octet, sizeof(item.what.address.octet));
	item.preferred_s = reader_u32(body);
	item.valid_s = reader_u32(body);
	return item;
}

static struct dhcp6_item read_prefix(struct reader *body)
{
	struct dhcp6_item item = { 0 };

	item.preferred_s = reader_u32(body);
	item.valid_s = reader_u32(body);
	item.what.len = reader_u8(body);
	reader_copy(body, item.what.address.octet, sizeof(item.what.address.octet));
	if (item.what.len > 128)
		reader_fail(body);
	item.what = prefix6_masked(item.what);
	return item;
}

/* 21.4, 21.21: IAID, T1 and T2 (a server ignores them), then options. */
static bool read_ia(struct reader body, enum dhcp6_kind kind, struct dhcp6_ia *ia)
{
	unsigned code = kind == DHCP6_PREFIX ? DHCP6_OPTION_IA_PREFIX : DHCP6_OPTION_IA_ADDRESS;
	struct dhcp6_option sub;

	memset(ia, 0, sizeof(*ia));
	ia->kind = kind;
	ia->iaid = reader_u32(&body);
	reader_take(&body, 8);
	while (dhcp6_option_next(&body, &sub)) {
		if (sub.code != code)
			continue;
		struct dhcp6_item item =
			kind == DHCP6_PREFIX ? read_prefix(&sub.body) : read_address(&sub.body);
		if (sub.body.bad)
			return false;
		if (ia->item_count < DHCP6_MAX_ITEMS)
			ia->item[ia->item_count++] = item;
	}
	return !body.bad;
}

static bool read_next_ia(struct reader body, enum dhcp6_kind kind, struct dhcp6_request *request)
{
	static const unsigned none = DHCP6_MAX_IAS;
	struct dhcp6_ia ignored;
	unsigned at = request->ia_count;

	if (!read_ia(body, kind, at < none ? &request->ia[at] : &ignored))
		return false;
	request->ias++;
	if (at == none)
		return true;
	/* 12: an IAID names one IA of the client; a second one would be answered twice */
	for (unsigned i = 0; i < at; i++) {
		if (request->ia[i].kind == kind && request->ia[i].iaid == request->ia[at].iaid)
			return true;
	}
	request->ia_count++;
	return true;
}

/* ---- the other options ---- */

static bool read_wanted(struct reader body, struct dhcp6_request *request)
{
	if (body.left % 2 != 0)
		return false;
	while (body.left > 0) {
		uint16_t code = reader_u16(&body);

		if (request->wanted_count < DHCP6_MAX_WANTED)
			request->wanted[request->wanted_count++] = code;
	}
	return true;
}

bool dhcp6_is_of_host(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* RFC 4704 4.2: labels, a partial name without the final zero.  A name that anyone would have to
 * escape is none: it ends in files, logs and web pages. */
static void read_host(struct reader body, char host[static DHCP6_HOST_MAX])
{
	char text[DHCP6_HOST_MAX];
	size_t used = 0;

	host[0] = '\0';
	reader_u8(&body); /* flags: who updates the DNS; nobody does */
	while (body.left > 0) {
		uint8_t len = reader_u8(&body);
		const uint8_t *label = reader_take(&body, len);
		size_t dot = used > 0 ? 1 : 0;

		if (len == 0)
			break;
		if (!label || used + dot + len >= sizeof(text))
			return;
		if (dot)
			text[used++] = '.';
		for (unsigned i = 0; i < len; i++) {
			if (!dhcp6_is_of_host(label[i]))
				return;
			text[used++] = (char)label[i];
		}
	}
	text[used] = '\0';
	if (body.left == 0)
		memcpy(host, text, used + 1);
}

static bool read_id(struct reader body, struct dhcp6_duid *duid, unsigned *count)
{
	if ((*count)++ > 0)
		return true; /* a second one makes the message invalid */
	return dhcp6_duid_set(duid, reader_rest(&body));
}

static bool read_registered(struct reader body, struct dhcp6_request *request)
{
	struct dhcp6_item item = read_address(&body);

	if (request->addresses++ == 0)
		request->address = item;
	return !body.bad;
}

static bool read_option(struct dhcp6_option option, struct dhcp6_request *request)
{
	switch (option.code) {
	case DHCP6_OPTION_CLIENT_ID:
		return read_id(option.body, &request->client_id, &request->client_ids);
	case DHCP6_OPTION_SERVER_ID:
		return read_id(option.body, &request->server_id, &request->server_ids);
	case DHCP6_OPTION_IA_NA: return read_next_ia(option.body, DHCP6_ADDRESS, request);
	case DHCP6_OPTION_IA_PD: return read_next_ia(option.body, DHCP6_PREFIX, request);
	case DHCP6_OPTION_IA_ADDRESS: return read_registered(option.body, request);
	case DHCP6_OPTION_REQUEST:
		request->option_requests++;
		return read_wanted(option.body, request);
	case DHCP6_OPTION_ELAPSED_TIME:
		request->elapsed_cs = reader_u16(&option.body);
		return !option.body.bad;
	case DHCP6_OPTION_RAPID_COMMIT: request->rapid_commits++; return true;
	case DHCP6_OPTION_RECONFIGURE_ACCEPT: request->reconfigure_accept = true; return true;
	case DHCP6_OPTION_CLIENT_FQDN: read_host(option.body, request->host); return true;
	default: return true;
	}
}

static enum dhcp6_parsed read_message(struct reader r, struct dhcp6_request *request)
{
	struct dhcp6_option option;
	unsigned options = 0;

	request->type = reader_u8(&r);
	request->transaction = reader_u24(&r);
	while (dhcp6_option_next(&r, &option)) {
		if (++options > DHCP6_MAX_OPTIONS)
			return DHCP6_PARSED_TOO_LARGE;
		if (!read_option(option, request))
			return DHCP6_PARSED_MALFORMED;
	}
	return r.bad ? DHCP6_PARSED_MALFORMED : DHCP6_PARSED;
}

/* ---- relays ---- */

static void read_mac(struct reader body, struct dhcp6_request *request)
{
	uint16_t link_type = reader_u16(&body);
	struct mac mac;

	if (link_type != MAC_LINK_TYPE || body.left != sizeof(mac.octet))
		return;
	reader_copy(&body, mac.octet, sizeof(mac.octet));
	request->has_mac = true;
	request->mac = mac;
}

static bool read_relay_option(struct dhcp6_option option, struct dhcp6_request *request,
			      struct dhcp6_relay *relay, struct reader *inner)
{
	switch (option.code) {
	case DHCP6_OPTION_RELAY_MESSAGE: *inner = option.body; return true;
	case DHCP6_OPTION_INTERFACE_ID:
		relay->has_interface_id = true;
		relay->interface_id = reader_rest(&option.body);
		return true;
	case DHCP6_OPTION_RELAY_PORT:
		relay->has_port = true;
		relay->port = reader_u16(&option.body);
		return !option.body.bad;
	case DHCP6_OPTION_REMOTE_ID:
		request->has_remote_id = true;
		request->remote_id = reader_rest(&option.body);
		return true;
	/* RFC 6939 5: only the relay beside the client can have seen it, and that one comes last;
	 * what another wrote further out is forgotten */
	case DHCP6_OPTION_CLIENT_MAC: read_mac(option.body, request); return true;
	default: return true;
	}
}

/* One Relay-forward; `r` is then what it carries. */
static enum dhcp6_parsed read_relay(struct reader *r, struct dhcp6_request *request)
{
	struct dhcp6_relay *relay = &request->relay[request->relay_count];
	struct reader inner = { .bad = true };
	struct dhcp6_option option;
	unsigned options = 0;

	reader_u8(r); /* the type */
	relay->hop_count = reader_u8(r);
	reader_copy(r, relay->link.octet, sizeof(relay->link.octet));
	reader_copy(r, relay->peer.octet, sizeof(relay->peer.octet));
	request->has_mac = false;
	while (dhcp6_option_next(r, &option)) {
		if (++options > DHCP6_MAX_OPTIONS)
			return DHCP6_PARSED_TOO_LARGE;
		if (!read_relay_option(option, request, relay, &inner))
			return DHCP6_PARSED_MALFORMED;
	}
	if (r->bad || inner.bad)
		return DHCP6_PARSED_MALFORMED;
	request->relay_count++;
	*r = inner;
	return DHCP6_PARSED;
}

enum dhcp6_parsed dhcp6_request_parse(struct bytes payload, struct dhcp6_request *request)
{
	struct reader r = reader_over(payload);

	memset(request, 0, sizeof(*request));
	if (payload.len > DHCP6_MAX_MESSAGE)
		return DHCP6_PARSED_TOO_LARGE;
	while (r.left > 0 && r.at[0] == DHCP6_RELAY_FORWARD) {
		if (request->relay_count == DHCP6_MAX_RELAYS)
			return DHCP6_PARSED_TOO_DEEP;
		enum dhcp6_parsed parsed = read_relay(&r, request);
		if (parsed != DHCP6_PARSED)
			return parsed;
	}
	return read_message(r, request);
}

bool dhcp6_request_wants(const struct dhcp6_request *request, unsigned code)
{
	for (unsigned i = 0; i < request->wanted_count; i++) {
		if (request->wanted[i] == code)
			return true;
	}
	return false;
}

const struct ip6 *dhcp6_request_link(const struct dhcp6_request *request)
{
	for (unsigned i = request->relay_count; i > 0; i--) {
		const struct ip6 *link = &request->relay[i - 1].link;

		/* a layer-2 relay says :: (RFC 6221 6.1) */
		if (!ip6_is_unspecified(link))
			return link;
	}
	return NULL;
}

struct bytes dhcp6_request_interface_id(const struct dhcp6_request *request)
{
	for (unsigned i = request->relay_count; i > 0; i--) {
		if (request->relay[i - 1].has_interface_id)
			return request->relay[i - 1].interface_id;
	}
	return (struct bytes) { 0 };
}

struct dhcp6_relay_id dhcp6_relay_id_of(struct bytes id)
{
	struct dhcp6_relay_id kept = { 0 };
	size_t len = id.len < sizeof(kept.octet) ? id.len : sizeof(kept.octet);

	kept.len = (uint8_t)len;
	if (len > 0)
		memcpy(kept.octet, id.data, len);
	return kept;
}

/* ---- the way back ---- */

void dhcp6_relays_begin(struct writer *w, const struct dhcp6_request *request,
			struct dhcp6_relays_open *open)
{
	for (unsigned i = 0; i < request->relay_count; i++) {
		const struct dhcp6_relay *relay = &request->relay[i];

		writer_u8(w, DHCP6_RELAY_REPLY);
		writer_u8(w, relay->hop_count);
		writer_copy(w, relay->link.octet, sizeof(relay->link.octet));
		writer_copy(w, relay->peer.octet, sizeof(relay->peer.octet));
		if (relay->has_interface_id) /* 19.3: "MUST include" */
			dhcp6_option_write(w, DHCP6_OPTION_INTERFACE_ID, relay->interface_id);
		if (relay->has_port) { /* RFC 8357 5.2 */
			size_t port = dhcp6_option_open(w, DHCP6_OPTION_RELAY_PORT);

			writer_u16(w, relay->port);
			writer_close(w, port);
		}
		open->hole[i] = dhcp6_option_open(w, DHCP6_OPTION_RELAY_MESSAGE);
	}
}

void dhcp6_relays_close(struct writer *w, const struct dhcp6_request *request,
			const struct dhcp6_relays_open *open)
{
	for (unsigned i = request->relay_count; i > 0; i--)
		writer_close(w, open->hole[i - 1]);
}
