/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/ra_parts.h
 *
 * A Router Advertisement that is too long for one packet is said in several: RFC 4861 6.2.3,
 * "each containing a subset of the options"; it is never fragmented (RFC 6980 5).
 */
#ifndef RADVD_LITE_RA_PARTS_H
#define RADVD_LITE_RA_PARTS_H

#include "radvd-lite/ra.h"

/* How far the saying has come.  Ours to change; both RAs are borrowed until the last part. */
struct ra_parts {
	const struct ra *ra, *now, *behind;
	unsigned list, entry; /* what comes next, of `now` */
	bool begun;
};

/*
 * `behind`, if it is not NULL, is one of which only the options are said, behind those of `ra` and
 * in the same packets: lifetimes that a list of `ra` cannot have, such as 0 for the servers that
 * are withdrawn.  In an RA of their own they would come too close behind the first one for
 * NetworkManager 1.42, which then goes on to ask them.
 */
struct ra_parts ra_parts_of(const struct ra *ra, const struct ra *behind);
/*
 * Writes the next part, a whole ICMPv6 message as ra_build's, into a writer of one packet's room.
 * False when all is said; at least one part is.  Each part has the same header, source address and
 * MTU, and every option whole; a list of servers or domains is split over options and parts
 * where it has to.  A part has something of what is left, so there are no more parts than
 * options.  w->full if the next option does not even fit alone, or has no form on the wire: that
 * was the last part then, and is not to be sent.
 */
bool ra_parts_next(struct ra_parts *parts, struct writer *w);

/*
 * Adds what a later part says to `whole`: the header's fields count as they came last, entries
 * that are there already are replaced, others added as long as there is room.  Lists of servers
 * and domains have one lifetime each, the latest.
 */
void ra_merge(struct ra *whole, const struct ra *part);

#endif
