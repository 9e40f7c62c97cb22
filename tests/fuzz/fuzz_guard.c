/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_guard.c - any frame through the guard and the snooper.
 *
 * Property: an empty destination options header more never saves an IPv6 packet that is dropped.
 */
#include <stdlib.h>

#include "bridge/guard.h"
#include "bridge/snoop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct guard_policy policy = {
	.router_mac = { { 2, 0, 0, 0, 0, 1 } },
	.router_address_count = 1,
	.router_address = { { { 0xfe, 0x80, [15] = 1 } } },
	.punt_rs = true,
	.punt_dhcp6 = true,
};

static void check_wrapped(const uint8_t *data, size_t size)
{
	static uint8_t buf[FRAME_MAX + 8];
	struct writer w = writer_over(buf, sizeof(buf));
	unsigned payload_len = (unsigned)(data[18] << 8 | data[19]);

	writer_copy(&w, data, 18);
	writer_u16(&w, (uint16_t)(payload_len + 8));
	writer_u8(&w, IP_DESTINATION);
	writer_copy(&w, data + 21, 33);
	writer_u8(&w, data[20]);
	writer_copy(&w, "\0\1\4\0\0\0", 7);
	writer_copy(&w, data + 54, size - 54);
	struct frame frame = { .bytes = writer_bytes(&w) };

	if (w.full || payload_len + 8 > UINT16_MAX)
		return;
	if (guard_check(&policy, &frame).action != GUARD_DROP)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame = { .bytes = { data, size } };
	struct guard_verdict verdict = guard_check(&policy, &frame);
	struct snooped found;

	if ((verdict.action == GUARD_DROP) != (verdict.reason != DROP_NONE))
		abort();
	if (verdict.action == GUARD_DROP && size >= 54 && data[12] == 0x86 && data[13] == 0xdd)
		check_wrapped(data, size);
	if (snoop_frame(&frame, &found) && ip6_is_multicast(&found.address))
		abort();
	return 0;
}
