/* SPDX-License-Identifier: Apache-2.0 */
/* admin/logons.c - who has logged in: a table of cookies' hashes.
 *
 * A cookie is 256 random bits that no script sees (HttpOnly), that no other site's request brings
 * (SameSite=Strict), and over TLS only where it came over TLS: RFC 6265bis 4.1.2, 4.1.3.2.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/admin_private.h"
#include "admin/cookie.h"

#define VALUE_MAX 44 /* base64url without padding, NUL */
#define NAME "lanyard-session"
#define NAME_SECURE "__Host-" NAME

_Static_assert(VALUE_MAX == sodium_base64_ENCODED_LEN(SESSION_LEN,
						      sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	       "room for a cookie's value");

static void clear(struct logon *session)
{
	sodium_memzero(session, sizeof(*session));
}

/* A user's own end is by the clock on the wall; whatever else ends a session is told (admin_forget). */
static bool is_over(const struct logon *session, uint64_t now_ms)
{
	if (session->expires_s != 0 && session->expires_s <= time(NULL))
		return true;
	return now_ms - session->seen_ms > SESSION_IDLE_MS ||
	       now_ms - session->began_ms > SESSION_MS;
}

struct logon *logon_find(struct admin *admin, const char *cookies, bool secure)
{
	char value[VALUE_MAX];
	uint8_t hash[ADMIN_TOKEN_HASH];
	uint64_t now_ms = uv_now(&admin->loop);

	if (!cookies || !cookie_find(cookies, secure ? NAME_SECURE : NAME, value, sizeof(value)))
		return NULL;
	admin_token_hash(value, hash);
	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		struct logon *session = &admin->session[i];

		if (session->role == ADMIN_NOBODY || memcmp(session->hash, hash, sizeof(hash)) != 0)
			continue;
		if (is_over(session, now_ms)) {
			clear(session);
			return NULL;
		}
		session->seen_ms = now_ms;
		return session;
	}
	return NULL;
}

static bool was_quiet_longer(const struct logon *a, const struct logon *b)
{
	return !b || a->seen_ms < b->seen_ms;
}

/* A free place, or that of whoever was quiet longest; of the user itself, if it has its share. */
static struct logon *take_place(struct admin *admin, const char *user)
{
	struct logon *free_place = NULL, *quiet = NULL, *own = NULL;
	unsigned own_count = 0;

	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		struct logon *session = &admin->session[i];

		if (session->role == ADMIN_NOBODY) {
			free_place = session;
			continue;
		}
		if (was_quiet_longer(session, quiet))
			quiet = session;
		if (strcmp(session->user, user) != 0)
			continue;
		own_count++;
		if (was_quiet_longer(session, own))
			own = session;
	}
	if (own_count >= SESSIONS_USER)
		return own;
	return free_place ? free_place : quiet;
}

static void write_header(const char *value, bool secure, char header[static COOKIE_MAX])
{
	snprintf(header, COOKIE_MAX, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
		 secure ? NAME_SECURE : NAME, value, value[0] ? SESSION_MS / 1000 : 0,
		 secure ? "; Secure" : "");
}

void logon_open(struct admin *admin, const struct logon *who, bool secure,
		char header[static COOKIE_MAX])
{
	struct logon *session = take_place(admin, who->user);
	uint8_t secret[SESSION_LEN];
	char value[VALUE_MAX];

	*session = *who;
	session->began_ms = session->seen_ms = uv_now(&admin->loop);
	randombytes_buf(secret, sizeof(secret));
	sodium_bin2base64(value, sizeof(value), secret, sizeof(secret),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	admin_token_hash(value, session->hash);
	write_header(value, secure, header);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(value, sizeof(value));
}

void logon_close(struct logon *session, bool secure, char header[static COOKIE_MAX])
{
	clear(session);
	write_header("", secure, header);
}

void logons_forget(struct admin *admin, const char *user)
{
	for (unsigned i = 0; i < SESSIONS_MAX; i++)
		if (admin->session[i].role != ADMIN_NOBODY &&
		    strcmp(admin->session[i].user, user) == 0)
			clear(&admin->session[i]);
}
