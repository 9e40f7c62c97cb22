/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate.c - the DHCPv6 client's input and output, and what is done with what it gets.
 *
 * RFC 9915 7.1 (addresses), 7.2 (ports); RFC 7084 WPD-5 (what of the prefix is nobody's must not be
 * sent back into the tunnel).
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/delegate_private.h"
#include "client/heard_json.h"
#include "client/host.h"
#include "tls/hmac_md5.h"

#define PAYLOAD_MAX 4096
#define STOP_LOOK_MS 50
#define MESSAGES_A_TURN 64 /* a flood does not keep the tunnel waiting */
#define FINALS_AT_END 1	   /* RFC 4861 6.2.5 allows three: but who ends us waits */
#define NOT_FORWARDING                                                                             \
	"this host does not forward IPv6, so the delegated networks reach only this host: sysctl " \
	"-w net.ipv6.conf.all.forwarding=1"

static const struct in6_addr all_servers = { { { 0xff, 2, [13] = 1, [15] = 2 } } };

uint64_t delegate_dice(void)
{
	uint64_t dice = 0;

	/* without random numbers all comes at regular times: that is all */
	(void)uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL);
	return dice;
}

uint32_t delegate_left_s(const struct delegate *delegate, uint64_t until_ms)
{
	uint64_t now_ms = uv_now(delegate->loop);

	if (until_ms == DHCP6_CLIENT_NEVER_MS)
		return RA_FOREVER;
	return until_ms > now_ms ? (uint32_t)((until_ms - now_ms) / 1000) : 0;
}

/* ---- what is held ---- */

static void set_unreachable(struct delegate *delegate, bool add)
{
	struct err err = { 0 };
	int failed = add ? link_add_unreachable(delegate->link, &delegate->prefix.prefix, &err)
			 : link_delete_unreachable(delegate->link, &delegate->prefix.prefix, &err);

	if (failed < 0)
		log_warning("delegate: %s", err.text);
}

static void let_go(struct delegate *delegate)
{
	char text[PREFIX6_TEXT];

	log_info("delegate: %s is ours no longer", prefix6_text(&delegate->prefix.prefix, text));
	set_unreachable(delegate, false);
	delegate->has_prefix = false;
}

static void take_up(struct delegate *delegate, const struct dhcp6_held *held)
{
	char text[PREFIX6_TEXT], excluded[PREFIX6_TEXT];

	delegate->has_prefix = true;
	delegate->prefix = *held;
	/* before the addresses: no packet to what is nobody's goes back where it came from */
	set_unreachable(delegate, true);
	log_info("delegate: %s is delegated to us%s%s", prefix6_text(&held->prefix, text),
		 held->excluded.len ? ", without " : "",
		 held->excluded.len ? prefix6_text(&held->excluded, excluded) : "");
}

static void note_held(struct delegate *delegate)
{
	const struct dhcp6_held *held =
		dhcp6_client_prefix(&delegate->dhcp6, uv_now(delegate->loop));
	bool same = held && delegate->has_prefix &&
		    prefix6_equal(&held->prefix, &delegate->prefix.prefix) &&
		    prefix6_equal(&held->excluded, &delegate->prefix.excluded);

	if (same && held->valid_ms == delegate->prefix.valid_ms &&
	    held->preferred_ms == delegate->prefix.preferred_ms)
		return;
	if (same) { /* renewed */
		delegate->prefix = *held;
		for (unsigned i = 0; i < delegate->office_count; i++)
			delegate_office_apply(&delegate->office[i], true);
		return;
	}
	if (!held && !delegate->has_prefix)
		return;
	if (delegate->has_prefix)
		let_go(delegate);
	if (held)
		take_up(delegate, held);
	delegate_office_assign(delegate);
}

/* ---- messages ---- */

static void on_timer(uv_timer_t *timer);

static void send_message(struct delegate *delegate, struct bytes message)
{
	const struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(DHCP6_SERVER_PORT),
		.sin6_addr = all_servers,
		.sin6_scope_id = (uint32_t)delegate->tunnel_identity.index,
	};

	log_debug("delegate: sends %s", dhcp6_type_name(message.data[0]));
	/* what is lost is sent again, and so is what cannot be sent now */
	if (sendto(delegate->udp, message.data, message.len, 0, (const struct sockaddr *)&to,
		   sizeof(to)) < 0)
		log_debug("delegate: not sent: %s", strerror(errno));
}

static void work(struct delegate *delegate)
{
	uint64_t now_ms = uv_now(delegate->loop);
	uint8_t message[DHCP6_CLIENT_MAX_MESSAGE];
	struct writer w = writer_over(message, sizeof(message));

	while (dhcp6_client_take(&delegate->dhcp6, now_ms, delegate_dice(), &w)) {
		send_message(delegate, writer_bytes(&w));
		w = writer_over(message, sizeof(message));
	}
	note_held(delegate);
	uint64_t due_ms = dhcp6_client_due_ms(&delegate->dhcp6);
	if (due_ms == DHCP6_CLIENT_NEVER_MS)
		uv_timer_stop(&delegate->timer);
	else
		uv_timer_start(&delegate->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0,
			       0);
}

static void on_timer(uv_timer_t *timer)
{
	struct delegate *delegate = timer->data;

	if (!delegate->stopping)
		work(delegate);
}

static bool digest(void *owner, const uint8_t key[static DHCP6_KEY_LEN], struct bytes message,
		   uint8_t out[static DHCP6_KEY_LEN])
{
	struct err err = { 0 };

	if (hmac_md5(key, message, out, &err) == 0)
		return true;
	log_warning("delegate: %s", err.text);
	return false;
}

static enum dhcp6_heard hear(struct delegate *delegate, struct bytes payload, bool unicast)
{
	uint64_t now_ms = uv_now(delegate->loop);

	if (payload.len > 0 && payload.data[0] == DHCP6_RECONFIGURE)
		return dhcp6_client_reconfigure(&delegate->dhcp6, payload, unicast, digest, NULL,
						now_ms, delegate_dice());
	return dhcp6_client_answer(&delegate->dhcp6, payload, now_ms, delegate_dice());
}

static void on_udp(uv_poll_t *poll, int status, int events)
{
	struct delegate *delegate = poll->data;
	uint8_t payload[PAYLOAD_MAX];
	struct ip6 to;
	ssize_t len;

	for (unsigned n = 0; n < MESSAGES_A_TURN; n++) {
		len = delegate_receive(delegate->udp, payload, sizeof(payload), &to);
		if (len < 0)
			break;
		enum dhcp6_heard heard = DHCP6_HEARD_MALFORMED;

		if (len <= (ssize_t)sizeof(payload))
			heard = hear(delegate, (struct bytes) { payload, (size_t)len },
				     !ip6_is_multicast(&to) && !ip6_is_unspecified(&to));
		log_debug("delegate: hears %s: %s",
			  len > 0 ? dhcp6_type_name(payload[0]) : "nothing",
			  dhcp6_heard_name[heard]);
	}
	work(delegate);
}

static int open_udp(struct delegate *delegate, struct err *err)
{
	delegate->udp = delegate_socket(delegate->tunnel, err);
	if (delegate->udp < 0)
		return -1;
	if (uv_poll_init(delegate->loop, &delegate->udp_poll, delegate->udp) < 0)
		return err_set(err, "cannot watch UDP port %u", DHCP6_CLIENT_PORT);
	delegate->udp_poll.data = delegate;
	uv_poll_start(&delegate->udp_poll, UV_READABLE, on_udp);
	return 0;
}

/* ---- what happens around it ---- */

/* The tunnel is up, and has an address to ask from. */
static void ask(struct delegate *delegate)
{
	struct link_identity *identity = &delegate->tunnel_identity;
	struct err err = { 0 };

	if (!delegate->up || delegate->asked || delegate->stopping ||
	    link_identity(delegate->link, delegate->tunnel, identity, &err) < 0 ||
	    !identity->has_link_local)
		return;
	delegate->asked = true;
	dhcp6_client_start(&delegate->dhcp6, uv_now(delegate->loop), delegate_dice());
	work(delegate);
}

void delegate_up(struct delegate *delegate)
{
	if (delegate->stopping)
		return;
	delegate->up = true;
	delegate->asked = false; /* whether what we have still holds */
	ask(delegate);
}

void delegate_changed(struct delegate *delegate, int index)
{
	struct link_identity *tunnel = &delegate->tunnel_identity;

	if (delegate->stopping)
		return;
	if (index == tunnel->index &&
	    link_identity(delegate->link, delegate->tunnel, tunnel, NULL) < 0)
		return; /* it goes, and we go with it */
	ask(delegate);
	for (unsigned i = 0; i < delegate->office_count; i++) {
		struct office *office = &delegate->office[i];

		if (office->identity.index == index || office->identity.index == 0)
			delegate_office_look(office);
	}
}

void delegate_lost(struct delegate *delegate)
{
	ask(delegate);
	for (unsigned i = 0; i < delegate->office_count && !delegate->stopping; i++)
		delegate_office_look(&delegate->office[i]);
}

void delegate_heard(struct delegate *delegate)
{
	for (unsigned i = 0; i < delegate->office_count && !delegate->stopping; i++)
		delegate_radv_heard(&delegate->office[i]);
}

void delegate_forwarding(struct delegate *delegate)
{
	bool before = delegate->forwards;

	delegate->forwards = host_forwards();
	if (before && !delegate->forwards)
		log_warning("delegate: " NOT_FORWARDING);
	else if (!before && delegate->forwards)
		log_info("delegate: this host forwards IPv6");
}

/* ---- beginning and end ---- */

struct delegate *delegate_new(uv_loop_t *loop, const struct delegate_config *config,
			      struct link *link, const struct heard *heard)
{
	struct delegate *delegate = calloc(1, sizeof(*delegate));

	if (!delegate)
		return NULL;
	delegate->loop = loop;
	delegate->link = link;
	delegate->heard = heard;
	delegate->udp = delegate->raw = -1;
	delegate->forwards = true;
	memcpy(delegate->tunnel, config->tunnel, sizeof(delegate->tunnel));
	delegate->dhcp6 = dhcp6_client_of(config->duid, config->iaid, NULL);
	uv_timer_init(loop, &delegate->timer);
	delegate->timer.data = delegate;
	delegate->office_count = config->count;
	for (unsigned i = 0; i < config->count; i++) {
		struct office *office = &delegate->office[i];

		office->of = delegate;
		office->number = i;
		memcpy(office->name, config->interface[i], sizeof(office->name));
		uv_timer_init(loop, &office->timer);
		office->timer.data = office;
	}
	return delegate;
}

int delegate_open(struct delegate *delegate, struct err *err)
{
	if (open_udp(delegate, err) < 0 || delegate_radv_open(delegate, err) < 0)
		return -1;
	delegate_forwarding(delegate);
	for (unsigned i = 0; i < delegate->office_count; i++)
		delegate_office_look(&delegate->office[i]);
	delegate->dhcp6.hint = delegate_office_leftover(delegate);
	return 0;
}

static void on_stop_timer(uv_timer_t *timer)
{
	struct delegate *delegate = timer->data;

	if (delegate_radv_is_silent(delegate))
		delegate->stopped(delegate->owner);
	else
		uv_timer_start(timer, on_stop_timer, STOP_LOOK_MS, 0);
}

void delegate_stop(struct delegate *delegate, void (*done)(void *owner), void *owner)
{
	delegate->stopping = true;
	delegate->stopped = done;
	delegate->owner = owner;
	uv_poll_stop(&delegate->udp_poll);
	for (unsigned i = 0; i < delegate->office_count; i++)
		delegate_radv_cease(&delegate->office[i], FINALS_AT_END);
	on_stop_timer(&delegate->timer);
}

void delegate_close(struct delegate *delegate)
{
	for (unsigned i = 0; i < delegate->office_count; i++) {
		struct office *office = &delegate->office[i];

		delegate_office_leave(office);
		farewells_free(&office->farewells);
		uv_close((uv_handle_t *)&office->timer, NULL);
	}
	if (delegate->has_prefix)
		set_unreachable(delegate, false);
	uv_close((uv_handle_t *)&delegate->timer, NULL);
	if (delegate->udp_poll.data)
		uv_close((uv_handle_t *)&delegate->udp_poll, NULL);
	if (delegate->raw_poll.data)
		uv_close((uv_handle_t *)&delegate->raw_poll, NULL);
	if (delegate->udp >= 0)
		close(delegate->udp);
	if (delegate->raw >= 0)
		close(delegate->raw);
}

/* ---- for people ---- */

json_t *delegate_json(const struct delegate *delegate)
{
	json_t *all = json_array();
	char text[PREFIX6_TEXT];

	for (unsigned i = 0; i < delegate->office_count; i++) {
		const struct office *office = &delegate->office[i];

		if (office->has_subnet && office->identity.index > 0)
			json_array_append_new(
				all, json_pack("{s:s, s:s, s:o, s:o}", "prefix",
					       prefix6_text(&office->subnet, text), "interface",
					       office->name, "valid_s",
					       heard_lifetime_json(delegate_left_s(
						       delegate, delegate->prefix.valid_ms)),
					       "preferred_s",
					       heard_lifetime_json(delegate_left_s(
						       delegate, delegate->prefix.preferred_ms))));
	}
	return all;
}

const char *delegate_problem(const struct delegate *delegate)
{
	if (!delegate->has_prefix)
		return "the server has not delegated a prefix";
	if (!delegate->forwards)
		return NOT_FORWARDING;
	for (unsigned i = 0; i < delegate->office_count; i++)
		if (delegate->office[i].trouble.text[0])
			return delegate->office[i].trouble.text;
	return "";
}
