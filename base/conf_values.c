/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf_values.c
 *
 * The readers of single values.  Each takes the text of one value, whole, and writes nothing
 * unless all of it is right.  The sentences begin where "[section] key 'value': " ends.
 */
#include "base/conf.h"

#include <ctype.h>
#include <net/if.h>
#include <stdio.h>

#define FOREVER_S UINT32_MAX /* RFC 4861 section 4.6.2: infinity */
#define DOMAIN_LEN_MAX 253   /* RFC 1035's 255 octets, as text without the final dot */
#define LABEL_LEN_MAX 63
#define DOMAIN_CAP 256

int conf_bool(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return err_set(err, "must be yes or no");
	*(bool *)to = yes;
	return 0;
}

/* Decimal digits from `text` on; returns where they end, or NULL: none, or over `max`. */
static const char *read_digits(const char *text, uint64_t max, uint64_t *number)
{
	const char *at = text;
	uint64_t sum = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		unsigned digit = (unsigned)(*at - '0');

		if (digit > max || sum > (max - digit) / 10)
			return NULL;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return at > text ? at : NULL;
}

/* A number between the key's bounds; without bounds, up to the type's limit. */
static int read_number(const char *value, const struct conf_key *key, uint64_t type_max,
		       uint64_t *number, struct err *err)
{
	uint64_t max = key->max > 0 && key->max < type_max ? key->max : type_max;
	const char *end = read_digits(value, max, number);

	if (!end || *end != '\0' || *number < key->min)
		return err_set(err, "must be a number from %llu to %llu",
			       (unsigned long long)key->min, (unsigned long long)max);
	return 0;
}

int conf_u32(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	uint64_t number = 0;

	if (read_number(value, key, UINT32_MAX, &number, err) < 0)
		return -1;
	*(uint32_t *)to = (uint32_t)number;
	return 0;
}

int conf_u16(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	uint64_t number = 0;

	if (read_number(value, key, UINT16_MAX, &number, err) < 0)
		return -1;
	*(uint16_t *)to = (uint16_t)number;
	return 0;
}

int conf_u8(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	uint64_t number = 0;

	if (read_number(value, key, UINT8_MAX, &number, err) < 0)
		return -1;
	*(uint8_t *)to = (uint8_t)number;
	return 0;
}

static const struct {
	char letter;
	uint32_t seconds;
} time_units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

int conf_parse_time_s(const char *text, uint32_t *seconds, struct err *err)
{
	uint64_t number;
	const char *end = read_digits(text, UINT32_MAX, &number);

	for (size_t i = 0; end && i < ARRAY_LEN(time_units); i++) {
		if (end[0] != time_units[i].letter || end[1] != '\0')
			continue;
		if (number * time_units[i].seconds >= FOREVER_S)
			return err_set(err, "must be shorter than 49710d");
		*seconds = (uint32_t)(number * time_units[i].seconds);
		return 0;
	}
	return err_set(err, "must be a time like 30s, 10m, 12h or 7d");
}

const char *conf_time_text(uint64_t seconds, char *text, size_t cap)
{
	size_t unit = 0;

	if (seconds >= FOREVER_S)
		return "forever";
	while (seconds == 0 || seconds % time_units[unit].seconds != 0) {
		unit++;
		if (unit == ARRAY_LEN(time_units) - 1)
			break;
	}
	snprintf(text, cap, "%llu%c", (unsigned long long)seconds / time_units[unit].seconds,
		 time_units[unit].letter);
	return text;
}

int conf_time_s(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	uint32_t seconds = FOREVER_S;
	char least[24], most[24];

	/* Only where infinity is within the bounds is there a word for it. */
	if (strcmp(value, "forever") != 0 || key->max < FOREVER_S) {
		if (conf_parse_time_s(value, &seconds, err) < 0)
			return -1;
		if (seconds < key->min || (key->max > 0 && seconds > key->max))
			return err_set(err, "must be a time from %s to %s",
				       conf_time_text(key->min, least, sizeof(least)),
				       conf_time_text(key->max > 0 ? key->max : FOREVER_S - 1, most,
						      sizeof(most)));
	}
	*(uint32_t *)to = seconds;
	return 0;
}

int conf_ip6(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	return ip6_parse(value, to, err);
}

int conf_prefix6(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct prefix6 prefix;

	if (prefix6_parse(value, &prefix, err) < 0)
		return -1;
	if (key->max > 0 && (prefix.len < key->min || prefix.len > key->max)) {
		if (key->min == key->max)
			return err_set(err, "must be a /%u", (unsigned)key->min);
		return err_set(err, "must be a /%u to /%u", (unsigned)key->min, (unsigned)key->max);
	}
	*(struct prefix6 *)to = prefix;
	return 0;
}

int conf_text(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	size_t len = strlen(value);

	if (len < key->min)
		return err_set(
			err, len == 0 ? "must not be empty" : "must have at least %llu characters",
			(unsigned long long)key->min);
	if (len >= key->max)
		return err_set(err, "must have at most %llu characters",
			       (unsigned long long)key->max - 1);
	memcpy(to, value, len + 1);
	return 0;
}

int conf_interface(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	size_t len = strlen(value);

	/* The kernel's dev_valid_name, and no '%', which would make it a pattern. */
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)value[i]) || strchr("/:%", value[i]))
			return err_set(err,
				       "must be an interface name: no space, '/', ':' or '%%'");
	if (len == 0 || len >= IFNAMSIZ)
		return err_set(err, "must be an interface name of 1 to %d characters",
			       IFNAMSIZ - 1);
	if (strcmp(value, ".") == 0 || strcmp(value, "..") == 0)
		return err_set(err, "must be an interface name, which '.' and '..' are not");
	memcpy(to, value, len + 1);
	return 0;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* One label, RFC 1123 section 2.1: letters, digits and inner hyphens. */
static bool label_is_valid(const char *label, size_t len)
{
	if (len == 0 || len > LABEL_LEN_MAX || !is_letter_or_digit(label[0]) ||
	    !is_letter_or_digit(label[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_letter_or_digit(label[i]) && label[i] != '-')
			return false;
	return true;
}

int conf_domain(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	size_t len = strlen(value);
	const char *label = value;
	_Static_assert(DOMAIN_LEN_MAX < DOMAIN_CAP, "room for every name");

	if (len == 0)
		return err_set(err, "must be a domain name");
	if (len > DOMAIN_LEN_MAX)
		return err_set(err, "must be a domain name of at most %d characters",
			       DOMAIN_LEN_MAX);
	if (value[len - 1] == '.')
		return err_set(err, "must be a domain name without a dot at its end");
	for (;;) {
		size_t label_len = strcspn(label, ".");

		if (!label_is_valid(label, label_len))
			return err_set(err, "must be a domain name");
		if (label[label_len] == '\0')
			break;
		label += label_len + 1;
	}
	/* RFC 1123 section 2.1: the last label tells a name from an IPv4 address. */
	if (strspn(label, "0123456789") == strlen(label))
		return err_set(err, "must be a domain name, not an address");
	memcpy(to, value, len + 1);
	return 0;
}
