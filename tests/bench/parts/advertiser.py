# SPDX-License-Identifier: Apache-2.0
"""The router advertiser among many clients: a change that all of them hear of, and doing nothing."""

import json
import os
import time
from pathlib import Path

from figures import stat_cpu_ticks
from probes.swarm import Swarm, sources
from rivals.lanyard import Lanyard
from world import settle

COUNT = 1000
LOGINS_LIMIT_S = 90
INITIAL_S = 52  # RFC 4861 6.2.4: the first four advertisements are 16 s apart; then 3 s of its own
IDLE_S = 60
QUICK_IDLE_S = 10
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def swarm_at_rest(lanyard, *options):
    swarm = Swarm(lanyard, COUNT, "-s", 0, *options)
    if swarm.line(LOGINS_LIMIT_S)["up"] < COUNT:
        raise RuntimeError(f"not all {COUNT} sessions came up")
    settle(INITIAL_S)
    return swarm


def measure_told(lanyard, route):
    """The configuration gets one more route; who hears of it, when, and how often."""
    with swarm_at_rest(lanyard, "-u", route) as swarm:
        swarm.listen()
        start_s = time.monotonic()
        answer = json.loads(lanyard.reload(f"route = {route}"))
        reload_s = time.monotonic() - start_s
        return {**swarm.line(10), "answer": answer, "reload_s": reload_s}


def told(world, report, options):
    report.begin("told", f"A changed route reaches {COUNT} clients by `lanyard reload`")
    lanyard = Lanyard(world)
    sources(world, lanyard)
    with lanyard:
        found = [measure_told(lanyard, f"2001:db8:{number}::/48")
                 for number in range(200, 200 + options.rounds)]
    for name, unit, key in ((f"clients told, of {COUNT}", "clients", "told"),
                            ("from the reload to the last client", "s", "last_told_s"),
                            ("frames to one client", "frames", "most_frames")):
        report.figure(name, unit, {"Lanyard": [result[key] for result in found]})
    report.figure("the reload itself", "ms",
                  {"Lanyard": [result["reload_s"] * 1000 for result in found]})
    report.note("what the clients counted is in the JSON", rounds=found)


def control_thread_s(lanyard):
    """Processor time of the server's first thread: configuration, advertisements, netlink."""
    pid = lanyard.server.process.pid
    text = Path(f"/proc/{pid}/task/{pid}/stat").read_text(encoding="utf8")
    return stat_cpu_ticks(text) / TICKS_PER_S


def idle(world, report, options):
    report.begin("idle", f"The advertiser at {COUNT} idle clients")
    seconds = QUICK_IDLE_S if options.quick else IDLE_S
    lanyard = Lanyard(world)
    sources(world, lanyard)
    with lanyard, swarm_at_rest(lanyard):
        shares = []
        for _ in range(options.rounds):
            before_s = control_thread_s(lanyard)
            time.sleep(seconds)
            shares.append((control_thread_s(lanyard) - before_s) / seconds * 100)
    report.figure("processor time of the control thread", "% of a core", {"Lanyard": shares})
    report.note(f"over {seconds} s each; a tick of the clock is "
                f"{100 / TICKS_PER_S / seconds:.3f} %")
