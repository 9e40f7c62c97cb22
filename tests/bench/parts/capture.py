# SPDX-License-Identifier: Apache-2.0
"""What a capture costs the stream that it sees: by its first bytes, by a filter that takes next to
nothing of it, and with a reader that stands still."""

import contextlib
import json
import signal

from figures import ratios
from probes.streams import stream
from rivals.lanyard import LANYARD, Lanyard
from world import settle, until

HEAD = "96"  # bytes of each frame: all headers
KINDS = {
    "head": ("a capture of each frame's head", ["-s", HEAD, "tcp"], False),
    "filter": ("a capture whose filter takes none of it", ["icmp6 and ip6[40] == 1"], False),
    "still": ("a capture whose reader stands still", [], True),
}


def shown(lanyard):
    return json.loads(lanyard.call("show", "captures", "--json"))["captures"]


@contextlib.contextmanager
def capturing(world, lanyard, arguments, still):
    """One that runs; what it has counted at the end is in the list that this gives."""
    daemon = world.daemon(world.office, "capture", [LANYARD, "capture", "-c", lanyard.conf, "-w",
                                                    "/dev/null", *arguments])
    counted = []
    daemon.start()
    try:
        until(lambda: shown(lanyard), "the capture does not begin")
        if still:
            daemon.process.send_signal(signal.SIGSTOP)
        yield counted
        counted.extend(shown(lanyard))
    finally:
        if still:
            daemon.process.send_signal(signal.SIGCONT)
        world.forget(daemon)
    until(lambda: not shown(lanyard), "the capture does not end")


def measure(world, lanyard, arguments, still, seconds):
    """The stream alone, beside the capture, and alone once more."""
    def rate():
        return stream(world, lanyard.laptop(), world.office, lanyard.office_address(), "up",
                      seconds).gbit_s

    before = rate()
    with capturing(world, lanyard, arguments, still) as counted:
        beside = rate()
    settle()
    return {"alone": (before + rate()) / 2, "beside": beside, "counted": counted}


def capture(world, report, options):
    report.begin("capture", "One stream that is captured, over one that is not")
    found = {kind: [] for kind in KINDS}
    with Lanyard(world, clients=1) as lanyard:
        lanyard.start()
        lanyard.wait_until_up()
        for _ in range(options.rounds):
            for kind, (_, arguments, still) in KINDS.items():
                found[kind].append(measure(world, lanyard, arguments, still, options.seconds))
    for kind, (name, _, _) in KINDS.items():
        report.figure(name, "x", {"Lanyard": ratios(
            *([result[how] for result in found[kind]] for how in ("beside", "alone")))})
    report.note("what was captured and lost is in the JSON", rounds=found)
