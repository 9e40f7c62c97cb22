# SPDX-License-Identifier: Apache-2.0
"""64-byte frames per second that arrive, by frames.c beside this folder."""

import contextlib
import json

from world import BUILD, until

FRAMES = BUILD / "tests/bench/frames"
PORT = 5202


@contextlib.contextmanager
def receiving(world, host):
    """Counts what arrives at a host; `result()` of what it gives waits until nothing comes."""
    receiver = world.daemon(host, "frames", [FRAMES, "receive", PORT])
    receiver.start()

    def result():
        if receiver.process.wait(30) != 0:
            raise RuntimeError(f"frames: {receiver.log()[-500:]}")
        return json.loads(receiver.log(all_starts=False).splitlines()[-1])

    try:
        until(lambda: "ready" in receiver.log(all_starts=False), "frames does not receive")
        yield result
    finally:
        world.forget(receiver)


def delivered_per_s(world, source, target, address, seconds):
    """(arrived per second, sent per second); address: of the target host."""
    with receiving(world, target) as result:
        sent = json.loads(source.run(FRAMES, "send", address, PORT, seconds).stdout)
        got = result()
    if not got["seconds"]:
        raise RuntimeError(f"{target.name}: {got['frames']} frames of {sent['frames']} arrived")
    return got["frames"] / got["seconds"], sent["frames"] / sent["seconds"]
