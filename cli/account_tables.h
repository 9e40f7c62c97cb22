/* SPDX-License-Identifier: Apache-2.0 */
/* cli/account_tables.h - answers about users, invitations, certificates, tokens and the audit log as
 * tables: what `user list` and its like print, and `show`. */
#ifndef CLI_ACCOUNT_TABLES_H
#define CLI_ACCOUNT_TABLES_H

#include <jansson.h>

void account_print_users(const json_t *answer);
void account_print_groups(const json_t *answer);
void account_print_invites(const json_t *answer);
/* ... and the CAs. */
void account_print_certificates(const json_t *answer);
void account_print_authorities(const json_t *answer);
void account_print_tokens(const json_t *answer);
void account_print_audit(const json_t *answer);

#endif
