/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns_mark.h
 *
 * By what one sees that a resolver has forgotten what it was told: systemd-resolved makes its
 * socket anew when it starts, resolvconf keeps each record as a file.  A few stat(2), no bus.
 */
#ifndef CLIENT_DNS_MARK_H
#define CLIENT_DNS_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "client/dns_call.h"

struct dns_mark {
	uint64_t inode, changed_ns; /* of systemd-resolved's socket; 0: there is none */
	bool runs;		    /* systemd-resolved, as far as its file says */
	bool has_record;	    /* resolvconf has our record */
};

/*
 * As it is now.  `resolved_file` exists while systemd-resolved runs, with its socket in the
 * same folder; `resolvconf_run` is where Debian's resolvconf and openresolv keep records.
 */
struct dns_mark dns_mark_of(const char *resolved_file, const char *resolvconf_run,
			    const char *record);
/* Must a resolver that was told at `then` be told again at `now`? */
bool dns_mark_is_stale(const struct dns_mark *then, const struct dns_mark *now,
		       enum dns_resolver told);

#endif
