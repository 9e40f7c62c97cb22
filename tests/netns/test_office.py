# SPDX-License-Identifier: Apache-2.0
"""A remote office: the hosts behind a client that joins a kernel bridge are on the link as well."""

import pytest

from lan import DATACENTER, INTERFACE, ULA, Lan

ROUTE = "2001:db8:100::/48"


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(f"""
            [ra]
            prefix = auto
            route = {ROUTE}
        """)
        lan.branch = lan.client("branch", connect=False)
        lan.branch.host.ip("link", "add", "br0", "type", "bridge")
        lan.branch.host.ip("link", "set", "br0", "up")
        lan.desks = [lan.host(f"desk{number}") for number in (1, 2)]
        for desk in lan.desks:
            desk.sysctl("net.ipv6.conf.default.accept_ra_rt_info_max_plen", 128)
            lan.branch.host.plug(desk.name, desk, "eth0")
            lan.branch.host.ip("link", "set", desk.name, "master", "br0")
        lan.branch.connect("--bridge", "br0")
        yield lan


def test_the_hosts_behind_it_configure_themselves(world):
    for desk in world.desks:
        world.until(lambda: desk.address("eth0", ULA), f"{desk.name} has no address")
        route, = world.until(lambda: desk.routes(ROUTE), f"{desk.name} has no route")
        assert route["gateway"] == world.office.address(INTERFACE, "fe80::/10")


def test_they_reach_the_datacenter_and_are_reached(world):
    for desk in world.desks:
        world.until(lambda: desk.address("eth0", ULA), f"{desk.name} has no address")
        world.until(lambda: desk.ping(DATACENTER), f"{desk.name} cannot reach the datacenter")
        assert world.datacenter.ping(desk.address("eth0", ULA))


def test_the_bridge_itself_is_a_host_too(world):
    world.until(lambda: world.branch.host.address("br0", ULA), "the bridge has no address")
    assert not world.branch.host.addresses(INTERFACE), "the TAP in the bridge has an address"


def test_the_server_knows_every_mac(world):
    macs = {desk.mac("eth0") for desk in world.desks}
    world.until(lambda: macs <= set(world.the_server.client("branch")["macs"]),
                "the server does not know the hosts behind the bridge")


def test_a_host_that_is_plugged_in_later_asks_and_is_answered(world):
    late = world.host("late")
    world.branch.host.plug("late", late, "eth0")
    world.branch.host.ip("link", "set", "late", "master", "br0")

    world.until(lambda: late.address("eth0", ULA), "the late host has no address")


def test_afterwards_the_bridge_is_as_it_was(lan):
    lan.server()
    branch = lan.client("branch", connect=False)
    branch.host.ip("link", "add", "br0", "type", "bridge")
    branch.host.ip("link", "set", "br0", "up")
    branch.connect("--bridge", "br0")
    assert branch.host.ip_json("link", "show", "dev", INTERFACE)[0]["master"] == "br0"

    branch.stop()

    assert not branch.host.has_interface(INTERFACE)
    assert branch.host.has_interface("br0")


def test_a_bridge_that_is_not_there(lan):
    lan.server()
    branch = lan.client("branch", connect=False)
    status, sentence = branch.try_once("--bridge", "br7")

    assert status != 0 and "br7" in sentence
    assert not branch.host.has_interface(INTERFACE)
