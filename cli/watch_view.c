/* SPDX-License-Identifier: Apache-2.0 */
/* cli/watch_view.c - a server's clients with their rates, sorted, on as much screen as there is. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/watch.h"

#define CLEAR_LINE "\033[K"
#define LINE_MAX 512

static int64_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* Whatever it is, it moves no cursor. */
static void copy_text(const json_t *object, const char *name, char *to, size_t cap)
{
	const char *text = cli_text(object, name);

	log_escape(text, strlen(text), to, cap);
}

/* ---- taking ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct watch_client *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

static const struct watch_client *find(const struct watch_client *sorted, unsigned count,
				       int64_t id)
{
	const struct watch_client wanted = { .id = id };

	return bsearch(&wanted, sorted, count, sizeof(wanted), compare_ids);
}

static double rate(int64_t now, int64_t before, double elapsed_s)
{
	return elapsed_s > 0 && now > before ? (double)(now - before) / elapsed_s : 0;
}

static void take_client(struct watch_client *client, const json_t *from,
			const struct watch_client *before, double elapsed_s)
{
	*client = (struct watch_client) {
		.id = number(from, "id"),
		.rx_bytes = number(from, "rx_bytes"),
		.tx_bytes = number(from, "tx_bytes"),
		.connected_s = number(from, "connected_s"),
		.rtt_us = number(from, "rtt_us"),
	};
	copy_text(from, "user", client->user, sizeof(client->user));
	copy_text(from, "device", client->device, sizeof(client->device));
	copy_text(from, "remote", client->from, sizeof(client->from));
	if (!before) /* it came since: all that it has is of this time */
		return;
	client->rx_rate = rate(client->rx_bytes, before->rx_bytes, elapsed_s);
	client->tx_rate = rate(client->tx_bytes, before->tx_bytes, elapsed_s);
}

static void take_title(struct watch_view *view, const json_t *status)
{
	char version[32], interface[32], mode[32];

	copy_text(status, "version", version, sizeof(version));
	copy_text(status, "interface", interface, sizeof(interface));
	copy_text(status, "mode", mode, sizeof(mode));
	snprintf(view->title, sizeof(view->title), "lanyard %s, %s, %s", version, interface, mode);
}

void watch_take(struct watch_view *view, const json_t *status, double elapsed_s)
{
	const json_t *clients = json_object_get(status, "clients"), *one;
	unsigned before_count = view->count;
	struct watch_client *before = malloc(sizeof(view->client));
	size_t i;

	if (before)
		memcpy(before, view->client, before_count * sizeof(*before));
	else
		before_count = 0;
	if (before_count > 0)
		qsort(before, before_count, sizeof(*before), compare_ids);
	view->count = 0;
	view->rx_rate = view->tx_rate = 0;
	view->trouble[0] = '\0';
	view->total = (unsigned)json_array_size(clients);
	take_title(view, status);
	json_array_foreach(clients, i, one)
	{
		struct watch_client *client = &view->client[view->count];

		if (view->count == WATCH_CLIENTS)
			break;
		take_client(client, one,
			    before_count > 0 ? find(before, before_count, number(one, "id")) : NULL,
			    elapsed_s);
		view->rx_rate += client->rx_rate;
		view->tx_rate += client->tx_rate;
		view->count++;
	}
	free(before);
}

/* ---- order ---- */

static int order_by(enum watch_sort sort, const struct watch_client *a,
		    const struct watch_client *b)
{
	double left = 0, right = 0;

	switch (sort) {
	case WATCH_BY_USER: return strcmp(a->user, b->user);
	case WATCH_BY_RATE:
		left = b->rx_rate + b->tx_rate;
		right = a->rx_rate + a->tx_rate;
		break;
	case WATCH_BY_SINCE:
		left = (double)b->connected_s;
		right = (double)a->connected_s;
		break;
	case WATCH_BY_RTT:
		left = (double)b->rtt_us;
		right = (double)a->rtt_us;
		break;
	case WATCH_SORTS: break;
	}
	return left < right ? -1 : left > right;
}

static int compare(const void *a, const void *b, void *owner)
{
	const struct watch_view *view = owner;
	int order = order_by(view->sort, a, b);

	if (order == 0) /* always the same way, or equal ones would dance */
		return compare_ids(a, b);
	return view->reversed ? -order : order;
}

/* ---- drawing ---- */

static void draw_line(FILE *to, unsigned columns, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void draw_line(FILE *to, unsigned columns, const char *format, ...)
{
	char line[LINE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(to, "%.*s" CLEAR_LINE "\r\n", (int)columns, line);
}

static const char *const sort_name[WATCH_SORTS] = {
	[WATCH_BY_RATE] = "rate",
	[WATCH_BY_USER] = "user",
	[WATCH_BY_SINCE] = "since",
	[WATCH_BY_RTT] = "round trip",
};

static const char *rate_text(double bytes_a_second, char text[static 40])
{
	char bytes[32];

	snprintf(text, 40, "%s/s", cli_bytes((int64_t)bytes_a_second, bytes));
	return text;
}

static void draw_client(const struct watch_client *client, unsigned columns, FILE *to)
{
	char since[32], rx[40], tx[40], received[32], sent[32];

	/* what changes first: 80 columns have all of that, each as wide as it can get */
	draw_line(to, columns, "%-6lld %-16.16s %10s %10s %7.1f %8s %8s %8s  %-12.12s %.24s",
		  (long long)client->id, client->user, rate_text(client->rx_rate, rx),
		  rate_text(client->tx_rate, tx), (double)client->rtt_us / 1000,
		  cli_duration(client->connected_s, since), cli_bytes(client->rx_bytes, received),
		  cli_bytes(client->tx_bytes, sent), client->device, client->from);
}

static void draw_header(const struct watch_view *view, unsigned columns, FILE *to)
{
	char rx[40], tx[40];

	draw_line(to, columns, "%u client%s   received %s   sent %s   %s", view->total,
		  view->total == 1 ? "" : "s", rate_text(view->rx_rate, rx),
		  rate_text(view->tx_rate, tx), view->title);
	draw_line(to, columns, "%s", view->trouble);
	fputs(view->colour ? "\033[1m" : "", to);
	draw_line(to, columns, "%-6s %-16s %10s %10s %7s %8s %8s %8s  %-12s %s", "ID", "USER",
		  "RECEIVING", "SENDING", "RTT ms", "SINCE", "RECEIVED", "SENT", "DEVICE", "FROM");
	fputs(view->colour ? "\033[0m" : "", to);
}

#define OTHER_LINES 4 /* title, trouble, heads, keys */

void watch_draw(struct watch_view *view, unsigned rows, unsigned columns, FILE *to)
{
	unsigned room = rows > OTHER_LINES ? rows - OTHER_LINES : 0;
	unsigned last_first = view->count > room ? view->count - room : 0;

	if (columns == 0 || rows == 0)
		return;
	if (view->first > last_first)
		view->first = last_first;
	if (view->count > 0)
		qsort_r(view->client, view->count, sizeof(*view->client), compare, view);
	fputs("\033[H", to);
	if (room > 0) {
		draw_header(view, columns, to);
		for (unsigned i = 0; i < room; i++)
			if (view->first + i < view->count)
				draw_client(&view->client[view->first + i], columns, to);
			else
				draw_line(to, columns, "%s", "");
	}
	fprintf(to, "%.*s" CLEAR_LINE, (int)columns, "q quit  s sort  r reverse  arrows scroll");
	if (columns > 70)
		fprintf(to, "   by %s%s", sort_name[view->sort],
			view->reversed ? ", reversed" : "");
	fputs("\033[J", to);
}

/* ---- keys ---- */

bool watch_key(struct watch_view *view, int key)
{
	switch (key) {
	case 'q': return false;
	case 's': view->sort = (enum watch_sort)((view->sort + 1) % WATCH_SORTS); break;
	case 'r': view->reversed = !view->reversed; break;
	case 'j':
	case 'B': view->first++; break; /* the end of an arrow's sequence */
	case 'k':
	case 'A': view->first -= view->first > 0; break;
	case 'g': view->first = 0; break;
	default: break;
	}
	return true;
}
