/* SPDX-License-Identifier: Apache-2.0 */
/* client/profile.c - the tables that read a profile. */
#include "client/profile.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "client/fingerprint.h"

#define IN(member) offsetof(struct profile, member)

/* A host name or an address. */
static int read_name(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	uint8_t address[16];

	if (inet_pton(AF_INET6, value, address) == 1 || inet_pton(AF_INET, value, address) == 1) {
		strcpy(to, value);
		return 0;
	}
	return conf_domain(value, to, key, err);
}

/* "vpn.example.net", "vpn.example.net:8443", "192.0.2.1:443", "[2001:db8::1]:443", "2001:db8::1" */
int profile_read_server(const char *value, char to[static 256], uint16_t *number, struct err *err)
{
	const char *colon = strrchr(value, ':'), *host = value;
	char name[256], *end;
	size_t len = strlen(value);
	uint8_t address[16];

	*number = PROFILE_PORT;
	if (inet_pton(AF_INET6, value, address) == 1)
		colon = NULL;
	else if (*value == '[' && colon && colon > value && colon[-1] != ']')
		colon = NULL; /* "[2001:db8::1]" */
	if (colon) {
		unsigned long port = strtoul(colon + 1, &end, 10);
		if (colon[1] < '0' || colon[1] > '9' || *end || port < 1 || port > 65535)
			return err_set(err, "the port must be a number from 1 to 65535");
		*number = (uint16_t)port;
		len = (size_t)(colon - value);
	}
	if (*host == '[' && len > 2 && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(name))
		return err_set(err, "must be a host or an address, then :PORT if it is not 443");
	memcpy(name, host, len);
	name[len] = '\0';
	return read_name(name, to, NULL, err);
}

static int read_server(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct profile *profile = to;

	return profile_read_server(value, profile->server, &profile->port, err);
}

static int read_pin(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct profile_pin *pin = to;

	if (!fingerprint_read(value, pin->fingerprint))
		return err_set(err, "must be a certificate's SHA-256: 64 hexadecimal digits, or 43 "
				    "characters of base64url");
	pin->given = true;
	return 0;
}

static int read_dns(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	if (strcmp(value, "apply") != 0 && strcmp(value, "ignore") != 0)
		return err_set(err, "must be apply or ignore");
	*(enum profile_dns *)to = value[0] == 'a' ? PROFILE_DNS_APPLY : PROFILE_DNS_IGNORE;
	return 0;
}

static int read_manage(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	static const char *const names[] = {
		[PROFILE_MANAGE_AUTO] = "auto",
		[PROFILE_MANAGE_YES] = "yes",
		[PROFILE_MANAGE_NO] = "no",
	};

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(value, names[i]) == 0) {
			*(enum profile_manage *)to = i;
			return 0;
		}
	return err_set(err, "must be auto, yes or no");
}

int profile_add_delegate(struct profile *profile, const char *name, struct err *err)
{
	static const struct conf_key none;

	for (unsigned i = 0; i < profile->delegate_count; i++)
		if (strcmp(profile->delegate[i], name) == 0)
			return err_set(err, "is there twice");
	if (profile->delegate_count == PROFILE_MAX_DELEGATE)
		return err_set(err, "is one too many: at most %u", PROFILE_MAX_DELEGATE);
	if (conf_interface(name, profile->delegate[profile->delegate_count], &none, err) < 0)
		return -1;
	profile->delegate_count++;
	return 0;
}

static int read_delegate(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	return profile_add_delegate(to, value, err);
}

static int read_proxy(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	return proxy_setting_parse(to, value, err);
}

static const struct conf_key client_keys[] = {
	{ "server", read_server, 0, "a host or an address, then :PORT if it is not 443",
	  .once = true },
	{ "name", read_name, IN(name), "the name in the server's certificate", .once = true },
	{ "user", conf_text, IN(user), "a user's name", 1, 64, true },
	{ "password-file", conf_text, IN(password_file), "the file with the user's password", 1,
	  256, true },
	{ "interface", conf_interface, IN(interface), "the TAP's name", .once = true },
	{ "bridge", conf_interface, IN(bridge), "a kernel bridge to join (an office)",
	  .once = true },
	{ "delegate", read_delegate, 0, "an interface that gets a network of a delegated prefix" },
	{ "dns", read_dns, IN(dns), "apply or ignore", .once = true },
	{ "manage", read_manage, IN(manage), "auto, yes or no", .once = true },
	{ "congestion-control", conf_text, IN(congestion_control),
	  "an algorithm of the kernel's, as in bbr or cubic, or system", 1, SOCKET_CONGESTION_MAX,
	  true },
	{ "proxy", read_proxy, IN(proxy), "auto, none, http://... or socks5://...", .once = true,
	  .secret = true },
	{ "control", conf_text, IN(control), "a socket's path, at most 107 characters", 1, 108,
	  true },
	{ 0 }
};

static const struct conf_key trust_keys[] = {
	{ "ca", conf_text, IN(ca), "the server's CA, PEM", 1, CONF_VALUE_MAX + 1, true },
	{ "fingerprint", read_pin, IN(pin),
	  "SHA-256 of the server's certificate, or of its CA's; hex or base64url", .once = true },
	{ "system", conf_bool, IN(system), "yes: the system's CAs are trusted; or no",
	  .once = true },
	{ 0 }
};

static const struct conf_key identity_keys[] = {
	{ "certificate", conf_text, IN(certificate), "our certificate, PEM", 1, CONF_VALUE_MAX + 1,
	  true },
	{ "key", conf_text, IN(key), "its private key, PEM", 1, CONF_VALUE_MAX + 1, true },
	{ "device", read_pin, IN(device), "SHA-256 of the certificate that was here first",
	  .once = true },
	{ 0 }
};

#define SECTIONS(profile)                                                             \
	{                                                                             \
		{ "client", client_keys, profile }, { "trust", trust_keys, profile }, \
			{ "identity", identity_keys, profile }, { 0 },                \
	}

static void set_defaults(struct profile *profile)
{
	*profile = (struct profile) {
		.port = PROFILE_PORT,
		.interface = "lanyard0",
		.dns = PROFILE_DNS_APPLY,
		.congestion_control = SOCKET_CONGESTION_DEFAULT,
		.control = PROFILE_CONTROL,
	};
}

int profile_check_interfaces(const struct profile *profile, struct err *err)
{
	if (strcmp(profile->interface, profile->bridge) == 0)
		return err_kind(err, ERR_CONFIG, "[client] interface and bridge are both '%s'",
				profile->bridge);
	if (profile->bridge[0] && profile->delegate_count > 0)
		return err_kind(err, ERR_CONFIG,
				"[client] bridge and delegate exclude each other: hosts on the "
				"bridge are on the server's link");
	for (unsigned i = 0; i < profile->delegate_count; i++)
		if (strcmp(profile->delegate[i], profile->interface) == 0)
			return err_kind(err, ERR_CONFIG,
					"[client] interface and delegate are both '%s'",
					profile->interface);
	return 0;
}

static int check_parts(const struct profile *profile, struct err *err)
{
	unsigned trusted = (profile->ca[0] != '\0') + profile->pin.given + profile->system;

	if (profile->server[0] == '\0')
		return err_set(err, "[client] server is missing");
	if (trusted == 0)
		return err_set(err, "[trust] has none of ca, fingerprint and system = yes");
	if (trusted > 1)
		return err_set(err, "[trust] has more than one of ca, fingerprint and system");
	if (profile->key[0] && !profile->certificate[0])
		return err_set(err, "[identity] certificate is missing");
	if (profile->certificate[0] && !profile->key[0])
		return err_set(err, "[identity] key is missing");
	if (!profile->certificate[0] && !profile->user[0])
		return err_set(err, "neither [identity] nor [client] user says who this is");
	return profile_check_interfaces(profile, err);
}

static int check(struct profile *profile, const char *name, struct err *err)
{
	if (check_parts(profile, err) < 0) {
		if (err)
			err->kind = ERR_CONFIG;
		return err_context(err, "%s", name);
	}
	if (profile->name[0] == '\0')
		memcpy(profile->name, profile->server, sizeof(profile->name));
	return 0;
}

int profile_read_text(struct profile *profile, const char *name, struct bytes text, struct err *err)
{
	const struct conf_section sections[] = SECTIONS(profile);

	set_defaults(profile);
	if (conf_read_text(name, text, sections, err) < 0)
		return -1;
	return check(profile, name, err);
}

int profile_read(struct profile *profile, const char *path, struct err *err)
{
	const struct conf_section sections[] = SECTIONS(profile);
	struct stat is;

	set_defaults(profile);
	if (conf_read_file(path, sections, err) < 0 || check(profile, path, err) < 0)
		return -1;
	if (profile->key[0] && stat(path, &is) == 0 && S_ISREG(is.st_mode) && is.st_mode & 0077)
		return err_kind(err, ERR_CONFIG,
				"%s: others can read it, and it has a private key: chmod 600 %s",
				path, path);
	return 0;
}

void profile_wipe(struct profile *profile)
{
	explicit_bzero(profile->key, sizeof(profile->key));
	proxy_wipe(&profile->proxy.proxy);
}

void profile_describe(void (*line)(const char *text))
{
	const struct conf_section sections[] = SECTIONS(NULL);

	conf_describe(sections, line);
}
