/* SPDX-License-Identifier: Apache-2.0 */
/* server/dhcp6_load.c - the leases of the state file into memory.
 *
 * What a hand has put there is no reason not to start: a row that makes no sense, or that promises
 * again what an earlier row has promised, is left out and told, and stays where it is for whoever
 * has to find out whose it was.
 */
#include "server/dhcp6_private.h"

#define TOLD_MAX 8 /* lines about rows; the rest is counted */
#define ROW_TEXT (2 * DHCP6_USER_MAX + PREFIX6_TEXT + 64)

struct loading {
	struct dhcp6_leases *leases;
	uint64_t now_s;
	unsigned bad, twice;
};

/* Who has what this row says, or a part of it, or more than it. */
static const struct dhcp6_lease *holder(struct dhcp6_leases *leases, const struct dhcp6_lease *row)
{
	return row->kind == DHCP6_REGISTERED ? dhcp6_leases_find(leases, &row->what, true)
					     : dhcp6_leases_overlap(leases, &row->what, NULL);
}

/* "2001:db8:1::1000/128 of alice (row 7 of the table lease)". */
static const char *row_text(const struct dhcp6_lease *row, char text[static ROW_TEXT])
{
	char what[PREFIX6_TEXT], user[2 * DHCP6_USER_MAX];

	log_escape(row->user, strlen(row->user), user, sizeof(user));
	snprintf(text, ROW_TEXT, "%s of %s (row %llu of the table lease)",
		 prefix6_text(&row->what, what), user[0] ? user : "nobody",
		 (unsigned long long)row->row);
	return text;
}

static void load_row(void *owner, const struct dhcp6_lease *row)
{
	struct loading *loading = owner;
	char left_out[ROW_TEXT], counts[ROW_TEXT];

	if (dhcp6_leases_load(loading->leases, row, loading->now_s))
		return;
	const struct dhcp6_lease *other = holder(loading->leases, row);
	if (!other)
		loading->bad++;
	else if (loading->twice++ < TOLD_MAX)
		log_error("dhcp6: the state file gives an address or prefix twice: %s is left out,"
			  " %s counts",
			  row_text(row, left_out), row_text(other, counts));
}

static void tell_the_rest(const struct loading *loading, unsigned unreadable)
{
	if (loading->twice > TOLD_MAX)
		log_error("dhcp6: %u more leases of the state file are there twice and left out",
			  loading->twice - TOLD_MAX);
	if (loading->bad + unreadable > 0)
		log_error("dhcp6: %u leases of the state file make no sense and are left out",
			  loading->bad + unreadable);
}

int dhcp6_load(struct dhcp6_server *dhcp6, struct err *err)
{
	struct loading loading = { .now_s = dhcp6_now_s(dhcp6) };
	unsigned unreadable = 0;

	loading.leases = dhcp6_new_table(dhcp6->server, err);
	if (!loading.leases)
		return -1;
	if (state_leases_read(dhcp6->server->state, load_row, &loading, &unreadable, err) < 0) {
		dhcp6_leases_free(loading.leases);
		return -1;
	}
	dhcp6_leases_free(dhcp6->leases);
	dhcp6->leases = loading.leases;
	tell_the_rest(&loading, unreadable);
	return 0;
}
