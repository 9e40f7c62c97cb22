/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/dhcp6_text.h
 *
 * An answer as a line of text, so that rows can say what they expect:
 *
 *   Reply client server na(1 1800/2880 2001:db8::10 3600/7200) pd(1 0/0 NoPrefixAvail) dns-servers:16
 *
 * A relay's answer is [hops link peer ...].  Options whose body no row is about show their length.
 */
#ifndef TESTS_UNIT_DHCP6_TEXT_H
#define TESTS_UNIT_DHCP6_TEXT_H

#include <stdio.h>
#include <stdlib.h>

#include "dhcp6/options.h"

#define ANSWER_TEXT 8192

struct text {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static inline void say(struct text *text, const char *format,
							     ...)
{
	va_list values;

	va_start(values, format);
	int n = vsnprintf(text->at, text->left, format, values);
	va_end(values);
	if (n < 0 || (size_t)n >= text->left)
		abort();
	text->at += n;
	text->left -= (size_t)n;
}

static inline void say_status(struct text *text, struct reader body)
{
	uint16_t status = reader_u16(&body);

	say(text, " %s", body.bad ? "broken" : dhcp6_status_name(status));
}

static inline void say_lifetimes(struct text *text, struct reader *body)
{
	uint32_t preferred_s = reader_u32(body);
	uint32_t valid_s = reader_u32(body);

	say(text, " %u/%u", preferred_s, valid_s);
}

static inline void say_address(struct text *text, struct reader body)
{
	struct ip6 address;
	char written[IP6_TEXT];

	reader_copy(&body, address.octet, sizeof(address.octet));
	say(text, " %s", ip6_text(&address, written));
	say_lifetimes(text, &body);
	say(text, "%s", body.bad || body.left > 0 ? " broken" : "");
}

static inline void say_prefix(struct text *text, struct reader body)
{
	struct prefix6 prefix;
	char written[PREFIX6_TEXT];
	struct reader lifetimes = body;
	struct dhcp6_option option;

	reader_take(&body, 8);
	prefix.len = reader_u8(&body);
	reader_copy(&body, prefix.address.octet, sizeof(prefix.address.octet));
	say(text, " %s", prefix6_text(&prefix, written));
	say_lifetimes(text, &lifetimes);
	while (dhcp6_option_next(&body, &option)) {
		say(text, " %s:", dhcp6_code_name(option.code));
		while (option.body.left > 0)
			say(text, "%02x", reader_u8(&option.body));
	}
	say(text, "%s", body.bad ? " broken" : "");
}

static inline void say_ia(struct text *text, const char *name, struct reader body)
{
	struct dhcp6_option option;
	uint32_t iaid = reader_u32(&body);
	uint32_t t1 = reader_u32(&body);
	uint32_t t2 = reader_u32(&body);

	say(text, " %s(%u %u/%u", name, iaid, t1, t2);
	while (dhcp6_option_next(&body, &option)) {
		if (option.code == DHCP6_OPTION_STATUS)
			say_status(text, option.body);
		else if (option.code == DHCP6_OPTION_IA_ADDRESS)
			say_address(text, option.body);
		else if (option.code == DHCP6_OPTION_IA_PREFIX)
			say_prefix(text, option.body);
		else
			say(text, " ?%u", option.code);
	}
	say(text, "%s)", body.bad ? " broken" : "");
}

static inline void say_option(struct text *text, struct dhcp6_option option)
{
	switch (option.code) {
	case DHCP6_OPTION_CLIENT_ID: say(text, " client"); break;
	case DHCP6_OPTION_SERVER_ID: say(text, " server"); break;
	case DHCP6_OPTION_IA_NA: say_ia(text, "na", option.body); break;
	case DHCP6_OPTION_IA_PD: say_ia(text, "pd", option.body); break;
	case DHCP6_OPTION_IA_ADDRESS: say_address(text, option.body); break;
	case DHCP6_OPTION_STATUS: say_status(text, option.body); break;
	default:
		say(text, " %s", dhcp6_code_name(option.code) ? dhcp6_code_name(option.code) : "?");
		say(text, ":%zu", option.body.left);
		break;
	}
}

static inline void say_message(struct text *text, struct reader r)
{
	struct dhcp6_option option;
	char link[IP6_TEXT], peer[IP6_TEXT];
	struct ip6 address;
	uint8_t type = reader_u8(&r);

	if (type == DHCP6_RELAY_REPLY) {
		say(text, "[%u", reader_u8(&r));
		reader_copy(&r, address.octet, sizeof(address.octet));
		say(text, " %s", ip6_text(&address, link));
		reader_copy(&r, address.octet, sizeof(address.octet));
		say(text, " %s", ip6_text(&address, peer));
	} else {
		say(text, "%s", dhcp6_type_name(type));
		reader_take(&r, 3);
	}
	while (dhcp6_option_next(&r, &option)) {
		if (option.code == DHCP6_OPTION_RELAY_MESSAGE) {
			say(text, " ");
			say_message(text, option.body);
		} else {
			say_option(text, option);
		}
	}
	say(text, "%s%s", r.bad ? " broken" : "", type == DHCP6_RELAY_REPLY ? "]" : "");
}

static inline const char *answer_text(struct bytes answer, char text[static ANSWER_TEXT])
{
	struct text at = { text, ANSWER_TEXT };

	say_message(&at, reader_over(answer));
	return text;
}

#endif
