/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/options.c - options walked and written, DUIDs, and what the numbers are called.
 *
 * Not here: what an option means.  RFC 9915 11, 21.1, 21.13; RFC 6355 (DUID-UUID).
 */
#include "dhcp6/options.h"

static const char *const type_name[] = {
	[DHCP6_SOLICIT] = "Solicit",
	[DHCP6_ADVERTISE] = "Advertise",
	[DHCP6_REQUEST] = "Request",
	[DHCP6_CONFIRM] = "Confirm",
	[DHCP6_RENEW] = "Renew",
	[DHCP6_REBIND] = "Rebind",
	[DHCP6_REPLY] = "Reply",
	[DHCP6_RELEASE] = "Release",
	[DHCP6_DECLINE] = "Decline",
	[DHCP6_RECONFIGURE] = "Reconfigure",
	[DHCP6_INFORMATION_REQUEST] = "Information-request",
	[DHCP6_RELAY_FORWARD] = "Relay-forward",
	[DHCP6_RELAY_REPLY] = "Relay-reply",
	[DHCP6_ADDR_REG_INFORM] = "Addr-reg-inform",
	[DHCP6_ADDR_REG_REPLY] = "Addr-reg-reply",
};
_Static_assert(ARRAY_LEN(type_name) == DHCP6_TYPES, "name the last type");

static const char *const status_name[] = {
	[DHCP6_STATUS_SUCCESS] = "Success",	    [DHCP6_STATUS_NO_ADDRESSES] = "NoAddrsAvail",
	[DHCP6_STATUS_NO_BINDING] = "NoBinding",    [DHCP6_STATUS_NOT_ON_LINK] = "NotOnLink",
	[DHCP6_STATUS_NO_PREFIX] = "NoPrefixAvail",
};
_Static_assert(ARRAY_LEN(status_name) == DHCP6_STATUSES, "name the last status");

static const struct {
	enum dhcp6_code code;
	const char *name;
} code_names[] = {
	{ DHCP6_OPTION_CLIENT_ID, "client-id" },
	{ DHCP6_OPTION_SERVER_ID, "server-id" },
	{ DHCP6_OPTION_IA_NA, "ia-na" },
	{ DHCP6_OPTION_IA_TA, "ia-ta" },
	{ DHCP6_OPTION_IA_ADDRESS, "ia-address" },
	{ DHCP6_OPTION_REQUEST, "option-request" },
	{ DHCP6_OPTION_PREFERENCE, "preference" },
	{ DHCP6_OPTION_ELAPSED_TIME, "elapsed-time" },
	{ DHCP6_OPTION_RELAY_MESSAGE, "relay-message" },
	{ DHCP6_OPTION_AUTH, "auth" },
	{ DHCP6_OPTION_STATUS, "status" },
	{ DHCP6_OPTION_RAPID_COMMIT, "rapid-commit" },
	{ DHCP6_OPTION_INTERFACE_ID, "interface-id" },
	{ DHCP6_OPTION_RECONFIGURE_MESSAGE, "reconfigure-message" },
	{ DHCP6_OPTION_RECONFIGURE_ACCEPT, "reconfigure-accept" },
	{ DHCP6_OPTION_DNS_SERVERS, "dns-servers" },
	{ DHCP6_OPTION_DOMAIN_LIST, "domain-list" },
	{ DHCP6_OPTION_IA_PD, "ia-pd" },
	{ DHCP6_OPTION_IA_PREFIX, "ia-prefix" },
	{ DHCP6_OPTION_SNTP_SERVERS, "sntp-servers" },
	{ DHCP6_OPTION_INFORMATION_REFRESH, "information-refresh-time" },
	{ DHCP6_OPTION_REMOTE_ID, "remote-id" },
	{ DHCP6_OPTION_CLIENT_FQDN, "client-fqdn" },
	{ DHCP6_OPTION_NTP_SERVER, "ntp-server" },
	{ DHCP6_OPTION_PD_EXCLUDE, "pd-exclude" },
	{ DHCP6_OPTION_CLIENT_MAC, "client-link-layer-address" },
	{ DHCP6_OPTION_SOL_MAX_RT, "sol-max-rt" },
	{ DHCP6_OPTION_INF_MAX_RT, "inf-max-rt" },
	{ DHCP6_OPTION_CAPTIVE_PORTAL, "captive-portal" },
	{ DHCP6_OPTION_RELAY_PORT, "relay-port" },
	{ DHCP6_OPTION_DNR, "dnr" },
	{ DHCP6_OPTION_ADDR_REG_ENABLE, "addr-reg-enable" },
};

const char *dhcp6_type_name(unsigned type)
{
	const char *name = type < ARRAY_LEN(type_name) ? type_name[type] : NULL;

	return name ? name : "unknown";
}

const char *dhcp6_status_name(unsigned status)
{
	const char *name = status < ARRAY_LEN(status_name) ? status_name[status] : NULL;

	return name ? name : "unknown";
}

const char *dhcp6_code_name(unsigned code)
{
	for (size_t i = 0; i < ARRAY_LEN(code_names); i++) {
		if (code_names[i].code == code)
			return code_names[i].name;
	}
	return NULL;
}

/* ---- DUIDs ---- */

bool dhcp6_duid_set(struct dhcp6_duid *duid, struct bytes bytes)
{
	memset(duid, 0, sizeof(*duid));
	if (bytes.len < DHCP6_DUID_MIN || bytes.len > DHCP6_DUID_MAX)
		return false;
	duid->len = (uint8_t)bytes.len;
	memcpy(duid->octet, bytes.data, bytes.len);
	return true;
}

bool dhcp6_duid_equal(const struct dhcp6_duid *a, const struct dhcp6_duid *b)
{
	return a->len == b->len && memcmp(a->octet, b->octet, a->len) == 0;
}

struct dhcp6_duid dhcp6_duid_of_mac(const struct mac *mac)
{
	struct dhcp6_duid duid = { .len = 10, .octet = { 0, 3, 0, 1 } }; /* DUID-LL, Ethernet */

	memcpy(duid.octet + 4, mac->octet, sizeof(mac->octet));
	return duid;
}

struct dhcp6_duid dhcp6_duid_of_uuid(const uint8_t uuid[static 16])
{
	struct dhcp6_duid duid = { .len = 18, .octet = { 0, 4 } };

	memcpy(duid.octet + 2, uuid, 16);
	return duid;
}

const char *dhcp6_duid_text(const struct dhcp6_duid *duid, char text[static DHCP6_DUID_TEXT])
{
	static const char digit[] = "0123456789abcdef";
	char *at = text;

	for (unsigned i = 0; i < duid->len; i++) {
		if (i > 0)
			*at++ = ':';
		*at++ = digit[duid->octet[i] >> 4];
		*at++ = digit[duid->octet[i] & 15];
	}
	*at = '\0';
	return text;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

int dhcp6_duid_parse(const char *text, struct dhcp6_duid *duid, struct err *err)
{
	uint8_t octet[DHCP6_DUID_MAX];
	size_t len = 0;
	const char *at = text;

	while (*at) {
		int high = digit_value(*at), low = high < 0 ? -1 : digit_value(at[1]);

		if (low < 0)
			return err_set(
				err, "'%.40s' is not a DUID: bytes in hex, as in 00:03:00:01:02:…",
				text);
		if (len == sizeof(octet))
			return err_set(err, "a DUID has at most %u bytes", DHCP6_DUID_MAX);
		octet[len++] = (uint8_t)(high << 4 | low);
		at += 2;
		if (*at == ':' && at[1])
			at++;
	}
	if (!dhcp6_duid_set(duid, (struct bytes) { octet, len }))
		return err_set(err, "a DUID has at least %u bytes", DHCP6_DUID_MIN);
	return 0;
}

/* ---- options ---- */

bool dhcp6_option_next(struct reader *r, struct dhcp6_option *option)
{
	if (r->left == 0)
		return false;
	option->code = reader_u16(r);
	uint16_t len = reader_u16(r);
	option->body = reader_sub(r, len);
	return !r->bad;
}

size_t dhcp6_option_open(struct writer *w, unsigned code)
{
	writer_u16(w, (uint16_t)code);
	return writer_open(w);
}

void dhcp6_option_write(struct writer *w, unsigned code, struct bytes body)
{
	size_t option = dhcp6_option_open(w, code);

	writer_copy(w, body.data, body.len);
	writer_close(w, option);
}

void dhcp6_option_write_status(struct writer *w, enum dhcp6_status status)
{
	size_t option = dhcp6_option_open(w, DHCP6_OPTION_STATUS);
	const char *name = dhcp6_status_name(status);

	writer_u16(w, (uint16_t)status);
	writer_copy(w, name, strlen(name));
	writer_close(w, option);
}
