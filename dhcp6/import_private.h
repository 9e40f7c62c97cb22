/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/import_private.h - between the walk over a lease file (import.c) and its formats. */
#ifndef DHCP6_IMPORT_PRIVATE_H
#define DHCP6_IMPORT_PRIVATE_H

#include "dhcp6/import.h"

enum kea_column {
	KEA_ADDRESS,
	KEA_DUID,
	KEA_VALID,
	KEA_EXPIRE,
	KEA_PREFERRED,
	KEA_TYPE,
	KEA_IAID,
	KEA_PREFIX_LEN,
	KEA_HOSTNAME,
	KEA_HWADDR,
	KEA_STATE,
	KEA_COLUMNS
};

struct dhcp6_import {
	enum dhcp6_import_format format;
	struct reader text;
	unsigned line;
	uint64_t now_s;
	char buf[DHCP6_IMPORT_LINE_MAX]; /* the line in hand, with a NUL in the place of its end */
	/* for a format with several rows in a line: what is left of it, and what all of them share */
	char *rest;
	struct dhcp6_import_row shared;
	int kea_column[KEA_COLUMNS]; /* the number of each, from 0; -1: there is none */
	bool dnsmasq_six;	     /* behind "duid": IPv6 */
};

/* Reads the row of the line in `walk->buf`.  False: the line has none (more). */
typedef bool (*dhcp6_import_read)(struct dhcp6_import *walk, struct dhcp6_import_row *row);
bool dhcp6_import_read_kea(struct dhcp6_import *walk, struct dhcp6_import_row *row);
bool dhcp6_import_read_dnsmasq(struct dhcp6_import *walk, struct dhcp6_import_row *row);
bool dhcp6_import_read_odhcpd(struct dhcp6_import *walk, struct dhcp6_import_row *row);

/* The columns' names in the first line; -1 and a sentence if one is missing that is needed. */
int dhcp6_import_begin_kea(struct dhcp6_import *walk, struct err *err);

/* ---- import.c: what the formats share.  All return false with row->fault. ---- */

bool dhcp6_import_malformed(struct dhcp6_import_row *row, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A whole number of this base, up to `max`; `name` is for the sentence. */
bool dhcp6_import_number(struct dhcp6_import_row *row, const char *name, const char *text, int base,
			 uint64_t max, uint64_t *number);
bool dhcp6_import_duid(struct dhcp6_import_row *row, const char *text);
/* Into row->lease.what and its kind; addresses are of 128 bits, prefixes of 1 to 64. */
bool dhcp6_import_what(struct dhcp6_import_row *row, const char *address, unsigned len);
/* The name for people, if it is one that nobody has to escape; others are left out. */
void dhcp6_import_host(struct dhcp6_import_row *row, const char *text);
/* The times of a lease that ends at `until_s`, UINT64_MAX: never; valid_s 0: not known.  Makes it
 * EXPIRED if it has ended. */
void dhcp6_import_times(struct dhcp6_import_row *row, uint64_t until_s, uint32_t valid_s,
			uint64_t now_s);

#define DHCP6_IMPORT_LATEST_S 253402300799ull /* the end of the year 9999 */

#endif
