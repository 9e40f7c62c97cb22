/* SPDX-License-Identifier: Apache-2.0 */
/* admin/tokens.c - API tokens: RFC 6750 2.1's way of saying who one is. */
#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "admin/admin_private.h"

const char *const admin_role_name[] = {
	[ADMIN_NOBODY] = "none",
	[ADMIN_READ] = "read-only",
	[ADMIN_ALL] = "admin",
};
_Static_assert(ARRAY_LEN(admin_role_name) == ADMIN_ROLES, "name every role");

enum admin_role admin_role_of(const char *name)
{
	enum admin_role role = ADMIN_NOBODY;

	while (role < ADMIN_ROLES && strcmp(admin_role_name[role], name) != 0)
		role++;
	return role;
}

void admin_token_hash(const char *text, uint8_t hash[static ADMIN_TOKEN_HASH])
{
	crypto_generichash(hash, ADMIN_TOKEN_HASH, (const uint8_t *)text, strlen(text), NULL, 0);
}

void tokens_set(struct admin *admin, const struct admin_token *tokens, unsigned count)
{
	admin->token_count = count < ADMIN_MAX_TOKENS ? count : ADMIN_MAX_TOKENS;
	memcpy(admin->token, tokens, admin->token_count * sizeof(*tokens));
}

enum admin_role tokens_role(const struct admin *admin, const char *authorization, const char **name)
{
	static const char bearer[] = "Bearer ";
	const struct admin_token *found = NULL;
	uint8_t hash[ADMIN_TOKEN_HASH];

	if (!authorization)
		return ADMIN_NOBODY;
	if (strncasecmp(authorization, bearer, strlen(bearer)) != 0)
		return ADMIN_ROLES;
	/* what is compared are hashes: the time it takes tells nothing of a token */
	admin_token_hash(authorization + strlen(bearer), hash);
	for (unsigned i = 0; i < admin->token_count; i++)
		if (memcmp(admin->token[i].hash, hash, sizeof(hash)) == 0)
			found = &admin->token[i];
	if (!found || (found->expires_s != 0 && found->expires_s <= time(NULL)))
		return ADMIN_ROLES;
	*name = found->name;
	return found->role;
}
