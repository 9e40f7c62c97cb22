# SPDX-License-Identifier: Apache-2.0
"""64-byte frames per second that arrive, by frames.c beside this folder."""

import json

from world import BUILD, until

FRAMES = BUILD / "tests/bench/frames"
PORT = 5202


def delivered_per_s(world, source, target, address, seconds):
    """(arrived per second, sent per second); address: of the target host."""
    receiver = world.daemon(target, "frames", [FRAMES, "receive", PORT])
    receiver.start()
    try:
        until(lambda: "ready" in receiver.log(all_starts=False), "frames does not receive")
        sent = json.loads(source.run(FRAMES, "send", address, PORT, seconds).stdout)
        if receiver.process.wait(30) != 0:
            raise RuntimeError(f"frames: {receiver.log()[-500:]}")
        got = json.loads(receiver.log(all_starts=False).splitlines()[-1])
    finally:
        world.forget(receiver)
    if not got["seconds"]:
        raise RuntimeError(f"{target.name}: {got['frames']} frames of {sent['frames']} arrived")
    return got["frames"] / got["seconds"], sent["frames"] / sent["seconds"]
