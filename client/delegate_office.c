/* SPDX-License-Identifier: Apache-2.0 */
/* client/delegate_office.c - the office's interfaces: which has what of the prefix, our address on
 * each, and what a client that was killed has left there.
 *
 * The kernel remembers for us: our addresses and the unreachable route bear our protocol number
 * (bridge/link.h), and their lifetimes are the lease's, so that they go even if we never come back.
 */
#include "client/delegate_private.h"

#define MAX_LEFTOVERS 16
#define MOST_LOST 3 /* one that a link took with it when it went down for a moment comes back */

/* No text: there is none any more. */
static void trouble(struct office *office, const struct err *sentence)
{
	if (strcmp(office->trouble.text, sentence->text) != 0 && sentence->text[0])
		log_warning("delegate: %s", sentence->text);
	office->trouble = *sentence;
}

static void no_trouble(struct office *office)
{
	trouble(office, &(struct err) { 0 });
}

/* ---- addresses ---- */

/* What is set on one that is down has no route to its /64 when it comes up, and is ours to set then:
 * the kernel takes away what has a lifetime. */
static bool is_there(const struct office *office)
{
	return office->identity.index > 0 && office->identity.up;
}

/* Ours, of another prefix than now.  Hosts have it too. */
static void remove_address(struct office *office, const struct link_address *old)
{
	struct prefix6 address = { old->address, old->prefix_len };
	struct prefix6 subnet = prefix6_masked(address);
	struct err err = { 0 };

	if (link_delete_address(office->of->link, office->name, &address, &err) < 0)
		log_warning("delegate: %s", err.text);
	delegate_radv_disown(office, &subnet, old->valid_s);
}

static void add_address(struct office *office)
{
	const struct delegate *delegate = office->of;
	const struct link_lifetimes lifetimes = {
		delegate_left_s(delegate, delegate->prefix.preferred_ms),
		delegate_left_s(delegate, delegate->prefix.valid_ms),
	};
	struct prefix6 address = delegate_address(&office->subnet);
	struct err err = { 0 };

	if (link_lease_address(delegate->link, office->name, &address, &lifetimes, &err) < 0)
		trouble(office, &err);
}

/* RFC 4862 5.4.5: the kernel takes away an address with a lifetime that another host has, and says
 * no more than that.  It is not set again and again. */
static void add_missing(struct office *office)
{
	char text[PREFIX6_TEXT];
	struct err err = { 0 };

	if (office->lost++ < MOST_LOST) {
		add_address(office);
		return;
	}
	err_set(&err, "our address ::1 of %s on %s is taken away: another host there may have it",
		prefix6_text(&office->subnet, text), office->name);
	trouble(office, &err);
}

/* The kernel reports each address that is set, so that only what is missing may be. */
void delegate_office_apply(struct office *office, bool renew)
{
	struct link_address address[LINK_MAX_ADDRESSES];
	struct prefix6 wanted = delegate_address(&office->subnet);
	struct err err = { 0 };
	bool found = false;
	int count = is_there(office) ? link_addresses(office->of->link, office->name, address,
						      LINK_MAX_ADDRESSES, &err)
				     : 0;

	for (int i = 0; i < count; i++) {
		if (office->has_subnet && ip6_equal(&address[i].address, &wanted.address)) {
			found = true;
			if (!address[i].tentative) {
				office->lost = 0;
				no_trouble(office);
			}
		} else if (address[i].ours) {
			remove_address(office, &address[i]);
		}
	}
	if (!is_there(office) || !office->has_subnet)
		return;
	if (renew)
		add_address(office);
	else if (!found)
		add_missing(office);
}

/* ---- the prefix ---- */

static void assign(struct office *office)
{
	struct delegate *delegate = office->of;
	const struct prefix6 *whole = &delegate->prefix.prefix;
	const struct prefix6 *excluded = &delegate->prefix.excluded;
	char text[PREFIX6_TEXT];
	struct err err = { 0 };

	office->has_subnet = delegate->has_prefix &&
			     delegate_subnet(whole, excluded, office->number, &office->subnet);
	if (office->has_subnet) {
		log_info("delegate: %s is %s", office->name, prefix6_text(&office->subnet, text));
	} else if (delegate->has_prefix) {
		unsigned long long count = delegate_subnet_count(whole, excluded);

		err_set(&err, "%s gets no network: %s has one for %llu interface%s only",
			office->name, prefix6_text(whole, text), count, count == 1 ? "" : "s");
		trouble(office, &err);
	}
	delegate_office_apply(office, true);
	if (office->has_subnet)
		delegate_radv_start(office);
	else
		delegate_radv_cease(office, RA_MAX_FINALS);
}

void delegate_office_assign(struct delegate *delegate)
{
	for (unsigned i = 0; i < delegate->office_count; i++)
		assign(&delegate->office[i]);
}

void delegate_office_look(struct office *office)
{
	struct link_identity before = office->identity;
	struct err err = { 0 };

	if (link_identity(office->of->link, office->name, &office->identity, &err) < 0) {
		office->identity = (struct link_identity) { 0 };
		err_context(&err, "%s gets no network", office->name);
		trouble(office, &err);
		return;
	}
	bool is_new = office->identity.index != before.index;
	if (is_new || !office->identity.up)
		office->lost = 0;
	if (is_new) {
		no_trouble(office);
		delegate_radv_join(office);
	}
	if (!office->of->has_prefix)
		return;
	delegate_office_apply(office, false);
	/* hosts that were plugged in meanwhile, or that know us by another address */
	if (office->has_subnet && office->identity.has_link_local &&
	    (is_new || !before.up || !before.has_link_local ||
	     (office->identity.carrier && !before.carrier) ||
	     !ip6_equal(&office->identity.link_local, &before.link_local)))
		delegate_radv_start(office);
}

void delegate_office_leave(struct office *office)
{
	office->has_subnet = false;
	delegate_office_apply(office, false);
}

/* ---- what is left ---- */

static bool has_ours_in(struct office *office, const struct prefix6 *prefix)
{
	struct link_address address[LINK_MAX_ADDRESSES];
	int count = is_there(office) ? link_addresses(office->of->link, office->name, address,
						      LINK_MAX_ADDRESSES, NULL)
				     : 0;

	for (int i = 0; i < count; i++)
		if (address[i].ours && prefix6_contains(prefix, &address[i].address))
			return true;
	return false;
}

/* The unreachable route tells how long it was; that of another client's prefix has nothing here. */
struct prefix6 delegate_office_leftover(struct delegate *delegate)
{
	struct prefix6 found[MAX_LEFTOVERS], leftover = { 0 };
	struct err err = { 0 };
	int count = link_unreachables(delegate->link, found, MAX_LEFTOVERS, &err);

	if (count < 0)
		log_warning("delegate: %s", err.text);
	for (int i = 0; i < count; i++) {
		bool is_ours = false;

		for (unsigned k = 0; k < delegate->office_count; k++)
			is_ours |= has_ours_in(&delegate->office[k], &found[i]);
		if (!is_ours)
			continue;
		leftover = found[i];
		/* it comes back with the prefix, if that does */
		if (link_delete_unreachable(delegate->link, &found[i], &err) < 0)
			log_warning("delegate: %s", err.text);
	}
	return leftover;
}
