/* SPDX-License-Identifier: Apache-2.0 */
/* server/prover.c - a queue in front of libuv's pool. */
#include "server/prover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/priority.h"
#include "base/program.h"

#define ARGUMENTS_MAX 16
#define PROGRAMS_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct prover_job {
	uv_work_t work;
	struct prover *prover;
	struct prover_question question;
	uint64_t due_ms, number;
	prover_done done;
	void *owner; /* NULL: nobody waits for it any more */
	bool running, right;
	char raised[PASSWORD_HASH_MAX];
	struct prover_job *next;
};

struct prover {
	uv_loop_t *loop;
	uv_timer_t timer;			    /* the next one that is held back */
	unsigned at_once, running, commands, count; /* running: hashes; commands: programs */
	struct log_limit said_no, trouble;	    /* programs did, had */
	uint64_t next_number;
	bool ending;
	struct prover_job *waiting;
};

static void free_job(struct prover_job *job)
{
	explicit_bzero(&job->question, sizeof(job->question));
	free(job);
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

/* The prover itself goes with the last job. */
static void end_if_over(struct prover *prover)
{
	if (prover->ending && prover->running == 0 && prover->commands == 0)
		uv_close((uv_handle_t *)&prover->timer, on_closed);
}

/* ---- in the pool ---- */

static void work(uv_work_t *work)
{
	struct prover_job *job = work->data;
	const struct prover_question *question = &job->question;
	struct bytes secret = { (const uint8_t *)question->secret,
				strnlen(question->secret, sizeof(question->secret)) };

	priority_give_way();
	job->right = password_verify(question->hash, secret);
	if (job->right && password_needs_raise(question->hash, &question->cost) &&
	    password_hash(secret, &question->cost, job->raised, NULL) < 0)
		job->raised[0] = '\0'; /* the old one serves */
}

/* ---- the queue ---- */

static void run_next(struct prover *prover);

static void end_job(struct prover_job *job, bool right)
{
	struct prover *prover = job->prover;

	if (job->owner)
		job->done(job->owner, right, job->raised);
	free_job(job);
	run_next(prover);
	end_if_over(prover);
}

static void after_work(uv_work_t *work, int status)
{
	struct prover_job *job = work->data;

	job->prover->running--;
	end_job(job, status == 0 && job->right);
}

/* ---- a program's judgement ---- */

static void log_command(struct prover *prover, struct log_limit *limit, const struct err *err)
{
	uint64_t suppressed;

	if (log_limit_pass(limit, uv_now(prover->loop), &suppressed))
		log_info("auth-command: %s (%llu more)", err->text, (unsigned long long)suppressed);
}

static void after_command(void *owner, const struct err *err)
{
	struct prover_job *job = owner;

	job->prover->commands--;
	if (err)
		log_command(job->prover, &job->prover->said_no, err);
	end_job(job, !err);
}

/* What stands between blanks; false if that is too much. */
static bool split(char *command, char *argv[static ARGUMENTS_MAX])
{
	unsigned count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(command, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest)) {
		if (count == ARGUMENTS_MAX - 1)
			return false;
		argv[count++] = word;
	}
	argv[count] = NULL;
	return count > 0;
}

/* The user's name and the password are the stranger's: neither can become a line of its own. */
static bool has_line_break(const char *text)
{
	return strpbrk(text, "\r\n") != NULL;
}

static void start_hash(struct prover_job *job)
{
	job->prover->running++;
	uv_queue_work(job->prover->loop, &job->work, work, after_work);
}

/* The answer is no, but not from within prover_ask: a hash that is none says so in the pool. */
static void fail_command(struct prover_job *job, const struct err *err)
{
	log_command(job->prover, &job->prover->trouble, err);
	job->prover->commands--;
	job->question.hash[0] = '\0';
	start_hash(job);
}

static void start_command(struct prover_job *job)
{
	const struct prover_question *question = &job->question;
	char command[PROVER_COMMAND_MAX], input[MESSAGE_USER_MAX + MESSAGE_SECRET_MAX + 2];
	char *argv[ARGUMENTS_MAX];
	struct program_call call = {
		.argv = argv,
		.input = input,
		.search = PROGRAMS_PATH,
		.limit_ms = PROVER_COMMAND_MS,
	};
	struct err err = { 0 };

	memcpy(command, question->command, sizeof(command));
	snprintf(input, sizeof(input), "%s\n%s\n", question->user, question->secret);
	job->prover->commands++;
	if (has_line_break(question->user) || has_line_break(question->secret))
		err_set(&err, "a line break in a user's name or password");
	else if (!split(command, argv))
		err_set(&err, "too many arguments");
	else
		program_run(job->prover->loop, &call, after_command, job, &err);
	explicit_bzero(input, sizeof(input));
	if (err.text[0])
		fail_command(job, &err);
}

static bool goes_before(const struct prover_job *a, const struct prover_job *b)
{
	return a->question.failures != b->question.failures
		       ? a->question.failures < b->question.failures
		       : a->number < b->number;
}

static bool has_place(const struct prover *prover, const struct prover_job *job)
{
	return job->question.command[0] ? prover->commands < PROVER_COMMANDS_AT_ONCE
					: prover->running < prover->at_once;
}

/* The one to run now, taken out; NULL: none is due, and `next_ms` is when the first will be. */
static struct prover_job *take(struct prover *prover, uint64_t now_ms, uint64_t *next_ms)
{
	struct prover_job **best = NULL;

	*next_ms = UINT64_MAX;
	for (struct prover_job **at = &prover->waiting; *at; at = &(*at)->next) {
		if (!has_place(prover, *at))
			continue;
		if ((*at)->due_ms > now_ms) {
			if ((*at)->due_ms < *next_ms)
				*next_ms = (*at)->due_ms;
		} else if (!best || goes_before(*at, *best)) {
			best = at;
		}
	}
	if (!best)
		return NULL;
	struct prover_job *job = *best;
	*best = job->next;
	prover->count--;
	return job;
}

static void on_timer(uv_timer_t *timer)
{
	run_next(timer->data);
}

static void run_next(struct prover *prover)
{
	uint64_t now_ms = uv_now(prover->loop), next_ms;

	while (!prover->ending) {
		struct prover_job *job = take(prover, now_ms, &next_ms);

		if (!job) {
			if (next_ms != UINT64_MAX)
				uv_timer_start(&prover->timer, on_timer, next_ms - now_ms, 0);
			return;
		}
		job->running = true;
		if (job->question.command[0])
			start_command(job);
		else
			start_hash(job);
	}
}

struct prover_job *prover_ask(struct prover *prover, const struct prover_question *question,
			      prover_done done, void *owner)
{
	struct prover_job *job =
		prover->count < PROVER_WAITING_MAX ? calloc(1, sizeof(*job)) : NULL;

	if (!job)
		return NULL;
	job->prover = prover;
	job->question = *question;
	job->due_ms = uv_now(prover->loop) + question->hold_ms;
	job->number = prover->next_number++;
	job->done = done;
	job->owner = owner;
	job->work.data = job;
	job->next = prover->waiting;
	prover->waiting = job;
	prover->count++;
	run_next(prover);
	return job;
}

void prover_forget(struct prover_job *job)
{
	struct prover *prover = job->prover;
	struct prover_job **at = &prover->waiting;

	job->owner = NULL;
	if (job->running)
		return;
	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	prover->count--;
	free_job(job);
}

/* ---- from start to end ---- */

struct prover *prover_new(uv_loop_t *loop, unsigned at_once, struct err *err)
{
	struct prover *prover = calloc(1, sizeof(*prover));

	if (!prover) {
		err_set(err, "out of memory");
		return NULL;
	}
	prover->loop = loop;
	prover->at_once = at_once;
	uv_timer_init(loop, &prover->timer);
	prover->timer.data = prover;
	return prover;
}

void prover_free(struct prover *prover)
{
	if (!prover)
		return;
	while (prover->waiting)
		prover_forget(prover->waiting);
	prover->ending = true;
	uv_timer_stop(&prover->timer);
	end_if_over(prover);
}
