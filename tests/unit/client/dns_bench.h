/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client/dns_bench.h
 *
 * For tests of client/dns.h: resolvers' programs of our own in a folder of our own, which write
 * down how they were called, and the options of an advertisement.
 */
#ifndef TESTS_DNS_BENCH_H
#define TESTS_DNS_BENCH_H

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program.h"
#include "client/dns.h"
#include "tests/unit/namespace.h"

struct bench {
	char folder[64], mark[96], run[96], told[4096];
	uv_loop_t loop;
	struct dns *dns;
	unsigned changed;
	bool closed;
};

static inline void on_changed(void *owner)
{
	((struct bench *)owner)->changed++;
}

static inline void on_closed(void *owner)
{
	((struct bench *)owner)->closed = true;
}

static const struct dns_events events = { .changed = on_changed };

static inline void write_file(const char *folder, const char *name, const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
}

/* Writes each call as a line, "name [argument] ...", and what it reads as lines behind '<'. */
#define RECORD                                                                     \
	"#!/bin/sh\n"                                                              \
	"cd \"${0%/*}\"\n"                                                         \
	"{ printf %s \"${0##*/}\"; for a; do printf ' [%s]' \"$a\"; done; echo;\n" \
	"while read -r line; do echo \"< $line\"; done; } >> told\n"

static inline void bench_open(struct bench *bench, const char *resolvectl, const char *resolvconf,
			      bool resolved_runs)
{
	*bench = (struct bench) { .folder = "/tmp/lanyard-test-XXXXXX" };
	assert_non_null(mkdtemp(bench->folder));
	if (resolvectl)
		write_file(bench->folder, "resolvectl", resolvectl);
	if (resolvconf)
		write_file(bench->folder, "resolvconf", resolvconf);
	snprintf(bench->mark, sizeof(bench->mark), "%s/stub-resolv.conf", bench->folder);
	snprintf(bench->run, sizeof(bench->run), "%s/resolvconf-run", bench->folder);
	if (resolved_runs)
		write_file(bench->folder, "stub-resolv.conf", "");
	assert_int_equal(uv_loop_init(&bench->loop), 0);

	struct err err = { 0 };
	struct dns_config config = {
		.interface = "tap0",
		.search = bench->folder,
		.resolved_file = bench->mark,
		.resolvconf_run = bench->run,
		.limit_ms = 2000,
	};
	bench->dns = dns_new(&bench->loop, &config, &events, bench, &err);
	if (!bench->dns)
		fail_msg("%s", err.text);
}

static inline int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	return remove(path);
}

static inline void turn(struct bench *bench)
{
	uv_run(&bench->loop, UV_RUN_NOWAIT);
}

/* What the programs wrote down since told() was called; they may be at it. */
static inline const char *peek_told(struct bench *bench)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/told", bench->folder);
	memset(bench->told, 0, sizeof(bench->told));
	FILE *file = fopen(path, "re");
	if (file) {
		assert_true(fread(bench->told, 1, sizeof(bench->told) - 1, file) <
			    sizeof(bench->told) - 1);
		fclose(file);
	}
	return bench->told;
}

/* The same, when no program runs. */
static inline const char *told(struct bench *bench)
{
	char path[96];

	peek_told(bench);
	snprintf(path, sizeof(path), "%s/told", bench->folder);
	unlink(path);
	return bench->told;
}

static inline void bench_close(struct bench *bench)
{
	if (!bench->closed)
		dns_close(bench->dns, on_closed);
	until((turn(bench), bench->closed), "the end does not come");
	turn(bench);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	nftw(bench->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* RFC 8106 5.1. */
static inline void servers(struct bench *bench, const char *list, uint32_t lifetime_s)
{
	uint8_t bytes[256];
	struct writer w = writer_over(bytes, sizeof(bytes));
	char text[256], *rest = text, *word;
	struct err err;

	writer_u8(&w, 25);
	writer_u8(&w, 0);
	writer_u16(&w, 0);
	writer_u32(&w, lifetime_s);
	snprintf(text, sizeof(text), "%s", list);
	while ((word = strsep(&rest, " "))) {
		struct ip6 address;

		assert_int_equal(ip6_parse(word, &address, &err), 0);
		writer_copy(&w, &address, sizeof(address));
	}
	assert_false(w.full);
	bytes[1] = (uint8_t)(w.len / 8);
	uv_update_time(&bench->loop);
	dns_option(bench->dns, writer_bytes(&w));
}

/* RFC 8106 5.2, of domains with two labels. */
static inline void search(struct bench *bench, const char *list, uint32_t lifetime_s)
{
	uint8_t bytes[256];
	struct writer w = writer_over(bytes, sizeof(bytes));
	char text[256], *rest = text, *word;

	writer_u8(&w, 31);
	writer_u8(&w, 0);
	writer_u16(&w, 0);
	writer_u32(&w, lifetime_s);
	snprintf(text, sizeof(text), "%s", list);
	while ((word = strsep(&rest, " "))) {
		for (char *label; (label = strsep(&word, "."));) {
			writer_u8(&w, (uint8_t)strlen(label));
			writer_copy(&w, label, strlen(label));
		}
		writer_u8(&w, 0);
	}
	writer_zero(&w, (8 - w.len % 8) % 8);
	assert_false(w.full);
	bytes[1] = (uint8_t)(w.len / 8);
	uv_update_time(&bench->loop);
	dns_option(bench->dns, writer_bytes(&w));
}

/* Waits for the next event. */
static inline void await_change(struct bench *bench, const char *what)
{
	unsigned before = bench->changed;

	until((turn(bench), bench->changed > before), "%s: nothing changed", what);
}

#endif
