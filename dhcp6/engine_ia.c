/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/engine_ia.c - the IA options of an answer, one after the other.
 *
 * RFC 9915 18.3.1, 18.3.2, 18.3.4, 18.3.5, 18.3.7, 18.3.8 (what each message does to an IA),
 * 18.3.9-18.3.10 (what the answer holds), 21.4-21.6, 21.21, 21.22; RFC 6603 4.2.
 */
#include "dhcp6/answering.h"

/* How far an IA's answer has come. */
struct ia_answer {
	const struct dhcp6_ia *ia;
	size_t open;
	unsigned given, ended;
	struct prefix6 what[DHCP6_MAX_SETS]; /* given */
};

/* 21.4, 14.2: half and four fifths; one pair for all IAs of an answer, as 18.3.4 asks. */
static void open_ia(const struct dhcp6_answering *a, struct ia_answer *answer, bool times)
{
	uint32_t t1 = a->link->preferred_s / 2, t2 = (uint32_t)(a->link->preferred_s * 4ull / 5);
	bool forever = a->link->preferred_s == DHCP6_FOREVER;

	answer->open = dhcp6_option_open(
		a->w, answer->ia->kind == DHCP6_PREFIX ? DHCP6_OPTION_IA_PD : DHCP6_OPTION_IA_NA);
	writer_u32(a->w, answer->ia->iaid);
	writer_u32(a->w, !times ? 0 : forever ? DHCP6_FOREVER : t1);
	writer_u32(a->w, !times ? 0 : forever ? DHCP6_FOREVER : t2);
}

static void write_status_ia(const struct dhcp6_answering *a, const struct dhcp6_ia *ia,
			    enum dhcp6_status status)
{
	struct ia_answer answer = { .ia = ia };

	open_ia(a, &answer, false);
	dhcp6_option_write_status(a->w, status);
	writer_close(a->w, answer.open);
}

static bool takes_exclude(const struct dhcp6_answering *a)
{
	return dhcp6_request_wants(a->request, DHCP6_OPTION_PD_EXCLUDE);
}

/* RFC 6603 4.2: the length, then the bits after the delegated prefix, from the left. */
static void write_exclude(const struct dhcp6_answering *a, const struct prefix6 *what)
{
	struct prefix6 exclude;

	if (!takes_exclude(a) || !dhcp6_link_exclude(a->link, what, &exclude))
		return;
	size_t option = dhcp6_option_open(a->w, DHCP6_OPTION_PD_EXCLUDE);
	writer_u8(a->w, exclude.len);
	for (unsigned bit = what->len; bit < exclude.len; bit += 8) {
		unsigned octet = 0;

		for (unsigned i = 0; i < 8 && bit + i < exclude.len; i++) {
			unsigned at = bit + i;

			octet |= (exclude.address.octet[at / 8] >> (7 - at % 8) & 1u) << (7 - i);
		}
		writer_u8(a->w, (uint8_t)octet);
	}
	writer_close(a->w, option);
}

static void write_item(const struct dhcp6_answering *a, enum dhcp6_kind kind,
		       const struct prefix6 *what, uint32_t preferred_s, uint32_t valid_s)
{
	if (kind != DHCP6_PREFIX) {
		struct dhcp6_item item = { *what, preferred_s, valid_s };

		dhcp6_write_address(a->w, &item);
		return;
	}
	size_t option = dhcp6_option_open(a->w, DHCP6_OPTION_IA_PREFIX);
	writer_u32(a->w, preferred_s);
	writer_u32(a->w, valid_s);
	writer_u8(a->w, what->len);
	writer_copy(a->w, what->address.octet, sizeof(what->address.octet));
	if (valid_s > 0)
		write_exclude(a, what);
	writer_close(a->w, option);
}

/* What people are shown of a lease, and what has to be said anew when it changes. */
static void note_client(const struct dhcp6_answering *a, struct dhcp6_lease *lease)
{
	lease->has_mac = a->identity.has_mac;
	lease->mac = a->identity.mac;
	if (a->request->host[0] != '\0')
		memcpy(lease->host, a->request->host, sizeof(lease->host));
	lease->interface_id = dhcp6_relay_id_of(dhcp6_request_interface_id(a->request));
	lease->remote_id = dhcp6_relay_id_of(a->request->remote_id);
	lease->excluded = (struct prefix6) { 0 };
	lease->takes_exclude = lease->kind == DHCP6_PREFIX && takes_exclude(a);
	if (lease->takes_exclude)
		(void)dhcp6_link_exclude(a->link, &lease->what, &lease->excluded);
}

static void give(const struct dhcp6_answering *a, struct ia_answer *answer,
		 struct dhcp6_lease *lease)
{
	const struct ip6 *gateway = &a->arrival->gateway;
	const struct ip6 *peer = ip6_is_unspecified(gateway) ? &a->arrival->source : gateway;

	if (a->commit) {
		lease->preferred_s = a->link->preferred_s;
		lease->valid_s = a->link->valid_s;
		lease->reconfigure = dhcp6_takes_reconfigure(a);
		lease->told = dhcp6_handout_digest(a->link->handout);
		lease->peer = *peer;
		note_client(a, lease);
		dhcp6_lease_activate(a->leases, lease, a->now_s);
	} else if (!dhcp6_lease_offer(a->leases, lease, a->now_s)) {
		return;
	}
	write_item(a, answer->ia->kind, &lease->what, a->link->preferred_s, a->link->valid_s);
	answer->what[answer->given++] = lease->what;
}

static void give_of_each_set(const struct dhcp6_answering *a, struct ia_answer *answer)
{
	for (unsigned set = 0; set < DHCP6_MAX_SETS; set++) {
		if (!dhcp6_choice_has_set(a, answer->ia->kind, set))
			continue; /* which spares the search */
		struct dhcp6_lease *lease = dhcp6_choose(a, answer->ia, set);
		if (lease)
			give(a, answer, lease);
	}
}

static void close_ia(const struct dhcp6_answering *a, struct ia_answer *answer)
{
	if (answer->given == 0 && answer->ended == 0)
		dhcp6_option_write_status(a->w, answer->ia->kind == DHCP6_PREFIX
							? DHCP6_STATUS_NO_PREFIX
							: DHCP6_STATUS_NO_ADDRESSES);
	/* T1 and T2 are about what is given */
	if (answer->given == 0 && !a->w->full)
		memset(a->w->buf + answer->open + 4, 0, 8);
	writer_close(a->w, answer->open);
}

/* What the IA has and may not keep, because the configuration is another now. */
static void end_unfit(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	struct dhcp6_lease *lease = NULL, *next;

	for (lease = dhcp6_leases_of(a->leases, ia->kind, &a->identity, NULL); lease;
	     lease = next) {
		next = dhcp6_leases_of(a->leases, ia->kind, &a->identity, lease);
		if (lease->state != DHCP6_DECLINED && !dhcp6_choice_fits(a, ia->kind, &lease->what))
			dhcp6_lease_forget(a->leases, lease);
	}
}

/* ---- Solicit, Request ---- */

/* 18.3.2: of an address that does not belong here nothing else of the IA is said. */
static bool is_off_link(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	for (unsigned i = 0; i < ia->item_count && ia->kind == DHCP6_ADDRESS; i++) {
		if (dhcp6_choice_place(a->link, &ia->item[i].what) == DHCP6_ELSEWHERE)
			return true;
	}
	return false;
}

static void answer_new(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	struct ia_answer answer = { .ia = ia };

	if (a->request->type == DHCP6_REQUEST && is_off_link(a, ia)) {
		write_status_ia(a, ia, DHCP6_STATUS_NOT_ON_LINK);
		return;
	}
	if (a->commit)
		end_unfit(a, ia);
	open_ia(a, &answer, true);
	give_of_each_set(a, &answer);
	close_ia(a, &answer);
}

/* ---- Renew, Rebind ---- */

static bool has_lease(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_of(a->leases, ia->kind, &a->identity, lease))) {
		if (lease->state != DHCP6_DECLINED)
			return true;
	}
	return false;
}

/* 18.3.4, 18.3.5: an IA that we know nothing of.  What it names and is free becomes its lease again
 * (we may have lost our memory), so that the client need not begin anew. */
static bool can_be_restored(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	for (unsigned i = 0; i < ia->item_count; i++) {
		if (dhcp6_choose_this(a, ia->kind, &ia->item[i].what))
			return true;
	}
	/* RFC 9915 18.2.4: IAs that got nothing so far are asked for again, without items */
	return ia->item_count == 0;
}

/* 18.3.4: what the client has and must not use any more has lifetimes of 0. */
static void write_ended(const struct dhcp6_answering *a, struct ia_answer *answer)
{
	for (unsigned i = 0; i < answer->ia->item_count; i++) {
		const struct prefix6 *what = &answer->ia->item[i].what;
		bool given = false;

		for (unsigned j = 0; j < answer->given; j++)
			given = given || prefix6_equal(&answer->what[j], what);
		/* a mere hint at a length is nothing that one has */
		if (given || ip6_is_unspecified(&what->address))
			continue;
		write_item(a, answer->ia->kind, what, 0, 0);
		answer->ended++;
	}
}

/* The place of the item that is nearest to us. */
static enum dhcp6_place place_of(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	enum dhcp6_place nearest = DHCP6_ELSEWHERE;

	for (unsigned i = 0; i < ia->item_count; i++) {
		enum dhcp6_place place = dhcp6_choice_place(a->link, &ia->item[i].what);

		if (place > nearest)
			nearest = place;
	}
	return nearest;
}

/* False: nothing is said about this IA. */
static bool answer_unknown(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	struct ia_answer answer = { .ia = ia };

	enum dhcp6_place place = place_of(a, ia);

	if (a->request->type == DHCP6_RENEW || place == DHCP6_OURS) {
		write_status_ia(a, ia, DHCP6_STATUS_NO_BINDING);
		return true;
	}
	/* 18.3.5: every server hears a Rebind, and this may be another one's lease */
	if (place == DHCP6_ON_LINK)
		return false;
	open_ia(a, &answer, false);
	write_ended(a, &answer);
	writer_close(a->w, answer.open);
	return true;
}

static bool answer_renewal(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	struct ia_answer answer = { .ia = ia };

	if (!has_lease(a, ia) && !can_be_restored(a, ia))
		return answer_unknown(a, ia);
	end_unfit(a, ia);
	open_ia(a, &answer, true);
	give_of_each_set(a, &answer);
	write_ended(a, &answer);
	close_ia(a, &answer);
	return true;
}

/* ---- Release, Decline ---- */

static bool is_bound(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_of(a->leases, ia->kind, &a->identity, lease))) {
		if (lease->state == DHCP6_ACTIVE)
			return true;
	}
	return false;
}

/* Ending one lease may make others forgotten, so each is looked for anew. */
static struct dhcp6_lease *active_one(const struct dhcp6_answering *a, const struct dhcp6_ia *ia,
				      const struct prefix6 *what)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_of(a->leases, ia->kind, &a->identity, lease))) {
		if (lease->state == DHCP6_ACTIVE && prefix6_equal(&lease->what, what))
			return lease;
	}
	return NULL;
}

static void answer_end(const struct dhcp6_answering *a, const struct dhcp6_ia *ia)
{
	bool decline = a->request->type == DHCP6_DECLINE;

	if (!is_bound(a, ia)) {
		write_status_ia(a, ia, DHCP6_STATUS_NO_BINDING);
		return;
	}
	for (unsigned i = 0; i < ia->item_count; i++) {
		struct dhcp6_lease *lease = active_one(a, ia, &ia->item[i].what);

		if (lease && !decline)
			dhcp6_lease_release(a->leases, lease, a->now_s);
		else if (lease && ia->kind == DHCP6_ADDRESS) /* 18.2.8: not for prefixes */
			dhcp6_lease_decline(a->leases, lease, a->now_s);
	}
}

bool dhcp6_answer_ias(struct dhcp6_answering *a)
{
	bool silent = a->request->ia_count > 0;

	for (unsigned i = 0; i < a->request->ia_count; i++) {
		const struct dhcp6_ia *ia = &a->request->ia[i];
		bool said = true;

		a->identity.iaid = ia->iaid;
		switch (a->request->type) {
		case DHCP6_SOLICIT:
		case DHCP6_REQUEST:
			dhcp6_adopt(a, ia->kind);
			answer_new(a, ia);
			break;
		case DHCP6_RENEW:
		case DHCP6_REBIND:
			dhcp6_adopt(a, ia->kind);
			said = answer_renewal(a, ia);
			break;
		default: answer_end(a, ia); break;
		}
		silent = silent && !said;
	}
	return !silent;
}
