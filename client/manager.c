/* SPDX-License-Identifier: Apache-2.0 */
/* client/manager.c
 *
 * systemd-networkd writes RUN/systemd/netif/links/INDEX (sd-network.h reads the same), NetworkManager
 * RUN/NetworkManager/devices/INDEX (NetworkManager.conf(5), nm-settings-keyfile(5)).
 */
#include "client/manager.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"

#define STEP_MS 5
#define VALUE_MAX 64
#define MAX_CONNECTIONS 256

const char *const manager_name[] = {
	[MANAGER_NONE] = "lanyard",
	[MANAGER_NETWORKD] = "systemd-networkd",
	[MANAGER_NETWORK_MANAGER] = "NetworkManager",
};
_Static_assert(ARRAY_LEN(manager_name) == MANAGERS, "name every manager");

/* The value of the first line "key=value" of a file; false, and empty, if there is none. */
static bool read_value(const char *path, const char *key, char value[static VALUE_MAX])
{
	FILE *file = fopen(path, "re");
	char line[256];
	size_t len = strlen(key);
	bool found = false;

	value[0] = '\0';
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, key, len) != 0 || line[len] != '=')
			continue;
		snprintf(value, VALUE_MAX, "%.*s", VALUE_MAX - 1, line + len + 1);
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

static bool is_there(const char *run, const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", run, folder);
	return access(path, F_OK) == 0;
}

/* ---- systemd-networkd ---- */

static struct manager_look ask_networkd(const char *run, int index)
{
	/* what is not named here (configuring, configured, failed) is an interface that it took */
	static const struct {
		const char *state;
		bool undecided;
	} not_its[] = { { "pending", true },	 /* it waits for udev */
			{ "initialized", true }, /* it looks for a .network file */
			{ "unmanaged", false },
			{ "linger", false } }; /* the interface is gone */
	char path[PATH_MAX], state[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/systemd/netif/links/%d", run, index);
	if (!read_value(path, "ADMIN_STATE", state)) /* where it runs it has said something of lo */
		return (struct manager_look) { .undecided =
						       is_there(run, "systemd/netif/links/1") };
	for (size_t i = 0; i < ARRAY_LEN(not_its); i++)
		if (strcmp(state, not_its[i].state) == 0)
			return (struct manager_look) { .undecided = not_its[i].undecided };
	return (struct manager_look) { .by = MANAGER_NETWORKD };
}

/* ---- NetworkManager ---- */

/* A connection that somebody else made and that it only describes is in its own words external:
 * it lies in memory, and says so. */
static bool is_external(const char *run, const char *uuid)
{
	char folder[PATH_MAX], path[PATH_MAX], value[VALUE_MAX];
	bool external = false;

	snprintf(folder, sizeof(folder), "%s/NetworkManager/system-connections", run);
	DIR *all = opendir(folder);
	for (unsigned i = 0; all && i < MAX_CONNECTIONS && !external; i++) {
		const struct dirent *entry = readdir(all);

		if (!entry)
			break;
		int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		external = len > 0 && (size_t)len < sizeof(path) &&
			   read_value(path, "uuid", value) && strcmp(value, uuid) == 0 &&
			   read_value(path, "external", value) && strcmp(value, "true") == 0;
	}
	if (all)
		closedir(all);
	return external;
}

/* NetworkManager makes the interface of a connection itself, and names the connection in its file
 * only when it is up, which takes an advertisement.  But it shows before that the interface is
 * its own: no addresses of the kernel's, no advertisements for the kernel. */
static bool is_prepared(const char *name)
{
	static const struct {
		const char *key;
		int value;
	} its[] = { { "addr_gen_mode", 1 }, { "accept_ra", 0 } };

	for (size_t i = 0; i < ARRAY_LEN(its); i++) {
		char path[PATH_MAX];
		int value = -1;

		snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", name, its[i].key);
		FILE *file = fopen(path, "re");
		bool same = file && fscanf(file, "%d", &value) == 1 && value == its[i].value;
		if (file)
			fclose(file);
		if (!same)
			return false;
	}
	return true;
}

static struct manager_look ask_network_manager(const char *run, const char *name, int index)
{
	char path[PATH_MAX], managed[VALUE_MAX], uuid[VALUE_MAX];

	snprintf(path, sizeof(path), "%s/NetworkManager/devices/%d", run, index);
	bool runs = is_there(run, "NetworkManager/devices");
	bool known = read_value(path, "managed", managed);

	if (known && strcmp(managed, "true") != 0)
		return (struct manager_look) { 0 };
	if (!known || !read_value(path, "connection-uuid", uuid)) {
		bool its_own = runs && name && is_prepared(name);

		return (struct manager_look) {
			.by = its_own ? MANAGER_NETWORK_MANAGER : MANAGER_NONE,
			.undecided = runs && !its_own,
		};
	}
	if (is_external(run, uuid))
		return (struct manager_look) { 0 };
	return (struct manager_look) { .by = MANAGER_NETWORK_MANAGER };
}

struct manager_look manager_look(const char *run, const char *name, int index)
{
	struct manager_look networkd = ask_networkd(run, index);
	struct manager_look network_manager = ask_network_manager(run, name, index);

	if (networkd.by != MANAGER_NONE)
		return networkd;
	if (network_manager.by != MANAGER_NONE)
		return network_manager;
	return (struct manager_look) { .undecided =
					       networkd.undecided || network_manager.undecided };
}

enum manager manager_await(const char *run, const char *name, int index, unsigned limit_ms)
{
	struct manager_look look = manager_look(run, name, index);

	for (unsigned waited_ms = 0;
	     look.by == MANAGER_NONE && look.undecided && waited_ms < limit_ms;
	     waited_ms += STEP_MS) {
		poll(NULL, 0, STEP_MS);
		look = manager_look(run, name, index);
	}
	return look.by;
}
