/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_conf.c
 *
 * Text into structs: what a text gives, and every mistake's sentence, letter by letter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/conf.h"

#define GROUPS_MAX 2
#define MANY_MAX 4

struct group {
	char name[16];
	bool isolate;
};

struct settings {
	uint16_t mtu;
	bool isolate;
	struct prefix6 prefix;
	uint32_t lifetime_s;
	unsigned dns_count;
	struct ip6 dns[MANY_MAX];
	char text[CONF_VALUE_MAX + 1];
	struct group group[GROUPS_MAX];
	unsigned group_count;
};

/* A key that adds up. */
static int read_dns(const char *value, void *to, const struct conf_key *key, struct err *err)
{
	struct settings *settings = to;

	if (settings->dns_count == MANY_MAX)
		return err_set(err, "is one more than %d", MANY_MAX);
	return conf_ip6(value, &settings->dns[settings->dns_count++], key, err);
}

static void *begin_group(void *base, const char *argument, struct err *err)
{
	struct settings *settings = base;

	if (settings->group_count == GROUPS_MAX) {
		err_set(err, "more than %d groups", GROUPS_MAX);
		return NULL;
	}
	struct group *group = &settings->group[settings->group_count++];

	snprintf(group->name, sizeof(group->name), "%s", argument);
	return group;
}

#define IN(member) offsetof(struct settings, member)

static const struct conf_key ra_keys[] = {
	{ "prefix", conf_prefix6, IN(prefix), "an IPv6 /64 prefix", 64, 64, true },
	{ "mtu", conf_u16, IN(mtu), "1280 to 1500", 1280, 1500, true },
	{ "lifetime", conf_time_s, IN(lifetime_s), "a time up to 18h", 0, 65535, false },
	{ "dns", read_dns, 0, "an IPv6 address", 0, 0, false },
	{ 0 },
};

static const struct conf_key trust_keys[] = {
	{ "ca", conf_text, IN(text), "certificates (PEM)", 1, CONF_VALUE_MAX + 1, true },
	{ 0 },
};

static const struct conf_key group_keys[] = {
	{ "isolate", conf_bool, offsetof(struct group, isolate), "yes or no", .once = true },
	{ 0 },
};

static struct settings settings;

static const struct conf_section sections[] = {
	{ "ra", ra_keys, &settings, NULL },
	{ "trust", trust_keys, &settings, NULL },
	{ "group", group_keys, &settings, begin_group },
	{ 0 },
};

static int read_text(const char *text, size_t len, struct err *err)
{
	/* Exactly this long on the heap: a step beyond it is seen. */
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	memset(&settings, 0, sizeof(settings));
	*err = (struct err) { "" };
	int result = conf_read_text("server.conf", (struct bytes) { copy, len }, sections, err);
	free(copy);
	return result;
}

#define TEXT(literal) literal, sizeof(literal) - 1
#define FORTY_NINE "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw"

static const struct {
	const char *what, *text;
	size_t len;
	const char *sentence;
} mistakes[] = {
	{ "an unknown section", TEXT("[ra]\nmtu = 1400\n[foo]\n"),
	  "server.conf:3: [foo]: unknown section" },
	{ "an unknown section without keys at the end of the file", TEXT("[foo]"),
	  "server.conf:1: [foo]: unknown section" },
	{ "a section's name counts capitals", TEXT("[RA]"),
	  "server.conf:1: [RA]: unknown section" },
	{ "a section without the argument that it needs", TEXT("\n[group]\n"),
	  "server.conf:2: [group]: this section needs a name of its own: write [group NAME]" },
	{ "a section with blanks for an argument", TEXT("\n[group ]\n"),
	  "server.conf:2: [group]: this section needs a name of its own: write [group NAME]" },
	{ "a section with an argument that it cannot have", TEXT("[ra lan]\n"),
	  "server.conf:1: [ra lan]: this section has no name of its own: write [ra]" },
	{ "a section that is there twice", TEXT("[ra]\n[trust]\n[ra]\n"),
	  "server.conf:3: [ra]: this section was there before" },
	{ "an argument that is there twice", TEXT("[group a]\n[group b]\n[group  a ]\n"),
	  "server.conf:3: [group  a]: this section was there before" },
	{ "begin's own sentence", TEXT("[group a]\n[group b]\n\n[group c]\n"),
	  "server.conf:4: [group c]: more than 2 groups" },
	{ "a section without a bracket at its end", TEXT("[ra\n"),
	  "server.conf:1: a section's name ends with ']'" },
	{ "a comment inside the brackets", TEXT("[ra ;]\n"),
	  "server.conf:1: a section's name ends with ']'" },
	{ "a key in the section's line", TEXT("[ra] mtu = 1400\n"),
	  "server.conf:1: there is text after the section's ']'" },
	{ "a comment right after the bracket", TEXT("[ra];\n"),
	  "server.conf:1: there is text after the section's ']'" },
	{ "a section's name that inih would cut", TEXT("[" FORTY_NINE "x]\n"),
	  "server.conf:1: a section's name is longer than 49 bytes" },
	{ "the longest section's name", TEXT("[" FORTY_NINE "]\n"),
	  "server.conf:1: [" FORTY_NINE "]: unknown section" },
	{ "a section's name for a terminal", TEXT("[\033[2J]\n"),
	  "server.conf:1: [\\x1b[2J]: unknown section" },

	{ "a key before any section", TEXT("# hello\nmtu = 1400\n"),
	  "server.conf:2: 'mtu' comes before the first [section]" },
	{ "an unknown key", TEXT("[ra]\nmtu = 1400\nfoo = 1\n"),
	  "server.conf:3: [ra] unknown key 'foo'" },
	{ "a key of another section", TEXT("[group a]\nmtu = 1400\n"),
	  "server.conf:2: [group a] unknown key 'mtu'" },
	{ "a key counts capitals", TEXT("[ra]\nMTU = 1400\n"),
	  "server.conf:2: [ra] unknown key 'MTU'" },
	{ "a key that inih would cut", TEXT("[ra]\n" FORTY_NINE "x = 1\n"),
	  "server.conf:2: a key is longer than 49 bytes" },
	{ "the longest key", TEXT("[ra]\n" FORTY_NINE " = 1\n"),
	  "server.conf:2: [ra] unknown key '" FORTY_NINE "'" },
	{ "no '='", TEXT("[ra]\nmtu 1400\n"),
	  "server.conf:2: neither '[section]' nor 'key = value'" },
	{ "':' instead of '='", TEXT("[ra]\nmtu: 1400\n"),
	  "server.conf:2: neither '[section]' nor 'key = value'" },
	{ "an address and no '='", TEXT("[ra]\ndns fd00::1 = x\n"),
	  "server.conf:2: neither '[section]' nor 'key = value'" },
	{ "the '=' is in the comment", TEXT("[ra]\nmtu ; = 1400\n"),
	  "server.conf:2: neither '[section]' nor 'key = value'" },
	{ "no key", TEXT("[ra]\n= 1400\n"), "server.conf:2: there is no key before '='" },
	{ "a repeated key", TEXT("[ra]\nmtu = 1400\n\nmtu = 1400\n"),
	  "server.conf:4: [ra] mtu: was set in line 2 already" },

	{ "a value out of range", TEXT("[ra]\nmtu = 1501\n"),
	  "server.conf:2: [ra] mtu '1501': must be a number from 1280 to 1500" },
	{ "the interface's example",
	  TEXT("\n\n\n\n\n\n\n\n\n\n\n\n[ra]\nprefix = fd00::/65 ; too long\n"),
	  "server.conf:14: [ra] prefix 'fd00::/65': must be a /64" },
	{ "an empty value", TEXT("[ra]\nmtu =\n"),
	  "server.conf:2: [ra] mtu '': must be a number from 1280 to 1500" },
	{ "a value that is a comment", TEXT("[ra]\nmtu = ; 1400\n"),
	  "server.conf:2: [ra] mtu '': must be a number from 1280 to 1500" },
	{ "'#' after a value is no comment", TEXT("[ra]\nmtu = 1400 # a\n"),
	  "server.conf:2: [ra] mtu '1400 # a': must be a number from 1280 to 1500" },
	{ "a value for a terminal", TEXT("[ra]\nmtu = 14\033[2J\n"),
	  "server.conf:2: [ra] mtu '14\\x1b[2J': must be a number from 1280 to 1500" },
	{ "a value in the group's section", TEXT("[group a]\nisolate = maybe\n"),
	  "server.conf:2: [group a] isolate 'maybe': must be yes or no" },
	{ "one more than a repeated key takes",
	  TEXT("[ra]\ndns=::1\ndns=::2\ndns=::3\ndns=::4\ndns=::5\n"),
	  "server.conf:6: [ra] dns '::5': is one more than 4" },
	{ "of a value in several lines the first is shown, which may be all one wants to see",
	  TEXT("[ra]\nmtu = a\n  secret\n"),
	  "server.conf:2: [ra] mtu 'a...': must be a number from 1280 to 1500" },
	{ "a long value is cut", TEXT("[ra]\nmtu = " FORTY_NINE FORTY_NINE "\n"),
	  "server.conf:2: [ra] mtu '" FORTY_NINE "abcdefghijklmnopqrstuvwxyza...': "
	  "must be a number from 1280 to 1500" },
	{ "the last value's mistake, without a line's end", TEXT("[ra]\nmtu = 1"),
	  "server.conf:2: [ra] mtu '1': must be a number from 1280 to 1500" },
	{ "the first of two mistakes", TEXT("[ra]\nmtu = 1\nfoo\n"),
	  "server.conf:2: [ra] mtu '1': must be a number from 1280 to 1500" },
	{ "the first of two mistakes in two sections", TEXT("[ra]\nmtu = 1\n[foo]\n"),
	  "server.conf:2: [ra] mtu '1': must be a number from 1280 to 1500" },
	{ "the line of a value is where it begins", TEXT("[ra]\n# a\nmtu = 1\n  2\n\n  3\n"),
	  "server.conf:3: [ra] mtu '1...': must be a number from 1280 to 1500" },
	{ "lines that end as on Windows count once", TEXT("[ra]\r\n\r\nmtu = 1\r\n"),
	  "server.conf:3: [ra] mtu '1': must be a number from 1280 to 1500" },

	{ "an indented line below a section", TEXT("[ra]\n  mtu = 1400\n"),
	  "server.conf:2: an indented line, and no value above it to continue" },
	{ "an indented line before all", TEXT(" [ra]\n"),
	  "server.conf:1: an indented line, and no value above it to continue" },
	{ "an indented section continues a value", TEXT("[ra]\nmtu = 1400\n  [trust]\n"),
	  "server.conf:2: [ra] mtu '1400...': must be a number from 1280 to 1500" },

	{ "a byte order mark", TEXT("\xef\xbb\xbf[ra]\n"),
	  "server.conf:1: begins with a byte order mark; save the file without it" },
	{ "a NUL byte in a value", TEXT("[ra]\nmtu = 1400\0\n"),
	  "server.conf:2: there is a NUL byte in this line" },
	{ "a NUL byte in a comment", TEXT("# \0\n"),
	  "server.conf:1: there is a NUL byte in this line" },
	{ "a NUL byte at the very end", TEXT("[ra]\nmtu = 1400\n\0"),
	  "server.conf:3: there is a NUL byte in this line" },
};

static void mistakes_are_told_in_one_sentence(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct err err;
		int result = read_text(mistakes[i].text, mistakes[i].len, &err);

		if (result != -1 || strcmp(err.text, mistakes[i].sentence) != 0)
			fail_msg("%s: %d '%s'", mistakes[i].what, result, err.text);
		assert_int_equal(err_status(&err), 78);
		assert_int_equal(conf_read_text("x",
						(struct bytes) { (const uint8_t *)mistakes[i].text,
								 mistakes[i].len },
						sections, NULL),
				 -1);
	}
}

static void a_good_text_fills_the_structs(void **state)
{
	static const char text[] = "# comment\n"
				   "; comment\n"
				   "  # indented comment\n"
				   "[ra] ; comment\n"
				   "prefix=fd00:1::/64\n"
				   "\tx\n"
				   "mtu\t=\t1400   ; comment\n"
				   "lifetime = 30m\n"
				   "lifetime = 1h\r\n"
				   "dns = fd00::1\n"
				   "dns = fd00::2\n"
				   "[ group  engineers ]\n"
				   "isolate = yes\n"
				   "[group b]\n"
				   "[trust]\n"
				   "ca = a;b #c";
	char good[sizeof(text)];
	struct err err;

	memcpy(good, text, sizeof(text));
	memcpy(strstr(good, "\tx\n"), "\t;\n", 3); /* a comment does not continue a value */
	if (read_text(good, strlen(good), &err) < 0)
		fail_msg("%s", err.text);
	char shown[PREFIX6_TEXT];
	assert_string_equal(prefix6_text(&settings.prefix, shown), "fd00:1::/64");
	assert_int_equal(settings.mtu, 1400);
	assert_int_equal(settings.lifetime_s, 3600);
	assert_int_equal(settings.dns_count, 2);
	assert_int_equal(settings.dns[1].octet[15], 2);
	assert_int_equal(settings.group_count, 2);
	assert_string_equal(settings.group[0].name, "engineers");
	assert_true(settings.group[0].isolate);
	assert_string_equal(settings.group[1].name, "b");
	assert_false(settings.group[1].isolate);
	assert_string_equal(settings.text, "a;b #c");
}

static const struct {
	const char *what, *text, *value;
} long_values[] = {
	{ "PEM below an empty line",
	  "[trust]\nca =\n\t-----BEGIN CERTIFICATE-----\n\tMIIB+/==\n\t-----END CERTIFICATE-----\n",
	  "-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----" },
	{ "PEM that begins beside the key",
	  "[trust]\r\nca = -----BEGIN CERTIFICATE-----\r\n  MIIB\r\n  -----END "
	  "CERTIFICATE-----\r\n",
	  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----" },
	{ "empty lines and comments do not end it", "[trust]\nca = a\n\n# c\n  ; c\n  b\n",
	  "a\nb" },
	{ "a comment may end each line", "[trust]\nca = a ; c\n  b\t; c\n  c;d\n", "a\nb\nc;d" },
	{ "a line may look like anything", "[trust]\nca = a\n  [ra]\n  mtu = 1\n  = 2\n  x: y\n",
	  "a\n[ra]\nmtu = 1\n= 2\nx: y" },
};

static void indented_lines_continue_a_value(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(long_values); i++) {
		struct err err;

		if (read_text(long_values[i].text, strlen(long_values[i].text), &err) < 0)
			fail_msg("%s: %s", long_values[i].what, err.text);
		if (strcmp(settings.text, long_values[i].value) != 0)
			fail_msg("%s: '%s'", long_values[i].what, settings.text);
	}
}

static const struct {
	const char *what;
	size_t first, more; /* bytes of the value's first line, and of each line below it */
	unsigned more_lines;
	const char *sentence; /* NULL: fits */
} lengths[] = {
	{ "more than inih's 200 bytes", 500, 0, 0, NULL },
	{ "the longest value in one line", CONF_VALUE_MAX, 0, 0, NULL },
	{ "one byte longer", CONF_VALUE_MAX + 1, 0, 0,
	  "server.conf:2: [trust] ca: longer than 16384 bytes" },
	{ "the longest value in two lines", 1, CONF_VALUE_MAX - 2, 1, NULL },
	{ "one byte longer in two lines", 1, CONF_VALUE_MAX - 1, 1,
	  "server.conf:2: [trust] ca: longer than 16384 bytes" },
	{ "the longest value in many lines", 1, 1, CONF_VALUE_MAX / 2 - 1, NULL },
	{ "one line more", 1, 1, CONF_VALUE_MAX / 2,
	  "server.conf:2: [trust] ca: longer than 16384 bytes" },
	{ "a line that is too long itself", CONF_VALUE_MAX + 256, 0, 0,
	  "server.conf:2: this line is too long" },
	{ "a line below it that is too long", 1, CONF_VALUE_MAX + 256, 1,
	  "server.conf:3: this line is too long" },
};

static void values_are_never_cut(void **state)
{
	static char text[8 * CONF_VALUE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct err err;
		size_t len = (size_t)sprintf(text, "[trust]\nca = ");

		memset(text + len, 'a', lengths[i].first);
		len += lengths[i].first;
		for (unsigned line = 0; line < lengths[i].more_lines; line++) {
			len += (size_t)sprintf(text + len, "\n ");
			memset(text + len, 'b', lengths[i].more);
			len += lengths[i].more;
		}
		int result = read_text(text, len, &err);
		size_t wanted = lengths[i].first + lengths[i].more_lines * (lengths[i].more + 1);

		if (!lengths[i].sentence && (result != 0 || strlen(settings.text) != wanted))
			fail_msg("%s: '%s'", lengths[i].what, err.text);
		if (lengths[i].sentence &&
		    (result != -1 || strcmp(err.text, lengths[i].sentence) != 0))
			fail_msg("%s: %d '%s'", lengths[i].what, result, err.text);
	}
}

static void nothing_at_all_is_fine(void **state)
{
	struct err err;

	assert_int_equal(read_text("", 0, &err), 0);
	assert_int_equal(read_text("\n", 1, &err), 0);
	assert_int_equal(conf_read_text("x", (struct bytes) { NULL, 0 }, sections, &err), 0);
}

static void files_are_read_and_named(void **state)
{
	char path[] = "/tmp/test_conf.XXXXXX", wanted[128];
	int fd = mkstemp(path);
	struct err err = { "" };

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[ra]\nmtu = 1300\n", 16), 16);
	memset(&settings, 0, sizeof(settings));
	assert_int_equal(conf_read_file(path, sections, &err), 0);
	assert_int_equal(settings.mtu, 1300);

	assert_int_equal(write(fd, "foo\n", 4), 4);
	assert_int_equal(conf_read_file(path, sections, &err), -1);
	snprintf(wanted, sizeof(wanted), "%s:3: neither '[section]' nor 'key = value'", path);
	assert_string_equal(err.text, wanted);
	assert_int_equal(err_status(&err), 78);

	assert_int_equal(ftruncate(fd, (4 << 20) + 1), 0);
	assert_int_equal(conf_read_file(path, sections, &err), -1);
	snprintf(wanted, sizeof(wanted), "%s: longer than 4 MiB", path);
	assert_string_equal(err.text, wanted);

	close(fd);
	unlink(path);
	assert_int_equal(conf_read_file(path, sections, &err), -1);
	snprintf(wanted, sizeof(wanted), "cannot open %s: No such file or directory", path);
	assert_string_equal(err.text, wanted);
	assert_int_equal(err_status(&err), 78);
	assert_int_equal(conf_read_file(path, sections, NULL), -1);
	assert_int_equal(conf_read_file("/", sections, &err), -1);
	assert_string_equal(err.text, "cannot read /: Is a directory");
}

static char described[1024];

static void add_line(const char *text)
{
	strcat(strcat(described, text), "\n");
}

static void the_tables_describe_themselves(void **state)
{
	conf_describe(sections, add_line);
	assert_string_equal(described, "[ra]\n"
				       "  prefix               an IPv6 /64 prefix\n"
				       "  mtu                  1280 to 1500\n"
				       "  lifetime             a time up to 18h; may be repeated\n"
				       "  dns                  an IPv6 address; may be repeated\n"
				       "[trust]\n"
				       "  ca                   certificates (PEM)\n"
				       "[group NAME]\n"
				       "  isolate              yes or no\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_told_in_one_sentence),
		cmocka_unit_test(a_good_text_fills_the_structs),
		cmocka_unit_test(indented_lines_continue_a_value),
		cmocka_unit_test(values_are_never_cut),
		cmocka_unit_test(nothing_at_all_is_fine),
		cmocka_unit_test(files_are_read_and_named),
		cmocka_unit_test(the_tables_describe_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
