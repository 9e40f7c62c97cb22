/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_profile.c
 *
 * A client's profile: what each key takes, the sentence for what it does not take, and who
 * may be able to read the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/profile.h"

#define SECRETS "[trust]\nca = CA\n[identity]\ncertificate =\n  CERT\n  IFICATE\nkey = KEY\n"

static int read_text(struct profile *profile, const char *text, struct err *err)
{
	*err = (struct err) { 0 };
	return profile_read_text(profile, "client.conf",
				 (struct bytes) { (const uint8_t *)text, strlen(text) }, err);
}

static void the_shortest_profile_has_defaults(void **state)
{
	struct profile profile;
	struct err err;

	if (read_text(&profile, "[client]\nserver = vpn.example\n" SECRETS, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(profile.server, "vpn.example");
	assert_int_equal(profile.port, 443);
	assert_string_equal(profile.name, "vpn.example"); /* the certificate's name */
	assert_string_equal(profile.interface, "lanyard0");
	assert_string_equal(profile.bridge, "");
	assert_false(profile.device.given);
	assert_string_equal(profile.password_file, "");
	assert_int_equal(profile.dns, PROFILE_DNS_APPLY);
	assert_int_equal(profile.manage, PROFILE_MANAGE_AUTO);
	assert_string_equal(profile.control, PROFILE_CONTROL);
	assert_false(profile.proxy.fixed);
	assert_string_equal(profile.ca, "CA");
	assert_string_equal(profile.certificate, "CERT\nIFICATE");
	assert_string_equal(profile.key, "KEY");
	profile_wipe(&profile);
	for (size_t i = 0; i < sizeof(profile.key); i++)
		assert_int_equal(profile.key[i], 0);
}

static void every_key_is_read(void **state)
{
	struct profile profile;
	struct err err;

	if (read_text(&profile,
		      "[client]\nserver = 192.0.2.1:8443\nname = vpn.example\nuser = alice\n"
		      "password-file = /etc/lanyard/password\ninterface = tap9\nbridge = br0\ndns "
		      "= ignore\nmanage = no\ncontrol = "
		      "/run/c.sock\nproxy = socks5://bob:hunter2@[2001:db8::9]:9050\n" SECRETS,
		      &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(profile.server, "192.0.2.1");
	assert_int_equal(profile.port, 8443);
	assert_string_equal(profile.name, "vpn.example");
	assert_string_equal(profile.user, "alice");
	assert_string_equal(profile.password_file, "/etc/lanyard/password");
	assert_string_equal(profile.interface, "tap9");
	assert_string_equal(profile.bridge, "br0");
	assert_int_equal(profile.dns, PROFILE_DNS_IGNORE);
	assert_int_equal(profile.manage, PROFILE_MANAGE_NO);
	assert_string_equal(profile.control, "/run/c.sock");
	assert_true(profile.proxy.fixed);
	assert_int_equal(profile.proxy.proxy.kind, PROXY_SOCKS5);
	assert_string_equal(profile.proxy.proxy.host, "2001:db8::9");
	assert_string_equal(profile.proxy.proxy.user, "bob");
	assert_string_equal(profile.proxy.proxy.password, "hunter2");
	profile_wipe(&profile);
	assert_string_equal(profile.proxy.proxy.password, "");
}

/* In the order given, up to their number. */
static void networks_of_an_office(void **state)
{
	char text[2048] = "[client]\nserver = vpn.example\n";
	struct profile profile;
	struct err err;

	for (unsigned i = 0; i <= PROFILE_MAX_DELEGATE; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "delegate = lan%u\n", 9 * i);
		if (i >= PROFILE_MAX_DELEGATE)
			break;
		char whole[sizeof(text) + sizeof(SECRETS)];
		snprintf(whole, sizeof(whole), "%s" SECRETS, text);
		if (read_text(&profile, whole, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(profile.delegate_count, i + 1);
	}
	assert_string_equal(profile.delegate[0], "lan0");
	assert_string_equal(profile.delegate[1], "lan9");
	assert_int_equal(read_text(&profile, text, &err), -1);
	assert_string_equal(err.text,
			    "client.conf:19: [client] delegate 'lan144': is one too many: at "
			    "most 16");
}

static const char bad_port[] = "the port must be a number from 1 to 65535";
static const char bad_host[] = "must be a host or an address, then :PORT if it is not 443";
static const char bad_domain[] = "must be a domain name";

static void servers_to_dial(void **state)
{
	static const struct {
		const char *value, *host;
		unsigned port;
		const char *sentence;
	} cases[] = {
		{ "vpn.example", "vpn.example", 443, NULL },
		{ "vpn.example:1", "vpn.example", 1, NULL },
		{ "vpn.example:65535", "vpn.example", 65535, NULL },
		{ "localhost", "localhost", 443, NULL },
		{ "192.0.2.1", "192.0.2.1", 443, NULL },
		{ "192.0.2.1:8443", "192.0.2.1", 8443, NULL },
		{ "2001:db8::1", "2001:db8::1", 443, NULL },
		{ "2001:db8::443", "2001:db8::443", 443, NULL }, /* all of it is the address */
		{ "::1", "::1", 443, NULL },
		{ "[2001:db8::1]", "2001:db8::1", 443, NULL },
		{ "[2001:db8::1]:8443", "2001:db8::1", 8443, NULL },
		{ "[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1", 443, NULL },
		{ "", NULL, 0, bad_host },
		{ ":443", NULL, 0, bad_host },
		{ "vpn.example:", NULL, 0, bad_port },
		{ "vpn.example:0", NULL, 0, bad_port },
		{ "vpn.example:65536", NULL, 0, bad_port },
		{ "vpn.example:443x", NULL, 0, bad_port },
		{ "vpn.example:+443", NULL, 0, bad_port },
		{ "vpn.example: 443", NULL, 0, bad_port },
		{ "[2001:db8::1]:x", NULL, 0, bad_port },
		{ "[]:443", NULL, 0, bad_domain },
		{ "[2001:db8::1", NULL, 0, bad_domain },
		{ "2001:db8::1:2:3:4:5:6:7", NULL, 0, bad_domain }, /* one group too many */
		{ "https://vpn.example", NULL, 0, bad_port },
		{ "vpn example", NULL, 0, bad_domain },
		{ "vpn_1.example", NULL, 0, bad_domain },
		{ "-oProxy.example", NULL, 0, bad_domain },
		{ "192.0.2.256", NULL, 0, "must be a domain name, not an address" },
		{ "vpn.example.", NULL, 0, "must be a domain name without a dot at its end" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[1024], expected[256];
		struct profile profile;
		struct err err;

		snprintf(text, sizeof(text), "[client]\nserver = %s\n" SECRETS, cases[i].value);
		int failed = read_text(&profile, text, &err);

		if (!cases[i].sentence &&
		    (failed < 0 || strcmp(profile.server, cases[i].host) != 0 ||
		     profile.port != cases[i].port))
			fail_msg("%s: '%s' %u %s", cases[i].value, profile.server, profile.port,
				 err.text);
		snprintf(expected, sizeof(expected), "client.conf:2: [client] server '%s': %s",
			 cases[i].value, cases[i].sentence ? cases[i].sentence : "");
		if (cases[i].sentence &&
		    (failed == 0 || strcmp(err.text, expected) != 0 || err.kind != ERR_CONFIG))
			fail_msg("%s: %d %s", cases[i].value, failed, err.text);
	}
}

#define SERVER "[client]\nserver = vpn.example\n"
#define USER SERVER "user = alice\n"
#define IDENTITY "[identity]\ncertificate = CERT\nkey = KEY\n"
#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static const char bad_pin[] = "must be a certificate's SHA-256: 64 hexadecimal digits, or 43 "
			      "characters of base64url";

static void whom_to_trust_and_who_we_are(void **state)
{
	static const struct {
		const char *what, *text;
		bool ca, pin, system, certificate;
	} cases[] = {
		{ "a CA and a certificate", SERVER SECRETS, true, false, false, true },
		{ "a CA and a user", USER "[trust]\nca = CA\n", true, false, false, false },
		{ "a CA, and no other kind", USER "[trust]\nca = CA\nsystem = no\n", true, false,
		  false, false },
		{ "a fingerprint", USER "[trust]\nfingerprint = " HEX "\n", false, true, false,
		  false },
		{ "in base64url", SERVER "[trust]\nfingerprint = " BASE64 "\n" IDENTITY, false,
		  true, false, true },
		{ "as openssl prints it",
		  USER "[trust]\nfingerprint = "
		       "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:"
		       "19:1A:1B:1C:1D:1E:1F\n",
		  false, true, false, false },
		{ "the system", USER "[trust]\nsystem = yes\n", false, false, true, false },
		{ "the system, and a certificate", USER "[trust]\nsystem = yes\n" IDENTITY, false,
		  false, true, true },
	};
	uint8_t fingerprint[32];

	for (unsigned i = 0; i < sizeof(fingerprint); i++)
		fingerprint[i] = (uint8_t)i;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct profile profile;
		struct err err;

		if (read_text(&profile, cases[i].text, &err) < 0)
			fail_msg("%s: %s", cases[i].what, err.text);
		if ((profile.ca[0] != '\0') != cases[i].ca || profile.pin.given != cases[i].pin ||
		    profile.system != cases[i].system ||
		    (profile.certificate[0] != '\0') != cases[i].certificate ||
		    (profile.key[0] != '\0') != cases[i].certificate)
			fail_msg("%s: read as something else", cases[i].what);
		if (cases[i].pin && memcmp(profile.pin.fingerprint, fingerprint, 32) != 0)
			fail_msg("%s: another fingerprint", cases[i].what);
	}
}

static void who_was_here_first(void **state)
{
	struct profile profile;
	struct err err;

	if (read_text(&profile, USER "[trust]\nca = CA\n" IDENTITY "device = " BASE64 "\n", &err) <
	    0)
		fail_msg("%s", err.text);
	assert_true(profile.device.given);
	assert_memory_equal(profile.device.fingerprint, "\x00\x01\x02\x03", 4);
}

static void fingerprints_that_are_none(void **state)
{
	static const char *const cases[] = {
		"x",
		HEX "00",
		"0" HEX,
		BASE64 "=",
		BASE64 "A",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", /* stray bits at its end */
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+", /* base64, not base64url */
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[512], expected[512];
		struct profile profile;
		struct err err;

		snprintf(text, sizeof(text), USER "[trust]\nfingerprint = %s\n", cases[i]);
		snprintf(expected, sizeof(expected), "client.conf:5: [trust] fingerprint '%s': %s",
			 cases[i], bad_pin);
		if (read_text(&profile, text, &err) == 0 || strcmp(err.text, expected) != 0)
			fail_msg("%s: %s", cases[i], err.text);
	}
}
#define C64 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01"

static void mistakes_have_sentences(void **state)
{
	static const struct {
		const char *what, *text, *sentence;
	} cases[] = {
		{ "nothing", "", "client.conf: [client] server is missing" },
		{ "nobody to trust", SERVER IDENTITY,
		  "client.conf: [trust] has none of ca, fingerprint and system = yes" },
		{ "not even the system", SERVER "[trust]\nsystem = no\n" IDENTITY,
		  "client.conf: [trust] has none of ca, fingerprint and system = yes" },
		{ "a CA and a fingerprint", USER "[trust]\nca = CA\nfingerprint = " HEX "\n",
		  "client.conf: [trust] has more than one of ca, fingerprint and system" },
		{ "a CA and the system", USER "[trust]\nca = CA\nsystem = yes\n",
		  "client.conf: [trust] has more than one of ca, fingerprint and system" },
		{ "a fingerprint and the system",
		  USER "[trust]\nsystem = yes\nfingerprint = " HEX "\n",
		  "client.conf: [trust] has more than one of ca, fingerprint and system" },
		{ "nobody we are", SERVER "password-file = /p\n[trust]\nca = x\n",
		  "client.conf: neither [identity] nor [client] user says who this is" },
		{ "no certificate", SERVER "[trust]\nca = x\n[identity]\nkey = x\n",
		  "client.conf: [identity] certificate is missing" },
		{ "no key", SERVER "[trust]\nca = x\n[identity]\ncertificate = x\n",
		  "client.conf: [identity] key is missing" },
		{ "an empty CA", SERVER "[trust]\nca =\n",
		  "client.conf:4: [trust] ca '': must not be empty" },
		{ "an unknown key", SERVER "colour = red\n",
		  "client.conf:3: [client] unknown key 'colour'" },
		{ "an unknown section", SERVER "[proxy]\n",
		  "client.conf:3: [proxy]: unknown section" },
		{ "a server twice", SERVER "server = other.example\n",
		  "client.conf:3: [client] server: was set in line 2 already" },
		{ "a key twice", "[identity]\nkey = a\nkey = b\n",
		  "client.conf:3: [identity] key: was set in line 2 already" },
		{ "a name that is none", SERVER "name = a b\n",
		  "client.conf:3: [client] name 'a b': must be a domain name" },
		{ "an address as name is fine, this is none", SERVER "name = 192.0.2\n",
		  "client.conf:3: [client] name '192.0.2': must be a domain name, not an address" },
		{ "a long user", SERVER "user = " C64 "\n",
		  "client.conf:3: [client] user '" C64 "': must have at most 63 characters" },
		{ "a long control path", SERVER "control = /" C64 C64 "\n", NULL },
		{ "an interface that is a pattern", SERVER "interface = tap%d\n",
		  "client.conf:3: [client] interface 'tap%d': must be an interface name: no space, "
		  "'/', ':' or '%'" },
		{ "neither apply nor ignore", SERVER "dns = yes\n",
		  "client.conf:3: [client] dns 'yes': must be apply or ignore" },
		{ "neither auto, yes nor no", SERVER "manage = maybe\n",
		  "client.conf:3: [client] manage 'maybe': must be auto, yes or no" },
		{ "a delegate that is no interface", SERVER "delegate = lan/0\n",
		  "client.conf:3: [client] delegate 'lan/0': must be an interface name: no space, "
		  "'/', ':' or '%'" },
		{ "a delegate twice", SERVER "delegate = lan0\ndelegate = lan1\ndelegate = lan0\n",
		  "client.conf:5: [client] delegate 'lan0': is there twice" },
		{ "its own delegate", SERVER "interface = tap0\ndelegate = tap0\n" SECRETS,
		  "client.conf: [client] interface and delegate are both 'tap0'" },
		{ "a bridge and a delegate", SERVER "bridge = br0\ndelegate = lan0\n" SECRETS,
		  "client.conf: [client] bridge and delegate exclude each other: hosts on the "
		  "bridge are on the server's link" },
		{ "a proxy's password is in no sentence",
		  SERVER "proxy = https://bob:hunter2@h.example:1\n",
		  "client.conf:3: [client] proxy: the scheme must be http or socks5" },
		{ "no proxy at all", SERVER "proxy =\n",
		  "client.conf:3: [client] proxy: must have a host or an address" },
		{ "its own bridge", SERVER "interface = br0\nbridge = br0\n" SECRETS,
		  "client.conf: [client] interface and bridge are both 'br0'" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct profile profile;
		struct err err;

		assert_int_equal(profile_read_text(&profile, "client.conf",
						   (struct bytes) { (const uint8_t *)cases[i].text,
								    strlen(cases[i].text) },
						   NULL),
				 -1); /* nobody need want to know why */
		if (read_text(&profile, cases[i].text, &err) == 0 || err.kind != ERR_CONFIG)
			fail_msg("%s: kind %d", cases[i].what, (int)err.kind);
		if (cases[i].sentence && strcmp(err.text, cases[i].sentence) != 0)
			fail_msg("%s: %s", cases[i].what, err.text);
		if (!cases[i].sentence && !strstr(err.text, "must have at most 107 characters"))
			fail_msg("%s: %s", cases[i].what, err.text);
	}
}

static void a_private_key_is_not_for_all(void **state)
{
	static const struct {
		mode_t mode;
		bool good;
	} cases[] = {
		{ 0600, true },	 { 0400, true },  { 0700, true },  { 0640, false },
		{ 0604, false }, { 0660, false }, { 0644, false }, { 0601, false },
	};
	char path[] = "/tmp/lanyard-profile-XXXXXX", expected[256];
	static const char no_key[] = USER "[trust]\nca = CA\n";
	static const char text[] = SERVER SECRETS;
	struct profile profile;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	snprintf(expected, sizeof(expected),
		 "%s: others can read it, and it has a private key: chmod 600 %s", path, path);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };

		assert_int_equal(fchmod(fd, cases[i].mode), 0);
		bool good = profile_read(&profile, path, &err) == 0;
		if (good != cases[i].good ||
		    (!good && (strcmp(err.text, expected) != 0 || err.kind != ERR_CONFIG)))
			fail_msg("mode %o: %s", cases[i].mode, err.text);
	}
	assert_int_equal(ftruncate(fd, 0), 0); /* without one there is nothing to hide */
	assert_int_equal(pwrite(fd, no_key, strlen(no_key), 0), strlen(no_key));
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(profile_read(&profile, path, NULL), 0);
	close(fd);
	unlink(path);

	struct err err = { 0 };
	snprintf(expected, sizeof(expected), "cannot open %s: No such file or directory", path);
	assert_int_equal(profile_read(&profile, path, &err), -1);
	assert_string_equal(err.text, expected);
	assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shortest_profile_has_defaults),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(networks_of_an_office),
		cmocka_unit_test(servers_to_dial),
		cmocka_unit_test(whom_to_trust_and_who_we_are),
		cmocka_unit_test(who_was_here_first),
		cmocka_unit_test(fingerprints_that_are_none),
		cmocka_unit_test(mistakes_have_sentences),
		cmocka_unit_test(a_private_key_is_not_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
