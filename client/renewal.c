/* SPDX-License-Identifier: Apache-2.0 */
/* client/renewal.c
 *
 * The next certificate's key lies here until its certificate comes.  What comes is tried before it
 * takes the place of what works, in memory first: a profile that cannot be written now must not
 * cost the next connection.
 */
#include "client/renewal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "client/profile_save.h"
#include "client/trust.h"
#include "tls/pki_request.h"

#define ASK_LEAST_S 60 /* between two questions */
#define ASK_MOST_S (6 * 3600)
#define SPREAD_S 10 /* over which a server's clients ask when it has another CA */
#define WARN_MS (24u * 3600 * 1000)

struct renewal {
	const char *path;
	struct profile *profile;
	struct tls_credentials **credentials;
	struct uplink *uplink;
	uv_timer_t timer;
	struct pki_description own;	    /* zero: no certificate */
	uint8_t filed[PKI_FINGERPRINT_LEN]; /* the one in the profile's file */
	char key[PKI_PEM_MAX];		    /* of the one that is asked for; empty: none is */
	int64_t asked_s;
	int64_t early_s; /* when to ask since another CA signs now; 0: the same does */
	bool unsaved;
	uint64_t warned_ms; /* 0: not yet */
	struct err problem;
};

int64_t renewal_wait_s(int64_t due_s, int64_t not_after_s, int64_t asked_s, int64_t now_s)
{
	int64_t at_s = due_s;

	if (asked_s > now_s) /* the clock went back */
		asked_s = now_s;
	if (asked_s > 0) {
		int64_t pause_s = (not_after_s - asked_s) / 10;

		pause_s = pause_s < ASK_LEAST_S ? ASK_LEAST_S : pause_s;
		pause_s = pause_s > ASK_MOST_S ? ASK_MOST_S : pause_s;
		at_s = at_s > asked_s + pause_s ? at_s : asked_s + pause_s;
	}
	if (at_s <= now_s)
		return 0;
	return at_s - now_s < RENEWAL_LOOK_S ? at_s - now_s : RENEWAL_LOOK_S;
}

/* ---- the profile's file ---- */

static void save(struct renewal *renewal)
{
	struct err err = { 0 };
	uint64_t now_ms = uv_now(renewal->timer.loop);

	renewal->unsaved = profile_save(renewal->path, renewal->filed, renewal->profile, &err) < 0;
	if (!renewal->unsaved) {
		renewal->problem = (struct err) { 0 };
		memcpy(renewal->filed, renewal->own.fingerprint, sizeof(renewal->filed));
		log_info("connect: %s has what the server gave for the next connections",
			 renewal->path);
		return;
	}
	err_context(&err, "the new certificate is not in the profile");
	renewal->problem = err;
	if (renewal->warned_ms > 0 && now_ms - renewal->warned_ms < WARN_MS)
		return;
	renewal->warned_ms = now_ms > 0 ? now_ms : 1;
	log_warning("connect: %s; the old one serves only until it ends", err.text);
}

/* ---- asking ---- */

static void ask(struct renewal *renewal)
{
	struct message_request request = { 0 };
	struct writer w = writer_over(request.octet, sizeof(request.octet));
	struct err err = { 0 };

	renewal->asked_s = time(NULL);
	if (pki_request_make(renewal->own.common_name, renewal->key, &w, &err) < 0 || w.full) {
		log_warning("connect: no new certificate: %s",
			    err.text[0] ? err.text : "the request is too long");
		return;
	}
	request.len = (uint16_t)w.len;
	if (uplink_renew(renewal->uplink, &request)) /* else there was no room: the next time */
		log_debug("connect: asked for a new certificate");
	uplink_flush(renewal->uplink);
}

static void on_timer(uv_timer_t *timer);

/* Without a certificate only what the profile does not have yet is waited for. */
static int64_t wait_s(const struct renewal *renewal)
{
	const struct pki_description *own = &renewal->own;
	int64_t due_s = pki_due_s(own->not_before_s, own->not_after_s);

	if (own->not_after_s == 0)
		return RENEWAL_LOOK_S;
	if (renewal->early_s != 0 && renewal->early_s < due_s)
		due_s = renewal->early_s;
	return renewal_wait_s(due_s, own->not_after_s, renewal->asked_s, time(NULL));
}

static void arm(struct renewal *renewal)
{
	int64_t left_s = wait_s(renewal);

	/* never at once: it is called from what the session says */
	uv_timer_start(&renewal->timer, on_timer, left_s > 0 ? (uint64_t)left_s * 1000 : 1, 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct renewal *renewal = timer->data;

	if (uplink_state(renewal->uplink) != UPLINK_UP)
		return; /* renewal_begin comes again */
	if (renewal->unsaved)
		save(renewal);
	if (wait_s(renewal) == 0)
		ask(renewal);
	arm(renewal);
}

void renewal_begin(struct renewal *renewal, struct uplink *uplink)
{
	renewal->uplink = uplink;
	arm(renewal);
}

/* ---- what comes ---- */

static int take_certificate(struct renewal *renewal, const struct message_credentials *came,
			    struct profile *next, struct err *err)
{
	struct bytes der = { came->certificate.octet, came->certificate.len };
	struct pki_description is;

	if (der.len == 0)
		return 0;
	if (renewal->key[0] == '\0')
		return err_set(err, "nobody asked for it");
	if (pki_to_pem(der, next->certificate, sizeof(next->certificate), err) < 0 ||
	    pki_pair_check(next->certificate, renewal->key, err) < 0 ||
	    pki_describe(next->certificate, &is, err) < 0)
		return -1;
	if (strcmp(is.common_name, renewal->own.common_name) != 0)
		return err_set(err, "it is somebody else's");
	if (is.not_after_s < renewal->own.not_after_s)
		return err_set(err, "it ends before the present one");
	snprintf(next->key, sizeof(next->key), "%s", renewal->key);
	if (!next->device.given)
		memcpy(next->device.fingerprint, renewal->own.fingerprint, PKI_FINGERPRINT_LEN);
	next->device.given = true;
	return 1;
}

/* The CA that signs now is the first one.  Of an admin's own CAs none has signed it, and none will. */
static void look_at_signer(struct renewal *renewal, const char *certificate,
			   const char *authorities)
{
	bool early = certificate[0] && pki_signer(certificate, authorities) > 0;
	uint32_t dice = 0;

	if (early && renewal->early_s != 0)
		return;
	if (early && uv_random(NULL, NULL, &dice, sizeof(dice), 0, NULL) < 0)
		log_debug("connect: no random numbers: asks for a certificate at once");
	renewal->early_s = early ? (int64_t)time(NULL) + dice % SPREAD_S : 0;
}

static int take_authorities(struct renewal *renewal, const struct message_credentials *came,
			    struct profile *next, struct err *err)
{
	struct bytes distrusted = { came->distrusted.octet, came->distrusted.len };
	struct bytes der = { came->authorities.octet, came->authorities.len };
	char fresh[CONF_VALUE_MAX / 2];

	/* a public server's certificate is not from these */
	if (der.len == 0 || came->system)
		return 0;
	if (pki_to_pem(der, fresh, sizeof(fresh), err) < 0)
		return -1;
	look_at_signer(renewal, next->certificate, fresh);
	return profile_follow_ca(next, fresh, distrusted, time(NULL));
}

static int take(struct renewal *renewal, const struct message_credentials *came,
		struct profile *next, struct err *err)
{
	struct tls_credentials *credentials;

	*next = *renewal->profile;
	int certificate = take_certificate(renewal, came, next, err);
	int authorities = certificate < 0 ? -1 : take_authorities(renewal, came, next, err);
	if (certificate < 0 || authorities < 0)
		return -1;
	if (certificate == 0 && authorities == 0)
		return 0;
	credentials = trust_credentials(next, "the server's", err);
	if (!credentials ||
	    (next->certificate[0] && pki_describe(next->certificate, &renewal->own, err) < 0)) {
		tls_credentials_free(credentials);
		return -1;
	}
	uplink_trust(renewal->uplink, credentials); /* it is up: no handshake has the old ones */
	tls_credentials_free(*renewal->credentials);
	*renewal->credentials = credentials;
	*renewal->profile = *next;
	if (certificate > 0) {
		explicit_bzero(renewal->key, sizeof(renewal->key));
		renewal->asked_s = 0;
	}
	return 1;
}

void renewal_take(struct renewal *renewal, const struct message_credentials *credentials)
{
	struct profile *next = malloc(sizeof(*next));
	struct err err = { 0 };

	int taken = next ? take(renewal, credentials, next, &err) : err_set(&err, "out of memory");
	if (taken < 0)
		log_warning("connect: the server's new certificate is not taken: %s", err.text);
	if (taken > 0)
		save(renewal);
	arm(renewal);
	if (next)
		explicit_bzero(next, sizeof(*next));
	free(next);
}

/* ---- the beginning, the end, status ---- */

struct renewal *renewal_new(uv_loop_t *loop, const char *path, struct profile *profile,
			    struct tls_credentials **credentials, struct err *err)
{
	struct renewal *renewal = calloc(1, sizeof(*renewal));

	if (!renewal) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (profile->certificate[0] && pki_describe(profile->certificate, &renewal->own, err) < 0) {
		free(renewal);
		return NULL;
	}
	memcpy(renewal->filed, renewal->own.fingerprint, sizeof(renewal->filed));
	renewal->path = path;
	renewal->profile = profile;
	renewal->credentials = credentials;
	uv_timer_init(loop, &renewal->timer);
	renewal->timer.data = renewal;
	return renewal;
}

static void on_closed(uv_handle_t *handle)
{
	struct renewal *renewal = handle->data;

	explicit_bzero(renewal->key, sizeof(renewal->key));
	free(renewal);
}

void renewal_free(struct renewal *renewal)
{
	if (renewal)
		uv_close((uv_handle_t *)&renewal->timer, on_closed);
}

int64_t renewal_end_s(const struct renewal *renewal)
{
	return renewal->own.not_after_s;
}

const char *renewal_problem(const struct renewal *renewal)
{
	return renewal->problem.text;
}
