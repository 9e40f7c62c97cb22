/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/answering.h
 *
 * Private to dhcp6: one message being answered.
 */
#ifndef DHCP6_ANSWERING_H
#define DHCP6_ANSWERING_H

#include "dhcp6/engine.h"

/* What is reserved for an IA: looked for once among all, though each of its items asks. */
struct dhcp6_own {
	bool known;
	enum dhcp6_kind kind;
	uint32_t iaid;
	const struct dhcp6_reservation *reservation;
};

struct dhcp6_answering {
	struct dhcp6_leases *leases;
	const struct dhcp6_link *link;
	const struct dhcp6_arrival *arrival;
	const struct dhcp6_request *request;
	struct dhcp6_identity identity; /* its iaid is that of the IA in hand */
	uint64_t now_s;
	bool commit; /* what is given is given, not only offered */
	struct writer *w;
	struct dhcp6_own *own; /* of the IA in hand; NULL: it is looked for each time */
};

/* A Reconfigure would have to take the relay's way (18.3.11), which nobody remembers. */
static inline bool dhcp6_takes_reconfigure(const struct dhcp6_answering *a)
{
	return a->request->reconfigure_accept && a->request->relay_count == 0;
}

/* ---- choice.c: what an IA gets ---- */
/* Is there anything in this set for such an IA? */
bool dhcp6_choice_has_set(const struct dhcp6_answering *a, enum dhcp6_kind kind, unsigned set);
/* Offered, active or remembered: the one the IA has or is chosen now; NULL: nothing is left. */
struct dhcp6_lease *dhcp6_choose(const struct dhcp6_answering *a, const struct dhcp6_ia *ia,
				 unsigned set);
/* Exactly this, if it is given here and free; NULL: it is not. */
struct dhcp6_lease *dhcp6_choose_this(const struct dhcp6_answering *a, enum dhcp6_kind kind,
				      const struct prefix6 *what);
/* May the client have (or keep) it, leases of others aside? */
bool dhcp6_choice_fits(const struct dhcp6_answering *a, enum dhcp6_kind kind,
		       const struct prefix6 *what);
/* Where is it from? */
enum dhcp6_place {
	DHCP6_ELSEWHERE,
	DHCP6_ON_LINK, /* of this link's prefixes, but nothing that we give out */
	DHCP6_OURS,    /* of a pool, or reserved */
};
enum dhcp6_place dhcp6_choice_place(const struct dhcp6_link *link, const struct prefix6 *what);

/* ---- adopt.c ---- */
/* The leases of this IA that are nobody's yet are the client's from now on, those that he may have. */
void dhcp6_adopt(const struct dhcp6_answering *a, enum dhcp6_kind kind);

/* ---- engine_ia.c: IA options of an answer ---- */
/* Writes the answers to all IAs.  False: none of them is ours to speak of, and nothing is changed. */
bool dhcp6_answer_ias(struct dhcp6_answering *a);

/* ---- registration.c: RFC 9686 ---- */
enum dhcp6_result dhcp6_register(struct dhcp6_answering *a);
/* The option that the client sent, as it sent it. */
void dhcp6_write_address(struct writer *w, const struct dhcp6_item *item);

#endif
