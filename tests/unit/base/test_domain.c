/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_domain.c
 *
 * Domain names between text and the wire: RFC 1035 2.3.4 and 3.1, RFC 8106 5.2.
 */
#include "base/domain.h"
#include "tests/unit/radvd-lite/ra_rows.h"

static const struct {
	const char *what;
	const char *text;
	const char *wire; /* NULL: refused */
} written[] = {
	{ "one label", "lan", "03 6c616e 00" },
	{ "three labels", "a.b.c", "01 61 01 62 01 63 00" },
	{ "a label of 63", TEXT_63, LABEL_63 "00" },
	{ "a label of 64", TEXT_63 "a", NULL },
	{ "253 characters", LONGEST_TEXT, LONGEST_WIRE },
	{ "254 characters", TEXT_63 "." TEXT_63 "." TEXT_63 "." TEXT_62, NULL },
	{ "no characters", "", NULL },
	{ "the root", ".", NULL },
	{ "a final dot", "lan.", NULL },
	{ "a dot in front", ".lan", NULL },
	{ "an empty label", "a..b", NULL },
	{ "a digit in front (RFC 1123 2.1), '_' (RFC 2782), '-' inside", "3com._x-y",
	  "04 33636f6d 04 5f782d79 00" },
	{ "capitals stay", "Lan", "03 4c616e 00" },
	{ "'-' in front: an option for some program", "-lan", NULL },
	{ "'-' behind", "lan-.example", NULL },
	{ "a space", "a b", NULL },
	{ "a line end: another line for resolv.conf", "a\nb", NULL },
	{ "a byte over 127", "caf\xc3\xa9", NULL },
};

static void names_are_written(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		uint8_t buffer[512], wanted[512];
		struct writer w = writer_over(buffer, sizeof(buffer));

		domain_write(&w, written[i].text);
		if (w.full != !written[i].wire)
			fail_msg("%s: full=%d", written[i].what, w.full);
		if (written[i].wire &&
		    first_difference(writer_bytes(&w),
				     hex(written[i].wire, wanted, sizeof(wanted))) >= 0)
			fail_msg("%s: other bytes", written[i].what);
	}
}

static const struct {
	const char *what;
	const char *wire;
	const char *names; /* each with '/' behind it */
	bool bad;
} read[] = {
	{ "no bytes", "", "", false },
	{ "only padding", "00 00 00", "", false },
	{ "one name to the end", "03 6c616e 00", "lan/", false },
	{ "two names and padding", "03 6c616e 00 01 61 01 62 00 00 00", "lan/a.b/", false },
	{ "what is behind padding does not count", "01 61 00 00 01 62 00", "a/", false },
	{ "a label of 63", LABEL_63 "00", TEXT_63 "/", false },
	{ "the longest name", LONGEST_WIRE, LONGEST_TEXT "/", false },
	{ "one character more", LABEL_63 LABEL_63 LABEL_63 LABEL_62 "00", "", true },
	{ "a label more than the longest name has", LABEL_63 LABEL_63 LABEL_63 LABEL_61 "01 61 00",
	  "", true },
	{ "a label of 64", "40" LABEL_A16 LABEL_A16 LABEL_A16 LABEL_A16 "00", "", true },
	{ "a label of type 10", "80 61 00", "", true },
	{ "a compression pointer", "03 6c616e 00 c0 00", "lan/", true },
	{ "a compression pointer behind a label", "03 6c616e c0 00", "", true },
	{ "a compression pointer to itself", "c0 00", "", true },
	{ "no end", "03 6c616e", "", true },
	{ "no end behind a whole name", "01 61 00 01 62", "a/", true },
	{ "a label longer than the bytes", "04 6c616e", "", true },
	{ "a name with a space is passed over", "03 612062 00 01 63 00", "/c/", false },
	{ "a dot inside a label is not two labels", "03 612e62 00", "/", false },
	{ "a zero inside a label does not end it", "03 610062 00", "/", false },
	{ "a line end", "01 0a 00", "/", false },
	{ "'-' in front", "02 2d61 00", "/", false },
	{ "'-' in front, in the first label of two", "02 2d61 01 62 00", "/", false },
	{ "'-' behind, in the second label", "01 61 02 612d 00", "/", false },
	{ "a byte over 127", "02 c3a9 00", "/", false },
};

static void names_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(read); i++) {
		uint8_t buffer[512];
		char all[1024] = "", text[DOMAIN_MAX_TEXT + 1];
		struct reader r = reader_over(hex(read[i].wire, buffer, sizeof(buffer)));

		while (domain_read(&r, text)) {
			strcat(all, text);
			strcat(all, "/");
		}
		if (r.bad != read[i].bad || strcmp(all, read[i].names) != 0)
			fail_msg("%s: bad=%d, names %s", read[i].what, r.bad, all);
	}
}

static void names_need_their_room(void **state)
{
	for (size_t cap = 0; cap <= 5; cap++) {
		uint8_t buffer[5];
		struct writer w = writer_over(buffer, cap);

		domain_write(&w, "lan");
		assert_int_equal(w.full, cap < 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_written),
		cmocka_unit_test(names_need_their_room),
		cmocka_unit_test(names_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
