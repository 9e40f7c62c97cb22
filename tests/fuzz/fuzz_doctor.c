/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_doctor.c - what strangers answer to the doctor: any bytes as an answer to its DNS
 * question and as that of a web server.
 *
 * Properties: what is printed of it is printable; a datagram that answers one question does not
 * answer another.
 */
#include <stdlib.h>

#include "client/doctor_http.h"
#include "client/doctor_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes input = { .data = data, .len = size };
	struct http_facts facts;
	unsigned rcode = 0;

	http_read(input, "vpn.example.net", &facts);
	if (facts.status > 999 || strlen(facts.location) >= sizeof(facts.location) ||
	    (facts.elsewhere && facts.location[0] == '\0'))
		abort();
	for (const char *at = facts.location; *at; at++)
		if (*at < ' ' || *at > '~')
			abort();
	if (query_answers(input, 0x6c61, "corp.example", QUERY_SOA, &rcode) &&
	    (rcode > 15 || query_answers(input, 0x6c62, "corp.example", QUERY_SOA, &rcode)))
		abort();
	return 0;
}
