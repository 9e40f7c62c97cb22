# SPDX-License-Identifier: Apache-2.0
"""Two laptops see each other through the switch, and do not where the server isolates them."""

import pytest

from lan import DATACENTER, INTERFACE, ULA, Lan
from wire import Wire, marker

CONF = """
    [ra]
    prefix = auto
    route = 2001:db8:100::/48
    [bridge]
    isolate = {isolate}
"""


def two_clients(lan, isolate):
    lan.server(CONF.format(isolate=isolate))
    lan.alice, lan.bob = lan.client("alice"), lan.client("bob")
    for client in (lan.alice, lan.bob):
        lan.until(client.address, f"{client.user} has no address")
        lan.until(client.link_local, f"{client.user} has no link-local address")
    return lan


@pytest.fixture(scope="module")
def together():
    with Lan() as lan:
        yield two_clients(lan, "no")


@pytest.fixture(scope="module")
def apart():
    with Lan() as lan:
        yield two_clients(lan, "yes")


def router(lan):
    return lan.office.address(INTERFACE, "fe80::/10")


def test_they_reach_each_other(together):
    alice, bob = together.alice, together.bob

    alice.reaches(bob.address())
    bob.reaches(alice.address())
    alice.reaches(f"{bob.link_local()}%{INTERFACE}")
    bob.reaches(f"{alice.link_local()}%{INTERFACE}")


def test_the_server_knows_their_addresses(together):
    for client in (together.alice, together.bob):
        mac = client.host.mac(INTERFACE)
        expected = {(client.address(), "slaac", mac), (client.link_local(), "link-local", mac)}
        client.reaches(DATACENTER)
        client.reaches(f"{router(together)}%{INTERFACE}")
        together.until(
            lambda: {(a["address"], a["source"], a["mac"])
                     for a in together.the_server.client(client.user)["addresses"]} == expected,
            lambda: f"not what {client.user} has: "
                    f"{together.the_server.client(client.user)['addresses']}")
        assert together.the_server.client(client.user)["macs"] == [mac]


def test_an_address_that_comes_later_is_known_too(together):
    together.alice.host.ip("address", "add", "fd00:5::7/64", "dev", INTERFACE, "nodad")
    together.bob.host.ip("address", "add", "fd00:5::8/64", "dev", INTERFACE, "nodad")
    together.alice.reaches("fd00:5::8")

    together.until(lambda: "static" in [a["source"] for a in
                                        together.the_server.client("alice")["addresses"]
                                        if a["address"] == "fd00:5::7"],
                   "the server did not see alice's second address")


def test_isolated_they_reach_the_server_and_the_datacenter(apart):
    for client in (apart.alice, apart.bob):
        client.reaches(DATACENTER)
        client.reaches(f"{router(apart)}%{INTERFACE}")
        assert apart.datacenter.ping(client.address())


def test_isolated_they_do_not_reach_each_other(apart):
    alice, bob = apart.alice, apart.bob

    assert not alice.ping(bob.address())
    assert not bob.ping(f"{alice.link_local()}%{INTERFACE}")


@pytest.mark.parametrize("destination, counted", [("bob", True), ("33:33:00:00:00:01", False),
                                                  ("ff:ff:ff:ff:ff:ff", False)])
def test_isolated_no_frame_crosses(apart, destination, counted):
    """One that is for bob alone is dropped and counted; one for all goes to the router only."""
    mark = marker()
    with Wire(apart.alice.host, INTERFACE) as out, Wire(apart.bob.host, INTERFACE) as bobs, \
            Wire(apart.office, INTERFACE) as routers:
        to = bobs.mac if destination == "bob" else destination
        frame = bytes.fromhex((to + out.mac).replace(":", "") + "88b5") + mark * 10
        before = apart.the_server.drops("alice", "isolated")
        out.send(frame)
        if counted:
            apart.until(lambda: apart.the_server.drops("alice", "isolated") == before + 1,
                        "the frame was not counted as isolated")
        else:
            assert routers.wait_for(mark), "the router did not get the frame"
        # what bob gets after it proves that it is not on its way still
        later = marker()
        routers.send(bytes.fromhex((bobs.mac + routers.mac).replace(":", "") + "88b5") + later * 10)
        assert bobs.wait_for(later)
        assert bobs.saw(mark) == 0, "bob got alice's frame"


def test_ula_is_a_ula(together):
    assert together.alice.address(ULA).startswith("fd")
