/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_join_url.c - any text as an invitation.
 *
 * Properties: a refusal is a sentence about usage that holds no 32 letters of a token; what is
 * accepted has a host to dial, a port, and nothing behind its fingerprint.
 */
#include <stdlib.h>
#include <string.h>

#include "client/join_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct join_url url;
	struct err err = { 0 };
	char text[2 * JOIN_URL_MAX];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	int result = join_url_read(text, &url, &err);
	if (result < 0 && (err.kind != ERR_USAGE || !err.text[0]))
		abort();
	if (result == 0) {
		const char *token = strstr(text, "/"), *mark = strchr(text, '#');

		if (!token || !mark || !url.host[0] || url.port == 0 ||
		    memcmp(mark - sizeof(url.token), url.token, sizeof(url.token)) != 0 ||
		    (strlen(mark + 1) != 43 &&
		     strspn(mark + 1, "0123456789abcdefABCDEF:") != strlen(mark + 1)))
			abort();
	}
	return 0;
}
