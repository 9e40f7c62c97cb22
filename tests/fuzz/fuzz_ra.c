/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_ra.c - any bytes as a Router Advertisement, as one DNS option, as an RS packet.
 *
 * Property: what was parsed, built and parsed again is the same.
 */
#include <stdlib.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ra ra, withdrawn;
	static const struct ra nothing;
	struct bytes input = { .data = data, .len = size };
	struct rs rs;

	if (ra_parse(input, &ra))
		check_round_trip(&ra);
	else if (!ra_equal(&ra, &nothing))
		abort();

	memset(&ra, 0, sizeof(ra));
	memset(&withdrawn, 0, sizeof(withdrawn));
	bool ok = ra_parse_user_option(input, &ra, &withdrawn);
	if (!ok && (!ra_equal(&ra, &nothing) || !ra_equal(&withdrawn, &nothing)))
		abort();
	check_round_trip(&ra);

	if (rs_check(input, &rs) >= RS_VERDICTS)
		abort();
	return 0;
}
