/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/handout.c - options for who asks for them, from values to bytes and into answers.
 *
 * RFC 3646 3 and 4, 5908 4, 8910 2.2, 9463 4.1, 9915 21.7 (what was asked for), 21.23-21.25.
 */
#include "dhcp6/handout.h"

#include "base/siphash.h"

#include "base/domain.h"

enum { NTP_ADDRESS = 1, NTP_NAME = 3 };		      /* RFC 5908 4.1, 4.3 */
enum { SVC_ALPN = 1, SVC_PORT = 3, SVC_DOHPATH = 7 }; /* RFC 9460 14.3.2, 9461 5 */

/* What the engine says itself, and what only clients and relays may say. */
static const uint16_t not_ours[] = {
	DHCP6_OPTION_CLIENT_ID,
	DHCP6_OPTION_SERVER_ID,
	DHCP6_OPTION_IA_NA,
	DHCP6_OPTION_IA_TA,
	DHCP6_OPTION_IA_ADDRESS,
	DHCP6_OPTION_REQUEST,
	DHCP6_OPTION_PREFERENCE,
	DHCP6_OPTION_ELAPSED_TIME,
	DHCP6_OPTION_RELAY_MESSAGE,
	DHCP6_OPTION_AUTH,
	DHCP6_OPTION_STATUS,
	DHCP6_OPTION_RAPID_COMMIT,
	DHCP6_OPTION_INTERFACE_ID,
	DHCP6_OPTION_RECONFIGURE_MESSAGE,
	DHCP6_OPTION_RECONFIGURE_ACCEPT,
	DHCP6_OPTION_IA_PD,
	DHCP6_OPTION_IA_PREFIX,
	DHCP6_OPTION_PD_EXCLUDE,
	DHCP6_OPTION_ADDR_REG_ENABLE,
};

static const struct seconds_rule {
	enum dhcp6_code code;
	uint32_t least, most;
} seconds_rules[] = {
	{ DHCP6_OPTION_INFORMATION_REFRESH, 600, UINT32_MAX }, /* IRT_MINIMUM */
	{ DHCP6_OPTION_SOL_MAX_RT, 60, 86400 },
	{ DHCP6_OPTION_INF_MAX_RT, 60, 86400 },
};

static struct writer begin(struct dhcp6_handout *handout)
{
	return writer_over(handout->bytes + handout->used, sizeof(handout->bytes) - handout->used);
}

static int end(struct dhcp6_handout *handout, unsigned code, const struct writer *w,
	       struct err *err)
{
	if (handout->count == DHCP6_HANDOUT_MAX)
		return err_set(err, "there are more than %u options", DHCP6_HANDOUT_MAX);
	if (w->full || w->len > UINT16_MAX)
		return err_set(err, "the options have more than %u bytes", DHCP6_HANDOUT_BYTES);
	handout->option[handout->count].code = (uint16_t)code;
	handout->option[handout->count].len = (uint16_t)w->len;
	handout->count++;
	handout->used += w->len;
	return 0;
}

int dhcp6_handout_addresses(struct dhcp6_handout *handout, enum dhcp6_code code,
			    const struct ip6 *address, unsigned count, struct err *err)
{
	struct writer w = begin(handout);

	writer_copy(&w, address, count * sizeof(*address));
	return end(handout, code, &w, err);
}

/* A name that cannot be said is told from one that has no room by trying it alone. */
static int write_name(struct writer *w, const char *name, struct err *err)
{
	uint8_t alone[DOMAIN_MAX_WIRE];
	struct writer trial = writer_over(alone, sizeof(alone));

	domain_write(&trial, name);
	if (trial.full)
		return err_set(err, "'%.80s' is not a domain name", name);
	writer_copy(w, alone, trial.len);
	return 0;
}

int dhcp6_handout_search(struct dhcp6_handout *handout, const char *const *domain, unsigned count,
			 struct err *err)
{
	struct writer w = begin(handout);

	for (unsigned i = 0; i < count; i++) {
		if (write_name(&w, domain[i], err) < 0)
			return -1;
	}
	return end(handout, DHCP6_OPTION_DOMAIN_LIST, &w, err);
}

int dhcp6_handout_ntp(struct dhcp6_handout *handout, const struct ip6 *address, const char *name,
		      struct err *err)
{
	struct writer w = begin(handout);
	size_t sub = dhcp6_option_open(&w, address ? NTP_ADDRESS : NTP_NAME);

	if (address)
		writer_copy(&w, address->octet, sizeof(address->octet));
	else if (write_name(&w, name, err) < 0)
		return -1;
	writer_close(&w, sub);
	return end(handout, DHCP6_OPTION_NTP_SERVER, &w, err);
}

int dhcp6_handout_seconds(struct dhcp6_handout *handout, enum dhcp6_code code, uint32_t seconds,
			  struct err *err)
{
	struct writer w = begin(handout);

	for (size_t i = 0; i < ARRAY_LEN(seconds_rules); i++) {
		const struct seconds_rule *rule = &seconds_rules[i];

		if (rule->code != code)
			continue;
		if (seconds < rule->least || seconds > rule->most)
			return err_set(err, "must be %u to %u seconds", rule->least, rule->most);
		writer_u32(&w, seconds);
		return end(handout, code, &w, err);
	}
	return err_set(err, "option %u is not a time", (unsigned)code);
}

int dhcp6_handout_text(struct dhcp6_handout *handout, enum dhcp6_code code, const char *text,
		       struct err *err)
{
	struct writer w = begin(handout);

	writer_copy(&w, text, strlen(text));
	return end(handout, code, &w, err);
}

int dhcp6_handout_raw(struct dhcp6_handout *handout, unsigned code, struct bytes body,
		      struct err *err)
{
	struct writer w = begin(handout);

	if (code == 0 || code > UINT16_MAX)
		return err_set(err, "an option's number is 1 to 65535");
	for (size_t i = 0; i < ARRAY_LEN(not_ours); i++) {
		if (not_ours[i] == code)
			return err_set(err, "option %u is the server's own business", code);
	}
	writer_copy(&w, body.data, body.len);
	return end(handout, code, &w, err);
}

/* ---- encrypted DNS ---- */

static void write_alpn(struct writer *w, const char *names)
{
	size_t value;

	writer_u16(w, SVC_ALPN);
	value = writer_open(w);
	for (const char *name = names;;) {
		size_t len = (size_t)(strchrnul(name, ',') - name);

		writer_u8(w, (uint8_t)len);
		writer_copy(w, name, len);
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
	writer_close(w, value);
}

/* RFC 9460 2.2: keys in increasing order.  They fill what is left of the option. */
static void write_service(struct writer *w, const struct dhcp6_resolver *resolver)
{
	size_t value;

	write_alpn(w, resolver->alpn);
	if (resolver->port > 0) {
		writer_u16(w, SVC_PORT);
		value = writer_open(w);
		writer_u16(w, resolver->port);
		writer_close(w, value);
	}
	if (resolver->dohpath[0] != '\0') {
		writer_u16(w, SVC_DOHPATH);
		value = writer_open(w);
		writer_copy(w, resolver->dohpath, strlen(resolver->dohpath));
		writer_close(w, value);
	}
}

int dhcp6_handout_dnr(struct dhcp6_handout *handout, const struct dhcp6_resolver *resolver,
		      struct err *err)
{
	struct writer w = begin(handout);

	writer_u16(&w, resolver->priority);
	size_t part = writer_open(&w);
	if (write_name(&w, resolver->name, err) < 0)
		return -1;
	writer_close(&w, part);
	if (resolver->address_count > 0) { /* else "ADN-only", RFC 9463 4.1 */
		part = writer_open(&w);
		writer_copy(&w, resolver->address,
			    resolver->address_count * sizeof(*resolver->address));
		writer_close(&w, part);
		write_service(&w, resolver);
	}
	return end(handout, DHCP6_OPTION_DNR, &w, err);
}

/* ---- into an answer ---- */

/* RFC 9915 21.23: the refresh time is for those who have no lease that says when to ask again. */
static bool may_say(unsigned code, const struct dhcp6_request *request)
{
	return code != DHCP6_OPTION_INFORMATION_REFRESH ||
	       request->type == DHCP6_INFORMATION_REQUEST;
}

static void write_code(const struct dhcp6_handout *handout, unsigned code, struct writer *w)
{
	const uint8_t *body = handout->bytes;

	for (unsigned i = 0; i < handout->count; i++) {
		size_t len = handout->option[i].len;

		if (handout->option[i].code == code && 4 + len <= w->cap - w->len)
			dhcp6_option_write(w, code, (struct bytes) { body, len });
		body += len;
	}
}

uint64_t dhcp6_handout_digest(const struct dhcp6_handout *handout)
{
	static const struct siphash_key key[2] = { { 0, 0 }, { 1, 0 } };

	if (!handout)
		return 0;
	uint64_t digest =
		siphash(&key[0], handout->option, handout->count * sizeof(handout->option[0])) ^
		siphash(&key[1], handout->bytes, handout->used);
	return digest != 0 ? digest : 1;
}

void dhcp6_handout_write(const struct dhcp6_handout *handout, const struct dhcp6_request *request,
			 struct writer *w)
{
	for (unsigned i = 0; i < request->wanted_count; i++) {
		unsigned code = request->wanted[i];
		bool again = false;

		for (unsigned j = 0; j < i; j++)
			again = again || request->wanted[j] == code;
		if (!again && may_say(code, request))
			write_code(handout, code, w);
	}
}
