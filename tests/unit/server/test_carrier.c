/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_carrier.c
 *
 * One browser's bytes, where the moment decides: the test is the browser and the admin's HTTP, and
 * nothing runs but when it says so.  What needs no such moment is in tests/netns/test_api_vpn_port.py.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/porter_private.h"
#include "tests/unit/server/folder.h"

#define TURNS 10000 /* of the loop: far more than anything here takes */

struct world {
	struct admin *admin; /* it never runs: what it is handed waits there */
	struct porter *porter;
	struct tls_stream *browser;
	int outer; /* the browser's end */
	int inner; /* the end of the admin's HTTP */
	size_t heard;
};

static bool is_never_asked(void *owner, uint64_t ticket, json_t *request, int fd)
{
	fail_msg("nobody asks here");
	return false;
}

static void turn(struct world *world)
{
	uv_run(&world->porter->loop, UV_RUN_NOWAIT);
}

/* What lies there for the browser is read, and counted. */
static void hear(struct world *world)
{
	struct bytes plain;
	size_t cap;
	void *room = tls_stream_room(world->browser, &cap);
	ssize_t n = recv(world->outer, room, cap, MSG_DONTWAIT);

	if (n > 0)
		tls_stream_received(world->browser, (size_t)n);
	while ((plain = tls_stream_plain(world->browser)).len > 0) {
		world->heard += plain.len;
		tls_stream_take(world->browser, plain.len);
	}
}

static void say(struct world *world, const char *text)
{
	size_t cap;
	void *room = tls_stream_compose(world->browser, &cap);

	assert_true(strlen(text) <= cap);
	memcpy(room, text, strlen(text));
	tls_stream_seal(world->browser, strlen(text));
	struct bytes out = tls_stream_output(world->browser);
	assert_int_equal(send(world->outer, out.data, out.len, 0), out.len);
	tls_stream_sent(world->browser, out.len);
	turn(world);
}

/* The admin's HTTP answers as much as is taken. */
static size_t answer(struct world *world)
{
	static const uint8_t octets[100000];
	size_t total = 0;
	ssize_t n;

	while ((n = send(world->inner, octets, sizeof(octets), MSG_DONTWAIT)) > 0)
		total += (size_t)n;
	return total;
}

static void begin(struct world *world)
{
	struct tls_secrets secrets = { .suite = TLS_CHACHA20_POLY1305_SHA256,
				       .client = { .octet = "c", .len = 32 },
				       .server = { .octet = "s", .len = 32 } };
	struct sockaddr_storage from = { 0 };
	const struct admin_config config = { 0 };
	const struct admin_host host = { .ask = is_never_asked };
	char first = 0;
	int pair[2];

	*(struct sockaddr_in *)&from = (struct sockaddr_in) { .sin_family = AF_INET };
	*world = (struct world) { .admin = admin_open(&config, &host, NULL),
				  .porter = porter_new(1, 1, NULL),
				  .browser = tls_stream_new(TLS_CLIENT, &secrets, NULL) };
	assert_true(world->admin && world->porter && world->browser);
	world->porter->admin = world->admin;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	world->outer = pair[1];
	carrier_add(world->porter, pair[0], &secrets, &from);
	assert_non_null(world->porter->carriers);
	world->inner =
		world->porter->carriers->inner_fd + 1; /* a pair's numbers follow each other */
	say(world, "?");
	assert_int_equal(recv(world->inner, &first, 1, MSG_DONTWAIT), 1);
	assert_int_equal(first, '?');
}

/* Its number stays taken: it is the admin's, who closes it. */
static void hang_up(struct world *world)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_true(null >= 0);
	assert_int_equal(dup2(null, world->inner), world->inner);
	close(null);
}

static void end(struct world *world)
{
	porter_free(world->porter);
	admin_close(world->admin);
	tls_stream_free(world->browser);
	close(world->outer);
}

/* However much that was, and whether or not it has read what it was told (which is an error to the
 * other end of a pair of sockets). */
static void all_that_was_answered_arrives_and_then_the_end(void **state)
{
	for (int unread = 0; unread <= 1; unread++) {
		struct world world;

		begin(&world);
		if (unread)
			say(&world, "and this is left");
		size_t sent = answer(&world);
		assert_true(sent > 0);
		hang_up(&world);
		for (int i = 0; i < TURNS && tls_stream_state(world.browser) == STREAM_OPEN; i++) {
			turn(&world);
			hear(&world);
		}
		assert_int_equal(tls_stream_state(world.browser), STREAM_ENDED);
		assert_int_equal(world.heard, sent);
		end(&world);
	}
}

/* The admin's HTTP has a time limit of its own, but its end is behind what nobody takes. */
static void who_takes_nothing_has_its_time(void **state)
{
	struct world world;

	begin(&world);
	struct carrier *carrier = world.porter->carriers;
	uv_handle_t *timer = (uv_handle_t *)&carrier->timer;

	for (int i = 0; i < 2; i++) { /* twice: who takes it all begins anew */
		assert_false(uv_is_active(timer));
		size_t sent = 0, more = 1;
		for (; more > 0; sent += more) {
			more = answer(&world);
			for (int n = 0; n < 100; n++)
				turn(&world);
		}
		assert_true(uv_is_active(timer));
		world.heard = 0;
		for (int n = 0; i == 0 && n < TURNS && world.heard < sent; n++) {
			hear(&world);
			turn(&world);
		}
	}
	hang_up(&world);
	turn(&world);
	assert_ptr_equal(world.porter->carriers, carrier);
	assert_int_equal(uv_timer_start(&carrier->timer, carrier->timer.timer_cb, 0, 0), 0);
	turn(&world); /* as if it had passed */
	assert_null(world.porter->carriers);
	end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_was_answered_arrives_and_then_the_end),
		cmocka_unit_test(who_takes_nothing_has_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
