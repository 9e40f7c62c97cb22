# SPDX-License-Identifier: Apache-2.0
"""TCP streams by iperf3, from a laptop to a host that has a server for each run."""

import contextlib
import itertools
import subprocess
from dataclasses import dataclass

from figures import iperf_bytes
from world import until

DIRECTIONS = {"up": [], "down": ["-R"], "both ways": ["--bidir"]}

# A port of its own for every run: what the last one left lingering is not in the way.
ports = itertools.cycle(range(5201, 15201))


@dataclass
class Stream:
    forth_gbit_s: float  # in the direction asked for; of both ways, up
    back_gbit_s: float   # of both ways, down; else 0
    byte_count: int      # that arrived, both ways together
    text: str            # iperf3's report

    @property
    def gbit_s(self):
        return self.forth_gbit_s + self.back_gbit_s


@contextlib.contextmanager
def listener(world, host, address):
    """An iperf3 server for one run; its port."""
    port = next(ports)
    server = world.daemon(host, f"iperf3-{port}", ["iperf3", "-s", "-1", "-B", address, "-p", port])
    server.start()
    try:
        until(lambda: f":{port} " in host.run("ss", "-Hltn").stdout, "iperf3 does not listen")
        yield port
    finally:
        world.forget(server)  # it lingers where its client failed


def client_command(address, port, direction, seconds, parallel, interval_s=1):
    return ["iperf3", "-J", "-6", "-c", address, "-p", port, "-t", seconds, "-P", parallel,
            "-i", interval_s, *DIRECTIONS[direction]]


def read(done):
    if done.returncode != 0:
        raise RuntimeError(f"iperf3: {done.stdout[-500:]}{done.stderr[-500:]}")
    forth, back, seconds = iperf_bytes(done.stdout)
    return Stream(forth * 8 / seconds / 1e9, back * 8 / seconds / 1e9, forth + back, done.stdout)


def stream(world, client, server, address, direction, seconds, parallel=1, interval_s=1):
    """From the client host to an address of the server host."""
    with listener(world, server, address) as port:
        return read(client.run(*client_command(address, port, direction, seconds, parallel,
                                               interval_s), check=False, seconds=seconds + 30))


@contextlib.contextmanager
def stream_beside(world, client, server, address, direction, seconds):
    """A stream that runs while the body does; `result()` of what it gives waits for its end."""
    with listener(world, server, address) as port:
        command = client.enter(client_command(address, port, direction, seconds, 1))
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)

        def result():
            stdout, stderr = process.communicate(timeout=seconds + 30)
            return read(subprocess.CompletedProcess(command, process.returncode, stdout, stderr))

        try:
            yield result
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
