# SPDX-License-Identifier: Apache-2.0
"""Sessions are spread over the workers, and the kernel keeps a flow on the queue of its worker."""

import pytest

import transfer
from lan import DATACENTER, Lan

WORKERS = 4
NAMES = ("alice", "bob", "carol", "dave")


@pytest.fixture
def world():
    with Lan() as lan:
        lan.server(f"""
            [server]
            workers = {WORKERS}
            [ra]
            prefix = auto
            route = 2001:db8:100::/48
        """)
        lan.clients = [lan.client(name) for name in NAMES]
        for client in lan.clients:
            lan.until(client.address, f"{client.user} has no address", 20)
            client.reaches(DATACENTER)
        yield lan


def per_worker(world, key):
    return [worker[key] for worker in world.the_server.status()["per_worker"]]


def test_each_worker_has_its_share_of_the_sessions(world):
    assert per_worker(world, "clients") == [1] * WORKERS


def test_a_flow_stays_on_the_worker_that_has_the_session(world):
    """Both ways through the server's TAP; hardly a frame crosses from one worker to another."""
    client = world.clients[2]
    before = per_worker(world, "handed_over")
    tap_before = per_worker(world, "tap_rx_frames")

    transfer.both_ways(client.host, world.datacenter, DATACENTER, 32)

    handed_over = sum(per_worker(world, "handed_over")) - sum(before)
    arrived = [now - then for now, then in zip(per_worker(world, "tap_rx_frames"), tap_before)]
    busiest = max(arrived)
    assert busiest > 100
    assert sum(arrived) - busiest < 0.05 * busiest, f"frames came on several queues: {arrived}"
    assert handed_over < 0.05 * busiest, f"{handed_over} of {arrived} were handed over"


def test_sessions_go_where_fewest_are(world):
    assert world.the_server.cli("user", "remove", "bob").returncode == 0
    assert world.clients[1].daemon.wait() == 5
    world.daemons.remove(world.clients[1].daemon)
    world.until(lambda: sorted(per_worker(world, "clients")) == [0, 1, 1, 1], "bob did not leave")
    erin = world.client("erin")
    erin.reaches(DATACENTER)
    assert per_worker(world, "clients") == [1] * WORKERS
