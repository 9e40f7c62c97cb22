/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/options.h
 *
 * The field's numbers with their names; options walked and written; DUIDs.
 *
 * RFC 9915 (STD 102, which replaces RFC 8415; section numbers are the same in both) 7.3, 11, 21.
 */
#ifndef DHCP6_OPTIONS_H
#define DHCP6_OPTIONS_H

#include "base/packet.h"

#define DHCP6_CLIENT_PORT 546
#define DHCP6_SERVER_PORT 547
#define DHCP6_FOREVER UINT32_MAX /* 7.7: a lifetime without end */

enum dhcp6_type { /* 7.3; RFC 9686 */
		  DHCP6_SOLICIT = 1,
		  DHCP6_ADVERTISE = 2,
		  DHCP6_REQUEST = 3,
		  DHCP6_CONFIRM = 4,
		  DHCP6_RENEW = 5,
		  DHCP6_REBIND = 6,
		  DHCP6_REPLY = 7,
		  DHCP6_RELEASE = 8,
		  DHCP6_DECLINE = 9,
		  DHCP6_RECONFIGURE = 10,
		  DHCP6_INFORMATION_REQUEST = 11,
		  DHCP6_RELAY_FORWARD = 12,
		  DHCP6_RELAY_REPLY = 13,
		  DHCP6_ADDR_REG_INFORM = 36,
		  DHCP6_ADDR_REG_REPLY = 37,
		  DHCP6_TYPES /* the largest number, and one */
};

enum dhcp6_code {
	DHCP6_OPTION_CLIENT_ID = 1,
	DHCP6_OPTION_SERVER_ID = 2,
	DHCP6_OPTION_IA_NA = 3,
	DHCP6_OPTION_IA_TA = 4, /* obsolete since RFC 9915: passed over */
	DHCP6_OPTION_IA_ADDRESS = 5,
	DHCP6_OPTION_REQUEST = 6, /* ORO */
	DHCP6_OPTION_PREFERENCE = 7,
	DHCP6_OPTION_ELAPSED_TIME = 8,
	DHCP6_OPTION_RELAY_MESSAGE = 9,
	DHCP6_OPTION_AUTH = 11,
	DHCP6_OPTION_STATUS = 13,
	DHCP6_OPTION_RAPID_COMMIT = 14,
	DHCP6_OPTION_INTERFACE_ID = 18,
	DHCP6_OPTION_RECONFIGURE_MESSAGE = 19,
	DHCP6_OPTION_RECONFIGURE_ACCEPT = 20,
	DHCP6_OPTION_DNS_SERVERS = 23, /* RFC 3646 */
	DHCP6_OPTION_DOMAIN_LIST = 24, /* RFC 3646 */
	DHCP6_OPTION_IA_PD = 25,
	DHCP6_OPTION_IA_PREFIX = 26,
	DHCP6_OPTION_SNTP_SERVERS = 31, /* RFC 4075 */
	DHCP6_OPTION_INFORMATION_REFRESH = 32,
	DHCP6_OPTION_REMOTE_ID = 37,   /* RFC 4649 */
	DHCP6_OPTION_CLIENT_FQDN = 39, /* RFC 4704 */
	DHCP6_OPTION_NTP_SERVER = 56,  /* RFC 5908 */
	DHCP6_OPTION_PD_EXCLUDE = 67,  /* RFC 6603 */
	DHCP6_OPTION_CLIENT_MAC = 79,  /* RFC 6939 */
	DHCP6_OPTION_SOL_MAX_RT = 82,
	DHCP6_OPTION_INF_MAX_RT = 83,
	DHCP6_OPTION_CAPTIVE_PORTAL = 103,  /* RFC 8910 */
	DHCP6_OPTION_RELAY_PORT = 135,	    /* RFC 8357 */
	DHCP6_OPTION_DNR = 144,		    /* RFC 9463 */
	DHCP6_OPTION_ADDR_REG_ENABLE = 148, /* RFC 9686 */
};

enum dhcp6_status { /* 21.13 */
		    DHCP6_STATUS_SUCCESS = 0,
		    DHCP6_STATUS_NO_ADDRESSES = 2, /* NoAddrsAvail */
		    DHCP6_STATUS_NO_BINDING = 3,
		    DHCP6_STATUS_NOT_ON_LINK = 4,
		    DHCP6_STATUS_NO_PREFIX = 6, /* NoPrefixAvail */
		    DHCP6_STATUSES
};

/* "Solicit", "unknown". */
const char *dhcp6_type_name(unsigned type);
/* "dns-servers", or NULL for a code that is not in the list above. */
const char *dhcp6_code_name(unsigned code);
/* "NoBinding", "unknown". */
const char *dhcp6_status_name(unsigned status);

/* 11.1: a type of 2 bytes and 1 to 128 more. */
#define DHCP6_DUID_MIN 3
#define DHCP6_DUID_MAX 130

struct dhcp6_duid {
	uint8_t len; /* 0: none */
	uint8_t octet[DHCP6_DUID_MAX];
};

/* False, and `duid` without anything, if the length is not a DUID's. */
bool dhcp6_duid_set(struct dhcp6_duid *duid, struct bytes bytes);
bool dhcp6_duid_equal(const struct dhcp6_duid *a, const struct dhcp6_duid *b);
/* A DUID-LL (11.4), or a DUID-UUID (RFC 6355). */
struct dhcp6_duid dhcp6_duid_of_mac(const struct mac *mac);
struct dhcp6_duid dhcp6_duid_of_uuid(const uint8_t uuid[static 16]);
/* "00:03:00:01:02:…", for people and for the configuration's "duid:…". */
#define DHCP6_DUID_TEXT (3 * DHCP6_DUID_MAX)
const char *dhcp6_duid_text(const struct dhcp6_duid *duid, char text[static DHCP6_DUID_TEXT]);
int dhcp6_duid_parse(const char *text, struct dhcp6_duid *duid, struct err *err);

/* One option, 21.1: code(2) length(2) body(length). */
struct dhcp6_option {
	uint16_t code;
	struct reader body; /* exactly this option's bytes */
};

/* Steps to the next option.  False at the end, and at the first malformed one (r->bad). */
bool dhcp6_option_next(struct reader *r, struct dhcp6_option *option);

/* Begins an option; writer_close with what it returns ends it. */
size_t dhcp6_option_open(struct writer *w, unsigned code);
void dhcp6_option_write(struct writer *w, unsigned code, struct bytes body);
/* With the status' name as its message, so that a client's log says it. */
void dhcp6_option_write_status(struct writer *w, enum dhcp6_status status);

#endif
