/* SPDX-License-Identifier: Apache-2.0 */
/* client/profile.h
 *
 * A client's profile, /etc/lanyard/client.conf: one self-contained INI file with where to
 * connect, whom to trust and who we are, which `lanyard user profile` and `lanyard join` write.
 */
#ifndef CLIENT_PROFILE_H
#define CLIENT_PROFILE_H

#include <net/if.h>

#include "base/conf.h"
#include "base/socket.h"
#include "client/proxy.h"
#include "tls/pki.h"

#define PROFILE_PATH "/etc/lanyard/client.conf"
#define PROFILE_PORT 443
#define PROFILE_MAX_DELEGATE 16
#define PROFILE_CONTROL "/run/lanyard/client.sock"

enum profile_dns { PROFILE_DNS_APPLY, PROFILE_DNS_IGNORE };
/* Does the client make the interface's settings?  auto: unless another manager does. */
enum profile_manage { PROFILE_MANAGE_AUTO, PROFILE_MANAGE_YES, PROFILE_MANAGE_NO };

struct profile {
	/* [client] */
	char server[256]; /* host or address, without brackets */
	uint16_t port;
	char name[256];		 /* what the server's certificate must carry; empty: `server` */
	char user[64];		 /* who we are where no certificate says it */
	char password_file[256]; /* empty: none */
	char interface[IF_NAMESIZE];
	char bridge[IF_NAMESIZE]; /* empty: none */
	unsigned delegate_count;
	char delegate[PROFILE_MAX_DELEGATE]
		     [IF_NAMESIZE]; /* networks of the office, in this order */
	enum profile_dns dns;
	enum profile_manage manage;
	char congestion_control[SOCKET_CONGESTION_MAX];
	char control[108]; /* the control socket */
	struct proxy_setting proxy;
	/* [trust], exactly one of them: PEM; one certificate; the system's store */
	char ca[CONF_VALUE_MAX + 1];
	struct profile_pin {
		bool given;
		uint8_t fingerprint[PKI_FINGERPRINT_LEN];
	} pin;
	bool system;
	/* [identity], PEM; both or none */
	char certificate[CONF_VALUE_MAX + 1], key[CONF_VALUE_MAX + 1];
	struct profile_pin
		device; /* the certificate that MAC and DUID are made of, if it is gone */
};

/* -1 and one sentence (ERR_CONFIG); a file that has a private key and that others can read is
 * refused. */
int profile_read(struct profile *profile, const char *path, struct err *err);
int profile_read_text(struct profile *profile, const char *name, struct bytes text,
		      struct err *err);
/* Adds an interface to `delegate`; -1 and the end of a sentence. */
int profile_add_delegate(struct profile *profile, const char *name, struct err *err);
/* Do the interfaces fit together?  After those of the command line are in. */
int profile_check_interfaces(const struct profile *profile, struct err *err);
void profile_wipe(struct profile *profile);
/* "HOST[:PORT]" as in [client] server; -1 and the end of a sentence. */
int profile_read_server(const char *text, char host[static 256], uint16_t *port, struct err *err);
void profile_describe(void (*line)(const char *text));

#endif
