# SPDX-License-Identifier: Apache-2.0
"""The bars: what each figure of Lanyard's is to be.  Data; report.py compares.

`against` names the way that the figure is compared with, round by round; the bar is then for the
median of the ratios (or, with `added`, of the differences).  Without it the bar is for the median;
with `every` it is for the round that is farthest from it.
"""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    part: str
    figure: str
    at_least: float | None = None
    at_most: float | None = None
    against: str | None = None
    added: bool = False
    every: bool = False

    def value(self, rounds):
        """The one number of these rounds' that is compared."""
        if self.every:
            return max(rounds) if self.at_least is None else min(rounds)
        return statistics.median(rounds)

    def met(self, value):
        return ((self.at_least is None or value >= self.at_least)
                and (self.at_most is None or value <= self.at_most))

    def __str__(self):
        sign, limit = (">=", self.at_least) if self.at_most is None else ("<=", self.at_most)
        if self.against is None:
            return f"{sign} {limit:g}{' in every round' if self.every else ''}"
        return (f"{sign} {limit:+g} over {self.against}" if self.added
                else f"{sign} {limit:g} x {self.against}")


OPENVPN = ("OpenVPN UDP", "OpenVPN TCP")

ONE_STREAM = tuple(
    Bar("streams", f"1 stream {way}", at_least=factor, against=peer)
    for way in ("up", "down")
    for peer, factor in (("SoftEther", 4.5), ("OpenVPN UDP", 12), ("bare veth", 0.40),
                         ("spike", 0.9)))

BARS = (
    *ONE_STREAM,
    Bar("streams", "1 stream both ways over one way", at_least=0.9),
    Bar("streams", "CPU s/GiB of both ends", at_most=0.25, against="SoftEther"),
    *(bar for way in ("up", "down") for bar in (
        Bar("loaded", f"p99 under a stream {way}", at_most=5),
        *(Bar("loaded", f"p99 under a stream {way}", at_most=0.5, against=peer)
          for peer in OPENVPN))),
    Bar("roundtrip", "idle round trip", at_most=0.12, against="bare veth", added=True),
    *(Bar("frames", f"64-byte frames {way}", at_least=2.5, against=peer)
      for way in ("up", "down") for peer in OPENVPN),
    Bar("connect", "connect to first ping", at_most=0.3),
    Bar("connect", "join to the first name", at_most=2, every=True),
    Bar("memory", "resident memory, each of 1000", at_most=32),
    Bar("many", "open and answering, of 10000", at_least=10000),
    *(Bar("active", f"1 stream {way}, among over alone", at_least=0.95) for way in ("up", "down")),
    *(Bar("loss", f"stream {way}, own control", at_least=1.5, against="OpenVPN TCP")
      for way in ("up", "down")),
    *(Bar("loss", f"longest stall {way}, {which} control", at_most=1000, every=True)
      for which in ("own", "classic") for way in ("up", "down")),
    Bar("storm", "from the restart until all are back", at_most=10),
    Bar("logins", "logins with certificate, of one core", at_least=250),
    Bar("logins", "logins without, to the question, of one core", at_least=600),
    Bar("logins", "the stream, beside logins over alone", at_least=0.7),
    Bar("logins", "its pings lost", at_most=0, every=True),
    Bar("silent", "a new client's first ping", at_most=3, every=True),
    Bar("silent", "pings lost by a client", at_most=0, every=True),
    Bar("silent", "memory afterwards", at_most=2048, every=True),
    *(bar for count in (1, 256) for bar in (
        Bar("guesses", f"guessed at from {count}, slowest login of the owner", at_most=5),
        Bar("guesses", f"guessed at from {count}, memory", at_most=65536))),
    *(Bar("login-timing", f"until the {what}, Welch's t", at_most=2.58)  # p = 0.01
      for what in ("question", "answer")),
    Bar("told", "clients told, of 1000", at_least=1000, every=True),
    Bar("told", "from the reload to the last client", at_most=3, every=True),
    Bar("told", "frames to one client", at_most=1, every=True),
    Bar("idle", "processor time of the control thread", at_most=0.1),
    Bar("dhcp6", "exchanges, addresses", at_least=2, against="Kea"),
    Bar("dhcp6", "exchanges, addresses with prefixes", at_least=1.5, against="Kea"),
    Bar("dhcp6", "exchange at 1000/s, median", at_most=2),
    Bar("dhcp6", "memory of 100000 leases", at_most=64),
    Bar("dhcp6", "start with 100000 leases", at_most=1),
    Bar("page", "compressed", at_most=150),
    Bar("page", "first paint", at_most=500),
    Bar("page", "from data to interactive", at_most=100),
    *(Bar("page", f"update of {view}", at_most=50) for view in ("overview", "clients", "network")),
    Bar("watched", "the stream, beside ten open pages and a scraper over alone", at_least=0.97),
    Bar("watched", "the stream, beside slow and hostile ones over alone", at_least=0.95),
    Bar("watched", "all that a page begins with", at_most=20),
    Bar("capture", "a capture of each frame's head", at_least=0.6),
    Bar("capture", "a capture whose filter takes none of it", at_least=0.85),
    Bar("capture", "a capture whose reader stands still", at_least=0.85),
    Bar("storm", "largest round trip of another server's client", at_most=50, every=True),
)


def bars_of(part, figure=None):
    """Those of a part, or of one figure of it."""
    return [bar for bar in BARS if bar.part == part and figure in (None, bar.figure)]
