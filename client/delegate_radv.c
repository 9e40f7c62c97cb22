/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate_radv.c - Router Advertisements to the office's hosts, and their solicitations.
 *
 * RFC 4861 6.1.1 (validity), 6.2 (when: radvd-lite/ra_schedule.h), 6.2.5 (the last ones); RFC 9096
 * 3.5 (what hosts were promised and is no longer ours is taken back).
 */
#include "client/delegate_private.h"
#include "radvd-lite/ra_parts.h"
#include "radvd-lite/rs.h"

#include <errno.h>
#include <netinet/icmp6.h> /* after ours: it makes macros of names that base/packet.h has */

#define RA_MAX_LEN 9000
#define LEAST_MTU 1280
#define SOLICITATION_MAX 1500
#define PROMISED_MOST_S 5400 /* RFC 9096 4: ND_VALID_LIMIT, see delegate_content.c */

/* ---- saying it ---- */

static uint32_t mtu_of(const struct office *office)
{
	uint32_t mtu = office->identity.mtu, tunnel = office->of->tunnel_identity.mtu;

	/* hosts need not find out that the way to the rest is narrower */
	if (tunnel >= LEAST_MTU && tunnel < mtu)
		mtu = tunnel;
	return mtu < LEAST_MTU ? LEAST_MTU : mtu;
}

static void send_part(const struct office *office, struct bytes message, const struct ip6 *to)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
					.sin6_scope_id = (uint32_t)office->identity.index };
	struct in6_pktinfo source = { .ipi6_ifindex = (unsigned)office->identity.index };
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(source))];
	} control = { 0 };
	struct iovec data = { (void *)message.data, message.len };
	struct msghdr whole = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&whole);

	memcpy(&address.sin6_addr, to, sizeof(*to));
	memcpy(&source.ipi6_addr, &office->identity.link_local, sizeof(source.ipi6_addr));
	head->cmsg_level = IPPROTO_IPV6;
	head->cmsg_type = IPV6_PKTINFO;
	head->cmsg_len = CMSG_LEN(sizeof(source));
	memcpy(CMSG_DATA(head), &source, sizeof(source));
	/* the next one comes soon enough */
	if (sendmsg(office->of->raw, &whole, 0) < 0)
		log_debug("delegate: no advertisement on %s: %s", office->name, strerror(errno));
}

static void send_ra(const struct office *office, const struct ra *ra, const struct ra *behind,
		    const struct ip6 *to)
{
	struct ra_parts parts = ra_parts_of(ra, behind);
	uint8_t message[RA_MAX_LEN];
	size_t room = mtu_of(office) - IP6_HEADER_LEN;

	for (;;) {
		struct writer w =
			writer_over(message, room < sizeof(message) ? room : sizeof(message));

		if (!ra_parts_next(&parts, &w) || w.full)
			break; /* full: what routers said fits, or was not taken in */
		send_part(office, writer_bytes(&w), to);
	}
}

static void compose(const struct office *office, struct ra *ra)
{
	const struct delegate *delegate = office->of;
	const struct delegate_network network = {
		.delegated = delegate->prefix.prefix,
		.subnet = office->subnet,
		.preferred_s = delegate_left_s(delegate, delegate->prefix.preferred_ms),
		.valid_s = delegate_left_s(delegate, delegate->prefix.valid_ms),
		.mac = office->identity.mac,
		.mtu = mtu_of(office),
	};

	delegate_compose(delegate->heard, &network, uv_now(delegate->loop), ra);
}

static void note(struct office *office, const struct ra *before, const struct ra *now)
{
	if (!farewells_note(&office->farewells, before, now, uv_now(office->of->loop)))
		log_error("delegate: out of memory: hosts on %s are not told what is gone",
			  office->name);
}

/* Of what was said there is less left by now. */
static void let_age(struct office *office)
{
	uint64_t now_ms = uv_now(office->of->loop);
	uint32_t gone_s = (uint32_t)((now_ms - office->said_ms) / 1000);

	for (unsigned i = 0; i < office->said.prefix_count; i++) {
		struct ra_prefix *prefix = &office->said.prefix[i];

		prefix->valid_s -= gone_s < prefix->valid_s ? gone_s : prefix->valid_s;
	}
	office->said_ms += gone_s * 1000ull;
}

/* What is to be said now; what is not in it any more is noted. */
static void refresh(struct office *office)
{
	struct ra ra;

	compose(office, &ra);
	if (office->said_ms > 0) {
		let_age(office);
		note(office, &office->said, &ra);
	}
	office->said = ra;
	office->said_ms = uv_now(office->of->loop);
}

static void say(struct office *office, const struct ip6 *to)
{
	struct ra ra, more;

	refresh(office);
	ra = office->said;
	bool has_more = farewells_add(&office->farewells, uv_now(office->of->loop), &ra, &more);
	send_ra(office, &ra, has_more ? &more : NULL, to);
}

/* With what is left of the lifetime that hosts were promised. */
static void say_final(struct office *office)
{
	struct ra ra, more;

	let_age(office);
	ra = office->said;
	delegate_make_final(&ra);
	(void)farewells_add(&office->farewells, uv_now(office->of->loop), &ra, &more);
	send_ra(office, &ra, NULL, &ip6_all_nodes);
}

/* ---- when ---- */

static void on_timer(uv_timer_t *timer);

static void send_due(struct office *office)
{
	uint64_t now_ms = uv_now(office->of->loop);
	struct ra_interval interval = delegate_interval(&office->said);
	struct ra_asking to;

	for (;;) {
		bool is_final = office->schedule.phase == RA_CEASING;

		switch (ra_schedule_take(&office->schedule, &interval, now_ms,
					 (uint32_t)delegate_dice(), &to)) {
		case RA_DUE_MULTICAST:
			if (is_final) {
				say_final(office);
			} else {
				say(office, &ip6_all_nodes);
				farewells_said(&office->farewells, now_ms);
			}
			continue;
		case RA_DUE_UNICAST: say(office, &to.address); continue;
		case RA_DUE_NOTHING: break;
		}
		break;
	}
	uint64_t due_ms = office->schedule.due_ms;
	if (due_ms == RA_NEVER_MS || office->schedule.phase == RA_OFF)
		uv_timer_stop(&office->timer);
	else
		uv_timer_start(&office->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
	send_due(timer->data);
}

void delegate_radv_start(struct office *office)
{
	if (!office->identity.has_link_local || !office->has_subnet)
		return; /* delegate_office_look comes back to it */
	refresh(office);
	ra_schedule_start(&office->schedule, uv_now(office->of->loop));
	send_due(office);
}

void delegate_radv_cease(struct office *office, unsigned finals)
{
	if (office->schedule.phase == RA_OFF)
		return;
	if (!office->identity.has_link_local)
		finals = 0;
	ra_schedule_stop(&office->schedule, finals, uv_now(office->of->loop));
	send_due(office);
}

void delegate_radv_heard(struct office *office)
{
	struct ra ra;

	if (!office->has_subnet || office->schedule.phase == RA_OFF ||
	    office->schedule.phase == RA_CEASING)
		return;
	compose(office, &ra);
	if (delegate_same(&ra, &office->said))
		return;
	refresh(office);
	ra_schedule_changed(&office->schedule, uv_now(office->of->loop));
	send_due(office);
}

void delegate_radv_disown(struct office *office, const struct prefix6 *prefix, uint32_t valid_s)
{
	static const struct ra nothing;
	struct ra before = { .prefix_count = 1 };

	before.prefix[0] = (struct ra_prefix) {
		.prefix = *prefix,
		.on_link = true,
		.autonomous = true,
		.valid_s = valid_s < PROMISED_MOST_S ? valid_s : PROMISED_MOST_S,
	};
	note(office, &before, &nothing);
}

bool delegate_radv_is_silent(const struct delegate *delegate)
{
	for (unsigned i = 0; i < delegate->office_count; i++)
		if (delegate->office[i].schedule.phase != RA_OFF)
			return false;
	return true;
}

/* ---- solicitations ---- */

/* rs_check takes a packet: what the kernel has taken off is put in front again. */
static void hear(struct delegate *delegate, const struct packet_ends *ends, int hop_limit,
		 int index, struct bytes message)
{
	uint8_t packet[IP6_HEADER_LEN + SOLICITATION_MAX];
	struct writer w = writer_over(packet, sizeof(packet));
	struct ra_asking from = { .address = ends->source };
	struct rs rs;

	writer_u32(&w, 6u << 28);
	writer_u16(&w, (uint16_t)message.len);
	writer_u8(&w, IP_ICMP6);
	writer_u8(&w, (uint8_t)hop_limit);
	writer_copy(&w, &ends->source, sizeof(ends->source));
	writer_copy(&w, &ends->destination, sizeof(ends->destination));
	writer_copy(&w, message.data, message.len);
	if (w.full || rs_check(writer_bytes(&w), &rs) != RS_VALID)
		return;
	for (unsigned i = 0; i < delegate->office_count; i++) {
		struct office *office = &delegate->office[i];

		if (office->identity.index != index || !office->has_subnet ||
		    office->schedule.phase == RA_OFF)
			continue;
		ra_schedule_solicited(&office->schedule,
				      ip6_is_unspecified(&from.address) ? NULL : &from,
				      uv_now(delegate->loop), (uint32_t)delegate_dice());
		send_due(office);
	}
}

static bool read_one(struct delegate *delegate)
{
	uint8_t message[SOLICITATION_MAX];
	struct sockaddr_in6 from = { 0 };
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { message, sizeof(message) };
	struct msghdr whole = { .msg_name = &from,
				.msg_namelen = sizeof(from),
				.msg_iov = &data,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control.room) };
	ssize_t len = recvmsg(delegate->raw, &whole, 0);
	struct in6_pktinfo to = { 0 };
	struct packet_ends ends = { 0 };
	int hop_limit = 0;

	if (len < 0)
		return false;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(&whole); head; head = CMSG_NXTHDR(&whole, head)) {
		if (head->cmsg_level != IPPROTO_IPV6)
			continue;
		if (head->cmsg_type == IPV6_PKTINFO)
			memcpy(&to, CMSG_DATA(head), sizeof(to));
		if (head->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hop_limit, CMSG_DATA(head), sizeof(hop_limit));
	}
	memcpy(&ends.source, &from.sin6_addr, sizeof(ends.source));
	memcpy(&ends.destination, &to.ipi6_addr, sizeof(ends.destination));
	if (!(whole.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		hear(delegate, &ends, hop_limit, (int)to.ipi6_ifindex,
		     (struct bytes) { message, (size_t)len });
	return true;
}

static void on_raw(uv_poll_t *poll, int status, int events)
{
	struct delegate *delegate = poll->data;

	for (unsigned n = 0; n < 64 && read_one(delegate); n++) {
	}
}

void delegate_radv_join(struct office *office)
{
	struct ipv6_mreq group = { .ipv6mr_interface = (unsigned)office->identity.index };

	group.ipv6mr_multiaddr = (struct in6_addr) { { { 0xff, 2, [15] = 2 } } }; /* all routers */
	if (setsockopt(office->of->raw, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group, sizeof(group)) <
		    0 &&
	    errno != EADDRINUSE)
		log_warning("delegate: solicitations on %s are not heard: %s", office->name,
			    strerror(errno));
}

int delegate_radv_open(struct delegate *delegate, struct err *err)
{
	struct icmp6_filter filter;
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	delegate->raw = fd;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &filter);
	const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
		/* RFC 4861 6.1.2 */
		{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255 },
		{ IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255 },
		/* a host that does not forward would obey its own advertisements */
		{ IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0 },
	};
	for (unsigned i = 0; fd >= 0 && i < ARRAY_LEN(options); i++)
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			       sizeof(options[i].value)) < 0)
			return err_errno(err, "cannot prepare Router Advertisements");
	if (fd < 0 || setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) < 0)
		return err_errno(err, "cannot send Router Advertisements");
	if (uv_poll_init(delegate->loop, &delegate->raw_poll, fd) < 0)
		return err_set(err, "cannot watch for Router Solicitations");
	delegate->raw_poll.data = delegate;
	uv_poll_start(&delegate->raw_poll, UV_READABLE, on_raw);
	return 0;
}
