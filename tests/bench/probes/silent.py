# SPDX-License-Identifier: Apache-2.0
"""TCP connections that never say a word, each from an address of its own.

Run as a program it is one process with its share of them: a process may not have so many files.
"""

import contextlib
import ipaddress
import resource
import select
import socket
import subprocess
import sys

EACH = 10000  # connections of one process
IP_FREEBIND, IP_BIND_ADDRESS_NO_PORT = 15, 24  # of <linux/in.h>; the socket module has no names


class Silent:
    """`with` ends them.  After probes.swarm.sources()."""

    def __init__(self, host, address, port, count, first):
        self.processes = [
            subprocess.Popen(["setpriv", "--pdeathsig", "KILL",
                              *host.enter([sys.executable, __file__, address, port,
                                           min(EACH, count - done),
                                           ipaddress.ip_address(first) + done])],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for done in range(0, count, EACH)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.communicate()

    def _ask(self, word):
        for process in self.processes:
            process.stdin.write(word + "\n")
            process.stdin.flush()
        answers = [process.stdout.readline() for process in self.processes]
        if not all(answers):
            raise RuntimeError(f"silent connections have ended: {answers}")
        return sum(int(answer) for answer in answers)

    def dial(self):
        """All of them begin, as fast as they can, and nobody waits for an answer; how many."""
        return self._ask("dial")

    def closed(self):
        """How many the server has closed."""
        return self._ask("closed")


def dial(to, count, first):
    for number in range(count):
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)
        connection.setsockopt(socket.SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        connection.bind((str(first + number), 0))
        with contextlib.suppress(BlockingIOError):
            connection.connect(to)
        yield connection


def count_closed(connections):
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLRDHUP)
    return len(poll.poll(0))


def main():
    address, port, count, first = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections = []
    for word in sys.stdin:
        if word == "dial\n":
            connections += dial((address, int(port)), int(count), ipaddress.ip_address(first))
            print(len(connections), flush=True)
        else:
            print(count_closed(connections), flush=True)


if __name__ == "__main__":
    main()
