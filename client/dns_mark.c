/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns_mark.c - what resolvers leave below /run: systemd-resolved.service(8), resolvconf(8). */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/dns_mark.h"

#define SOCKET "io.systemd.Resolve"

static void note_socket(const char *resolved_file, struct dns_mark *mark)
{
	const char *slash = strrchr(resolved_file, '/');
	char path[PATH_MAX];
	struct stat is;

	snprintf(path, sizeof(path), "%.*s/" SOCKET, slash ? (int)(slash - resolved_file) : 0,
		 resolved_file);
	if (stat(path, &is) < 0)
		return;
	mark->inode = is.st_ino;
	mark->changed_ns = (uint64_t)is.st_ctim.tv_sec * 1000000000 + (uint64_t)is.st_ctim.tv_nsec;
}

struct dns_mark dns_mark_of(const char *resolved_file, const char *resolvconf_run,
			    const char *record)
{
	/* Debian's, openresolv before and since 3.13 */
	static const char *const folders[] = { "interface", "interfaces", "keys" };
	struct dns_mark mark = { .runs = access(resolved_file, F_OK) == 0 };

	if (mark.runs)
		note_socket(resolved_file, &mark);
	for (unsigned i = 0; i < ARRAY_LEN(folders); i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s/%s", resolvconf_run, folders[i], record);
		mark.has_record |= access(path, F_OK) == 0;
	}
	return mark;
}

bool dns_mark_is_stale(const struct dns_mark *then, const struct dns_mark *now,
		       enum dns_resolver told)
{
	/* It comes first where it is there, whoever was told until now.  One that was there and would
	 * not be told is not asked again and again: the next advertisement is soon enough. */
	if (now->runs &&
	    (!then->runs || now->inode != then->inode || now->changed_ns != then->changed_ns))
		return true;
	switch (told) {
	case DNS_RESOLVED: return !now->runs;
	case DNS_RESOLVCONF: return then->has_record && !now->has_record;
	case DNS_NO_RESOLVER: break;
	}
	return false;
}
