/* SPDX-License-Identifier: Apache-2.0 */
/* client/join.c
 *
 * One connection of an uplink of its own.  The profile's place is taken before, because an
 * invitation that is used up with nowhere to write to helps nobody; what came is tried as
 * `connect` would use it before it is written.
 */
#include "client/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/log.h"
#include "client/file.h"
#include "client/host.h"
#include "client/join_url.h"
#include "client/profile.h"
#include "client/profile_edit.h"
#include "client/trust.h"
#include "client/uplink_login.h"
#include "tls/pki_request.h"

#define ECHO_MS 3000
#define DEAD_MS 10000

struct join {
	struct join_url url;
	struct enrol enrol;
	char key[PKI_PEM_MAX], certificate[PKI_PEM_MAX], ca[CONF_VALUE_MAX + 1];
	struct profile profile; /* as written */
	struct proxy_choice proxy;
	uv_loop_t loop;
	struct tls_credentials *credentials;
	struct uplink *uplink;
	bool has_credentials;
	struct message_credentials came;
	struct err why; /* the connection ended */
};

/* ---- the connection ---- */

static void on_state(void *owner, enum uplink_state state, const char *why)
{
	log_debug("join: %s%s%s", uplink_state_name[state], why[0] ? ": " : "", why);
}

static void on_welcome(void *owner, const struct welcome *welcome)
{
	struct join *join = owner;

	uplink_stop(join->uplink); /* a login, where an enrolment was wanted */
}

static void on_frame(void *owner, const struct frame *frame)
{
	/* there is no tunnel yet */
}

static void on_credentials(void *owner, const struct message_credentials *credentials)
{
	struct join *join = owner;

	join->has_credentials = true;
	join->came = *credentials;
}

static void on_ended(void *owner, const struct err *why)
{
	struct join *join = owner;

	join->why = *why;
	uv_stop(&join->loop);
}

static const struct uplink_events events = {
	.state = on_state,
	.welcome = on_welcome,
	.frame = on_frame,
	.credentials = on_credentials,
	.ended = on_ended,
};

/* ---- what is sent ---- */

static int make_request(struct join *join, struct err *err)
{
	struct bytes token = { join->url.token, sizeof(join->url.token) };
	struct message_request *request = &join->enrol.request;
	struct writer w = writer_over(request->octet, sizeof(request->octet));
	char name[PKI_TOKEN_NAME];

	if (pki_token_name(token, name, err) < 0 || pki_request_make(name, join->key, &w, err) < 0)
		return -1;
	if (w.full)
		return err_set(err, "the request for a certificate is too long");
	request->len = (uint16_t)w.len;
	join->enrol.token.len = (uint16_t)token.len;
	memcpy(join->enrol.token.octet, token.data, token.len);
	return 0;
}

/* In the words of an invitation where the session has those of a login. */
static void say_refusal(enum goodbye_reason reason, struct err *err)
{
	static const char *const words[GOODBYE_REASONS] = {
		[GOODBYE_WRONG] = "it does not know this one",
		[GOODBYE_USED] = "it was used already",
		[GOODBYE_EXPIRED] = "its time is over",
		[GOODBYE_REVOKED] = "it was revoked",
		[GOODBYE_BLOCKED] = "its user is blocked",
		[GOODBYE_SLOWLY] =
			"too many tries from here; it will take this one after some minutes",
	};

	if (words[reason])
		err_kind(err, ERR_LOGIN, "the server refused the invitation: %s", words[reason]);
}

static int run_connection(struct join *join, struct err *err)
{
	struct uplink_config config = {
		.host = join->url.host,
		.port = join->url.port,
		.peer_name = join->url.host,
		.proxy = &join->proxy.proxy,
		.congestion_control = SOCKET_CONGESTION_DEFAULT,
		.credentials = join->credentials,
		.enrol = &join->enrol,
		.echo_ms = ECHO_MS,
		.dead_ms = DEAD_MS,
		.once = true,
		.hello = {
			.version = MESSAGE_VERSION,
			.max_frame = FRAME_MAX,
			.enrol = true,
			.software = "lanyard " LANYARD_VERSION,
		},
	};

	host_device_name(config.hello.device);
	if (uv_loop_init(&join->loop) < 0)
		return err_set(err, "cannot make an event loop");
	join->uplink = uplink_new(&join->loop, &config, &events, join, err);
	if (join->uplink) {
		uplink_start(join->uplink);
		uv_run(&join->loop, UV_RUN_DEFAULT);
		*err = join->why;
		if (!join->has_credentials)
			say_refusal(uplink_goodbye(join->uplink), err);
		uplink_free(join->uplink);
	}
	uv_run(&join->loop, UV_RUN_DEFAULT); /* handles close */
	uv_loop_close(&join->loop);
	return join->has_credentials ? 0 : -1;
}

/* ---- what came ---- */

static int take_credentials(struct join *join, struct err *err)
{
	const struct message_credentials *came = &join->came;
	struct bytes certificate = { came->certificate.octet, came->certificate.len };
	struct bytes authorities = { came->authorities.octet, came->authorities.len };

	if (pki_to_pem(certificate, join->certificate, sizeof(join->certificate), err) < 0 ||
	    pki_pair_check(join->certificate, join->key, err) < 0)
		return err_context(err, "the server's answer");
	if (came->system)
		return 0;
	if (pki_to_pem(authorities, join->ca, sizeof(join->ca), err) < 0)
		return err_context(err, "the server's answer");
	return 0;
}

/* Read back as `connect` will: a server's word must not become other keys than it should. */
static int check_profile(struct join *join, const char *text, const char *user, struct err *err)
{
	struct bytes bytes = { (const uint8_t *)text, strlen(text) };

	if (profile_read_text(&join->profile, "the new profile", bytes, err) < 0)
		return -1;
	if (strcmp(join->profile.user, user) != 0 ||
	    strcmp(join->profile.server, join->url.host) != 0 ||
	    join->profile.port != join->url.port)
		return err_set(err, "the server's answer has a name that no profile can hold");
	struct tls_credentials *credentials =
		trust_credentials(&join->profile, "the new profile", err);
	tls_credentials_free(credentials);
	return credentials ? 0 : -1;
}

static int write_profile(struct join *join, struct file_draft *draft, struct err *err)
{
	struct pki_description own;

	if (take_credentials(join, err) < 0 || pki_describe(join->certificate, &own, err) < 0)
		return -1;
	const struct profile_edit edits[] = {
		{ "client", "server", join->url.server },
		{ "client", "user", own.common_name },
		{ "trust", "ca", join->came.system ? NULL : join->ca },
		{ "trust", "system", join->came.system ? "yes" : NULL },
		{ "identity", "certificate", join->certificate },
		{ "identity", "key", join->key },
	};
	char *text =
		profile_edit("# Lanyard profile, made by `lanyard join`: contains a private key, "
			     "keep it to yourself (mode 0600).\n",
			     edits, ARRAY_LEN(edits));
	int failed = text ? check_profile(join, text, own.common_name, err)
			  : err_set(err, "out of memory");
	if (!failed)
		failed = file_draft_commit(draft, text, err);
	file_forget(text, text ? strlen(text) : 0);
	if (!failed)
		log_info("join: %s is the profile of %s", draft->path, own.common_name);
	return failed;
}

/* ---- the whole ---- */

static const char *variable(const char *name)
{
	return getenv(name);
}

static int enrol(struct join *join, struct err *err)
{
	const struct proxy_setting by_environment = { 0 };

	if (proxy_choose(&join->proxy, &by_environment, join->url.host, variable, err) < 0)
		return -1;
	join->credentials = tls_credentials_pinned(join->url.fingerprint, NULL, NULL, err);
	if (!join->credentials || make_request(join, err) < 0)
		return -1;
	int failed = run_connection(join, err);
	tls_credentials_free(join->credentials);
	return failed;
}

int client_join(const struct join_options *options, struct err *err)
{
	struct join *join = calloc(1, sizeof(*join));
	struct file_draft draft = { .fd = -1 };
	int result = -1;

	if (!join)
		return err_set(err, "out of memory");
	if (pki_init(err) == 0 && join_url_read(options->url, &join->url, err) == 0) {
		if (file_draft_begin(&draft, options->profile, options->over, err) < 0)
			err_context(err, "the invitation was not used");
		else if (enrol(join, err) == 0)
			result = write_profile(join, &draft, err);
	}
	file_draft_drop(&draft);
	explicit_bzero(join, sizeof(*join));
	free(join);
	return result;
}
