/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/cli/test_watch_view.c - rates, order, keys and what fits a screen of `status --watch`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/watch.h"

static struct watch_view *view;
static char *screen;

static json_t *client(int id, const char *user, int rx, int tx, int since, int rtt)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:i, s:i, s:i, s:i}", "id", id, "user", user,
			 "device", "vm", "remote", "192.0.2.1:5", "rx_bytes", rx, "tx_bytes", tx,
			 "connected_s", since, "rtt_us", rtt);
}

/* Two looks, 2 s apart: carol came in between. */
static void two_looks(void)
{
	json_t *first = json_pack("{s:s, s:[oo]}", "version", "1", "clients",
				  client(1, "alice", 1000, 1000, 10, 900),
				  client(2, "bob", 1000, 0, 30, 100));
	json_t *second = json_pack(
		"{s:s, s:[ooo]}", "version", "1", "clients", client(3, "carol", 9999, 9999, 1, 500),
		client(2, "bob", 5000, 6000, 32, 100), client(1, "alice", 3000, 1000, 12, 900));

	memset(view, 0, sizeof(*view));
	watch_take(view, first, 0);
	watch_take(view, second, 2);
	json_decref(first);
	json_decref(second);
}

static const char *draw(unsigned rows, unsigned columns)
{
	size_t len;
	FILE *to;

	free(screen);
	to = open_memstream(&screen, &len);
	watch_draw(view, rows, columns, to);
	fclose(to);
	return screen;
}

static void rates_are_of_the_time_between(void **state)
{
	two_looks();
	draw(24, 200);
	assert_int_equal(view->client[0].id, 2);
	assert_true(view->client[0].rx_rate == 2000 && view->client[0].tx_rate == 3000);
	assert_int_equal(view->client[1].id, 1);
	assert_true(view->client[1].rx_rate == 1000 && view->client[1].tx_rate == 0);
	assert_true(view->client[2].rx_rate == 0); /* carol: since when is not known */
	assert_true(view->rx_rate == 3000 && view->tx_rate == 3000);
	assert_non_null(strstr(screen, "3 clients   received 3.0 kB/s   sent 3.0 kB/s"));
}

static const struct {
	const char *keys;
	int64_t order[3];
} orders[] = {
	{ "", { 2, 1, 3 } },	{ "s", { 1, 2, 3 } },	  { "ss", { 2, 1, 3 } },
	{ "sss", { 1, 3, 2 } }, { "ssss", { 2, 1, 3 } },  { "sr", { 3, 2, 1 } },
	{ "srr", { 1, 2, 3 } }, { "jjjjk", { 2, 1, 3 } }, { "xyz\033[C", { 2, 1, 3 } },
};

static void keys_sort(void **state)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		two_looks();
		for (const char *key = orders[i].keys; *key; key++)
			assert_true(watch_key(view, *key));
		draw(24, 200);
		for (unsigned n = 0; n < 3; n++)
			if (view->client[n].id != orders[i].order[n])
				fail_msg("'%s': place %u", orders[i].keys, n);
	}
	assert_false(watch_key(view, 'q'));
}

/* No line is longer than the screen, there are not more than it has, none is left from before. */
static void it_fits(unsigned rows, unsigned columns)
{
	unsigned lines = 1, column = 0;

	for (const char *c = draw(rows, columns); *c; c++) {
		if (*c == '\033') { /* a sequence ends with a letter */
			while (*c && !((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z')))
				c++;
		} else if (*c == '\n') {
			lines++;
		} else if (*c == '\r') {
			column = 0;
		} else if (++column > columns) {
			fail_msg("%u x %u: a line is too long", rows, columns);
		}
	}
	if (lines > rows)
		fail_msg("%u x %u: %u lines", rows, columns, lines);
}

static void it_fits_any_screen(void **state)
{
	two_looks();
	snprintf(view->trouble, sizeof(view->trouble), "NO ANSWER: %0130d", 1);
	for (unsigned rows = 1; rows < 12; rows++)
		for (unsigned columns = 0; columns < 200; columns += 7)
			it_fits(rows, columns);
}

/* An ordinary terminal: nothing that a person compares is cut off. */
static void all_numbers_fit_80_columns(void **state)
{
	json_t *status = json_pack(
		"{s:s, s:s, s:s, s:[o]}", "version", "0.1.0", "interface", "lanyard0", "mode",
		"routed", "clients",
		client(123456, "a name that is much too long", 99900, 88800, 999999, 9999900));

	memset(view, 0, sizeof(*view));
	watch_take(view, status, 0);
	json_decref(status);
	view->client[0].rx_rate = view->rx_rate = 99.9e6;
	view->client[0].tx_rate = view->tx_rate = 88.8e6;
	draw(24, 80);
	assert_non_null(strstr(screen, "1 client   received 99.9 MB/s   sent 88.8 MB/s   lanyard"));
	assert_non_null(strstr(screen, " RECEIVED     SENT\033[K"));
	assert_non_null(strstr(screen, " 99.9 MB/s  88.8 MB/s "));
	assert_non_null(strstr(screen, " 99.9 kB  88.8 kB\033[K"));
}

static void it_scrolls(void **state)
{
	two_looks();
	draw(5, 200); /* room for one */
	assert_non_null(strstr(screen, "bob"));
	assert_null(strstr(screen, "alice"));
	watch_key(view, 'B');
	draw(5, 200);
	assert_null(strstr(screen, "bob"));
	assert_non_null(strstr(screen, "alice"));
	for (unsigned n = 0; n < 10; n++)
		watch_key(view, 'j');
	draw(5, 200);
	assert_non_null(strstr(screen, "carol"));
	watch_key(view, 'k');
	draw(5, 200);
	assert_non_null(strstr(screen, "alice"));
}

static void colour_is_only_where_it_is_wanted(void **state)
{
	two_looks();
	assert_null(strstr(draw(24, 80), "\033[1m"));
	view->colour = true;
	assert_non_null(strstr(draw(24, 80), "\033[1m"));
}

static void names_move_no_cursor(void **state)
{
	for (int byte = 1; byte < 256; byte++) {
		char user[8];
		int n = byte < 0x80 ? snprintf(user, sizeof(user), "x%cy", byte)
				    : snprintf(user, sizeof(user), "x%c%cy", 0xc0 | byte >> 6,
					       0x80 | (byte & 0x3f));
		json_t *status = json_pack("{s:s, s:[o]}", "version", user, "clients",
					   client(1, user, 0, 0, 0, 0));

		assert_true(n > 0);
		memset(view, 0, sizeof(*view));
		watch_take(view, status, 0);
		json_decref(status);
		for (const char *c = view->client[0].user; *c; c++)
			assert_true(*c >= ' ' && *c <= '~');
		for (const char *c = view->title; *c; c++)
			assert_true(*c >= ' ' && *c <= '~');
	}
}

static int begin_tests(void **state)
{
	view = calloc(1, sizeof(*view));
	return view ? 0 : -1;
}

static int end_tests(void **state)
{
	free(view);
	free(screen);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_of_the_time_between),
		cmocka_unit_test(keys_sort),
		cmocka_unit_test(it_fits_any_screen),
		cmocka_unit_test(all_numbers_fit_80_columns),
		cmocka_unit_test(it_scrolls),
		cmocka_unit_test(colour_is_only_where_it_is_wanted),
		cmocka_unit_test(names_move_no_cursor),
	};

	return cmocka_run_group_tests(tests, begin_tests, end_tests);
}
