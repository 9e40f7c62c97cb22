# SPDX-License-Identifier: Apache-2.0
"""swarm.c beside this folder: so many sessions of one laptop, none with a TAP."""

import json
import selectors
import subprocess

from world import BUILD

SWARM = BUILD / "tests/bench/swarm"


class Swarm:
    """`with` ends it.  Each line that it prints says how its sessions are."""

    def __init__(self, host, profile, count, stay_s, *options):
        command = host.enter([SWARM, "-n", count, "-s", stay_s, *options, profile])
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

    def line(self, limit_s):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(limit_s):
                raise RuntimeError(f"the swarm said nothing for {limit_s} s")
        text = self.process.stdout.readline()
        if not text:
            raise RuntimeError(f"the swarm ended with {self.process.wait()}")
        return json.loads(text)
