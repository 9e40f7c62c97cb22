/* SPDX-License-Identifier: Apache-2.0 */
/* client/profile_save.h
 *
 * A profile on the disk follows what a running client was given: another certificate, other CAs.
 * What a person has written into it stays.
 */
#ifndef CLIENT_PROFILE_SAVE_H
#define CLIENT_PROFILE_SAVE_H

#include "client/profile.h"

/*
 * Writes trust and identity of `now` into the file, whole or not at all.  `known`: the fingerprint
 * of the certificate that should be in it; -1 and a sentence, and the file as it was, if it is
 * another one, or cannot be written.
 */
int profile_save(const char *path, const uint8_t known[static PKI_FINGERPRINT_LEN],
		 const struct profile *now, struct err *err);

/*
 * The CAs to trust from now on, PEM: those of `fresh`, and those of `old` that are still valid, so
 * that the change of a CA is none for a server that has not changed yet.  True: they are others
 * than `old`.  If not all fit, those of `old` are left out; so are those whose fingerprints are in
 * `distrusted`, one behind the other: their keys may be anybody's.
 */
bool profile_merge_ca(const char *old, const char *fresh, struct bytes distrusted, int64_t now_s,
		      char merged[static CONF_VALUE_MAX + 1]);
/*
 * The CAs that the server names are trusted from now on, with or in place of what the profile has.
 * False: nothing changes; where the system says whom to trust, no server does.
 */
bool profile_follow_ca(struct profile *profile, const char *fresh, struct bytes distrusted,
		       int64_t now_s);

#endif
