# SPDX-License-Identifier: Apache-2.0
"""The DHCPv6 server beside Kea's: exchanges a second, how long one takes, and many leases."""

import shutil
import tempfile
from pathlib import Path

from figures import highest, percentile
from machine import filesystem
from probes.perfdhcp import MOST_LOST, perfdhcp
from rivals.kea import Kea, missing
from rivals.lanyard_dhcp6 import LanyardDhcp6
from world import BUILD, settle

KINDS = (("address-only", "addresses"), ("address-and-prefix", "addresses with prefixes"))
FIRST_RATE = 3000
CALM_RATE = 1000
TRIES = 2  # something else may have happened on the machine
LEASES = 100000


def most(server, kind, seconds):
    """The most exchanges a second of which no more than 2.5 % are lost, each time from no leases."""
    def completed(rate):
        for _ in range(TRIES):
            with server:
                result = perfdhcp(server, kind, rate, seconds)
            if result.lost <= MOST_LOST:
                return result.completed / seconds
        return None
    return highest(completed, FIRST_RATE)


def usual_ms(server, seconds):
    """Half of the exchanges take no longer: Solicit to Advertise and Request to Reply."""
    with server:
        result = perfdhcp(server, KINDS[0][0], CALM_RATE, seconds, "-xt")
    return sum(percentile(times_ms, 50) for times_ms in result.times_ms)


def hold(lanyard, count):
    """(KiB that so many leases take, s until the server is ready) after a start with them."""
    with lanyard:
        perfdhcp(lanyard, KINDS[0][0], CALM_RATE, 1)
    lanyard.fill(count)
    ready_s = lanyard.start_s()
    settle()
    with_kib = lanyard.way.resident_kib()
    lanyard.way.__exit__()
    lanyard.forget()
    lanyard.start_s()
    settle()
    without_kib = lanyard.way.resident_kib()
    lanyard.way.__exit__()
    return with_kib - without_kib, ready_s


def compare(report, options, servers):
    for kind, name in KINDS:
        rounds = {server.name: [] for server in servers}
        for _ in range(options.rounds):
            for server in servers:
                rounds[server.name].append(most(server, kind, options.seconds))
        report.figure(f"exchanges, {name}", "1/s", rounds)
    report.figure(f"exchange at {CALM_RATE}/s, median", "ms",
                  {server.name: [usual_ms(server, options.seconds) for _ in range(options.rounds)]
                   for server in servers})


def dhcp6(world, report, options):
    report.begin("dhcp6", "DHCPv6, perfdhcp's four-message exchanges; Lanyard's through the tunnel")
    folder = Path(tempfile.mkdtemp(prefix="dhcp6-", dir=BUILD))
    try:
        report.note(f"leases are kept on {filesystem(folder)}")
        absent = missing()
        if absent:
            report.note(f"not measured: {', '.join(absent)} cannot be fetched", missing=absent)
            return
        lanyard = LanyardDhcp6(world, folder)
        compare(report, options, [lanyard] if options.alone else [lanyard, Kea(world, folder)])
        held = [hold(lanyard, LEASES) for _ in range(options.rounds)]
        report.figure(f"memory of {LEASES} leases", "MiB",
                      {"Lanyard": [kib / 1024 for kib, _ in held]})
        report.figure(f"start with {LEASES} leases", "s", {"Lanyard": [s for _, s in held]})
    finally:
        shutil.rmtree(folder)
