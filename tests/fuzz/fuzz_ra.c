/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_ra.c - any bytes as a Router Advertisement, as one DNS option, as an RS packet.
 *
 * Properties: what was parsed, built and parsed again is the same; said in parts that fit a link,
 * and put together, too.
 */
#include <stdlib.h>

#include "radvd-lite/ra_parts.h"
#include "radvd-lite/rs.h"
#include "tests/unit/radvd-lite/ra_equal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct ra *ra)
{
	static uint8_t built[16384]; /* every table full takes 8,300 */
	static struct ra again;
	struct writer w = writer_over(built, sizeof(built));

	ra_build(ra, &w);
	if (w.full || !ra_parse(writer_bytes(&w), &again) || !ra_equal(ra, &again))
		abort();
}

/* Entries that come twice are merged, so the whole is merged as well before it is compared. */
static void check_parts(const struct ra *ra, size_t room)
{
	static uint8_t built[8960];
	static struct ra whole, together, part;
	struct ra_parts parts = ra_parts_of(ra, NULL);

	memset(&whole, 0, sizeof(whole));
	memset(&together, 0, sizeof(together));
	ra_merge(&whole, ra);
	for (;;) {
		struct writer w = writer_over(built, room);

		if (!ra_parts_next(&parts, &w))
			break;
		if (w.full || !ra_parse(writer_bytes(&w), &part))
			abort();
		ra_merge(&together, &part);
	}
	if (!ra_equal(&whole, &together))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ra ra, withdrawn;
	static const struct ra nothing;
	struct bytes input = { .data = data, .len = size };
	struct rs rs;

	if (ra_parse(input, &ra)) {
		check_round_trip(&ra);
		check_parts(&ra, size % 2 == 0 ? 1240 : 600); /* any single option fits */
	} else if (!ra_equal(&ra, &nothing))
		abort();

	memset(&ra, 0, sizeof(ra));
	memset(&withdrawn, 0, sizeof(withdrawn));
	bool ok = ra_parse_user_option(input, &ra, &withdrawn);
	if (!ok && (!ra_equal(&ra, &nothing) || !ra_equal(&withdrawn, &nothing)))
		abort();
	check_round_trip(&ra);
	check_parts(&ra, 1240);

	if (rs_check(input, &rs) >= RS_VERDICTS)
		abort();
	return 0;
}
