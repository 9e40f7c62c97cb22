/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/import_kea.c - a row of kea-leases6.csv.
 *
 * Versions differ in the columns, which is why the first line names them; of those that we do not
 * know we need nothing.  Every change of a lease is another row; one that is released or deleted is
 * written with a lifetime of 0.  A comma in a name is written as "&#x2c".
 */
#include "dhcp6/import_private.h"

#include <stdlib.h>

static const struct column {
	const char *name;
	bool needed;
} columns[KEA_COLUMNS] = {
	[KEA_ADDRESS] = { "address", true },
	[KEA_DUID] = { "duid", true },
	[KEA_VALID] = { "valid_lifetime", true },
	[KEA_EXPIRE] = { "expire", true },
	[KEA_PREFERRED] = { "pref_lifetime", false },
	[KEA_TYPE] = { "lease_type", true },
	[KEA_IAID] = { "iaid", true },
	[KEA_PREFIX_LEN] = { "prefix_len", true },
	[KEA_HOSTNAME] = { "hostname", false },
	[KEA_HWADDR] = { "hwaddr", false },
	[KEA_STATE] = { "state", false },
};

enum { TYPE_NA, TYPE_TA, TYPE_PD, TYPES };
/* 3 and 4 are of versions after 2.2. */
enum { STATE_DEFAULT, STATE_DECLINED, STATE_RECLAIMED, STATE_RELEASED, STATE_REGISTERED, STATES };

/* The next field of a line, and what follows it; a line without more fields has NULL. */
static char *take_field(char **at)
{
	char *field = *at, *comma = field ? strchr(field, ',') : NULL;

	if (comma)
		*comma = '\0';
	*at = comma ? comma + 1 : NULL;
	return field;
}

int dhcp6_import_begin_kea(struct dhcp6_import *walk, struct err *err)
{
	char *at = walk->buf;

	for (unsigned i = 0; i < KEA_COLUMNS; i++)
		walk->kea_column[i] = -1;
	for (int number = 0; at; number++) {
		const char *name = take_field(&at);

		for (unsigned i = 0; i < KEA_COLUMNS; i++)
			if (strcmp(name, columns[i].name) == 0)
				walk->kea_column[i] = number;
	}
	for (unsigned i = 0; i < KEA_COLUMNS; i++)
		if (columns[i].needed && walk->kea_column[i] < 0)
			return err_set(err,
				       "its first line names no column '%s': this is not Kea's "
				       "kea-leases6.csv",
				       columns[i].name);
	return 0;
}

/* Sorts the line's fields by column; what is not there is "". */
static void split(struct dhcp6_import *walk, const char *field[static KEA_COLUMNS])
{
	char *at = walk->buf;

	for (unsigned i = 0; i < KEA_COLUMNS; i++)
		field[i] = "";
	for (int number = 0; at; number++) {
		const char *text = take_field(&at);

		for (unsigned i = 0; i < KEA_COLUMNS; i++)
			if (walk->kea_column[i] == number)
				field[i] = text;
	}
}

static bool read_what(struct dhcp6_import_row *row, const char *const field[static KEA_COLUMNS])
{
	uint64_t type, len = 128;

	if (!dhcp6_import_number(row, "lease_type", field[KEA_TYPE], 10, TYPES - 1, &type))
		return false;
	if (type == TYPE_PD &&
	    !dhcp6_import_number(row, "prefix_len", field[KEA_PREFIX_LEN], 10, 128, &len))
		return false;
	if (!dhcp6_import_what(row, field[KEA_ADDRESS], (unsigned)len))
		return false;
	if (type == TYPE_PD && len == 128)
		return dhcp6_import_malformed(row, "%s/128 is delegated to nobody",
					      field[KEA_ADDRESS]);
	if (type == TYPE_TA)
		row->found = DHCP6_IMPORT_TEMPORARY;
	return true;
}

static bool read_times(struct dhcp6_import_row *row, const char *const field[static KEA_COLUMNS],
		       uint64_t now_s)
{
	uint64_t valid_s, until_s, preferred_s = 0;

	if (!dhcp6_import_number(row, "valid_lifetime", field[KEA_VALID], 10, UINT32_MAX,
				 &valid_s) ||
	    !dhcp6_import_number(row, "expire", field[KEA_EXPIRE], 10, DHCP6_IMPORT_LATEST_S,
				 &until_s) ||
	    (field[KEA_PREFERRED][0] != '\0' &&
	     !dhcp6_import_number(row, "pref_lifetime", field[KEA_PREFERRED], 10, UINT32_MAX,
				  &preferred_s)))
		return false;
	if (valid_s == 0) {
		row->found = DHCP6_IMPORT_RELEASED;
		return true;
	}
	dhcp6_import_times(row, valid_s == DHCP6_FOREVER ? UINT64_MAX : until_s, (uint32_t)valid_s,
			   now_s);
	row->lease.preferred_s = (uint32_t)preferred_s;
	return true;
}

static bool read_state(struct dhcp6_import_row *row, const char *text)
{
	static const enum dhcp6_import_found found[STATES] = {
		[STATE_DEFAULT] = DHCP6_IMPORT_LEASE,
		[STATE_DECLINED] = DHCP6_IMPORT_DECLINED,
		[STATE_RECLAIMED] = DHCP6_IMPORT_EXPIRED,
		[STATE_RELEASED] = DHCP6_IMPORT_RELEASED,
		[STATE_REGISTERED] = DHCP6_IMPORT_REGISTERED,
	};
	uint64_t state = STATE_DEFAULT;

	if (text[0] != '\0' && !dhcp6_import_number(row, "state", text, 10, STATES - 1, &state))
		return false;
	if (row->found == DHCP6_IMPORT_LEASE)
		row->found = found[state];
	return true;
}

/* "a&#x2cb" is "a,b". */
static void read_host(struct dhcp6_import_row *row, const char *text)
{
	if (!strstr(text, "&#x")) /* what has to be escaped there is no name for us either */
		dhcp6_import_host(row, text);
}

bool dhcp6_import_read_kea(struct dhcp6_import *walk, struct dhcp6_import_row *row)
{
	const char *field[KEA_COLUMNS];
	uint64_t iaid;

	split(walk, field);
	/* what a declined address has in the place of a DUID is none */
	if (!read_what(row, field) || !read_times(row, field, walk->now_s) ||
	    !read_state(row, field[KEA_STATE]) || row->found != DHCP6_IMPORT_LEASE)
		return true;
	if (!dhcp6_import_duid(row, field[KEA_DUID]) ||
	    !dhcp6_import_number(row, "iaid", field[KEA_IAID], 10, UINT32_MAX, &iaid))
		return true;
	row->lease.iaid = (uint32_t)iaid;
	row->lease.has_mac = mac_parse(field[KEA_HWADDR], &row->lease.mac, NULL) == 0;
	read_host(row, field[KEA_HOSTNAME]);
	return true;
}
