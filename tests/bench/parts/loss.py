# SPDX-License-Identifier: Apache-2.0
"""What is left of a stream when the outer path is long and loses packets."""

from pathlib import Path

from farworld import DELAY_MS, LOST_PERCENT, FarWorld
from figures import percentile
from parts.ways import figures_of, in_turns, up_together
from probes import pings
from probes.steady import steady
from rivals.bare import Bare
from rivals.lanyard import Lanyard
from rivals.openvpn import OpenVpnTcp

SETTINGS = Path("/proc/sys/net/ipv4")


def controls():
    """The machine's own congestion control, and one that takes loss for congestion."""
    own = (SETTINGS / "tcp_congestion_control").read_text(encoding="ascii").strip()
    allowed = (SETTINGS / "tcp_allowed_congestion_control").read_text(encoding="ascii").split()
    classic = next((name for name in ("cubic", "reno") if name in allowed), own)
    return {"own": own, "classic": classic}


def measure_loss(far, way, seconds):
    laptop, office = way.laptop(), far.office
    up = steady(far, laptop, office, way.office_address(), seconds)
    down = steady(far, office, laptop, way.client_address(0), seconds)
    return {"up": up, "down": down}


def loss_under(report, options, which, control):
    with FarWorld(control) as far:
        rivals = [] if options.alone or OpenVpnTcp.missing() else [OpenVpnTcp]
        ways = up_together(far, [Bare, Lanyard, *rivals])
        idle = {way.name: percentile(pings.times_ms(way.laptop(), way.office_address(), 100), 50)
                for way in ways}
        found = in_turns(options.rounds, ways,
                         lambda way: measure_loss(far, way, options.seconds + 1))
        fate = {way.name: far.fate(way.laptop()) for way in ways}
    for direction in ("up", "down"):
        for name, unit, index in (("stream", "Gbit/s", 0), ("longest stall", "ms", 1)):
            report.figure(f"{name} {direction}, {which} control", unit,
                          figures_of(found, lambda r, d=direction, i=index: r[d][i]))
    report.note("; ".join(f"{name}: {100 * f['lost'] / f['packets']:.2f} % of {f['packets']} "
                          f"packets lost" for name, f in fate.items()),
                control=control, fate=fate, idle_ms=idle)


def loss(_world, report, options):
    report.begin("loss", f"One TCP stream where {LOST_PERCENT} % of the outer packets is lost and "
                         f"the way there and back takes {2 * DELAY_MS} ms")
    for which, control in controls().items():
        report.note(f"{which} congestion control, inside and outside of the tunnels: {control}")
        loss_under(report, options, which, control)
