/* SPDX-License-Identifier: Apache-2.0 */
/* client/host.h
 *
 * What the client asks of the host it runs on, apart from netlink: the settings that make the
 * kernel believe Router Advertisements on the tunnel's interface, and who this host is.
 * host_linux.c is Linux; another system has its own host_*.c behind this header.
 */
#ifndef CLIENT_HOST_H
#define CLIENT_HOST_H

#include <net/if.h>

#include "base/packet.h"

#define HOST_MAX_SETTINGS 16
#define HOST_DEVICE_NAME 64 /* with its NUL */

/* What an interface's settings were; host_linux.c knows what `which` means. */
struct host_saved {
	char name[IF_NAMESIZE];
	unsigned index; /* 0: nothing to undo */
	unsigned count;
	struct {
		unsigned which;
		char before[16];
	} setting[HOST_MAX_SETTINGS];
	/* Settings that this kernel does not have, a space between them; empty: it has all.
	 * The tunnel works without (optimistic DAD: a second later). */
	char missing[256];
};

/*
 * Makes interface `name` accept Router Advertisements with routes of any length, even on a
 * host that forwards, and use its addresses at once; best before it is up.  `office`: it is a
 * port of a bridge and must take no addresses itself.  Values that are right already are not
 * touched.  -1 and a sentence; everything is then as it was.
 */
int host_interface_apply(const char *name, bool office, struct host_saved *saved, struct err *err);
/* Puts the settings back, if the interface is still the same one; `saved` is then empty. */
int host_interface_undo(struct host_saved *saved, struct err *err);

/* The host's name up to its first dot, letters, digits, '-' and '_' only. */
void host_device_name(char name[static HOST_DEVICE_NAME]);

/*
 * A locally administered unicast MAC that is the same whenever this machine brings up an
 * interface of this name with this certificate: so it gets the same SLAAC address after a
 * crash and a reboot.  False if the machine has no identity of its own (/etc/machine-id): the
 * MAC then lasts until the next boot.
 */
bool host_mac_for(const char *interface, const uint8_t fingerprint[static 32], struct mac *mac);

#endif
