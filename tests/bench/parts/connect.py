# SPDX-License-Identifier: Apache-2.0
"""From the start of a client to the first ping of a host that only the pushed route reaches; from an
invitation to the first name."""

from probes.first_ping import connect_s
from probes.newcomer import join_s
from rivals.lanyard import Lanyard
from rivals.openvpn import OpenVpnUdp


def connect(world, report, options):
    report.begin("connect", "From `connect` to the first ping through the pushed route")
    ways = {"Lanyard": Lanyard(world)}
    missing = OpenVpnUdp.missing()
    if missing:
        report.note(f"not compared: {', '.join(missing)} is not installed", missing=missing)
    elif not options.alone:
        ways["OpenVPN UDP, radvd"] = OpenVpnUdp(world, radvd=True)
        ways["same, optimistic DAD by hand"] = OpenVpnUdp(world, radvd=True, optimistic=True)
    found = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            with way:  # a fresh server each time: it has not advertised for long
                found[name].append(connect_s(way))
    report.figure("connect to first ping", "s", found)
    with ways["Lanyard"] as lanyard:
        joined = [join_s(world, lanyard, number) for number in range(options.rounds)]
    report.figure("join to the first name", "s", {"Lanyard": joined})
