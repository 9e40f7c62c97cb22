/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/test_trust.c - credentials of each kind of profile, and of those that can never
 * work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "client/trust.h"

static struct pki_pair authority, own, others;

static int make_pairs(void **state)
{
	int64_t now_s = time(NULL);
	struct pki_request request = { .use = PKI_CLIENT,
				       .common_name = "alice",
				       .not_before_s = now_s - 60,
				       .not_after_s = now_s + 3600 };

	return pki_init(NULL) < 0 ||
	       pki_make_authority("CA", now_s - 60, now_s + 3600, &authority, NULL) < 0 ||
	       pki_issue(&authority, &request, &own, NULL) < 0 ||
	       pki_issue(&authority, &request, &others, NULL) < 0;
}

static void each_kind_of_profile_has_credentials_or_a_sentence(void **state)
{
	static const struct {
		const char *what;
		bool ca, pin;
		const char *certificate, *key;
		const char *sentence; /* NULL: it is fine */
	} cases[] = {
		{ "a CA and a certificate", true, false, own.certificate, own.key, NULL },
		{ "a CA alone", true, false, "", "", NULL },
		{ "a pin and a certificate", false, true, own.certificate, own.key, NULL },
		{ "a pin alone", false, true, "", "", NULL },
		{ "another one's key", true, false, own.certificate, others.key,
		  "client.conf: the private key does not belong to the certificate" },
		{ "another one's key and a pin", false, true, own.certificate, others.key,
		  "client.conf: the private key does not belong to the certificate" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static struct profile profile;
		struct err err = { 0 };

		profile = (struct profile) { .pin.given = cases[i].pin };
		if (cases[i].ca)
			strcpy(profile.ca, authority.certificate);
		strcpy(profile.certificate, cases[i].certificate);
		strcpy(profile.key, cases[i].key);
		struct tls_credentials *credentials =
			trust_credentials(&profile, "client.conf", &err);
		if ((credentials != NULL) != (cases[i].sentence == NULL) ||
		    (!credentials &&
		     (strcmp(err.text, cases[i].sentence) != 0 || err.kind != ERR_CONFIG)))
			fail_msg("%s: %s", cases[i].what, err.text);
		tls_credentials_free(credentials);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_profile_has_credentials_or_a_sentence),
	};

	return cmocka_run_group_tests(tests, make_pairs, NULL);
}
