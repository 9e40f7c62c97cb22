/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/request.h
 *
 * A client's message as a value of bounded size, with the relays it came through.
 *
 * RFC 9915 8, 9 (formats), 19 (relays), 21 (options); RFC 4704, 6939, 8357, 9686.
 */
#ifndef DHCP6_REQUEST_H
#define DHCP6_REQUEST_H

#include "dhcp6/options.h"

#define DHCP6_MAX_MESSAGE 4096 /* bytes of a request, relays included */
#define DHCP6_MAX_OPTIONS 64   /* of one message, at its top; more are nobody's honest work */
#define DHCP6_MAX_IAS 8
#define DHCP6_MAX_ITEMS 16 /* addresses or prefixes of one IA */
#define DHCP6_MAX_WANTED 64
#define DHCP6_MAX_RELAYS 32
#define DHCP6_HOST_MAX 64     /* a host's name for people, with its NUL */
#define DHCP6_RELAY_ID_MAX 47 /* bytes that are kept of what a relay says of the client's place */

enum dhcp6_kind { DHCP6_ADDRESS, DHCP6_PREFIX, DHCP6_REGISTERED, DHCP6_KINDS };
extern const char *const dhcp6_kind_name[DHCP6_KINDS]; /* "address" "prefix" "registered" */

/* What an IA Address or IA Prefix option says.  An address is a prefix of 128 bits. */
struct dhcp6_item {
	struct prefix6 what; /* a client may hint at a length alone: ::/56 */
	uint32_t preferred_s, valid_s;
};

struct dhcp6_ia {
	enum dhcp6_kind kind; /* DHCP6_ADDRESS: IA_NA; DHCP6_PREFIX: IA_PD */
	uint32_t iaid;
	unsigned item_count;
	struct dhcp6_item item[DHCP6_MAX_ITEMS];
};

/* An Interface-Id or Remote-ID, any bytes: the first ones, and one more if there are more. */
struct dhcp6_relay_id {
	uint8_t len, octet[DHCP6_RELAY_ID_MAX + 1];
};

struct dhcp6_relay { /* 9; the bytes are the request's */
	uint8_t hop_count;
	struct ip6 link, peer;
	bool has_interface_id, has_port;
	struct bytes interface_id;
	uint16_t port; /* RFC 8357 */
};

struct dhcp6_request {
	uint8_t type; /* enum dhcp6_type */
	uint32_t transaction;
	/* how often each came, for dhcp6_request_fault */
	unsigned client_ids, server_ids, addresses, option_requests, ias, rapid_commits;
	struct dhcp6_duid client_id, server_id; /* len 0 if there is none or it is malformed */
	bool reconfigure_accept;
	uint16_t elapsed_cs; /* hundredths of a second */
	unsigned ia_count;   /* `ias` counts those beyond our table, too: they are passed over */
	struct dhcp6_ia ia[DHCP6_MAX_IAS];
	struct dhcp6_item address; /* Addr-reg-inform: the first IA Address at the top */
	unsigned wanted_count;
	uint16_t wanted[DHCP6_MAX_WANTED]; /* codes in the Option Request */
	char host
		[DHCP6_HOST_MAX]; /* option 39: letters, digits, '-', '_', '.'; "" if it has others */
	unsigned relay_count;	  /* 0: straight from the client */
	struct dhcp6_relay relay[DHCP6_MAX_RELAYS]; /* the one that sent to us first */
	bool has_mac, has_remote_id;
	struct mac mac;		/* the client's, as the relay beside it saw it (RFC 6939) */
	struct bytes remote_id; /* RFC 4649, of the relay nearest to the client that gave one */
};

/* Letters, digits, '-' and '_': what a label of `host` is made of. */
bool dhcp6_is_of_host(uint8_t c);

enum dhcp6_parsed {
	DHCP6_PARSED,
	DHCP6_PARSED_MALFORMED, /* some length does not fit */
	DHCP6_PARSED_TOO_LARGE, /* over DHCP6_MAX_MESSAGE bytes or DHCP6_MAX_OPTIONS options */
	DHCP6_PARSED_TOO_DEEP,	/* over DHCP6_MAX_RELAYS relays */
};

/*
 * Any bytes, any length: the payload of UDP.  `request` borrows from them.  Unknown options and
 * those that say nothing to a server are passed over, items and wishes beyond the tables too.
 */
enum dhcp6_parsed dhcp6_request_parse(struct bytes payload, struct dhcp6_request *request);

bool dhcp6_request_wants(const struct dhcp6_request *request, unsigned code);

/* The link address of the relay nearest to the client that gave one; NULL: none (13.1). */
const struct ip6 *dhcp6_request_link(const struct dhcp6_request *request);

/* The interface id of the relay nearest to the client that gave one (21.18); len 0: none. */
struct bytes dhcp6_request_interface_id(const struct dhcp6_request *request);
struct dhcp6_relay_id dhcp6_relay_id_of(struct bytes id);

/*
 * The message around which the relays' replies go, 19.3: writes their headers, then the caller
 * writes the message, then dhcp6_relays_close.  `open` keeps the holes.
 */
struct dhcp6_relays_open {
	size_t hole[DHCP6_MAX_RELAYS];
};
void dhcp6_relays_begin(struct writer *w, const struct dhcp6_request *request,
			struct dhcp6_relays_open *open);
void dhcp6_relays_close(struct writer *w, const struct dhcp6_request *request,
			const struct dhcp6_relays_open *open);

#endif
