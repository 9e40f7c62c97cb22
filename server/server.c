/* SPDX-License-Identifier: Apache-2.0 */
/* server/server.c - the server from start to end: sockets, state, threads, signals.
 *
 * Set-up happens in one row, in the calling thread, and any failure undoes it by the same
 * server_free.  The end happens in three steps, so that no thread speaks to one that has left:
 * the greeter stops and hands no more clients over; then the workers stop; then all exit.
 */
#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "server/admin_host.h"
#include "server/admission.h"
#include "server/credentials.h"
#include "server/login.h"
#include "server/server_private.h"

#define AGEING_MS 10000
#define BACKLOG 4096
#define PASSWORDS_AT_ONCE_MAX 4 /* libuv's pool; 256 MiB with the default cost */

/* ---- listening sockets ---- */

static int listen_on(const struct config_listen *at, struct err *err)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(at->port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(at->port) };
	bool is_six = inet_pton(AF_INET6, at->host, &six.sin6_addr) == 1;
	int one = 1, zero = 0;

	if (!is_six && inet_pton(AF_INET, at->host, &four.sin_addr) != 1)
		return err_set(err, "'%s' is no address", at->host);
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "cannot make a socket");
	/* [::] means both families, whatever the host's bindv6only says */
	if ((is_six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)) < 0) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, is_six ? (void *)&six : (void *)&four, is_six ? sizeof(six) : sizeof(four)) <
		    0 ||
	    listen(fd, BACKLOG) < 0) {
		err_errno(err, "cannot listen on %s port %u", at->host, at->port);
		close(fd);
		return -1;
	}
	return fd;
}

/* What is accepted from a listening socket inherits its congestion control. */
static void set_congestion(const struct server *server, int fd)
{
	const char *name = server->config.congestion_control;

	if (socket_set_congestion(fd, name))
		return;
	if (strcmp(name, SOCKET_CONGESTION_DEFAULT) == 0)
		log_debug("server: this kernel has no congestion control '%s'", name);
	else
		log_warning("server: this kernel has no congestion control '%s', its own serves",
			    name);
}

static int open_listeners(struct server *server, struct err *err)
{
	for (unsigned i = 0; i < server->config.listen_count; i++) {
		int fd = listen_on(&server->config.listen[i], err);
		if (fd < 0)
			return -1;
		set_congestion(server, fd);
		server->listen_fd[server->listen_count++] = fd;
	}
	return 0;
}

/* ---- threads ---- */

static unsigned count_workers(const struct server_config *config)
{
	if (config->workers > 0)
		return config->workers;
	unsigned cores = uv_available_parallelism();
	return cores > WORKERS_MAX ? WORKERS_MAX : cores;
}

static int make_switch(struct server *server, struct err *err)
{
	struct siphash_key key;
	unsigned max_ports = server->config.max_clients + PORTS_SPARE;

	if (uv_random(NULL, NULL, &key, sizeof(key), 0, NULL) < 0)
		return err_set(err, "no random numbers");
	if (max_ports > PORTS_MAX)
		max_ports = PORTS_MAX;
	server->table = address_table_new(server->config.table, max_ports, key);
	server->seen = seen_new(4 * max_ports, key); /* as many as a host has */
	server->ports = port_directory_new(max_ports);
	server->by_port = calloc(max_ports, sizeof(struct client *));
	if (!server->table || !server->seen || !server->ports || !server->by_port)
		return err_set(err, "out of memory");
	port_directory_add_tap(
		server->ports,
		(uint16_t)(PORT_OFFLOAD |
			   (server->config.mode == MODE_ROUTED ? PORT_ROUTER : PORT_LAN)));
	return 0;
}

/* Each takes a core for a while: frames keep most of them. */
static unsigned passwords_at_once(void)
{
	unsigned half = uv_available_parallelism() / 2;

	return half < 1 ? 1 : half > PASSWORDS_AT_ONCE_MAX ? PASSWORDS_AT_ONCE_MAX : half;
}

static int make_threads(struct server *server, struct err *err)
{
	const struct server_config *config = &server->config;
	struct greeter_config greeter = {
		.max_strangers = config->max_strangers,
		.max_per_source = config->max_strangers_per_source,
		.login_ms = config->login_time_s * 1000,
		.echo_ms = config->echo_time_s * 1000,
		.dead_ms = config->dead_time_s * 1000,
		.anonymous = login_takes_anonymous(server),
		.passwords = login_takes_passwords(config),
		.password = config->password,
		.passwords_at_once = passwords_at_once(),
		.listen_count = server->listen_count,
		.credentials = credentials_first(server->credentials),
		.office = server->office,
	};
	struct worker_config worker = {
		.count = (uint8_t)server->worker_count,
		.dhcp6_rate = config->ra.dhcp6.rate,
		.table = server->table,
		.ports = server->ports,
		.tap = server->tap,
		.office = server->office,
	};

	server->anonymous = greeter.anonymous;
	if (config->admin_on_vpn_port) {
		server->porter = porter_new(greeter.max_strangers, greeter.max_per_source, err);
		if (!server->porter)
			return -1;
		greeter.porter = server->porter;
	}
	memcpy(greeter.auth_command, config->auth_command, sizeof(greeter.auth_command));
	memcpy(greeter.listen_fd, server->listen_fd, sizeof(greeter.listen_fd));
	server->greeter = greeter_new(&greeter, err);
	if (!server->greeter)
		return -1;
	for (unsigned i = 0; i < server->worker_count; i++) {
		worker.index = (uint8_t)i;
		server->worker[i] = worker_new(&worker, err);
		if (!server->worker[i])
			return -1;
	}
	return 0;
}

static int run_threads(struct server *server, struct err *err)
{
	for (unsigned i = 0; i < server->worker_count; i++)
		if (worker_run(server->worker[i], err) < 0)
			return -1;
	return greeter_run(server->greeter, err);
}

/* ---- the end ---- */

/* Tells the threads from `first` to `last`. */
static void tell(struct server *server, unsigned first, unsigned last, enum mail_type type)
{
	for (unsigned thread = first; thread <= last; thread++)
		if (!mail_send(server->box, thread, type, NULL, 0))
			log_error("server: thread %u does not take its mail", thread);
}

static unsigned last_thread(const struct server *server)
{
	return THREAD_WORKER + server->worker_count - 1;
}

static void close_handles(struct server *server)
{
	if (server->ageing.data) {
		uv_close((uv_handle_t *)&server->ageing, NULL);
		uv_close((uv_handle_t *)&server->ceasing, NULL);
	}
	server->ageing.data = NULL;
	admission_close(server);
	credentials_close(server->credentials);
	server->credentials = NULL;
	captures_close(server->captures);
	event_streams_close(server->event_streams);
	server->event_streams = NULL;
	server->captures = NULL;
	recorder_close(server->recorder);
	server->recorder = NULL;
	notify_close(&server->notify);
	admin_host_close(server);
	rpc_server_close(server->rpc);
	server->rpc = NULL;
	/* whoever finds our socket may send a signal, and it is not to kill us half-way */
	for (unsigned i = 0; i < server->signal_count; i++)
		uv_close((uv_handle_t *)&server->signals[i], NULL);
	server->signal_count = 0;
	mailbox_close(server->box);
}

void server_stop(struct server *server, bool comes_back)
{
	if (server->phase >= SERVER_STOPPING)
		return;
	log_info(comes_back ? "server: stopping, to come back" : "server: stopping");
	notify_stopping(&server->notify);
	server->phase = SERVER_STOPPING;
	ceasing_begin(server, comes_back);
}

void server_ceased(struct server *server)
{
	tell(server, THREAD_GREETER, THREAD_GREETER, MAIL_STOP);
}

void server_stopped_thread(struct server *server, unsigned thread)
{
	if (thread == THREAD_GREETER) {
		tell(server, THREAD_WORKER, last_thread(server), MAIL_STOP);
		return;
	}
	if (++server->stopped_count < server->worker_count)
		return;
	server->phase = SERVER_STOPPED;
	tell(server, THREAD_GREETER, last_thread(server), MAIL_EXIT);
	uv_stop(&server->loop);
}

static void server_free(struct server *server)
{
	if (!server)
		return;
	if (server->loop_ready) {
		while (server->clients)
			client_remove(server->clients);
		close_handles(server);
	}
	credentials_close(server->credentials);
	greeter_join(server->greeter);
	for (unsigned i = 0; i < server->worker_count; i++)
		worker_join(server->worker[i]);
	greeter_free(server->greeter);
	porter_free(server->porter);
	for (unsigned i = 0; i < server->worker_count; i++)
		worker_free(server->worker[i]);
	dhcp6_server_close(server->dhcp6);
	router_tear_down(server);
	for (unsigned i = 0; i < server->listen_count; i++)
		close(server->listen_fd[i]);
	if (server->loop_ready) {
		uv_run(&server->loop, UV_RUN_DEFAULT); /* the closing handles' last turn */
		uv_loop_close(&server->loop);
	}
	post_office_free(server->office);
	address_table_free(server->table);
	seen_free(server->seen);
	port_directory_free(server->ports);
	free(server->by_port);
	state_close(server->state);
	events_free(server->events);
	server_config_free(&server->config);
	free(server);
}

/* ---- the beginning ---- */

static void on_signal(uv_signal_t *handle, int number)
{
	struct server *server = handle->data;
	struct err err = { 0 };

	if (number == SIGHUP)
		json_decref(server_reload(server, &err)); /* a failure is in the log */
	else
		server_stop(server, number == SIGUSR1);
}

static int watch_signals(struct server *server, struct err *err)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGUSR1, SIGHUP };

	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
		uv_signal_init(&server->loop, &server->signals[i]);
		server->signal_count++;
		server->signals[i].data = server;
		if (uv_signal_start(&server->signals[i], on_signal, numbers[i]) < 0)
			return err_set(err, "cannot watch for signals");
	}
	return 0;
}

static void on_ageing(uv_timer_t *timer)
{
	struct server *server = timer->data;

	address_table_age(server->table, (uint32_t)(uv_now(&server->loop) / 1000));
	dhcp6_server_check_clock(server->dhcp6);
	event_guards(server);
	others_look(server);
	login_invites_changed(server); /* one has expired, or was made by a command without us */
}

static int open_loop(struct server *server, struct err *err)
{
	if (uv_loop_init(&server->loop) < 0)
		return err_set(err, "cannot make an event loop");
	server->loop_ready = true;
	server->started_ms = uv_now(&server->loop);
	notify_open(&server->notify, &server->loop);
	uv_timer_init(&server->loop, &server->ageing);
	server->ageing.data = server;
	uv_timer_init(&server->loop, &server->ceasing);
	server->ceasing.data = server;
	if (admission_open(server) < 0 || credentials_open(server->credentials) < 0)
		return err_set(err, "cannot make a timer");
	uv_timer_start(&server->ageing, on_ageing, AGEING_MS, AGEING_MS);
	server->captures = captures_new(server, err);
	server->event_streams = event_streams_open(&server->loop, server->events, err);
	server->recorder = recorder_new(server, err);
	if (!server->captures || !server->event_streams || !server->recorder)
		return -1;
	server->worker_count = count_workers(&server->config);
	server->office = post_office_new(THREAD_WORKER + server->worker_count, err);
	if (!server->office)
		return -1;
	server->box = mailbox_open(server->office, THREAD_CONTROL, &server->loop, &control_events,
				   server, err);
	return server->box ? watch_signals(server, err) : -1;
}

/* Thousands of clients are thousands of descriptors. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int start(struct server *server, struct err *err)
{
	const struct server_config *config = &server->config;

	raise_limits();
	server->started_s = time(NULL);
	password_decoy(&config->password, server->decoy);
	server->state = state_open(config->state, err);
	if (!server->state || pki_init(err) < 0 ||
	    !(server->credentials = credentials_new(server, err)) ||
	    open_listeners(server, err) < 0 || open_loop(server, err) < 0 ||
	    make_switch(server, err) < 0 || router_set_up(server, err) < 0 ||
	    dhcp6_server_open(server, err) < 0 || make_threads(server, err) < 0)
		return -1;
	server->rpc = rpc_server_open(&server->loop, config->control, server_actions, server, err);
	if (!server->rpc || admin_host_open(server, err) < 0)
		return -1;
	server->phase = SERVER_RUNNING;
	router_send_policy(server);
	if (run_threads(server, err) == 0 && admin_host_run(server, err) == 0)
		return 0;
	tell(server, THREAD_GREETER, last_thread(server), MAIL_EXIT); /* those that run already */
	return -1;
}

static void tell_started(struct server *server)
{
	for (unsigned i = 0; i < server->config.listen_count; i++)
		log_info("server: listening on %s port %u", server->config.listen[i].host,
			 server->config.listen[i].port);
	log_info("server: ready, version " LANYARD_VERSION ", interface %s, %s, %u worker%s",
		 server->config.interface, bridge_mode_name[server->config.mode],
		 server->worker_count, server->worker_count == 1 ? "" : "s");
	events_add(server->events, EVENT_SERVER, 0, "", "server: ready, version " LANYARD_VERSION);
	clients_changed(server);
	notify_ready(&server->notify);
}

int server_run(const char *config_path, struct err *err)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return err_set(err, "out of memory");
	server->config_path = config_path;
	server->events = events_new();
	if (!server->events) {
		free(server);
		return err_set(err, "out of memory");
	}
	int failed = server_config_read(&server->config, config_path, err);
	if (failed == 0) {
		failed = start(server, err);
		if (failed == 0) {
			tell_started(server);
			uv_run(&server->loop, UV_RUN_DEFAULT);
			log_info("server: stopped");
			if (server->failed)
				failed = err_set(err, "stopped, because it could not go on");
		}
	}
	server_free(server);
	return failed;
}

int server_check(const char *config_path, struct err *err)
{
	struct server_config config;

	if (server_config_read(&config, config_path, err) < 0)
		return -1;
	int failed = config.certificate[0] ? credentials_check_files(&config, err) : 0;
	server_config_free(&config);
	return failed;
}
