# SPDX-License-Identifier: Apache-2.0
"""How long a client takes from its start until a host behind the office answers it."""

import contextlib
import os
import socket
import struct
import time

from world import DATACENTER, settle

PROBE_INTERVAL_S = 0.002
ECHO_REQUEST, ECHO_REPLY = 128, 129


def answered(probe, identifier, address):
    """Reads what has come; True if it is an answer to one of ours."""
    with contextlib.suppress(BlockingIOError):
        while True:
            answer, (source, *_) = probe.recvfrom(1500)
            kind, _, _, echoed = struct.unpack("!BBHH", answer[:6])
            if (kind, echoed, source) == (ECHO_REPLY, identifier, address):
                return True
    return False


def first_answer_s(host, start, address=DATACENTER, limit_s=15):
    """Calls start(), and returns how long after that the address has answered the first ping.

    One echo request every two milliseconds from the beginning on: while there is no route the
    kernel refuses them at once, and from then on each is tried.
    """
    assert not host.run("ip", "route", "get", address, check=False).stdout, "there is a way already"
    with host.inside():
        probe = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    with probe:
        probe.setblocking(False)
        identifier, begin = os.getpid() & 0xffff, time.monotonic()
        start()
        sequence = 0
        while time.monotonic() - begin < limit_s:
            with contextlib.suppress(OSError):  # no route yet, no address yet
                probe.sendto(struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identifier,
                                         sequence & 0xffff), (address, 0))
            sequence += 1
            time.sleep(PROBE_INTERVAL_S)
            if answered(probe, identifier, address):
                return time.monotonic() - begin
    raise RuntimeError(f"{host.name}: no answer from {address} within {limit_s} s")


def connect_s(way):
    """From the start of the client's process to the first answer through the pushed route."""
    try:
        return first_answer_s(way.laptop(), way.start)
    finally:
        way.stop()
        settle()
