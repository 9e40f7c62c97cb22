/* SPDX-License-Identifier: Apache-2.0 */
/* client/secret.c - libsodium's guarded memory, and the files that passwords come from. */
#include "client/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "client/file.h"
#include "client/profile.h"

int secret_keep(struct secret *secret, const char *line, size_t len, struct err *err)
{
	secret_forget(secret);
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return err_set(err, "is empty");
	if (len >= MESSAGE_SECRET_MAX)
		return err_set(err, "has more than %d bytes", MESSAGE_SECRET_MAX - 1);
	if (memchr(line, '\0', len) || memchr(line, '\n', len))
		return err_set(err, "is not one line of text");
	secret->text = sodium_init() < 0 ? NULL : sodium_malloc(MESSAGE_SECRET_MAX);
	if (!secret->text)
		return err_set(err, "finds no memory that can be locked");
	memcpy(secret->text, line, len);
	secret->text[len] = '\0';
	return 0;
}

void secret_forget(struct secret *secret)
{
	sodium_free(secret->text); /* wipes it */
	secret->text = NULL;
}

static int read_from(const char *path, struct secret *secret, struct err *err)
{
	size_t len;

	/* a little more than it may have, so that the sentence is about the password */
	char *text = file_read(path, 4 * MESSAGE_SECRET_MAX, &len, err);
	if (!text)
		return -1;
	int failed = secret_keep(secret, text, len, err);
	file_forget(text, len);
	return failed ? err_context(err, "the password in %s", path) : 0;
}

enum secret_found secret_find_password(const struct profile *profile, struct secret *secret,
				       char source[static 320], struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];
	struct stat is;

	int failed = 0;

	if (profile->password_file[0])
		snprintf(path, sizeof(path), "%s", profile->password_file);
	else if (!folder ||
		 snprintf(path, sizeof(path), "%s/password", folder) >= (int)sizeof(path) ||
		 stat(path, &is) < 0)
		return SECRET_NONE;
	snprintf(source, 320, "%.*s", 319, path);
	if (profile->password_file[0] && stat(path, &is) == 0 && is.st_mode & 0077)
		failed = err_set(err, "others can read %s: chmod 600 %s", path, path);
	if (failed || read_from(path, secret, err) < 0) {
		err->kind = ERR_CONFIG;
		return SECRET_BAD;
	}
	return SECRET_FOUND;
}
