/* SPDX-License-Identifier: Apache-2.0 */
/* server/credentials.c - the server's certificate, from files or from its own CA, kept good.
 *
 * Files are looked at by their dates, not watched: what a link in a path points to changes without
 * a word to who watches the link, and that is how most tools put new certificates in place.
 */
#include "server/credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "server/login.h"
#include "server/server_private.h"
#include "server/state_authorities.h"

#define PEM_MAX 65536
#define LOOK_S 3600 /* the longest pause: clocks are set */
#define TELL_MS 100 /* between portions of clients */
#define TELL_MAX 256

/* A file as it is: another of these is another file. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

/* PEM texts: what is shown, with the chain, its key (secret), and whose certificates are believed. */
struct pems {
	char certificate[PEM_MAX], key[PEM_MAX], authorities[PKI_PEM_MAX];
};

struct credentials {
	struct server *server;
	struct pems *good, *next;      /* what is used; what is tried, wiped afterwards */
	struct tls_credentials *fresh; /* those that the greeter has not got yet */
	uv_timer_t timer;
	struct stamp tried[2],
		seen[2]; /* certificate and key: when last read, when last looked at */
	uint64_t looked_ms;
	int64_t not_before_s, not_after_s,
		due_s; /* the server's certificate's; when to look again */
	int64_t authority_ends_s, old_authority_ends_s; /* the second: 0, there is none */
	unsigned trusted_count;				/* of CAs, the one that signs first */
	uint8_t trusted[STATE_AUTHORITIES_MAX + 1][PKI_FINGERPRINT_LEN];
	bool others;	    /* there are or were others than that one, and clients may know them */
	uint64_t change;    /* grows with each change of the CAs; what clients were told */
	struct err problem; /* with the latest that was not taken */
};

/* ---- files ---- */

static int read_pem(const char *path, char *text, size_t cap, struct err *err)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return err_errno(err, "cannot read %s", path);
	size_t len = fread(text, 1, cap - 1, file);
	int failed = ferror(file) ? err_errno(err, "cannot read %s", path) : 0;
	if (failed == 0 && len == cap - 1)
		failed = err_set(err, "%s is too large for a PEM file", path);
	text[len] = '\0';
	fclose(file);
	return failed;
}

static int read_files(const struct server_config *config, struct pems *pems, struct err *err)
{
	return read_pem(config->certificate, pems->certificate, sizeof(pems->certificate), err) <
				       0 ||
			       read_pem(config->key, pems->key, sizeof(pems->key), err) < 0
		       ? -1
		       : 0;
}

/* One that is not there is like no other. */
static void stamp(const char *path, struct stamp *stamp)
{
	struct stat is;

	*stamp = (struct stamp) { 0 };
	if (stat(path, &is) < 0)
		return;
	stamp->device = is.st_dev;
	stamp->inode = is.st_ino;
	stamp->size = is.st_size;
	stamp->changed.tv_sec = is.st_mtim.tv_sec;
	stamp->changed.tv_nsec = is.st_mtim.tv_nsec;
}

static void stamp_both(const struct credentials *credentials, struct stamp both[static 2])
{
	memset(both, 0, 2 * sizeof(*both)); /* padding counts when they are compared */
	stamp(credentials->server->config.certificate, &both[0]);
	stamp(credentials->server->config.key, &both[1]);
}

static bool has_files(const struct credentials *credentials)
{
	return credentials->server->config.certificate[0] != '\0';
}

/* ---- what there is ---- */

/* Others than those that were tried, and nobody has written to them since the last look. */
static bool have_changed(struct credentials *credentials)
{
	struct stamp now[2];

	stamp_both(credentials, now);
	bool changed = memcmp(now, credentials->tried, sizeof(now)) != 0;
	bool settled = memcmp(now, credentials->seen, sizeof(now)) == 0;

	memcpy(credentials->seen, now, sizeof(now));
	return changed && settled;
}

static int find_own(struct credentials *credentials, const char *above, int64_t now_s,
		    struct err *err)
{
	struct server *server = credentials->server;
	struct pems *next = credentials->next;
	struct pki_request request;
	struct pki_pair own = { 0 };
	char host[256];

	users_server_request(&server->config, host, now_s, &request);
	int failed = state_server_certificate(server->state, &request, now_s, &own, err);
	/* what is above is shown, too: an invitation names the fingerprint of the first */
	snprintf(next->certificate, sizeof(next->certificate), "%s%s", own.certificate, above);
	snprintf(next->key, sizeof(next->key), "%s", own.key);
	pki_pair_wipe(&own);
	return failed;
}

static void sooner(int64_t *due_s, int64_t at_s)
{
	*due_s = at_s < *due_s ? at_s : *due_s;
}

static void note_authorities(struct credentials *credentials, const struct state_authorities *all)
{
	const struct state_authority_dates *last = &all->is[all->count - 1];

	credentials->trusted_count = all->count;
	for (unsigned i = 0; i < all->count; i++)
		memcpy(credentials->trusted[i], all->is[i].fingerprint, PKI_FINGERPRINT_LEN);
	credentials->others = all->count + all->distrusted_count > 1;
	credentials->authority_ends_s = all->is[0].not_after_s;
	credentials->old_authority_ends_s = all->count > 1 ? last->not_after_s : 0;
	credentials->due_s = pki_due_s(all->is[0].not_before_s, all->is[0].not_after_s);
	for (unsigned i = 1; i < all->count; i++) {
		sooner(&credentials->due_s, all->is[i].not_after_s);
		sooner(&credentials->old_authority_ends_s, all->is[i].not_after_s);
	}
}

/* What should be used now, into `next`: files that are not read are as they were when they were good. */
static int find(struct credentials *credentials, bool read, int64_t now_s, struct err *err)
{
	struct server *server = credentials->server;
	struct pems *next = credentials->next;
	struct state_authorities all;

	if (state_authorities_keep(server->state, false, now_s, STATE_AUTHORITIES_BY, err) < 0 ||
	    state_authorities_get(server->state, now_s, &all, err) < 0)
		return -1;
	memcpy(next->authorities, all.trusted, sizeof(next->authorities));
	note_authorities(credentials, &all);
	if (!has_files(credentials))
		return find_own(credentials, all.above, now_s, err);
	if (read) { /* stamped before: what is written meanwhile is a change */
		stamp_both(credentials, credentials->tried);
		return read_files(&server->config, next, err);
	}
	memcpy(next->certificate, credentials->good->certificate, sizeof(next->certificate));
	memcpy(next->key, credentials->good->key, sizeof(next->key));
	return 0;
}

/* ---- what is used ---- */

/* A good certificate does not make way for one that no client takes. */
static int check_dates(const struct pki_description *is, int64_t now_s, struct err *err)
{
	char date[48];
	time_t when = is->not_after_s <= now_s ? is->not_after_s : is->not_before_s;
	struct tm tm;

	if (is->not_before_s <= now_s && now_s < is->not_after_s)
		return 0;
	if (!gmtime_r(&when, &tm) || !strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm))
		snprintf(date, sizeof(date), "another time");
	return err_set(err, "the certificate %s %s",
		       is->not_after_s <= now_s ? "ended on" : "is not valid before", date);
}

static bool is_in_use(const struct credentials *credentials)
{
	const struct pems *good = credentials->good, *next = credentials->next;

	return strcmp(good->certificate, next->certificate) == 0 &&
	       strcmp(good->key, next->key) == 0 &&
	       strcmp(good->authorities, next->authorities) == 0;
}

/* `first`: there is nothing that is good yet, so dates are the clients' business. */
static int use(struct credentials *credentials, bool first, int64_t now_s, struct err *err)
{
	struct pems *next = credentials->next;
	struct pki_description is;
	struct tls_credentials *made;

	if (pki_describe(next->certificate, &is, err) < 0 ||
	    (!first && check_dates(&is, now_s, err) < 0))
		return -1;
	made = tls_credentials_new(TLS_SERVER, next->authorities, next->certificate, next->key,
				   err);
	if (!made)
		return -1;
	tls_credentials_free(credentials->fresh);
	credentials->fresh = made;
	credentials->not_after_s = is.not_after_s;
	credentials->not_before_s = is.not_before_s;
	if (strcmp(credentials->good->authorities, next->authorities) != 0)
		credentials->change++;
	credentials->next = credentials->good;
	credentials->good = next;
	return 0;
}

/* 1: there are others now. */
static int refresh(struct credentials *credentials, bool first, bool read, struct err *err)
{
	int64_t now_s = time(NULL);
	int result = find(credentials, read, now_s, err);

	if (result == 0 && (first || !is_in_use(credentials)))
		result = use(credentials, first, now_s, err) < 0 ? -1 : 1;
	explicit_bzero(credentials->next, sizeof(*credentials->next));
	if (!has_files(credentials))
		sooner(&credentials->due_s,
		       pki_due_s(credentials->not_before_s, credentials->not_after_s));
	return result;
}

static void hand_over(struct credentials *credentials)
{
	struct mail_served mail = { .credentials = credentials->fresh };

	if (credentials->fresh && credentials->server->phase == SERVER_RUNNING &&
	    mail_send(credentials->server->box, THREAD_GREETER, MAIL_SERVED, &mail, sizeof(mail)))
		credentials->fresh = NULL; /* else the next time */
}

static void look(struct credentials *credentials, bool read)
{
	uint64_t change = credentials->change;
	char date[32] = "";
	struct err err = { 0 };
	struct tm tm;
	int result = refresh(credentials, false, read, &err);

	credentials->looked_ms = uv_now(&credentials->server->loop);
	if (result > 0 && gmtime_r(&(time_t) { credentials->not_after_s }, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm);
	if (result > 0)
		log_info("server: has another certificate, good until %s UTC", date);
	if (credentials->change != change && credentials->old_authority_ends_s)
		log_info("server: one CA follows another: both are trusted until the old one ends");
	else if (credentials->change != change)
		log_info("server: the old CA is trusted no more");
	else if (result < 0 && strcmp(err.text, credentials->problem.text) != 0)
		log_warning("server: the certificate stays as it was: %s", err.text);
	if (result != 0 || read || !has_files(credentials)) /* else files that are bad still are */
		credentials->problem = err;
	hand_over(credentials);
}

/* ---- in the course of time ---- */

static void on_timer(uv_timer_t *timer);

static void arm(struct credentials *credentials, bool all_told)
{
	int64_t left_s = credentials->due_s - (int64_t)time(NULL);
	uint64_t wait_ms = left_s < 1 ? 1000 : left_s > LOOK_S ? LOOK_S * 1000 : left_s * 1000;

	if (has_files(credentials) && wait_ms > CREDENTIALS_FILES_MS)
		wait_ms = CREDENTIALS_FILES_MS;
	if (!all_told)
		wait_ms = TELL_MS;
	uv_timer_start(&credentials->timer, on_timer, wait_ms, 0);
}

/* A public certificate is not from these; and where there is one CA, everybody has it. */
static bool is_to_be_told(const struct credentials *credentials, const struct client *client)
{
	return !has_files(credentials) && credentials->others &&
	       client->authorities_told != credentials->change;
}

static bool tell(struct credentials *credentials, struct client *client)
{
	if (is_to_be_told(credentials, client) && enrol_tell_authorities(client))
		client->authorities_told = credentials->change;
	return !is_to_be_told(credentials, client);
}

/* False: not all of them yet. */
static bool tell_all(struct credentials *credentials)
{
	struct client *client = credentials->server->clients;

	for (unsigned n = 0; client && n < TELL_MAX; client = client->next) {
		n += is_to_be_told(credentials, client);
		if (!tell(credentials, client))
			return false;
	}
	return client == NULL;
}

void credentials_tell(struct credentials *credentials, struct client *client)
{
	if (!tell(credentials, client))
		arm(credentials, false);
}

static void on_timer(uv_timer_t *timer)
{
	struct credentials *credentials = timer->data;
	bool read = has_files(credentials) && have_changed(credentials);
	uint64_t since_ms = uv_now(&credentials->server->loop) - credentials->looked_ms;

	if (read || since_ms >= LOOK_S * 1000 ||
	    (since_ms >= 1000 && time(NULL) >= credentials->due_s))
		look(credentials, read);
	else
		hand_over(credentials);
	arm(credentials, tell_all(credentials));
}

void credentials_look(struct credentials *credentials)
{
	look(credentials, has_files(credentials));
	arm(credentials, tell_all(credentials));
}

int credentials_open(struct credentials *credentials)
{
	if (uv_timer_init(&credentials->server->loop, &credentials->timer) < 0)
		return -1;
	credentials->timer.data = credentials;
	credentials->looked_ms = uv_now(&credentials->server->loop);
	arm(credentials, true);
	return 0;
}

/* ---- what others ask ---- */

bool credentials_trust(const struct credentials *credentials,
		       const uint8_t authority[static PKI_FINGERPRINT_LEN])
{
	for (unsigned i = 0; i < credentials->trusted_count; i++)
		if (memcmp(credentials->trusted[i], authority, PKI_FINGERPRINT_LEN) == 0)
			return true;
	return false;
}

const uint8_t *credentials_authority(const struct credentials *credentials)
{
	return credentials->trusted[0];
}

json_t *credentials_status(const struct credentials *credentials)
{
	const char *problem = credentials->problem.text;

	int64_t old_ends_s = credentials->old_authority_ends_s;

	return json_pack("{s:I, s:I, s:o, s:o}", "ends_s", (json_int_t)credentials->not_after_s,
			 "authority_ends_s", (json_int_t)credentials->authority_ends_s,
			 "old_authority_ends_s",
			 old_ends_s ? json_integer(old_ends_s) : json_null(), "problem",
			 problem[0] ? json_string(problem) : json_null());
}

/* ---- the beginning and the end ---- */

static void free_credentials(struct credentials *credentials)
{
	if (credentials->good)
		explicit_bzero(credentials->good, sizeof(*credentials->good));
	tls_credentials_free(credentials->fresh);
	free(credentials->good);
	free(credentials->next);
	free(credentials);
}

static void on_closed(uv_handle_t *timer)
{
	free_credentials(timer->data);
}

void credentials_close(struct credentials *credentials)
{
	if (credentials && credentials->timer.data)
		uv_close((uv_handle_t *)&credentials->timer, on_closed);
	else if (credentials)
		free_credentials(credentials);
}

struct credentials *credentials_new(struct server *server, struct err *err)
{
	struct credentials *credentials = calloc(1, sizeof(*credentials));

	if (credentials) {
		credentials->server = server;
		credentials->good = calloc(1, sizeof(*credentials->good));
		credentials->next = calloc(1, sizeof(*credentials->next));
	}
	if (!credentials || !credentials->good || !credentials->next)
		err_set(err, "out of memory");
	else if (refresh(credentials, true, has_files(credentials), err) > 0)
		return credentials;
	else if (has_files(credentials))
		err->kind = ERR_CONFIG;
	credentials_close(credentials);
	return NULL;
}

struct tls_credentials *credentials_first(struct credentials *credentials)
{
	struct tls_credentials *first = credentials->fresh;

	credentials->fresh = NULL;
	return first;
}

int credentials_check_files(const struct server_config *config, struct err *err)
{
	struct pki_pair authority = { 0 };
	struct pems *pems = calloc(1, sizeof(*pems));
	struct tls_credentials *made = NULL;
	int64_t now_s = time(NULL);

	/* they must fit each other, whatever the state file holds */
	if (!pems)
		err_set(err, "out of memory");
	else if (pki_init(err) == 0 &&
		 pki_make_authority("check", now_s, now_s + 1, &authority, err) == 0 &&
		 read_files(config, pems, err) == 0)
		made = tls_credentials_new(TLS_SERVER, authority.certificate, pems->certificate,
					   pems->key, err);
	pki_pair_wipe(&authority);
	if (pems)
		explicit_bzero(pems, sizeof(*pems));
	free(pems);
	tls_credentials_free(made);
	if (!made)
		err->kind = ERR_CONFIG;
	return made ? 0 : -1;
}
