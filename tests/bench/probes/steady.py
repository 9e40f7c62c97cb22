# SPDX-License-Identifier: Apache-2.0
"""One TCP stream and its longest gap, by steady.c beside this folder."""

import itertools
import json

from world import BUILD, until

STEADY = BUILD / "tests/bench/steady"
LIMIT_S = 40  # beyond the stream's own time: what is on its way when it ends

# A port of its own for every run: what the last one left lingering is not in the way.
ports = itertools.cycle(range(15201, 25201))


def steady(world, source, target, address, seconds):
    """(Gbit/s, longest gap in ms) of a stream from a host to an address of another."""
    port = next(ports)
    receiver = world.daemon(target, f"steady-{port}", [STEADY, "receive", port])
    receiver.start()
    try:
        until(lambda: "ready" in receiver.log(), "steady does not receive")
        source.run(STEADY, "send", address, port, seconds, seconds=seconds + LIMIT_S)
        if receiver.process.wait(LIMIT_S) != 0:
            raise RuntimeError(f"steady: {receiver.log()[-500:]}")
        got = json.loads(receiver.log().splitlines()[-1])
    finally:
        world.forget(receiver)
    return got["bytes"] * 8 / got["seconds"] / 1e9, got["longest_gap_ms"]
