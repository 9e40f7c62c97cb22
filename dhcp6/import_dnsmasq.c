/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/import_dnsmasq.c - a row of dnsmasq.leases.
 *
 *   EXPIRE MAC ADDRESS NAME CLIENT-ID		IPv4
 *   duid DUID-OF-THE-SERVER
 *   EXPIRE [T]IAID ADDRESS NAME DUID		IPv6; T: of an IA_TA
 *
 * An end of 0 is none; "*" is no name, or no DUID.  dnsmasq delegates no prefixes.
 */
#include "dhcp6/import_private.h"

#include <stdlib.h>

enum { EXPIRE, IAID, ADDRESS, NAME, DUID, WORDS };

static bool split(char *line, const char *word[static WORDS])
{
	char *rest;

	for (unsigned i = 0; i < WORDS; i++) {
		word[i] = strtok_r(i == 0 ? line : NULL, " ", &rest);
		if (!word[i])
			return false;
	}
	return strtok_r(NULL, " ", &rest) == NULL;
}

bool dhcp6_import_read_dnsmasq(struct dhcp6_import *walk, struct dhcp6_import_row *row)
{
	const char *word[WORDS];
	uint64_t until_s, iaid;

	if (strncmp(walk->buf, "duid ", 5) == 0) {
		walk->dnsmasq_six = true;
		return false;
	}
	if (!walk->dnsmasq_six) {
		row->found = DHCP6_IMPORT_IPV4;
		return true;
	}
	if (!split(walk->buf, word)) {
		dhcp6_import_malformed(row, "must be five words: when it ends, IAID, address, "
					    "name, DUID");
		return true;
	}
	bool temporary = word[IAID][0] == 'T';
	if (!dhcp6_import_what(row, word[ADDRESS], 128) ||
	    !dhcp6_import_number(row, "the time", word[EXPIRE], 10, DHCP6_IMPORT_LATEST_S,
				 &until_s) ||
	    !dhcp6_import_number(row, "the IAID", word[IAID] + temporary, 10, UINT32_MAX, &iaid) ||
	    !dhcp6_import_duid(row, word[DUID]))
		return true;
	row->lease.iaid = (uint32_t)iaid;
	dhcp6_import_host(row, word[NAME]);
	if (temporary)
		row->found = DHCP6_IMPORT_TEMPORARY;
	else
		dhcp6_import_times(row, until_s == 0 ? UINT64_MAX : until_s, 0, walk->now_s);
	return true;
}
