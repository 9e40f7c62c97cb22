/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_handout.c - the options of a client's settings.
 *
 * What Router Advertisements say of DNS, encrypted DNS and the captive portal, DHCPv6 says as well:
 * some hosts believe only one of the two.
 */
#include "server/dhcp6_handout.h"

static int add_dns(const struct ra_settings *settings, struct dhcp6_handout *handout,
		   struct err *err)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;
	bool own = dhcp6->dns_count > 0;
	unsigned count = own ? dhcp6->dns_count : settings->dns_count;

	return count == 0 ? 0
			  : dhcp6_handout_addresses(handout, DHCP6_OPTION_DNS_SERVERS,
						    own ? dhcp6->dns : settings->dns, count, err);
}

static int add_search(const struct ra_settings *settings, struct dhcp6_handout *handout,
		      struct err *err)
{
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;
	bool own = dhcp6->search_count > 0;
	unsigned count = own ? dhcp6->search_count : settings->search_count;
	const char *domain[RA_MAX_SEARCH];

	for (unsigned i = 0; i < count; i++)
		domain[i] = own ? dhcp6->search[i] : settings->search[i];
	return count == 0 ? 0 : dhcp6_handout_search(handout, domain, count, err);
}

static int add_resolvers(const struct ra_settings *settings, struct dhcp6_handout *handout,
			 struct err *err)
{
	for (unsigned i = 0; i < settings->dnr_count; i++) {
		const struct ra_dnr *dnr = &settings->dnr[i];
		const struct dhcp6_resolver resolver = {
			.priority = dnr->priority,
			.port = dnr->port,
			.name = dnr->name,
			.alpn = dnr->alpn,
			.dohpath = dnr->dohpath,
			.address_count = dnr->address_count,
			.address = dnr->address,
		};

		if (dhcp6_handout_dnr(handout, &resolver, err) < 0)
			return -1;
	}
	return 0;
}

static int add_seconds(const struct dhcp6_settings *dhcp6, struct dhcp6_handout *handout,
		       struct err *err)
{
	const struct {
		enum dhcp6_code code;
		uint32_t seconds;
	} all[] = {
		{ DHCP6_OPTION_INFORMATION_REFRESH, dhcp6->refresh_s },
		{ DHCP6_OPTION_SOL_MAX_RT, dhcp6->sol_max_rt_s },
		{ DHCP6_OPTION_INF_MAX_RT, dhcp6->inf_max_rt_s },
	};

	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].seconds > 0 &&
		    dhcp6_handout_seconds(handout, all[i].code, all[i].seconds, err) < 0)
			return -1;
	return 0;
}

static int add_own(const struct dhcp6_settings *dhcp6, struct dhcp6_handout *handout,
		   struct err *err)
{
	for (unsigned i = 0; i < dhcp6->ntp_count; i++)
		if (dhcp6_handout_ntp(handout, &dhcp6->ntp[i], NULL, err) < 0)
			return -1;
	for (unsigned i = 0; i < dhcp6->option_count; i++) {
		const struct config_option *option = &dhcp6->option[i];

		if (dhcp6_handout_raw(handout, option->code,
				      (struct bytes) { option->data, option->len }, err) < 0)
			return -1;
	}
	return add_seconds(dhcp6, handout, err);
}

int dhcp6_handout_compose(const struct ra_settings *settings, struct dhcp6_handout *handout,
			  struct err *err)
{
	handout->count = 0;
	handout->used = 0;
	if (add_dns(settings, handout, err) < 0 || add_search(settings, handout, err) < 0 ||
	    add_resolvers(settings, handout, err) < 0)
		return -1;
	if (settings->captive_portal[0] && dhcp6_handout_text(handout, DHCP6_OPTION_CAPTIVE_PORTAL,
							      settings->captive_portal, err) < 0)
		return -1;
	return add_own(&settings->dhcp6, handout, err);
}
