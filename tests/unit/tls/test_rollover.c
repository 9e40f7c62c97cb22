/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_rollover.c
 *
 * CAs that follow each other, A, B, C: a server that shows what the predecessors have signed is
 * believed by who knows any of them, and by nobody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "handshake_pair.h"

#define NAME "vpn.example.net"
#define END_S 4000000000

enum party { A, B, C, IMPOSTOR, PARTIES };

static struct pki_pair authority[PARTIES], server_of_c, server_of_impostor;
static char b_by_a[PKI_PEM_MAX], c_by_b[PKI_PEM_MAX], c_by_a_ended[PKI_PEM_MAX];

static int issue(const struct pki_pair *by, struct pki_pair *out)
{
	const struct pki_request request = { .use = PKI_SERVER,
					     .common_name = NAME,
					     .name_count = 1,
					     .name = { NAME },
					     .not_after_s = END_S };

	return pki_issue(by, &request, out, NULL);
}

static int make_all(void **state)
{
	static struct pki_pair ended;
	struct err err = { 0 };

	if (pki_init(&err) < 0)
		return -1;
	for (unsigned i = 0; i < PARTIES; i++)
		if (pki_make_authority("CA", 0, END_S + i, &authority[i], &err) < 0)
			return -1;
	return pki_cross_sign(&authority[A], authority[B].certificate, 0, b_by_a, &err) < 0 ||
	       pki_cross_sign(&authority[B], authority[C].certificate, 0, c_by_b, &err) < 0 ||
	       pki_make_authority("CA", 0, 1000, &ended, &err) < 0 ||
	       pki_cross_sign(&ended, authority[C].certificate, 0, c_by_a_ended, &err) < 0 ||
	       issue(&authority[C], &server_of_c) < 0 ||
	       issue(&authority[IMPOSTOR], &server_of_impostor) < 0;
}

/* Letters of what is shown or trusted: A B C I are CAs, b is B signed by A, c is C signed by B, e is
 * C signed by one that has ended, s the server's certificate by C, i the impostor's. */
static const char *pem_of(char letter)
{
	switch (letter) {
	case 'A': return authority[A].certificate;
	case 'B': return authority[B].certificate;
	case 'C': return authority[C].certificate;
	case 'I': return authority[IMPOSTOR].certificate;
	case 'b': return b_by_a;
	case 'c': return c_by_b;
	case 'e': return c_by_a_ended;
	case 's': return server_of_c.certificate;
	default: return server_of_impostor.certificate;
	}
}

static const char *pem(const char *letters, char text[static 8 * PKI_PEM_MAX])
{
	text[0] = '\0';
	for (; *letters; letters++)
		strcat(text, pem_of(*letters));
	return text;
}

static struct tls_credentials *client(const char *trusts, bool pinned)
{
	char text[8 * PKI_PEM_MAX];
	struct pki_description is;

	if (!pinned)
		return tls_credentials_new(TLS_CLIENT, pem(trusts, text), NULL, NULL, NULL);
	assert_int_equal(pki_describe(pem_of(trusts[0]), &is, NULL), 0);
	return tls_credentials_pinned(is.fingerprint, NULL, NULL, NULL);
}

static const struct {
	const char *what, *shown, *trusts;
	bool pinned, ok;
} cases[] = {
	{ "the newest is known", "scbA", "C", false, true },
	{ "the one before", "scbA", "B", false, true },
	{ "the oldest", "scbA", "A", false, true },
	{ "two of them", "scbA", "CB", false, true },
	{ "all of them", "scbA", "CBA", false, true },
	{ "another one", "scbA", "I", false, false },
	{ "the oldest is not shown: it is known", "scb", "A", false, true },
	{ "the oldest has ended, and the next is known", "scB", "B", false, true },
	{ "it has ended, and was all that is known", "sC", "A", false, false },
	{ "nothing in between", "sA", "A", false, false },
	{ "a step is missing", "sbA", "A", false, false },
	{ "in the wrong order", "sAbc", "A", false, false },
	{ "an impostor shows what is genuine", "icbA", "A", false, false },
	{ "or B, which has signed nothing of it", "ibA", "B", false, false },
	{ "what an ended one has signed", "seA", "A", false, false },

	{ "pinned: the first that is shown", "scbA", "c", true, true },
	{ "the second", "scbA", "b", true, true },
	{ "the last", "scbA", "A", true, true },
	{ "one that is not shown", "scbA", "C", true, false },
	{ "the impostor shows the pinned one", "icbA", "c", true, false },
	{ "and its own as well", "iIcbA", "A", true, false },
	{ "what is pinned has ended", "seA", "e", true, false },
};

static void who_believes_the_server(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct pki_pair *own =
			cases[i].shown[0] == 's' ? &server_of_c : &server_of_impostor;
		char text[8 * PKI_PEM_MAX];
		struct err err = { 0 };
		struct tls_credentials *server =
			tls_credentials_new(TLS_SERVER, authority[C].certificate,
					    pem(cases[i].shown, text), own->key, &err);
		struct tls_credentials *trusting = client(cases[i].trusts, cases[i].pinned);

		assert_non_null(server);
		assert_non_null(trusting);
		struct pair *pair = pair_new(trusting, server, NAME);
		tls_handshake_allow_anonymous(pair->server.handshake);
		pair_run(pair);
		if (pair->client.step == TLS_FAILED)
			tls_handshake_failure(pair->client.handshake, &err);
		if ((pair->client.step == TLS_DONE) != cases[i].ok ||
		    pair->client.step == TLS_WANT_READ)
			fail_msg("%s: step %d: %s", cases[i].what, pair->client.step, err.text);
		pair_free(pair);
		tls_credentials_free(server);
		tls_credentials_free(trusting);
	}
}

static void what_the_predecessor_signs(void **state)
{
	struct pki_description is, new, old;

	assert_int_equal(pki_describe(b_by_a, &is, NULL), 0);
	assert_int_equal(pki_describe(authority[B].certificate, &new, NULL), 0);
	assert_int_equal(pki_describe(authority[A].certificate, &old, NULL), 0);
	assert_true(is.is_authority);
	assert_int_equal(is.not_after_s, old.not_after_s);
	assert_memory_not_equal(is.fingerprint, new.fingerprint, PKI_FINGERPRINT_LEN);
	assert_int_equal(pki_pair_check(b_by_a, authority[B].key, NULL), 0);
}

static void what_it_does_not(void **state)
{
	const struct pki_request user = { .use = PKI_CLIENT,
					  .common_name = "CA",
					  .not_after_s = END_S };
	struct pki_pair other, of_its_name, no_key = authority[A];
	char cross[PKI_PEM_MAX];
	struct err err = { 0 };

	assert_int_equal(pki_make_authority("Another CA", 0, END_S, &other, &err), 0);
	assert_int_equal(pki_issue(&authority[A], &user, &of_its_name, &err), 0);
	const struct {
		const struct pki_pair *older;
		const char *certificate, *sentence;
	} refused[] = {
		{ &authority[A], other.certificate, "a CA follows one of the same name only" },
		{ &authority[A], server_of_c.certificate,
		  "a CA follows one of the same name only" },
		{ &authority[A], of_its_name.certificate,
		  "a CA follows one of the same name only" },
		{ &server_of_c, authority[B].certificate, "the CA certificate is not one of a CA" },
		{ &authority[A], "no PEM", "the new CA certificate is not a PEM certificate" },
		{ &no_key, authority[B].certificate,
		  "the private key is not a PEM key, or damaged" },
	};

	no_key.key[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		err = (struct err) { 0 };
		assert_int_equal(
			pki_cross_sign(refused[i].older, refused[i].certificate, 0, cross, &err),
			-1);
		assert_string_equal(err.text, refused[i].sentence);
	}
}

static void nothing_outlives_its_authority(void **state)
{
	struct pki_pair last;
	struct pki_request request = { .use = PKI_CLIENT, .common_name = "a" };
	struct pki_description is;

	for (int64_t more_s = -1; more_s <= 1; more_s++) {
		request.not_after_s = END_S + A + more_s;
		assert_int_equal(pki_issue(&authority[A], &request, &last, NULL), 0);
		assert_int_equal(pki_describe(last.certificate, &is, NULL), 0);
		assert_int_equal(is.not_after_s, END_S + A + (more_s < 0 ? more_s : 0));
	}
	assert_int_equal(pki_due_s(1000, 1300), 1200);
}

/* CAs of one name: only the signature says which it was. */
static void whose_signature_it_is(void **state)
{
	static const struct {
		const char *what, *authorities;
		int place;
	} rows[] = {
		{ "the only one", "C", 0 },
		{ "the last", "ABC", 2 },
		{ "the first", "CBA", 0 },
		{ "none of them", "ABI", -1 },
		{ "its key under the older one's name", "c", 0 },
	};
	const struct pki_request over = { .use = PKI_CLIENT,
					  .common_name = "alice",
					  .not_after_s = 1000 };
	struct pki_pair ended;
	char text[8 * PKI_PEM_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int place = pki_signer(server_of_c.certificate, pem(rows[i].authorities, text));

		if (place != rows[i].place)
			fail_msg("%s: %d", rows[i].what, place);
	}
	assert_int_equal(pki_signer("", authority[C].certificate), -1);
	assert_int_equal(pki_signer(server_of_c.certificate, ""), -1);
	assert_int_equal(pki_issue(&authority[A], &over, &ended, NULL), 0);
	assert_int_equal(pki_signer(ended.certificate, pem("BA", text)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_believes_the_server),
		cmocka_unit_test(whose_signature_it_is),
		cmocka_unit_test(what_the_predecessor_signs),
		cmocka_unit_test(what_it_does_not),
		cmocka_unit_test(nothing_outlives_its_authority),
	};

	return cmocka_run_group_tests(tests, make_all, NULL);
}
