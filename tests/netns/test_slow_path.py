# SPDX-License-Identifier: Apache-2.0
"""A bottleneck somewhere on the path, where no end sees its queue: four TCP streams must not fill
it.  The outer connection's BBR learns the path's rate only while it has enough to send."""

import contextlib
import re
import statistics

import pytest

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


@contextlib.contextmanager
def streams(world, direction):
    server = world.datacenter.start("iperf3", "-s", "-1")
    client = None
    try:
        world.until(lambda: ":5201 " in world.datacenter.run("ss", "-Hltn").stdout,
                    "iperf3 does not listen")
        client = world.alice.host.start("iperf3", "-c", DATACENTER, "-P", STREAMS, "-t", STREAMS_S,
                                        *DIRECTIONS[direction])
        yield client
    finally:
        for process in filter(None, (client, server)):
            process.terminate()
            process.wait()


def outer_connection(host):
    return host.run("ss", "-Htin", "state", "established",
                    "( sport = :443 or dport = :443 )").stdout


def round_trips_ms(world, count):
    text = world.alice.host.run("ping", "-n", "-i", "0.02", "-c", count, "-W", 2, DATACENTER,
                                check=False).stdout
    times = [float(found) for found in re.findall(r"time=([0-9.]+) ms", text)]
    assert len(times) >= 0.5 * count, f"only {len(times)} of {count} pings came back"
    return times


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_ping_beside_four_streams(world, direction):
    sender = world.alice.host if direction == "up" else world.office
    if "bbr" not in outer_connection(sender):
        pytest.skip("this kernel has no BBR")
    idle_ms = statistics.median(round_trips_ms(world, 20))
    with streams(world, direction) as client:
        world.until(lambda: statistics.median(round_trips_ms(world, PINGS)) < idle_ms +
                    BESIDE_STREAMS_MS, "the path's queue stays full", SETTLES_S)
        assert client.poll() is None, "the streams ended before the pings"
