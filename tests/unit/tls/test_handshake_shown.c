/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/test_handshake_shown.c - what a client tells of the certificate that it was shown. */
#include "handshake_pair.h"
#include "handshake_refusal.h"
#include "odd_certificate.h"

static struct pki_pair authority, old_authority, client_pair;

static int make_certificates(void **state)
{
	static const struct odd alice = { .use = PKI_CLIENT };
	struct err err = { 0 };

	if (pki_init(&err) < 0 || pki_make_authority("CA", 0, 4102444800ll, &authority, &err) < 0 ||
	    pki_make_authority("Old CA", 0, 1577836800ll, &old_authority, &err) < 0)
		return -1;
	return odd_issue(&authority, &alice, &client_pair) ? 0 : -1;
}

enum told { OURS = 1, IN_TIME = 2, NAME_FITS = 4, ALL = OURS | IN_TIME | NAME_FITS };

/* Whoever answers in the server's place is told by name; a client that hears no certificate
 * tells of none.  What a row leaves out is vpn.example, and signed by the CA. */
static const struct {
	const char *what, *dialled, *subject, *issuer;
	struct odd odd;
	const struct pki_pair *by;
	bool by_itself;
	enum told told;
} cases[] = {
	{ "a good one", .told = ALL },
	{ "another CA's", .by = &old_authority, .issuer = "CN=Old CA",
	  .told = IN_TIME | NAME_FITS },
	{ "its own", .odd.user = "self", .by_itself = true, .subject = "CN=self",
	  .issuer = "CN=self", .told = IN_TIME | NAME_FITS },
	{ "over", .odd = { .not_before = "20200101000000", .not_after = "20210101000000" },
	  .told = OURS | NAME_FITS },
	{ "early", .odd = { .not_before = "20900101000000", .not_after = "20910101000000" },
	  .told = OURS | NAME_FITS },
	{ "another name's", .dialled = "other.example", .told = OURS | IN_TIME },
	{ "the address that was dialled", .dialled = "192.0.2.1", .told = ALL },
	{ "another address's", .dialled = "192.0.2.2", .told = OURS | IN_TIME },
	{ "a name for no terminal", .odd.user = "a\033b", .subject = "CN=a\\x5c1Bb", .told = ALL },
};

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static unsigned told(const struct tls_shown *shown)
{
	return (shown->signed_by_ours ? OURS : 0) | (shown->in_time ? IN_TIME : 0) |
	       (shown->name_fits ? NAME_FITS : 0);
}

static void what_the_server_showed_is_told(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *subject = or_else(cases[i].subject, "CN=vpn.example");
		const char *issuer = or_else(cases[i].issuer, "CN=CA");
		const struct pki_pair *by = cases[i].by ? cases[i].by : &authority;
		struct odd is = cases[i].odd;
		struct pki_pair odd;

		is.use = PKI_SERVER;
		assert_true(odd_issue(cases[i].by_itself ? NULL : by, &is, &odd));
		struct tls_credentials *server = trusting(&authority, TLS_SERVER, &odd);
		struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);
		struct pair *pair =
			pair_new(client, server, or_else(cases[i].dialled, "vpn.example"));
		assert_null(tls_handshake_shown(pair->client.handshake));
		pair_run(pair);
		const struct tls_shown *shown = tls_handshake_shown(pair->client.handshake);
		if (!shown || strcmp(shown->subject, subject) != 0 ||
		    strcmp(shown->issuer, issuer) != 0 || told(shown) != cases[i].told)
			fail_msg("%s: '%s' by '%s', %u", cases[i].what, shown ? shown->subject : "",
				 shown ? shown->issuer : "", shown ? told(shown) : 0);
		if (is.not_before)
			assert_true(shown->not_after_s - shown->not_before_s >= ODD_YEAR_S);
		pair_free(pair);
		tls_credentials_free(client);
		tls_credentials_free(server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_showed_is_told),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
