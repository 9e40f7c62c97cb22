# SPDX-License-Identifier: Apache-2.0
"""mode = bridged: the server's TAP is a port of the office's own bridge."""

import pytest

from bridged import LAN_PREFIX, LAN_ROUTE, bridged_office, make_router
from lan import INTERFACE, Lan

OWN_PREFIX = "2001:db8:88::/64"

@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        bridged_office(lan, "enabled = no")
        make_router(lan, lan.lan_host)
        lan.alice = lan.client("alice")
        yield lan


def test_the_lans_own_router_configures_the_client(world):
    world.until(lambda: world.alice.address(LAN_PREFIX), "radvd's RA did not reach alice", 20)
    route, = world.until(lambda: world.alice.host.routes(LAN_ROUTE), "no route")

    assert route["gateway"] == world.lan_host.address("eth0", "fe80::/10")
    assert route["pref"] == "high"
    world.alice.reaches("2001:db8:77::1")
    assert world.lan_host.ping(world.alice.address(LAN_PREFIX))


def test_the_server_itself_says_nothing(world):
    status = world.the_server.status()

    assert status["mode"] == "bridged"
    assert status["advertiser"]["ra_sent"] == 0
    assert world.office.ip_json("link", "show", "dev", INTERFACE)[0]["master"] == "br0"
    assert not world.office.addresses(INTERFACE)


def test_a_client_may_still_not_play_router(world):
    before = world.the_server.drops("alice", "ra")

    world.alice.host.run("atk6-fake_router26", "-A", "fd00:bad::/64", "-n", "1", INTERFACE,
                         check=False)

    world.until(lambda: world.the_server.drops("alice", "ra") > before, "the guard did not see it")
    assert not world.lan_host.address("eth0", "fd00:bad::/64")


def test_the_servers_ra_carries_the_bridges_identity(lan):
    lan.office.ip("-6", "route", "add", "default", "via", "2001:db8:100::2")
    bridged_office(lan, f"prefix = {OWN_PREFIX}\ndefault-route = yes")
    lan.office.ip("address", "add", "2001:db8:88::1/64", "dev", "br0", "nodad")
    alice = lan.client("alice")
    lan.until(lambda: alice.address(OWN_PREFIX), "alice has no address")
    route, = lan.until(lambda: alice.host.routes("default"), "alice has no default route")

    assert route["gateway"] == lan.office.address("br0", "fe80::/10")
    alice.reaches("2001:db8:88::1")
    alice.reaches("2001:db8:100::2")
    neighbours = {n["dst"]: n.get("lladdr") for n in
                  alice.host.ip_json("-6", "neighbour", "show", "dev", INTERFACE)}
    assert neighbours[route["gateway"]] == lan.office.mac("br0")
    lan.lan_host.ip("address", "add", "2001:db8:88::5/64", "dev", "eth0", "nodad")
    alice.reaches("2001:db8:88::5")


def test_afterwards_the_bridge_is_as_it_was(lan):
    bridged_office(lan, "enabled = no")
    lan.the_server.stop()

    assert not lan.office.has_interface(INTERFACE)
    assert lan.office.has_interface("br0")
