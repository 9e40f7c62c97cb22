# SPDX-License-Identifier: Apache-2.0
"""What it costs a tunnel that its server is looked at: by open pages and a scraper, and by people who
mean it ill; and how soon a page has all of it."""

from figures import ratios
from probes.onlookers import Onlookers, snapshot
from probes.streams import stream
from probes.swarm import Swarm, sources
from rivals.lanyard import Lanyard
from world import settle

COUNT = 1000
LOGINS_LIMIT_S = 120
CROWDS = {"friends": "ten open pages and a scraper", "foes": "slow and hostile ones"}


def measure_crowd(world, lanyard, kind, token, seconds):
    """A client's stream alone, beside them, and alone once more."""
    def rate():
        return stream(world, lanyard.laptop(), world.office, lanyard.office_address(), "up",
                      seconds).gbit_s

    before = rate()
    with Onlookers(world.office, kind, token) as crowd:
        beside = rate()
        told = crowd.end()
    settle()
    return {"alone": (before + rate()) / 2, "beside": beside, **told}


def measure(world, lanyard, token, seconds):
    found = {kind: measure_crowd(world, lanyard, kind, token, seconds) for kind in CROWDS}
    found["snapshot"] = snapshot(world.office, token)
    if found["snapshot"]["clients"] < COUNT:
        raise RuntimeError(f"the snapshot has not all {COUNT} clients: {found}")
    return found


def watched(world, report, options):
    report.begin("watched", f"A server of {COUNT} clients that is looked at, beside one stream")
    with Lanyard(world) as lanyard:
        sources(world, lanyard)
        lanyard.start()
        lanyard.wait_until_up()
        token = lanyard.call("token", "add", "bench").strip()
        with Swarm(lanyard, COUNT, "-s", 0) as swarm:
            if swarm.line(LOGINS_LIMIT_S)["up"] < COUNT:
                raise RuntimeError(f"not all {COUNT} sessions came up")
            settle()
            found = [measure(world, lanyard, token, options.seconds)
                     for _ in range(options.rounds)]
    for kind, name in CROWDS.items():
        report.figure(f"the stream, beside {name} over alone", "x", {"Lanyard": ratios(
            *([result[kind][how] for result in found] for how in ("beside", "alone")))})
    report.figure("all that a page begins with", "ms",
                  {"Lanyard": [result["snapshot"]["ms"] for result in found]})
    report.note("what else was counted is in the JSON", rounds=found)
