/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verb_user.h - what verb_user.c and verb_user_account.c share, and nobody else. */
#ifndef CLI_VERB_USER_H
#define CLI_VERB_USER_H

#include "cli/account.h"

struct user_options {
	struct account_options account;
	const char *name;
	const char *second; /* of group: the group; of expire: when; of role: the role */
};

/* Requests for account_ask; NULL: a sentence, or text that is none. */
json_t *user_request_block(const struct user_options *options, struct err *err);
json_t *user_request_unblock(const struct user_options *options, struct err *err);
json_t *user_request_expire(const struct user_options *options, struct err *err);
json_t *user_request_role(const struct user_options *options, struct err *err);
json_t *user_request_passwd(const struct user_options *options, struct err *err);
json_t *user_request_totp(const struct user_options *options, struct err *err);

/* In the place of `user add`, with --csr. */
json_t *user_request_sign(const struct user_options *options, struct err *err);
void user_print_signed(const json_t *answer, const struct user_options *options);

void user_print_block(const json_t *answer, const struct user_options *options);
void user_print_unblock(const json_t *answer, const struct user_options *options);
void user_print_expire(const json_t *answer, const struct user_options *options);
void user_print_role(const json_t *answer, const struct user_options *options);
void user_print_passwd(const json_t *answer, const struct user_options *options);
void user_print_totp(const json_t *answer, const struct user_options *options);

#endif
