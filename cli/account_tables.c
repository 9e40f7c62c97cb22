/* SPDX-License-Identifier: Apache-2.0 */
/* cli/account_tables.c - a table for each kind of thing that the state file keeps. */
#include "cli/account_tables.h"

#include <stdio.h>

#include "cli/account.h"

static long long number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

void account_print_users(const json_t *answer)
{
	static const char *const header[] = { "USER",	      "GROUP",	  "ADDED",
					      "CERTIFICATES", "AUTH",	  "STATE",
					      "EXPIRES",      "SESSIONS", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *user;
	size_t i;

	json_array_foreach(json_object_get(answer, "users"), i, user)
	{
		const char *name = cli_text(user, "group");
		bool unknown = name[0] && !json_is_true(json_object_get(user, "group_has_section"));
		char added[32], expires[32], certificates[16], sessions[16] = "-", group[64];
		bool blocked = json_is_integer(json_object_get(user, "blocked_s"));

		if (json_is_integer(json_object_get(user, "sessions")))
			snprintf(sessions, sizeof(sessions), "%lld", number(user, "sessions"));
		snprintf(certificates, sizeof(certificates), "%lld", number(user, "certificates"));
		snprintf(group, sizeof(group), "%.32s%s", name, unknown ? " (no section)" : "");
		cli_table_add(table,
			      (const char *const[]) {
				      cli_text(user, "name"), group,
				      account_date(number(user, "created_s"), added), certificates,
				      cli_text(user, "auth"), blocked ? "blocked" : "",
				      account_date(number(user, "expires_s"), expires), sessions,
				      NULL });
	}
	cli_table_print(table);
}

void account_print_groups(const json_t *answer)
{
	static const char *const header[] = { "GROUP",	  "SECTION", "USERS", "CLIENTS",
					      "RECEIVED", "SENT",    NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *group;
	size_t i;

	json_array_foreach(json_object_get(answer, "groups"), i, group)
	{
		bool has_section = json_is_true(json_object_get(group, "has_section"));
		bool is_one = json_is_string(json_object_get(group, "name"));
		char users[32], clients[32], received[32], sent[32];

		snprintf(users, sizeof(users), "%lld", number(group, "users"));
		snprintf(clients, sizeof(clients), "%lld", number(group, "clients"));
		cli_table_add(table, (const char *const[]) {
					     is_one ? cli_text(group, "name") : "(none)",
					     !is_one	   ? ""
					     : has_section ? "yes"
							   : "no",
					     users, clients,
					     cli_bytes(number(group, "rx_bytes"), received),
					     cli_bytes(number(group, "tx_bytes"), sent), NULL });
	}
	cli_table_print(table);
}

void account_print_invites(const json_t *answer)
{
	static const char *const header[] = { "ID", "USER", "STATE", "MADE", "EXPIRES", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "invitations"), i, one)
	{
		char id[32], made[32], expires[32];

		snprintf(id, sizeof(id), "%lld", number(one, "id"));
		cli_table_add(table,
			      (const char *const[]) {
				      id, cli_text(one, "user"), cli_text(one, "state"),
				      account_date(number(one, "created_s"), made),
				      account_date(number(one, "expires_s"), expires), NULL });
	}
	cli_table_print(table);
}

void account_print_authorities(const json_t *answer)
{
	static const char *const header[] = { "CA", "MADE", "EXPIRES", "SIGNS", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "authorities"), i, one)
	{
		char begin[17], made[32], expires[32];

		snprintf(begin, sizeof(begin), "%.16s", cli_text(one, "fingerprint"));
		cli_table_add(table,
			      (const char *const[]) {
				      begin, account_date(number(one, "created_s"), made),
				      account_date(number(one, "not_after_s"), expires),
				      json_is_true(json_object_get(one, "signs")) ? "yes" : "no",
				      NULL });
	}
	cli_table_print(table);
}

void account_print_certificates(const json_t *answer)
{
	static const char *const header[] = { "FINGERPRINT", "USER",	"MADE",
					      "EXPIRES",     "REVOKED", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "certificates"), i, one)
	{
		char begin[17], made[32], expires[32], revoked[32];

		snprintf(begin, sizeof(begin), "%.16s", cli_text(one, "fingerprint"));
		cli_table_add(table,
			      (const char *const[]) {
				      begin, cli_text(one, "user"),
				      account_date(number(one, "created_s"), made),
				      account_date(number(one, "not_after_s"), expires),
				      account_date(number(one, "revoked_s"), revoked), NULL });
	}
	cli_table_print(table);
	account_print_authorities(answer);
}

void account_print_tokens(const json_t *answer)
{
	static const char *const header[] = { "NAME", "ROLE", "MADE", "EXPIRES", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "tokens"), i, one)
	{
		char made[32], expires[32];
		int64_t expires_s = number(one, "expires_s");

		account_date(number(one, "created_s"), made);
		cli_table_add(table, (const char *const[]) {
					     cli_text(one, "name"), cli_text(one, "role"), made,
					     expires_s ? account_date(expires_s, expires) : "never",
					     NULL });
	}
	cli_table_print(table);
}

void account_print_audit(const json_t *answer)
{
	static const char *const header[] = { "WHEN", "WHO", "WHAT", NULL };
	struct cli_table *table = cli_table_new(header);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "audit"), i, one)
	{
		char when[32];

		cli_table_add(table, (const char *const[]) {
					     account_date(number(one, "at_s"), when),
					     cli_text(one, "who"), cli_text(one, "what"), NULL });
	}
	cli_table_print(table);
}
