# SPDX-License-Identifier: Apache-2.0
"""A line of 10 Mbit/s, full of one TCP stream: a ping beside it must not wait for the stream's
backlog, and who can be told by a mark is told by a mark."""

import statistics

import pytest

import load
from lan import DATACENTER, Lan

RATE = "10mbit"
LINE_QUEUE = "20ms"  # of the line itself
# A plain queue of the old kind, 512 KiB, would add 400 ms at this rate.
BESIDE_A_STREAM_MS = 120
PINGS = 150
STREAM_S = 6

DIRECTIONS = {"up": [], "down": ["-R"]}


@pytest.fixture
def world():
    with Lan() as lan:
        lan.server("""
            [ra]
            prefix = auto
            route = 2001:db8:100::/48
        """)
        lan.alice = lan.client("alice")
        lan.alice.reaches(DATACENTER, 20)
        for host in lan.alice.host, lan.datacenter:
            host.sysctl("net.ipv4.tcp_ecn", 1)
        for host, device in (lan.alice.host, "eth0"), (lan.internet, lan.alice.host.port):
            host.run("tc", "qdisc", "add", "dev", device, "root", "tbf", "rate", RATE, "burst",
                     "16k", "latency", LINE_QUEUE)
        yield lan


def round_trips_ms(world, count):
    return load.round_trips_ms(world.alice.host, DATACENTER, count, 0.95)


def told(world, direction):
    """Marks and CoDel's drops at the end that sends into the slow line."""
    status = (world.alice.status() if direction == "up" else world.the_server.client("alice"))
    return status["marked"], status["drops"].get("codel", 0)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_ping_beside_a_stream(world, direction):
    idle_ms = statistics.median(round_trips_ms(world, 20))
    marked, dropped = told(world, direction)
    # reno: it fills whatever queue there is, and every kernel has it
    with load.streams(world, world.alice.host, world.datacenter, DATACENTER, "-t", STREAM_S, "-C",
                      "reno", *DIRECTIONS[direction]) as client:
        times = round_trips_ms(world, PINGS)
        assert client.poll() is None, "the stream ended before the pings"
    assert statistics.median(times) < idle_ms + BESIDE_A_STREAM_MS, (
        f"median {statistics.median(times):.1f} ms, idle {idle_ms:.1f} ms")
    marks, drops = (now - before for now, before in zip(told(world, direction), (marked, dropped)))
    assert marks > 0, "a stream that understands marks got none"
    assert drops <= marks, f"{drops} dropped, {marks} marked"
