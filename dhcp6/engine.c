/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/engine.c - a server's answer to one message: who it is from, whether it gets one, and the
 * parts of the answer around the IAs.
 *
 * Leases change only when the answer is sure to fit: what the IAs can need at most is asked of the
 * writer before.
 *
 * RFC 9915 16 (unicast), 18.3 (server behaviour), 18.3.9-18.3.10, 20.4 (keys for Reconfigure).
 */
#include "dhcp6/answering.h"
#include "dhcp6/rkap.h"

/* What IAs need at most: header and status; each item with the excluded prefix in it. */
#define IA_BYTES (4 + 12 + 4 + 2 + 16)
#define ITEM_BYTES (4 + 25 + 4 + 1 + 4)

/* ---- parts ---- */

static void write_ids(const struct dhcp6_answering *a)
{
	const struct dhcp6_duid *client = &a->request->client_id, *server = &a->link->server_id;

	if (a->request->client_ids > 0)
		dhcp6_option_write(a->w, DHCP6_OPTION_CLIENT_ID,
				   (struct bytes) { client->octet, client->len });
	dhcp6_option_write(a->w, DHCP6_OPTION_SERVER_ID,
			   (struct bytes) { server->octet, server->len });
}

/* 20.4: the key goes out in the clear, to nobody but the client's own port, and when a client is new. */
static void write_key(const struct dhcp6_answering *a)
{
	struct dhcp6_reconfigure_key key =
		dhcp6_reconfigure_key_of(a->link, a->arrival->user, &a->request->client_id);

	uint64_t now = dhcp6_rkap_replay(a->now_s, 0);

	dhcp6_rkap_write(a->w, now > a->link->replay ? now : a->link->replay + 1, DHCP6_RKAP_KEY,
			 key.octet);
}

/* Whom we know: of who has no lease nothing is kept that a Reconfigure could be sent by, and the
 * refresh time (21.23) is the limit of what he does not hear of. */
static bool has_lease(const struct dhcp6_answering *a)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_of_user(a->leases, a->identity.user, lease))) {
		if (lease->state == DHCP6_ACTIVE &&
		    dhcp6_duid_equal(&lease->duid, &a->identity.duid))
			return true;
	}
	return false;
}

/* 21.20: what a client that takes Reconfigure messages has to know. */
static void write_reconfigure(const struct dhcp6_answering *a, enum dhcp6_type answer)
{
	uint8_t type = a->request->type;

	if (!dhcp6_takes_reconfigure(a) || !dhcp6_rkap_on(a->link) || a->request->client_ids == 0 ||
	    (type == DHCP6_INFORMATION_REQUEST && !has_lease(a)))
		return;
	dhcp6_option_write(a->w, DHCP6_OPTION_RECONFIGURE_ACCEPT, (struct bytes) { 0 });
	if (answer == DHCP6_REPLY && type != DHCP6_RENEW && type != DHCP6_REBIND)
		write_key(a);
}

static void write_options(const struct dhcp6_answering *a)
{
	bool asks = dhcp6_request_wants(a->request, DHCP6_OPTION_ADDR_REG_ENABLE);

	if (a->link->registration && asks && 4 <= a->w->cap - a->w->len)
		dhcp6_option_write(a->w, DHCP6_OPTION_ADDR_REG_ENABLE, (struct bytes) { 0 });
	if (a->link->handout)
		dhcp6_handout_write(a->link->handout, a->request, a->w);
}

/* How many leases an IA of this kind can get: one of each set. */
static size_t sets_of(const struct dhcp6_link *link, enum dhcp6_kind kind)
{
	bool has[DHCP6_MAX_SETS] = { link->reservation_count > 0 };
	size_t count = 0;

	for (unsigned i = 0; i < link->pool_count; i++)
		has[link->pool[i].set] |= link->pool[i].kind == kind;
	for (unsigned set = 0; set < DHCP6_MAX_SETS; set++)
		count += has[set];
	return count;
}

static bool has_room(const struct dhcp6_answering *a)
{
	size_t need = IA_BYTES + 3 * 5 + DHCP6_RKAP_OPTION_LEN; /* a status, flags, a key */
	bool renewal = a->request->type == DHCP6_RENEW || a->request->type == DHCP6_REBIND;

	for (unsigned i = 0; i < a->request->ia_count; i++) {
		const struct dhcp6_ia *ia = &a->request->ia[i];

		need += IA_BYTES + sets_of(a->link, ia->kind) * ITEM_BYTES;
		if (renewal) /* what he may not keep comes back with lifetimes of 0 */
			need += ia->item_count * (size_t)ITEM_BYTES;
	}
	return !a->w->full && need <= a->w->cap - a->w->len;
}

/* ---- messages ---- */

static enum dhcp6_result answer_assignment(struct dhcp6_answering *a, enum dhcp6_type answer)
{
	bool rapid = a->request->type == DHCP6_SOLICIT && answer == DHCP6_REPLY;

	a->commit = answer == DHCP6_REPLY;
	if (rapid)
		dhcp6_option_write(a->w, DHCP6_OPTION_RAPID_COMMIT, (struct bytes) { 0 });
	if (answer == DHCP6_ADVERTISE && a->link->preference > 0)
		dhcp6_option_write(a->w, DHCP6_OPTION_PREFERENCE,
				   (struct bytes) { &a->link->preference, 1 });
	if (!dhcp6_answer_ias(a))
		return DHCP6_NOT_OURS;
	write_reconfigure(a, answer);
	write_options(a);
	return DHCP6_ANSWERED;
}

/* 18.3.3: Success only if every address is of this link. */
static enum dhcp6_result answer_confirm(const struct dhcp6_answering *a)
{
	const struct dhcp6_request *request = a->request;
	enum dhcp6_status status = DHCP6_STATUS_SUCCESS;
	bool any = false;

	for (unsigned i = 0; i < request->ia_count; i++) {
		const struct dhcp6_ia *ia = &request->ia[i];

		for (unsigned j = 0; j < ia->item_count && ia->kind == DHCP6_ADDRESS; j++) {
			any = true;
			if (dhcp6_choice_place(a->link, &ia->item[j].what) == DHCP6_ELSEWHERE)
				status = DHCP6_STATUS_NOT_ON_LINK;
		}
	}
	/* nothing to say something about, or nothing known about the link */
	if (!any || (a->link->on_link_count == 0 && a->link->pool_count == 0))
		return DHCP6_NOT_OURS;
	dhcp6_option_write_status(a->w, status);
	write_options(a);
	return DHCP6_ANSWERED;
}

/* 18.3.7, 18.3.8: a Success for the message, and a word about each IA that is not known. */
static enum dhcp6_result answer_end(struct dhcp6_answering *a)
{
	dhcp6_option_write_status(a->w, DHCP6_STATUS_SUCCESS);
	dhcp6_answer_ias(a);
	return DHCP6_ANSWERED;
}

/*
 * Who has leases as well was told of the options with them.  18.2.6: without a Reconfigure Accept he
 * takes no such messages (any more); through a relay nothing is said of the way without it.  A Confirm
 * has no such option (appendix B), and so says nothing.
 */
static void note_told(const struct dhcp6_answering *a)
{
	struct dhcp6_lease *lease = NULL;

	while ((lease = dhcp6_leases_of_user(a->leases, a->identity.user, lease))) {
		if (!dhcp6_duid_equal(&lease->duid, &a->identity.duid))
			continue;
		lease->told = dhcp6_handout_digest(a->link->handout);
		if (a->request->relay_count == 0 && lease->state == DHCP6_ACTIVE)
			dhcp6_lease_accept(a->leases, lease, a->request->reconfigure_accept);
	}
}

static enum dhcp6_result answer_information(const struct dhcp6_answering *a)
{
	note_told(a);
	write_reconfigure(a, DHCP6_REPLY);
	write_options(a);
	return DHCP6_ANSWERED;
}

static enum dhcp6_type answer_type(const struct dhcp6_answering *a)
{
	switch (a->request->type) {
	case DHCP6_SOLICIT:
		return a->request->rapid_commits > 0 && a->link->rapid_commit ? DHCP6_REPLY
									      : DHCP6_ADVERTISE;
	case DHCP6_ADDR_REG_INFORM: return DHCP6_ADDR_REG_REPLY;
	default: return DHCP6_REPLY;
	}
}

static enum dhcp6_result answer_message(struct dhcp6_answering *a, enum dhcp6_type answer)
{
	switch (a->request->type) {
	case DHCP6_SOLICIT:
	case DHCP6_REQUEST:
	case DHCP6_RENEW:
	case DHCP6_REBIND: return answer_assignment(a, answer);
	case DHCP6_CONFIRM: return answer_confirm(a);
	case DHCP6_RELEASE:
	case DHCP6_DECLINE: return answer_end(a);
	case DHCP6_INFORMATION_REQUEST: return answer_information(a);
	case DHCP6_ADDR_REG_INFORM:
		dhcp6_write_address(a->w, &a->request->address); /* 4.3: identical */
		return dhcp6_register(a);
	default: return DHCP6_WRONG_TYPE;
	}
}

/* ---- who and where ---- */

/* 13.1: a relay says which link the client is on; ours are those of the caller's choice. */
static bool is_other_link(const struct dhcp6_link *link, const struct dhcp6_request *request)
{
	const struct ip6 *address = dhcp6_request_link(request);

	if (!address || ip6_is_link_local(address))
		return false;
	for (unsigned i = 0; i < link->on_link_count; i++) {
		if (prefix6_contains(&link->on_link[i], address))
			return false;
	}
	return true;
}

static struct dhcp6_identity identity_of(const struct dhcp6_arrival *arrival,
					 const struct dhcp6_request *request)
{
	bool relayed = request->relay_count > 0;

	return (struct dhcp6_identity) {
		.user = arrival->user,
		.duid = request->client_id,
		.has_mac = relayed ? request->has_mac : true,
		.mac = relayed ? request->mac : arrival->mac,
	};
}

enum dhcp6_result dhcp6_answer(struct dhcp6_leases *leases, const struct dhcp6_link *link,
			       const struct dhcp6_arrival *arrival,
			       const struct dhcp6_request *request, uint64_t now_s,
			       struct writer *answer)
{
	struct dhcp6_own own = { 0 };
	struct dhcp6_answering a = {
		.leases = leases,
		.link = link,
		.arrival = arrival,
		.request = request,
		.now_s = now_s,
		.w = answer,
		.own = &own,
		.identity = identity_of(arrival, request),
	};
	enum dhcp6_result result = dhcp6_request_fault(request, &link->server_id);
	struct dhcp6_relays_open relays;

	if (result != DHCP6_ANSWERED)
		return result;
	/* RFC 9915 16, appendix A: no client has been told an address of ours to send to */
	if (arrival->unicast && request->relay_count == 0)
		return DHCP6_UNICAST;
	if (is_other_link(link, request))
		return DHCP6_OTHER_LINK;
	dhcp6_leases_expire(leases, now_s);
	enum dhcp6_type type = answer_type(&a);
	dhcp6_relays_begin(answer, request, &relays);
	writer_u8(answer, (uint8_t)type);
	writer_u24(answer, request->transaction);
	write_ids(&a);
	if (!has_room(&a))
		return DHCP6_NO_ROOM;
	result = answer_message(&a, type);
	dhcp6_relays_close(answer, request, &relays);
	return result == DHCP6_ANSWERED && answer->full ? DHCP6_NO_ROOM : result;
}
