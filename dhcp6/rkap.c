/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/rkap.c - the keys for Reconfigure: made from one secret, so that none has to be kept.
 *
 * RFC 9915 20.3, 20.4, 21.11.
 */
#include "dhcp6/rkap.h"

#define SEQUENCE_BITS 20

enum { RKAP_PROTOCOL = 3, RKAP_HMAC_MD5 = 1, RKAP_MONOTONIC = 0 }; /* 20.4.1 */

bool dhcp6_rkap_on(const struct dhcp6_link *link)
{
	return link->reconfigure_key.k0 != 0 || link->reconfigure_key.k1 != 0;
}

/* SipHash is a pseudo-random function of its key: two of its values are 128 bits that nobody
 * without the secret can tell from dice. */
struct dhcp6_reconfigure_key dhcp6_reconfigure_key_of(const struct dhcp6_link *link,
						      const char *user,
						      const struct dhcp6_duid *duid)
{
	struct dhcp6_reconfigure_key key;
	struct writer out = writer_over(key.octet, sizeof(key.octet));
	uint8_t text[2 + DHCP6_DUID_MAX + DHCP6_USER_MAX];

	for (uint8_t half = 0; half < 2; half++) {
		struct writer w = writer_over(text, sizeof(text));

		writer_u8(&w, half);
		writer_u8(&w, duid->len);
		writer_copy(&w, duid->octet, duid->len);
		writer_copy(&w, user, strnlen(user, DHCP6_USER_MAX));
		writer_u64(&out, siphash(&link->reconfigure_key, text, w.len));
	}
	return key;
}

uint64_t dhcp6_rkap_replay(uint64_t now_s, uint32_t sequence)
{
	return now_s << SEQUENCE_BITS | (sequence & ((1u << SEQUENCE_BITS) - 1));
}

void dhcp6_rkap_write(struct writer *w, uint64_t replay, enum dhcp6_rkap_use use,
		      const uint8_t value[static DHCP6_RKAP_LEN])
{
	size_t option = dhcp6_option_open(w, DHCP6_OPTION_AUTH);

	writer_u8(w, RKAP_PROTOCOL);
	writer_u8(w, RKAP_HMAC_MD5);
	writer_u8(w, RKAP_MONOTONIC);
	writer_u64(w, replay);
	writer_u8(w, (uint8_t)use);
	writer_copy(w, value, DHCP6_RKAP_LEN);
	writer_close(w, option);
}

bool dhcp6_rkap_read(struct reader body, struct dhcp6_rkap *rkap)
{
	uint8_t protocol = reader_u8(&body);
	uint8_t algorithm = reader_u8(&body);
	uint8_t method = reader_u8(&body);

	rkap->replay = reader_u64(&body);
	rkap->use = (enum dhcp6_rkap_use)reader_u8(&body);
	rkap->value = reader_take(&body, DHCP6_RKAP_LEN);
	return rkap->value && body.left == 0 && protocol == RKAP_PROTOCOL &&
	       algorithm == RKAP_HMAC_MD5 && method == RKAP_MONOTONIC;
}
