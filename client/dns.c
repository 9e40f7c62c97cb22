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
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/program.h"
#include "client/dns.h"
#include "client/dns_call.h"
#include "client/dns_mark.h"
#include "radvd-lite/ra.h"

#define USUAL_FOLDERS "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define SEARCH_MAX 4096

static const enum dns_step undo_steps[] = { DNS_STEP_UNDO, DNS_STEP_END };

struct dns {
	uv_loop_t *loop;
	const struct dns_events *events;
	void *owner;
	char interface[IF_NAMESIZE], record[DNS_RECORD_NAME];
	char search[SEARCH_MAX], resolved_file[256], resolvconf_run[256];
	uint32_t limit_ms;
	uv_timer_t timer;

	struct dns_table table; /* in force */
	bool has_router, has_default_router;
	struct dns_said telling; /* what the running program's run is about */
	bool undoing;		 /* it is about nothing */
	bool dirty;		 /* the table is to be told */
	uint64_t settled_ms;	 /* from then on */
	bool running;
	enum dns_resolver resolver; /* of this run */
	const enum dns_step *step;
	bool overwritten;	    /* by another manager: systemd-resolved has nothing of ours */
	bool told[DNS_NO_RESOLVER]; /* at least one step went through: there is something to undo */
	enum dns_resolver applied_by;
	struct dns_mark mark; /* of the resolver, when it was told */
	char problem[512];
	struct {
		struct dns_table table;
		enum dns_resolver applied_by;
		char problem[512];
	} said; /* what the owner knows */
	bool closing;
	void (*closed)(void *owner);
};

static void next(struct dns *dns);
static void on_step_done(void *owner, const struct err *err);

static int run_step(struct dns *dns, struct err *err)
{
	struct dns_call texts;
	struct program_call call = {
		.argv = texts.argument,
		.input = *dns->step == DNS_STEP_RECORD ? texts.input : NULL,
		.search = dns->search,
		.limit_ms = dns->limit_ms,
	};
	const char *program = dns_resolver_program[dns->resolver];

	if (!program_find(dns->search, program, texts.file))
		return err_set(err, "%s is not installed", program);
	dns_call_make(&texts, dns->resolver, *dns->step, dns->interface, &dns->telling);
	return program_run(dns->loop, &call, on_step_done, dns, err);
}

/* systemd-resolved brings a resolvconf that is resolvectl by another name: without the one the
 * other is of no use. */
static bool is_other_name(const char *file)
{
	char target[PATH_MAX];
	const char *slash = realpath(file, target) ? strrchr(target, '/') : NULL;

	return slash && strcmp(slash + 1, dns_resolver_program[DNS_RESOLVED]) == 0;
}

static bool is_there(const struct dns *dns, enum dns_resolver resolver)
{
	char file[PROGRAM_PATH];

	if (resolver == DNS_RESOLVED && access(dns->resolved_file, F_OK) != 0)
		return false;
	return program_find(dns->search, dns_resolver_program[resolver], file) &&
	       (resolver == DNS_RESOLVED || !is_other_name(file));
}

/* The first one from `resolver` on that is there. */
static enum dns_resolver choose(const struct dns *dns, enum dns_resolver resolver)
{
	while (resolver != DNS_NO_RESOLVER && !is_there(dns, resolver))
		resolver++;
	return resolver;
}

static void schedule(struct dns *dns);

/* Not what it knows already: an advertisement comes again and again. */
static void tell_owner(struct dns *dns)
{
	if (dns->closing || (dns->said.applied_by == dns->applied_by &&
			     strcmp(dns->said.problem, dns->problem) == 0 &&
			     dns_table_same(&dns->said.table, &dns->telling.table)))
		return;
	dns->said.applied_by = dns->applied_by;
	dns->said.table = dns->telling.table;
	strcpy(dns->said.problem, dns->problem);
	if (dns->events->changed)
		dns->events->changed(dns->owner);
}

static struct dns_mark mark_now(const struct dns *dns)
{
	return dns_mark_of(dns->resolved_file, dns->resolvconf_run, dns->record);
}

static void finish(struct dns *dns, enum dns_resolver applied_by)
{
	dns->running = false;
	dns->applied_by = applied_by;
	dns->mark.has_record = mark_now(dns).has_record;
	tell_owner(dns);
	schedule(dns);
}

static bool table_is_empty(const struct dns_table *table)
{
	return table->server_count == 0 && table->search_count == 0;
}

/* Begins to apply with `resolver`, or with the first one after it that is there. */
static void apply_with(struct dns *dns, enum dns_resolver resolver)
{
	dns->resolver = choose(dns, resolver);
	if (dns->resolver == DNS_RESOLVCONF && table_is_empty(&dns->telling.table))
		dns->resolver = DNS_NO_RESOLVER;
	dns->step = dns_apply_steps(dns->resolver);
	/* what the one before said against it counts only if no other takes it */
	if (dns->resolver != DNS_NO_RESOLVER)
		dns->problem[0] = '\0';
	if (dns->resolver == DNS_NO_RESOLVER && dns->problem[0] == '\0')
		snprintf(dns->problem, sizeof(dns->problem),
			 "neither systemd-resolved nor resolvconf is there to be told");
	next(dns);
}

/* Begins to undo what was told to one resolver; false if there is nothing left to undo. */
static bool undo_next(struct dns *dns)
{
	for (enum dns_resolver resolver = 0; resolver < DNS_NO_RESOLVER; resolver++) {
		if (!dns->told[resolver] || (resolver == DNS_RESOLVED && dns->overwritten))
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

/* A link with a router but without servers has names of its own at systemd-resolved (mDNS);
 * resolvconf's record would be empty. */
static bool is_something_to_tell(const struct dns *dns)
{
	return !table_is_empty(&dns->telling.table) ||
	       (!dns->closing && dns->has_router && dns->applied_by != DNS_RESOLVCONF &&
		is_there(dns, DNS_RESOLVED));
}

static void begin(struct dns *dns)
{
	dns->running = true;
	dns->dirty = false;
	dns->problem[0] = '\0';
	dns->mark = mark_now(dns);
	dns->telling = (struct dns_said) { 0 };
	if (!dns->closing) {
		dns->telling.table = dns->table;
		dns->telling.default_router = dns->has_default_router;
	}
	dns->undoing = !is_something_to_tell(dns);
	if (!dns->undoing) {
		dns->overwritten = false;
		apply_with(dns, 0);
	} else if (!undo_next(dns)) {
		finish(dns, DNS_NO_RESOLVER);
	}
}

static void step_failed(struct dns *dns, const struct err *err)
{
	if (*dns->step != DNS_STEP_UNDO)
		snprintf(dns->problem, sizeof(dns->problem), "%s", err->text);
	if (*dns->step == DNS_STEP_UNDO || dns_step_is_extra(*dns->step)) {
		dns->step++;
		next(dns);
		return;
	}
	apply_with(dns, dns->resolver + 1);
}

/* Runs the step that is due, or ends the run. */
static void next(struct dns *dns)
{
	struct err err = { 0 };

	if (*dns->step != DNS_STEP_END) {
		if (run_step(dns, &err) < 0)
			step_failed(dns, &err);
		return;
	}
	if (!dns->undoing)
		finish(dns, dns->resolver);
	else if (!undo_next(dns))
		finish(dns, DNS_NO_RESOLVER);
}

static void on_step_done(void *owner, const struct err *err)
{
	struct dns *dns = owner;

	if (!err && *dns->step != DNS_STEP_UNDO)
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
	const char *run = config->resolvconf_run ? config->resolvconf_run : DNS_RESOLVCONF_RUN;

	if (!search || search[0] == '\0')
		search = USUAL_FOLDERS;
	if (strlen(search) >= sizeof(dns->search))
		return err_set(err, "PATH is longer than %zu", sizeof(dns->search) - 1);
	if (strlen(file) >= sizeof(dns->resolved_file) ||
	    strlen(run) >= sizeof(dns->resolvconf_run))
		return err_set(err, "the path '%s' or '%s' is too long", file, run);
	/* It becomes an argument of programs. */
	if (config->interface[0] == '\0' || config->interface[0] == '-')
		return err_set(err, "an interface named '%s' cannot have DNS servers",
			       config->interface);
	strcpy(dns->search, search);
	strcpy(dns->resolved_file, file);
	strcpy(dns->resolvconf_run, run);
	strcpy(dns->interface, config->interface);
	dns_record_name(dns->record, dns->interface);
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
	dns->applied_by = dns->said.applied_by = DNS_NO_RESOLVER;
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

void dns_router(struct dns *dns, bool heard, bool is_default)
{
	if (dns->closing || (heard == dns->has_router && is_default == dns->has_default_router))
		return;
	dns->has_router = heard;
	dns->has_default_router = is_default;
	mark_dirty(dns);
	schedule(dns);
}

void dns_look(struct dns *dns)
{
	struct dns_mark now = mark_now(dns);

	if (dns->closing || dns->running || dns->dirty ||
	    !dns_mark_is_stale(&dns->mark, &now, dns->applied_by))
		return;
	mark_dirty(dns);
	schedule(dns);
}

void dns_clear(struct dns *dns)
{
	if (dns->closing || (table_is_empty(&dns->table) && !dns->has_router))
		return;
	dns->table = (struct dns_table) { 0 };
	dns->has_router = dns->has_default_router = false;
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
	return dns_resolver_name[dns->applied_by];
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
