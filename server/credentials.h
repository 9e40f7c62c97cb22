/* SPDX-License-Identifier: Apache-2.0 */
/* server/credentials.h
 *
 * What the server shows in TLS handshakes, and whose certificates it believes: its own CA's, or an
 * admin's PEM files.  They are looked at for as long as the server runs: files that changed are read
 * again, what the CA has signed is made anew before it ends.  What is good is the greeter's from
 * then on; what is not is said once, and changes nothing.  Control thread only.
 */
#ifndef SERVER_CREDENTIALS_H
#define SERVER_CREDENTIALS_H

#include <jansson.h>

#include "server/config.h"
#include "tls/handshake.h"

#define CREDENTIALS_FILES_MS 1000 /* how often PEM files are looked at */

struct client;
struct server;
struct credentials;

/* At start, before the loop: -1 and a sentence if there is nothing to show. */
struct credentials *credentials_new(struct server *server, struct err *err);
/* For the greeter, once: its own from now on. */
struct tls_credentials *credentials_first(struct credentials *credentials);
/* From now on they are looked at. */
int credentials_open(struct credentials *credentials);
/* The loop must run once more if it was opened.  NULL is fine. */
void credentials_close(struct credentials *credentials);

/* Now, without waiting until a file has been as it is for a while. */
void credentials_look(struct credentials *credentials);
/* A client is there: it is told which CAs to trust if there are or were several. */
void credentials_tell(struct credentials *credentials, struct client *client);
/* Does the server believe certificates of this CA, by its fingerprint? */
bool credentials_trust(const struct credentials *credentials,
		       const uint8_t authority[static PKI_FINGERPRINT_LEN]);
/* The CA that signs now. */
const uint8_t *credentials_authority(const struct credentials *credentials);
/* {"ends_s", "authority_ends_s", "old_authority_ends_s", "problem"}: when the server's certificate ends, the CA
 * that signed it, and the first of those that it follows, or null; and why it is not a newer one, or
 * null. */
json_t *credentials_status(const struct credentials *credentials);

/* For `lanyard server -t`: do the files fit each other? */
int credentials_check_files(const struct server_config *config, struct err *err);

#endif
