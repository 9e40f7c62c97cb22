/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf.h
 *
 * Configuration text (INI, read by inih) into structs, by tables: one table per section says
 * which keys there are, who reads each value, where it goes, and what is accepted.  The table
 * is also the documentation.
 *
 * A mistake is one sentence with its place: "server.conf:14: [ra] prefix 'fd00::/65': must be
 * a /64"; its kind is ERR_CONFIG.
 *
 * Text: `[section]` or `[section argument]`, `key = value`, `;` or `#` starts a comment (at the
 * start of a line, or `;` after white space), an indented line continues the value above it
 * with a newline (for PEM; an empty first line adds none), a key that may be repeated adds up.
 * A value is at most CONF_VALUE_MAX bytes long.  A section that is there twice, an indented
 * line with no value above it, a byte order mark, NUL bytes, and a line, name or section that
 * is too long are mistakes, never cut silently.  The first mistake ends the reading; values
 * before it have been written.
 *
 * One thread at a time: inih's settings are the process's.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/err.h"
#include "base/packet.h"

#define CONF_VALUE_MAX 16384
#define CONF_KEYS_MAX 64 /* rows of one section's table */
#define CONF_ALSO_MAX 2	 /* tables of a section besides its first */

/*
 * Reads one value into `to`.  -1 and what is wrong, as the end of a sentence ("must be a
 * /64"), otherwise.  A key that may be repeated is called once per line and appends.
 */
struct conf_key;
typedef int (*conf_read)(const char *value, void *to, const struct conf_key *key, struct err *err);

struct conf_key {
	const char *name;
	conf_read read;
	size_t offset;	      /* into the section's struct */
	const char *accepted; /* "an IPv6 /64 prefix": for messages and for the manual */
	uint64_t min, max;    /* for the readers of numbers and times; both 0: no bound */
	bool once;	      /* a second line with this key in one section is a mistake */
	size_t size;	      /* of a value that sections inherit; no reader asks */
	bool secret;	      /* no sentence shows its value */
};

struct conf_section {
	const char *name;	     /* "ra"; with `argument`, "group" in "[group engineers]" */
	const struct conf_key *keys; /* ends with a row without name */
	/*
	 * Where the section's values go.  Without argument: `base` + 0.  With argument:
	 * `begin` is called for each new argument and gives the struct; NULL and an error's
	 * sentence if there are too many or the argument is not allowed.
	 */
	void *base;
	void *(*begin)(void *base, const char *argument, struct err *err);
	/*
	 * Where in that struct a uint64_t is that notes what the section says, as opposed to
	 * what was there before: reading the key of row i sets bit i.  0: nowhere.
	 */
	size_t given;
	/*
	 * More tables of the same section, for the same struct; what one says is noted in struct
	 * + its `given`.  A key that the first table has as well is written with `prefix` in front
	 * where this one's is meant; NULL: there is no such key.  Without keys: there are no more.
	 */
	struct conf_also {
		const struct conf_key *keys;
		const char *prefix;
		size_t given;
	} also[CONF_ALSO_MAX];
};

/* Reads a file.  `sections` ends with a row without name. */
int conf_read_file(const char *path, const struct conf_section *sections, struct err *err);
/* The same for text in memory; `name` stands for the path in messages. */
int conf_read_text(const char *name, struct bytes text, const struct conf_section *sections,
		   struct err *err);

/* Readers.  Each writes the type named. */
int conf_bool(const char *, void *, const struct conf_key *, struct err *); /* bool: yes no */
int conf_u32(const char *, void *, const struct conf_key *, struct err *);  /* uint32_t, min..max */
int conf_u16(const char *, void *, const struct conf_key *, struct err *);  /* uint16_t, min..max */
int conf_u8(const char *, void *, const struct conf_key *, struct err *);   /* uint8_t, min..max */
/* uint32_t, seconds; a number with s, m, h or d; min..max in seconds; also "forever" when
 * max is UINT32_MAX, which gives UINT32_MAX (RFC 4861's infinity). */
int conf_time_s(const char *, void *, const struct conf_key *, struct err *);
int conf_ip6(const char *, void *, const struct conf_key *, struct err *); /* struct ip6 */
/* struct prefix6; with bounds, its length is within min..max bits ("must be a /64"). */
int conf_prefix6(const char *, void *, const struct conf_key *, struct err *);
/* char[max]: key->max is the room with the NUL, key->min the fewest characters. */
int conf_text(const char *, void *, const struct conf_key *, struct err *);
/* char[IFNAMSIZ]: an interface name the kernel takes. */
int conf_interface(const char *, void *, const struct conf_key *, struct err *);
/* char[256]: a host name (RFC 1123) or a domain, without final dot. */
int conf_domain(const char *, void *, const struct conf_key *, struct err *);
/* The time text alone: -1 if it is none. */
int conf_parse_time_s(const char *text, uint32_t *seconds, struct err *err);
/* The other way: seconds in the largest unit that divides them, or "forever". */
const char *conf_time_text(uint64_t seconds, char *text, size_t cap);

/* Prints the tables as they are accepted, a line per key, each table once: for --help and the
 * manual. */
void conf_describe(const struct conf_section *sections, void (*line)(const char *text));

#endif
