# SPDX-License-Identifier: Apache-2.0
"""Somebody guesses at passwords: what the owner notices, what it takes of the server, and whether a
login's time tells who is there."""

import contextlib
import ipaddress
import json
import multiprocessing
import random
import sqlite3
import sys
import time

from figures import welch_t
from parts.logins import CHEAP, PASSWORD, TYPING, typists_profile
from probes.swarm import FIRST_SOURCE, sources
from rivals.lanyard import Lanyard
from world import ROOT, settle

sys.path.insert(0, str(ROOT / "tests/netns"))
import certificates  # noqa: E402
from guesser import Guesser  # noqa: E402
from speaker import ASK, PASSWORD as ASKED, Speaker  # noqa: E402

GUESSES, QUICK_GUESSES = 10000, 1000
AT_ONCE = 64
ADDRESSES = (1, 256)
EACH, QUICK_EACH = 2000, 200  # logins of users who are there, and of others
PER_SOURCE = 10  # of them: more failures would cost time (server/tries.h)


def addresses(count):
    return [str(ipaddress.ip_address(FIRST_SOURCE) + number) for number in range(count)]


def log_in_s(host, to, ca):
    start = time.monotonic()
    with Speaker(host, to, ca) as speaker:
        speaker.log_in("typist", PASSWORD)
    return time.monotonic() - start


@contextlib.contextmanager
def elsewhere(work):
    """In a process of its own, so that its work is none of what others wait for: its result's end."""
    fork = multiprocessing.get_context("fork")
    result, other_end = fork.Pipe(duplex=False)
    process = fork.Process(target=lambda: other_end.send(work()), daemon=True)
    process.start()
    other_end.close()  # if it ends without a result, that is told
    try:
        yield result
    finally:
        process.terminate()
        process.join()


def measure_guesses(world, count, guesses):
    """A fresh server; the owner logs in at another address again and again meanwhile."""
    with Lanyard(world, name=f"guessed{count}", more=TYPING, keys=CHEAP) as lanyard:
        sources(world, lanyard)
        typists_profile(lanyard)
        ca = certificates.authority_of(lanyard.folder / "state").certificate
        attack = Guesser(lanyard.laptop(), lanyard.to(), ca, addresses(count))
        before_kib, most_kib, owner_s = lanyard.resident_kib(), 0, []
        with elsewhere(lambda: attack.run(guesses, lambda number: "typist", AT_ONCE)) as result:
            while not result.poll():
                owner_s.append(log_in_s(lanyard.laptop(1), lanyard.to(1), ca))
                most_kib = max(most_kib, lanyard.resident_kib())
                settle(0.2)
            found = result.recv()
        refused = json.loads(lanyard.call("status", "--json"))["strangers"]["refused"]
    return {"owner_s": max(owner_s), "logins": len(owner_s), "asked": found.asked,
            "sent_away": found.ends["slowly"], "longest_pause_s": max(found.waits_s, default=0),
            "cut": found.ends["cut"], "per_s": guesses / found.took_s, "refused": refused,
            "grown_kib": most_kib - before_kib}


def guesses(world, report, options):
    total = QUICK_GUESSES if options.quick else GUESSES
    report.begin("guesses", f"{total} wrong passwords for one user, who logs in elsewhere")
    for count in ADDRESSES:
        found = measure_guesses(world, count, total)
        where = f"guessed at from {count}"
        for name, unit, key in (("slowest login of the owner", "s", "owner_s"),
                                ("memory", "KiB", "grown_kib"),
                                ("guesses that were tried", "guesses", "asked"),
                                ("longest pause", "s", "longest_pause_s")):
            report.figure(f"{where}, {name}", unit, {"Lanyard": [found[key]]})
        report.note(f"{where}: {found['logins']} logins of the owner, {found['sent_away']} guesses "
                    f"sent away, {found['per_s']:.0f} a second", rounds=[found])


# ---- does a time tell who is there? ----

def add_users(lanyard, count):
    """So many more like the first: known0 and so on."""
    file, = (lanyard.folder / "state").glob("*.db")
    with sqlite3.connect(file, timeout=20) as state:
        columns = [row[1] for row in state.execute("PRAGMA table_info(user)") if row[1] != "name"]
        kept = ", ".join(columns)
        state.executemany(f"INSERT INTO user (name, {kept}) SELECT ?, {kept} FROM user "
                          "WHERE name = 'typist'", [(f"known{number}",) for number in range(count)])


def times_ms(lanyard, ca, source, user):
    """Of a login with a wrong password: until the first question, and until the answer."""
    with Speaker(lanyard.laptop(), lanyard.to(), ca, source=source) as speaker:
        start = time.perf_counter()
        speaker.hello(user)
        speaker.hear(ASK)
        asked = time.perf_counter()
        speaker.answer(ASKED, "a wrong one")
        speaker.hear(ASK)
        return (asked - start) * 1000, (time.perf_counter() - asked) * 1000


def login_timing(world, report, options):
    each = QUICK_EACH if options.quick else EACH
    report.begin("login-timing", f"{each} logins of users who are there and {each} of others")
    names = [f"{kind}{number}" for kind in ("known", "other") for number in range(each)]
    random.shuffle(names)
    with Lanyard(world, more=TYPING, keys=CHEAP) as lanyard:
        sources(world, lanyard)
        typists_profile(lanyard)
        add_users(lanyard, each)
        ca = certificates.authority_of(lanyard.folder / "state").certificate
        froms = addresses(2 * each // PER_SOURCE)
        took = {"known": ([], []), "other": ([], [])}
        for number, name in enumerate(names):
            for times, one in zip(took[name[:5]],
                                  times_ms(lanyard, ca, froms[number % len(froms)], name)):
                times.append(one)
    for which, what in enumerate(("the question", "the answer")):
        known, other = took["known"][which], took["other"][which]
        report.figure(f"until {what}, mean of users who are there", "ms",
                      {"Lanyard": [sum(known) / each]})
        report.figure(f"until {what}, mean of others", "ms", {"Lanyard": [sum(other) / each]})
        report.figure(f"until {what}, Welch's t", "", {"Lanyard": [abs(welch_t(known, other))]})
