/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/radvd-lite/ra_full.h
 *
 * An advertisement with every table full, no entry twice, and every text as long as can be.
 */
#ifndef TESTS_UNIT_RADVD_LITE_RA_FULL_H
#define TESTS_UNIT_RADVD_LITE_RA_FULL_H

#include "tests/unit/radvd-lite/ra_rows.h"

static inline void ra_fill_dnr(struct ra *ra)
{
	for (unsigned i = 0; i < RA_MAX_DNR; i++) {
		struct ra_dnr *dnr = &ra->dnr[i];

		*dnr = (struct ra_dnr) { .priority = (uint16_t)(i + 1),
					 .lifetime_s = 9,
					 .name = LONGEST_TEXT,
					 .address_count = RA_MAX_DNR_ADDRESSES,
					 .alpn = "dot,http/1.1",
					 .port = 853,
					 .dohpath = "/{?dns}" };
		for (unsigned j = 0; j < RA_MAX_DNR_ADDRESSES; j++)
			dnr->address[j] = (struct ip6)DB8((uint8_t)i, (uint8_t)j);
		memset(dnr->alpn + 12, 'a', RA_MAX_ALPN - 13);
		memset(dnr->dohpath + 7, 'a', RA_MAX_DOHPATH - 8);
	}
	ra->dnr_count = RA_MAX_DNR;
}

static inline void ra_fill(struct ra *ra)
{
	*ra = (struct ra) { .hop_limit = 64,
			    .managed = true,
			    .lifetime_s = 1800,
			    .preference = RA_LOW,
			    .has_source_mac = true,
			    .source_mac = LOCAL_MAC,
			    .mtu = 1280,
			    .prefix_count = RA_MAX_PREFIXES,
			    .route_count = RA_MAX_ROUTES,
			    .dns_count = RA_MAX_DNS,
			    .dns_lifetime_s = 7,
			    .search_count = RA_MAX_SEARCH,
			    .search_lifetime_s = 8,
			    .captive_portal = "https://",
			    .pref64_count = RA_MAX_PREF64 };
	for (unsigned i = 0; i < RA_MAX_PREFIXES; i++)
		ra->prefix[i].prefix = (struct prefix6) { DB8((uint8_t)i), 40 };
	for (unsigned i = 0; i < RA_MAX_ROUTES; i++)
		ra->route[i].prefix = (struct prefix6) { DB8((uint8_t)i, [15] = 1), 128 };
	for (unsigned i = 0; i < RA_MAX_DNS; i++)
		ra->dns[i] = (struct ip6)DB8((uint8_t)i);
	for (unsigned i = 0; i < RA_MAX_SEARCH; i++) {
		strcpy(ra->search[i], LONGEST_TEXT);
		ra->search[i][0] = (char)('a' + i);
	}
	for (unsigned i = 0; i < RA_MAX_PREF64; i++)
		ra->pref64[i] = (struct ra_pref64) { { DB8((uint8_t)i), 96 }, 8 };
	memset(ra->captive_portal + 8, 'a', RA_MAX_URI - 9);
	ra_fill_dnr(ra);
}

#endif
