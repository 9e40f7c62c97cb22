/* SPDX-License-Identifier: Apache-2.0 */
/* client/connect_setup.c - the running client's beginning and end: everything that it needs is
 * opened in order, and at the end the host is as it was, however far the beginning got.
 */
#include <stdlib.h>

#include "base/siphash.h"
#include "client/connect_private.h"
#include "client/trust.h"
#include "dhcp6/options.h"

#define ECHO_MS 3000
#define DEAD_MS 10000
#define DEFAULT_MTU 1500

/* What the command line says in place of the profile. */
static int load_options(struct client *client, const struct connect_options *options,
			struct err *err)
{
	struct profile *profile = &client->profile;

	if (options->delegate_count > 0)
		profile->delegate_count = 0;
	for (unsigned i = 0; i < options->delegate_count; i++)
		if (profile_add_delegate(profile, options->delegate[i], err) < 0) {
			err->kind = ERR_USAGE;
			return err_context(err, "--delegate %s", options->delegate[i]);
		}
	if (options->bridge && strlen(options->bridge) < sizeof(profile->bridge))
		strcpy(profile->bridge, options->bridge);
	return profile_check_interfaces(profile, err);
}

static const char *variable(const char *name)
{
	return getenv(name);
}

static int choose_proxy(struct client *client, struct err *err)
{
	char text[PROXY_TEXT];

	if (proxy_choose(&client->proxy, &client->profile.proxy, client->profile.server, variable,
			 err) < 0)
		return -1;
	if (client->proxy.proxy.kind != PROXY_NONE)
		log_info("connect: by the proxy %s (%s)", proxy_text(&client->proxy.proxy, text),
			 client->proxy.by);
	return 0;
}

static int load(struct client *client, const struct connect_options *options, struct err *err)
{
	if (profile_read(&client->profile, options->profile, err) < 0 ||
	    load_options(client, options, err) < 0 || pki_init(err) < 0 ||
	    choose_proxy(client, err) < 0)
		return -1;
	client->bridge = options->bridge	     ? options->bridge
			 : client->profile.bridge[0] ? client->profile.bridge
						     : NULL;
	client->credentials = trust_credentials(&client->profile, options->profile, err);
	return client->credentials ? 0 : -1;
}

/* What the MAC and the DUID are made of: the certificate, or the one that was here first, or where
 * there is none the user's name. */
static int find_seed(const struct profile *profile, uint8_t seed[static PKI_FINGERPRINT_LEN],
		     struct err *err)
{
	struct pki_description own = { 0 };

	memcpy(own.fingerprint, profile->user, strnlen(profile->user, sizeof(own.fingerprint)));
	if (profile->certificate[0] && pki_describe(profile->certificate, &own, err) < 0)
		return -1;
	memcpy(seed, profile->device.given ? profile->device.fingerprint : own.fingerprint,
	       PKI_FINGERPRINT_LEN);
	return 0;
}

/* Where the kernel holds back what a TAP's reader does not take (Linux 6.18 drops it), flows shall
 * take turns there too.  An improvement and no need.  It goes with the TAP. */
static void set_qdisc(struct client *client)
{
	static const char *const kinds[] = { "fq_codel", "fq", NULL };
	const char *chosen;
	struct err err = { 0 };

	if (link_set_qdisc(client->link, client->profile.interface, kinds, &chosen, &err) < 0)
		log_debug("connect: %s", err.text);
	else
		log_debug("connect: queue discipline of %s: %s", client->profile.interface,
			  chosen ? chosen : "the kernel's own, it has neither fq_codel nor fq");
}

static int open_interface(struct client *client, struct err *err)
{
	const char *name = client->profile.interface;
	uint8_t seed[PKI_FINGERPRINT_LEN];
	struct link_identity identity;

	client->link = link_open(err);
	if (!client->link || find_seed(&client->profile, seed, err) < 0)
		return -1;
	client->was_there = link_identity(client->link, name, &identity, NULL) == 0;
	client->was_up = client->was_there && identity.up;
	client->tap = tap_open(name, 1, err);
	if (!client->tap)
		return -1;
	host_mac_for(name, seed, &client->mac);
	client->mtu = DEFAULT_MTU;
	if (link_identity(client->link, name, &identity, err) < 0)
		return -1;
	client->index = identity.index;
	/* A manager may have brought a new one up already; its link-local address would be that of
	 * the MAC it was born with.  One that was there before is not taken down: NetworkManager makes
	 * its connections' interfaces itself, and would take that for a failure and delete it. */
	if ((!client->was_there && link_set_up(client->link, name, false, err) < 0) ||
	    link_set_mac(client->link, name, &client->mac, err) < 0 ||
	    link_set_mtu(client->link, name, client->mtu, err) < 0)
		return -1;
	set_qdisc(client);
	return connect_host_begin(client, err);
}

static int open_loop(struct client *client, struct err *err)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };

	if (uv_loop_init(&client->loop) < 0)
		return err_set(err, "cannot make an event loop");
	client->loop_ready = true;
	notify_open(&client->notify, &client->loop);
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
		uv_signal_init(&client->loop, &client->signals[i]);
		client->signals[i].data = client;
		if (uv_signal_start(&client->signals[i], connect_on_signal, numbers[i]) < 0)
			return err_set(err, "cannot watch for signals");
	}
	uv_prepare_init(&client->loop, &client->turn_end);
	client->turn_end.data = client;
	uv_timer_init(&client->loop, &client->hurry);
	client->hurry.data = client;
	uv_timer_init(&client->loop, &client->care);
	client->care.data = client;
	return 0;
}

static int open_watches(struct client *client, struct err *err)
{
	client->watch = link_watch_open(&connect_link_events, client, err);
	if (!client->watch)
		return -1;
	if (uv_poll_init(&client->loop, &client->watch_poll, link_watch_fd(client->watch)) < 0)
		return err_set(err, "cannot watch the kernel's interfaces");
	client->watch_poll.data = client;
	if (uv_poll_init(&client->loop, &client->tap_poll, tap_fd(client->tap, 0)) < 0)
		return err_set(err, "cannot watch the TAP");
	client->tap_poll.data = client;
	uv_poll_start(&client->watch_poll, UV_READABLE, connect_on_watch);
	return 0;
}

static int open_uplink(struct client *client, const struct connect_options *options,
		       struct err *err)
{
	struct uplink_config config = {
		.host = client->profile.server,
		.port = client->profile.port,
		.proxy = &client->proxy.proxy,
		.peer_name = client->profile.name,
		.congestion_control = client->profile.congestion_control,
		.credentials = client->credentials,
		.echo_ms = ECHO_MS,
		.dead_ms = DEAD_MS,
		.once = options->once,
		.service = client->notify.open,
		.hello = {
			.version = MESSAGE_VERSION,
			.capabilities = CAPABILITY_OFFLOAD,
			.max_frame = FRAME_MAX,
			.mac = client->mac,
			.office = client->bridge != NULL,
			.software = "lanyard " LANYARD_VERSION,
		},
	};

	host_device_name(config.hello.device);
	if (!client->profile.certificate[0])
		memcpy(config.hello.user, client->profile.user, sizeof(config.hello.user));
	client->answerer = answerer_new(&client->loop, &client->profile, err);
	client->renewal = renewal_new(&client->loop, options->profile, &client->profile,
				      &client->credentials, err);
	if (!client->answerer || !client->renewal)
		return -1;
	client->uplink = uplink_new(&client->loop, &config, &connect_uplink_events, client, err);
	return client->uplink ? 0 : -1;
}

/* A host is one client, whatever its certificate; an interface is what it asks for (RFC 9915 11, 12). */
static int open_delegate(struct client *client, struct err *err)
{
	static const struct siphash_key iaid_key = { 1, 1 };
	struct profile *profile = &client->profile;
	uint8_t seed[PKI_FINGERPRINT_LEN], uuid[16];

	if (profile->delegate_count == 0)
		return 0;
	if (find_seed(profile, seed, err) < 0)
		return -1;
	host_uuid(seed, uuid);
	const struct dhcp6_duid duid = dhcp6_duid_of_uuid(uuid);
	struct delegate_config config = {
		.count = profile->delegate_count,
		.interface = profile->delegate,
		.duid = &duid,
		.iaid = (uint32_t)siphash(&iaid_key, profile->interface,
					  strlen(profile->interface)),
	};
	memcpy(config.tunnel, profile->interface, sizeof(config.tunnel));
	client->delegate = delegate_new(&client->loop, &config, client->link, &client->heard);
	if (!client->delegate)
		return err_set(err, "out of memory");
	return delegate_open(client->delegate, err);
}

int connect_set_up(struct client *client, const struct connect_options *options, struct err *err)
{
	struct dns_config dns = { 0 };

	if (load(client, options, err) < 0 || open_loop(client, err) < 0)
		return -1;
	memcpy(dns.interface, client->profile.interface, sizeof(dns.interface));
	client->dns = dns_new(&client->loop, &dns, &connect_dns_events, client, err);
	/* the interface first: the uplink tells the server its MAC */
	if (!client->dns || open_interface(client, err) < 0 ||
	    open_uplink(client, options, err) < 0 || open_watches(client, err) < 0 ||
	    open_delegate(client, err) < 0)
		return -1;
	client->rpc = rpc_server_open(&client->loop, client->profile.control, client_actions,
				      client, err);
	if (!client->rpc)
		return -1;
	uv_prepare_start(&client->turn_end, connect_on_turn_end);
	connect_host_on_care(&client->care);
	return 0;
}

/* ---- the end ---- */

/* What hangs in the resolver still points into this client. */
static struct client *left_behind;

bool client_left_behind(void)
{
	return left_behind != NULL;
}

static void close_handles(struct client *client)
{
	notify_close(&client->notify);
	rpc_server_close(client->rpc);
	answerer_free(client->answerer);
	renewal_free(client->renewal);
	uplink_free(client->uplink);
	dns_close(client->dns, NULL);
	if (client->delegate)
		delegate_close(client->delegate);
	if (!client->loop_ready)
		return;
	uv_handle_t *own[] = {
		(uv_handle_t *)&client->signals[0], (uv_handle_t *)&client->signals[1],
		(uv_handle_t *)&client->signals[2], (uv_handle_t *)&client->turn_end,
		(uv_handle_t *)&client->tap_poll,   (uv_handle_t *)&client->watch_poll,
		(uv_handle_t *)&client->hurry,	    (uv_handle_t *)&client->care
	};
	for (unsigned i = 0; i < ARRAY_LEN(own); i++)
		if (own[i]->data) /* it was set up */
			uv_close(own[i], NULL);
}

static void undo_host(struct client *client)
{
	connect_host_end(client);
	link_watch_close(client->watch);
	tap_free(client->tap); /* the interface goes, and with it its addresses and routes */
	link_close(client->link);
	tls_credentials_free(client->credentials);
	profile_wipe(&client->profile);
	proxy_wipe(&client->proxy.proxy);
}

static void note_handle(uv_handle_t *handle, void *found)
{
	*(bool *)found = true;
}

static bool has_handles(uv_loop_t *loop)
{
	bool found = false;

	uv_walk(loop, note_handle, &found);
	return found;
}

/* All handles close in bounded time; a look-up that has begun takes as long as the resolver
 * likes.  False if one is left. */
static bool close_loop(struct client *client)
{
	if (!client->loop_ready)
		return true;
	while (has_handles(&client->loop))
		uv_run(&client->loop, UV_RUN_ONCE);
	uv_run(&client->loop, UV_RUN_NOWAIT);
	return uv_loop_close(&client->loop) == 0;
}

void connect_tear_down(struct client *client)
{
	close_handles(client);
	undo_host(client);
	if (!close_loop(client)) {
		left_behind = client;
		return;
	}
	free(client->delegate);
	free(client);
}
