/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_dial.c
 *
 * From a name or a fallback to a socket: what is dialled when the look-up works, fails, or there is
 * nothing to look up; in a network namespace without any nameserver.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/bytes.h"
#include "client/dial.h"
#include "tests/unit/namespace.h"

struct result {
	unsigned resolved, done;
	int fd;
	struct sockaddr_storage to;
	struct err err;
};

static void on_resolved(void *owner)
{
	((struct result *)owner)->resolved++;
}

static void on_done(void *owner, int fd, const struct sockaddr_storage *to, const struct err *err)
{
	struct result *result = owner;

	result->done++;
	result->fd = fd;
	if (to)
		result->to = *to;
	result->err = *err;
}

static const struct dial_events events = { .resolved = on_resolved, .done = on_done };

static struct sockaddr_storage address4(const char *text, uint16_t port)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
	memcpy(&address, &in, sizeof(in));
	return address;
}

static int listen_on(const char *text, uint16_t port)
{
	struct sockaddr_storage at = address4(text, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(struct sockaddr_in)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

#define PORT 4443 /* somebody listens on 127.0.0.1 and 127.0.0.2, nobody on 127.0.0.9 */

static const struct {
	const char *what, *host, *fallback;
	const char *reached; /* NULL: nothing */
	const char *sentence;
} dials[] = {
	{ "an address", "127.0.0.1", NULL, "127.0.0.1", "" },
	{ "an address does not need the fallback", "127.0.0.1", "127.0.0.2", "127.0.0.1", "" },
	{ "nobody listens at the address", "127.0.0.9", NULL, NULL, "Connection refused" },
	{ "what the look-up says counts, even if nobody listens there", "127.0.0.9", "127.0.0.2",
	  NULL, "Connection refused" },
	{ "a name that is not found", "no.invalid", NULL, NULL, "cannot resolve no.invalid" },
	{ "a name that is not found is where it was before", "no.invalid", "127.0.0.2", "127.0.0.2",
	  "" },
	{ "neither a name nor anybody at the fallback", "no.invalid", "127.0.0.9", NULL,
	  "Connection refused" },
};

static void the_fallback_is_for_look_ups_that_fail(void **state)
{
	int listener[2];
	uv_loop_t loop;

	namespace_enter();
	run_command("ip link set lo up");
	listener[0] = listen_on("127.0.0.1", PORT);
	listener[1] = listen_on("127.0.0.2", PORT);
	for (size_t i = 0; i < ARRAY_LEN(dials); i++) {
		struct sockaddr_storage fallback = { 0 };
		struct result result = { .fd = -1 };
		struct err err = { 0 };
		char reached[64] = "";

		if (dials[i].fallback)
			fallback = address4(dials[i].fallback, PORT);
		assert_int_equal(uv_loop_init(&loop), 0);
		assert_non_null(dial_start(&loop, dials[i].host, PORT,
					   dials[i].fallback ? &fallback : NULL, &events, &result,
					   &err));
		uv_run(&loop, UV_RUN_DEFAULT);
		assert_int_equal(uv_loop_close(&loop), 0);
		if (result.fd >= 0) {
			close(result.fd);
			inet_ntop(AF_INET, &((struct sockaddr_in *)&result.to)->sin_addr, reached,
				  sizeof(reached));
		}
		if (result.done != 1 || result.resolved > 1 ||
		    strcmp(reached, dials[i].reached ? dials[i].reached : "") != 0 ||
		    (!dials[i].reached && !strstr(result.err.text, dials[i].sentence)))
			fail_msg("%s: reached '%s', %u times done: %s", dials[i].what, reached,
				 result.done, result.err.text);
	}
	close(listener[0]);
	close(listener[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fallback_is_for_look_ups_that_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
