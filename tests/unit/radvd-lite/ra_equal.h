/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/ra_equal.h
 *
 * Do two advertisements say the same?  Field by field: padding is nobody's business.  Shared by
 * the unit tests and the fuzzer.
 */
#ifndef TESTS_UNIT_RADVD_LITE_RA_EQUAL_H
#define TESTS_UNIT_RADVD_LITE_RA_EQUAL_H

#include "radvd-lite/ra.h"

static inline bool ra_equal_lists(const struct ra *a, const struct ra *b)
{
	for (unsigned i = 0; i < a->prefix_count; i++) {
		const struct ra_prefix *p = &a->prefix[i], *q = &b->prefix[i];
		if (!prefix6_equal(&p->prefix, &q->prefix) || p->on_link != q->on_link ||
		    p->autonomous != q->autonomous || p->valid_s != q->valid_s ||
		    p->preferred_s != q->preferred_s || p->pd_preferred != q->pd_preferred ||
		    p->has_router_address != q->has_router_address ||
		    !ip6_equal(&p->router_address, &q->router_address))
			return false;
	}
	for (unsigned i = 0; i < a->route_count; i++) {
		const struct ra_route *p = &a->route[i], *q = &b->route[i];
		if (!prefix6_equal(&p->prefix, &q->prefix) || p->preference != q->preference ||
		    p->lifetime_s != q->lifetime_s)
			return false;
	}
	for (unsigned i = 0; i < a->dns_count; i++) {
		if (!ip6_equal(&a->dns[i], &b->dns[i]))
			return false;
	}
	for (unsigned i = 0; i < a->search_count; i++) {
		if (strcmp(a->search[i], b->search[i]) != 0)
			return false;
	}
	return true;
}

static inline bool ra_equal_dnr(const struct ra_dnr *p, const struct ra_dnr *q)
{
	for (unsigned i = 0; i < p->address_count && i < q->address_count; i++) {
		if (!ip6_equal(&p->address[i], &q->address[i]))
			return false;
	}
	return p->priority == q->priority && p->lifetime_s == q->lifetime_s &&
	       strcmp(p->name, q->name) == 0 && p->address_count == q->address_count &&
	       strcmp(p->alpn, q->alpn) == 0 && p->port == q->port &&
	       strcmp(p->dohpath, q->dohpath) == 0;
}

/* The lists of options that few networks have. */
static inline bool ra_equal_rest(const struct ra *a, const struct ra *b)
{
	for (unsigned i = 0; i < a->pref64_count; i++) {
		if (!prefix6_equal(&a->pref64[i].prefix, &b->pref64[i].prefix) ||
		    a->pref64[i].lifetime_s != b->pref64[i].lifetime_s)
			return false;
	}
	for (unsigned i = 0; i < a->dnr_count; i++) {
		if (!ra_equal_dnr(&a->dnr[i], &b->dnr[i]))
			return false;
	}
	return true;
}

static inline bool ra_equal(const struct ra *a, const struct ra *b)
{
	return a->hop_limit == b->hop_limit && a->managed == b->managed && a->other == b->other &&
	       a->preference == b->preference && a->lifetime_s == b->lifetime_s &&
	       a->reachable_ms == b->reachable_ms && a->retrans_ms == b->retrans_ms &&
	       a->has_source_mac == b->has_source_mac &&
	       mac_equal(&a->source_mac, &b->source_mac) && a->mtu == b->mtu &&
	       a->prefix_count == b->prefix_count && a->route_count == b->route_count &&
	       a->dns_count == b->dns_count && a->search_count == b->search_count &&
	       a->dns_lifetime_s == b->dns_lifetime_s &&
	       a->search_lifetime_s == b->search_lifetime_s &&
	       strcmp(a->captive_portal, b->captive_portal) == 0 &&
	       a->pref64_count == b->pref64_count && a->dnr_count == b->dnr_count &&
	       ra_equal_lists(a, b) && ra_equal_rest(a, b);
}

#endif
