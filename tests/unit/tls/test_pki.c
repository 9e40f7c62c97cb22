/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_pki.c
 *
 * The built-in CA: what its certificates say (read back with mbedTLS's parser), what it
 * refuses to make, and what it reads.
 */
#include "hex.h"
#include "odd_certificate.h"

#define YEAR_2026_S 1767225600ll /* 2026-01-01T00:00:00Z */
#define YEAR_2049_S 2493072000ll /* 2049-01-01: the last year of UTCTime */
#define YEAR_2060_S 2840140800ll /* GeneralizedTime */

static struct pki_pair authority, server, client;

static const struct pki_request server_request = {
	.use = PKI_SERVER,
	.common_name = "vpn.example",
	.name_count = 2,
	.name = { "vpn.example", "backup.example" },
	.address_count = 2,
	.address = { { 4, { 192, 0, 2, 1 } }, { 16, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } },
	.not_before_s = YEAR_2026_S,
	.not_after_s = YEAR_2060_S,
};

static const struct pki_request client_request = {
	.use = PKI_CLIENT,
	.common_name = "alice",
	.not_before_s = YEAR_2026_S,
	.not_after_s = YEAR_2049_S,
};

static void must(int result, const struct err *err)
{
	if (result < 0)
		fail_msg("%s", err->text);
}

static int make_certificates(void **state)
{
	struct err err = { 0 };

	must(pki_init(&err), &err);
	must(pki_make_authority("Lanyard CA 1", YEAR_2026_S, YEAR_2060_S, &authority, &err), &err);
	must(pki_issue(&authority, &server_request, &server, &err), &err);
	must(pki_issue(&authority, &client_request, &client, &err), &err);
	return 0;
}

static void parse(const struct pki_pair *pair, mbedtls_x509_crt *certificate)
{
	mbedtls_x509_crt_init(certificate);
	assert_int_equal(mbedtls_x509_crt_parse(certificate, (const uint8_t *)pair->certificate,
						strlen(pair->certificate) + 1),
			 0);
}

/* True if the DER holds these bytes somewhere: extensions whose parsed form hides a detail. */
static bool holds(const mbedtls_x509_crt *certificate, const char *text)
{
	uint8_t buffer[64];
	struct bytes wanted = hex(text, buffer, sizeof(buffer));

	return memmem(certificate->raw.p, certificate->raw.len, wanted.data, wanted.len) != NULL;
}

static void the_authority_is_one_of_leaves_and_its_successor(void **state)
{
	mbedtls_x509_crt certificate;

	parse(&authority, &certificate);
	/* basicConstraints, critical, CA true, pathlen 1: see issue_set_authority */
	assert_true(holds(&certificate, "0603551d13 0101ff 0408 3006 0101ff 020101"));
	/* keyUsage, critical, keyCertSign and cRLSign */
	assert_true(holds(&certificate, "0603551d0f 0101ff 0404 0302 0106"));
	assert_int_equal(certificate.version, 3);
	assert_int_equal(mbedtls_pk_get_bitlen(&certificate.pk), 256);
	assert_true(certificate.subject_key_id.len == 20);
	mbedtls_x509_crt_free(&certificate);
}

static void certificates_say_what_they_are_for(void **state)
{
	mbedtls_x509_crt issuer, certificate;

	parse(&authority, &issuer);
	parse(&server, &certificate);
	/* keyUsage, critical, digitalSignature; no CA; extended key usage serverAuth alone */
	assert_true(holds(&certificate, "0603551d0f 0101ff 0404 03020780"));
	assert_true(holds(&certificate, "0603551d13 0402 3000"));
	assert_true(holds(&certificate, "0603551d25 0101ff 040c 300a 0608 2b06010505070301"));
	/* the names in their order */
	assert_true(holds(&certificate,
			  "820b 76706e2e6578616d706c65 820e 6261636b75702e6578616d706c65 "
			  "8704 c0000201 8710 20010db8"));
	assert_memory_equal(certificate.authority_key_id.keyIdentifier.p, issuer.subject_key_id.p,
			    20);
	mbedtls_x509_crt_free(&certificate);

	parse(&client, &certificate);
	assert_true(holds(&certificate, "0603551d25 0101ff 040c 300a 0608 2b06010505070302"));
	assert_false(holds(&certificate, "0603551d11")); /* no alternative names */
	assert_true(holds(&certificate, "170d 323630313031303030303030 5a")); /* UTCTime 260101 */
	mbedtls_x509_crt_free(&certificate);
	mbedtls_x509_crt_free(&issuer);
}

static void serials_are_random_and_positive(void **state)
{
	const struct pki_pair *pairs[] = { &authority, &server, &client };
	uint8_t serials[3][16];

	for (unsigned i = 0; i < 3; i++) {
		mbedtls_x509_crt certificate;

		parse(pairs[i], &certificate);
		assert_int_equal(certificate.serial.len, 16);
		assert_true(certificate.serial.p[0] < 0x80);
		memcpy(serials[i], certificate.serial.p, 16);
		mbedtls_x509_crt_free(&certificate);
		for (unsigned j = 0; j < i; j++)
			assert_true(memcmp(serials[i], serials[j], 16) != 0);
	}
}

static void certificates_verify(void **state)
{
	const struct pki_pair *pairs[] = { &server, &client };

	for (unsigned i = 0; i < 2; i++) {
		mbedtls_x509_crt issuer, certificate;
		uint32_t flags = 0;

		parse(&authority, &issuer);
		parse(pairs[i], &certificate);
		mbedtls_x509_crt_verify(&certificate, &issuer, NULL, NULL, &flags, NULL, NULL);
		/* The dates are judged by this machine's clock, which is not ours to know. */
		assert_int_equal(flags & ~(uint32_t)(MBEDTLS_X509_BADCERT_FUTURE |
						     MBEDTLS_X509_BADCERT_EXPIRED),
				 0);
		mbedtls_x509_crt_free(&certificate);
		mbedtls_x509_crt_free(&issuer);
	}
}

static void certificates_are_described(void **state)
{
	struct pki_description description, again;
	char text[PKI_FINGERPRINT_TEXT];
	struct err err = { 0 };

	must(pki_describe(authority.certificate, &description, &err), &err);
	assert_string_equal(description.common_name, "Lanyard CA 1");
	assert_true(description.is_authority);
	assert_int_equal(description.not_before_s, YEAR_2026_S);
	assert_int_equal(description.not_after_s, YEAR_2060_S);

	must(pki_describe(client.certificate, &description, &err), &err);
	assert_string_equal(description.common_name, "alice");
	assert_false(description.is_authority);
	assert_int_equal(description.not_after_s, YEAR_2049_S);
	must(pki_describe(client.certificate, &again, &err), &err);
	assert_memory_equal(description.fingerprint, again.fingerprint, PKI_FINGERPRINT_LEN);
	must(pki_describe(server.certificate, &again, &err), &err);
	assert_memory_not_equal(description.fingerprint, again.fingerprint, PKI_FINGERPRINT_LEN);

	pki_fingerprint_text((const uint8_t[PKI_FINGERPRINT_LEN]) { 0x01, 0xab, [31] = 0xff },
			     text);
	assert_string_equal(text,
			    "01ab0000000000000000000000000000000000000000000000000000000000ff");
}

/* The SHA-256 of the DER, computed from the PEM's own base64. */
static void fingerprints_are_of_the_der(void **state)
{
	struct pki_description description;
	mbedtls_x509_crt certificate;
	uint8_t digest[32];
	size_t len;

	assert_int_equal(pki_describe(server.certificate, &description, NULL), 0);
	parse(&server, &certificate);
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, certificate.raw.p, certificate.raw.len,
					  digest, sizeof(digest), &len),
			 PSA_SUCCESS);
	assert_memory_equal(description.fingerprint, digest, 32);
	mbedtls_x509_crt_free(&certificate);
}

static const struct {
	const char *what, *name;
	bool ok;
} users[] = {
	{ "a plain name", "alice", true },
	{ "what RFC 4514 escapes", "a,b+c=\"d\"\\<e>;#f g", true },
	{ "a leading hash and spaces", "# x ", true },
	{ "UTF-8", "J\xc3\xbcrgen", true },
	{ "the longest", "123456789012345678901234567890123456789012345678901234567890123", true },
	{ "one byte more", "1234567890123456789012345678901234567890123456789012345678901234",
	  false },
	{ "nothing", "", false },
	{ "a newline", "a\nb", false },
	{ "an escape", "a\x1b[31m", false },
	{ "DEL", "a\x7f", false },
};

static void names_come_back_as_they_went_in(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(users); i++) {
		struct pki_request request = client_request;
		struct pki_description description;
		struct pki_pair pair;
		struct err err = { 0 };

		request.common_name = users[i].name;
		if ((pki_issue(&authority, &request, &pair, &err) == 0) != users[i].ok)
			fail_msg("%s: %s", users[i].what, users[i].ok ? err.text : "taken");
		if (!users[i].ok)
			continue;
		must(pki_describe(pair.certificate, &description, &err), &err);
		assert_string_equal(description.common_name, users[i].name);
	}
}

static void an_odd_authority_name_still_chains(void **state)
{
	struct pki_pair odd_authority, pair;
	mbedtls_x509_crt issuer, certificate;
	struct err err = { 0 };

	must(pki_make_authority("J\xc3\xbcrgen's, \"CA\" #1", YEAR_2026_S, YEAR_2060_S,
				&odd_authority, &err),
	     &err);
	must(pki_issue(&odd_authority, &client_request, &pair, &err), &err);
	parse(&odd_authority, &issuer);
	parse(&pair, &certificate);
	assert_int_equal(certificate.issuer_raw.len, issuer.subject_raw.len);
	assert_memory_equal(certificate.issuer_raw.p, issuer.subject_raw.p, issuer.subject_raw.len);
	mbedtls_x509_crt_free(&certificate);
	mbedtls_x509_crt_free(&issuer);
}

static const struct {
	const char *what;
	struct pki_request request;
	const char *sentence;
} refusals[] = {
	{ "a client with a DNS name",
	  { .use = PKI_CLIENT,
	    .common_name = "a",
	    .name_count = 1,
	    .name = { "x" },
	    .not_after_s = 1 },
	  "a client's certificate has no names but the user's" },
	{ "a name with a space",
	  { .use = PKI_SERVER,
	    .common_name = "a",
	    .name_count = 1,
	    .name = { "a b" },
	    .not_after_s = 1 },
	  "'a b' is not a DNS name" },
	{ "an empty name",
	  { .use = PKI_SERVER,
	    .common_name = "a",
	    .name_count = 1,
	    .name = { "" },
	    .not_after_s = 1 },
	  "'' is not a DNS name" },
	{ "an address of 5 bytes",
	  { .use = PKI_SERVER,
	    .common_name = "a",
	    .address_count = 1,
	    .address = { { 5, { 0 } } },
	    .not_after_s = 1 },
	  "an address has 4 or 16 bytes, not 5" },
	{ "too many names",
	  { .use = PKI_SERVER,
	    .common_name = "a",
	    .name_count = PKI_MAX_NAMES + 1,
	    .not_after_s = 1 },
	  "a certificate has 16 names and addresses at most" },
	{ "an end before the beginning",
	  { .use = PKI_CLIENT, .common_name = "a", .not_before_s = 2, .not_after_s = 1 },
	  "a certificate cannot be valid from 2 to 1" },
	{ "a beginning before 1970",
	  { .use = PKI_CLIENT, .common_name = "a", .not_before_s = -1, .not_after_s = 1 },
	  "a certificate cannot be valid from -1 to 1" },
	{ "an end after the year 9999",
	  { .use = PKI_CLIENT, .common_name = "a", .not_after_s = 253402300800ll },
	  "a certificate cannot be valid from 0 to 253402300800" },
};

static void impossible_requests_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct pki_pair pair;
		struct err err = { 0 };

		if (pki_issue(&authority, &refusals[i].request, &pair, &err) == 0 ||
		    strcmp(err.text, refusals[i].sentence) != 0)
			fail_msg("%s: '%s'", refusals[i].what, err.text);
	}
}

static void only_an_authority_issues(void **state)
{
	struct pki_pair pair, mixed = authority;
	struct err err = { 0 };

	assert_int_equal(pki_issue(&client, &client_request, &pair, &err), -1);
	assert_string_equal(err.text, "the CA certificate is not one of a CA");
	memcpy(mixed.key, client.key, sizeof(mixed.key));
	assert_int_equal(pki_issue(&mixed, &client_request, &pair, &err), -1);
	assert_string_equal(err.text, "the CA's private key does not belong to its certificate");
}

static void a_long_dns_name_is_kept_in_full(void **state)
{
	static const char name[] = "a-host-name-that-is-rather-long.in-a-department-of-some-size."
				   "at-an-organisation.example";
	struct pki_request request = { .use = PKI_SERVER,
				       .common_name = name,
				       .name_count = 1,
				       .name = { name },
				       .not_after_s = YEAR_2060_S };
	struct pki_description description;
	struct pki_pair pair;
	struct err err = { 0 };

	must(pki_issue(&authority, &request, &pair, &err), &err);
	must(pki_describe(pair.certificate, &description, &err), &err);
	assert_string_equal(description.common_name, "server");
	assert_true(pki_covers(pair.certificate, &request));
}

static void the_last_day_of_all_can_be_written(void **state)
{
	struct pki_request request = client_request;
	struct pki_description description;
	struct pki_pair pair, last;
	struct err err = { 0 };

	request.not_after_s = 253402300799ll; /* RFC 5280 4.1.2.5: 99991231235959Z */
	must(pki_make_authority("CA", 0, request.not_after_s, &last, &err), &err);
	must(pki_issue(&last, &request, &pair, &err), &err);
	must(pki_describe(pair.certificate, &description, &err), &err);
	assert_int_equal(description.not_after_s, 253402300799ll);
}

static const struct {
	const char *what;
	struct pki_request request;
	bool covered;
} coverings[] = {
	{ "nothing asked", { 0 }, true },
	{ "both names", { .name_count = 2, .name = { "backup.example", "vpn.example" } }, true },
	{ "a name in capitals", { .name_count = 1, .name = { "VPN.Example" } }, true },
	{ "another name", { .name_count = 1, .name = { "vpn2.example" } }, false },
	{ "one of two names", { .name_count = 2, .name = { "vpn.example", "x.example" } }, false },
	{ "the beginning of a name", { .name_count = 1, .name = { "vpn" } }, false },
	{ "an IPv4 address", { .address_count = 1, .address = { { 4, { 192, 0, 2, 1 } } } }, true },
	{ "an IPv6 address",
	  { .address_count = 1, .address = { { 16, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } } } },
	  true },
	{ "another address",
	  { .address_count = 1, .address = { { 4, { 192, 0, 2, 2 } } } },
	  false },
	{ "the first bytes of an address",
	  { .address_count = 1, .address = { { 4, { 0x20, 0x01, 0x0d, 0xb8 } } } },
	  false },
	{ "an address as a name", { .name_count = 1, .name = { "192.0.2.1" } }, false },
};

static void coverage_is_exact(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(coverings); i++) {
		if (pki_covers(server.certificate, &coverings[i].request) != coverings[i].covered)
			fail_msg("%s", coverings[i].what);
	}
	assert_false(pki_covers("no certificate", &coverings[0].request));
}

static const struct {
	const char *what;
	const char *certificate, *key;
	const char *sentence;
} pairings[] = {
	{ "its own key", server.certificate, server.key, NULL },
	{ "another's key", server.certificate, client.key,
	  "the private key does not belong to the certificate" },
	{ "no certificate", "", client.key, "the certificate is not a PEM certificate" },
	{ "a key for a certificate", client.key, client.key,
	  "the certificate is not a PEM certificate" },
	{ "half a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
	  client.key, "the certificate is damaged" },
	{ "no key", server.certificate, "", "the private key is not a PEM key, or damaged" },
	{ "an encrypted key", server.certificate,
	  "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n",
	  "the private key is encrypted: remove its password first" },
};

static void keys_are_matched(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pairings); i++) {
		struct err err = { 0 };
		int result = pki_pair_check(pairings[i].certificate, pairings[i].key, &err);

		if (result != (pairings[i].sentence ? -1 : 0) ||
		    (pairings[i].sentence && strcmp(err.text, pairings[i].sentence) != 0))
			fail_msg("%s: %d '%s'", pairings[i].what, result, err.text);
	}
}

static void names_that_hide_something_are_not_described(void **state)
{
	static const struct odd odds[] = {
		{ .use = PKI_CLIENT, .user = "alice\0bob", .user_len = 9 },
		{ .use = PKI_CLIENT, .user = "alice\n" },
		{ .use = PKI_CLIENT, .user = "alice\xc2\x9b" },
		{ .use = PKI_CLIENT, .two_users = true },
		{ .use = PKI_CLIENT, .user = "\0a\0l", .user_len = 4, .user_tag = 0x1e },
	};

	for (size_t i = 0; i < ARRAY_LEN(odds); i++) {
		struct pki_description description;
		struct pki_pair pair;
		struct err err = { 0 };

		assert_true(odd_issue(&authority, &odds[i], &pair));
		if (pki_describe(pair.certificate, &description, &err) == 0 ||
		    description.common_name[0])
			fail_msg("row %zu: described as '%s'", i, description.common_name);
	}
}

static void the_library_says_its_version(void **state)
{
	assert_memory_equal(pki_library(), "mbedTLS ", 8);
	assert_true(strlen(pki_library()) >= strlen("mbedTLS 3.6.6"));
}

static void wiped_pairs_are_gone(void **state)
{
	struct pki_pair pair = client, zero;

	memset(&zero, 0, sizeof(zero));
	pki_pair_wipe(&pair);
	assert_memory_equal(&pair, &zero, sizeof(zero));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_authority_is_one_of_leaves_and_its_successor),
		cmocka_unit_test(certificates_say_what_they_are_for),
		cmocka_unit_test(serials_are_random_and_positive),
		cmocka_unit_test(certificates_verify),
		cmocka_unit_test(certificates_are_described),
		cmocka_unit_test(fingerprints_are_of_the_der),
		cmocka_unit_test(names_come_back_as_they_went_in),
		cmocka_unit_test(an_odd_authority_name_still_chains),
		cmocka_unit_test(impossible_requests_are_refused),
		cmocka_unit_test(only_an_authority_issues),
		cmocka_unit_test(a_long_dns_name_is_kept_in_full),
		cmocka_unit_test(the_last_day_of_all_can_be_written),
		cmocka_unit_test(coverage_is_exact),
		cmocka_unit_test(keys_are_matched),
		cmocka_unit_test(names_that_hide_something_are_not_described),
		cmocka_unit_test(the_library_says_its_version),
		cmocka_unit_test(wiped_pairs_are_gone),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
