# SPDX-License-Identifier: Apache-2.0
"""What many sessions cost a server: memory, and the time that their logins take."""

from probes.swarm import Swarm
from rivals.lanyard import Lanyard
from world import settle

COUNTS = (10, 100, 1000)
STAY_S = 4
LONG_STAY_S = 60  # of the last round with most sessions


def measure_sessions(lanyard, count, stay_s):
    """A fresh server, so many sessions for so long: its memory before and after they came."""
    with lanyard:
        settle()
        before_kib = lanyard.resident_kib()
        with Swarm(lanyard.laptop(), lanyard.profile(), count, stay_s) as swarm:
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


def all_well(report, rounds):
    """True if every session of every round came up, stayed, and answered echoes."""
    bad = [r for r in rounds
           if min(r["came_up"], r["stayed_up"], r["answering"]) < r["sessions"]]
    last = rounds[-1]
    text = (f"{last['sessions']} sessions: all came up, stayed for {last['stayed_s']} s and "
            f"answered {last['echoes_answered']} echoes" if not bad else
            f"{last['sessions']} sessions: NOT ALL came up, stayed and answered: {bad[0]}")
    report.note(text, rounds=rounds)
    return not bad


def memory(world, report, options):
    report.begin("memory", "Idle sessions: the server's resident memory for each, and logins")
    lanyard = Lanyard(world)
    for count in COUNTS:
        last = LONG_STAY_S if count == max(COUNTS) and not options.quick else STAY_S
        rounds = [measure_sessions(lanyard, count, stay_s)
                  for stay_s in [STAY_S] * (options.rounds - 1) + [last]]
        valid = all_well(report, rounds)
        report.figure(f"resident memory, each of {count}", "KiB",
                      {"Lanyard": [r["per_session_kib"] for r in rounds]}, valid)
        report.figure(f"logins of {count}", "1/s",
                      {"Lanyard": [r["logins_per_s"] for r in rounds]}, valid)
