/* SPDX-License-Identifier: Apache-2.0 */
/* server/users.h
 *
 * What an admin does with users, on the state file: add, remove, list, and write a profile.
 * The same code runs in the server (asked through its socket) and in the command when no
 * server runs.
 */
#ifndef SERVER_USERS_H
#define SERVER_USERS_H

#include <jansson.h>

#include "server/config.h"
#include "server/state.h"

#define USERS_PLACE_MAX 264    /* host and port with the NUL */
#define USERS_REQUEST_MAX 4096 /* of a request for a certificate, PEM with its NUL */

/* The pki request behind a server certificate of this configuration: its name (or the host's)
 * and its listen addresses that are not wildcards.  Its strings live in `config` and `host`. */
void users_server_request(const struct server_config *config, char host[static 256], int64_t now_s,
			  struct pki_request *request);

/*
 * A profile for `user` as text: a new key and certificate, registered as the user's.  `dial`:
 * what the client dials, "host" or "host:port", NULL: the configuration's name and first port.
 * Allocated with malloc; contains a private key: users_profile_free wipes it.
 */
char *users_profile(struct state *state, const struct server_config *config, const char *user,
		    const char *dial, int64_t now_s, const char *who, struct err *err);
void users_profile_free(char *profile);
/* The same for a key that is somewhere else: a certificate, PEM in `certificate`, for a request (PEM),
 * and the profile without the key.  The user is added if there is none; `group` and `expires_s` are a
 * new one's: ERR_USAGE with one that is there. */
struct users_newcomer {
	const char *name, *group; /* group: NULL or "" is none */
	int64_t expires_s;	  /* 0: never */
};
char *users_profile_signed(struct state *state, const struct server_config *config,
			   const struct users_newcomer *user, const char *dial, const char *request,
			   int64_t now_s, const char *who, char certificate[static PKI_PEM_MAX],
			   struct err *err);

/* The name that clients dial and that certificates and enrolments carry: the configuration's, else
 * the host's. */
void users_host(const struct server_config *config, char host[static 256]);
/* "vpn.example.net", or ":PORT" behind it if it is another than the usual one: what clients are
 * told to dial, or `dial` if it is not NULL.  -1: that is none. */
int users_place(const struct server_config *config, const char *dial,
		char place[static USERS_PLACE_MAX], struct err *err);
/* What an invitation pins: the SHA-256 of the CA that the server's certificate is checked with. */
int users_pin(struct state *state, const struct server_config *config, int64_t now_s,
	      uint8_t fingerprint[static PKI_FINGERPRINT_LEN], struct err *err);

/* Of a server whose certificate comes from a file: the CA at its end, PEM, if it is the top of its
 * chain, as an admin's own is; "" else: a public chain ends with what the top has signed. */
int users_own_authority(const struct server_config *config, char certificate[static PKI_PEM_MAX],
			struct err *err);

/* {"schema": 1, "users": [{"name", "created_s", "certificates", "group", "group_has_section",
 * "auth", "has_password", "has_code", "blocked_s", "blocked_why", "expires_s"}]}; times are null if
 * they are not set.  A group without a section in the configuration tells its members nothing. */
json_t *users_list(struct state *state, const struct server_config *config, int64_t now_s,
		   struct err *err);

#endif
