/* SPDX-License-Identifier: Apache-2.0 */
/* admin/reply.c - answers, and what each says so that a browser does nothing else with it. */
#include <string.h>

#include "admin/admin_private.h"
#include "base/rpc.h"

#define STREAM_BLOCK 16384

/*
 * No script, style, image, font or connection but our own, none of them inline; in nobody's frame;
 * no sniffing of types; nothing kept (what is shown is nobody else's); no other site learns that we
 * are here.  W3C CSP 3, Fetch's CORP, HTML's COOP.
 */
static const struct {
	const char *name, *value;
} always[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src "
	  "'self';"
	  " connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none';"
	  " frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
};

unsigned reply_status(const struct err *err)
{
	switch (err->kind) {
	case ERR_USAGE: return MHD_HTTP_BAD_REQUEST;
	case ERR_NO_OBJECT: return MHD_HTTP_NOT_FOUND;
	case ERR_LOGIN: return MHD_HTTP_UNAUTHORIZED;
	case ERR_TIMEOUT: return MHD_HTTP_SERVICE_UNAVAILABLE;
	case ERR_CONFIG: return MHD_HTTP_UNPROCESSABLE_CONTENT;
	case ERR_FAILED:
	case ERR_CONNECT:
	case ERR_CERTIFICATE:
	case ERR_NO_DAEMON: break;
	}
	return MHD_HTTP_CONFLICT; /* it is right, and what there is does not let it be done */
}

struct shared *reply_error(const struct err *err)
{
	return shared_dump(rpc_error(err));
}

static void release(void *shared)
{
	shared_release(shared);
}

static struct MHD_Response *response_of(struct shared *text)
{
	struct MHD_Response *response;

	if (!text)
		return NULL;
	response = MHD_create_response_from_buffer_with_free_callback_cls(text->len, text->text,
									  release, text);
	if (!response)
		shared_release(text);
	return response;
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
	MHD_add_response_header(response, name, value);
}

/* Takes the response; NULL: out of memory, and the connection ends. */
static enum MHD_Result queue(struct MHD_Connection *connection, unsigned status,
			     struct MHD_Response *response)
{
	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		add(response, always[i].name, always[i].value);
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status, struct shared *text,
			   const char *type, const char *more, const char *value)
{
	struct MHD_Response *response = response_of(text);

	if (response) {
		add(response, "Content-Type", type);
		add(response, "Cache-Control", "no-store");
	}
	if (response && more)
		add(response, more, value);
	return queue(connection, status, response);
}

enum MHD_Result reply_send(struct MHD_Connection *connection, unsigned status, struct shared *text,
			   const char *more, const char *value)
{
	return reply_text(connection, status, text, "application/json", more, value);
}

enum MHD_Result reply_stream(struct MHD_Connection *connection, const char *type, const char *name,
			     MHD_ContentReaderCallback reader, MHD_ContentReaderFreeCallback done,
			     void *owner)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, STREAM_BLOCK, reader, owner, done);

	if (!response) {
		if (done)
			done(owner);
		return MHD_NO;
	}
	add(response, "Content-Type", type);
	if (name)
		add(response, "Content-Disposition", name);
	add(response, "Cache-Control", "no-store");
	add(response, "X-Accel-Buffering", "no"); /* a proxy in front is not to wait for more */
	return queue(connection, MHD_HTTP_OK, response);
}

/* Kept by browsers, and asked for again each time: a new version is seen at once. */
enum MHD_Result reply_file(struct MHD_Connection *connection, const struct admin_file *file)
{
	const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_ACCEPT_ENCODING);
	const char *match = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							MHD_HTTP_HEADER_IF_NONE_MATCH);
	bool known = file_is_known(file, match), packed = !known && file_takes_gzip(accept);
	struct MHD_Response *response = MHD_create_response_from_buffer(
		known	 ? 0
		: packed ? file->packed_len
			 : file->plain_len,
		(void *)(packed ? file->packed : file->plain), MHD_RESPMEM_PERSISTENT);

	if (response) {
		add(response, "Content-Type", file->type);
		add(response, "Cache-Control", "no-cache");
		add(response, "ETag", file->tag);
		add(response, "Vary", "Accept-Encoding");
	}
	if (response && packed)
		add(response, "Content-Encoding", "gzip");
	return queue(connection, known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
}

enum MHD_Result reply_refuse(struct MHD_Connection *connection, unsigned status, enum err_kind kind,
			     const char *sentence)
{
	struct err err = { 0 };

	err_kind(&err, kind, "%s", sentence);
	return reply_send(connection, status, reply_error(&err), NULL, NULL);
}
