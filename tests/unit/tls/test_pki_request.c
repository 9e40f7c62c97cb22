/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_pki_request.c
 *
 * Requests for certificates: what is made of them, and which are refused; openssl's as well as
 * our own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "hex.h"
#include "tls/pki_request.h"

#define FROM_S 1767225600ll /* 2026-01-01 */
#define TO_S 1798761600ll   /* 2027-01-01 */

static struct pki_pair authority;

static const struct pki_request alice = {
	.use = PKI_CLIENT, .common_name = "alice", .not_before_s = FROM_S, .not_after_s = TO_S
};

static int make_authority(void **state)
{
	return pki_init(NULL) < 0 ||
	       pki_make_authority("CA", FROM_S, TO_S + 86400, &authority, NULL) < 0;
}

static struct bytes make(const char *name, char key[static PKI_PEM_MAX], uint8_t der[static 512])
{
	struct writer w = writer_over(der, 512);
	struct err err = { 0 };

	if (pki_request_make(name, key, &w, &err) < 0)
		fail_msg("%s", err.text);
	return writer_bytes(&w);
}

static void a_request_becomes_a_certificate(void **state)
{
	char key[PKI_PEM_MAX], certificate[PKI_PEM_MAX], name[PKI_NAME_MAX];
	uint8_t der[512];
	struct pki_description is;
	struct bytes request = make("invite-0123", key, der);

	assert_in_range(request.len, 150, 384); /* MESSAGE_REQUEST_MAX */
	assert_int_equal(pki_request_read(request, name, NULL), 0);
	assert_string_equal(name, "invite-0123");
	assert_int_equal(pki_request_sign(&authority, request, &alice, certificate, NULL), 0);
	assert_int_equal(pki_pair_check(certificate, key, NULL), 0);
	assert_int_equal(pki_describe(certificate, &is, NULL), 0);
	assert_string_equal(is.common_name, "alice"); /* whatever was asked for */
	assert_false(is.is_authority);
	assert_int_equal(is.not_before_s, FROM_S);
	assert_int_equal(is.not_after_s, TO_S);
}

/* Every bit counts: changed names and keys are not signed, changed signatures are wrong. */
static void a_changed_request_is_refused(void **state)
{
	char key[PKI_PEM_MAX], name[PKI_NAME_MAX], certificate[PKI_PEM_MAX];
	uint8_t der[512], changed[512];
	struct bytes request = make("alice", key, der);

	for (size_t i = 0; i < request.len; i++) {
		struct bytes other = { changed, request.len };

		memcpy(changed, der, request.len);
		changed[i] ^= 1;
		if (pki_request_read(other, name, NULL) == 0)
			fail_msg("byte %zu of %zu does not matter", i, request.len);
		assert_int_equal(pki_request_sign(&authority, other, &alice, certificate, NULL),
				 -1);
	}
	for (size_t len = 0; len < request.len; len++)
		assert_int_equal(pki_request_read(bytes_of(der, len), name, NULL), -1);
}

static void only_a_users_certificate_is_made(void **state)
{
	struct pki_request server = alice, named = alice;
	char key[PKI_PEM_MAX], certificate[PKI_PEM_MAX];
	uint8_t der[512];
	struct bytes request = make("alice", key, der);

	server.use = PKI_SERVER;
	named.name_count = 1;
	named.name[0] = "vpn.example";
	assert_int_equal(pki_request_sign(&authority, request, &server, certificate, NULL), -1);
	assert_int_equal(pki_request_sign(&authority, request, &named, certificate, NULL), -1);
}

/* ---- openssl's ---- */

static const struct {
	const char *what, *options, *sentence; /* NULL: it is taken */
} others[] = {
	{ "P-256", "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=bob", NULL },
	{ "P-384 and SHA-384",
	  "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384 -subj /O=x/CN=bob", NULL },
	{ "RSA of 2048 bits", "-newkey rsa:2048 -subj /CN=bob", NULL },
	{ "RSA of 1024 bits", "-newkey rsa:1024 -subj /CN=bob",
	  "the key of the request is not P-256, P-384 or RSA from 2048 bits" },
	{ "P-521", "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -subj /CN=bob",
	  "the key of the request is not P-256, P-384 or RSA from 2048 bits" },
	{ "secp256k1", "-newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -subj /CN=bob",
	  "the key of the request is not P-256, P-384 or RSA from 2048 bits" },
	{ "SHA-1", "-newkey rsa:2048 -sha1 -subj /CN=bob",
	  "the request is not signed by its own key with SHA-256 or better" },
	{ "no common name", "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /O=x",
	  "the request has no common name, or one that is not one short, printable text" },
	{ "two common names", "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=bob/CN=root",
	  "the request has no common name, or one that is not one short, printable text" },
};

static size_t ask_openssl(const char *options, char *pem, size_t cap)
{
	char command[512];
	FILE *pipe;
	size_t len = 0;

	snprintf(command, sizeof(command),
		 "openssl req -new -nodes -keyout /dev/null %s 2>/dev/null", options);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	len = fread(pem, 1, cap - 1, pipe);
	assert_int_equal(pclose(pipe), 0);
	pem[len] = '\0';
	return len + 1; /* PEM with its NUL */
}

static void requests_of_openssl(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		char pem[PKI_REQUEST_MAX], name[PKI_NAME_MAX];
		size_t len = ask_openssl(others[i].options, pem, sizeof(pem));
		struct err err = { 0 };
		int result = pki_request_read(bytes_of((uint8_t *)pem, len), name, &err);

		if ((result == 0) != !others[i].sentence ||
		    (result < 0 && strcmp(err.text, others[i].sentence) != 0))
			fail_msg("%s: %d '%s'", others[i].what, result, err.text);
		if (result == 0)
			assert_string_equal(name, "bob");
	}
}

/* What stands before the first line of PEM is read over. */
static void a_request_is_not_too_long(void **state)
{
	char pem[PKI_REQUEST_MAX], padded[PKI_REQUEST_MAX + 1], name[PKI_NAME_MAX];
	size_t len = ask_openssl(others[0].options, pem, sizeof(pem));

	memset(padded, '\n', sizeof(padded));
	memcpy(padded + sizeof(padded) - len, pem, len);
	assert_int_equal(
		pki_request_read(bytes_of((uint8_t *)padded + 1, PKI_REQUEST_MAX), name, NULL), 0);
	assert_int_equal(pki_request_read(bytes_of((uint8_t *)padded, sizeof(padded)), name, NULL),
			 -1);
}

/* ---- tokens, PEM and DER ---- */

static void a_tokens_name_is_its_own(void **state)
{
	uint8_t token[32] = { 1 }, other[32] = { 2 }, hash[32];
	char a[PKI_TOKEN_NAME], b[PKI_TOKEN_NAME], text[65];

	assert_int_equal(pki_token_name(bytes_of(token, 32), a, NULL), 0);
	assert_int_equal(pki_token_name(bytes_of(token, 32), b, NULL), 0);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), PKI_TOKEN_NAME - 1);
	assert_int_equal(pki_token_name(bytes_of(other, 32), b, NULL), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(pki_token_name(bytes_of(token, 31), b, NULL), 0);
	assert_string_not_equal(a, b);
	/* not what the state file has */
	assert_int_equal(pki_token_hash(bytes_of(token, 32), hash, NULL), 0);
	for (unsigned i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	assert_null(strstr(text, a + 7));
}

static void a_token_is_not_too_long(void **state)
{
	static const uint8_t token[128];
	char name[PKI_TOKEN_NAME];
	struct err err = { 0 };

	assert_int_equal(pki_token_name(bytes_of(token, sizeof(token)), name, &err), -1);
	assert_string_equal(err.text, "the token is too long");
}

static void pem_and_der_are_the_same(void **state)
{
	char both[2 * PKI_PEM_MAX], back[2 * PKI_PEM_MAX];
	uint8_t der[2400];
	struct pki_pair second;

	assert_int_equal(pki_make_authority("CA 2", FROM_S, TO_S, &second, NULL), 0);
	snprintf(both, sizeof(both), "%s%s", authority.certificate, second.certificate);
	struct writer w = writer_over(der, sizeof(der));
	assert_int_equal(pki_to_der(both, &w, NULL), 0);
	assert_int_equal(pki_to_pem(writer_bytes(&w), back, sizeof(back), NULL), 0);
	assert_string_equal(back, both);
	assert_int_equal(pki_to_pem(bytes_of(der, w.len - 1), back, sizeof(back), NULL), -1);
	assert_int_equal(pki_to_pem(bytes_of(der, 0), back, sizeof(back), NULL), -1);
	assert_int_equal(pki_to_pem(writer_bytes(&w), back, strlen(both), NULL), -1);
	assert_int_equal(pki_to_pem(writer_bytes(&w), back, strlen(both) + 1, NULL), 0);
	w = writer_over(der, 100);
	assert_int_equal(pki_to_der(both, &w, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_becomes_a_certificate),
		cmocka_unit_test(a_changed_request_is_refused),
		cmocka_unit_test(only_a_users_certificate_is_made),
		cmocka_unit_test(requests_of_openssl),
		cmocka_unit_test(a_request_is_not_too_long),
		cmocka_unit_test(a_tokens_name_is_its_own),
		cmocka_unit_test(a_token_is_not_too_long),
		cmocka_unit_test(pem_and_der_are_the_same),
	};

	return cmocka_run_group_tests(tests, make_authority, NULL);
}
