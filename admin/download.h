/* SPDX-License-Identifier: Apache-2.0 */
/* admin/download.h - captures that become files (download.c). */
#ifndef ADMIN_DOWNLOAD_H
#define ADMIN_DOWNLOAD_H

#include "admin/admin_private.h"

/* POST: begins one, and answers with its number when it runs; `body` may be NULL. */
void download_begin(struct request *request, const json_t *body);
/* GET: the file of one that this one began. */
enum MHD_Result download_give(struct request *request);
void download_leave(struct download *download); /* the request that takes it is over */
void downloads_sweep(struct admin *admin);
void downloads_end(struct admin *admin); /* after ask_end: nobody waits for one any more */

#endif
