/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns_call.c - the arguments and the input of resolvectl(1) and resolvconf(8). */
#include <stdio.h>

#include "client/dns_call.h"

const char *const dns_resolver_name[] = {
	[DNS_RESOLVED] = "systemd-resolved",
	[DNS_RESOLVCONF] = "resolvconf",
	[DNS_NO_RESOLVER] = "none",
};
const char *const dns_resolver_program[] = {
	[DNS_RESOLVED] = "resolvectl",
	[DNS_RESOLVCONF] = "resolvconf",
};
_Static_assert(ARRAY_LEN(dns_resolver_name) == DNS_NO_RESOLVER + 1, "name every resolver");
_Static_assert(ARRAY_LEN(dns_resolver_program) == DNS_NO_RESOLVER, "each has a program");

const enum dns_step *dns_apply_steps(enum dns_resolver resolver)
{
	static const enum dns_step steps[][6] = {
		[DNS_RESOLVED] = { DNS_STEP_SERVERS, DNS_STEP_DOMAINS, DNS_STEP_DEFAULT_ROUTE,
				   DNS_STEP_MDNS, DNS_STEP_LLMNR, DNS_STEP_END },
		[DNS_RESOLVCONF] = { DNS_STEP_RECORD, DNS_STEP_END },
		[DNS_NO_RESOLVER] = { DNS_STEP_END },
	};

	return steps[resolver];
}

bool dns_step_is_extra(enum dns_step step)
{
	return step == DNS_STEP_MDNS || step == DNS_STEP_LLMNR;
}

static void add(struct dns_call *call, const char *argument)
{
	call->argument[call->count++] = (char *)argument;
}

static void server_texts(struct dns_call *call, const char *interface,
			 const struct dns_table *table)
{
	for (unsigned i = 0; i < table->server_count; i++) {
		const struct ip6 *address = &table->server[i].address;
		char text[IP6_TEXT];

		/* RFC 4007 11: a link-local address says nothing without its link. */
		snprintf(call->server[i], sizeof(call->server[i]), "%s%s%s",
			 ip6_text(address, text), ip6_is_link_local(address) ? "%" : "",
			 ip6_is_link_local(address) ? interface : "");
	}
}

/* resolv.conf(5). */
static void record_text(struct dns_call *call, const struct dns_table *table)
{
	struct writer w = writer_over(call->input, sizeof(call->input));

	for (unsigned i = 0; i < table->server_count; i++) {
		writer_copy(&w, "nameserver ", 11);
		writer_copy(&w, call->server[i], strlen(call->server[i]));
		writer_u8(&w, '\n');
	}
	for (unsigned i = 0; i < table->search_count; i++) {
		const char *domain = table->search[i].domain;

		writer_copy(&w, i == 0 ? "search " : " ", i == 0 ? 7 : 1);
		writer_copy(&w, domain, strlen(domain));
	}
	if (table->search_count > 0)
		writer_u8(&w, '\n');
	writer_u8(&w, '\0');
}

static void resolvectl_list(struct dns_call *call, const char *verb, const char *interface,
			    unsigned count)
{
	add(call, verb);
	add(call, interface);
	if (count == 0) /* an empty argument empties the list */
		add(call, "");
}

static void resolvectl_arguments(struct dns_call *call, enum dns_step step, const char *interface,
				 const struct dns_said *said)
{
	const struct dns_table *table = &said->table;

	switch (step) {
	case DNS_STEP_SERVERS:
		resolvectl_list(call, "dns", interface, table->server_count);
		for (unsigned i = 0; i < table->server_count; i++)
			add(call, call->server[i]);
		break;
	case DNS_STEP_DOMAINS:
		resolvectl_list(call, "domain", interface, table->search_count);
		for (unsigned i = 0; i < table->search_count; i++)
			add(call, table->search[i].domain);
		break;
	case DNS_STEP_DEFAULT_ROUTE:
		/* Split: names in the search domains go through the tunnel, others do not, unless
		 * the tunnel is the way to everything.  Without any domain the servers would be
		 * asked for nothing at all. */
		add(call, "default-route");
		add(call, interface);
		add(call, said->default_router || table->search_count == 0 ? "yes" : "no");
		break;
	/* It is a LAN: hosts find each other by name without any server, as on any other (RFC 6762,
	 * 4795).  resolved.conf(5) has the last word: what is off there stays off. */
	case DNS_STEP_MDNS:
	case DNS_STEP_LLMNR:
		add(call, step == DNS_STEP_MDNS ? "mdns" : "llmnr");
		add(call, interface);
		add(call, "yes");
		break;
	case DNS_STEP_RECORD:
	case DNS_STEP_END: break;
	case DNS_STEP_UNDO:
		add(call, "revert");
		add(call, interface);
		break;
	}
}

void dns_record_name(char name[static DNS_RECORD_NAME], const char *interface)
{
	snprintf(name, DNS_RECORD_NAME, "%.*s.lanyard", IF_NAMESIZE - 1, interface);
}

void dns_call_make(struct dns_call *call, enum dns_resolver resolver, enum dns_step step,
		   const char *interface, const struct dns_said *said)
{
	call->count = 0;
	server_texts(call, interface, &said->table);
	record_text(call, &said->table);
	dns_record_name(call->record, interface);
	add(call, call->file);
	if (resolver == DNS_RESOLVED) {
		resolvectl_arguments(call, step, interface, said);
	} else {
		add(call, step == DNS_STEP_UNDO ? "-d" : "-a");
		add(call, call->record);
	}
	add(call, NULL);
}
