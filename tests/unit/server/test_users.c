/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_users.c
 *
 * Profiles: that the client's own reader takes what the server writes, whom it trusts, whose
 * it is, and that nothing of the server's own secrets gets into it.
 */
#include "client/profile.h"
#include "folder.h"
#include "server/users.h"

static char folder[FOLDER_PATH];
static struct state *state;
static struct server_config config;

static int begin_test(void **unused)
{
	struct err err = { 0 };

	folder_make(folder);
	state = must_open(folder);
	server_config_read_text(&config, "server.conf", (struct bytes) { (const uint8_t *)"", 0 },
				&err);
	strcpy(config.name, "vpn.example");
	must(pki_init(&err), &err);
	must(state_user_add(state, "alice", NULL, 0, NOW_S, "test", &err), &err);
	return 0;
}

static int end_test(void **unused)
{
	state_close(state);
	folder_remove(folder);
	return 0;
}

/* The client's view of a profile that the server writes now. */
static void make_profile(const char *dial, struct profile *profile)
{
	struct err err = { 0 };
	char *text = users_profile(state, &config, "alice", dial, NOW_S, "test", &err);

	if (!text)
		fail_msg("%s", err.text);
	struct bytes bytes = { (const uint8_t *)text, strlen(text) };
	if (profile_read_text(profile, "alice.conf", bytes, &err) < 0)
		fail_msg("%s:\n%s", err.text, text);
	users_profile_free(text);
}

static void a_profile_is_what_a_client_reads(void **unused)
{
	struct profile profile, second;
	struct pki_description is;
	struct pki_pair authority;
	struct state_user user;
	struct err err = { 0 };

	make_profile(NULL, &profile);
	assert_string_equal(profile.server, "vpn.example");
	assert_int_equal(profile.port, 443);
	assert_string_equal(profile.name, "vpn.example");
	assert_string_equal(profile.user, "alice");
	must(pki_pair_check(profile.certificate, profile.key, &err), &err);
	must(pki_describe(profile.certificate, &is, &err), &err);
	assert_string_equal(is.common_name, "alice");
	assert_false(is.is_authority);
	assert_true(is.not_before_s <= NOW_S - 3600);
	assert_int_equal(is.not_after_s, NOW_S + 365 * DAY_S);
	assert_int_equal(state_user_of(state, is.fingerprint, &user, &err), 1);
	assert_string_equal(user.name, "alice");

	must(state_authority(state, NOW_S, &authority, &err), &err);
	must(pki_describe(profile.ca, &is, &err), &err);
	assert_true(is.is_authority);
	assert_null(strstr(profile.ca, "PRIVATE"));

	/* each profile has a key of its own, and both are good */
	make_profile(NULL, &second);
	assert_string_not_equal(second.key, profile.key);
	must(pki_describe(profile.certificate, &is, &err), &err);
	assert_int_equal(state_user_of(state, is.fingerprint, &user, &err), 1);
}

static void what_it_dials(void **unused)
{
	static const struct {
		const char *what, *dial;
		unsigned listen_port;
		const char *server;
		unsigned port;
	} cases[] = {
		{ "the name at the usual port", NULL, 443, "vpn.example", 443 },
		{ "the name at another port", NULL, 8443, "vpn.example", 8443 },
		{ "a host", "192.0.2.1", 8443, "192.0.2.1", 443 },
		{ "a host and a port", "front.example:444", 443, "front.example", 444 },
		{ "an IPv6 address", "[2001:db8::1]:444", 443, "2001:db8::1", 444 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct profile profile;

		config.listen[0].port = (uint16_t)cases[i].listen_port;
		make_profile(cases[i].dial, &profile);
		if (strcmp(profile.server, cases[i].server) != 0 || profile.port != cases[i].port ||
		    strcmp(profile.name, "vpn.example") != 0)
			fail_msg("%s: %s %u, name %s", cases[i].what, profile.server, profile.port,
				 profile.name);
	}
}

static void what_makes_no_profile(void **unused)
{
	static const struct {
		const char *what, *user, *dial;
		enum err_kind kind;
		const char *sentence;
	} cases[] = {
		{ "nobody", "bob", NULL, ERR_NO_OBJECT, "there is no user 'bob'" },
		{ "no name", "al ice", NULL, ERR_USAGE, "a user's name has" },
		{ "nothing to dial", "alice", "", ERR_USAGE, "what a profile dials" },
		{ "a line more", "alice", "a\nuser = bob", ERR_USAGE, "what a profile dials" },
		{ "a comment", "alice", "a ;b", ERR_USAGE, "what a profile dials" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };

		if (users_profile(state, &config, cases[i].user, cases[i].dial, NOW_S, "test",
				  &err) ||
		    err.kind != cases[i].kind ||
		    strncmp(err.text, cases[i].sentence, strlen(cases[i].sentence)) != 0)
			fail_msg("%s: kind %d, %s", cases[i].what, (int)err.kind, err.text);
	}
	users_profile_free(NULL);
}

/* ---- the admin's own certificate ---- */

static void write_file(const char *name, const char *first, const char *second, const char *third)
{
	snprintf(config.certificate, sizeof(config.certificate), "%s/%s", folder, name);
	FILE *file = fopen(config.certificate, "we");

	assert_non_null(file);
	fprintf(file, "%s%s%s", first, second, third);
	assert_int_equal(fclose(file), 0);
}

static void the_admins_own_certificate_is_trusted_and_no_more(void **unused)
{
	static struct pki_pair root, leaf;
	static char long_text[70000];
	const struct pki_request request = { .use = PKI_SERVER,
					     .common_name = "vpn.example",
					     .name_count = 1,
					     .name = { "vpn.example" },
					     .not_before_s = NOW_S,
					     .not_after_s = NOW_S + DAY_S };
	struct err err = { 0 };
	struct profile profile;

	must(pki_make_authority("Root", NOW_S, NOW_S + DAY_S, &root, &err), &err);
	must(pki_issue(&root, &request, &leaf, &err), &err);
	memset(long_text, '#', sizeof(long_text) - 1);
	const struct {
		const char *what, *first, *second, *third, *trusted, *sentence;
	} cases[] = {
		{ "one certificate", leaf.certificate, "", "", leaf.certificate, NULL },
		{ "a chain", leaf.certificate, root.certificate, "", root.certificate, NULL },
		{ "text in front", "subject = x\n", leaf.certificate, "", leaf.certificate, NULL },
		{ "the key behind it", leaf.certificate, leaf.key, "", leaf.certificate, NULL },
		{ "a chain and the key", leaf.certificate, root.certificate, leaf.key,
		  root.certificate, NULL },
		{ "the key first", leaf.key, leaf.certificate, "", leaf.certificate, NULL },
		{ "only a key", leaf.key, "", "", NULL, "has no certificate" },
		{ "nothing", "", "", "", NULL, "has no certificate" },
		{ "half a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n", "", "", NULL,
		  "has no certificate" },
		{ "a huge one", "-----BEGIN CERTIFICATE-----\n", long_text, "", NULL,
		  "has no certificate" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		write_file("own.pem", cases[i].first, cases[i].second, cases[i].third);
		if (cases[i].sentence) {
			err = (struct err) { 0 };
			if (users_profile(state, &config, "alice", NULL, NOW_S, "test", &err) ||
			    !strstr(err.text, cases[i].sentence))
				fail_msg("%s: %s", cases[i].what, err.text);
			continue;
		}
		make_profile(NULL, &profile);
		/* the profile's lines have no last newline */
		if (strncmp(profile.ca, cases[i].trusted, strlen(profile.ca)) != 0 ||
		    strlen(profile.ca) + 1 < strlen(cases[i].trusted) ||
		    strstr(profile.ca, "PRIVATE"))
			fail_msg("%s: trusts\n%s", cases[i].what, profile.ca);
	}
	strcpy(config.certificate, "/nowhere/own.pem");
	assert_null(users_profile(state, &config, "alice", NULL, NOW_S, "test", &err));
	assert_string_equal(err.text, "cannot read /nowhere/own.pem: No such file or directory");
}

/* ---- the server's certificate, and the list ---- */

static void a_server_certificate_is_for_name_and_addresses(void **unused)
{
	static const struct {
		const char *host;
		unsigned len;
	} listen[] = { { "::", 0 },	      { "0.0.0.0", 0 },	  { "192.0.2.1", 4 },
		       { "2001:db8::1", 16 }, { "127.0.0.1", 4 }, { "::1", 16 } };
	struct pki_request request;
	char host[256], own[256] = "";
	unsigned n = 0;

	config.listen_count = ARRAY_LEN(listen);
	for (size_t i = 0; i < ARRAY_LEN(listen); i++)
		strcpy(config.listen[i].host, listen[i].host);
	users_server_request(&config, host, NOW_S, &request);
	assert_int_equal(request.use, PKI_SERVER);
	assert_int_equal(request.name_count, 1);
	assert_string_equal(request.name[0], "vpn.example");
	assert_string_equal(request.common_name, "vpn.example");
	for (size_t i = 0; i < ARRAY_LEN(listen); i++)
		if (listen[i].len > 0)
			assert_int_equal(request.address[n++].len, listen[i].len);
	assert_int_equal(request.address_count, n);
	assert_memory_equal(request.address[0].octet, ((uint8_t[]) { 192, 0, 2, 1 }), 4);

	/* without a name: this host's */
	config.name[0] = '\0';
	assert_int_equal(gethostname(own, sizeof(own) - 1), 0);
	users_server_request(&config, host, NOW_S, &request);
	assert_string_equal(request.name[0], own);

	/* a name that is too long for a common name is still a name */
	memset(config.name, 'a', 60);
	strcpy(config.name + 60, ".example");
	users_server_request(&config, host, NOW_S, &request);
	assert_string_equal(request.common_name, "lanyard");
	assert_string_equal(request.name[0], config.name);
}

static void the_list_is_json(void **unused)
{
	struct err err = { 0 };
	struct profile profile;

	must(state_user_add(state, "bob", NULL, 0, 5, "test", &err), &err);
	make_profile(NULL, &profile);
	must(state_user_set_group(state, "bob", "office", NOW_S, "test", &err), &err);
	must(state_user_block(state, "bob", true, "left", 9, "test", &err), &err);
	must(state_user_expire(state, "bob", 11, NOW_S, "test", &err), &err);
	config.policy.auth = PROOF_PASSWORD | PROOF_CODE;
	json_t *list = users_list(state, &config, NOW_S, &err);
	char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(
		text,
		"{\"schema\":1,\"users\":["
		"{\"auth\":\"password+code\",\"blocked_s\":null,\"blocked_why\":null,"
		"\"certificates\":1,\"created_s\":1790000000,\"expires_s\":null,\"group\":null,"
		"\"group_has_section\":false,\"has_code\":false,\"has_password\":false,"
		"\"name\":\"alice\",\"role\":\"none\"},"
		"{\"auth\":\"password+code\",\"blocked_s\":9,\"blocked_why\":\"left\","
		"\"certificates\":0,\"created_s\":5,\"expires_s\":11,\"group\":\"office\","
		"\"group_has_section\":false,\"has_code\":false,\"has_password\":false,"
		"\"name\":\"bob\",\"role\":\"none\"}]}");
	free(text);
	json_decref(list);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_profile_is_what_a_client_reads),
		IN_FOLDER(what_it_dials),
		IN_FOLDER(what_makes_no_profile),
		IN_FOLDER(the_admins_own_certificate_is_trusted_and_no_more),
		IN_FOLDER(a_server_certificate_is_for_name_and_addresses),
		IN_FOLDER(the_list_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
