/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/aead.c
 *
 * What each AEAD back end of this machine does on one core, in MB of plaintext per second: sealing
 * in parts as the record layer makes them (a message's head, a frame, the record's type), and
 * opening to another place.  Every figure is the median of rounds that take turns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tls/aead.h"

#define HEAD_LEN 12
#define BODY_MAX (16384 - HEAD_LEN)
#define RECORD_HEADER_LEN 5
#define ROUNDS 11
#define ROUND_BYTES 8000000u
/* A call costs about as much as so many bytes, so that rounds of all sizes take about as long. */
#define CALL_BYTES 500
#define RUNS_MAX 32

static const enum tls_suite suites[] = { TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256 };
static const size_t sizes[] = { 64, 1400, BODY_MAX };

struct run {
	const struct aead_backend *backend;
	enum tls_suite suite;
	struct aead_key *key;
	size_t body_len;
	double seal_mb[ROUNDS], open_mb[ROUNDS]; /* per second */
};

static const uint8_t nonce[AEAD_NONCE_LEN], header[RECORD_HEADER_LEN];
static const struct bytes associated = { .data = header, .len = sizeof(header) };
static uint8_t head[HEAD_LEN], body[BODY_MAX], type = 23;
static uint8_t sealed[RECORD_HEADER_LEN + HEAD_LEN + BODY_MAX + 1 + AEAD_TAG_LEN];
static uint8_t opened[sizeof(sealed)];

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t plain_len(const struct run *run)
{
	return HEAD_LEN + run->body_len + 1;
}

static void seal_once(const struct run *run)
{
	const struct bytes part[] = {
		{ .data = head, .len = sizeof(head) },
		{ .data = body, .len = run->body_len },
		{ .data = &type, .len = 1 },
	};

	run->backend->seal(run->key, nonce, associated, part, ARRAY_LEN(part),
			   sealed + RECORD_HEADER_LEN);
}

static void open_once(const struct run *run)
{
	struct bytes text = { .data = sealed + RECORD_HEADER_LEN,
			      .len = plain_len(run) + AEAD_TAG_LEN };

	if (!run->backend->open(run->key, nonce, associated, text, opened)) {
		fprintf(stderr, "%s does not open what it sealed\n", run->backend->name);
		exit(1);
	}
}

/* Megabytes per second. */
static double measure(const struct run *run, void (*once)(const struct run *run))
{
	size_t count = ROUND_BYTES / (plain_len(run) + CALL_BYTES);
	double start_s = now_s();

	for (size_t i = 0; i < count; i++)
		once(run);
	return (double)(count * plain_len(run)) / (now_s() - start_s) / 1e6;
}

static unsigned make_runs(struct run *run)
{
	static const uint8_t key[32] = "any key will do for measurements";
	unsigned count = 0;

	for (size_t s = 0; s < ARRAY_LEN(suites); s++) {
		for (const struct aead_backend *const *each = aead_backends(); *each; each++) {
			for (size_t i = 0; (*each)->serves(suites[s]) && i < ARRAY_LEN(sizes);
			     i++) {
				run[count] = (struct run) {
					.backend = *each,
					.suite = suites[s],
					.key = (*each)->key_new(suites[s], key),
					.body_len = sizes[i],
				};
				if (!run[count].key || ++count == RUNS_MAX)
					exit(1);
			}
		}
	}
	return count;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *value)
{
	qsort(value, ROUNDS, sizeof(*value), by_size);
	return value[ROUNDS / 2];
}

int main(void)
{
	static struct run run[RUNS_MAX];
	unsigned count = make_runs(run);

	for (const struct aead_backend *const *each = aead_backends(); *each; each++)
		printf("%s: %s\n", (*each)->name, (*each)->about());
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < count; i++) {
			run[i].seal_mb[round] = measure(&run[i], seal_once);
			run[i].open_mb[round] = measure(&run[i], open_once);
		}
	}
	printf("%-30s %-16s %8s %12s %12s\n", "suite", "back end", "frame", "seal MB/s",
	       "open MB/s");
	for (unsigned i = 0; i < count; i++) {
		printf("%-30s %-16s %8zu %12.0f %12.0f\n", tls_suite_name(run[i].suite),
		       run[i].backend->name, run[i].body_len, median(run[i].seal_mb),
		       median(run[i].open_mb));
		run[i].backend->key_free(run[i].key);
	}
	return 0;
}
