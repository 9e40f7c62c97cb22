/* SPDX-License-Identifier: Apache-2.0 */
/* server/users.c - profiles and the list of users, from the state file. */
#include "server/users.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/state_authorities.h"
#include "tls/pki_request.h"

#define DAY_S 86400
#define CLOCK_SLACK_S 3600
#define PROFILE_MAX (4 * PKI_PEM_MAX)
#define CHAIN_MAX 65536

void users_host(const struct server_config *config, char host[static 256])
{
	char own[256] = "localhost";

	if (!config->name[0] && gethostname(own, sizeof(own) - 1) < 0)
		own[0] = '\0';
	snprintf(host, 256, "%s", config->name[0] ? config->name : own[0] ? own : "localhost");
}

void users_server_request(const struct server_config *config, char host[static 256], int64_t now_s,
			  struct pki_request *request)
{
	*request = (struct pki_request) { .use = PKI_SERVER };
	users_host(config, host);
	request->common_name = strlen(host) < PKI_NAME_MAX ? host : "lanyard";
	request->name[request->name_count++] = host;
	for (unsigned i = 0; i < config->listen_count; i++) {
		static const uint8_t zero[16];
		const char *text = config->listen[i].host;
		uint8_t octet[16], len = strchr(text, ':') ? 16 : 4;

		if (inet_pton(len == 16 ? AF_INET6 : AF_INET, text, octet) != 1 ||
		    memcmp(octet, zero, len) == 0)
			continue; /* a wildcard is no address to dial */
		request->address[request->address_count].len = len;
		memcpy(request->address[request->address_count++].octet, octet, len);
	}
}

/* PEM text as an indented continuation of its key. */
static void add_pem(FILE *out, const char *key, const char *pem)
{
	fprintf(out, "%s =\n", key);
	while (*pem) {
		size_t len = strcspn(pem, "\n");
		if (len > 0)
			fprintf(out, "  %.*s\n", (int)len, pem);
		pem += len + (pem[len] == '\n');
	}
}

static char *write_profile(const char *user, const char *place, const char *host,
			   const char *authority, const struct pki_pair *pair)
{
	char *text = calloc(1, PROFILE_MAX);
	FILE *out = text ? fmemopen(text, PROFILE_MAX - 1, "w") : NULL;
	char buffer[BUFSIZ]; /* the stream's own would not be wiped */

	if (!out) {
		free(text);
		return NULL;
	}
	setvbuf(out, buffer, _IOFBF, sizeof(buffer));
	fprintf(out,
		"# Lanyard profile of %s: %s a private key, keep it to yourself (mode 0600).\n",
		user, pair->key[0] ? "contains" : "is for");
	fprintf(out, "[client]\n");
	fprintf(out, "server = %s\n", place);
	fprintf(out, "name = %s\nuser = %s\n\n[trust]\n", host, user);
	add_pem(out, "ca", authority);
	fprintf(out, "\n[identity]\n");
	add_pem(out, "certificate", pair->certificate);
	if (pair->key[0])
		add_pem(out, "key", pair->key);
	else
		fprintf(out,
			"# The key of the request belongs here, indented as the certificate is:\n"
			"#   (echo 'key ='; sed 's/^/  /' KEY-FILE) >> THIS-FILE\n");
	bool failed = fclose(out) != 0;
	sodium_memzero(buffer, sizeof(buffer));
	if (failed) {
		users_profile_free(text);
		return NULL;
	}
	return text;
}

/* The last certificate of a chain is the one nearest to its root.  Nothing else of the file
 * may get into a profile: a private key could stand behind it. */
static int last_certificate(const char *chain, const char *path,
			    char certificate[static PKI_PEM_MAX], struct err *err)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	const char *last = NULL, *after;

	for (const char *next = chain; (next = strstr(next, begin)); next++)
		last = next;
	after = last ? strstr(last, end) : NULL;
	if (!after)
		return err_set(err, "%s has no certificate", path);
	size_t len = (size_t)(after - last) + strlen(end);
	if (len >= PKI_PEM_MAX - 1)
		return err_set(err, "%s has a certificate that is too large", path);
	memcpy(certificate, last, len);
	memcpy(certificate + len, "\n", 2);
	return 0;
}

/* The CA of an admin's file. */
static int file_anchor(const struct server_config *config, char certificate[static PKI_PEM_MAX],
		       struct err *err)
{
	FILE *file = fopen(config->certificate, "re");
	char *text = calloc(1, CHAIN_MAX);
	int failed = text ? 0 : err_set(err, "out of memory");

	if (failed == 0 &&
	    (!file || (fread(text, 1, CHAIN_MAX - 1, file) < CHAIN_MAX - 1 && ferror(file))))
		failed = err_errno(err, "cannot read %s", config->certificate);
	if (failed == 0)
		failed = last_certificate(text, config->certificate, certificate, err);
	if (text)
		sodium_memzero(text, CHAIN_MAX); /* some keep the key in the same file */
	free(text);
	if (file)
		fclose(file);
	return failed;
}

int users_own_authority(const struct server_config *config, char certificate[static PKI_PEM_MAX],
			struct err *err)
{
	struct pki_description is;

	certificate[0] = '\0';
	if (!config->certificate[0])
		return 0;
	if (file_anchor(config, certificate, err) < 0 || pki_describe(certificate, &is, err) < 0)
		return -1;
	if (!is.is_authority || !is.is_self_issued)
		certificate[0] = '\0';
	return 0;
}

/* What the server's certificate is checked with: the built-in CAs, or the admin's; by one of them
 * alone (`shown`) that the server shows, first. */
static int trust_anchor(struct state *state, const struct server_config *config, bool shown,
			int64_t now_s, char certificate[static PKI_PEM_MAX], struct err *err)
{
	struct state_authorities all;

	if (config->certificate[0])
		return file_anchor(config, certificate, err);
	if (state_authorities_get(state, now_s, &all, err) < 0)
		return -1;
	memcpy(certificate, shown ? all.above : all.trusted, PKI_PEM_MAX);
	return 0;
}

/* Nothing that would be more than one word in the profile; if it is a host, the client says. */
static int check_dial(const char *dial, struct err *err)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";

	if (dial && (dial[0] == '\0' || dial[strspn(dial, allowed)] != '\0'))
		return err_kind(err, ERR_USAGE,
				"what a profile dials is a host or an address, then :PORT");
	return 0;
}

int users_place(const struct server_config *config, const char *dial,
		char place[static USERS_PLACE_MAX], struct err *err)
{
	char host[256];

	users_host(config, host);
	if (check_dial(dial, err) < 0)
		return -1;
	if (dial && strlen(dial) >= USERS_PLACE_MAX)
		return err_kind(err, ERR_USAGE, "what a profile dials is too long");
	if (dial || config->listen[0].port == CONFIG_PORT)
		snprintf(place, USERS_PLACE_MAX, "%s", dial ? dial : host);
	else
		snprintf(place, USERS_PLACE_MAX, "%s:%u", host, config->listen[0].port);
	return 0;
}

int users_pin(struct state *state, const struct server_config *config, int64_t now_s,
	      uint8_t fingerprint[static PKI_FINGERPRINT_LEN], struct err *err)
{
	struct pki_pair authority;
	struct pki_description is;
	char anchor[PKI_PEM_MAX];

	if (pki_init(err) < 0 || state_authority(state, now_s, &authority, err) < 0)
		return -1;
	pki_pair_wipe(&authority); /* there is one now */
	if (trust_anchor(state, config, true, now_s, anchor, err) < 0 ||
	    pki_describe(anchor, &is, err) < 0)
		return -1;
	memcpy(fingerprint, is.fingerprint, PKI_FINGERPRINT_LEN);
	return 0;
}

char *users_profile(struct state *state, const struct server_config *config, const char *user,
		    const char *dial, int64_t now_s, const char *who, struct err *err)
{
	struct pki_pair authority, pair = { 0 };
	struct pki_description is;
	struct pki_request server, request = {
		.use = PKI_CLIENT,
		.common_name = user,
		.not_before_s = now_s - CLOCK_SLACK_S,
		.not_after_s = now_s + config->certificate_time_s,
	};
	char host[256], place[USERS_PLACE_MAX], anchor[PKI_PEM_MAX];
	char *text = NULL;

	if (pki_init(err) < 0 || state_check_name("user", user, err) < 0 ||
	    users_place(config, dial, place, err) < 0 ||
	    state_authority(state, now_s, &authority, err) < 0)
		return NULL;
	users_server_request(config, host, now_s, &server);
	if (trust_anchor(state, config, false, now_s, anchor, err) == 0 &&
	    pki_issue(&authority, &request, &pair, err) == 0 &&
	    pki_describe(pair.certificate, &is, err) == 0 &&
	    state_certificate_add(state, user, &is, now_s, who, err) == 0) {
		text = write_profile(user, place, host, anchor, &pair);
		if (!text)
			err_set(err, "out of memory");
	}
	pki_pair_wipe(&authority);
	pki_pair_wipe(&pair);
	return text;
}

/* The request's own name is not believed: an admin says whose it is. */
static int sign(struct state *state, const char *request, const struct pki_request *as,
		int64_t now_s, char certificate[static PKI_PEM_MAX], struct pki_description *is,
		struct err *err)
{
	struct bytes bytes = { (const uint8_t *)request, strlen(request) + 1 };
	struct pki_pair authority = { 0 };
	int failed = state_authority(state, now_s, &authority, err);

	if (failed == 0)
		failed = pki_request_sign(&authority, bytes, as, certificate, err);
	pki_pair_wipe(&authority);
	return failed == 0 ? pki_describe(certificate, is, err) : -1;
}

static int find_or_add(struct state *state, const struct users_newcomer *user, int64_t now_s,
		       const char *who, struct err *err)
{
	struct state_user is;
	bool has_more = (user->group && user->group[0]) || user->expires_s != 0;
	int found = state_user_get(state, user->name, now_s, &is, err);

	if (found > 0 && has_more)
		return err_kind(err, ERR_USAGE,
				"user '%s' is there: 'user group' and 'user expire' change it",
				user->name);
	return found == 0 ? state_user_add(state, user->name, user->group, user->expires_s, now_s,
					   who, err)
			  : found;
}

char *users_profile_signed(struct state *state, const struct server_config *config,
			   const struct users_newcomer *user, const char *dial, const char *request,
			   int64_t now_s, const char *who, char certificate[static PKI_PEM_MAX],
			   struct err *err)
{
	struct pki_request as = {
		.use = PKI_CLIENT,
		.common_name = user->name,
		.not_before_s = now_s - CLOCK_SLACK_S,
		.not_after_s = now_s + config->certificate_time_s,
	};
	struct pki_pair pair = { 0 };
	struct pki_description is;
	char host[256], place[USERS_PLACE_MAX], anchor[PKI_PEM_MAX];

	/* what can go wrong with the request goes wrong before there is a user */
	if (pki_init(err) < 0 || state_check_name("user", user->name, err) < 0 ||
	    users_place(config, dial, place, err) < 0 ||
	    sign(state, request, &as, now_s, certificate, &is, err) < 0 ||
	    trust_anchor(state, config, false, now_s, anchor, err) < 0 ||
	    find_or_add(state, user, now_s, who, err) < 0 ||
	    state_certificate_add(state, user->name, &is, now_s, who, err) < 0)
		return NULL;
	users_host(config, host);
	memcpy(pair.certificate, certificate, sizeof(pair.certificate));
	char *text = write_profile(user->name, place, host, anchor, &pair);
	if (!text)
		err_set(err, "out of memory");
	return text;
}

void users_profile_free(char *profile)
{
	if (profile)
		sodium_memzero(profile, PROFILE_MAX);
	free(profile);
}

struct list {
	json_t *users;
	const struct server_config *config;
};

static json_t *time_or_null(int64_t at_s)
{
	return at_s == 0 ? json_null() : json_integer(at_s);
}

static void add_user(void *owner, const struct state_user *user)
{
	struct list *list = owner;
	bool has_section = server_config_section(list->config, SECTION_GROUP, user->group) != NULL;
	struct policy policy;

	server_config_policy(list->config, user->name, user->group, &policy);
	json_t *row =
		json_pack("{s:s, s:s, s:I, s:i, s:s?, s:b, s:s, s:b, s:b, s:o, s:o, s:o}", "name",
			  user->name, "role", user->role, "created_s", (json_int_t)user->created_s,
			  "certificates", (int)user->certificates, "group",
			  user->group[0] ? user->group : NULL, "group_has_section", has_section,
			  "auth", policy_auth_name(policy.auth), "has_password", user->has_password,
			  "has_code", user->has_code, "blocked_s", time_or_null(user->blocked_s),
			  "blocked_why", user->why[0] ? json_string(user->why) : json_null(),
			  "expires_s", time_or_null(policy_expires_s(&policy, user)));

	json_array_append_new(list->users, row);
}

json_t *users_list(struct state *state, const struct server_config *config, int64_t now_s,
		   struct err *err)
{
	struct list list = { json_array(), config };

	if (!list.users || state_user_list(state, now_s, add_user, &list, err) < 0) {
		json_decref(list.users);
		return NULL;
	}
	return json_pack("{s:i, s:o}", "schema", 1, "users", list.users);
}
