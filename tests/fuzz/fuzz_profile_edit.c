/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_profile_edit.c - any text as a profile that gets a new certificate.
 *
 * Properties: what is a good profile is one after the edit, with the new value and everything else
 * as before; a second edit with the same value changes nothing more.
 */
#include <stdlib.h>

#include "client/file.h"
#include "client/profile.h"
#include "client/profile_edit.h"

#define NEW "NEW\nCERTIFICATE"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes bytes_of(const char *text)
{
	return (struct bytes) { (const uint8_t *)text, strlen(text) };
}

static void check(const char *text, const char *edited)
{
	static struct profile before, after;

	if (profile_read_text(&before, "fuzz", bytes_of(text), NULL) < 0 || !before.key[0])
		return;
	if (profile_read_text(&after, "fuzz", bytes_of(edited), NULL) < 0 ||
	    strcmp(after.certificate, NEW) != 0)
		abort();
	memcpy(before.certificate, after.certificate, sizeof(before.certificate));
	if (strcmp(before.server, after.server) != 0 || strcmp(before.key, after.key) != 0 ||
	    strcmp(before.ca, after.ca) != 0 || strcmp(before.user, after.user) != 0 ||
	    strcmp(before.interface, after.interface) != 0 || before.port != after.port ||
	    before.pin.given != after.pin.given || before.system != after.system)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct profile_edit edit = { "identity", "certificate", NEW };
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	char *once = profile_edit(text, &edit, 1),
	     *twice = once ? profile_edit(once, &edit, 1) : NULL;
	if (!once || !twice || strcmp(once, twice) != 0)
		abort();
	check(text, once);
	file_forget(once, strlen(once));
	file_forget(twice, strlen(twice));
	free(text);
	return 0;
}
