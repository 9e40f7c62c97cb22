/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/reconfigure.c - Reconfigure messages, signed.
 *
 * RFC 9915 18.3.11 (when), 20.3 (replay detection), 20.4.2 (the digest over the message with zeros in its
 * place).  Keys are made in rkap.c, which also hands them out.
 */
#include "dhcp6/reconfigure.h"

#include "dhcp6/answering.h"
#include "dhcp6/rkap.h"

#define REC_TIMEOUT_MS 2000 /* 7.6 */
#define REC_MAX_RC 8

static bool excludes_as_told(const struct dhcp6_link *link, const struct dhcp6_lease *lease)
{
	struct prefix6 exclude = { 0 };

	if (!lease->takes_exclude)
		return true;
	if (!dhcp6_link_exclude(link, &lease->what, &exclude))
		exclude = (struct prefix6) { 0 };
	return prefix6_equal(&exclude, &lease->excluded);
}

enum dhcp6_type dhcp6_reconfigure_ask(struct dhcp6_leases *leases, const struct dhcp6_link *link,
				      const struct dhcp6_lease *lease)
{
	const struct dhcp6_answering renewal = {
		.leases = leases,
		.link = link,
		.identity = { .user = lease->user,
			      .duid = lease->duid,
			      .iaid = lease->iaid,
			      .has_mac = lease->has_mac,
			      .mac = lease->mac },
	};

	/* a registered address (RFC 9686) is not ours to change */
	if (lease->state != DHCP6_ACTIVE || !lease->reconfigure || lease->kind == DHCP6_REGISTERED)
		return 0;
	if (lease->preferred_s != link->preferred_s || lease->valid_s != link->valid_s ||
	    !dhcp6_choice_fits(&renewal, lease->kind, &lease->what) ||
	    !excludes_as_told(link, lease))
		return DHCP6_RENEW;
	if (lease->told != 0 && lease->told != dhcp6_handout_digest(link->handout))
		return DHCP6_INFORMATION_REQUEST;
	return 0;
}

bool dhcp6_reconfigure_done(enum dhcp6_type ask, uint8_t type)
{
	switch (type) {
	case DHCP6_REQUEST:
	case DHCP6_RENEW:
	case DHCP6_REBIND:
	case DHCP6_RELEASE: return true;
	default: return type == ask;
	}
}

uint64_t dhcp6_reconfigure_replay(uint64_t last, uint64_t now_s)
{
	uint64_t now = dhcp6_rkap_replay(now_s, 1); /* 0 is the key's, or last + 1 */

	return now > last + 1 ? now : last + 2;
}

void dhcp6_reconfigure_write(const struct dhcp6_link *link, const struct dhcp6_lease *lease,
			     enum dhcp6_type ask, uint64_t replay, dhcp6_hmac_md5 hmac, void *owner,
			     struct writer *w)
{
	uint8_t digest[DHCP6_RKAP_LEN] = { 0 }, type = (uint8_t)ask;
	size_t start = w->len;

	if (!dhcp6_rkap_on(link) || !lease->reconfigure) {
		w->full = true;
		return;
	}
	writer_u8(w, DHCP6_RECONFIGURE);
	writer_u24(w, 0); /* 18.3.11: the transaction id */
	dhcp6_option_write(w, DHCP6_OPTION_SERVER_ID,
			   (struct bytes) { link->server_id.octet, link->server_id.len });
	dhcp6_option_write(w, DHCP6_OPTION_CLIENT_ID,
			   (struct bytes) { lease->duid.octet, lease->duid.len });
	dhcp6_option_write(w, DHCP6_OPTION_RECONFIGURE_MESSAGE, (struct bytes) { &type, 1 });
	dhcp6_rkap_write(w, replay, DHCP6_RKAP_DIGEST, digest);
	if (w->full)
		return;
	struct dhcp6_reconfigure_key key =
		dhcp6_reconfigure_key_of(link, lease->user, &lease->duid);
	if (!hmac(owner, key.octet, (struct bytes) { w->buf + start, w->len - start }, digest)) {
		w->full = true;
		return;
	}
	memcpy(w->buf + w->len - sizeof(digest), digest, sizeof(digest));
}

struct dhcp6_reconfigure_tries dhcp6_reconfigure_begin(uint64_t now_ms)
{
	return (struct dhcp6_reconfigure_tries) {
		.left = REC_MAX_RC,
		.wait_ms = REC_TIMEOUT_MS,
		.due_ms = now_ms,
	};
}

void dhcp6_reconfigure_sent(struct dhcp6_reconfigure_tries *tries, uint64_t now_ms)
{
	if (tries->left > 0)
		tries->left--;
	tries->due_ms = tries->left > 0 ? now_ms + tries->wait_ms : DHCP6_RECONFIGURE_NEVER_MS;
	tries->wait_ms *= 2; /* 15: RT doubles; no MRT, no MRD */
}
