/* SPDX-License-Identifier: Apache-2.0 */
/* server/config_delegate.c - `delegate`: prefixes for offices, and what of each of them stays ours.
 *
 * RFC 9915 6.3, RFC 6603 (prefix exclude), RFC 9663 (a prefix for each client).
 */
#include <stdio.h>
#include <stdlib.h>

#include "server/config_fault.h"

#define VALUE_MAX 128
#define EXCLUDE_DIGITS 8 /* 32 bits */
#define LONGEST 64	 /* RFC 9663 4.2: what is longer no host can use for SLAAC */

static const char shape[] = "must be a prefix and the length of those given out of it, as in "
			    "2001:db8:f000::/36 /56";
static const char exclude_shape[] =
	"must be which network of each prefix, in hexadecimal, and its length, as in exclude ff/64";

/* "/56" */
static int parse_length(const char *text, struct config_delegate *delegate, struct err *err)
{
	char *end;
	unsigned long bits = text && *text == '/' ? strtoul(text + 1, &end, 10) : 0;

	if (!text || *text != '/' || text[1] < '0' || text[1] > '9' || *end)
		return err_set(err, "%s", shape);
	if (bits < delegate->prefix.len || bits > LONGEST)
		return err_set(err, "'/%lu' must be a length from %u to %d", bits,
			       delegate->prefix.len, LONGEST);
	delegate->len = (uint8_t)bits;
	return 0;
}

/* "ff/64": the network of that number in each of the prefixes */
static int parse_exclude(const char *text, struct config_delegate *delegate, struct err *err)
{
	size_t digits = text ? strspn(text, "0123456789abcdefABCDEF") : 0;
	const char *length = text ? text + digits : "";
	char *end;

	if (digits == 0 || digits > EXCLUDE_DIGITS || *length != '/' || length[1] < '0' ||
	    length[1] > '9')
		return err_set(err, "%s", exclude_shape);
	unsigned long bits = strtoul(length + 1, &end, 10);
	if (*end)
		return err_set(err, "%s", exclude_shape);
	if (bits <= delegate->len || bits > 128 || bits - delegate->len > 32)
		return err_set(err, "'exclude %s' must have a length from %u to %u", text,
			       delegate->len + 1u, delegate->len + 32u);
	delegate->exclude_len = (uint8_t)bits;
	delegate->exclude_id = (uint32_t)strtoul(text, NULL, 16);

	struct dhcp6_pool pool = config_delegate_pool(delegate);
	const char *fault = dhcp6_pool_fault(&pool);
	return fault ? err_set(err, "'exclude %s' %s", text, fault) : 0;
}

/* "2001:db8:f000::/36 /56", "2001:db8:f000::/36 /56 exclude ff/64" */
int config_parse_delegate(const char *value, union ra_item *item, struct err *err)
{
	struct config_delegate *delegate = &item->delegate;
	char text[VALUE_MAX], *rest, *word;

	if (strlen(value) >= sizeof(text))
		return err_set(err, "%s", shape);
	strcpy(text, value);
	word = strtok_r(text, " \t", &rest);
	const char *length = strtok_r(NULL, " \t", &rest);
	if (!word || !length)
		return err_set(err, "%s", shape);
	if (prefix6_parse(word, &delegate->prefix, err) < 0)
		return -1;
	if (ip6_is_multicast(&delegate->prefix.address) ||
	    ip6_is_link_local(&delegate->prefix.address))
		return err_set(err, "must not be link-local or multicast");
	if (parse_length(length, delegate, err) < 0)
		return -1;
	word = strtok_r(NULL, " \t", &rest);
	if (!word)
		return 0;
	if (strcmp(word, "exclude") != 0)
		return err_set(err, "'%s' must be exclude, or nothing", word);
	if (parse_exclude(strtok_r(NULL, " \t", &rest), delegate, err) < 0)
		return -1;
	return strtok_r(NULL, " \t", &rest) ? err_set(err, "has words after exclude") : 0;
}

bool config_same_delegate(const union ra_item *a, const union ra_item *b)
{
	return prefix6_equal(&a->delegate.prefix, &b->delegate.prefix);
}

struct dhcp6_pool config_delegate_pool(const struct config_delegate *delegate)
{
	return (struct dhcp6_pool) {
		.kind = DHCP6_PREFIX,
		/* RFC 4193: a unique local prefix beside a global one, not in its place */
		.set = (delegate->prefix.address.octet[0] & 0xfe) == 0xfc,
		.prefix = delegate->prefix,
		.part_len = delegate->len,
		.exclude_len = delegate->exclude_len,
		.exclude_id = delegate->exclude_id,
	};
}

bool config_delegate_excludes(const struct config_delegate *delegate, const struct prefix6 *what)
{
	struct dhcp6_pool pool = config_delegate_pool(delegate);
	struct prefix6 part = prefix6_masked((struct prefix6) { what->address, delegate->len });
	struct prefix6 excluded;

	return dhcp6_pool_has(&pool, &part) && dhcp6_pool_exclude(&pool, &part, &excluded) &&
	       what->len >= excluded.len && prefix6_contains(&excluded, &what->address);
}

/* RFC 6603 4.3: what is excluded may be the link's between us and the client. */
static const struct prefix6 *in_the_way(const struct ra_settings *settings,
					const struct config_delegate *delegate)
{
	for (unsigned i = 0; i < settings->prefix_count; i++) {
		const struct config_prefix *prefix = &settings->prefix[i];

		if (!prefix->automatic && !prefix->interface[0] &&
		    prefix6_overlap(&delegate->prefix, &prefix->prefix) &&
		    !config_delegate_excludes(delegate, &prefix->prefix))
			return &prefix->prefix;
	}
	return NULL;
}

int config_check_delegates(const struct ra_settings *settings, struct config_fault *fault,
			   struct err *err)
{
	char subject[PREFIX6_TEXT + 16], text[PREFIX6_TEXT];
	const struct dhcp6_settings *dhcp6 = &settings->dhcp6;

	for (unsigned i = 0; i < dhcp6->delegate_count; i++) {
		const struct prefix6 *prefix = &dhcp6->delegate[i].prefix;
		const struct prefix6 *link = in_the_way(settings, &dhcp6->delegate[i]);

		snprintf(subject, sizeof(subject), "delegate %s", prefix6_text(prefix, text));
		if (link)
			return config_fault_item(fault, err, RA_LIST_DELEGATE, &dhcp6->delegate[i],
						 "dhcp6/delegate ra/prefix", subject,
						 "overlaps %s, which is on the link",
						 prefix6_text(link, text));
		for (unsigned j = 0; j < i; j++)
			if (prefix6_overlap(prefix, &dhcp6->delegate[j].prefix))
				return config_fault_item(fault, err, RA_LIST_DELEGATE,
							 &dhcp6->delegate[i], "dhcp6/delegate",
							 subject, "overlaps another one");
	}
	return 0;
}
