/* SPDX-License-Identifier: Apache-2.0 */
/* client/connect_host.c - the running client and its host: who manages the interface, and whether
 * what we set up is still as we set it.
 *
 *	          nobody, or it lets go
 *	   THEIRS ----------------------> OURS      settings are made, DNS is told
 *	          <----------------------
 *	           a manager takes it               what is still ours is undone
 *
 * A manager may take an interface seconds after it appeared, or be started later, so we look
 * again: when the kernel reports a change of the interface, and every CARE_MS.
 */
#include "client/connect_private.h"

#define CARE_MS 2000

/* In an office the interface is a port of a bridge, and nobody's but ours. */
static bool may_be_theirs(const struct client *client)
{
	return !client->bridge && client->profile.manage != PROFILE_MANAGE_YES;
}

const char *connect_host_managed_by(const struct client *client)
{
	if (client->host_is_ours || client->manager != MANAGER_NONE)
		return manager_name[client->manager];
	return "nobody"; /* the profile forbids it us, and nobody else is there */
}

static void say_who_manages(const struct client *client)
{
	const char *name = client->profile.interface;

	if (client->manager != MANAGER_NONE)
		log_info("connect: %s is managed by %s: its settings, addresses, routes and DNS "
			 "are left to it",
			 name, manager_name[client->manager]);
	else if (!client->host_is_ours)
		log_info("connect: the settings of %s are left as they are (manage = no)", name);
	else
		log_info("connect: %s is managed by this client", name);
}

static int take(struct client *client, struct err *err)
{
	if (host_interface_apply(client->profile.interface, client->bridge != NULL, &client->saved,
				 err) < 0)
		return -1;
	client->host_is_ours = true;
	if (client->saved.missing[0])
		log_info("connect: this kernel lacks %s", client->saved.missing);
	return 0;
}

int connect_host_begin(struct client *client, struct err *err)
{
	const char *name = client->profile.interface;

	if (may_be_theirs(client))
		client->manager = manager_await(MANAGER_RUN, client->was_there ? name : NULL,
						client->index, MANAGER_LIMIT_MS);
	client->host_is_ours =
		client->manager == MANAGER_NONE && client->profile.manage != PROFILE_MANAGE_NO;
	if (client->host_is_ours && take(client, err) < 0)
		return -1;
	if (!client->host_is_ours)
		say_who_manages(client);
	if (client->bridge && link_join_bridge(client->link, name, client->bridge, err) < 0)
		return -1;
	return link_set_up(client->link, name, true, err);
}

/* One that we made goes with us, one that was there stays, and is down again if it was.  But not
 * NetworkManager's: it does not mind that a TAP has no carrier or is down, and would keep routes and
 * DNS servers which lead nowhere.  When the interface goes it takes them away, and makes a new one
 * that waits for us. */
void connect_host_end(struct client *client)
{
	const char *name = client->profile.interface;
	struct err err = { 0 };

	if (client->saved.index && host_interface_undo(&client->saved, &err) < 0)
		log_warning("connect: %s", err.text);
	if (!client->tap || !client->was_there || if_nametoindex(name) == 0)
		return;
	if (client->manager == MANAGER_NETWORK_MANAGER) {
		if (tap_end_interface(client->tap, &err) < 0)
			log_warning("connect: %s", err.text);
	} else if (!client->was_up && link_set_up(client->link, name, false, &err) < 0) {
		log_warning("connect: %s", err.text);
	}
}

/* Their settings of the resolver must stay, ours must go.  systemd-resolved keeps what networkd
 * says apart from what programs tell it; NetworkManager is such a program and overwrites ours. */
static void hand_over(struct client *client)
{
	struct err err = { 0 };

	if (host_interface_hand_over(&client->saved, &err) < 0)
		log_warning("connect: %s", err.text);
	client->host_is_ours = false;
	client->found = (struct host_found) { 0 };
	dns_hand_over(client->dns, client->manager == MANAGER_NETWORK_MANAGER);
}

static struct manager_look look_now(const struct client *client)
{
	/* where the settings were ours, those that NetworkManager makes are NetworkManager's */
	bool tells = client->was_there || client->host_is_ours;

	return manager_look(MANAGER_RUN, tells ? client->profile.interface : NULL, client->index);
}

static void look_for_manager(struct client *client)
{
	const char *name = client->profile.interface;
	struct manager_look look = look_now(client);
	struct err err = { 0 };

	/* who has it keeps it until it says otherwise */
	if (look.by == client->manager || look.undecided)
		return;
	client->manager = look.by;
	if (look.by != MANAGER_NONE && client->host_is_ours)
		hand_over(client);
	else if (look.by == MANAGER_NONE && client->profile.manage == PROFILE_MANAGE_AUTO &&
		 (take(client, &err) < 0 || link_set_up(client->link, name, true, &err) < 0))
		log_warning("connect: %s", err.text);
	say_who_manages(client);
}

static void look_at_settings(struct client *client)
{
	struct host_found found;

	host_interface_check(&client->saved, &found);
	if (found.restored[0]) {
		client->settings_restored++;
		log_warning(
			"connect: settings of %s were changed by another program, and put back: %s",
			client->profile.interface, found.restored);
	} else {
		strcpy(found.restored, client->found.restored);
	}
	if (found.wrong[0] && strcmp(found.wrong, client->found.wrong) != 0)
		log_warning("connect: settings of %s are wrong and stay so: %s",
			    client->profile.interface, found.wrong);
	client->found = found;
}

/* RFC 8106 says nothing of it, but who leads nowhere else need not know other names. */
static void look_at_routers(struct client *client)
{
	if (client->profile.dns == PROFILE_DNS_APPLY)
		dns_router(client->dns, client->heard.count > 0,
			   heard_default_router(&client->heard, uv_now(&client->loop)));
}

void connect_host_heard(struct client *client)
{
	if (!client->stopping && client->host_is_ours && !client->bridge)
		look_at_routers(client);
}

void connect_host_look(struct client *client)
{
	if (!client->stopping && may_be_theirs(client))
		look_for_manager(client);
}

void connect_host_on_care(uv_timer_t *timer)
{
	struct client *client = timer->data;

	if (client->stopping)
		return;
	connect_host_look(client);
	/* Only here: who is taking the interface changes settings first, and shall not be fought. */
	if (client->host_is_ours) {
		look_at_settings(client);
		connect_host_heard(client);
		dns_look(client->dns);
	}
	uv_timer_start(timer, connect_host_on_care, CARE_MS, 0);
}
