/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server/test_served.c - credentials that change while handshakes go on; the sanitizer
 * watches that they are freed once, and not before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/served.h"
#include "tests/unit/tls/handshake_pair.h"

#define NAME "vpn.example.net"

static struct pki_pair authority, server;

static int make_certificates(void **state)
{
	struct pki_request request = { .use = PKI_SERVER,
				       .common_name = NAME,
				       .name_count = 1,
				       .name = { NAME },
				       .not_after_s = 4000000000 };
	struct err err = { 0 };

	return pki_init(&err) < 0 ||
	       pki_make_authority("CA", 0, 4000000000, &authority, &err) < 0 ||
	       pki_issue(&authority, &request, &server, &err) < 0;
}

static struct tls_credentials *credentials(enum tls_role role)
{
	bool is_server = role == TLS_SERVER;

	return tls_credentials_new(role, authority.certificate,
				   is_server ? server.certificate : NULL,
				   is_server ? server.key : NULL, NULL);
}

static void replace(struct served **list)
{
	assert_int_equal(served_replace(list, credentials(TLS_SERVER)), 0);
}

static unsigned count(const struct served *list)
{
	unsigned count = 0;

	for (; list; list = list->older)
		count++;
	return count;
}

static void those_that_nobody_needs_go_at_once(void **state)
{
	struct served *list = NULL;

	for (unsigned i = 0; i < 4; i++) {
		replace(&list);
		assert_int_equal(count(list), 1);
	}
	served_release(&list, served_take(list));
	served_release(&list, NULL); /* its handshake never began */
	assert_int_equal(count(list), 1);
	served_free(&list);
	assert_null(list);
}

static void those_that_are_needed_stay(void **state)
{
	struct served *list = NULL, *first, *second;

	replace(&list);
	first = served_take(list);
	assert_ptr_equal(served_take(list), first);
	replace(&list);
	second = served_take(list);
	assert_ptr_not_equal(second, first);
	replace(&list);
	assert_int_equal(count(list), 3);
	served_release(&list, second);
	assert_int_equal(count(list), 2);
	served_release(&list, first);
	assert_int_equal(count(list), 2);
	served_release(&list, first);
	assert_int_equal(count(list), 1);
	served_free(&list);
}

static void a_handshake_ends_with_what_it_began_with(void **state)
{
	struct tls_credentials *client = credentials(TLS_CLIENT);
	struct served *list = NULL, *taken;

	replace(&list);
	taken = served_take(list);
	struct pair *pair = pair_new(client, taken->credentials, NAME);
	tls_handshake_allow_anonymous(pair->server.handshake);
	assert_true(end_step(&pair->client));
	replace(&list);
	pair_run(pair);
	assert_int_equal(pair->client.step, TLS_DONE);
	assert_int_equal(pair->server.step, TLS_DONE);
	pair_free(pair);
	served_release(&list, taken);
	assert_int_equal(count(list), 1);
	served_free(&list);
	tls_credentials_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_nobody_needs_go_at_once),
		cmocka_unit_test(those_that_are_needed_stay),
		cmocka_unit_test(a_handshake_ends_with_what_it_began_with),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
