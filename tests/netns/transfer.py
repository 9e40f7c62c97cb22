# SPDX-License-Identifier: Apache-2.0
"""Bytes over TCP between two hosts, in both directions at once, compared by SHA-256."""

import hashlib
import os
import socket
import threading
import time

BLOCK = 1 << 20
STALL_S = 30


class Direction:
    """One sender and one receiver, each in a thread of its own."""

    def __init__(self, sender, receiver, blocks):
        self.sender, self.receiver, self.blocks = sender, receiver, blocks
        self.sent, self.received = hashlib.sha256(), hashlib.sha256()
        self.received_bytes = 0
        self.problem = None
        self.threads = [threading.Thread(target=self._guard, args=(work,))
                        for work in (self._send, self._receive)]

    def _guard(self, work):
        try:
            work()
        except OSError as problem:
            self.problem = f"{work.__name__.strip('_')}: {problem}"

    def _send(self):
        noise = os.urandom(BLOCK)
        for number in range(self.blocks):
            block = number.to_bytes(8, "big") + noise[8:]
            self.sent.update(block)
            self.sender.sendall(block)
        self.sender.shutdown(socket.SHUT_WR)

    def _receive(self):
        buffer = bytearray(BLOCK)
        while count := self.receiver.recv_into(buffer):
            self.received.update(memoryview(buffer)[:count])
            self.received_bytes += count


def both_ways(one, other, address, blocks, port=5001):
    """Moves so many MiB from one to other (at address) and back at once.  Returns the seconds.

    Fails when a byte is missing or different, or nothing moves for half a minute.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with other.inside():
        listener = socket.create_server((address, port), family=family)
    with one.inside():
        near = socket.create_connection((address, port), 10)
    far, _ = listener.accept()
    listener.close()
    for end in (near, far):
        end.settimeout(STALL_S)
    start = time.monotonic()
    with near, far:
        ways = [Direction(near, far, blocks), Direction(far, near, blocks)]
        threads = [thread for way in ways for thread in way.threads]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for way in ways:
        assert not way.problem, way.problem
        assert way.received_bytes == blocks * BLOCK
        assert way.received.digest() == way.sent.digest(), "what arrived is not what was sent"
    return time.monotonic() - start
