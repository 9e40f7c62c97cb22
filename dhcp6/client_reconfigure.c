/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/client_reconfigure.c - a server tells the client to ask again: whether it is that server, and
 * what is done.
 *
 * RFC 9915 16.11 (validity), 18.2.11 (what follows), 20.3 (replay detection), 20.4.3 (the digest).
 */
#include "dhcp6/client_private.h"
#include "dhcp6/rkap.h"

#define MAX_LEN 1024 /* a server has no use for more */

/* What a Reconfigure says; what has to be there once is counted. */
struct reconfigure {
	unsigned client_ids, server_ids, asks, auths;
	struct dhcp6_duid client_id, server_id;
	uint8_t ask;
	struct dhcp6_rkap rkap;
	bool has_digest;
	size_t digest_at;
};

static void read_id(struct reader body, unsigned *count, struct dhcp6_duid *id)
{
	(*count)++;
	if (!dhcp6_duid_set(id, reader_rest(&body)))
		*id = (struct dhcp6_duid) { 0 };
}

static void read_ask(struct reader body, struct reconfigure *says)
{
	says->asks++;
	says->ask = body.left == 1 ? reader_u8(&body) : 0;
}

static void read_auth(struct reader body, const uint8_t *message, struct reconfigure *says)
{
	says->auths++;
	says->has_digest =
		dhcp6_rkap_read(body, &says->rkap) && says->rkap.use == DHCP6_RKAP_DIGEST;
	if (says->has_digest)
		says->digest_at = (size_t)(says->rkap.value - message);
}

static bool parse(struct bytes payload, struct reconfigure *says)
{
	struct reader r = reader_over(payload);
	struct dhcp6_option option;

	*says = (struct reconfigure) { 0 };
	reader_take(&r, 4); /* the type; 18.3.11: a transaction id of zeros, which says nothing */
	while (dhcp6_option_next(&r, &option)) {
		switch (option.code) {
		case DHCP6_OPTION_CLIENT_ID:
			read_id(option.body, &says->client_ids, &says->client_id);
			break;
		case DHCP6_OPTION_SERVER_ID:
			read_id(option.body, &says->server_ids, &says->server_id);
			break;
		case DHCP6_OPTION_RECONFIGURE_MESSAGE: read_ask(option.body, says); break;
		case DHCP6_OPTION_AUTH: read_auth(option.body, payload.data, says); break;
		default: break;
		}
	}
	return !r.bad;
}

/* In the same time wherever the difference is. */
static bool is_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < len; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

/* 20.4.3: over the whole message, with zeros where the digest is. */
static bool is_signed(const struct dhcp6_client *client, struct bytes payload,
		      const struct reconfigure *says, dhcp6_hmac_md5 hmac, void *owner)
{
	uint8_t message[MAX_LEN], digest[DHCP6_KEY_LEN];

	memcpy(message, payload.data, payload.len);
	memset(message + says->digest_at, 0, sizeof(digest));
	return hmac(owner, client->key.octet, (struct bytes) { message, payload.len }, digest) &&
	       is_same(digest, says->rkap.value, sizeof(digest));
}

/* 16.11; the digest comes last, for it costs most. */
static enum dhcp6_heard fault_of(const struct dhcp6_client *client, struct bytes payload,
				 bool unicast, const struct reconfigure *says, dhcp6_hmac_md5 hmac,
				 void *owner)
{
	if (!unicast || says->client_ids != 1 || !dhcp6_duid_equal(&says->client_id, &client->duid))
		return DHCP6_HEARD_NOT_FOR_US;
	if (says->server_ids != 1 || says->server_id.len == 0)
		return DHCP6_HEARD_NO_SERVER_ID;
	if (says->asks != 1 || (says->ask != DHCP6_RENEW && says->ask != DHCP6_REBIND &&
				says->ask != DHCP6_INFORMATION_REQUEST))
		return DHCP6_HEARD_WRONG_TYPE;
	if (!client->key.is || says->auths != 1 || !says->has_digest)
		return DHCP6_HEARD_UNSIGNED;
	if (!dhcp6_duid_equal(&says->server_id, &client->key.server))
		return DHCP6_HEARD_OTHER_SERVER;
	if (!is_signed(client, payload, says, hmac, owner))
		return DHCP6_HEARD_UNSIGNED;
	/* 20.3: a number that is not beyond the last was heard before, or was never sent */
	return says->rkap.replay > client->key.replay ? DHCP6_HEARD_TAKEN : DHCP6_HEARD_REPLAYED;
}

/* 18.2.11: while what an earlier one has begun goes on, others are passed over; it answers them. */
static bool may_begin(const struct dhcp6_client *client)
{
	switch (client->state) {
	case DHCP6_CLIENT_BOUND: return true;
	case DHCP6_CLIENT_RENEWING:
	case DHCP6_CLIENT_REBINDING: return !client->told_to;
	case DHCP6_CLIENT_OFF:
	case DHCP6_CLIENT_SOLICITING:
	case DHCP6_CLIENT_REQUESTING:
	case DHCP6_CLIENT_INFORMING:
	case DHCP6_CLIENT_CONFIRMING:
	case DHCP6_CLIENT_STATES: break;
	}
	return false;
}

enum dhcp6_heard dhcp6_client_reconfigure(struct dhcp6_client *client, struct bytes payload,
					  bool unicast, dhcp6_hmac_md5 hmac, void *owner,
					  uint64_t now_ms, uint64_t dice)
{
	struct reconfigure says;

	if (payload.len < 4 || payload.len > MAX_LEN || !parse(payload, &says))
		return DHCP6_HEARD_MALFORMED;
	if (payload.data[0] != DHCP6_RECONFIGURE)
		return DHCP6_HEARD_WRONG_TYPE;
	enum dhcp6_heard fault = fault_of(client, payload, unicast, &says, hmac, owner);
	if (fault != DHCP6_HEARD_TAKEN)
		return fault;
	if (!may_begin(client))
		return DHCP6_HEARD_BUSY;
	client->key.replay = says.rkap.replay;
	client->server_id = says.server_id; /* 18.2.6, 18.2.4: whom it answers */
	dhcp6_client_enter(client,
			   says.ask == DHCP6_RENEW    ? DHCP6_CLIENT_RENEWING
			   : says.ask == DHCP6_REBIND ? DHCP6_CLIENT_REBINDING
						      : DHCP6_CLIENT_INFORMING,
			   now_ms, dice);
	client->told_to = true;
	return DHCP6_HEARD_TAKEN;
}
