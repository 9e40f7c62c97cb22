/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/bridge/guard_rows.h
 *
 * Tables for the guard's tests: a sentence, a packet, and what must become of it.
 */
#ifndef TESTS_BRIDGE_GUARD_ROWS_H
#define TESTS_BRIDGE_GUARD_ROWS_H

#include "bridge/guard.h"
#include "packets.h"

/* Pieces of packets. */
#define RA "8600 0000 4000 0708 00000000 00000000 "
#define RS "8500 0000 00000000 "
#define NS(target) "8700 0000 00000000 " target
#define NA(target) "8800 0000 20000000 " target
#define REDIRECT "8900 0000 00000000 " ROUTER_LL CLIENT_LL
#define ECHO "8000 0000 1234 0001 "
#define HEADER(next) next " 00 0104 00000000 "	/* hop-by-hop, destination: PadN */
#define ROUTING(next) next " 00 0000 00000000 " /* no segments left */
#define AH(next) next " 04 0000 00000001 00000002 00*12 "
#define FRAGMENT(next, offset_more) next " 00 " offset_more " 00c0ffee "
#define UDP(source, destination) source " " destination " 0020 0000 "

struct guard_row {
	const char *what;
	const char *packet;
	enum drop_reason reason; /* DROP_NONE: it passes */
};

static inline struct guard_policy guard_rows_policy(void)
{
	return (struct guard_policy){
		.router_mac = { { 2, 0, 0, 0, 0, 1 } },
		.router_address_count = 2,
		.router_address = {
			{ { 0xfe, 0x80, [15] = 1 } },
			{ { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
		},
	};
}

static inline struct guard_verdict guard_row_verdict(const struct guard_policy *policy,
						     const char *text)
{
	static uint8_t buf[FRAME_MAX];
	struct bytes written = packet(text, buf, sizeof(buf));
	uint8_t *exact = malloc(written.len + 1); /* so that a sanitizer sees a byte too many */

	assert_non_null(exact);
	memcpy(exact, written.data, written.len);
	struct frame frame = { .bytes = { exact, written.len } };
	struct guard_verdict verdict = guard_check(policy, &frame);

	free(exact);
	return verdict;
}

static inline void guard_rows_hold(const struct guard_row *rows, size_t count)
{
	struct guard_policy policy = guard_rows_policy();

	for (size_t i = 0; i < count; i++) {
		struct guard_verdict verdict = guard_row_verdict(&policy, rows[i].packet);
		bool dropped = rows[i].reason != DROP_NONE;

		if (verdict.action != (dropped ? GUARD_DROP : GUARD_PASS) ||
		    verdict.reason != rows[i].reason)
			fail_msg("%s: action %d, reason %d instead of %d", rows[i].what,
				 (int)verdict.action, (int)verdict.reason, (int)rows[i].reason);
	}
}

#endif
