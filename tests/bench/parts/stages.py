# SPDX-License-Identifier: Apache-2.0
"""Where the cycles of a frame go: each end's processor time by stage, under one TCP stream."""

from parts.ways import up_together
from probes import profile
from probes.streams import stream
from rivals.lanyard import Lanyard


def measure_stages(world, way, direction, seconds):
    data = world.folder / "perf.data"
    with profile.recorded(data):
        stream(world, way.laptop(), world.office, way.office_address(), direction, seconds)
    return profile.shares(profile.read(data), {"client": way.laptop_processes(),
                                               "server": way.office_processes()})


def stages(world, report, options):
    report.begin("stages", "Where the cycles go, in % of what each end's process takes")
    if profile.missing():
        report.note("not measured: perf is not installed", missing=profile.missing())
        return
    way, = up_together(world, [Lanyard])
    names = [*(name for name, _ in profile.STAGES), profile.OWN_CODE,
             *(name for name, _ in profile.WITHIN)]
    for direction, sender, receiver in (("up", "client", "server"), ("down", "server", "client")):
        rounds = [measure_stages(world, way, direction, options.seconds)
                  for _ in range(options.rounds)]
        for name in names:
            report.figure(f"{direction}: {name}", "%",
                          {f"{role} ({end})": [100 * r[end].get(name, 0) for r in rounds]
                           for role, end in (("sends", sender), ("receives", receiver))})
