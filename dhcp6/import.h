/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/import.h
 *
 * The lease files of other DHCPv6 servers: text in, leases out, one after the other.
 *
 *   kea      kea-leases6.csv of Kea's memfile; its first line names the columns
 *   dnsmasq  dnsmasq.leases, from its line "duid ..." on
 *   odhcpd   its state file: the lines that begin with "# "
 *
 * None of these servers knows users: a lease that is read here has user "".  Its times are the
 * file's, which are wall-clock seconds; since and renewed never lie in the future.
 */
#ifndef DHCP6_IMPORT_H
#define DHCP6_IMPORT_H

#include "dhcp6/leases.h"

#define DHCP6_IMPORT_LINE_MAX 4096 /* bytes of a line with its NUL */

enum dhcp6_import_format {
	DHCP6_IMPORT_KEA,
	DHCP6_IMPORT_DNSMASQ,
	DHCP6_IMPORT_ODHCPD,
	DHCP6_IMPORT_FORMATS
};
extern const char *const dhcp6_import_format_name[DHCP6_IMPORT_FORMATS]; /* "kea" ... */

/* What a row of a file is. */
enum dhcp6_import_found {
	DHCP6_IMPORT_LEASE,
	DHCP6_IMPORT_EXPIRED,
	DHCP6_IMPORT_RELEASED, /* over before its time */
	DHCP6_IMPORT_REPLACED, /* a later line is about the same address or prefix */
	DHCP6_IMPORT_DECLINED,
	DHCP6_IMPORT_TEMPORARY, /* of an IA_TA, which RFC 9915 has no more */
	DHCP6_IMPORT_REGISTERED,
	DHCP6_IMPORT_IPV4,
	DHCP6_IMPORT_EMPTY,	/* a lease without an address */
	DHCP6_IMPORT_MALFORMED, /* `fault` says why */
	DHCP6_IMPORT_FOUNDS
};
extern const char *const dhcp6_import_found_name[DHCP6_IMPORT_FOUNDS]; /* "expired" ... */

struct dhcp6_import_row {
	unsigned line; /* the first one is 1 */
	enum dhcp6_import_found found;
	/* of LEASE all of it; `what` also of what ends one: EXPIRED, RELEASED, DECLINED */
	struct dhcp6_lease lease;
	char fault[160];
};

/* By the first line that is not empty; -1 and a sentence if it looks like none of them. */
int dhcp6_import_guess(struct bytes text, enum dhcp6_import_format *format, struct err *err);

typedef void (*dhcp6_import_visit)(void *owner, const struct dhcp6_import_row *row);

/*
 * Visits every row in the file's order; of several about the same address or prefix the last one
 * counts.  -1 and a sentence: it is no such file, or memory is short, and none is visited.
 */
int dhcp6_import_each(enum dhcp6_import_format format, struct bytes text, uint64_t now_s,
		      dhcp6_import_visit visit, void *owner, struct err *err);

#endif
