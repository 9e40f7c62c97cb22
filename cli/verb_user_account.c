/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_user_account.c - what `lanyard user` asks about passwords, codes, blocking and expiry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/verb_user.h"
#include "server/password.h"
#include "server/users.h"

json_t *user_request_block(const struct user_options *options, struct err *err)
{
	return json_pack("{s:s, s:s, s:s*}", "verb", "user block", "name", options->name, "why",
			 options->account.reason);
}

json_t *user_request_unblock(const struct user_options *options, struct err *err)
{
	return json_pack("{s:s, s:s}", "verb", "user unblock", "name", options->name);
}

json_t *user_request_expire(const struct user_options *options, struct err *err)
{
	int64_t expires_s;

	if (account_when(options->second, time(NULL), &expires_s, err) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:I}", "verb", "user expire", "name", options->name,
			 "expires_s", (json_int_t)expires_s);
}

json_t *user_request_role(const struct user_options *options, struct err *err)
{
	return json_pack("{s:s, s:s, s:s}", "verb", "user role", "name", options->name, "role",
			 options->second);
}

/* Hashed here: the server's threads have other things to do, and its socket sees no password. */
json_t *user_request_passwd(const struct user_options *options, struct err *err)
{
	char password[PASSWORD_MAX + 2], hash[PASSWORD_HASH_MAX];

	if (options->account.remove)
		return json_pack("{s:s, s:s, s:n}", "verb", "user passwd", "name", options->name,
				 "hash");
	int failed = account_read_secret(options->account.file, "New password", password,
					 sizeof(password), err);
	struct bytes bytes = { (const uint8_t *)password, strlen(password) };

	if (failed == 0)
		failed = password_check(bytes, err);
	if (failed == 0)
		failed = password_hash(bytes, &options->account.config.password, hash, err);
	explicit_bzero(password, sizeof(password));
	return failed < 0 ? NULL
			  : json_pack("{s:s, s:s, s:s}", "verb", "user passwd", "name",
				      options->name, "hash", hash);
}

json_t *user_request_totp(const struct user_options *options, struct err *err)
{
	return json_pack("{s:s, s:s, s:b}", "verb", "user totp", "name", options->name, "remove",
			 options->account.remove);
}

/* PEM: what is read is sent on only if it is a request, lest a key goes where it should not. */
static char *read_request(const char *path, struct err *err)
{
	static const char begin[] = "-----BEGIN ", end[] = "CERTIFICATE REQUEST-----";
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	char *text = calloc(1, USERS_REQUEST_MAX);
	size_t len = file && text ? fread(text, 1, USERS_REQUEST_MAX, file) : 0;

	if (!file)
		err_errno(err, "cannot read %s", path);
	else if (!text)
		err_set(err, "out of memory");
	else if (len == USERS_REQUEST_MAX || strlen(text) != len || !strstr(text, begin) ||
		 !strstr(text, end) || strstr(text, "PRIVATE KEY"))
		err_kind(err, ERR_USAGE, "%s is no request for a certificate (PKCS#10) in PEM",
			 path);
	if (file && !is_stdin)
		fclose(file);
	if (!err->text[0])
		return text;
	if (text)
		explicit_bzero(text, USERS_REQUEST_MAX);
	free(text);
	return NULL;
}

json_t *user_request_sign(const struct user_options *options, struct err *err)
{
	int64_t expires_s = 0;

	if (options->account.expires &&
	    account_when(options->account.expires, time(NULL), &expires_s, err) < 0)
		return NULL;
	char *text = read_request(options->account.csr, err);
	json_t *request = text ? json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:I}", "verb", "user sign",
					   "name", options->name, "request", text, "group",
					   options->account.group, "server", options->account.dial,
					   "expires_s", (json_int_t)expires_s)
			       : NULL;

	free(text);
	return request;
}

/* ---- what is said ---- */

void user_print_signed(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s has a certificate; the profile lacks the key of the request\n",
		options->name);
	fputs(cli_text(answer, "profile"), stdout);
}

void user_print_block(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s is blocked\n", options->name);
}

void user_print_unblock(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s is not blocked\n", options->name);
}

void user_print_expire(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s expires: %s\n", options->name, options->second);
}

void user_print_role(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s has the role %s\n", options->name, options->second);
}

void user_print_passwd(const json_t *answer, const struct user_options *options)
{
	fprintf(stderr, "user %s has %s\n", options->name,
		options->account.remove ? "no password any more" : "a new password");
}

void user_print_totp(const json_t *answer, const struct user_options *options)
{
	const char *uri = cli_text(answer, "uri");

	if (options->account.remove) {
		fprintf(stderr, "user %s has no one-time codes any more\n", options->name);
		return;
	}
	fprintf(stderr, "user %s has new one-time codes; this is a secret for the user's app:\n",
		options->name);
	if (isatty(STDOUT_FILENO) && !account_print_qr(uri))
		fprintf(stderr, "it does not fit into a QR code\n");
	printf("%s\n", uri);
}
