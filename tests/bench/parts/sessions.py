# SPDX-License-Identifier: Apache-2.0
"""What many sessions cost a server by being there: memory, and the time that their logins take."""

from probes.swarm import Swarm, sources
from rivals.lanyard import Lanyard
from world import settle

COUNTS = (10, 100, 1000)
MANY = 10000
STAY_S = 4
LONG_STAY_S = 60  # of the last round with most sessions
MANY_STAY_S = 20


def measure_sessions(lanyard, count, stay_s):
    """A fresh server, so many sessions for so long: its memory before and after they came."""
    with lanyard:
        settle()
        before_kib = lanyard.resident_kib()
        with Swarm(lanyard, count, "-s", stay_s) as swarm:
            up = swarm.line(120 + count * 0.1)
            settle(min(stay_s / 2, 3))
            after_kib = lanyard.resident_kib()
            last = swarm.line(stay_s + 30)
            end_kib = lanyard.resident_kib()
    return {
        "sessions": count, "came_up": up["up"], "stayed_up": last["up"],
        "answering": last["answering"], "failed": last["failed"], "stayed_s": stay_s,
        "echoes_answered": last["echoes_answered"],
        "logins_per_s": up["up"] / up["duration_s"] if up["duration_s"] > 0 else 0,
        "server_before_kib": before_kib, "server_after_kib": after_kib, "server_end_kib": end_kib,
        "per_session_kib": (max(after_kib, end_kib) - before_kib) / max(up["up"], 1),
    }


def well(result):
    """How many sessions came up, stayed and had an echo answered."""
    return min(result["came_up"], result["stayed_up"], result["answering"])


def report_sessions(report, count, rounds):
    bad = [result for result in rounds if well(result) < count]
    last = rounds[-1]
    report.note(f"{count} sessions: " + (
        f"NOT ALL came up, stayed and answered: {bad[0]}" if bad else
        f"all came up, stayed for {last['stayed_s']} s and answered {last['echoes_answered']} "
        f"echoes"), rounds=rounds)
    for name, unit, key in ((f"resident memory, each of {count}", "KiB", "per_session_kib"),
                            (f"logins of {count}", "1/s", "logins_per_s")):
        report.figure(name, unit, {"Lanyard": [result[key] for result in rounds]}, valid=not bad)


def memory(world, report, options):
    report.begin("memory", "Idle sessions: the server's resident memory for each, and logins")
    lanyard = Lanyard(world)
    sources(world, lanyard)
    for count in COUNTS:
        last_s = LONG_STAY_S if count == max(COUNTS) and not options.quick else STAY_S
        report_sessions(report, count, [measure_sessions(lanyard, count, stay_s) for stay_s in
                                        [STAY_S] * (options.rounds - 1) + [last_s]])


def many(world, report, options):
    """One round: their logins alone take a minute."""
    report.begin("many", f"{MANY} sessions open, and answering echoes")
    lanyard = Lanyard(world)
    sources(world, lanyard)
    result = measure_sessions(lanyard, MANY, MANY_STAY_S)
    report_sessions(report, MANY, [result])
    report.figure(f"open and answering, of {MANY}", "sessions", {"Lanyard": [well(result)]})
