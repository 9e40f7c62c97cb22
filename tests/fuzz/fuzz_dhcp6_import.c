/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_dhcp6_import.c - any bytes as another server's lease file, in each format.
 *
 * Properties: every row is of a line that is there, in order; what is a lease makes sense, has an end
 * that is to come and a name that nobody has to escape; no two leases are about the same; into a table
 * they go without complaint.
 */
#include <stdlib.h>

#include "dhcp6/import.h"
#include "tests/unit/dhcp6/lease_check.h"

#define NOW_S 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	unsigned lines, last;
	struct dhcp6_leases *leases;
};

static void check(bool right)
{
	if (!right)
		abort();
}

static void look(void *owner, const struct dhcp6_import_row *row)
{
	struct seen *seen = owner;
	struct dhcp6_lease lease = row->lease;

	check(row->line >= seen->last && row->line <= seen->lines && row->line > 0);
	seen->last = row->line;
	check((row->found == DHCP6_IMPORT_MALFORMED) == (row->fault[0] != '\0'));
	if (row->found != DHCP6_IMPORT_LEASE)
		return;
	check(lease.until_s > NOW_S && lease.since_s <= NOW_S && lease.renewed_s <= NOW_S);
	check(lease.user[0] == '\0' && lease.kind != DHCP6_REGISTERED);
	for (const char *at = lease.host; *at; at++)
		check(strchr("<>\"'& \n\r\\%,", *at) == NULL && *at > ' ' && *at < 127);
	lease.state = DHCP6_ACTIVE;
	enum dhcp6_imported imported = dhcp6_leases_import(seen->leases, &lease);
	check(imported != DHCP6_IMPORT_SENSELESS && imported != DHCP6_IMPORTED_BEFORE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp6_leases_config config;
	struct bytes text = { data, size };
	enum dhcp6_import_format guessed;
	struct seen seen = { .lines = 1 };
	struct err err;

	for (size_t i = 0; i < size; i++)
		seen.lines += data[i] == '\n';
	dhcp6_leases_config_defaults(&config);
	config.max_leases = 64;
	for (unsigned format = 0; format < DHCP6_IMPORT_FORMATS; format++) {
		seen.leases = dhcp6_leases_new(&config);
		seen.last = 0;
		check(seen.leases);
		dhcp6_import_each((enum dhcp6_import_format)format, text, NOW_S, look, &seen, &err);
		check(!table_complaint(seen.leases, NOW_S));
		dhcp6_leases_free(seen.leases);
	}
	if (dhcp6_import_guess(text, &guessed, &err) == 0)
		check(guessed < DHCP6_IMPORT_FORMATS);
	return 0;
}
