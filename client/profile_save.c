/* SPDX-License-Identifier: Apache-2.0 */
/* client/profile_save.c - the file's text edited, read back as a check, and put in place. */
#include "client/profile_save.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/file.h"
#include "client/profile_edit.h"

#define PROFILE_MAX (8 * CONF_VALUE_MAX)
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* ---- CAs ---- */

/* The next certificate of a text, alone; false at the end, and at one that is none. */
static bool next_certificate(const char **text, char one[static PKI_PEM_MAX],
			     struct pki_description *is)
{
	const char *begin = strstr(*text, BEGIN), *end = begin ? strstr(begin, END) : NULL;

	if (!end || end + strlen(END) - begin >= PKI_PEM_MAX - 1)
		return false;
	*text = end + strlen(END);
	snprintf(one, PKI_PEM_MAX, "%.*s\n", (int)(*text - begin), begin);
	return pki_describe(one, is, NULL) == 0;
}

static bool has(const char *text, const struct pki_description *wanted)
{
	char one[PKI_PEM_MAX];
	struct pki_description is;

	while (next_certificate(&text, one, &is))
		if (memcmp(is.fingerprint, wanted->fingerprint, sizeof(is.fingerprint)) == 0)
			return true;
	return false;
}

static bool is_among(struct bytes fingerprints, const struct pki_description *is)
{
	for (size_t at = 0; at + PKI_FINGERPRINT_LEN <= fingerprints.len; at += PKI_FINGERPRINT_LEN)
		if (memcmp(fingerprints.data + at, is->fingerprint, PKI_FINGERPRINT_LEN) == 0)
			return true;
	return false;
}

bool profile_merge_ca(const char *old, const char *fresh, struct bytes distrusted, int64_t now_s,
		      char merged[static CONF_VALUE_MAX + 1])
{
	struct pki_description is;
	char one[PKI_PEM_MAX];
	bool changed = false;

	snprintf(merged, CONF_VALUE_MAX + 1, "%s", fresh);
	for (const char *at = old; next_certificate(&at, one, &is);) {
		bool there = has(fresh, &is);
		bool keep = is.not_after_s > now_s && !is_among(distrusted, &is);

		if (!there && keep && strlen(merged) + strlen(one) <= CONF_VALUE_MAX)
			strcat(merged, one);
		else if (!there)
			changed = true;
	}
	for (const char *at = fresh; next_certificate(&at, one, &is);)
		changed = changed || !has(old, &is);
	return changed;
}

bool profile_follow_ca(struct profile *profile, const char *fresh, struct bytes distrusted,
		       int64_t now_s)
{
	char merged[CONF_VALUE_MAX + 1];

	/* else one public certificate in the wrong hands, once, would be trusted ever after */
	if (profile->system || !profile_merge_ca(profile->ca, fresh, distrusted, now_s, merged))
		return false;
	memcpy(profile->ca, merged, strlen(merged) + 1);
	profile->pin.given = false;
	return true;
}

/* ---- the file ---- */

static bool has_certificate(const struct profile *profile,
			    const uint8_t known[static PKI_FINGERPRINT_LEN])
{
	struct pki_description is = { 0 };

	if (!profile->certificate[0]) /* a user who logs in by password has none */
		return memcmp(is.fingerprint, known, PKI_FINGERPRINT_LEN) == 0;
	return pki_describe(profile->certificate, &is, NULL) == 0 &&
	       memcmp(is.fingerprint, known, PKI_FINGERPRINT_LEN) == 0;
}

static bool is_same_identity(const struct profile *a, const struct profile *b)
{
	struct pki_description one, other;

	if (!a->certificate[0] || !b->certificate[0])
		return !a->certificate[0] && !b->certificate[0];
	return pki_describe(a->certificate, &one, NULL) == 0 &&
	       pki_describe(b->certificate, &other, NULL) == 0 &&
	       memcmp(one.fingerprint, other.fingerprint, sizeof(one.fingerprint)) == 0 &&
	       pki_pair_check(a->certificate, a->key, NULL) == 0;
}

static bool is_same(const struct profile *a, const struct profile *b)
{
	return is_same_identity(a, b) && a->system == b->system && a->pin.given == b->pin.given &&
	       (a->ca[0] != '\0') == (b->ca[0] != '\0') && strcmp(a->server, b->server) == 0 &&
	       strcmp(a->user, b->user) == 0 && strcmp(a->interface, b->interface) == 0;
}

static char *edit(const char *text, const struct profile *now)
{
	char device[PKI_FINGERPRINT_TEXT];
	const struct profile_edit edits[] = {
		{ "trust", "fingerprint", NULL },
		{ "trust", "system", NULL },
		{ "trust", "ca", now->ca },
		{ "identity", "certificate", now->certificate },
		{ "identity", "key", now->key },
		{ "identity", "device", pki_fingerprint_text(now->device.fingerprint, device) },
	};
	/* a pin or the system stays as it is written: only a CA takes its place */
	size_t first = now->ca[0] ? 0 : 3;
	size_t end = now->certificate[0] ? ARRAY_LEN(edits) - !now->device.given : 3;

	return profile_edit(text, edits + first, end - first);
}

/* One profile at a time: they are large, and have keys. */
static int check(const char *path, const char *text, struct profile *found, struct err *err)
{
	struct bytes bytes = { (const uint8_t *)text, strlen(text) };

	return profile_read_text(found, path, bytes, err);
}

static int write_over(const char *path, const char *text, struct err *err)
{
	struct file_draft draft;
	int failed = file_draft_begin(&draft, path, true, err);

	if (failed == 0)
		failed = file_draft_commit(&draft, text, err);
	file_draft_drop(&draft);
	return failed;
}

static int save(const char *path, const char *text, const uint8_t known[static PKI_FINGERPRINT_LEN],
		const struct profile *now, struct profile *found, struct err *err)
{
	if (check(path, text, found, err) < 0)
		return -1;
	if (!has_certificate(found, known))
		return err_set(err, "%s has another certificate by now", path);
	char *edited = edit(text, now);
	if (!edited)
		return err_set(err, "out of memory");
	int failed = check(path, edited, found, err);
	if (!failed && !is_same(found, now))
		failed = err_set(err, "%s is not what this client was started with", path);
	if (!failed)
		failed = write_over(path, edited, err);
	file_forget(edited, strlen(edited));
	return failed;
}

int profile_save(const char *path, const uint8_t known[static PKI_FINGERPRINT_LEN],
		 const struct profile *now, struct err *err)
{
	struct profile *found = malloc(sizeof(*found));
	size_t len = 0;
	char *text = found ? file_read(path, PROFILE_MAX, &len, err) : NULL;
	int failed = -1;

	if (!found)
		err_set(err, "out of memory");
	if (text) {
		failed = save(path, text, known, now, found, err);
		explicit_bzero(found, sizeof(*found));
	}
	file_forget(text, len);
	free(found);
	return failed;
}
