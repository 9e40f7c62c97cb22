# SPDX-License-Identifier: Apache-2.0
"""A bottleneck somewhere on the path, where no end sees its queue: four TCP streams must not fill
it.  The outer connection's BBR learns the path's rate only while it has enough to send."""

import statistics

import pytest

import load
from lan import DATACENTER, Lan

RATE = "10mbit"
PATH_QUEUE = "100ms"  # a stream that did not know the rate would keep it full
BESIDE_STREAMS_MS = 75
STREAMS = 4
STREAMS_S = 20  # ended by the test long before
PINGS = 100
SETTLES_S = 10  # after BBR's start-up, which does fill the path's queue

DIRECTIONS = {"up": [], "down": ["-R"]}


@pytest.fixture
def world():
    with Lan() as lan:
        lan.server("""
            [ra]
            prefix = auto
            route = 2001:db8:100::/48
        """)
        lan.alice = lan.client("alice", connect=False)
        for host in lan.alice.host, lan.office:  # the bridge's ports: beyond what the ends see
            lan.internet.run("tc", "qdisc", "add", "dev", host.port, "root", "tbf", "rate", RATE,
                             "burst", "16k", "latency", PATH_QUEUE)
        lan.alice.connect()
        lan.alice.reaches(DATACENTER, 20)
        yield lan


def outer_connection(host):
    return host.run("ss", "-Htin", "state", "established",
                    "( sport = :443 or dport = :443 )").stdout


def round_trips_ms(world, count):
    # start-up, which is not what is judged here, may lose some
    return load.round_trips_ms(world.alice.host, DATACENTER, count, 0.5)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_ping_beside_four_streams(world, direction):
    sender = world.alice.host if direction == "up" else world.office
    if "bbr" not in outer_connection(sender):
        pytest.skip("this kernel has no BBR")
    idle_ms = statistics.median(round_trips_ms(world, 20))
    with load.streams(world, world.alice.host, world.datacenter, DATACENTER, "-P", STREAMS, "-t",
                      STREAMS_S, *DIRECTIONS[direction]) as client:
        world.until(lambda: statistics.median(round_trips_ms(world, PINGS)) < idle_ms +
                    BESIDE_STREAMS_MS, "the path's queue stays full", SETTLES_S)
        assert client.poll() is None, "the streams ended before the pings"
