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
#include <stdbool.h>

#include "base/packet.h"

#define HOST_MAX_SETTINGS 24
#define HOST_MAX_RESTORES 5 /* of one setting; then somebody else wants it otherwise for good */
#define HOST_VALUE 16	    /* of a setting, as text with its NUL */
#define HOST_DEVICE_NAME 64 /* with its NUL */

/* What an interface's settings were; host_linux.c knows what `which` means. */
struct host_saved {
	char name[IF_NAMESIZE];
	unsigned index; /* 0: nothing to undo */
	bool office;
	unsigned count;
	struct {
		unsigned which;
		char before[HOST_VALUE];
	} setting[HOST_MAX_SETTINGS];
	uint8_t restores[HOST_MAX_SETTINGS]; /* by row of the table */
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

/*
 * The interface has another manager from now on, which takes Router Advertisements itself: puts
 * back what is as we set it, leaves what the manager has set since, and keeps the kernel's hands
 * off the advertisements.  `saved` is then empty.
 */
int host_interface_hand_over(struct host_saved *saved, struct err *err);

/* What host_interface_check found, as text "accept_ra (0, not 2), ..."; empty: nothing. */
struct host_found {
	char restored[192]; /* and put back */
	char wrong[192];    /* and left: it was put back too often, or cannot be */
};
/*
 * Looks at all settings again: sysctl(8), a manager or a hook may have changed them.  The
 * interface is ours and the tunnel does not work without them, so they are put back, but
 * HOST_MAX_RESTORES times at most: against a program that insists we lose.
 */
void host_interface_check(struct host_saved *saved, struct host_found *found);

/* Does it forward IPv6 from one interface to another? */
bool host_forwards(void);

/* The host's name up to its first dot, letters, digits, '-' and '_' only. */
void host_device_name(char name[static HOST_DEVICE_NAME]);

/*
 * A locally administered unicast MAC that is the same whenever this machine brings up an
 * interface of this name with this certificate: so it gets the same SLAAC address after a
 * crash and a reboot.  False if the machine has no identity of its own (/etc/machine-id): the
 * MAC then lasts until the next boot.
 */
bool host_mac_for(const char *interface, const uint8_t fingerprint[static 32], struct mac *mac);

/*
 * 16 bytes that are this machine's for as long as its /etc/machine-id, and tell nobody what is in
 * there: the same after a reboot, with another certificate, interface or version of this program.
 * A machine without one: its certificate's instead.
 */
void host_uuid(const uint8_t fingerprint[static 32], uint8_t uuid[static 16]);

/* This process leaves no core dump from now on, and no other user's debugger may look into it.
 * -1 and a sentence. */
int host_no_core_dump(struct err *err);

#endif
