# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on figures: percentiles, ratios round by round, and what other programs print.

Pure: no hosts, no clock, no printing.  tests/house/test_bench.py has its tables.
"""

import json
import math
import re
import statistics
from dataclasses import dataclass


def percentile(values, percent):
    """The smallest value that so many percent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def summary(rounds):
    return {"median": statistics.median(rounds), "min": min(rounds), "max": max(rounds),
            "rounds": list(rounds)}


def ratios(ours, theirs):
    """Round by round: what ran at the same time is compared with each other."""
    return [own / other if other else math.inf for own, other in zip(ours, theirs, strict=True)]


def differences(ours, theirs):
    return [own - other for own, other in zip(ours, theirs, strict=True)]


def welch_t(one, other):
    """How many standard errors lie between the two means; variances need not be equal."""
    error = math.sqrt(sum(statistics.variance(values) / len(values) for values in (one, other)))
    return (statistics.mean(one) - statistics.mean(other)) / error


def ping_times_ms(text, count, lost_ms):
    """The times of so many pings from ping's output; one that had no answer counts as lost_ms."""
    times = {}
    for sequence, time_ms in re.findall(r"icmp_seq=(\d+) .*?time=([0-9.]+) ms(?! \(DUP!\))", text):
        times.setdefault(int(sequence), float(time_ms))
    return list(times.values()) + [lost_ms] * max(count - len(times), 0)


def iperf_bytes(text):
    """What the receiving ends of one iperf3 run got: (bytes forth, bytes back, seconds).

    Back is what `--bidir` sends the other way, else 0.
    """
    end = json.loads(text)["end"]
    forth, back = end["sum_received"], end.get("sum_received_bidir_reverse", {"bytes": 0})
    return forth["bytes"], back["bytes"], forth["seconds"]


def stat_cpu_ticks(text):
    """utime + stime of a /proc/PID/stat line: the process with all its threads."""
    fields = text.rpartition(")")[2].split()  # its name may hold anything, also blanks
    return int(fields[11]) + int(fields[12])


def stat_nice(text):
    """The nice value in a /proc/PID/stat line, of a process or of one thread."""
    return int(text.rpartition(")")[2].split()[16])


def busy_ticks(text):
    """Ticks that all processors spent working, from /proc/stat; idle, iowait and steal are not."""
    user, nice, system, _, _, irq, softirq = map(int, text.split("\n")[0].split()[1:8])
    return user + nice + system + irq + softirq


def stolen_ticks(text):
    """Ticks in which this machine wanted to work and another one did, from /proc/stat."""
    return int(text.split("\n")[0].split()[8])


@dataclass(frozen=True)
class Exchanges:
    """Of one run of perfdhcp: begun, completed with a lease, and (with -xt) how long Solicit to
    Advertise and Request to Reply took."""

    begun: int
    completed: int
    times_ms: list

    @property
    def lost(self):
        return 1 - self.completed / self.begun if self.begun else 1


def perfdhcp_result(text):
    first, second = (text.split(f"***Statistics for: {half}***")[1]
                     for half in ("SOLICIT-ADVERTISE", "REQUEST-REPLY"))

    def number(part, name):
        return int(re.search(rf"^{name}: (\d+)$", part, re.MULTILINE)[1])

    times = [[1000 * (float(received) - float(sent)) for sent, received in
              re.findall(r"sent / received: ([\d.]+) / ([\d.]+)", part)]
             for part in text.split("***Timestamps for packets: ")[1:]]
    # an answer without a lease is none
    return Exchanges(number(first, "sent packets"),
                     number(second, "received packets") - number(second, "rejected leases"), times)


def highest(measure, first, steps=5):
    """The most that measure(rate) gave; it gives None where a rate is too high.

    Rates grow by half until one is too high, or brings no more; then the gap is halved so often.
    """
    best, good, rate, bad = 0, 0, first, None
    while bad is None:
        found = measure(rate)
        if found is None or found <= best:
            bad = rate
        else:
            best, good, rate = found, rate, rate * 3 // 2
    for _ in range(steps):
        rate = (good + bad) // 2
        found = measure(rate)
        if found is None:
            bad = rate
        else:
            best, good = max(best, found), rate
    return best
