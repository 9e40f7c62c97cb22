# SPDX-License-Identifier: Apache-2.0
"""The bench's arithmetic and reading, by table; and that its bars can be compared at all."""

import json
import math
import sys

import pytest

from tree import ROOT

sys.path.insert(0, str(ROOT / "tests/bench"))
import bars  # noqa: E402
import figures  # noqa: E402
from rivals.softether import status_value  # noqa: E402


@pytest.mark.parametrize("values, percent, expected", [
    ([7], 99, 7),
    ([3, 1, 2], 50, 2),
    (range(1, 101), 99, 99),
    (range(1, 101), 100, 100),
    (range(1, 301), 99, 297),
    ([1] * 98 + [500, 900], 99, 500),
    ([5, 6], 0, 5),
])
def test_percentile(values, percent, expected):
    assert figures.percentile(values, percent) == expected


def test_ratios_are_of_the_same_round():
    assert figures.ratios([2, 9], [1, 3]) == [2, 3]
    assert figures.ratios([2], [0]) == [math.inf]
    assert figures.differences([2, 9], [1, 3]) == [1, 6]
    with pytest.raises(ValueError):
        figures.ratios([1, 2], [1])


def test_welch():
    """R: t.test(c(1, 2, 3, 4), c(2, 4, 6, 8))$statistic"""
    assert figures.welch_t([1, 2, 3, 4], [2, 4, 6, 8]) == pytest.approx(-1.732051)
    assert figures.welch_t([1, 2, 3], [3, 2, 1]) == 0


PING = """PING fd00::1 (fd00::1) 56 data bytes
64 bytes from fd00::1: icmp_seq=1 ttl=64 time=0.210 ms
64 bytes from fd00::1: icmp_seq=3 ttl=64 time=12.5 ms
64 bytes from fd00::1: icmp_seq=3 ttl=64 time=99.0 ms (DUP!)
From fd00::2 icmp_seq=4 Destination unreachable: Address unreachable
"""


@pytest.mark.parametrize("text, count, expected", [
    (PING, 2, [0.21, 12.5]),
    (PING, 4, [0.21, 12.5, 1000, 1000]),
    ("", 2, [1000, 1000]),
])
def test_a_lost_ping_counts(text, count, expected):
    assert figures.ping_times_ms(text, count, lost_ms=1000) == expected


def test_iperf_counts_what_arrived():
    received = {"bytes": 100, "seconds": 2}
    report = {"end": {"sum_sent": {"bytes": 900, "seconds": 1}, "sum_received": received}}
    assert figures.iperf_bytes(json.dumps(report)) == (100, 0, 2)
    report["end"]["sum_received_bidir_reverse"] = {"bytes": 7, "seconds": 2}
    assert figures.iperf_bytes(json.dumps(report)) == (100, 7, 2)


def test_processor_time():
    stat = "7 (a (b) c d) S 1 7 7 0 -1 4194560 1 2 3 4 50 8 700 900 20 0 5 0 1"
    assert figures.stat_cpu_ticks(stat) == 58
    assert figures.stat_nice(stat.replace(" 20 0 5", " 30 10 5")) == 10
    machine = "cpu  1 2 4 800 1600 8 16 3200 0 0\ncpu0 9 9 9 9 9 9 9 9 9 9\n"
    assert figures.busy_ticks(machine) == 31
    assert figures.stolen_ticks(machine) == 3200


@pytest.mark.parametrize("item, expected", [
    ("Encryption", "Enabled (Algorithm: TLS_AES_256_GCM_SHA384)"),
    ("Number of TCP Connections", "1"),
    ("Maximum Number of TCP Connections", "2"),
    ("Session", ""),
])
def test_a_status_of_softether(item, expected):
    text = ("Session Status                   |Connection Completed (Session Established)\n"
            "Number of TCP Connections        |1\n"
            "Maximum Number of TCP Connections|2\n"
            "Encryption                       |Enabled (Algorithm: TLS_AES_256_GCM_SHA384)\n")
    assert status_value(text, item) == expected


PERFDHCP = """Rate: 908.5 4-way exchanges/second, expected rate: 1000
***Statistics for: SOLICIT-ADVERTISE***
sent packets: 40
received packets: 39
rejected leases: 0
***Statistics for: REQUEST-REPLY***
sent packets: 39
received packets: 38
rejected leases: 2
***Timestamps for packets: SOLICIT-ADVERTISE***
sent / received: 000000.000500 / 000000.001000
sent / received: 000001.500000 / 000001.501500

***Timestamps for packets: REQUEST-REPLY***
sent / received: 000000.002000 / 000000.004000
"""


def test_what_perfdhcp_completed():
    result = figures.perfdhcp_result(PERFDHCP)
    assert (result.begun, result.completed) == (40, 36)
    assert result.lost == pytest.approx(0.1)
    assert result.times_ms == [pytest.approx([0.5, 1.5]), pytest.approx([2])]
    assert figures.perfdhcp_result(PERFDHCP.split("***Timestamps")[0]).times_ms == []


@pytest.mark.parametrize("limit, brings, expected", [
    (1000, lambda rate: rate, 1000),
    (99, lambda rate: rate, 99),
    (5000, lambda rate: min(rate, 2000), 2000),
    (100, lambda rate: rate, 100),
])
def test_the_highest_rate(limit, brings, expected):
    found = figures.highest(lambda rate: brings(rate) if rate <= limit else None, 100, steps=9)
    assert expected * 0.98 <= found <= expected


@pytest.mark.parametrize("bar, rounds, value, met", [
    (bars.Bar("p", "f", at_least=2), [1, 2, 9], 2, True),
    (bars.Bar("p", "f", at_least=2), [1, 1.9, 9], 1.9, False),
    (bars.Bar("p", "f", at_most=2), [1, 2, 9], 2, True),
    (bars.Bar("p", "f", at_most=2), [1, 2.1, 9], 2.1, False),
    (bars.Bar("p", "f", at_most=2, every=True), [1, 2, 9], 9, False),
    (bars.Bar("p", "f", at_least=2, every=True), [1, 2, 9], 1, False),
])
def test_a_bar(bar, rounds, value, met):
    assert bar.value(rounds) == value
    assert bar.met(value) == met


def test_every_bar_has_one_limit_and_no_twin():
    for bar in bars.BARS:
        assert (bar.at_least is None) != (bar.at_most is None), bar
        assert not bar.added or bar.against, bar
    named = [(bar.part, bar.figure, bar.against, bar.at_least, bar.at_most) for bar in bars.BARS]
    assert len(named) == len(set(named))
