/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/reconfigure.c - Reconfigure messages, signed.
 *
 * RFC 9915 18.3.11, 20.3 (replay detection), 20.4.2 (the digest over the message with zeros in its
 * place).  Keys are made in rkap.c, which also hands them out.
 */
#include "dhcp6/reconfigure.h"

#include "dhcp6/rkap.h"

#define REC_TIMEOUT_MS 2000 /* 7.6 */
#define REC_MAX_RC 8

void dhcp6_reconfigure_write(const struct dhcp6_link *link, const struct dhcp6_lease *lease,
			     enum dhcp6_type ask, uint64_t now_s, uint32_t sequence,
			     dhcp6_hmac_md5 hmac, void *owner, struct writer *w)
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
	dhcp6_rkap_write(w, dhcp6_rkap_replay(now_s, sequence), DHCP6_RKAP_DIGEST, digest);
	if (w->full)
		return;
	struct dhcp6_reconfigure_key key =
		dhcp6_reconfigure_key_of(link, lease->user, &lease->duid);
	hmac(owner, key.octet, (struct bytes) { w->buf + start, w->len - start }, digest);
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
