/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/import_odhcpd.c - the rows of odhcpd's state file.
 *
 *   # INTERFACE DUID IAID NAME END ASSIGNED LENGTH [ADDRESS/LENGTH ...]
 *
 * A line for each IA, with an address or prefix of each of the interface's networks.  DUID, IAID and
 * ASSIGNED are hexadecimal; an END of -1 is none, of 0 in the past; "-" is no name.  In the place of
 * the IAID "ipv4" says what it is.  Other lines are for a resolver, as in /etc/hosts.
 */
#include "dhcp6/import_private.h"

#include <stdlib.h>

enum { MARK, INTERFACE, DUID, IAID, NAME, END, ASSIGNED, LENGTH, WORDS };

/* What all addresses of a line share, into walk->shared; walk->rest is behind it. */
static bool read_shared(struct dhcp6_import *walk, struct dhcp6_import_row *row)
{
	const char *word[WORDS];
	uint64_t iaid, until_s = UINT64_MAX;

	for (unsigned i = 0; i < WORDS; i++) {
		word[i] = strtok_r(i == 0 ? walk->buf : NULL, " ", &walk->rest);
		if (!word[i])
			return dhcp6_import_malformed(row, "must be at least eight words: #, "
							   "interface, DUID, IAID, name, end, "
							   "number, length");
	}
	if (strcmp(word[IAID], "ipv4") == 0) {
		row->found = DHCP6_IMPORT_IPV4;
		return false;
	}
	if (!dhcp6_import_duid(row, word[DUID]) ||
	    !dhcp6_import_number(row, "the IAID", word[IAID], 16, UINT32_MAX, &iaid) ||
	    (strcmp(word[END], "-1") != 0 &&
	     !dhcp6_import_number(row, "the end", word[END], 10, DHCP6_IMPORT_LATEST_S, &until_s)))
		return false;
	row->lease.iaid = (uint32_t)iaid;
	dhcp6_import_host(row, strcmp(word[NAME], "-") == 0 ? "" : word[NAME]);
	dhcp6_import_times(row, until_s, 0, walk->now_s);
	walk->shared = *row;
	return true;
}

static bool read_address(struct dhcp6_import_row *row, char *text)
{
	char *slash = strchr(text, '/');
	uint64_t len;

	if (!slash)
		return dhcp6_import_malformed(row, "'%.50s' has no length", text);
	*slash = '\0';
	return dhcp6_import_number(row, "the length", slash + 1, 10, 128, &len) &&
	       dhcp6_import_what(row, text, (unsigned)len);
}

bool dhcp6_import_read_odhcpd(struct dhcp6_import *walk, struct dhcp6_import_row *row)
{
	bool first = walk->rest == NULL;

	if (first && strncmp(walk->buf, "# ", 2) != 0)
		return false;
	if (first && !read_shared(walk, row)) {
		walk->rest = NULL;
		return true;
	}
	char *text = strtok_r(NULL, " ", &walk->rest);
	if (!text) {
		walk->rest = NULL;
		if (first && row->found == DHCP6_IMPORT_LEASE)
			row->found = DHCP6_IMPORT_EMPTY;
		return first;
	}
	*row = walk->shared;
	read_address(row, text);
	return true;
}
