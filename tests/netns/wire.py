# SPDX-License-Identifier: Apache-2.0
"""Frames by hand: a raw socket on an interface of a host, to send and to see what comes."""

import os
import select
import socket
import time

ALL_PROTOCOLS = 3
BUFFER = 8 << 20


def marker():
    """Six bytes that no other frame has in it."""
    return os.urandom(6)


class Wire:
    """An interface of a host.  Sees what arrives there, not what the host itself sends."""

    def __init__(self, host, interface):
        self.mac = host.mac(interface)
        with host.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                        socket.htons(ALL_PROTOCOLS))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            self.socket.bind((interface, ALL_PROTOCOLS))
        self.arrived = []

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, frame):
        self.socket.send(bytes(frame))

    def collect(self, wait_s=0.0):
        for frame, outgoing in self.receive(wait_s):
            if not outgoing:
                self.arrived.append(frame)

    def receive(self, wait_s):
        """What there is, waiting for the first: frames, and whether the host itself sent them."""
        while select.select([self.socket], [], [], wait_s)[0]:
            frame, origin = self.socket.recvfrom(70000)
            yield frame, origin[2] == socket.PACKET_OUTGOING
            wait_s = 0

    def saw(self, mark):
        """How many of the frames that arrived so far have the marker in them."""
        self.collect()
        return sum(mark in frame for frame in self.arrived)

    def wait_for(self, mark, seconds=5):
        """True as soon as a frame with the marker is there."""
        deadline = time.monotonic() + seconds
        while not self.saw(mark):
            left = deadline - time.monotonic()
            if left < 0:
                return False
            self.collect(left)
        return True
