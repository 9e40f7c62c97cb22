/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/import.c - the walk over another server's lease file, and what its formats share.
 *
 * The file is walked twice: which line is the last one about an address is known at its end only.
 */
#include "dhcp6/import_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const dhcp6_import_format_name[DHCP6_IMPORT_FORMATS] = {
	[DHCP6_IMPORT_KEA] = "kea",
	[DHCP6_IMPORT_DNSMASQ] = "dnsmasq",
	[DHCP6_IMPORT_ODHCPD] = "odhcpd",
};

const char *const dhcp6_import_found_name[DHCP6_IMPORT_FOUNDS] = {
	[DHCP6_IMPORT_LEASE] = "lease",		  [DHCP6_IMPORT_EXPIRED] = "expired",
	[DHCP6_IMPORT_RELEASED] = "released",	  [DHCP6_IMPORT_REPLACED] = "replaced",
	[DHCP6_IMPORT_DECLINED] = "declined",	  [DHCP6_IMPORT_TEMPORARY] = "temporary",
	[DHCP6_IMPORT_REGISTERED] = "registered", [DHCP6_IMPORT_IPV4] = "ipv4",
	[DHCP6_IMPORT_EMPTY] = "empty",		  [DHCP6_IMPORT_MALFORMED] = "malformed",
};

static const dhcp6_import_read reader_of[DHCP6_IMPORT_FORMATS] = {
	[DHCP6_IMPORT_KEA] = dhcp6_import_read_kea,
	[DHCP6_IMPORT_DNSMASQ] = dhcp6_import_read_dnsmasq,
	[DHCP6_IMPORT_ODHCPD] = dhcp6_import_read_odhcpd,
};

/* ---- values ---- */

bool dhcp6_import_malformed(struct dhcp6_import_row *row, const char *format, ...)
{
	va_list values;

	row->found = DHCP6_IMPORT_MALFORMED;
	va_start(values, format);
	vsnprintf(row->fault, sizeof(row->fault), format, values);
	va_end(values);
	return false;
}

bool dhcp6_import_number(struct dhcp6_import_row *row, const char *name, const char *text, int base,
			 uint64_t max, uint64_t *number)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	size_t len = strspn(text, digits);

	/* with at most 16 digits it cannot overflow */
	*number = len <= 16 ? strtoull(text, NULL, base) : UINT64_MAX;
	if (len == 0 || text[len] != '\0' || *number > max)
		return dhcp6_import_malformed(row, "%s '%.40s' is no number up to %llu", name, text,
					      (unsigned long long)max);
	return true;
}

bool dhcp6_import_duid(struct dhcp6_import_row *row, const char *text)
{
	struct err err = { 0 };

	if (dhcp6_duid_parse(text, &row->lease.duid, &err) < 0)
		return dhcp6_import_malformed(row, "%s", err.text);
	return true;
}

bool dhcp6_import_what(struct dhcp6_import_row *row, const char *address, unsigned len)
{
	struct prefix6 what = { .len = (uint8_t)len }, masked;

	if (ip6_parse(address, &what.address, NULL) < 0)
		return dhcp6_import_malformed(row, "'%.50s' is no IPv6 address", address);
	if (len == 0 || (len > 64 && len != 128))
		return dhcp6_import_malformed(row,
					      "%.50s/%u is neither an address nor a prefix "
					      "of at most 64 bits",
					      address, len);
	masked = prefix6_masked(what);
	if (!prefix6_equal(&masked, &what))
		return dhcp6_import_malformed(row, "%.50s/%u has bits set beyond its length",
					      address, len);
	row->lease.what = what;
	row->lease.kind = len == 128 ? DHCP6_ADDRESS : DHCP6_PREFIX;
	return true;
}

void dhcp6_import_host(struct dhcp6_import_row *row, const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '.') /* Kea writes names with their root */
		len--;
	if (len >= sizeof(row->lease.host))
		return;
	for (size_t i = 0; i < len; i++)
		if (!dhcp6_is_of_host((uint8_t)text[i]) && text[i] != '.')
			return;
	memcpy(row->lease.host, text, len);
}

void dhcp6_import_times(struct dhcp6_import_row *row, uint64_t until_s, uint32_t valid_s,
			uint64_t now_s)
{
	struct dhcp6_lease *lease = &row->lease;

	lease->until_s = until_s;
	lease->valid_s = valid_s;
	lease->since_s = now_s;
	if (until_s != UINT64_MAX && valid_s > 0 && until_s > valid_s && until_s - valid_s < now_s)
		lease->since_s = until_s - valid_s;
	lease->renewed_s = lease->since_s;
	if (until_s <= now_s)
		row->found = DHCP6_IMPORT_EXPIRED;
}

/* ---- lines ---- */

/* The next line into the walk's buffer; false: there is none.  What is wrong with it is in row. */
static bool next_line(struct dhcp6_import *walk, struct dhcp6_import_row *row)
{
	const uint8_t *start = walk->text.at;
	size_t left = walk->text.left;

	if (left == 0)
		return false;
	const uint8_t *end = memchr(start, '\n', left);
	size_t len = end ? (size_t)(end - start) : left;

	reader_take(&walk->text, end ? len + 1 : len);
	walk->line++;
	*row = (struct dhcp6_import_row) { .line = walk->line };
	walk->rest = NULL;
	if (len > 0 && start[len - 1] == '\r')
		len--;
	if (len >= sizeof(walk->buf)) {
		dhcp6_import_malformed(row, "the line is longer than %d bytes",
				       DHCP6_IMPORT_LINE_MAX - 1);
		len = 0;
	} else if (memchr(start, '\0', len)) {
		dhcp6_import_malformed(row, "there is a NUL byte in the line");
		len = 0;
	}
	memcpy(walk->buf, start, len);
	walk->buf[len] = '\0';
	return true;
}

/* The next row; false at the end. */
static bool next_row(struct dhcp6_import *walk, struct dhcp6_import_row *row)
{
	dhcp6_import_read read = reader_of[walk->format];

	if (walk->rest) {
		*row = (struct dhcp6_import_row) { .line = walk->line };
		if (read(walk, row))
			return true;
	}
	while (next_line(walk, row)) {
		if (row->found == DHCP6_IMPORT_MALFORMED ||
		    (walk->buf[0] != '\0' && read(walk, row)))
			return true;
	}
	return false;
}

static int begin(struct dhcp6_import *walk, enum dhcp6_import_format format, struct bytes text,
		 uint64_t now_s, struct err *err)
{
	struct dhcp6_import_row row;

	walk->format = format;
	walk->text = reader_over(text);
	walk->line = 0;
	walk->now_s = now_s;
	walk->rest = NULL;
	walk->dnsmasq_six = false;
	if (format != DHCP6_IMPORT_KEA)
		return 0;
	if (!next_line(walk, &row) || row.found == DHCP6_IMPORT_MALFORMED)
		return err_set(err, "its first line does not name the columns, as Kea's does");
	return dhcp6_import_begin_kea(walk, err);
}

/* ---- the last line about each address ---- */

struct mention {
	struct prefix6 what;
	unsigned order; /* of rows */
};

struct mentions {
	size_t count, room;
	struct mention *list;
};

/* Whether the row takes the place of an earlier one about the same. */
static bool counts(const struct dhcp6_import_row *row)
{
	return row->lease.what.len > 0 && row->found != DHCP6_IMPORT_MALFORMED;
}

static int compare(const void *a, const void *b)
{
	const struct mention *one = a, *other = b;
	int order = memcmp(&one->what.address, &other->what.address, sizeof(one->what.address));

	if (order == 0)
		order = (one->what.len > other->what.len) - (one->what.len < other->what.len);
	return order != 0 ? order : (one->order > other->order) - (one->order < other->order);
}

static bool add_mention(struct mentions *mentions, const struct mention *mention)
{
	if (mentions->count == mentions->room) {
		size_t room = mentions->room ? 2 * mentions->room : 1024;
		struct mention *more = realloc(mentions->list, room * sizeof(*more));

		if (!more)
			return false;
		mentions->list = more;
		mentions->room = room;
	}
	mentions->list[mentions->count++] = *mention;
	return true;
}

/* Leaves the last one of each address, sorted. */
static void tidy(struct mentions *mentions)
{
	size_t kept = 0;

	if (mentions->count > 0)
		qsort(mentions->list, mentions->count, sizeof(*mentions->list), compare);
	for (size_t i = 0; i < mentions->count; i++) {
		if (i + 1 < mentions->count &&
		    prefix6_equal(&mentions->list[i].what, &mentions->list[i + 1].what))
			continue;
		mentions->list[kept++] = mentions->list[i];
	}
	mentions->count = kept;
}

static bool is_last(const struct mentions *mentions, const struct mention *mention)
{
	return mentions->count > 0 && bsearch(mention, mentions->list, mentions->count,
					      sizeof(*mentions->list), compare) != NULL;
}

int dhcp6_import_each(enum dhcp6_import_format format, struct bytes text, uint64_t now_s,
		      dhcp6_import_visit visit, void *owner, struct err *err)
{
	struct mentions mentions = { 0 };
	struct dhcp6_import walk;
	struct dhcp6_import_row row;
	unsigned order;

	if (begin(&walk, format, text, now_s, err) < 0)
		return -1;
	for (order = 0; next_row(&walk, &row); order++) {
		struct mention mention = { row.lease.what, order };

		if (counts(&row) && !add_mention(&mentions, &mention)) {
			free(mentions.list);
			return err_set(err, "out of memory");
		}
	}
	tidy(&mentions);
	int failed = begin(&walk, format, text, now_s, err);
	for (order = 0; next_row(&walk, &row); order++) {
		struct mention mention = { row.lease.what, order };

		if (counts(&row) && !is_last(&mentions, &mention))
			row.found = DHCP6_IMPORT_REPLACED;
		visit(owner, &row);
	}
	free(mentions.list);
	return failed;
}

/* ---- which format ---- */

int dhcp6_import_guess(struct bytes text, enum dhcp6_import_format *format, struct err *err)
{
	struct dhcp6_import walk = { .text = reader_over(text) };
	struct dhcp6_import_row row;

	while (next_line(&walk, &row)) {
		const char *line = walk.buf;

		if (line[0] == '\0')
			continue;
		if (strncmp(line, "address,", 8) == 0)
			*format = DHCP6_IMPORT_KEA;
		else if (strncmp(line, "# ", 2) == 0)
			*format = DHCP6_IMPORT_ODHCPD;
		else if (strncmp(line, "duid ", 5) == 0 || line[strspn(line, "0123456789")] == ' ')
			*format = DHCP6_IMPORT_DNSMASQ;
		else
			break;
		return 0;
	}
	return err_set(err, "is this a lease file of kea, dnsmasq or odhcpd? say which, --format");
}
