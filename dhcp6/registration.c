/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/registration.c - clients tell which addresses they made themselves: RFC 9686.
 *
 * Nothing is given here and nothing follows from it but that the address is not leased to
 * somebody else and that people can see whose it is.
 */
#include "dhcp6/answering.h"

void dhcp6_write_address(struct writer *w, const struct dhcp6_item *item)
{
	size_t option = dhcp6_option_open(w, DHCP6_OPTION_IA_ADDRESS);

	writer_copy(w, item->what.address.octet, sizeof(item->what.address.octet));
	writer_u32(w, item->preferred_s);
	writer_u32(w, item->valid_s);
	writer_close(w, option);
}

static bool is_own(const struct dhcp6_answering *a, const struct dhcp6_lease *lease)
{
	return dhcp6_duid_equal(&lease->duid, &a->identity.duid) &&
	       strcmp(lease->user, a->identity.user) == 0;
}

/* 4.2.1: of the link, or of a prefix that was delegated to this very client. */
static enum dhcp6_result check_place(const struct dhcp6_answering *a, const struct prefix6 *what)
{
	const struct dhcp6_lease *lease = dhcp6_leases_overlap(a->leases, what, NULL);
	bool active = lease && lease->state == DHCP6_ACTIVE;

	if (active && lease->kind == DHCP6_PREFIX)
		return is_own(a, lease) ? DHCP6_ANSWERED : DHCP6_NOT_ON_LINK;
	/* "addresses configured by DHCPv6 ... log and discard" */
	if (active)
		return DHCP6_LEASED;
	for (unsigned i = 0; i < a->link->on_link_count; i++) {
		if (prefix6_contains(&a->link->on_link[i], &what->address))
			return DHCP6_ANSWERED;
	}
	return DHCP6_NOT_ON_LINK;
}

static bool record(const struct dhcp6_answering *a, const struct dhcp6_item *item)
{
	struct dhcp6_lease *lease = dhcp6_leases_find(a->leases, &item->what, true);

	bool own = lease && is_own(a, lease);

	if (item->valid_s == 0) { /* 4.6: not used any more by this client */
		if (own)
			dhcp6_lease_forget(a->leases, lease);
		return true;
	}
	if (lease && !own) { /* 4.2.1: "update the binding" */
		dhcp6_lease_forget(a->leases, lease);
		lease = NULL;
	}
	if (!lease)
		lease = dhcp6_leases_add(a->leases, &item->what, DHCP6_REGISTERED, &a->identity,
					 a->now_s);
	if (!lease)
		return false;
	lease->preferred_s = item->preferred_s;
	lease->valid_s = item->valid_s;
	lease->has_mac = a->identity.has_mac;
	lease->mac = a->identity.mac;
	lease->peer = a->arrival->source;
	memcpy(lease->host, a->request->host, sizeof(lease->host));
	lease->interface_id = dhcp6_relay_id_of(dhcp6_request_interface_id(a->request));
	lease->remote_id = dhcp6_relay_id_of(a->request->remote_id);
	dhcp6_lease_activate(a->leases, lease, a->now_s);
	return true;
}

enum dhcp6_result dhcp6_register(struct dhcp6_answering *a)
{
	const struct dhcp6_request *request = a->request;
	const struct dhcp6_item *item = &request->address;
	const struct ip6 *source = request->relay_count > 0
					   ? &request->relay[request->relay_count - 1].peer
					   : &a->arrival->source;

	if (!a->link->registration)
		return DHCP6_NO_REGISTRATION;
	if (!ip6_equal(&item->what.address, source))
		return DHCP6_WRONG_SOURCE;
	enum dhcp6_result place = check_place(a, &item->what);
	if (place != DHCP6_ANSWERED)
		return place;
	return record(a, item) ? DHCP6_ANSWERED : DHCP6_NO_REGISTRATION;
}
