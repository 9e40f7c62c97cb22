/* SPDX-License-Identifier: Apache-2.0 */
/* tls/aead_ipsec_mb.c
 *
 * AEAD by intel-ipsec-mb, faster than libsodium's in both suites.  x86-64 only, and only where
 * the library is when the program starts: it is opened by name, so that one program runs with
 * and without it.  This file is built where its header is.
 *
 * Used is the library's direct API, function pointers that take everything they work on as
 * arguments; none takes the manager that they are found in, so it is given back at once.
 * They read each part where it lies and write its ciphertext where it goes: nothing is
 * gathered.  (Gathering records below 500 bytes would save some 20 ns of one.)
 */
#include <dlfcn.h>
#include <intel-ipsec-mb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tls/aead.h"

#define KEY_ALIGNMENT 64 /* struct gcm_key_data says so only to the library's own build */

#define CPU_FEATURES (IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ)

struct aead_key {
	union {
		struct gcm_key_data gcm; /* the expanded key */
		uint8_t chacha[32];
	} of;
	enum tls_suite suite;
};

/* What was found; written once, under `once`, and only read from then on. */
static struct {
	bool usable;
	char about[80];
	struct {
		aes_gcm_pre_t expand_key;
		aes_gcm_enc_dec_t seal, open;
		aes_gcm_init_t init;
		aes_gcm_enc_dec_update_t seal_part;
		aes_gcm_enc_dec_finalize_t finish;
	} gcm;
	struct {
		chacha_poly_init_t init;
		chacha_poly_enc_dec_update_t seal_part, open_part;
		chacha_poly_finalize_t finish;
	} chacha;
} library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(library.about, sizeof(library.about), format, arguments);
	va_end(arguments);
}

static const char *cpu_kind(IMB_ARCH arch)
{
	switch ((int)arch) { /* which there are differs from version to version */
	case IMB_ARCH_SSE: return "sse";
	case IMB_ARCH_AVX2: return "avx2";
	case IMB_ARCH_AVX512: return "avx512";
#if IMB_VERSION_NUM < IMB_VERSION(2, 0, 0)
	case IMB_ARCH_AVX: return "avx";
#endif
	}
	return "other";
}

/* Takes what we use of a manager that was set up for this CPU. */
static void take_functions(const IMB_MGR *manager, int error, IMB_ARCH arch)
{
	bool self_test_failed = (manager->features & IMB_FEATURE_SELF_TEST) &&
				!(manager->features & IMB_FEATURE_SELF_TEST_PASS);

	if (error != 0 || self_test_failed) {
		say("its set-up failed, error %d%s", error, self_test_failed ? ", self-test" : "");
		return;
	}
	/* Without them the library emulates AES in tables, whose timing tells about the key. */
	if ((manager->features & CPU_FEATURES) != CPU_FEATURES) {
		say("this CPU has no AES and carry-less multiplication");
		return;
	}
	library.gcm.expand_key = manager->gcm256_pre;
	library.gcm.seal = manager->gcm256_enc;
	library.gcm.open = manager->gcm256_dec;
	library.gcm.init = manager->gcm256_init;
	library.gcm.seal_part = manager->gcm256_enc_update;
	library.gcm.finish = manager->gcm256_enc_finalize;
	library.chacha.init = manager->chacha20_poly1305_init;
	library.chacha.seal_part = manager->chacha20_poly1305_enc_update;
	library.chacha.open_part = manager->chacha20_poly1305_dec_update;
	library.chacha.finish = manager->chacha20_poly1305_finalize;
	library.usable = true;
	say("%s, %s", IMB_VERSION_STR, cpu_kind(arch));
}

static void set_up(void *handle)
{
	IMB_MGR *(*manager_new)(uint64_t) = (IMB_MGR * (*)(uint64_t)) dlsym(handle, "alloc_mb_mgr");
	void (*manager_free)(IMB_MGR *) = (void (*)(IMB_MGR *))dlsym(handle, "free_mb_mgr");
	int (*manager_errno)(IMB_MGR *) = (int (*)(IMB_MGR *))dlsym(handle, "imb_get_errno");
	void (*manager_init)(IMB_MGR *, IMB_ARCH *) =
		(void (*)(IMB_MGR *, IMB_ARCH *))dlsym(handle, "init_mb_mgr_auto");
	IMB_ARCH arch = IMB_ARCH_NONE;

	if (!manager_new || !manager_free || !manager_errno || !manager_init) {
		say("the library lacks a function");
		return;
	}
	IMB_MGR *manager = manager_new(0);
	if (!manager) {
		say("out of memory");
		return;
	}
	manager_init(manager, &arch);
	take_functions(manager, manager_errno(manager), arch);
	manager_free(manager);
}

/*
 * The library promises less than its soname: within one, the manager's pointers keep their
 * places, but of struct gcm_key_data, which it writes to memory of ours, nothing is said, and
 * it has grown before.  So only the very version that we were compiled for will do.
 */
static void open_library(void)
{
	char name[32];

	/* The soname's number is the major version. */
	snprintf(name, sizeof(name), "libIPSec_MB.so.%u", (unsigned)IMB_VERSION_NUM >> 16);
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		say("no %s", name);
		return;
	}
	unsigned (*version)(void) = (unsigned (*)(void))dlsym(handle, "imb_get_version");
	if (!version || version() != IMB_VERSION_NUM)
		say("%s is not version %s", name, IMB_VERSION_STR);
	else
		set_up(handle);
	if (!library.usable)
		dlclose(handle);
}

static bool is_usable(void)
{
	return pthread_once(&once, open_library) == 0 && library.usable;
}

static const char *ipsec_mb_about(void)
{
	is_usable();
	return library.about;
}

static bool ipsec_mb_serves(enum tls_suite suite)
{
	switch (suite) {
	case TLS_AES_256_GCM_SHA384:
	case TLS_CHACHA20_POLY1305_SHA256: return is_usable();
	}
	return false;
}

static struct aead_key *ipsec_mb_key_new(enum tls_suite suite, const uint8_t key[32])
{
	void *memory;

	if (posix_memalign(&memory, KEY_ALIGNMENT, sizeof(struct aead_key)) != 0)
		return NULL;
	struct aead_key *made = memory;
	made->suite = suite;
	switch (suite) {
	case TLS_AES_256_GCM_SHA384: library.gcm.expand_key(key, &made->of.gcm); break;
	case TLS_CHACHA20_POLY1305_SHA256:
		memcpy(made->of.chacha, key, sizeof(made->of.chacha));
		break;
	}
	return made;
}

static void ipsec_mb_key_free(struct aead_key *key)
{
	if (!key)
		return;
	sodium_memzero(key, sizeof(*key));
	free(key);
}

static void gcm_seal(const struct gcm_key_data *key, const uint8_t *nonce, struct bytes associated,
		     const struct bytes *part, unsigned part_count, uint8_t *out)
{
	struct gcm_context_data context;

	if (part_count == 1) {
		library.gcm.seal(key, &context, out, part->data, part->len, nonce, associated.data,
				 associated.len, out + part->len, AEAD_TAG_LEN);
		return;
	}
	library.gcm.init(key, &context, nonce, associated.data, associated.len);
	for (unsigned i = 0; i < part_count; i++) {
		if (part[i].len == 0)
			continue;
		library.gcm.seal_part(key, &context, out, part[i].data, part[i].len);
		out += part[i].len;
	}
	library.gcm.finish(key, &context, out, AEAD_TAG_LEN);
	/* what was left of the last block's key stream */
	sodium_memzero(context.partial_block_enc_key, sizeof(context.partial_block_enc_key));
}

static void chacha_seal(const uint8_t *key, const uint8_t *nonce, struct bytes associated,
			const struct bytes *part, unsigned part_count, uint8_t *out)
{
	struct chacha20_poly1305_context_data context;

	library.chacha.init(key, &context, nonce, associated.data, associated.len);
	for (unsigned i = 0; i < part_count; i++) {
		if (part[i].len == 0)
			continue;
		library.chacha.seal_part(key, &context, out, part[i].data, part[i].len);
		out += part[i].len;
	}
	library.chacha.finish(&context, out, AEAD_TAG_LEN);
	sodium_memzero(&context, sizeof(context)); /* this nonce's authentication key */
}

static void ipsec_mb_seal(const struct aead_key *key, const uint8_t nonce[AEAD_NONCE_LEN],
			  struct bytes associated, const struct bytes *part, unsigned part_count,
			  uint8_t *out)
{
	switch (key->suite) {
	case TLS_AES_256_GCM_SHA384:
		gcm_seal(&key->of.gcm, nonce, associated, part, part_count, out);
		break;
	case TLS_CHACHA20_POLY1305_SHA256:
		chacha_seal(key->of.chacha, nonce, associated, part, part_count, out);
		break;
	}
}

/* Both decrypt `sealed` to `out` and say what its tag should be: the library leaves it to us
 * to compare. */
static void gcm_open(const struct gcm_key_data *key, const uint8_t *nonce, struct bytes associated,
		     struct bytes sealed, uint8_t *out, uint8_t tag[AEAD_TAG_LEN])
{
	struct gcm_context_data context;

	library.gcm.open(key, &context, out, sealed.data, sealed.len, nonce, associated.data,
			 associated.len, tag, AEAD_TAG_LEN);
}

static void chacha_open(const uint8_t *key, const uint8_t *nonce, struct bytes associated,
			struct bytes sealed, uint8_t *out, uint8_t tag[AEAD_TAG_LEN])
{
	struct chacha20_poly1305_context_data context;

	library.chacha.init(key, &context, nonce, associated.data, associated.len);
	if (sealed.len > 0)
		library.chacha.open_part(key, &context, out, sealed.data, sealed.len);
	library.chacha.finish(&context, tag, AEAD_TAG_LEN);
	sodium_memzero(&context, sizeof(context));
}

static bool ipsec_mb_open(const struct aead_key *key, const uint8_t nonce[AEAD_NONCE_LEN],
			  struct bytes associated, struct bytes sealed, uint8_t *out)
{
	struct bytes text = { .data = sealed.data, .len = sealed.len - AEAD_TAG_LEN };
	uint8_t tag[AEAD_TAG_LEN];

	/* A call that the library refuses would leave this, which is never the tag that came. */
	for (unsigned i = 0; i < sizeof(tag); i++)
		tag[i] = (uint8_t)~text.data[text.len + i];
	switch (key->suite) {
	case TLS_AES_256_GCM_SHA384:
		gcm_open(&key->of.gcm, nonce, associated, text, out, tag);
		break;
	case TLS_CHACHA20_POLY1305_SHA256:
		chacha_open(key->of.chacha, nonce, associated, text, out, tag);
		break;
	}
	bool genuine = sodium_memcmp(tag, text.data + text.len, sizeof(tag)) == 0;
	/* The right tag for a forger's bytes, and what they decrypt to, is nobody's business. */
	sodium_memzero(tag, sizeof(tag));
	if (!genuine)
		sodium_memzero(out, text.len);
	return genuine;
}

const struct aead_backend aead_ipsec_mb = {
	.name = "intel-ipsec-mb",
	.about = ipsec_mb_about,
	.serves = ipsec_mb_serves,
	.key_new = ipsec_mb_key_new,
	.key_free = ipsec_mb_key_free,
	.seal = ipsec_mb_seal,
	.open = ipsec_mb_open,
};
