/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_ra_values.c - values of [ra] that are more than one word: what follows a prefix,
 * NAT64 prefixes, encrypted resolvers; and times in milliseconds. */
#include "server/config_ra_private.h"

#include <stdlib.h>

#define VALUE_MAX 1024 /* of a line with words */

/* The value's words one by one: strtok_r over a copy. */
struct words {
	char text[VALUE_MAX], *rest;
};

static const char *next_word(struct words *words)
{
	return strtok_r(NULL, " \t", &words->rest);
}

static int first_word(struct words *words, const char *value, const char **word, struct err *err)
{
	if (strlen(value) >= sizeof(words->text))
		return err_set(err, "is too long");
	strcpy(words->text, value);
	*word = strtok_r(words->text, " \t", &words->rest);
	return 0;
}

/* The value of "name=value", or NULL. */
static const char *option_of(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static int read_number(const char *text, unsigned long min, unsigned long max, uint16_t *to,
		       struct err *err)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number < min || number > max)
		return err_set(err, "'%s' must be a number from %lu to %lu", text, min, max);
	*to = (uint16_t)number;
	return 0;
}

/* ---- prefix ---- */

static int read_prefix_option(const char *word, struct config_prefix *prefix, struct err *err)
{
	static const struct conf_key any_time = { .max = RA_FOREVER };
	const char *value;

	if ((value = option_of(word, "on-link")))
		return conf_bool(value, &prefix->on_link, NULL, err);
	if ((value = option_of(word, "autonomous")))
		return conf_bool(value, &prefix->autonomous, NULL, err);
	if ((value = option_of(word, "valid"))) {
		prefix->has_valid = true;
		return conf_time_s(value, &prefix->valid_s, &any_time, err);
	}
	if ((value = option_of(word, "preferred"))) {
		prefix->has_preferred = true;
		return conf_time_s(value, &prefix->preferred_s, &any_time, err);
	}
	if (strcmp(word, "router-address") == 0)
		prefix->router_address = true;
	else if (strcmp(word, "dhcp-pd-preferred") == 0)
		prefix->pd_preferred = true;
	else
		return err_set(err,
			       "'%s' is not on-link=, autonomous=, valid=, preferred=, "
			       "router-address or dhcp-pd-preferred",
			       word);
	return 0;
}

int config_prefix_options(const char *value, struct config_prefix *prefix, struct err *err)
{
	struct words words;
	struct err reason = { 0 };
	const char *word = NULL;

	prefix->on_link = prefix->autonomous = true;
	if (first_word(&words, value, &word, err) < 0)
		return -1;
	for (; word; word = next_word(&words))
		if (read_prefix_option(word, prefix, &reason) < 0)
			return strchr(word, '=') && reason.text[0] != '\''
				       ? err_set(err, "'%s' %s", word, reason.text)
				       : err_set(err, "%s", reason.text);
	return 0;
}

/* ---- NAT64, RFC 8781 ---- */

/* "64:ff9b::/96", "64:ff9b::/96 30m" */
int config_parse_nat64(const char *value, union ra_item *item, struct err *err)
{
	static const uint8_t lengths[] = { 96, 64, 56, 48, 40, 32 }; /* RFC 8781 4 */
	static const struct conf_key time = { .min = 8, .max = RA_PREF64_MAX_S };
	struct words words;
	const char *word = NULL;
	size_t i = 0;

	if (first_word(&words, value, &word, err) < 0)
		return -1;
	if (prefix6_parse(word ? word : "", &item->nat64.prefix, err) < 0)
		return -1;
	while (i < ARRAY_LEN(lengths) && lengths[i] != item->nat64.prefix.len)
		i++;
	if (i == ARRAY_LEN(lengths))
		return err_set(err, "must be a /96, /64, /56, /48, /40 or /32");
	word = next_word(&words);
	if (word && conf_time_s(word, &item->nat64.lifetime_s, &time, err) < 0)
		return -1;
	if (word && next_word(&words))
		return err_set(err, "has words after the lifetime");
	return 0;
}

/* ---- encrypted resolvers, RFC 9463 ---- */

static int copy_word(const char *value, char *to, size_t cap, struct err *err)
{
	if (strlen(value) >= cap)
		return err_set(err, "'%s' is longer than %zu characters", value, cap - 1);
	strcpy(to, value);
	return 0;
}

static int read_dnr_word(const char *word, struct ra_dnr *dnr, struct err *err)
{
	static const struct conf_key time = { .min = 1, .max = RA_FOREVER };
	const char *value;

	if ((value = option_of(word, "alpn")))
		return copy_word(value, dnr->alpn, sizeof(dnr->alpn), err);
	if ((value = option_of(word, "dohpath")))
		return copy_word(value, dnr->dohpath, sizeof(dnr->dohpath), err);
	if ((value = option_of(word, "port")))
		return read_number(value, 1, UINT16_MAX, &dnr->port, err);
	if ((value = option_of(word, "priority")))
		return read_number(value, 1, UINT16_MAX, &dnr->priority, err);
	if ((value = option_of(word, "lifetime")))
		return conf_time_s(value, &dnr->lifetime_s, &time, err);
	if (dnr->address_count == RA_MAX_DNR_ADDRESSES)
		return err_set(err, "has more than %d addresses", RA_MAX_DNR_ADDRESSES);
	if (ip6_parse(word, &dnr->address[dnr->address_count], NULL) < 0)
		return err_set(err,
			       "'%s' is neither an IPv6 address nor alpn=, port=, dohpath=, "
			       "priority= or lifetime=",
			       word);
	dnr->address_count++;
	return 0;
}

/* "dns.example 2001:db8::53 alpn=dot,h2 dohpath=/dns-query{?dns}" */
int config_parse_dnr(const char *value, union ra_item *item, struct err *err)
{
	struct ra_dnr *dnr = &item->dnr;
	struct words words;
	const char *word = NULL;

	if (first_word(&words, value, &word, err) < 0 ||
	    conf_domain(word ? word : "", dnr->name, NULL, err) < 0)
		return -1;
	dnr->priority = 1;
	while ((word = next_word(&words)))
		if (read_dnr_word(word, dnr, err) < 0)
			return -1;
	const char *fault = ra_dnr_fault(dnr);
	return fault ? err_set(err, "%s", fault) : 0;
}

/* ---- scalars ---- */

int config_read_portal(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	if (value[0] != '\0' && !ra_portal_is_good(value))
		return err_set(err, "must be an http or https URI of at most %d characters",
			       RA_MAX_URI - 1);
	strcpy(to, value);
	return 0;
}

int config_read_preference(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	static const enum ra_preference all[] = { RA_LOW, RA_MEDIUM, RA_HIGH };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (strcmp(value, ra_preference_name[all[i]]) == 0) {
			*(enum ra_preference *)to = all[i];
			return 0;
		}
	}
	return err_set(err, "must be low, medium or high");
}

/* enum config_auto: "auto", "yes" or "no". */
int config_read_auto(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	static const char *const names[] = {
		[CONFIG_AUTO] = "auto", [CONFIG_NO] = "no", [CONFIG_YES] = "yes"
	};

	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			*(enum config_auto *)to = (enum config_auto)i;
			return 0;
		}
	}
	return err_set(err, "must be auto, yes or no");
}

/* uint32_t, milliseconds: "500ms" or a time as elsewhere. */
int config_read_ms(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	char *end;
	unsigned long long number = strtoull(value, &end, 10);
	uint32_t seconds = 0;

	if (*value < '0' || *value > '9' || strcmp(end, "ms") != 0) {
		if (conf_parse_time_s(value, &seconds, NULL) < 0)
			return err_set(err, "must be a time like 500ms, 30s or 10m");
		number = seconds * 1000ull;
	}
	if (number > key->max)
		return err_set(err, "must be at most %llus", (unsigned long long)key->max / 1000);
	*(uint32_t *)to = (uint32_t)number;
	return 0;
}
