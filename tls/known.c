/* SPDX-License-Identifier: Apache-2.0 */
/* tls/known.c - sets of a few, each in the order in which its members were last wanted.
 *
 * Only certificates that our CAs have signed come in here, so nobody chooses which set: whoever had
 * enough of them made to push others out would gain that their next login takes as long as the first.
 */
#include "tls/known.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SET_MAX 4
#define SETS (KNOWN_MAX / SET_MAX)

struct member {
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	const mbedtls_x509_crt *signer; /* NULL: nothing is here, nor behind it */
};

struct known {
	pthread_mutex_t lock;
	struct member set[SETS][SET_MAX];
};

_Static_assert(SETS <= 65536 && 65536 % SETS == 0, "two bytes of a hash choose the set evenly");

struct known *known_new(void)
{
	struct known *known = calloc(1, sizeof(*known));

	if (known && pthread_mutex_init(&known->lock, NULL) != 0) {
		free(known);
		return NULL;
	}
	return known;
}

void known_free(struct known *known)
{
	if (!known)
		return;
	pthread_mutex_destroy(&known->lock);
	free(known);
}

static struct member *set_of(struct known *known, const uint8_t *fingerprint)
{
	return known->set[(fingerprint[0] << 8 | fingerprint[1]) % SETS];
}

/* The place of that one, or the last one's. */
static unsigned find(const struct member *set, const uint8_t *fingerprint)
{
	unsigned at = 0;

	while (at < SET_MAX - 1 && set[at].signer &&
	       memcmp(set[at].fingerprint, fingerprint, PKI_FINGERPRINT_LEN) != 0)
		at++;
	return at;
}

static void put_first(struct member *set, unsigned at, const uint8_t *fingerprint,
		      const mbedtls_x509_crt *signer)
{
	memmove(&set[1], &set[0], at * sizeof(*set));
	memcpy(set[0].fingerprint, fingerprint, PKI_FINGERPRINT_LEN);
	set[0].signer = signer;
}

void known_add(struct known *known, const uint8_t fingerprint[static PKI_FINGERPRINT_LEN],
	       const mbedtls_x509_crt *signer)
{
	struct member *set = set_of(known, fingerprint);

	pthread_mutex_lock(&known->lock);
	put_first(set, find(set, fingerprint), fingerprint, signer);
	pthread_mutex_unlock(&known->lock);
}

const mbedtls_x509_crt *known_signer(struct known *known,
				     const uint8_t fingerprint[static PKI_FINGERPRINT_LEN])
{
	struct member *set = set_of(known, fingerprint);
	const mbedtls_x509_crt *signer = NULL;

	pthread_mutex_lock(&known->lock);
	unsigned at = find(set, fingerprint);
	if (memcmp(set[at].fingerprint, fingerprint, PKI_FINGERPRINT_LEN) == 0)
		signer = set[at].signer;
	if (signer)
		put_first(set, at, fingerprint, signer);
	pthread_mutex_unlock(&known->lock);
	return signer;
}
