/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_reserve.c - reservations: which address or prefix is kept for whom. */
#include <stdio.h>
#include <stdlib.h>

#include "server/config_ra_private.h"
#include "server/state.h"

#define VALUE_MAX 512

static int parse_iaid(const char *text, struct config_reservation *to, struct err *err)
{
	char *end;
	unsigned long long iaid = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || iaid > UINT32_MAX)
		return err_set(err, "'iaid:%s' must be a number", text);
	to->has_iaid = true;
	to->iaid = (uint32_t)iaid;
	return 0;
}

static int parse_who(const char *text, struct config_reservation *to, struct err *err)
{
	if (strncmp(text, "duid:", 5) == 0) {
		int len = config_parse_hex(text + 5, to->duid, sizeof(to->duid));

		if (len < 3)
			return err_set(err, "'%s' must be 3 to %d hexadecimal bytes", text,
				       CONFIG_DUID_MAX);
		to->by = RESERVE_BY_DUID;
		to->duid_len = (uint8_t)len;
		return 0;
	}
	if (strncmp(text, "mac:", 4) == 0) {
		to->by = RESERVE_BY_MAC;
		return mac_parse(text + 4, &to->mac, err);
	}
	if (state_check_name("user", text, err) < 0)
		return -1;
	to->by = RESERVE_BY_USER;
	strcpy(to->user, text);
	return 0;
}

static int parse_what(const char *text, struct config_reservation *to, struct err *err)
{
	struct prefix6 *what = &to->what;

	if (strchr(text, '/')) {
		if (prefix6_parse(text, what, err) < 0)
			return -1;
		if (what->len > 64 || what->len == 0)
			return err_set(err, "'%s' must be an address, or a prefix of at most 64",
				       text);
	} else if (ip6_parse(text, &what->address, NULL) < 0) {
		return err_set(err, "'%s' must be an IPv6 address or a prefix", text);
	} else {
		what->len = 128;
	}
	if (ip6_is_multicast(&what->address) || ip6_is_link_local(&what->address) ||
	    ip6_is_unspecified(&what->address))
		return err_set(err, "'%s' is for nobody", text);
	return 0;
}

int config_parse_reservation(const char *value, struct config_reservation *to, struct err *err)
{
	char text[VALUE_MAX], *rest, *word, *next;

	*to = (struct config_reservation) { 0 };
	if (strlen(value) >= sizeof(text))
		return err_set(err, "is too long");
	strcpy(text, value);
	word = strtok_r(text, " \t", &rest);
	next = word ? strtok_r(NULL, " \t", &rest) : NULL;
	if (!word)
		return err_set(err, "must be a user, duid:HEX or mac:MAC, then an address or a "
				    "prefix");
	if (next && parse_who(word, to, err) < 0)
		return -1;
	if (next && to->by == RESERVE_BY_DUID && strncmp(next, "iaid:", 5) == 0) {
		if (parse_iaid(next + 5, to, err) < 0)
			return -1;
		next = strtok_r(NULL, " \t", &rest);
		if (!next)
			return err_set(err, "must have an address or a prefix at its end");
	}
	if (parse_what(next ? next : word, to, err) < 0)
		return -1;
	return next && strtok_r(NULL, " \t", &rest)
		       ? err_set(err, "has words after the address or prefix")
		       : 0;
}

int config_read_reservation(const char *value, void *to, const struct conf_key *key,
			    struct err *err)
{
	struct dhcp6_settings *settings = &((struct ra_settings *)to)->dhcp6;
	struct config_reservation reservation, *more;

	if (config_parse_reservation(value, &reservation, err) < 0)
		return -1;
	if (settings->reserve_count == CONFIG_MAX_RESERVATIONS)
		return err_set(err, "is one too many: at most %d", CONFIG_MAX_RESERVATIONS);
	for (unsigned i = 0; i < settings->reserve_count; i++)
		if (prefix6_equal(&settings->reserve[i].what, &reservation.what))
			return err_set(err, "is there already");
	more = realloc(settings->reserve, (settings->reserve_count + 1) * sizeof(*more));
	if (!more)
		return err_set(err, "out of memory");
	settings->reserve = more;
	settings->reserve[settings->reserve_count++] = reservation;
	return 0;
}

void dhcp6_settings_free(struct dhcp6_settings *settings)
{
	free(settings->reserve);
	settings->reserve = NULL;
	settings->reserve_count = 0;
}
