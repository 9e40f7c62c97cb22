# SPDX-License-Identifier: Apache-2.0
"""A line of 10 Mbit/s, full of one TCP stream: a ping beside it must not wait for the stream's
backlog, and who can be told by a mark is told by a mark."""

import contextlib
import re
import statistics

import pytest

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


@contextlib.contextmanager
def stream(world, direction):
    """One TCP stream between alice and the datacenter; runs when the block begins."""
    server = world.datacenter.start("iperf3", "-s", "-1")
    client = None
    try:
        world.until(lambda: ":5201 " in world.datacenter.run("ss", "-Hltn").stdout,
                    "iperf3 does not listen")
        # reno: it fills whatever queue there is, and every kernel has it
        client = world.alice.host.start("iperf3", "-c", DATACENTER, "-t", STREAM_S, "-C", "reno",
                                        *DIRECTIONS[direction])
        world.until(lambda: ":5201 " in world.datacenter.run("ss", "-Htn", "state",
                                                             "established").stdout,
                    "the stream did not begin")
        yield client
    finally:
        for process in filter(None, (client, server)):
            process.terminate()
            process.wait()


def round_trips_ms(world, count):
    text = world.alice.host.run("ping", "-n", "-i", "0.02", "-c", count, "-W", 2, DATACENTER,
                                check=False).stdout
    times = [float(found) for found in re.findall(r"time=([0-9.]+) ms", text)]
    assert len(times) >= 0.95 * count, f"only {len(times)} of {count} pings came back"
    return times


def told(world, direction):
    """Marks and CoDel's drops at the end that sends into the slow line."""
    status = (world.alice.status() if direction == "up" else world.the_server.client("alice"))
    return status["marked"], status["drops"].get("codel", 0)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_ping_beside_a_stream(world, direction):
    idle_ms = statistics.median(round_trips_ms(world, 20))
    marked, dropped = told(world, direction)
    with stream(world, direction) as client:
        times = round_trips_ms(world, PINGS)
        assert client.poll() is None, "the stream ended before the pings"
    assert statistics.median(times) < idle_ms + BESIDE_A_STREAM_MS, (
        f"median {statistics.median(times):.1f} ms, idle {idle_ms:.1f} ms")
    marks, drops = (now - before for now, before in zip(told(world, direction), (marked, dropped)))
    assert marks > 0, "a stream that understands marks got none"
    assert drops <= marks, f"{drops} dropped, {marks} marked"
