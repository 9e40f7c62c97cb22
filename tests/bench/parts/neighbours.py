# SPDX-License-Identifier: Apache-2.0
"""What a client notices of all the others: idle ones, busy ones, and those that all come back."""

import time

from figures import percentile, ratios
from probes import pings
from probes.frames import receiving
from probes.streams import stream
from probes.swarm import Swarm, sources
from rivals.lanyard import Lanyard
from world import end, settle, wait_for_line

COUNT = 1000
LOGINS_LIMIT_S = 90
RATE = 25         # frames per second of each busy session
BUSY_S = 3
STORM_PINGS = 1200
BEFORE_STORM_S = 1


def measure_active(world, lanyard, seconds):
    """A client's streams alone, then with so many idle sessions on the server."""
    def streams():
        return {direction: stream(world, lanyard.laptop(), world.office, lanyard.office_address(),
                                  direction, seconds).gbit_s for direction in ("up", "down")}

    alone = streams()
    with Swarm(lanyard, COUNT, "-s", 0) as swarm:
        if swarm.line(LOGINS_LIMIT_S)["up"] < COUNT:
            raise RuntimeError(f"not all {COUNT} sessions came up")
        settle()
        among = streams()
    settle()
    return {"alone": alone, "among": among}


def active(world, report, options):
    report.begin("active", f"One active client among {COUNT} idle ones")
    with Lanyard(world) as lanyard:
        sources(world, lanyard)
        lanyard.start()
        lanyard.wait_until_up()
        found = [measure_active(world, lanyard, options.seconds) for _ in range(options.rounds)]
    for direction in ("up", "down"):
        alone, among = ([result[how][direction] for result in found] for how in ("alone", "among"))
        report.figure(f"1 stream {direction}, alone", "Gbit/s", {"Lanyard": alone})
        report.figure(f"1 stream {direction}, among {COUNT}", "Gbit/s", {"Lanyard": among})
        report.figure(f"1 stream {direction}, among over alone", "x",
                      {"Lanyard": ratios(among, alone)})


def measure_busy(world, lanyard):
    """So many sessions that all send: to each other, then to the office."""
    options = ("-s", BUSY_S, "-f", RATE)
    with Swarm(lanyard, COUNT, *options) as swarm:
        swarm.line(LOGINS_LIMIT_S)
        among = swarm.line(BUSY_S + 30)
    settle()
    with receiving(world, world.office) as received:
        target = world.office.mac(lanyard.office_device)
        with Swarm(lanyard, COUNT, *options, "-t", target) as swarm:
            swarm.line(LOGINS_LIMIT_S)
            to_office = swarm.line(BUSY_S + 30)
        got = received()
    return {"among": among, "to_office": to_office,
            "among_per_s": among["frames_received"] / among["duration_s"],
            "among_share": among["frames_received"] / among["frames_sent"],
            "office_per_s": got["frames"] / to_office["duration_s"],
            "office_share": got["frames"] / to_office["frames_sent"]}


def busy(world, report, options):
    report.begin("busy", f"{COUNT} sessions, each sending {RATE} frames of 64 bytes per second")
    with Lanyard(world) as lanyard:
        sources(world, lanyard)
        found = [measure_busy(world, lanyard) for _ in range(options.rounds)]
    for name, key in (("each to the next one", "among"), ("all to the office", "office")):
        report.figure(f"{name}, arrived", "1/s",
                      {"Lanyard": [result[f"{key}_per_s"] for result in found]})
        report.figure(f"{name}, arrived of sent", "x",
                      {"Lanyard": [result[f"{key}_share"] for result in found]})
    report.note("what the sessions counted is in the JSON", rounds=found)


def measure_storm(lanyard, other):
    """The server of so many sessions restarts, while a client of another one is pinged."""
    with Swarm(lanyard, COUNT, "-s", 0, "-r") as swarm:
        swarm.line(LOGINS_LIMIT_S)
        settle(2)
        with pings.beside(other.laptop(), other.office_address(), STORM_PINGS) as result:
            time.sleep(BEFORE_STORM_S)
            start_s = time.monotonic()
            end(lanyard.server)
            lanyard.server.start()
            wait_for_line(lanyard.server, "ready")
            ready_s = time.monotonic() - start_s
            back = swarm.line(LOGINS_LIMIT_S)
            back_s = time.monotonic() - start_s
            times = result()
    return {"back_s": back_s, "ready_s": ready_s, "back": back, "largest_ms": max(times),
            "p99_ms": percentile(times, 99), "lost": times.count(pings.LOST_MS)}


def storm(world, report, options):
    report.begin("storm", f"{COUNT} clients reconnect at once after their server's restart")
    with Lanyard(world, name="other", port=444) as other, Lanyard(world) as lanyard:
        sources(world, lanyard)
        other.start()
        other.wait_until_up()
        found = [measure_storm(lanyard, other) for _ in range(options.rounds)]
    report.figure("from the restart until all are back", "s",
                  {"Lanyard": [result["back_s"] for result in found]})
    report.figure("largest round trip of another server's client", "ms",
                  {"Lanyard": [result["largest_ms"] for result in found]})
    report.figure("its p99", "ms", {"Lanyard": [result["p99_ms"] for result in found]})
    report.note("lost pings count as 1000 ms; how the sessions fared is in the JSON", rounds=found)
