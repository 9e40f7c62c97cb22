/* SPDX-License-Identifier: Apache-2.0 */
/* base/program.c
 *
 * Runs one program to its end.  Its input and output are files in memory: nothing can block
 * on a pipe that nobody reads, and there is no SIGPIPE.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/priority.h"
#include "base/program.h"

#define OUTPUT_MAX 65536

struct program {
	uv_process_t process;
	uv_timer_t timer;
	unsigned open_handles;
	int input, output;
	char name[32]; /* for sentences */
	bool timed_out;
	int64_t status;
	int signal;
	program_done done;
	void *owner;
};

bool program_find(const char *search, const char *name, char file[static PROGRAM_PATH])
{
	while (*search) {
		int len = (int)strcspn(search, ":");
		struct stat status;

		int needed = snprintf(file, PROGRAM_PATH, "%.*s/%s", len, search, name);
		if (search[0] == '/' && needed > 0 && needed < PROGRAM_PATH &&
		    stat(file, &status) == 0 && S_ISREG(status.st_mode) && access(file, X_OK) == 0)
			return true;
		search += len;
		search += *search == ':';
	}
	return false;
}

static void program_free(struct program *program)
{
	if (program->input >= 0)
		close(program->input);
	if (program->output >= 0)
		close(program->output);
	free(program);
}

/* What it has to say for itself: its first line, safe to print. */
static void first_line(const struct program *program, char *text, size_t cap)
{
	char line[PROGRAM_OUTPUT / 4];
	ssize_t len = pread(program->output, line, sizeof(line), 0);
	size_t used = 0;

	while ((ssize_t)used < len && line[used] != '\n' && line[used] != '\0')
		used++;
	log_escape(line, used, text, cap);
}

static void report(const struct program *program)
{
	char line[PROGRAM_OUTPUT];
	struct err err = { 0 };

	if (!program->timed_out && program->signal == 0 && program->status == 0) {
		program->done(program->owner, NULL);
		return;
	}
	first_line(program, line, sizeof(line));
	if (program->timed_out)
		err_kind(&err, ERR_TIMEOUT, "%s did not end in time", program->name);
	else if (program->signal != 0)
		err_set(&err, "%s was killed by signal %d", program->name, program->signal);
	else
		err_set(&err, "%s ended with status %d%s%s", program->name, (int)program->status,
			line[0] ? ": " : "", line);
	program->done(program->owner, &err);
}

static void on_closed(uv_handle_t *handle)
{
	struct program *program = handle->data;

	if (--program->open_handles > 0)
		return;
	/* A program that never started has nothing to report. */
	if (program->done)
		report(program);
	program_free(program);
}

static void close_handles(struct program *program)
{
	uv_close((uv_handle_t *)&program->timer, on_closed);
	uv_close((uv_handle_t *)&program->process, on_closed);
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
	struct program *program = process->data;

	program->status = status;
	program->signal = signal;
	close_handles(program);
}

static void on_limit(uv_timer_t *timer)
{
	struct program *program = timer->data;

	program->timed_out = true;
	/* It leads a process group of its own (UV_PROCESS_DETACHED): its children end with it. */
	kill(-uv_process_get_pid(&program->process), SIGKILL);
}

static int open_files(struct program *program, const char *input, struct err *err)
{
	program->output = memfd_create("lanyard-output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* Whoever writes more than that gets an error instead of our memory. */
	if (program->output < 0 || ftruncate(program->output, OUTPUT_MAX) < 0 ||
	    fcntl(program->output, F_ADD_SEALS, F_SEAL_GROW) < 0)
		return err_errno(err, "no memory for the output of %s", program->name);
	if (!input)
		return 0;

	size_t len = strlen(input);
	program->input = memfd_create("lanyard-input", MFD_CLOEXEC);
	if (program->input < 0 || write(program->input, input, len) != (ssize_t)len ||
	    lseek(program->input, 0, SEEK_SET) < 0)
		return err_errno(err, "no memory for the input of %s", program->name);
	return 0;
}

static int spawn(struct program *program, uv_loop_t *loop, const struct program_call *call)
{
	char path[PATH_MAX];
	char *environment[] = { path, NULL };
	uv_stdio_container_t files[3] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_INHERIT_FD, .data.fd = program->output },
		{ .flags = UV_INHERIT_FD, .data.fd = program->output },
	};
	const uv_process_options_t options = {
		.exit_cb = on_ended,
		.file = call->argv[0],
		.args = (char **)call->argv,
		.env = environment,
		.cwd = "/",
		.flags = UV_PROCESS_DETACHED,
		.stdio_count = ARRAY_LEN(files),
		.stdio = files,
	};

	if (program->input >= 0) {
		files[0].flags = UV_INHERIT_FD;
		files[0].data.fd = program->input;
	}
	snprintf(path, sizeof(path), "PATH=%s", call->search);
	/* what it starts in its turn may live long, and is no part of a frame's way */
	bool raised = priority_lower();
	int failed = uv_spawn(loop, &program->process, &options);
	if (raised)
		(void)priority_raise();
	return failed;
}

int program_run(uv_loop_t *loop, const struct program_call *call, program_done done, void *owner,
		struct err *err)
{
	struct program *program = calloc(1, sizeof(*program));
	const char *slash = strrchr(call->argv[0], '/');

	if (!program)
		return err_set(err, "out of memory");
	program->input = program->output = -1;
	snprintf(program->name, sizeof(program->name), "%s", slash ? slash + 1 : call->argv[0]);
	if (open_files(program, call->input, err) < 0) {
		program_free(program);
		return -1;
	}
	uv_timer_init(loop, &program->timer);
	program->timer.data = program;
	program->process.data = program;
	program->owner = owner;
	program->open_handles = 2;

	int failed = spawn(program, loop, call);
	if (failed < 0) {
		close_handles(program);
		return err_set(err, "cannot run %s: %s", call->argv[0], uv_strerror(failed));
	}
	program->done = done;
	uv_timer_start(&program->timer, on_limit, call->limit_ms, 0);
	return 0;
}
