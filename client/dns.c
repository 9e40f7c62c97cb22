/* SPDX-License-Identifier: Apache-2.0 */
/* client/dns.c
 *
 * From the table of servers and domains to the programs that tell the system's resolver.
 *
 *          change             settled              last step ended
 *   IDLE ----------> WAITING ----------> RUNNING -------------------> IDLE
 *                                          |  a step failed: the next resolver, or a problem
 *                                          +- changed meanwhile: again with the newest
 *
 * resolvectl(1), resolvconf(8); RFC 8106 for the lists.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/dns.h"
#include "client/program.h"
#include "radvd-lite/ra.h"

#define USUAL_FOLDERS "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define SEARCH_MAX 4096
#define MAX_ARGUMENTS (4 + (DNS_MAX_SERVERS > DNS_MAX_SEARCH ? DNS_MAX_SERVERS : DNS_MAX_SEARCH))
#define SERVER_TEXT (IP6_TEXT + 1 + IF_NAMESIZE) /* fe80::1%lanyard0 */

enum resolver { RESOLVED, RESOLVCONF, NO_RESOLVER };

static const char *const resolver_name[] = {
	[RESOLVED] = "systemd-resolved",
	[RESOLVCONF] = "resolvconf",
	[NO_RESOLVER] = "none",
};
static const char *const resolver_program[] = {
	[RESOLVED] = "resolvectl",
	[RESOLVCONF] = "resolvconf",
	[NO_RESOLVER] = NULL,
};
_Static_assert(ARRAY_LEN(resolver_name) == NO_RESOLVER + 1, "name every resolver");

/* What one program is told to do. */
enum step { STEP_SERVERS, STEP_DOMAINS, STEP_DEFAULT_ROUTE, STEP_RECORD, STEP_UNDO, STEP_END };

static const enum step apply_steps[][4] = {
	[RESOLVED] = { STEP_SERVERS, STEP_DOMAINS, STEP_DEFAULT_ROUTE, STEP_END },
	[RESOLVCONF] = { STEP_RECORD, STEP_END },
	[NO_RESOLVER] = { STEP_END },
};
static const enum step undo_steps[] = { STEP_UNDO, STEP_END };

struct dns {
	uv_loop_t *loop;
	const struct dns_events *events;
	void *owner;
	char interface[IF_NAMESIZE], record[IF_NAMESIZE + sizeof(".lanyard")];
	char search[SEARCH_MAX], resolved_file[256];
	uint32_t limit_ms;
	uv_timer_t timer;

	struct dns_table table;	  /* in force */
	struct dns_table telling; /* what the running program's run is about */
	bool dirty;		  /* the table is to be told */
	uint64_t settled_ms;	  /* from then on */
	bool running;
	enum resolver resolver; /* of this run */
	const enum step *step;
	bool overwritten;	/* by another manager: systemd-resolved has nothing of ours */
	bool told[NO_RESOLVER]; /* at least one step went through: there is something to undo */
	enum resolver applied_by;
	char problem[512];
	struct {
		struct dns_table table;
		enum resolver applied_by;
		char problem[512];
	} said; /* what the owner knows */
	bool closing;
	void (*closed)(void *owner);
};

/* The texts of one call; they live until it is started. */
struct call_texts {
	char file[PROGRAM_PATH];
	char server[DNS_MAX_SERVERS][SERVER_TEXT];
	char input[DNS_MAX_SERVERS * (SERVER_TEXT + sizeof("nameserver \n")) +
		   DNS_MAX_SEARCH * (DNS_DOMAIN + 1) + sizeof("search\n")];
	char *argument[MAX_ARGUMENTS + 1];
	unsigned count;
};

static void add(struct call_texts *texts, const char *argument)
{
	texts->argument[texts->count++] = (char *)argument;
}

static void server_texts(const struct dns *dns, struct call_texts *texts)
{
	for (unsigned i = 0; i < dns->telling.server_count; i++) {
		const struct ip6 *address = &dns->telling.server[i].address;
		char text[IP6_TEXT];

		/* RFC 4007 11: a link-local address says nothing without its link. */
		snprintf(texts->server[i], sizeof(texts->server[i]), "%s%s%s",
			 ip6_text(address, text), ip6_is_link_local(address) ? "%" : "",
			 ip6_is_link_local(address) ? dns->interface : "");
	}
}

/* resolv.conf(5). */
static void record_text(const struct dns *dns, struct call_texts *texts)
{
	struct writer w = writer_over(texts->input, sizeof(texts->input));

	for (unsigned i = 0; i < dns->telling.server_count; i++) {
		writer_copy(&w, "nameserver ", 11);
		writer_copy(&w, texts->server[i], strlen(texts->server[i]));
		writer_u8(&w, '\n');
	}
	for (unsigned i = 0; i < dns->telling.search_count; i++) {
		const char *domain = dns->telling.search[i].domain;

		writer_copy(&w, i == 0 ? "search " : " ", i == 0 ? 7 : 1);
		writer_copy(&w, domain, strlen(domain));
	}
	if (dns->telling.search_count > 0)
		writer_u8(&w, '\n');
	writer_u8(&w, '\0');
}

static void resolvectl_arguments(const struct dns *dns, enum step step, struct call_texts *texts)
{
	const struct dns_table *table = &dns->telling;

	add(texts, step == STEP_SERVERS	  ? "dns"
		   : step == STEP_DOMAINS ? "domain"
					  : "default-route");
	add(texts, dns->interface);
	for (unsigned i = 0; step == STEP_SERVERS && i < table->server_count; i++)
		add(texts, texts->server[i]);
	for (unsigned i = 0; step == STEP_DOMAINS && i < table->search_count; i++)
		add(texts, table->search[i].domain);
	/* An empty argument empties the list. */
	if ((step == STEP_SERVERS && table->server_count == 0) ||
	    (step == STEP_DOMAINS && table->search_count == 0))
		add(texts, "");
	/* Split: names in the search domains go through the tunnel, others do not.  Without any
	 * domain the servers would be asked for nothing at all. */
	if (step == STEP_DEFAULT_ROUTE)
		add(texts, table->search_count > 0 ? "no" : "yes");
}

static void arguments(const struct dns *dns, enum step step, struct call_texts *texts)
{
	add(texts, texts->file);
	switch (step) {
	case STEP_SERVERS:
	case STEP_DOMAINS:
	case STEP_DEFAULT_ROUTE: resolvectl_arguments(dns, step, texts); break;
	case STEP_RECORD:
		add(texts, "-a");
		add(texts, dns->record);
		break;
	case STEP_UNDO:
		add(texts, dns->resolver == RESOLVED ? "revert" : "-d");
		add(texts, dns->resolver == RESOLVED ? dns->interface : dns->record);
		break;
	case STEP_END: break;
	}
	add(texts, NULL);
}

static void next(struct dns *dns);
static void on_step_done(void *owner, const struct err *err);

static int run_step(struct dns *dns, struct err *err)
{
	struct call_texts texts = { .count = 0 };
	struct program_call call = {
		.argv = texts.argument,
		.input = *dns->step == STEP_RECORD ? texts.input : NULL,
		.search = dns->search,
		.limit_ms = dns->limit_ms,
	};

	if (!program_find(dns->search, resolver_program[dns->resolver], texts.file))
		return err_set(err, "%s is not installed", resolver_program[dns->resolver]);
	server_texts(dns, &texts);
	record_text(dns, &texts);
	arguments(dns, *dns->step, &texts);
	return program_run(dns->loop, &call, on_step_done, dns, err);
}

static bool is_there(const struct dns *dns, enum resolver resolver)
{
	char file[PROGRAM_PATH];

	if (resolver == RESOLVED && access(dns->resolved_file, F_OK) != 0)
		return false;
	return program_find(dns->search, resolver_program[resolver], file);
}

/* The first one from `resolver` on that is there. */
static enum resolver choose(const struct dns *dns, enum resolver resolver)
{
	while (resolver != NO_RESOLVER && !is_there(dns, resolver))
		resolver++;
	return resolver;
}

static void schedule(struct dns *dns);

/* Not what it knows already: an advertisement comes again and again. */
static void tell_owner(struct dns *dns)
{
	if (dns->closing || (dns->said.applied_by == dns->applied_by &&
			     strcmp(dns->said.problem, dns->problem) == 0 &&
			     dns_table_same(&dns->said.table, &dns->telling)))
		return;
	dns->said.applied_by = dns->applied_by;
	dns->said.table = dns->telling;
	strcpy(dns->said.problem, dns->problem);
	if (dns->events->changed)
		dns->events->changed(dns->owner);
}

static void finish(struct dns *dns, enum resolver applied_by)
{
	dns->running = false;
	if (applied_by != NO_RESOLVER)
		dns->problem[0] = '\0';
	dns->applied_by = applied_by;
	tell_owner(dns);
	schedule(dns);
}

static bool table_is_empty(const struct dns_table *table)
{
	return table->server_count == 0 && table->search_count == 0;
}

/* Begins to apply with `resolver`, or with the first one after it that is there. */
static void apply_with(struct dns *dns, enum resolver resolver)
{
	dns->resolver = choose(dns, resolver);
	dns->step = apply_steps[dns->resolver];
	if (dns->resolver == NO_RESOLVER && dns->problem[0] == '\0')
		snprintf(
			dns->problem, sizeof(dns->problem),
			"neither systemd-resolved nor resolvconf is there to take the DNS servers");
	next(dns);
}

/* Begins to undo what was told to one resolver; false if there is nothing left to undo. */
static bool undo_next(struct dns *dns)
{
	for (enum resolver resolver = 0; resolver < NO_RESOLVER; resolver++) {
		if (!dns->told[resolver] || (resolver == RESOLVED && dns->overwritten))
			continue;
		/* Once only, whether it works or not: the interface may be gone and all is well. */
		dns->told[resolver] = false;
		dns->resolver = resolver;
		dns->step = undo_steps;
		next(dns);
		return true;
	}
	return false;
}

static void begin(struct dns *dns)
{
	dns->running = true;
	dns->dirty = false;
	dns->problem[0] = '\0';
	dns->telling = dns->closing ? (struct dns_table) { 0 } : dns->table;
	if (!table_is_empty(&dns->telling))
		dns->overwritten = false;
	if (!table_is_empty(&dns->telling))
		apply_with(dns, 0);
	else if (!undo_next(dns))
		finish(dns, NO_RESOLVER);
}

static void step_failed(struct dns *dns, const struct err *err)
{
	if (*dns->step == STEP_UNDO) {
		dns->step++;
		next(dns);
		return;
	}
	snprintf(dns->problem, sizeof(dns->problem), "%s", err->text);
	apply_with(dns, dns->resolver + 1);
}

/* Runs the step that is due, or ends the run. */
static void next(struct dns *dns)
{
	struct err err = { 0 };
	bool undoing = table_is_empty(&dns->telling);

	if (*dns->step != STEP_END) {
		if (run_step(dns, &err) < 0)
			step_failed(dns, &err);
		return;
	}
	if (!undoing)
		finish(dns, dns->resolver);
	else if (!undo_next(dns))
		finish(dns, NO_RESOLVER);
}

static void on_step_done(void *owner, const struct err *err)
{
	struct dns *dns = owner;

	if (!err && *dns->step != STEP_UNDO)
		dns->told[dns->resolver] = true;
	/* Newest wins: what is left of this run would be undone or overwritten anyway. */
	if (dns->dirty) {
		begin(dns);
	} else if (err) {
		step_failed(dns, err);
	} else {
		dns->step++;
		next(dns);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct dns *dns = handle->data;
	void (*closed)(void *) = dns->closed;
	void *owner = dns->owner;

	free(dns);
	if (closed)
		closed(owner);
}

static void mark_dirty(struct dns *dns)
{
	if (!dns->dirty)
		dns->settled_ms = uv_now(dns->loop) + DNS_SETTLE_MS;
	dns->dirty = true;
}

static void on_timer(uv_timer_t *timer)
{
	struct dns *dns = timer->data;

	if (dns_table_expire(&dns->table, uv_now(dns->loop)))
		mark_dirty(dns);
	if (dns->dirty && !dns->running && uv_now(dns->loop) >= dns->settled_ms)
		begin(dns);
	else
		schedule(dns);
}

/* Waits for what comes first: the end of a lifetime, or the moment to tell. */
static void schedule(struct dns *dns)
{
	uint64_t due_ms = dns_table_due_ms(&dns->table), now_ms = uv_now(dns->loop);

	if (dns->closing && !dns->running && !dns->dirty) {
		uv_close((uv_handle_t *)&dns->timer, on_timer_closed);
		return;
	}
	if (dns->dirty && !dns->running && dns->settled_ms < due_ms)
		due_ms = dns->settled_ms;
	if (due_ms == DNS_NEVER_MS)
		uv_timer_stop(&dns->timer);
	else
		uv_timer_start(&dns->timer, on_timer, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static int copy_texts(struct dns *dns, const struct dns_config *config, struct err *err)
{
	const char *search = config->search ? config->search : getenv("PATH");
	const char *file = config->resolved_file ? config->resolved_file : DNS_RESOLVED_FILE;

	if (!search || search[0] == '\0')
		search = USUAL_FOLDERS;
	if (strlen(search) >= sizeof(dns->search))
		return err_set(err, "PATH is longer than %zu", sizeof(dns->search) - 1);
	if (strlen(file) >= sizeof(dns->resolved_file))
		return err_set(err, "the path '%s' is too long", file);
	/* It becomes an argument of programs. */
	if (config->interface[0] == '\0' || config->interface[0] == '-')
		return err_set(err, "an interface named '%s' cannot have DNS servers",
			       config->interface);
	strcpy(dns->search, search);
	strcpy(dns->resolved_file, file);
	strcpy(dns->interface, config->interface);
	snprintf(dns->record, sizeof(dns->record), "%s.lanyard", dns->interface);
	return 0;
}

struct dns *dns_new(uv_loop_t *loop, const struct dns_config *config,
		    const struct dns_events *events, void *owner, struct err *err)
{
	struct dns *dns = calloc(1, sizeof(*dns));

	if (!dns) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (copy_texts(dns, config, err) < 0) {
		free(dns);
		return NULL;
	}
	dns->loop = loop;
	dns->events = events;
	dns->owner = owner;
	dns->limit_ms = config->limit_ms > 0 ? config->limit_ms : PROGRAM_LIMIT_MS;
	dns->applied_by = dns->said.applied_by = NO_RESOLVER;
	uv_timer_init(loop, &dns->timer);
	dns->timer.data = dns;
	return dns;
}

void dns_option(struct dns *dns, struct bytes option)
{
	struct ra ra = { 0 }, withdrawn = { 0 };
	uint64_t now_ms = uv_now(dns->loop);
	bool changed = false;

	if (dns->closing || !ra_parse_user_option(option, &ra, &withdrawn))
		return;
	for (unsigned i = 0; i < withdrawn.dns_count; i++)
		changed |= dns_table_server(&dns->table, &withdrawn.dns[i], 0, now_ms);
	for (unsigned i = 0; i < withdrawn.search_count; i++)
		changed |= dns_table_search(&dns->table, withdrawn.search[i], 0, now_ms);
	for (unsigned i = 0; i < ra.dns_count; i++)
		changed |= dns_table_server(&dns->table, &ra.dns[i], ra.dns_lifetime_s, now_ms);
	for (unsigned i = 0; i < ra.search_count; i++)
		changed |=
			dns_table_search(&dns->table, ra.search[i], ra.search_lifetime_s, now_ms);
	/* What could not be applied is tried again when it is advertised again. */
	if (changed || (dns->problem[0] != '\0' && !dns->running))
		mark_dirty(dns);
	schedule(dns);
}

void dns_clear(struct dns *dns)
{
	if (dns->closing || table_is_empty(&dns->table))
		return;
	dns->table = (struct dns_table) { 0 };
	mark_dirty(dns);
	schedule(dns);
}

void dns_hand_over(struct dns *dns, bool overwritten)
{
	if (dns->closing)
		return;
	dns->overwritten = overwritten;
	dns_clear(dns);
}

const struct dns_table *dns_current(const struct dns *dns)
{
	return &dns->table;
}

const char *dns_applied_by(const struct dns *dns)
{
	return resolver_name[dns->applied_by];
}

const char *dns_problem(const struct dns *dns)
{
	return dns->problem;
}

void dns_close(struct dns *dns, void (*closed)(void *owner))
{
	if (!dns || dns->closing)
		return;
	dns->closing = true;
	dns->closed = closed;
	dns->table = (struct dns_table) { 0 };
	dns->dirty = true;
	dns->settled_ms = 0;
	schedule(dns);
}
