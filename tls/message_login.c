/* SPDX-License-Identifier: Apache-2.0 */
/* tls/message_login.c - the messages of the login, to bytes and back. */
#include "tls/message_login.h"

#include "tls/message_fields.h"

/* A body that is not what the header shows. */
struct renew_body {
	struct message_request request;
};

static const struct field ask_fields[] = {
	FIELD(1, FIELD_U16, true, ask, kind),
	FIELD(2, FIELD_TEXT, false, ask, text),
};

static const struct field answer_fields[] = {
	FIELD(1, FIELD_U16, true, answer, kind),
	FIELD(2, FIELD_TEXT, true, answer, secret),
};

static const struct field enrol_fields[] = {
	FIELD(1, FIELD_BYTES, true, enrol, token),
	FIELD(2, FIELD_BYTES, true, enrol, request),
};

static const struct field credentials_fields[] = {
	FIELD(1, FIELD_BYTES, false, message_credentials, certificate),
	FIELD(2, FIELD_BYTES, false, message_credentials, authorities),
	FIELD(3, FIELD_FLAG, false, message_credentials, system),
	FIELD(4, FIELD_TEXT, false, message_credentials, user),
	FIELD(5, FIELD_BYTES, false, message_credentials, distrusted),
};

static const struct field renew_fields[] = {
	FIELD(1, FIELD_BYTES, true, renew_body, request),
};

void message_build_ask(struct writer *w, const struct ask *ask)
{
	message_build_fields(w, MESSAGE_ASK, ask_fields, ARRAY_LEN(ask_fields), ask);
}

void message_build_answer(struct writer *w, const struct answer *answer)
{
	message_build_fields(w, MESSAGE_ANSWER, answer_fields, ARRAY_LEN(answer_fields), answer);
}

void message_build_enrol(struct writer *w, const struct enrol *enrol)
{
	message_build_fields(w, MESSAGE_ENROL, enrol_fields, ARRAY_LEN(enrol_fields), enrol);
}

void message_build_credentials(struct writer *w, const struct message_credentials *credentials)
{
	message_build_fields(w, MESSAGE_CREDENTIALS, credentials_fields,
			     ARRAY_LEN(credentials_fields), credentials);
}

void message_build_renew(struct writer *w, const struct message_request *request)
{
	struct renew_body body = { .request = *request };

	message_build_fields(w, MESSAGE_RENEW, renew_fields, ARRAY_LEN(renew_fields), &body);
}

bool message_parse_ask(struct bytes body, struct ask *ask)
{
	memset(ask, 0, sizeof(*ask));
	return message_parse_fields(body, ask_fields, ARRAY_LEN(ask_fields), ask);
}

bool message_parse_answer(struct bytes body, struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	return message_parse_fields(body, answer_fields, ARRAY_LEN(answer_fields), answer);
}

bool message_parse_enrol(struct bytes body, struct enrol *enrol)
{
	memset(enrol, 0, sizeof(*enrol));
	return message_parse_fields(body, enrol_fields, ARRAY_LEN(enrol_fields), enrol);
}

bool message_parse_credentials(struct bytes body, struct message_credentials *credentials)
{
	memset(credentials, 0, sizeof(*credentials));
	return message_parse_fields(body, credentials_fields, ARRAY_LEN(credentials_fields),
				    credentials);
}

bool message_parse_renew(struct bytes body, struct message_request *request)
{
	struct renew_body read = { 0 };

	if (!message_parse_fields(body, renew_fields, ARRAY_LEN(renew_fields), &read))
		return false;
	*request = read.request;
	return true;
}
