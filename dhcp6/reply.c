/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/reply.c - a server's message read by a client: RFC 9915 8, 21. */
#include "dhcp6/reply.h"

#include "dhcp6/rkap.h"

#define SOL_MAX_RT_LEAST_S 60 /* 21.24 */
#define SOL_MAX_RT_MOST_S 86400

/* Every host gets a /64 (RFC 7421); more than 2^48 of them are given to nobody. */
#define SHORTEST_PREFIX 16
#define LONGEST_PREFIX 64

static uint16_t read_status(struct reader *body)
{
	uint16_t status = reader_u16(body);

	reader_take(body, body->left); /* its text is for people, and not to be trusted */
	return status;
}

/* Global unicast as far as it is assigned, and unique local addresses: RFC 4291 2.4, RFC 4193. */
static bool may_be_given(const struct prefix6 *prefix)
{
	uint8_t first = prefix->address.octet[0];

	return prefix->len >= SHORTEST_PREFIX && prefix->len <= LONGEST_PREFIX &&
	       ((first & 0xe0) == 0x20 || (first & 0xfe) == 0xfc);
}

/*
 * RFC 6603 4.2: the length, then its bits after those of the delegated prefix, from the left, padded
 * with zeros.  False: that can be no part of it.
 */
static bool read_excluded(struct reader *body, struct dhcp6_reply_prefix *prefix)
{
	struct prefix6 excluded = prefix6_masked(prefix->prefix);
	unsigned from = excluded.len;

	excluded.len = reader_u8(body);
	if (excluded.len <= from || excluded.len > 128 ||
	    body->left != (excluded.len - from + 7u) / 8)
		return false;
	for (unsigned bit = from; bit < excluded.len; bit += 8) {
		unsigned octet = reader_u8(body);

		for (unsigned i = 0; i < 8 && bit + i < excluded.len; i++)
			if (octet & 0x80u >> i)
				excluded.address.octet[(bit + i) / 8] |=
					(uint8_t)(0x80u >> (bit + i) % 8);
	}
	prefix->excluded = excluded;
	return true;
}

/* 21.22.  False: malformed. */
static bool read_prefix(struct reader body, struct dhcp6_reply *reply)
{
	struct dhcp6_reply_prefix prefix = { 0 };
	struct dhcp6_option option;
	uint16_t status = DHCP6_STATUS_SUCCESS;
	bool right = true;

	prefix.preferred_s = reader_u32(&body);
	prefix.valid_s = reader_u32(&body);
	prefix.prefix.len = reader_u8(&body);
	reader_copy(&body, &prefix.prefix.address, sizeof(prefix.prefix.address));
	while (dhcp6_option_next(&body, &option)) {
		if (option.code == DHCP6_OPTION_STATUS)
			status = read_status(&option.body);
		else if (option.code == DHCP6_OPTION_PD_EXCLUDE && may_be_given(&prefix.prefix))
			right = read_excluded(&option.body, &prefix) && right;
		if (option.body.bad)
			return false;
	}
	if (body.bad)
		return false;
	/* 21.22: "MUST discard any prefixes for which the preferred lifetime is greater" */
	if (!right || status != DHCP6_STATUS_SUCCESS || prefix.preferred_s > prefix.valid_s ||
	    !may_be_given(&prefix.prefix) || reply->prefix_count == DHCP6_REPLY_PREFIXES)
		return true;
	prefix.prefix = prefix6_masked(prefix.prefix);
	reply->prefix[reply->prefix_count++] = prefix;
	return true;
}

/* 21.21.  False: malformed. */
static bool read_ia(struct reader body, uint32_t iaid, struct dhcp6_reply *reply)
{
	struct dhcp6_option option;
	bool ours = reader_u32(&body) == iaid && !reply->has_ia;
	uint32_t t1_s = reader_u32(&body);
	uint32_t t2_s = reader_u32(&body);

	if (!ours)
		return !body.bad;
	reply->t1_s = t1_s;
	reply->t2_s = t2_s;
	while (dhcp6_option_next(&body, &option)) {
		if (option.code == DHCP6_OPTION_STATUS)
			reply->ia_status = read_status(&option.body);
		else if (option.code == DHCP6_OPTION_IA_PREFIX && !read_prefix(option.body, reply))
			return false;
		if (option.body.bad)
			return false;
	}
	/* 21.21: with T1 > T2 it is handled "as though the server had not included" it */
	reply->has_ia = t1_s <= t2_s || t2_s == 0;
	if (!reply->has_ia)
		reply->prefix_count = 0;
	return !body.bad;
}

static void read_duid(struct dhcp6_option *option, unsigned *count, struct dhcp6_duid *duid)
{
	struct dhcp6_duid read;

	if ((*count)++ == 0 && dhcp6_duid_set(&read, reader_rest(&option->body)))
		*duid = read;
}

static void read_sol_max_rt(struct reader *body, struct dhcp6_reply *reply)
{
	uint32_t seconds = reader_u32(body);

	/* 21.24: "MUST ignore any SOL_MAX_RT option values that are less than 60 or more than 86400" */
	if (!body->bad && seconds >= SOL_MAX_RT_LEAST_S && seconds <= SOL_MAX_RT_MOST_S)
		reply->sol_max_rt_s = seconds;
}

static void read_auth(struct reader body, struct dhcp6_reply *reply)
{
	struct dhcp6_rkap rkap;

	if (reply->has_key || !dhcp6_rkap_read(body, &rkap) || rkap.use != DHCP6_RKAP_KEY)
		return;
	reply->has_key = true;
	reply->key_replay = rkap.replay;
	memcpy(reply->key, rkap.value, sizeof(reply->key));
}

/* False: malformed. */
static bool read_option(struct dhcp6_option *option, uint32_t iaid, struct dhcp6_reply *reply)
{
	switch (option->code) {
	case DHCP6_OPTION_CLIENT_ID:
		read_duid(option, &reply->client_ids, &reply->client_id);
		break;
	case DHCP6_OPTION_SERVER_ID:
		read_duid(option, &reply->server_ids, &reply->server_id);
		break;
	case DHCP6_OPTION_PREFERENCE: reply->preference = reader_u8(&option->body); break;
	case DHCP6_OPTION_STATUS: reply->status = read_status(&option->body); break;
	case DHCP6_OPTION_RAPID_COMMIT: reply->rapid_commit = true; break;
	case DHCP6_OPTION_AUTH: read_auth(option->body, reply); break;
	case DHCP6_OPTION_SOL_MAX_RT: read_sol_max_rt(&option->body, reply); break;
	case DHCP6_OPTION_IA_PD: return read_ia(option->body, iaid, reply);
	default: break;
	}
	return !option->body.bad;
}

bool dhcp6_reply_parse(struct bytes payload, uint32_t iaid, struct dhcp6_reply *reply)
{
	struct reader r = reader_over(payload);
	struct dhcp6_option option;

	*reply = (struct dhcp6_reply) { .type = reader_u8(&r) };
	reply->transaction = reader_u24(&r);
	while (dhcp6_option_next(&r, &option))
		if (!read_option(&option, iaid, reply))
			return false;
	return !r.bad;
}
