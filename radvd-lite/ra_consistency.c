/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_consistency.c - what two routers of one link contradict each other in.
 *
 * Not here: whose RA it is, whether it is valid, what to do about it (log, count, show: server/).
 *
 * RFC 4861 6.2.7.
 */
#include "radvd-lite/ra_consistency.h"

#include <strings.h>

const char *const ra_conflict_name[RA_CONFLICTS] = {
	[RA_CONFLICT_HOP_LIMIT] = "hop_limit",
	[RA_CONFLICT_MANAGED] = "managed",
	[RA_CONFLICT_OTHER] = "other",
	[RA_CONFLICT_REACHABLE] = "reachable",
	[RA_CONFLICT_RETRANS] = "retrans",
	[RA_CONFLICT_MTU] = "mtu",
	[RA_CONFLICT_VALID] = "valid",
	[RA_CONFLICT_PREFERRED] = "preferred",
	[RA_CONFLICT_DNS] = "dns",
	[RA_CONFLICT_SEARCH] = "search",
	[RA_CONFLICT_PORTAL] = "captive_portal",
};

struct differences {
	struct ra_difference *list;
	unsigned count, max;
};

static void add(struct differences *found, struct ra_difference difference)
{
	if (found->count < found->max)
		found->list[found->count] = difference;
	found->count++;
}

/* "except for the unspecified value of zero" */
static void compare_given(struct differences *found, enum ra_conflict what, uint32_t ours,
			  uint32_t theirs)
{
	if (ours != 0 && theirs != 0 && ours != theirs)
		add(found, (struct ra_difference) { what, ours, theirs });
}

static void compare_flag(struct differences *found, enum ra_conflict what, bool ours, bool theirs)
{
	if (ours != theirs)
		add(found, (struct ra_difference) { what, ours, theirs });
}

static void compare_lifetime(struct differences *found, struct ra_difference of, uint32_t skew_s)
{
	bool has_end = of.ours != RA_FOREVER && of.theirs != RA_FOREVER;
	uint32_t apart_s = of.ours > of.theirs ? of.ours - of.theirs : of.theirs - of.ours;

	/* both are what is left now: so it is their ends that are compared */
	if (apart_s > (has_end ? skew_s : 0))
		add(found, of);
}

static void compare_prefixes(struct differences *found, const struct ra *ours,
			     const struct ra *theirs, uint32_t skew_s)
{
	for (unsigned i = 0; i < ours->prefix_count; i++) {
		const struct ra_prefix *a = &ours->prefix[i];

		for (unsigned k = 0; k < theirs->prefix_count; k++) {
			const struct ra_prefix *b = &theirs->prefix[k];

			if (!prefix6_equal(&a->prefix, &b->prefix))
				continue;
			compare_lifetime(found,
					 (struct ra_difference) { RA_CONFLICT_VALID, a->valid_s,
								  b->valid_s, a->prefix },
					 skew_s);
			compare_lifetime(found,
					 (struct ra_difference) { RA_CONFLICT_PREFERRED,
								  a->preferred_s, b->preferred_s,
								  a->prefix },
					 skew_s);
		}
	}
}

static void compare_servers(struct differences *found, const struct ra *ours,
			    const struct ra *theirs)
{
	for (unsigned i = 0; i < ours->dns_count; i++) {
		for (unsigned k = 0; k < theirs->dns_count; k++) {
			if (ip6_equal(&ours->dns[i], &theirs->dns[k]))
				compare_lifetime(found,
						 (struct ra_difference) { RA_CONFLICT_DNS,
									  ours->dns_lifetime_s,
									  theirs->dns_lifetime_s,
									  { ours->dns[i], 128 } },
						 0);
		}
	}
}

static void compare_domains(struct differences *found, const struct ra *ours,
			    const struct ra *theirs)
{
	for (unsigned i = 0; i < ours->search_count; i++) {
		for (unsigned k = 0; k < theirs->search_count; k++) {
			if (strcasecmp(ours->search[i], theirs->search[k]) == 0)
				compare_lifetime(found,
						 (struct ra_difference) {
							 .what = RA_CONFLICT_SEARCH,
							 .ours = ours->search_lifetime_s,
							 .theirs = theirs->search_lifetime_s,
							 .domain = ours->search[i] },
						 0);
		}
	}
}

unsigned ra_compare(const struct ra *ours, const struct ra *theirs, uint32_t skew_s,
		    struct ra_difference *list, unsigned max)
{
	struct differences found = { .list = list, .max = max };

	compare_given(&found, RA_CONFLICT_HOP_LIMIT, ours->hop_limit, theirs->hop_limit);
	compare_flag(&found, RA_CONFLICT_MANAGED, ours->managed, theirs->managed);
	compare_flag(&found, RA_CONFLICT_OTHER, ours->other, theirs->other);
	compare_given(&found, RA_CONFLICT_REACHABLE, ours->reachable_ms, theirs->reachable_ms);
	compare_given(&found, RA_CONFLICT_RETRANS, ours->retrans_ms, theirs->retrans_ms);
	compare_given(&found, RA_CONFLICT_MTU, ours->mtu, theirs->mtu);
	compare_prefixes(&found, ours, theirs, skew_s);
	compare_servers(&found, ours, theirs);
	compare_domains(&found, ours, theirs);
	if (ours->captive_portal[0] != '\0' && theirs->captive_portal[0] != '\0' &&
	    strcmp(ours->captive_portal, theirs->captive_portal) != 0)
		add(&found, (struct ra_difference) { .what = RA_CONFLICT_PORTAL });
	return found.count;
}
