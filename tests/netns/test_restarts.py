# SPDX-License-Identifier: Apache-2.0
"""Whatever ends or breaks, the tunnel is back within 5 s of the path, with the same address."""

import time

import pytest

from lan import DATACENTER, INTERFACE

BACK_S = 5
ROUTE = "2001:db8:100::/48"
CONF = f"""
    [ra]
    prefix = auto
    route = {ROUTE} high
"""


@pytest.fixture
def world(lan):
    lan.server(CONF)
    return lan


@pytest.fixture
def alice(world):
    alice = world.client("alice")
    alice.reaches(DATACENTER)
    return alice


def answers(client):
    return client.ping(DATACENTER, 1, 0.25)


def comes_back(lan, client, address, what, record_property, start=None):
    start = start or time.monotonic()
    lan.until(lambda: answers(client), f"{what}: not back", BACK_S)
    took_s = time.monotonic() - start
    print(f"{what}: back after {took_s:.2f} s")
    record_property(what, f"{took_s:.2f} s")
    assert took_s <= BACK_S
    assert client.address() == address, "the address has changed"


def test_the_server_restarts(world, alice, record_property):
    address = alice.address()

    world.the_server.stop()
    world.until(lambda: not alice.host.routes(ROUTE), "the last RA did not take the route back")
    assert alice.address() == address, "alice lost her address"
    world.the_server.start()

    comes_back(world, alice, address, "server restarted", record_property)


def test_the_server_is_killed(world, alice, record_property):
    address = alice.address()

    world.the_server.kill()
    assert not world.office.has_interface(INTERFACE)
    world.the_server.start()

    comes_back(world, alice, address, "server killed and started", record_property)


def test_the_client_restarts(world, alice, record_property):
    address, mac = alice.address(), alice.host.mac(INTERFACE)

    alice.stop()
    assert not alice.host.has_interface(INTERFACE)
    world.until(lambda: not world.the_server.client("alice"), "the server still knows alice")
    alice.start()

    comes_back(world, alice, address, "client restarted", record_property)
    assert alice.host.mac(INTERFACE) == mac


def test_the_client_is_killed(world, alice, record_property):
    address = alice.address()

    alice.kill()
    assert not alice.host.has_interface(INTERFACE)
    alice.start()

    comes_back(world, alice, address, "client killed and started", record_property)
    world.until(lambda: len(world.the_server.status()["clients"]) == 1, "alice is there twice")


def test_the_client_is_killed_where_the_server_cannot_see_it(world, alice, record_property):
    """No FIN and no RST arrive: the new connection replaces the old one."""
    address = alice.address()

    world.lose(alice.host)
    alice.kill()
    world.find(alice.host)
    alice.start()

    comes_back(world, alice, address, "client killed in silence and started", record_property)
    world.until(lambda: len(world.the_server.status()["clients"]) == 1, "alice is there twice")


def test_the_cable_is_cut(world, record_property):
    """Six laptops at once: pulled out, and silently cut off, for 1, 5 and 30 s."""
    ways = {"pulled": (world.cut, world.mend), "silent": (world.lose, world.find)}
    cuts = []
    for way in ways:
        for seconds in (1, 5, 30):
            client = world.client(f"{way}-{seconds}")
            client.reaches(DATACENTER)
            cuts.append((seconds, way, client, client.address()))

    start = time.monotonic()
    for seconds, way, client, address in cuts:
        ways[way][0](client.host)
    for seconds, way, client, address in cuts:
        assert not client.ping(DATACENTER, 1, 0.05), f"{client.user} is not cut off"
    mended = {}
    for seconds, way, client, address in sorted(cuts, key=lambda cut: cut[0]):
        if seconds not in mended:
            world.until(lambda: time.monotonic() >= start + seconds, "time stands still", 40)
            for other in filter(lambda cut: cut[0] == seconds, cuts):
                ways[other[1]][1](other[2].host)
            mended[seconds] = time.monotonic()
        comes_back(world, client, address, f"cable {way} for {seconds} s", record_property,
                   mended[seconds])
    for seconds, way, client, address in cuts:
        assert client.daemon.running() and client.address() == address
    world.until(lambda: len(world.the_server.status()["clients"]) == len(cuts),
                "some are there twice")
