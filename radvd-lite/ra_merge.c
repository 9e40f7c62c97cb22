/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_merge.c - what several parts of a Router Advertisement say together.
 *
 * RFC 4861 6.3.4: a host that hears an RA updates what it heard before; an option that is not
 * in it leaves what was said as it is.
 */
#include "radvd-lite/ra_entries.h"
#include "radvd-lite/ra_parts.h"

static void merge_list(enum ra_entries list, struct ra *whole, const struct ra *part)
{
	const struct ra_entries_shape *shape = &ra_entries_shape[list];
	unsigned *count = ra_entries_count(list, whole);

	for (unsigned i = 0; i < *ra_entries_count(list, part); i++) {
		const char *from = ra_entries_at(list, part, i);
		unsigned at = 0;

		while (at < *count && !shape->same(ra_entries_at(list, whole, at), from))
			at++;
		if (at == shape->max)
			continue;
		memcpy(ra_entries_at(list, whole, at), from, shape->size);
		if (at == *count)
			++*count;
	}
}

void ra_merge(struct ra *whole, const struct ra *part)
{
	whole->hop_limit = part->hop_limit;
	whole->managed = part->managed;
	whole->other = part->other;
	whole->preference = part->preference;
	whole->lifetime_s = part->lifetime_s;
	whole->reachable_ms = part->reachable_ms;
	whole->retrans_ms = part->retrans_ms;
	if (part->has_source_mac) {
		whole->has_source_mac = true;
		whole->source_mac = part->source_mac;
	}
	if (part->mtu > 0)
		whole->mtu = part->mtu;
	if (part->captive_portal[0] != '\0')
		memcpy(whole->captive_portal, part->captive_portal, sizeof(whole->captive_portal));
	if (part->dns_count > 0)
		whole->dns_lifetime_s = part->dns_lifetime_s;
	if (part->search_count > 0)
		whole->search_lifetime_s = part->search_lifetime_s;
	for (unsigned list = 0; list < RA_ENTRIES; list++)
		merge_list(list, whole, part);
}
