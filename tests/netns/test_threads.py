# SPDX-License-Identifier: Apache-2.0
"""Three clients come, talk to each other, are kicked and leave: what all threads have a part in.

tests/run runs this with a ThreadSanitizer build as well.
"""

import pytest

import transfer
from lan import DATACENTER, Lan

pytestmark = pytest.mark.tsan
NAMES = ("alice", "bob", "carol")


@pytest.fixture
def world():
    with Lan() as lan:
        lan.server("""
            [server]
            workers = 3
            [ra]
            prefix = auto
            route = 2001:db8:100::/48
        """)
        lan.clients = [lan.client(name) for name in NAMES]
        for client in lan.clients:
            lan.until(client.address, f"{client.user} has no address", 20)
            client.reaches(DATACENTER)
        yield lan


def test_traffic_between_all_of_them(world):
    alice, bob, carol = world.clients

    transfer.both_ways(alice.host, bob.host, bob.address(), 16)
    transfer.both_ways(bob.host, carol.host, carol.address(), 16)
    transfer.both_ways(carol.host, world.datacenter, DATACENTER, 16)


def test_one_is_kicked_while_it_talks_and_comes_back(world):
    alice, bob, _ = world.clients
    first = world.the_server.client("alice")["id"]
    ping = alice.host.start("ping", "-q", "-n", "-i", "0.01", bob.address())
    try:
        for _ in range(3):
            assert world.the_server.cli("kick", "alice").returncode == 0
            world.until(lambda: world.the_server.client("alice").get("id", first) > first,
                        "alice did not come back")
            first = world.the_server.client("alice")["id"]
    finally:
        ping.terminate()
        ping.wait()
    alice.reaches(bob.address())


def test_the_server_restarts_while_they_talk(world):
    alice, bob, carol = world.clients
    pings = [alice.host.start("ping", "-q", "-n", "-i", "0.01", bob.address()),
             bob.host.start("ping", "-q", "-n", "-i", "0.01", carol.address())]
    try:
        world.the_server.restart()
        for client in world.clients:
            client.reaches(DATACENTER, 20)
    finally:
        for ping in pings:
            ping.terminate()
            ping.wait()


def test_users_are_removed_and_added_while_others_talk(world):
    alice, bob, carol = world.clients
    assert world.the_server.cli("user", "remove", "carol").returncode == 0
    assert carol.daemon.wait() == 5
    world.daemons.remove(carol.daemon)
    dave = world.client("dave")

    dave.reaches(bob.address())
    dave.reaches(alice.address())
