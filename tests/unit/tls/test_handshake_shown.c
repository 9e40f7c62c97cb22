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

/* Whoever answers in the server's place is told by name; a client that hears no certificate
 * tells of none. */
static void what_the_server_showed_is_told(void **state)
{
	static const struct {
		const char *what, *dialled, *subject, *issuer;
		struct odd odd;
		const struct pki_pair *issued_by;
		bool ours, in_time, name_fits;
	} cases[] = {
		{ "a good one",
		  "vpn.example",
		  "CN=vpn.example",
		  "CN=CA",
		  { .use = PKI_SERVER },
		  &authority,
		  true,
		  true,
		  true },
		{ "another CA's",
		  "vpn.example",
		  "CN=vpn.example",
		  "CN=Old CA",
		  { .use = PKI_SERVER },
		  &old_authority,
		  false,
		  true,
		  true },
		{ "its own",
		  "vpn.example",
		  "CN=self",
		  "CN=self",
		  { .use = PKI_SERVER, .user = "self" },
		  NULL,
		  false,
		  true,
		  true },
		{ "over",
		  "vpn.example",
		  "CN=vpn.example",
		  "CN=CA",
		  { .use = PKI_SERVER,
		    .not_before = "20200101000000",
		    .not_after = "20210101000000" },
		  &authority,
		  true,
		  false,
		  true },
		{ "early",
		  "vpn.example",
		  "CN=vpn.example",
		  "CN=CA",
		  { .use = PKI_SERVER,
		    .not_before = "20900101000000",
		    .not_after = "20910101000000" },
		  &authority,
		  true,
		  false,
		  true },
		{ "another name's",
		  "other.example",
		  "CN=vpn.example",
		  "CN=CA",
		  { .use = PKI_SERVER },
		  &authority,
		  true,
		  true,
		  false },
		{ "the address that was dialled",
		  "192.0.2.1",
		  "CN=vpn.example",
		  "CN=CA",
		  { .use = PKI_SERVER },
		  &authority,
		  true,
		  true,
		  true },
		{ "another address's",
		  "192.0.2.2",
		  "CN=vpn.example",
		  "CN=CA",
		  { .use = PKI_SERVER },
		  &authority,
		  true,
		  true,
		  false },
		{ "a name for no terminal",
		  "vpn.example",
		  "CN=a\\x5c1Bb",
		  "CN=CA",
		  { .use = PKI_SERVER, .user = "a\033b" },
		  &authority,
		  true,
		  true,
		  true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pki_pair odd;

		assert_true(odd_issue(cases[i].issued_by, &cases[i].odd, &odd));
		struct tls_credentials *server = trusting(&authority, TLS_SERVER, &odd);
		struct tls_credentials *client = trusting(&authority, TLS_CLIENT, &client_pair);
		struct pair *pair = pair_new(client, server, cases[i].dialled);
		assert_null(tls_handshake_shown(pair->client.handshake));
		pair_run(pair);
		const struct tls_shown *shown = tls_handshake_shown(pair->client.handshake);
		if (!shown || strcmp(shown->subject, cases[i].subject) != 0 ||
		    strcmp(shown->issuer, cases[i].issuer) != 0 ||
		    shown->signed_by_ours != cases[i].ours || shown->in_time != cases[i].in_time ||
		    shown->name_fits != cases[i].name_fits)
			fail_msg("%s: '%s' by '%s', %d %d %d", cases[i].what,
				 shown ? shown->subject : "", shown ? shown->issuer : "",
				 shown && shown->signed_by_ours, shown && shown->in_time,
				 shown && shown->name_fits);
		if (cases[i].odd.not_before)
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
