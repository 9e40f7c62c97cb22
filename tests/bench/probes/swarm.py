# SPDX-License-Identifier: Apache-2.0
"""swarm.c beside this folder: so many sessions of one laptop, none with a TAP.

Each comes from an address of its own, as clients do: a server's limits are per source.
"""

import json
import selectors
import signal
import subprocess

from world import BUILD

SWARM = BUILD / "tests/bench/swarm"
SOURCES = "198.19.0.0/16"  # RFC 2544
FIRST_SOURCE = "198.19.0.1"


def sources(world, lanyard):
    """The first laptop has all these addresses, and the office knows the way to them."""
    laptop = lanyard.laptop()
    laptop.ip("route", "replace", "local", SOURCES, "dev", "lo")
    world.office.ip("route", "replace", SOURCES, "via", world.cable(laptop).host4)


class Swarm:
    """`with` ends it.  Each line that it prints says how its sessions are; after sources().
    nice: of its process, where it stands for machines elsewhere and must not take this one's."""

    def __init__(self, lanyard, count, *options, profile=None, nice=0):
        command = lanyard.laptop().enter(["nice", "-n", nice, SWARM, "-n", count,
                                          "-a", FIRST_SOURCE, *options,
                                          profile or lanyard.profile()])
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()

    def listen(self):
        """From now on it counts who is told of the route of its option -u."""
        self.process.send_signal(signal.SIGUSR1)
        line = self.line(5)
        if line["event"] != "listens":
            raise RuntimeError(f"the swarm does not listen: {line}")

    def line(self, limit_s):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(limit_s):
                raise RuntimeError(f"the swarm said nothing for {limit_s} s")
        text = self.process.stdout.readline()
        if not text:
            raise RuntimeError(f"the swarm ended with {self.process.wait()}")
        return json.loads(text)
