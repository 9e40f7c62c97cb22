/* SPDX-License-Identifier: Apache-2.0 */
/* admin/visit.h
 *
 * May a request be answered at all, by what its head says of where it comes from?  Before anything
 * is looked up, and without I/O.
 *
 *   Host            an address, localhost or our name: anything else is a browser that somebody's
 *                   DNS has led here (rebinding)
 *   Origin          ours, wherever a browser says it (RFC 6454 7)
 *   Sec-Fetch-Site  not another site's doing (W3C Fetch Metadata 2.3); links to the page are
 *   Content-Type    of what changes something: JSON, which no form of another site can send
 */
#ifndef ADMIN_VISIT_H
#define ADMIN_VISIT_H

#include <stdbool.h>

#define VISIT_HOST_MAX 256

/* Fields of a head; NULL: there is none.  `*_count`: how often it is there. */
struct visit {
	const char *host, *origin, *site, *mode, *type;
	unsigned host_count, origin_count, site_count;
	bool secure;  /* came over TLS */
	bool changes; /* its method is not GET or HEAD */
	bool has_body;
	bool is_page;	  /* what it asks for is a document, not data */
	bool has_cookie;  /* it says who it is by what browsers send by themselves */
	const char *name; /* ours; "": none */
};

enum visit_verdict {
	VISIT_FINE,
	VISIT_HOST,
	VISIT_ORIGIN,
	VISIT_SITE,
	VISIT_TYPE,
	VISIT_VERDICTS,
};
extern const char *const visit_sentence[VISIT_VERDICTS];

enum visit_verdict visit_judge(const struct visit *visit);

/* "[2001:db8::1]:8006", "192.0.2.1", "vpn.example.net:8006": the host alone, without brackets, in
 * small letters; false if it is no host with an optional port. */
bool visit_read_host(const char *text, char host[static VISIT_HOST_MAX]);

#endif
