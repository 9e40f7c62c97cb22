/* SPDX-License-Identifier: Apache-2.0 */
/* server/account_actions.c - requests about users' accounts, on the state file. */
#include "server/account_private.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/rpc.h"
#include "server/state_audit.h"
#include "server/state_auth.h"
#include "server/state_authorities.h"
#include "server/state_certificates.h"
#include "server/state_invites.h"
#include "server/totp.h"
#include "server/users.h"

#define ARGON2ID "$argon2id$v=19$"

const char *account_who(const json_t *request)
{
	const char *who = json_string_value(json_object_get(request, "who"));

	return who && who[0] ? who : "control socket";
}

static json_t *done(int failed)
{
	return failed < 0 ? NULL : json_pack("{s:i}", "schema", 1);
}

/* A whole number of the request; -1 and a sentence if it is none. */
static int number(const struct account *account, const char *name, int64_t *value, struct err *err)
{
	const json_t *is = json_object_get(account->request, name);

	if (!json_is_integer(is) || json_integer_value(is) < 0)
		return err_kind(err, ERR_USAGE, "'%s' is missing, or no whole number", name);
	*value = json_integer_value(is);
	return 0;
}

/* ---- users ---- */

static json_t *block(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err);
	const char *why = json_string_value(json_object_get(account->request, "why"));

	return name ? done(state_user_block(account->state, name, true, why, account->now_s,
					    account->who, err))
		    : NULL;
}

static json_t *unblock(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err);

	return name ? done(state_user_block(account->state, name, false, NULL, account->now_s,
					    account->who, err))
		    : NULL;
}

static json_t *expire(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err);
	int64_t expires_s;

	if (!name || number(account, "expires_s", &expires_s, err) < 0)
		return NULL;
	return done(state_user_expire(account->state, name, expires_s, account->now_s, account->who,
				      err));
}

/* The hash comes from the command: the password itself goes through no socket. */
int account_hash(const struct account *account, const char **hash, struct err *err)
{
	const json_t *is = json_object_get(account->request, "hash");

	*hash = json_string_value(is);
	if (json_is_null(is) || (*hash && strlen(*hash) < STATE_PASSWORD_MAX &&
				 strncmp(*hash, ARGON2ID, strlen(ARGON2ID)) == 0))
		return 0;
	return err_kind(err, ERR_USAGE, "'hash' is no hash of a password");
}

static json_t *passwd(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err), *hash;

	if (!name || account_hash(account, &hash, err) < 0)
		return NULL;
	return done(
		state_password_set(account->state, name, hash, account->now_s, account->who, err));
}

static json_t *totp_answer(const struct account *account, const char *name, struct bytes secret)
{
	char uri[TOTP_URI_MAX], host[256];

	users_host(account->config, host);
	totp_uri(secret, host, name, uri);
	json_t *answer = json_pack("{s:i, s:s}", "schema", 1, "uri", uri);
	sodium_memzero(uri, sizeof(uri));
	return answer;
}

json_t *account_totp(const struct account *account, const char *name,
		     int (*set)(const struct account *account, const char *name,
				const uint8_t *secret, struct err *err),
		     struct err *err)
{
	uint8_t secret[STATE_CODE_SECRET];

	if (json_is_true(json_object_get(account->request, "remove")))
		return done(set(account, name, NULL, err));
	if (sodium_init() < 0) {
		err_set(err, "libsodium cannot run here");
		return NULL;
	}
	randombytes_buf(secret, sizeof(secret));
	int failed = set(account, name, secret, err);
	json_t *answer =
		failed < 0 ? NULL
			   : totp_answer(account, name, (struct bytes) { secret, sizeof(secret) });
	sodium_memzero(secret, sizeof(secret));
	return answer;
}

static int set_code(const struct account *account, const char *name, const uint8_t *secret,
		    struct err *err)
{
	return state_code_set(account->state, name, secret, account->now_s, account->who, err);
}

static json_t *totp(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err);

	return name ? account_totp(account, name, set_code, err) : NULL;
}

static json_t *sign_request(const struct account *account, struct err *err)
{
	const struct users_newcomer user = {
		.name = rpc_string(account->request, "name", err),
		.group = json_string_value(json_object_get(account->request, "group")),
		.expires_s = json_integer_value(json_object_get(account->request, "expires_s")),
	};
	const char *request = user.name ? rpc_string(account->request, "request", err) : NULL;
	const char *dial = json_string_value(json_object_get(account->request, "server"));
	char certificate[PKI_PEM_MAX];

	if (!request)
		return NULL;
	char *text = users_profile_signed(account->state, account->config, &user, dial, request,
					  account->now_s, account->who, certificate, err);
	if (!text)
		return NULL;
	json_t *answer = json_pack("{s:i, s:s, s:s}", "schema", 1, "profile", text, "certificate",
				   certificate);
	users_profile_free(text);
	return answer;
}

/* ---- invitations ---- */

/* The URL is the token's only place from now on. */
static json_t *invite_answer(const struct state_invite *invite, const char *place,
			     const char *token, const uint8_t *fingerprint)
{
	char url[INVITE_URL_MAX], pin[64];

	sodium_bin2base64(pin, sizeof(pin), fingerprint, PKI_FINGERPRINT_LEN,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(url, sizeof(url), "lanyard://%s/%s#%s", place, token, pin);
	json_t *answer = json_pack("{s:i, s:s, s:I, s:s, s:I}", "schema", 1, "url", url, "id",
				   (json_int_t)invite->id, "user", invite->user, "expires_s",
				   (json_int_t)invite->expires_s);
	sodium_memzero(url, sizeof(url));
	return answer;
}

static json_t *invite(const struct account *account, struct err *err)
{
	const char *name = rpc_string(account->request, "name", err);
	const char *group = json_string_value(json_object_get(account->request, "group"));
	const char *dial = json_string_value(json_object_get(account->request, "server"));
	uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	char place[USERS_PLACE_MAX], token[STATE_TOKEN_TEXT];
	struct state_invite is;
	int64_t lasts_s;

	if (!name || number(account, "lasts_s", &lasts_s, err) < 0 ||
	    users_place(account->config, dial, place, err) < 0 ||
	    users_pin(account->state, account->config, account->now_s, fingerprint, err) < 0 ||
	    state_invite_add(account->state, name, group, account->now_s + lasts_s, account->now_s,
			     account->who, token, &is, err) < 0)
		return NULL;
	json_t *answer = invite_answer(&is, place, token, fingerprint);
	sodium_memzero(token, sizeof(token));
	return answer;
}

struct rows {
	json_t *array;
	int64_t now_s;
};

static void add_invite(void *owner, const struct state_invite *invite)
{
	struct rows *rows = owner;
	const char *is = invite->used_s			    ? "used"
			 : invite->revoked_s		    ? "revoked"
			 : invite->expires_s <= rows->now_s ? "expired"
							    : "open";

	json_array_append_new(rows->array,
			      json_pack("{s:I, s:s, s:s, s:I, s:I}", "id", (json_int_t)invite->id,
					"user", invite->user, "state", is, "created_s",
					(json_int_t)invite->created_s, "expires_s",
					(json_int_t)invite->expires_s));
}

/* {"schema": 1, NAME: the rows}; takes the rows. */
static json_t *answer_rows(struct rows *rows, const char *name, int failed)
{
	if (failed == 0)
		return json_pack("{s:i, s:o}", "schema", 1, name, rows->array);
	json_decref(rows->array);
	return NULL;
}

static json_t *invite_list(const struct account *account, struct err *err)
{
	struct rows rows = { json_array(), account->now_s };

	return answer_rows(&rows, "invitations",
			   state_invite_list(account->state, add_invite, &rows, err));
}

static json_t *invite_revoke(const struct account *account, struct err *err)
{
	int64_t id;

	if (number(account, "id", &id, err) < 0)
		return NULL;
	return done(state_invite_revoke(account->state, id, account->now_s, account->who, err));
}

/* ---- certificates ---- */

static void add_certificate(void *owner, const struct state_certificate *certificate)
{
	struct rows *rows = owner;
	char text[PKI_FINGERPRINT_TEXT];
	json_t *row = json_pack("{s:s, s:s, s:I, s:I}", "fingerprint",
				pki_fingerprint_text(certificate->fingerprint, text), "user",
				certificate->user, "created_s", (json_int_t)certificate->created_s,
				"not_after_s", (json_int_t)certificate->not_after_s);

	json_object_set_new(row, "revoked_s",
			    certificate->revoked_s ? json_integer(certificate->revoked_s)
						   : json_null());
	json_array_append_new(rows->array, row);
}

/* The newest, which signs, first. */
static json_t *authorities(const struct account *account, struct err *err)
{
	struct state_authorities all;
	char text[PKI_FINGERPRINT_TEXT];

	if (pki_init(err) < 0 ||
	    state_authorities_get(account->state, account->now_s, &all, err) < 0)
		return NULL;
	json_t *array = json_array();
	for (unsigned i = 0; i < all.count; i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:I, s:I, s:b}", "fingerprint",
						pki_fingerprint_text(all.is[i].fingerprint, text),
						"created_s", (json_int_t)all.is[i].created_s,
						"not_after_s", (json_int_t)all.is[i].not_after_s,
						"signs", i == 0));
	return array;
}

static json_t *cert_list(const struct account *account, struct err *err)
{
	const char *name = json_string_value(json_object_get(account->request, "name"));
	struct rows rows = { json_array(), account->now_s };
	json_t *answer = answer_rows(
		&rows, "certificates",
		state_certificate_list(account->state, name, add_certificate, &rows, err));
	json_t *of = answer ? authorities(account, err) : NULL;

	if (!of) {
		json_decref(answer);
		return NULL;
	}
	json_object_set_new(answer, "authorities", of);
	return answer;
}

static json_t *cert_rotate(const struct account *account, struct err *err)
{
	if (pki_init(err) < 0 ||
	    state_authorities_keep(account->state, true, account->now_s, account->who, err) < 0)
		return NULL;
	json_t *of = authorities(account, err);
	return of ? json_pack("{s:i, s:o}", "schema", 1, "authorities", of) : NULL;
}

static json_t *cert_distrust(const struct account *account, struct err *err)
{
	const char *fingerprint = rpc_string(account->request, "fingerprint", err);
	uint8_t found[PKI_FINGERPRINT_LEN];
	char text[PKI_FINGERPRINT_TEXT];

	if (!fingerprint || pki_init(err) < 0 ||
	    state_authority_distrust(account->state, fingerprint, account->now_s, account->who,
				     found, err) < 0)
		return NULL;
	json_t *of = authorities(account, err);
	return of ? json_pack("{s:i, s:s, s:o}", "schema", 1, "fingerprint",
			      pki_fingerprint_text(found, text), "authorities", of)
		  : NULL;
}

static json_t *cert_revoke(const struct account *account, struct err *err)
{
	const char *fingerprint = rpc_string(account->request, "fingerprint", err);
	struct state_certificate revoked;
	char text[PKI_FINGERPRINT_TEXT];

	if (!fingerprint || state_certificate_revoke(account->state, fingerprint, account->now_s,
						     account->who, &revoked, err) < 0)
		return NULL;
	return json_pack("{s:i, s:s, s:s}", "schema", 1, "fingerprint",
			 pki_fingerprint_text(revoked.fingerprint, text), "user", revoked.user);
}

/* ---- the audit log ---- */

/* Who asked, and why, are people's words: any bytes, and cut. */
static json_t *escaped(const char *text)
{
	char out[2 * STATE_AUDIT_TEXT];

	return json_string(log_escape(text, strlen(text), out, sizeof(out)));
}

static void add_event(void *owner, const struct state_event *event)
{
	struct rows *rows = owner;
	json_t *row = json_pack("{s:I, s:I}", "id", (json_int_t)event->id, "at_s",
				(json_int_t)event->at_s);

	json_object_set_new(row, "who", escaped(event->who));
	json_object_set_new(row, "what", escaped(event->what));
	json_array_append_new(rows->array, row);
}

static json_t *audit(const struct account *account, struct err *err)
{
	struct rows rows = { json_array(), account->now_s };

	return answer_rows(&rows, "audit",
			   state_audit_read(account->state, AUDIT_SHOWN, add_event, &rows, err));
}

json_t *account_run(struct state *state, const struct server_config *config, const json_t *request,
		    struct err *err)
{
	static const struct {
		const char *verb;
		json_t *(*run)(const struct account *account, struct err *err);
	} actions[] = {
		{ "user block", block },
		{ "user unblock", unblock },
		{ "user expire", expire },
		{ "user passwd", passwd },
		{ "user totp", totp },
		{ "user sign", sign_request },
		{ "invite", invite },
		{ "invite list", invite_list },
		{ "invite revoke", invite_revoke },
		{ "cert list", cert_list },
		{ "cert revoke", cert_revoke },
		{ "cert rotate", cert_rotate },
		{ "cert distrust", cert_distrust },
		{ "audit", audit },
		{ "token add", account_token_add },
		{ "token list", account_token_list },
		{ "token revoke", account_token_revoke },
		{ "admin passwd", account_admin_passwd },
		{ "admin totp", account_admin_totp },
		{ "user role", account_user_role },
	};
	const char *verb = rpc_string(request, "verb", err);
	const struct account account = { state, config, request, account_who(request), time(NULL) };

	for (size_t i = 0; verb && i < ARRAY_LEN(actions); i++)
		if (strcmp(actions[i].verb, verb) == 0)
			return actions[i].run(&account, err);
	err_kind(err, ERR_USAGE, "there is no such action");
	return NULL;
}
