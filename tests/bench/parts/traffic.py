# SPDX-License-Identifier: Apache-2.0
"""What goes through: streams with the processor time they take, frames per second, and how long
a round trip takes meanwhile."""

import statistics
import time

from figures import percentile, ratios
from parts.ways import all_up, figures_of, in_turns
from probes import frames as frames_probe
from probes import pings
from probes.cpu import CpuMeter
from probes.streams import DIRECTIONS, stream, stream_beside

WARM_UP_S = 0.4  # of a stream, before pings look at it
PINGS = 200


def measure_streams(world, way, seconds):
    """One round of a way: Gbit/s and processor time of every kind of stream."""
    found, used = {}, {"laptop": 0.0, "office": 0.0, "machine": 0.0, "bytes": 0}
    for parallel, for_s in ((1, seconds), (4, max(seconds - 1, 1))):
        for direction in DIRECTIONS:
            meter = CpuMeter({"laptop": way.laptop_processes(), "office": way.office_processes()})
            with meter:
                run = stream(world, way.laptop(), world.office, way.office_address(), direction,
                             for_s, parallel)
            found[parallel, direction] = run.gbit_s
            if parallel == 1 and direction != "both ways":
                for end, spent_s in meter.seconds.items():
                    used[end] += spent_s
                used["bytes"] += run.byte_count
    return found, {end: used[end] / (used["bytes"] / 2 ** 30)
                   for end in ("laptop", "office", "machine")}


def streams(world, report, options):
    report.begin("streams", "TCP streams between laptop and office")
    report.note("CPU: of the tunnel's processes, one stream up and one down; what softirqs did for "
                "them is only in the machine's")
    ways = all_up(world, report, options)
    found = in_turns(options.rounds, ways,
                     lambda way: measure_streams(world, way, options.seconds))
    for parallel, name in ((1, "1 stream"), (4, "4 streams")):
        for direction in DIRECTIONS:
            report.figure(f"{name} {direction}", "Gbit/s",
                          figures_of(found, lambda r, key=(parallel, direction): r[0][key]))
        one_way = figures_of(found, lambda r, p=parallel: max(r[0][p, "up"], r[0][p, "down"]))
        both = figures_of(found, lambda r, p=parallel: r[0][p, "both ways"])
        report.figure(f"{name} both ways over one way", "x",
                      {way: ratios(both[way], one_way[way]) for way in both})
    tunnels = {name: rounds for name, rounds in found.items() if name != "bare veth"}
    for end in ("laptop", "office"):
        report.figure(f"CPU s/GiB at the {end}", "s/GiB",
                      figures_of(tunnels, lambda r, e=end: r[1][e]))
    report.figure("CPU s/GiB of both ends", "s/GiB",
                  figures_of(tunnels, lambda r: r[1]["laptop"] + r[1]["office"]))
    report.figure("CPU s/GiB, machine and iperf3", "s/GiB",
                  figures_of(found, lambda r: r[1]["machine"]))


def measure_loaded(world, way, seconds):
    found = {}
    for direction in ("up", "down"):
        with stream_beside(world, way.laptop(), world.office, way.office_address(), direction,
                           seconds) as result:
            time.sleep(WARM_UP_S)
            count = int((seconds - 2 * WARM_UP_S) / pings.INTERVAL_S)
            times = pings.times_ms(way.laptop(), way.office_address(), count)
            found[direction] = {"median": statistics.median(times), "p99": percentile(times, 99),
                                "lost": times.count(pings.LOST_MS), "gbit_s": result().gbit_s}
    return found


def loaded(world, report, options):
    report.begin("loaded", "Round trip while one TCP stream fills the way")
    ways = all_up(world, report, options)
    found = in_turns(options.rounds, ways,
                     lambda way: measure_loaded(world, way, options.seconds))
    for direction in ("up", "down"):
        for figure in ("median", "p99"):
            report.figure(f"{figure} under a stream {direction}", "ms",
                          figures_of(found, lambda r, d=direction, f=figure: r[d][f]))
        report.figure(f"that stream {direction} meanwhile", "Gbit/s",
                      figures_of(found, lambda r, d=direction: r[d]["gbit_s"]))
    report.note("lost pings count as 1000 ms; how many they were is in the JSON", rounds=found)


def round_trip(world, report, options):
    report.begin("roundtrip", "Idle round trip between laptop and office")
    ways = all_up(world, report, options)
    found = in_turns(options.rounds, ways, lambda way: statistics.median(
        pings.times_ms(way.laptop(), way.office_address(), PINGS)))
    report.figure("idle round trip", "ms", found)


def measure_frames(world, way, seconds):
    up = frames_probe.delivered_per_s(world, way.laptop(), world.office, way.office_address(),
                                      seconds)
    down = frames_probe.delivered_per_s(world, world.office, way.laptop(), way.client_address(0),
                                        seconds)
    return {"up": up, "down": down}


def frames(world, report, options):
    report.begin("frames", "64-byte UDP frames, as many as the sender can")
    ways = all_up(world, report, options)
    found = in_turns(options.rounds, ways,
                     lambda way: measure_frames(world, way, min(options.seconds, 2)))
    for direction in ("up", "down"):
        report.figure(f"64-byte frames {direction}", "1/s",
                      figures_of(found, lambda r, d=direction: r[d][0]))
    report.note("how many were sent is in the JSON", rounds=found)


def between(world, report, options):
    report.begin("between", "One TCP stream from laptop to laptop, through the office")
    ways = all_up(world, report, options, clients=2)
    found = in_turns(options.rounds, ways, lambda way: stream(
        world, way.laptop(0), way.laptop(1), way.client_address(1), "up",
        options.seconds).gbit_s)
    report.figure("laptop to laptop", "Gbit/s", found)
