# SPDX-License-Identifier: Apache-2.0
"""Which ways are compared, and all of them up at once, so that the rounds can take turns."""

from rivals.bare import Bare
from rivals.lanyard import Lanyard
from rivals.openvpn import OpenVpnTcp, OpenVpnUdp
from rivals.softether import SoftEther
from rivals.spike import Spike
from rivals.tinc import Tinc
from world import settle

# In the order of the tables.
RIVALS = (OpenVpnUdp, OpenVpnTcp, SoftEther, Tinc)


def classes(report, options):
    """Those of the ways; what cannot be compared here is said."""
    found = [Bare, Lanyard]
    if not options.alone:
        for rival in RIVALS:
            missing = rival.missing()
            if missing:
                report.note(f"not compared: {', '.join(missing)} is not installed",
                            missing=missing)
            else:
                found.append(rival)
    if options.spike:
        found.append(Spike)
    else:
        report.note("not compared: the spike, no --spike FILE.c given")
    return found


def all_up(world, report, options, clients=1):
    """Every way that can have so many clients, connected."""
    return up_together(world, [way for way in classes(report, options)
                               if way.client_count >= clients], clients)


def up_together(world, chosen, clients=1):
    """Makes these ways: a list.  They end with their world."""
    ways = [way(world) for way in chosen]
    for way in ways:
        way.__enter__()
    for way in ways:
        for number in range(clients):
            way.start(number)
    for way in ways:
        way.wait_until_up(clients)
    settle(2)
    return ways


def in_turns(rounds, ways, measure):
    """{way's name: [what measure(way) gave, of each round]}: each round takes every way once, so
    that what else happens on the machine hits them all."""
    found = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            found[way.name].append(measure(way))
    return found


def figures_of(found, pick):
    """Of what in_turns gave, one number of each round."""
    return {name: [pick(result) for result in rounds] for name, rounds in found.items()}
