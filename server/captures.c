/* SPDX-License-Identifier: Apache-2.0 */
/* server/captures.c - which captures there are, of whom, and what becomes of them.
 *
 * A capture's slot is its bit in the port directory and its place on each worker.  It is free again
 * when its thread has ended and every worker was told.
 */
#include "server/captures.h"

#include <stdlib.h>
#include <time.h>

#include "server/account_actions.h"
#include "server/actions.h"
#include "server/server_private.h"
#include "server/state_audit.h"

#define RETRY_MS 20 /* until a worker that is far behind has made room */
#define WHO_MAX 64

struct capture_slot {
	struct capture *capture; /* NULL: free */
	struct capture_order order;
	char called[CAPTURE_OF_MAX]; /* as it was asked for: any bytes; order.of is for people */
	bool lan, all;
	bool session;			/* of one client, by its number; else by user or device */
	uint32_t client;		/* that number */
	bool begun, ended;		/* ended: its thread was waited for */
	uint64_t untold;		/* workers that have it and do not know yet that it ends */
	char who[WHO_MAX], filter[128]; /* for people: nothing of them harms a terminal */
	int64_t since_s;
};

struct captures {
	struct server *server;
	uv_async_t wake;
	uv_timer_t retry;
	unsigned open_handles;
	uint32_t last_id;
	struct capture_counts past; /* of those that have ended */
	struct capture_slot slot[CAPTURES_MAX];
};

_Static_assert(WORKERS_MAX <= 64, "a worker is a bit of `untold`");
_Static_assert(CAPTURES_MAX <= 8, "a capture is a bit of port_directory_captured");

/* ---- whose frames ---- */

static bool is_of(const struct capture_slot *slot, const struct client *client)
{
	if (!slot->capture || slot->lan)
		return false;
	if (slot->all)
		return true;
	return slot->session ? client->id == slot->client : client_is_named(client, slot->called);
}

static void set_bit(struct captures *captures, unsigned slot, uint16_t port, bool on)
{
	struct port_directory *ports = captures->server->ports;
	uint8_t bits = port_directory_captured(ports, port);

	bits = on ? bits | (uint8_t)(1 << slot) : bits & (uint8_t) ~(1 << slot);
	port_directory_set_captured(ports, port, bits);
}

static void add_client(struct captures *captures, unsigned slot, const struct client *client)
{
	char name[CAPTURE_OF_MAX];

	snprintf(name, sizeof(name), "%.48s (%u)", client->user, client->id);
	capture_name(captures->slot[slot].capture, &client->is, name);
	set_bit(captures, slot, client->is.port, true);
}

void captures_client_comes(struct captures *captures, const struct client *client)
{
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (captures->slot[i].begun && is_of(&captures->slot[i], client))
			add_client(captures, i, client);
}

void captures_client_leaves(struct captures *captures, const struct client *client)
{
	for (unsigned i = 0; captures && i < CAPTURES_MAX; i++)
		if (captures->slot[i].session && is_of(&captures->slot[i], client))
			capture_stop(captures->slot[i].capture, NULL);
}

/* ---- begin and end ---- */

/* "capture 3 of alice" */
static const char *subject(const struct capture_slot *slot, char text[static 128])
{
	snprintf(text, 128, "capture %u of %s", slot->order.id, slot->order.of);
	return text;
}

/* No capture without its line in the audit log. */
static int audit(struct captures *captures, const struct capture_slot *slot, const char *what,
		 struct err *err)
{
	char text[128];

	log_info("%s: %s, for %s", subject(slot, text), what, slot->who);
	events_add(captures->server->events, EVENT_CAPTURE, slot->session ? slot->client : 0,
		   slot->session || slot->lan || slot->all ? "" : slot->order.of,
		   "%s: %.128s, for %s", text, what, slot->who);
	return state_audit_note(captures->server->state, time(NULL), slot->who, err, "%s: %s", text,
				what);
}

static int tell_workers(struct captures *captures, unsigned i, struct err *err)
{
	struct server *server = captures->server;
	struct capture_slot *slot = &captures->slot[i];
	struct mail_capture mail = { slot->capture, (uint8_t)i, true };

	for (unsigned worker = 0; worker < server->worker_count; worker++) {
		capture_hold(slot->capture);
		if (!mail_send(server->box, THREAD_WORKER + worker, MAIL_CAPTURE, &mail,
			       sizeof(mail))) {
			capture_free(slot->capture);
			return err_set(err, "worker %u does not take its mail", worker);
		}
		slot->untold |= 1ull << worker;
	}
	return 0;
}

static void begin(struct captures *captures, unsigned i)
{
	struct capture_slot *slot = &captures->slot[i];
	char what[192];
	struct err err = { 0 };

	slot->begun = true;
	snprintf(what, sizeof(what), slot->filter[0] ? "begins, filter '%s'" : "begins%s",
		 slot->filter);
	if (audit(captures, slot, what, &err) < 0 || tell_workers(captures, i, &err) < 0) {
		log_error("capture %u: %s", slot->order.id, err.text);
		capture_stop(slot->capture, &err);
		return;
	}
	if (slot->lan || slot->all)
		set_bit(captures, i, PORT_TAP, true);
	if (slot->all)
		capture_name(slot->capture, &CAPTURE_TAP, "lan");
	for (struct client *client = captures->server->clients; client; client = client->next)
		if (is_of(slot, client))
			add_client(captures, i, client);
}

static void log_end(struct captures *captures, const struct capture_slot *slot)
{
	struct capture_counts counts = capture_counts(slot->capture);
	struct err err = { 0 };
	char what[256];

	snprintf(what, sizeof(what), "ends with %llu frames, %llu bytes, %llu lost: %s",
		 (unsigned long long)counts.frames, (unsigned long long)counts.bytes,
		 (unsigned long long)counts.lost, capture_why(slot->capture));
	if (audit(captures, slot, what, &err) < 0)
		log_error("capture %u: %s", slot->order.id, err.text);
}

static void add_counts(struct capture_counts *sum, const struct capture *capture)
{
	struct capture_counts counts = capture_counts(capture);

	sum->frames += counts.frames;
	sum->bytes += counts.bytes;
	sum->lost += counts.lost;
}

static void end(struct captures *captures, unsigned i)
{
	struct capture_slot *slot = &captures->slot[i];

	slot->ended = true;
	capture_leave(slot->capture);
	for (unsigned port = 0; port < port_directory_max(captures->server->ports); port++)
		set_bit(captures, i, (uint16_t)port, false);
	add_counts(&captures->past, slot->capture);
	if (slot->begun)
		log_end(captures, slot);
}

/* Its slot is free when no worker has it any more. */
static void forget(struct captures *captures, unsigned i)
{
	struct server *server = captures->server;
	struct capture_slot *slot = &captures->slot[i];
	struct mail_capture mail = { slot->capture, (uint8_t)i, false };

	for (unsigned worker = 0; worker < server->worker_count; worker++)
		if (slot->untold >> worker & 1 && mail_send(server->box, THREAD_WORKER + worker,
							    MAIL_CAPTURE, &mail, sizeof(mail)))
			slot->untold &= ~(1ull << worker);
	if (slot->untold != 0)
		return;
	capture_free(slot->capture);
	*slot = (struct capture_slot) { 0 };
}

static void on_retry(uv_timer_t *retry);

static void tend(struct captures *captures)
{
	bool again = false;

	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		struct capture_slot *slot = &captures->slot[i];

		if (!slot->capture)
			continue;
		if (capture_phase(slot->capture) == CAPTURE_READY && !slot->begun)
			begin(captures, i);
		if (capture_phase(slot->capture) == CAPTURE_DONE && !slot->ended)
			end(captures, i);
		if (slot->ended)
			forget(captures, i);
		again = again || (slot->capture && slot->ended);
	}
	if (again && !uv_is_active((uv_handle_t *)&captures->retry))
		uv_timer_start(&captures->retry, on_retry, RETRY_MS, 0);
}

static void on_retry(uv_timer_t *retry)
{
	tend(retry->data);
}

static void on_wake(uv_async_t *wake)
{
	tend(wake->data);
}

/* In the capture's thread. */
static void notify(void *owner)
{
	struct captures *captures = owner;

	uv_async_send(&captures->wake);
}

/* ---- asked for ---- */

static int read_number(const json_t *request, const char *name, uint64_t most, uint64_t *number,
		       struct err *err)
{
	const json_t *value = json_object_get(request, name);
	json_int_t is = json_integer_value(value);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || is < 1 || (uint64_t)is > most)
		return err_kind(err, ERR_USAGE, "'%s' must be 1 to %llu", name,
				(unsigned long long)most);
	*number = (uint64_t)is;
	return 0;
}

/* NULL where there is none.  What is no text is not taken for none: that would be everything. */
static int read_text(const json_t *request, const char *name, const char **text, struct err *err)
{
	const json_t *value = json_object_get(request, name);

	*text = json_string_value(value);
	if (value && !json_is_null(value) && !*text)
		return err_kind(err, ERR_USAGE, "'%s' must be a text", name);
	return 0;
}

static int read_order(const json_t *request, struct capture_order *order, struct err *err)
{
	const char *filter;
	uint64_t snaplen = PCAPNG_SNAPLEN, seconds = 0;

	if (read_text(request, "filter", &filter, err) < 0 ||
	    read_number(request, "snaplen", PCAPNG_SNAPLEN, &snaplen, err) < 0 ||
	    read_number(request, "frames", INT64_MAX, &order->frames, err) < 0 ||
	    read_number(request, "bytes", INT64_MAX, &order->bytes, err) < 0 ||
	    read_number(request, "seconds", UINT32_MAX, &seconds, err) < 0)
		return -1;
	order->snaplen = (uint32_t)snaplen;
	order->seconds = (uint32_t)seconds;
	if (!filter)
		return 0;
	if (strlen(filter) >= sizeof(order->filter))
		return err_kind(err, ERR_USAGE, "a filter has at most %zu bytes",
				sizeof(order->filter) - 1);
	strcpy(order->filter, filter);
	return 0;
}

static int find_client(struct server *server, struct capture_slot *slot, const char *of,
		       struct err *err)
{
	struct state_user user;
	char shown[CAPTURE_OF_MAX], *end;
	unsigned long number = strtoul(of, &end, 10);

	for (const struct client *client = server->clients; client; client = client->next) {
		if (!client_is_named(client, of))
			continue;
		slot->session = *of && !*end && number == client->id;
		slot->client = client->id;
		return 0;
	}
	int known = state_user_get(server->state, of, time(NULL), &user, err);

	if (known != 0)
		return known > 0 ? 0 : -1;
	return err_kind(err, ERR_NO_OBJECT, "no client and no user is called '%s'",
			log_escape(of, strlen(of), shown, sizeof(shown)));
}

static int choose(struct server *server, const json_t *request, struct capture_slot *slot,
		  struct err *err)
{
	const char *of;

	if (read_text(request, "of", &of, err) < 0)
		return -1;
	slot->all = !of;
	slot->lan = of && strcmp(of, "lan") == 0;
	if (!of)
		of = "all";
	if (strlen(of) >= sizeof(slot->called))
		return err_kind(err, ERR_NO_OBJECT, "nobody has so long a name");
	strcpy(slot->called, of);
	log_escape(of, strlen(of), slot->order.of, sizeof(slot->order.of));
	return slot->all || slot->lan ? 0 : find_client(server, slot, of, err);
}

static struct capture_slot *free_slot(struct captures *captures, struct err *err)
{
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (!captures->slot[i].capture)
			return &captures->slot[i];
	err_set(err, "%u captures run already, as many as may", CAPTURES_MAX);
	return NULL;
}

int captures_take(void *owner, const json_t *request, int fd, struct err *err)
{
	struct server *server = owner;
	struct captures *captures = server->captures;
	struct capture_slot wanted = { .since_s = time(NULL) };
	const char *who = account_who(request);

	if (read_order(request, &wanted.order, err) < 0 ||
	    choose(server, request, &wanted, err) < 0)
		return -1;
	struct capture_slot *slot = free_slot(captures, err);

	if (!slot)
		return -1;
	log_escape(who, strlen(who), wanted.who, sizeof(wanted.who));
	log_escape(wanted.order.filter, strlen(wanted.order.filter), wanted.filter,
		   sizeof(wanted.filter));
	wanted.order.id = ++captures->last_id;
	wanted.order.workers = server->worker_count;
	wanted.order.max_ports = port_directory_max(server->ports);
	wanted.capture = capture_new(&wanted.order, fd, notify, captures, err);
	if (!wanted.capture)
		return -1;
	*slot = wanted;
	return 0;
}

json_t *captures_stop(void *owner, const json_t *request, struct err *err)
{
	struct server *server = owner;
	json_int_t id = json_integer_value(json_object_get(request, "capture"));

	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		struct capture_slot *slot = &server->captures->slot[i];

		if (!slot->capture || slot->order.id != id)
			continue;
		capture_stop(slot->capture, NULL);
		actions_note(server, request, "capture stop %d of %s", (int)id, slot->order.of);
		return json_pack("{s:i}", "schema", 1);
	}
	err_kind(err, ERR_NO_OBJECT, "there is no capture of that number");
	return NULL;
}

/* ---- shown ---- */

static json_t *limit(uint64_t number)
{
	return number > 0 ? json_integer((json_int_t)number) : json_null();
}

static json_t *capture_json(const struct capture_slot *slot)
{
	struct capture_counts counts = capture_counts(slot->capture);
	const struct capture_order *order = &slot->order;

	return json_pack("{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:i, s:o, s:o, s:o}", "capture",
			 (int)order->id, "of", order->of, "filter", slot->filter, "who", slot->who,
			 "running_s", (json_int_t)(time(NULL) - slot->since_s), "frames",
			 (json_int_t)counts.frames, "bytes", (json_int_t)counts.bytes, "lost",
			 (json_int_t)counts.lost, "snaplen", (int)order->snaplen, "max_frames",
			 limit(order->frames), "max_bytes", limit(order->bytes), "max_s",
			 limit(order->seconds));
}

json_t *captures_show(const struct captures *captures)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (captures->slot[i].begun && !captures->slot[i].ended)
			json_array_append_new(all, capture_json(&captures->slot[i]));
	return json_pack("{s:o}", "captures", all);
}

json_t *captures_in_short(const struct captures *captures)
{
	struct capture_counts sum = captures->past;
	int running = 0;

	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		const struct capture_slot *slot = &captures->slot[i];

		if (!slot->begun || slot->ended)
			continue;
		add_counts(&sum, slot->capture);
		running++;
	}
	return json_pack("{s:i, s:I, s:I, s:I}", "running", running, "frames",
			 (json_int_t)sum.frames, "bytes", (json_int_t)sum.bytes, "lost",
			 (json_int_t)sum.lost);
}

json_t *captures_of(const struct captures *captures, const struct client *client)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		const struct capture_slot *slot = &captures->slot[i];

		if (slot->begun && !slot->ended && is_of(slot, client))
			json_array_append_new(all, json_integer(slot->order.id));
	}
	return all;
}

/* ---- life ---- */

struct captures *captures_new(struct server *server, struct err *err)
{
	struct captures *captures = calloc(1, sizeof(*captures));

	if (!captures) {
		err_set(err, "out of memory");
		return NULL;
	}
	captures->server = server;
	if (uv_async_init(&server->loop, &captures->wake, on_wake) < 0) {
		free(captures);
		err_set(err, "cannot make a wake-up for captures");
		return NULL;
	}
	uv_timer_init(&server->loop, &captures->retry);
	captures->wake.data = captures->retry.data = captures;
	captures->open_handles = 2;
	return captures;
}

static void on_closed(uv_handle_t *handle)
{
	struct captures *captures = handle->data;

	if (--captures->open_handles == 0)
		free(captures);
}

void captures_close(struct captures *captures)
{
	if (!captures)
		return;
	for (unsigned i = 0; i < CAPTURES_MAX; i++) /* all, then wait: they end at the same time */
		if (captures->slot[i].capture && !captures->slot[i].ended)
			capture_stop(captures->slot[i].capture, NULL);
	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		struct capture_slot *slot = &captures->slot[i];

		if (!slot->capture)
			continue;
		if (!slot->ended)
			end(captures, i);
		capture_free(slot->capture); /* workers let go of theirs when they end */
	}
	uv_close((uv_handle_t *)&captures->wake, on_closed);
	uv_close((uv_handle_t *)&captures->retry, on_closed);
}
