/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/dhcp6/test_import.c
 *
 * Other servers' lease files, row by row, as text: "LINE what duid iaid until host" of a lease, "LINE
 * found" of all else, "LINE: sentence" of what makes no sense.
 */
#include <inttypes.h>

#include "dhcp6/import.h"
#include "tests/unit/dhcp6/dhcp6_scene.h"

#define NOW 1700000000
#define KEA                                                                                      \
	"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len," \
	"fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context\n"
#define DUID "00:03:00:01:0a"
/* A row of Kea's: everything after the DUID that most rows say nothing new about. */
#define TAIL ",0,0,,,0,\n"
#define DNSMASQ "duid 00:01:02:03\n"

struct story {
	char text[4096];
	struct text at;
};

static void tell(void *owner, const struct dhcp6_import_row *row)
{
	struct story *story = owner;
	const struct dhcp6_lease *lease = &row->lease;
	char what[PREFIX6_TEXT], duid[DHCP6_DUID_TEXT];

	say(&story->at, "%s%u", story->at.at > story->text ? "; " : "", row->line);
	if (row->found == DHCP6_IMPORT_MALFORMED) {
		say(&story->at, ": %s", row->fault);
		return;
	}
	if (row->found != DHCP6_IMPORT_LEASE) {
		say(&story->at, " %s", dhcp6_import_found_name[row->found]);
		return;
	}
	say(&story->at, " %s %s %u ", prefix6_text(&lease->what, what),
	    dhcp6_duid_text(&lease->duid, duid), lease->iaid);
	if (lease->until_s == UINT64_MAX)
		say(&story->at, "ever");
	else
		say(&story->at, "%+" PRId64, (int64_t)(lease->until_s - NOW));
	say(&story->at, "%s%s", lease->host[0] ? " " : "", lease->host);
}

static const struct {
	enum dhcp6_import_format format;
	const char *what, *text, *rows;
} files[] = {
	{ DHCP6_IMPORT_KEA, "an address and a prefix",
	  KEA "2001:db8::1," DUID ",4000,1700000100,1,3000,0,7,128" TAIL "2001:db8:f::," DUID
	      ",4000,1700000100,1,3000,2,4294967295,56" TAIL,
	  "2 2001:db8::1/128 00:03:00:01:0a 7 +100; "
	  "3 2001:db8:f::/56 00:03:00:01:0a 4294967295 +100" },
	{ DHCP6_IMPORT_KEA, "no rows", KEA, "" },
	{ DHCP6_IMPORT_KEA, "the end is now",
	  KEA "2001:db8::1," DUID ",4000,1700000000,1,3000,0,7,128" TAIL, "2 expired" },
	{ DHCP6_IMPORT_KEA, "a second is left",
	  KEA "2001:db8::1," DUID ",4000,1700000001,1,3000,0,7,128" TAIL,
	  "2 2001:db8::1/128 00:03:00:01:0a 7 +1" },
	{ DHCP6_IMPORT_KEA, "for ever", KEA "2001:db8::1," DUID ",4294967295,1,1,3000,0,7,128" TAIL,
	  "2 2001:db8::1/128 00:03:00:01:0a 7 ever" },
	{ DHCP6_IMPORT_KEA, "the later line counts",
	  KEA "2001:db8::1," DUID ",4000,1700000100,1,3000,0,7,128" TAIL "2001:db8::2," DUID
	      ",4000,1700000100,1,3000,0,8,128" TAIL "2001:db8::1," DUID
	      ",4000,1700000200,1,3000,0,7,128" TAIL,
	  "2 replaced; 3 2001:db8::2/128 00:03:00:01:0a 8 +100; "
	  "4 2001:db8::1/128 00:03:00:01:0a 7 +200" },
	{ DHCP6_IMPORT_KEA, "given back: a lifetime of 0",
	  KEA "2001:db8::1," DUID ",4000,1700000100,1,3000,0,7,128" TAIL "2001:db8::1," DUID
	      ",0,1700000000,1,0,0,7,128" TAIL,
	  "2 replaced; 3 released" },
	{ DHCP6_IMPORT_KEA, "a line that makes no sense replaces none",
	  KEA "2001:db8::1," DUID ",4000,1700000100,1,3000,0,7,128" TAIL "2001:db8::1," DUID
	      ",4000,soon,1,3000,0,7,128" TAIL,
	  "2 2001:db8::1/128 00:03:00:01:0a 7 +100; "
	  "3: expire 'soon' is no number up to 253402300799" },
	{ DHCP6_IMPORT_KEA, "the same address as a prefix is another one",
	  KEA "2001:db8:f::," DUID ",4000,1700000100,1,3000,2,7,56" TAIL "2001:db8:f::," DUID
	      ",4000,1700000200,1,3000,2,7,60" TAIL,
	  "2 2001:db8:f::/56 00:03:00:01:0a 7 +100; 3 2001:db8:f::/60 00:03:00:01:0a 7 +200" },
	{ DHCP6_IMPORT_KEA, "states: declined, without a DUID; reclaimed; released; registered",
	  KEA "2001:db8::1,00,4000,1700000100,1,3000,0,7,128,0,0,,,1,\n"
	      "2001:db8::2," DUID ",4000,1700000100,1,3000,0,7,128,0,0,,,2,\n"
	      "2001:db8::3," DUID ",4000,1700000100,1,3000,0,7,128,0,0,,,3,\n"
	      "2001:db8::4," DUID ",4000,1700000100,1,3000,0,7,128,0,0,,,4,\n"
	      "2001:db8::5," DUID ",4000,1700000100,1,3000,0,7,128,0,0,,,5,\n",
	  "2 declined; 3 expired; 4 released; 5 registered; 6: state '5' is no number up to 4" },
	{ DHCP6_IMPORT_KEA, "temporary",
	  KEA "2001:db8::1," DUID ",4000,1700000100,1,3000,1,7,128" TAIL, "2 temporary" },
	{ DHCP6_IMPORT_KEA, "names: with its root; with an escaped comma; with others'",
	  KEA "2001:db8::1," DUID ",4000,1700000100,1,3000,0,7,128,0,0,host.example.,,0,\n"
	      "2001:db8::2," DUID ",4000,1700000100,1,3000,0,7,128,0,0,a&#x2cb,,0,\n"
	      "2001:db8::3," DUID ",4000,1700000100,1,3000,0,7,128,0,0,<b>,,0,\n",
	  "2 2001:db8::1/128 00:03:00:01:0a 7 +100 host.example; "
	  "3 2001:db8::2/128 00:03:00:01:0a 7 +100; 4 2001:db8::3/128 00:03:00:01:0a 7 +100" },
	{ DHCP6_IMPORT_KEA,
	  "columns in another order, of another version, and a line that is short",
	  "iaid,prefix_len,pool_id,address,lease_type,expire,valid_lifetime,duid\n"
	  "7,128,0,2001:db8::1,0,1700000100,4000," DUID "\n"
	  "7,128,0,2001:db8::2,0,1700000100,4000\n",
	  "2 2001:db8::1/128 00:03:00:01:0a 7 +100; 3: a DUID has at least 3 bytes" },
	{ DHCP6_IMPORT_KEA, "ends of lines of another system, an empty one, none at the end",
	  "address,duid,valid_lifetime,expire,lease_type,iaid,prefix_len\r\n\r\n"
	  "2001:db8::1," DUID ",4000,1700000100,0,7,128",
	  "3 2001:db8::1/128 00:03:00:01:0a 7 +100" },
	{ DHCP6_IMPORT_KEA, "what makes no sense",
	  KEA "192.0.2.1," DUID ",4000,1700000100,1,3000,0,7,128" TAIL
	      "2001:db8::1,duid,4000,1700000100,1,3000,0,7,128" TAIL "2001:db8::1," DUID
	      ",4294967296,1700000100,1,3000,0,7,128" TAIL "2001:db8::1," DUID
	      ",4000,253402300800,1,3000,0,7,128" TAIL "2001:db8::1," DUID
	      ",4000,1700000100,1,3000,3,7,128" TAIL "2001:db8::1," DUID
	      ",4000,1700000100,1,3000,0,4294967296,128" TAIL "2001:db8::1," DUID
	      ",4000,1700000100,1,3000,2,7,56" TAIL "2001:db8::," DUID
	      ",4000,1700000100,1,3000,2,7,0" TAIL "2001:db8::," DUID
	      ",4000,1700000100,1,3000,2,7,65" TAIL "2001:db8::1," DUID
	      ",4000,1700000100,1,3000,2,7,128" TAIL,
	  "2: '192.0.2.1' is no IPv6 address; "
	  "3: 'duid' is not a DUID: bytes in hex, as in 00:03:00:01:02:\xe2\x80\xa6; "
	  "4: valid_lifetime '4294967296' is no number up to 4294967295; "
	  "5: expire '253402300800' is no number up to 253402300799; "
	  "6: lease_type '3' is no number up to 2; "
	  "7: iaid '4294967296' is no number up to 4294967295; "
	  "8: 2001:db8::1/56 has bits set beyond its length; "
	  "9: 2001:db8::/0 is neither an address nor a prefix of at most 64 bits; "
	  "10: 2001:db8::/65 is neither an address nor a prefix of at most 64 bits; "
	  "11: 2001:db8::1/128 is delegated to nobody" },

	{ DHCP6_IMPORT_DNSMASQ, "both families, a temporary address, a name, no end",
	  "1700000100 02:00:00:00:00:0a 192.0.2.7 laptop *\n" DNSMASQ
	  "1700000100 153 2001:db8::1 laptop " DUID "\n"
	  "1700000100 T153 2001:db8::2 * " DUID "\n"
	  "0 7 2001:db8::3 * " DUID "\n",
	  "1 ipv4; 3 2001:db8::1/128 00:03:00:01:0a 153 +100 laptop; 4 temporary; "
	  "5 2001:db8::3/128 00:03:00:01:0a 7 ever" },
	{ DHCP6_IMPORT_DNSMASQ, "only IPv4", "1700000100 02:00:00:00:00:0a 192.0.2.7 * *\n",
	  "1 ipv4" },
	{ DHCP6_IMPORT_DNSMASQ, "expired", DNSMASQ "1699999999 1 2001:db8::1 * " DUID "\n",
	  "2 expired" },
	{ DHCP6_IMPORT_DNSMASQ, "what makes no sense",
	  DNSMASQ "1700000100 1 2001:db8::1 *\n"
		  "1700000100 1 2001:db8::1 * " DUID " more\n"
		  "1700000100 1 192.0.2.1 * " DUID "\n"
		  "1700000100 TT1 2001:db8::1 * " DUID "\n"
		  "-1 1 2001:db8::1 * " DUID "\n"
		  "1700000100 1 2001:db8::1 * *\n",
	  "2: must be five words: when it ends, IAID, address, name, DUID; "
	  "3: must be five words: when it ends, IAID, address, name, DUID; "
	  "4: '192.0.2.1' is no IPv6 address; "
	  "5: the IAID 'T1' is no number up to 4294967295; "
	  "6: the time '-1' is no number up to 253402300799; "
	  "7: '*' is not a DUID: bytes in hex, as in 00:03:00:01:02:\xe2\x80\xa6" },

	{ DHCP6_IMPORT_ODHCPD, "two networks, a resolver's line, prefixes without an end",
	  "# br-lan 000300010a 99 laptop 1700000100 a67 128 2001:db8::1/128 fd00::1/128\n"
	  "2001:db8::1\tlaptop.lan\tlaptop\n"
	  "# br-lan 000300010b 1 - -1 10 60 2001:db8:f0::/60\n",
	  "1 2001:db8::1/128 00:03:00:01:0a 153 +100 laptop; "
	  "1 fd00::1/128 00:03:00:01:0a 153 +100 laptop; "
	  "3 2001:db8:f0::/60 00:03:00:01:0b 1 ever" },
	{ DHCP6_IMPORT_ODHCPD, "over, and without addresses; over; without addresses; IPv4",
	  "# br-lan 000300010a 1 - 0 10 60\n"
	  "# br-lan 000300010a 1 - 0 10 60 2001:db8:f0::/60\n"
	  "# br-lan 000300010a 1 - 1700000100 10 60\n"
	  "# br-lan 02000000000a ipv4 - 1700000100 c0000207 32 192.0.2.7/32\n",
	  "1 expired; 2 expired; 3 empty; 4 ipv4" },
	{ DHCP6_IMPORT_ODHCPD, "a name that it calls broken",
	  "# br-lan 000300010a 1 broken\\x20name 1700000100 1 128 2001:db8::1/128\n",
	  "1 2001:db8::1/128 00:03:00:01:0a 1 +100" },
	{ DHCP6_IMPORT_ODHCPD, "one bad address of several",
	  "# br-lan 000300010a 1 - 1700000100 1 128 2001:db8::1 2001:db8::2/129 2001:db8::3/128\n",
	  "1: '2001:db8::1' has no length; 1: the length '129' is no number up to 128; "
	  "1 2001:db8::3/128 00:03:00:01:0a 1 +100" },
	{ DHCP6_IMPORT_ODHCPD, "what makes no sense",
	  "# br-lan 000300010a 1 - 1700000100 1\n"
	  "# br-lan 0003 1 - 1700000100 1 128 2001:db8::1/128\n"
	  "# br-lan 000300010a 123456789 - 1700000100 1 128 2001:db8::1/128\n"
	  "# br-lan 000300010a 1 - -2 1 128 2001:db8::1/128\n"
	  "# br-lan 000300010b 1 - -1 10 60 2001:db8:f1::/60\n",
	  "1: must be at least eight words: #, interface, DUID, IAID, name, end, number, length; "
	  "2: a DUID has at least 3 bytes; "
	  "3: the IAID '123456789' is no number up to 4294967295; "
	  "4: the end '-2' is no number up to 253402300799; "
	  "5 2001:db8:f1::/60 00:03:00:01:0b 1 ever" },
};

static void files_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct bytes text = { (const uint8_t *)files[i].text, strlen(files[i].text) };
		struct story story = { .text = "" };
		struct err err = { 0 };

		story.at = (struct text) { story.text, sizeof(story.text) };
		if (dhcp6_import_each(files[i].format, text, NOW, tell, &story, &err) < 0)
			fail_msg("%s: %s", files[i].what, err.text);
		if (strcmp(story.text, files[i].rows) != 0)
			fail_msg("%s:\n  %s\n  is not\n  %s", files[i].what, story.text,
				 files[i].rows);
	}
}

/* What is on disk says when the newest lease was written: nothing imported may lie in the future. */
static void look_at_times(void *owner, const struct dhcp6_import_row *row)
{
	const struct dhcp6_lease *lease = &row->lease;
	const uint64_t *since_s = owner;

	assert_int_equal(row->found, DHCP6_IMPORT_LEASE);
	assert_true(lease->since_s == *since_s && lease->renewed_s == *since_s);
	assert_int_equal(lease->valid_s, 4000);
	assert_int_equal(lease->preferred_s, 3000);
	assert_true(lease->has_mac && lease->mac.octet[5] == 0x0a);
	assert_string_equal(lease->user, "");
}

static void times_and_a_mac(void **state)
{
	static const struct {
		const char *row;
		uint64_t since_s;
	} rows[] = {
		{ KEA "2001:db8::1," DUID
		      ",4000,1700000100,1,3000,0,7,128,0,0,,02:00:00:00:00:0a,0,\n",
		  NOW - 3900 },
		{ KEA "2001:db8::1," DUID
		      ",4000,1700005000,1,3000,0,7,128,0,0,,02:00:00:00:00:0a,0,\n",
		  NOW },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes text = { (const uint8_t *)rows[i].row, strlen(rows[i].row) };
		uint64_t since_s = rows[i].since_s;
		struct err err;

		assert_int_equal(dhcp6_import_each(DHCP6_IMPORT_KEA, text, NOW, look_at_times,
						   &since_s, &err),
				 0);
	}
}

static void lines_that_no_file_has(void **state)
{
	static char text[3 * DHCP6_IMPORT_LINE_MAX];
	struct story story = { .text = "" };
	size_t len = 0;
	struct err err;

	story.at = (struct text) { story.text, sizeof(story.text) };
	/* the longest line there may be, and one byte more */
	for (size_t more = 0; more < 2; more++) {
		memset(text + len, 'x', DHCP6_IMPORT_LINE_MAX - 1 + more);
		len += DHCP6_IMPORT_LINE_MAX - 1 + more;
		text[len++] = '\n';
	}
	memcpy(text + len, "# \0\n", 4);
	len += 4;
	struct bytes bytes = { (const uint8_t *)text, len };
	assert_int_equal(dhcp6_import_each(DHCP6_IMPORT_ODHCPD, bytes, NOW, tell, &story, &err), 0);
	assert_string_equal(story.text, "2: the line is longer than 4095 bytes; "
					"3: there is a NUL byte in the line");
}

static void files_are_known_by_their_looks(void **state)
{
	static const struct {
		const char *text;
		int format; /* -1: none of them */
	} rows[] = {
		{ KEA, DHCP6_IMPORT_KEA },
		{ "\n\naddress,duid\n", DHCP6_IMPORT_KEA },
		{ DNSMASQ, DHCP6_IMPORT_DNSMASQ },
		{ "1700000100 02:00:00:00:00:0a 192.0.2.7 * *\n", DHCP6_IMPORT_DNSMASQ },
		{ "# br-lan 000300010a 1 - -1 1 128\n", DHCP6_IMPORT_ODHCPD },
		{ "", -1 },
		{ "hello\n" DNSMASQ, -1 },
		{ "lease6 {\n", -1 },
		{ "#comment\n", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes text = { (const uint8_t *)rows[i].text, strlen(rows[i].text) };
		enum dhcp6_import_format format = DHCP6_IMPORT_FORMATS;
		struct err err;
		int result = dhcp6_import_guess(text, &format, &err);

		if (rows[i].format < 0 ? result == 0 : result < 0 || (int)format != rows[i].format)
			fail_msg("%s", rows[i].text);
	}
}

static void kea_without_its_columns(void **state)
{
	static const char *const rows[][2] = {
		{ "", "its first line does not name the columns, as Kea's does" },
		{ "address,hwaddr,client_id,valid_lifetime,expire\n",
		  "its first line names no column 'duid': this is not Kea's kea-leases6.csv" },
		{ "address,duid,valid_lifetime,expire,lease_type,iaid\n",
		  "its first line names no column 'prefix_len': this is not Kea's "
		  "kea-leases6.csv" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes text = { (const uint8_t *)rows[i][0], strlen(rows[i][0]) };
		struct story story;
		struct err err;

		assert_int_equal(dhcp6_import_each(DHCP6_IMPORT_KEA, text, NOW, tell, &story, &err),
				 -1);
		assert_string_equal(err.text, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(times_and_a_mac),
		cmocka_unit_test(lines_that_no_file_has),
		cmocka_unit_test(files_are_known_by_their_looks),
		cmocka_unit_test(kea_without_its_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
