/* SPDX-License-Identifier: Apache-2.0 */
/* client/manager.h
 *
 * Does systemd-networkd or NetworkManager manage an interface of ours?  Both take Router
 * Advertisements themselves, in user space, and tell the resolver: the client then stands back.
 * Read from what they write below /run for others to see; no bus, no program.
 *
 * Their files name interfaces by index.  Where another network namespace shares its managers'
 * /run (`ip netns exec`), that is another interface: there the profile says who manages.
 */
#ifndef CLIENT_MANAGER_H
#define CLIENT_MANAGER_H

#include <stdbool.h>

#define MANAGER_RUN "/run"
#define MANAGER_LIMIT_MS 150 /* for a manager to take a new interface */

enum manager { MANAGER_NONE, MANAGER_NETWORKD, MANAGER_NETWORK_MANAGER, MANAGERS };

extern const char *const manager_name[MANAGERS]; /* "lanyard" where there is none: we do it */

struct manager_look {
	enum manager by;
	bool undecided; /* one that seems to run has not yet said whether it does */
};

/*
 * `run`: the folder /run.  `index` is the interface's; `name` too where its settings tell
 * something: somebody else made it before us, or they were ours.  Else NULL.
 */
struct manager_look manager_look(const char *run, const char *name, int index);
/* Looks until they have decided, at most that long; then it is nobody.  Blocks. */
enum manager manager_await(const char *run, const char *name, int index, unsigned limit_ms);

#endif
