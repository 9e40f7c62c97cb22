/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/adopt.c - a lease of another server's comes to the session of its client.
 *
 * That server knew no users, so whose such a lease is nobody can tell for sure: it is the first
 * user's who comes with its DUID and IAID, may have it here, and then no other's.  A DUID is no
 * secret; whether leases are imported in this way at all is for the administrator to say.
 */
#include "dhcp6/answering.h"

/* Somebody on another port uses it: whoever asks now is not its client. */
static bool is_in_use(const struct dhcp6_answering *a, const struct prefix6 *what)
{
	return a->link->in_use && a->link->in_use(a->link->owner, what, &a->identity);
}

void dhcp6_adopt(const struct dhcp6_answering *a, enum dhcp6_kind kind)
{
	struct dhcp6_identity nobody = a->identity;
	struct dhcp6_lease *lease, *next;

	nobody.user = "";
	for (lease = dhcp6_leases_of(a->leases, kind, &nobody, NULL); lease; lease = next) {
		next = dhcp6_leases_of(a->leases, kind, &nobody, lease);
		if (dhcp6_choice_fits(a, kind, &lease->what) && !is_in_use(a, &lease->what))
			dhcp6_lease_adopt(a->leases, lease, a->identity.user);
	}
}
