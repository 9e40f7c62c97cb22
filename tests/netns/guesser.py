# SPDX-License-Identifier: Apache-2.0
"""Somebody who guesses at passwords, from as many addresses as he likes.

    guesser = Guesser(host, OFFICE6, ca, sources(host, 256))
    answers = guesser.run(10000, lambda number: "alice")

Every source is an address of a /64 of its own: the server's limits are per /64 (server/tries.h).
"""

import collections
import ipaddress
import re
import threading
import time
from dataclasses import dataclass, field

from speaker import ASK, PASSWORD, Ended, Speaker

GUESSERS = ipaddress.ip_network("2001:db8:9000::/48")  # RFC 3849
AT_ONCE = 8  # connections


def sources(host, count):
    """So many addresses, all of which the host answers to; others need a route to GUESSERS."""
    host.sysctl("net.ipv6.ip_nonlocal_bind", 1)
    host.ip("-6", "route", "replace", "local", str(GUESSERS), "dev", "lo")
    return [str(GUESSERS[(number << 64) + 1]) for number in range(count)]


@dataclass
class Answers:
    """What a guesser heard.  asked: for how many passwords; all others were sent away before."""

    asked: int = 0
    ends: collections.Counter = field(default_factory=collections.Counter)  # by reason
    waits_s: list = field(default_factory=list)  # "try again in ...", as they came
    took_s: float = 0.0

    def __add__(self, other):
        return Answers(self.asked + other.asked, self.ends + other.ends,
                       self.waits_s + other.waits_s, max(self.took_s, other.took_s))


class Guesser:
    def __init__(self, host, address, ca, addresses):
        self.host, self.address, self.ca, self.addresses = host, address, ca, addresses

    def guess(self, answers, user, source):
        """One connection, one password."""
        try:
            with Speaker(self.host, self.address, self.ca, source=source) as speaker:
                speaker.hello(user)
                speaker.hear(ASK)
                speaker.answer(PASSWORD, "a guess")
                answers.asked += 1
                speaker.hear(ASK)  # "wrong: once more"
        except Ended as ended:
            wait = re.search(r"try again in (\d+) s", ended.text)
            if wait:
                answers.waits_s.append(int(wait[1]))
            answers.ends[ended.reason] += 1
        except (EOFError, OSError):
            answers.ends["cut"] += 1

    def run(self, count, user_of, at_once=AT_ONCE):
        """So many guesses, some at once, from all addresses in turn."""
        parts = [Answers() for _ in range(at_once)]

        def work(first, answers):
            for number in range(first, count, at_once):
                self.guess(answers, user_of(number), self.addresses[number % len(self.addresses)])

        start = time.monotonic()
        threads = [threading.Thread(target=work, args=each) for each in enumerate(parts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = sum(parts, Answers())
        found.took_s = time.monotonic() - start
        return found
