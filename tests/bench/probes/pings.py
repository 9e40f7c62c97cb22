# SPDX-License-Identifier: Apache-2.0
"""Round trips, by ping: one every ten milliseconds."""

import contextlib
import subprocess

from figures import ping_times_ms

INTERVAL_S = 0.01
LOST_MS = 1000  # what a ping that had no answer within this time counts as


def command(address, count):
    return ["ping", "-n", "-i", INTERVAL_S, "-c", count, "-W", LOST_MS // 1000, address]


def read(host, address, count, stdout, stderr):
    times = ping_times_ms(stdout, count, LOST_MS)
    if min(times) >= LOST_MS:
        raise RuntimeError(f"{host.name}: no ping answered by {address}\n{stdout[-500:]}"
                           f"{stderr[-500:]}")
    return times


def times_ms(host, address, count):
    """Of so many pings, each one's."""
    done = host.run(*command(address, count), check=False, seconds=count * INTERVAL_S + 30)
    return read(host, address, count, done.stdout, done.stderr)


@contextlib.contextmanager
def beside(host, address, count):
    """So many pings while the body runs; `result()` of what it gives waits for the last."""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL",
                                *host.enter(command(address, count))], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        yield lambda: read(host, address, count,
                           *process.communicate(timeout=count * INTERVAL_S + 30))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
