/* SPDX-License-Identifier: Apache-2.0 */
/* client/secret.h
 *
 * One password or code in memory that is locked, in no core dump, and wiped when it is forgotten.
 */
#ifndef CLIENT_SECRET_H
#define CLIENT_SECRET_H

#include <stdbool.h>

#include "base/err.h"
#include "tls/message_login.h"

/* Zero: none.  `text` is a string, shorter than MESSAGE_SECRET_MAX and never empty. */
struct secret {
	char *text;
};

/* Takes the line's bytes without what ends it ("\n", "\r\n").  -1 and the end of a sentence. */
int secret_keep(struct secret *secret, const char *line, size_t len, struct err *err);
void secret_forget(struct secret *secret); /* also where there is none */

struct profile;
enum secret_found { SECRET_NONE, SECRET_FOUND, SECRET_BAD };
/*
 * The password of the profile's password-file, else of systemd's credential "password".  `source`:
 * where from, for sentences.  BAD: there should be one, and err says what is wrong (ERR_CONFIG).
 */
enum secret_found secret_find_password(const struct profile *profile, struct secret *secret,
				       char source[static 320], struct err *err);

#endif
