/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp6/validity.h
 *
 * Which messages a server may look at: the rules of RFC 9915 16 and RFC 9686 4.2.1 as a table.
 */
#ifndef DHCP6_VALIDITY_H
#define DHCP6_VALIDITY_H

#include "dhcp6/request.h"

/* Why a message gets no answer.  DHCP6_ANSWERED: it does. */
enum dhcp6_result {
	DHCP6_ANSWERED,
	DHCP6_MALFORMED,	  /* options overrun the message */
	DHCP6_TOO_LARGE,	  /* over our bounds of bytes or options */
	DHCP6_TOO_DEEP,		  /* too many relays */
	DHCP6_WRONG_TYPE,	  /* a server's message, or one that nobody knows */
	DHCP6_UNICAST,		  /* sent to one address, without a relay */
	DHCP6_NO_CLIENT_ID,	  /* must be there and is not */
	DHCP6_NO_SERVER_ID,	  /* must be there and is not */
	DHCP6_UNWANTED_SERVER_ID, /* must not be there */
	DHCP6_OTHER_SERVER,	  /* to another server */
	DHCP6_UNWANTED_IA,	  /* must not be there */
	DHCP6_UNWANTED_REQUEST,	  /* an Option Request where none may be */
	DHCP6_NO_ADDRESS,	  /* nothing to register, or more than one thing */
	DHCP6_TWICE,		  /* an option that names one thing came twice */
	DHCP6_NOT_OURS,		  /* a Confirm or Rebind we know nothing about (18.3.3, 18.3.5) */
	DHCP6_OTHER_LINK,	  /* a relay on a link that we do not serve */
	DHCP6_WRONG_SOURCE,	  /* registers another address than it was sent from */
	DHCP6_NOT_ON_LINK,	  /* registers an address of another link */
	DHCP6_LEASED,		  /* registers an address that we lease */
	DHCP6_NO_REGISTRATION,	  /* registering is switched off, or there is no room for it */
	DHCP6_NO_ROOM,		  /* the answer does not fit */
	DHCP6_RESULTS
};

/* For counters, logs and JSON: "answered", "malformed", "other-server". */
extern const char *const dhcp6_result_name[DHCP6_RESULTS];

/* DHCP6_ANSWERED if the message may be looked at by the server of this DUID. */
enum dhcp6_result dhcp6_request_fault(const struct dhcp6_request *request,
				      const struct dhcp6_duid *server);

/* The section that the type's row comes from, for tests and for people; NULL: no row. */
const char *dhcp6_validity_source(unsigned type);

#endif
