/* SPDX-License-Identifier: Apache-2.0 */
/* client/doctor_look_ra.c
 *
 * The Router Advertisement: as the running client overheard it.  Where the kernel shows no sign of
 * it, it is asked for with a solicitation on the host's own interface, and listened for behind the
 * host's firewall, where the kernel hears it.
 *
 * RFC 4861 4.1, 4.2, 6.1.2, 6.3.7.
 */
#include <poll.h>
#include <unistd.h>

#include "client/doctor_nd.h"
#include "client/doctor_private.h"
#include "client/doctor_ra_json.h"
#include "radvd-lite/ra_parts.h"

#define PARTS_MS 20
#define MAX_PARTS 16
#define ANSWER_LIMIT_MS 2500 /* MAX_RA_DELAY_TIME, and a server that asks its state first */
#define AGAIN_MS 1000
#define RA_MAX 4096

/* RFC 4861 6.1.2. */
static bool receive(int fd, struct ip6 *from, struct ra *ra)
{
	uint8_t bytes[RA_MAX];
	size_t len = nd_receive(fd, from, bytes, sizeof(bytes));

	return len > 0 && ip6_is_link_local(from) && ra_parse((struct bytes) { bytes, len }, ra);
}

/* What one packet cannot hold comes in several, one right behind the other (RFC 4861 6.2.3). */
static void hear_parts(struct doctor *doctor, int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	struct ip6 from;
	struct ra part;

	for (unsigned i = 0; i < MAX_PARTS && poll(&polled, 1, PARTS_MS) > 0; i++)
		if (receive(fd, &from, &part) && ip6_equal(&from, &doctor->router))
			ra_merge(&doctor->ra, &part);
}

static bool ask_router(struct doctor *doctor)
{
	int fd = nd_open(doctor->identity.index, ND_RA);
	uint64_t start_ms = doctor_now_ms(), now_ms = start_ms, asked_ms = 0;
	bool heard = false;

	if (fd < 0)
		return false;
	while (!heard && now_ms < start_ms + ANSWER_LIMIT_MS) {
		struct pollfd polled = { .fd = fd, .events = POLLIN };

		if (asked_ms == 0 || now_ms >= asked_ms + AGAIN_MS) {
			nd_solicit(fd, &doctor->identity, ND_RS, NULL);
			asked_ms = now_ms;
		}
		if (poll(&polled, 1, doctor_wait_ms(doctor, AGAIN_MS / 4)) > 0)
			heard = receive(fd, &doctor->router, &doctor->ra);
		now_ms = doctor_now_ms();
	}
	if (heard)
		hear_parts(doctor, fd);
	close(fd);
	return heard;
}

/* The kernel has something that only an advertisement of this router can have brought. */
static bool host_obeyed(const struct doctor *doctor, const struct ra_said *said)
{
	for (unsigned i = 0; i < doctor->route_count; i++)
		if (doctor->route[i].has_gateway &&
		    ip6_equal(&doctor->route[i].gateway, &said->from))
			return true;
	for (unsigned i = 0; i < doctor->link_count; i++)
		for (unsigned k = 0; k < said->ra.prefix_count; k++)
			if (!doctor->link_address[i].permanent &&
			    prefix6_contains(&said->ra.prefix[k].prefix,
					     &doctor->link_address[i].address))
				return true;
	return false;
}

static bool read_said(struct doctor *doctor, struct ra_said *said)
{
	doctor_ask_client(doctor);
	return doctor_ra_read(json_object_get(doctor->status, "ra"), said);
}

/*
 * Did a new one come through the tunnel between these two looks?  Only that, with silence here,
 * tells of a firewall: a router need not answer each solicitation (RFC 7772 5).  The age is in whole
 * seconds, so it must have been one at first.
 */
static bool is_newer(const struct ra_said *now, const struct ra_said *before, uint64_t apart_ms)
{
	return ((uint64_t)now->age_s + 1) * 1000 <= (uint64_t)before->age_s * 1000 + apart_ms;
}

/* The client heard one and the kernel shows no sign of it: true if that is not a firewall's doing. */
static bool is_let_through(struct doctor *doctor, struct ra_said *said)
{
	struct ra_said before;

	if (said->age_s == 0)
		usleep(AGAIN_MS * 1000);
	if (!read_said(doctor, &before))
		return true;
	doctor_read_host(doctor);
	uint64_t start_ms = doctor_now_ms();
	if (host_obeyed(doctor, &before) || ask_router(doctor) || !read_said(doctor, said))
		return true;
	return !is_newer(said, &before, doctor_now_ms() - start_ms);
}

void look_ra(struct doctor *doctor, struct findings *findings)
{
	struct ra_facts facts = { 0 };
	struct ra_said said;

	doctor_read_host(doctor);
	facts.heard_by_client = read_said(doctor, &said);
	if (facts.heard_by_client) {
		facts.heard_by_host = host_obeyed(doctor, &said) || is_let_through(doctor, &said);
		doctor->router = said.from;
		doctor->ra = said.ra;
		facts.age_s = said.age_s;
		facts.next_s = said.next_s;
	} else if (ask_router(doctor)) {
		facts.heard_by_client = facts.heard_by_host = true;
		facts.next_s = ra_next_s(&doctor->ra);
	}
	facts.ra = &doctor->ra;
	facts.from = doctor->router;
	judge_ra(findings, &doctor->settings, &facts);
}
