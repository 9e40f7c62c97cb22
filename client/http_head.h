/* SPDX-License-Identifier: Apache-2.0 */
/* client/http_head.h
 *
 * The head of an HTTP answer, line by line, of whoever answers: RFC 9112 2.2, 4.
 */
#ifndef CLIENT_HTTP_HEAD_H
#define CLIENT_HTTP_HEAD_H

#include "base/bytes.h"

#define HTTP_PREFIX "HTTP/1."

/* Takes the next line out of `text`, without its end; a lone LF will do.  Empty at the end. */
struct bytes http_next_line(struct bytes *text);
/* Of "HTTP/1.1 200 Connection established"; 0 if it is no such line. */
unsigned http_status(struct bytes line);

#endif
