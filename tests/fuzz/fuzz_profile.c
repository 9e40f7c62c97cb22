/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_profile.c - any text as a client's profile.
 *
 * Properties: a refusal has a sentence with the text's name in front and counts as a
 * configuration error; what is accepted says where to connect, whom to trust and who we are;
 * nothing of a key is left after profile_wipe.
 */
#include <stdlib.h>

#include "client/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profile profile;
	struct err err = { 0 };
	int result = profile_read_text(&profile, "fuzz", (struct bytes) { data, size }, &err);

	if (result < 0 && (strncmp(err.text, "fuzz:", 5) != 0 || err.kind != ERR_CONFIG))
		abort();
	if (result == 0 &&
	    (!profile.server[0] || strchr("[", profile.server[0]) || profile.port == 0 ||
	     !profile.name[0] ||
	     (profile.ca[0] != '\0') + profile.pin.given + profile.system != 1 ||
	     (profile.certificate[0] != '\0') != (profile.key[0] != '\0') ||
	     (!profile.certificate[0] && !profile.user[0]) || !profile.interface[0] ||
	     strcmp(profile.interface, profile.bridge) == 0 ||
	     strlen(profile.server) >= sizeof(profile.server)))
		abort();
	profile_wipe(&profile);
	for (size_t i = 0; i < sizeof(profile.key); i++)
		if (profile.key[i] != '\0')
			abort();
	return 0;
}
