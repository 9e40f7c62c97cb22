# SPDX-License-Identifier: Apache-2.0
"""What logins cost the server's processor, what a busy client notices of them, and of connections
that never say a word."""

import json
import time

from figures import ratios
from probes import pings
from probes.first_ping import first_answer_s
from probes.silent import Silent
from probes.streams import stream, stream_beside
from probes.swarm import FIRST_SOURCE, Swarm, sources
from probes.threads import ThreadMeter
from rivals.lanyard import Lanyard
from world import settle, until

MANY, PASSWORDS = 1000, 200
LIMIT_S = 120
BESIDE_S = 5       # of a stream that logins run beside
MORE = 20000       # logins than can be made in that time
ELSEWHERE = 10     # nice value of those who log in beside it
SILENT = 20000
SILENT_PINGS = 1500
CHEAP = "password-memory = 19M\npassword-passes = 2\n"  # the least that can be configured
TYPING = "[group typing]\nauth = password\n"
PASSWORD = "correct horse battery"


def typists_profile(lanyard):
    """A user with a password and no certificate; its profile, and one without the password."""
    path, silent, password = (lanyard.folder / name for name in (
        "typist.conf", "silent.conf", "typist.password"))
    lanyard.call("user", "add", "typist", "--group", "typing")
    lanyard.call("user", "passwd", "typist", "--file", "-", input=PASSWORD + "\n")
    for file in path, silent, password:
        file.touch(mode=0o600)
    password.write_text(PASSWORD + "\n")
    text = lanyard.profile().read_text().split("[identity]")[0]  # its certificate and key
    path.write_text(text.replace("user = laptop0\n",
                                 f"user = typist\npassword-file = {password}\n"))
    silent.write_text(text.replace("user = laptop0\n", "user = typist\n"))
    return path, silent


def logged_in(lanyard):
    return json.loads(lanyard.call("status", "--json"))["strangers"]["logged_in"]


def measure_logins(lanyard, count, profile=None):
    """So many logins: how many a second of the server's processor time makes, hashes not counted,
    and how many a second of the clock.  Who has no password leaves when he is asked for it."""
    with ThreadMeter(lanyard.server.process.pid) as meter:
        with Swarm(lanyard, count, "-s", 1, profile=profile) as swarm:
            up = swarm.line(LIMIT_S)
    if up["up"] < count and up["failed"] != {"session: local": count}:
        raise RuntimeError(f"not all {count} logged in: {up}")
    settle()
    return {"per_core": count / (meter.others_s + meter.frames_s),
            "per_s": count / up["duration_s"], "hash_ms": meter.hashes_s / count * 1000}


def measure_beside(world, lanyard):
    """A client's stream and its pings alone, then while others log in as fast as they can."""
    laptop, address = lanyard.laptop(), lanyard.office_address()
    alone = stream(world, laptop, world.office, address, "up", BESIDE_S).gbit_s
    with Swarm(lanyard, MORE, "-s", 0, nice=ELSEWHERE), \
            pings.beside(laptop, address, int(BESIDE_S / pings.INTERVAL_S)) as times, \
            stream_beside(world, laptop, world.office, address, "up", BESIDE_S) as rate:
        before, start_s = logged_in(lanyard), time.monotonic()
        with ThreadMeter(lanyard.server.process.pid) as meter:
            beside = rate().gbit_s
            made = logged_in(lanyard) - before
        made_s = time.monotonic() - start_s
        lost = times().count(pings.LOST_MS)
    settle(3)
    return {"alone": alone, "beside": beside, "lost": lost, "per_core": made / meter.others_s,
            "per_s": made / made_s}


def logins(world, report, options):
    report.begin("logins", "What logins cost, and what a client notices whose stream fills its way")
    with Lanyard(world, more=TYPING, keys=CHEAP) as lanyard:
        sources(world, lanyard)
        profile, silent = typists_profile(lanyard)
        lanyard.start()
        lanyard.wait_until_up()
        ways = {"with certificate": [], "without, to the question": [], "by password": []}
        beside = []
        for _ in range(options.rounds):
            for way, count, who in (("with certificate", MANY, None),
                                    ("without, to the question", MANY, silent),
                                    ("by password", PASSWORDS, profile)):
                ways[way].append(measure_logins(lanyard, count, who))
            beside.append(measure_beside(world, lanyard))
    for way, found in ways.items():
        report.figure(f"logins {way}, of one core", "1/s",
                      {"Lanyard": [result["per_core"] for result in found]})
        report.figure(f"logins {way}, both ends", "1/s",
                      {"Lanyard": [result["per_s"] for result in found]})
    report.figure("the hash of one password", "ms",
                  {"Lanyard": [result["hash_ms"] for result in ways["by password"]]})
    report.figure("logins beside a stream, of one core", "1/s",
                  {"Lanyard": [result["per_core"] for result in beside]})
    report.figure("the stream, beside logins over alone", "x", {"Lanyard": ratios(
        *([result[how] for result in beside] for how in ("beside", "alone")))})
    report.figure("its pings lost", "pings", {"Lanyard": [result["lost"] for result in beside]})
    report.note("what else was counted is in the JSON", rounds=beside)


def measure_silent(lanyard):
    """So many connections at once; a new client comes when the last of them has begun."""
    newcomer = lanyard.laptop(1)
    before_kib = lanyard.resident_kib()
    with pings.beside(lanyard.laptop(), lanyard.office_address(), SILENT_PINGS) as times:
        with Silent(lanyard.laptop(), lanyard.to(), lanyard.port, SILENT, FIRST_SOURCE) as silent:
            start_s = time.monotonic()
            silent.dial()
            dialled_s = time.monotonic() - start_s
            in_s = first_answer_s(newcomer, lambda: lanyard.start(1))
            most_kib = lanyard.resident_kib()
            lanyard.stop(1)
            until(lambda: silent.closed() == SILENT, "some silent ones are still open", 120)
            closed_s = time.monotonic() - start_s
            lost = times().count(pings.LOST_MS)
    settle(2)
    return {"in_s": in_s, "dialled_s": dialled_s, "lost": lost, "closed_s": closed_s,
            "most_kib": most_kib - before_kib, "left_kib": lanyard.resident_kib() - before_kib}


def silent(world, report, options):
    report.begin("silent", f"{SILENT} connections that say nothing, and one more client")
    with Lanyard(world) as lanyard:
        sources(world, lanyard)
        lanyard.start()
        lanyard.wait_until_up()
        found = [measure_silent(lanyard) for _ in range(options.rounds)]
    for name, unit, key in (("a new client's first ping", "s", "in_s"),
                            ("pings lost by a client", "pings", "lost"),
                            ("memory while they are there", "KiB", "most_kib"),
                            ("memory afterwards", "KiB", "left_kib")):
        report.figure(name, unit, {"Lanyard": [result[key] for result in found]})
    report.note("what else was counted is in the JSON", rounds=found)
