/* SPDX-License-Identifier: Apache-2.0 */
/* radvd-lite/dnr.h
 *
 * Private to radvd-lite: the body of an Encrypted DNS option, RFC 9463 6.1.
 */
#ifndef RADVD_LITE_DNR_H
#define RADVD_LITE_DNR_H

#include "radvd-lite/ra.h"

/* w->full when it does not fit, or if ra_dnr_fault finds something. */
void dnr_write(struct writer *w, const struct ra_dnr *dnr);
/*
 * False, and `dnr` zero, if the option is malformed or not to be used.  Addresses that no
 * resolver can have are left out, as are those beyond our table; keys and protocols that we
 * do not know are skipped, unless the option says that they are mandatory.
 */
bool dnr_read(struct reader body, struct ra_dnr *dnr);

#endif
