/* SPDX-License-Identifier: Apache-2.0 */
/* server/prover.c - a queue in front of libuv's pool. */
#include "server/prover.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE 10 /* frames go first */

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
	uv_timer_t timer; /* the next one that is held back */
	unsigned at_once, running, count;
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
	if (prover->ending && prover->running == 0)
		uv_close((uv_handle_t *)&prover->timer, on_closed);
}

/* ---- in the pool ---- */

static void work(uv_work_t *work)
{
	static _Thread_local bool lowered;
	struct prover_job *job = work->data;
	const struct prover_question *question = &job->question;
	struct bytes secret = { (const uint8_t *)question->secret,
				strnlen(question->secret, sizeof(question->secret)) };

	if (!lowered) /* of this thread alone: Linux has it so */
		lowered = setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE) == 0;
	job->right = password_verify(question->hash, secret);
	if (job->right && password_needs_raise(question->hash, &question->cost) &&
	    password_hash(secret, &question->cost, job->raised, NULL) < 0)
		job->raised[0] = '\0'; /* the old one serves */
}

/* ---- the queue ---- */

static void run_next(struct prover *prover);

static void after_work(uv_work_t *work, int status)
{
	struct prover_job *job = work->data;
	struct prover *prover = job->prover;

	prover->running--;
	if (job->owner)
		job->done(job->owner, status == 0 && job->right, job->raised);
	free_job(job);
	run_next(prover);
	end_if_over(prover);
}

static bool goes_before(const struct prover_job *a, const struct prover_job *b)
{
	return a->question.failures != b->question.failures
		       ? a->question.failures < b->question.failures
		       : a->number < b->number;
}

/* The one to run now, taken out; NULL: none is due, and `next_ms` is when the first will be. */
static struct prover_job *take(struct prover *prover, uint64_t now_ms, uint64_t *next_ms)
{
	struct prover_job **best = NULL;

	*next_ms = UINT64_MAX;
	for (struct prover_job **at = &prover->waiting; *at; at = &(*at)->next) {
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

	while (!prover->ending && prover->running < prover->at_once) {
		struct prover_job *job = take(prover, now_ms, &next_ms);

		if (!job) {
			if (next_ms != UINT64_MAX)
				uv_timer_start(&prover->timer, on_timer, next_ms - now_ms, 0);
			return;
		}
		job->running = true;
		prover->running++;
		uv_queue_work(prover->loop, &job->work, work, after_work);
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
