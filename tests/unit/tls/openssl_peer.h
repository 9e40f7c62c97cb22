/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tls/openssl_peer.h
 *
 * The openssl program as the other end of a TLS connection: s_client or s_server on a Unix socket
 * in a folder of its own.  What it gets on its standard input it sends, unless that begins with
 * a letter it takes for a command; what it receives it prints.
 */
#ifndef TESTS_UNIT_TLS_OPENSSL_PEER_H
#define TESTS_UNIT_TLS_OPENSSL_PEER_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tls/hex.h"

#define OPENSSL_PATIENCE_MS 20000
#define OPENSSL_ARGUMENTS_MAX 40

struct openssl_peer {
	char folder[32];
	pid_t pid;
	int input, output; /* its standard input and output, our ends, never blocking */
	int socket;	   /* the connection, our end, never blocking; -1: none yet */
};

static inline void never_block(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

static inline void openssl_path(const struct openssl_peer *peer, const char *name, char path[64])
{
	snprintf(path, 64, "%s/%s", peer->folder, name);
}

static inline void openssl_write_file(const struct openssl_peer *peer, const char *name,
				      const char *text)
{
	char path[64];

	openssl_path(peer, name, path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
}

static inline void openssl_begin(struct openssl_peer *peer)
{
	*peer = (struct openssl_peer) {
		.folder = "/tmp/lanyard-XXXXXX", .input = -1, .output = -1, .socket = -1
	};
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(mkdtemp(peer->folder));
}

/* Runs `openssl` with the arguments (ended by NULL) in the folder. */
static inline void openssl_start(struct openssl_peer *peer, const char *const *arguments)
{
	char *argv[OPENSSL_ARGUMENTS_MAX] = { (char *)"openssl" };
	int input[2], output[2];

	for (unsigned i = 0; arguments[i]; i++) {
		assert_in_range(i + 2, 0, OPENSSL_ARGUMENTS_MAX - 1);
		argv[i + 1] = (char *)arguments[i];
	}
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	peer->pid = fork();
	assert_true(peer->pid >= 0);
	if (peer->pid == 0) {
		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		if (chdir(peer->folder) == 0)
			execvp(argv[0], argv);
		_exit(127);
	}
	close(input[0]);
	close(output[1]);
	peer->input = input[1];
	peer->output = output[0];
	never_block(peer->input);
	never_block(peer->output);
}

/* Waits until something can be done with the descriptor. */
static inline void openssl_wait(int fd, short events, const char *what)
{
	struct pollfd wait = { .fd = fd, .events = events };

	if (poll(&wait, 1, OPENSSL_PATIENCE_MS) != 1)
		fail_msg("waited in vain for %s", what);
}

static inline struct sockaddr_un openssl_address(const struct openssl_peer *peer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", peer->folder);
	return address;
}

/* Before openssl_start with s_client: where it will connect to. */
static inline int openssl_listen(const struct openssl_peer *peer)
{
	struct sockaddr_un address = openssl_address(peer);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	return listener;
}

static inline void openssl_accept(struct openssl_peer *peer, int listener)
{
	openssl_wait(listener, POLLIN, "openssl s_client");
	peer->socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(peer->socket >= 0);
	close(listener);
}

/* After openssl_start with s_server, which says ACCEPT when it listens. */
static inline void openssl_connect(struct openssl_peer *peer)
{
	struct sockaddr_un address = openssl_address(peer);
	char said[512] = "";
	size_t len = 0;

	while (!strstr(said, "ACCEPT")) {
		openssl_wait(peer->output, POLLIN, "openssl s_server");
		ssize_t got = read(peer->output, said + len, sizeof(said) - 1 - len);
		if (got <= 0)
			fail_msg("openssl s_server ended: %s", said);
		len += (size_t)got;
	}
	peer->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(peer->socket, (struct sockaddr *)&address, sizeof(address)), 0);
	never_block(peer->socket);
}

static inline void openssl_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* It was told to end, or will see that its input has: its exit status. */
static inline int openssl_finish(struct openssl_peer *peer)
{
	int status;

	openssl_close(&peer->socket);
	openssl_close(&peer->input);
	assert_int_equal(waitpid(peer->pid, &status, 0), peer->pid);
	peer->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Leaves nothing behind, whatever has happened. */
static inline void openssl_remove(struct openssl_peer *peer, const char *const *files)
{
	char path[64];

	if (peer->pid > 0) {
		kill(peer->pid, SIGKILL);
		waitpid(peer->pid, NULL, 0);
	}
	openssl_close(&peer->socket);
	openssl_close(&peer->input);
	openssl_close(&peer->output);
	for (; *files; files++) {
		openssl_path(peer, *files, path);
		unlink(path);
	}
	openssl_path(peer, "socket", path);
	unlink(path);
	rmdir(peer->folder);
}

#endif
