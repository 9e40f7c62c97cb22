# SPDX-License-Identifier: Apache-2.0
"""Advertisements follow the server's kernel: its addresses, its routes, its way out.

up0 is the interface whose prefix an ISP gives and takes away; nobody is behind it.
"""

import json
import time

import pytest

from lan import DATACENTER, INTERFACE, Lan

FIRST, SECOND = "2001:db8:a::/64", "2001:db8:b::/64"
REACH_S = 3  # in which a change is to be known to every client
CONF = """
    [ra]
    prefix = auto
    prefix = interface up0
    route = kernel 2001:db8:100::/40 high
    default-route = yes
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.office.ip("link", "add", "up0", "type", "bridge")
        lan.office.ip("link", "set", "up0", "up")
        lan.server(CONF)
        lan.alice = lan.client("alice")
        lan.until(lan.alice.address, "alice has no address")
        yield lan


def details(client, prefix):
    """What the client's kernel knows of its address in a prefix."""
    address = client.address(prefix)
    found = client.host.ip_json("address", "show", "dev", INTERFACE)
    return next((a for a in found[0]["addr_info"] if a["local"] == address), {})


def in_time(world, condition, message):
    return world.until(condition, message, REACH_S + 0.5)


def ip6(world, *arguments):
    return world.office.ip("-6", *arguments)


# ---- prefixes ----

def test_a_prefix_comes_with_the_interfaces_address(world):
    ip6(world, "address", "add", "2001:db8:a::5/64", "dev", "up0", "nodad")

    in_time(world, lambda: world.alice.address(FIRST), "alice has no address in it")
    assert details(world.alice, FIRST)["valid_life_time"] in range(5380, 5401)
    world.until(lambda: world.office.address(INTERFACE, FIRST) == "2001:db8:a::1",
                "the TAP has no address in it")
    world.alice.reaches("2001:db8:a::1")


def test_the_kernels_lifetimes_bound_those_of_the_clients(world):
    ip6(world, "address", "change", "2001:db8:a::5/64", "dev", "up0",
        "valid_lft", "8000", "preferred_lft", "900")

    in_time(world, lambda: details(world.alice, FIRST)["preferred_life_time"] in range(880, 901),
            "preferred for longer than the server's")


def test_a_deprecated_address_deprecates_the_prefix(world):
    ip6(world, "address", "change", "2001:db8:a::5/64", "dev", "up0",
        "valid_lft", "8000", "preferred_lft", "0")

    in_time(world, lambda: details(world.alice, FIRST).get("deprecated"), "still preferred")
    assert details(world.alice, FIRST)["valid_life_time"] > 5000


def test_another_prefix_takes_its_place(world):
    ip6(world, "address", "add", "2001:db8:b::5/64", "dev", "up0", "nodad")
    ip6(world, "address", "del", "2001:db8:a::5/64", "dev", "up0")

    in_time(world, lambda: world.alice.address(SECOND), "alice has no address in the new one")
    assert not details(world.alice, SECOND).get("deprecated")
    in_time(world, lambda: details(world.alice, FIRST).get("deprecated"),
            "the old one is preferred")


def test_the_interface_goes_and_comes_back(world):
    ip6(world, "link", "delete", "up0")
    in_time(world, lambda: details(world.alice, SECOND).get("deprecated"), "still preferred")

    ip6(world, "link", "add", "up0", "type", "bridge")
    ip6(world, "link", "set", "up0", "up")
    ip6(world, "address", "add", "2001:db8:b::6/64", "dev", "up0", "nodad")
    in_time(world, lambda: details(world.alice, SECOND) and
            not details(world.alice, SECOND).get("deprecated"), "not preferred again")


# ---- routes ----

def test_the_kernels_routes_in_the_filter_are_there(world):
    """On the link of dc, but neither the TAP's own nor one outside."""
    route, = world.until(lambda: world.alice.host.routes("2001:db8:100::/64"), "no route")

    assert route["pref"] == "high"
    world.alice.reaches(DATACENTER)
    assert not world.alice.host.routes("2001:db8:ffff::/64")


def test_a_route_comes_and_goes(world):
    ip6(world, "route", "add", "2001:db8:120::/48", "via", DATACENTER)
    in_time(world, lambda: world.alice.host.routes("2001:db8:120::/48"), "it did not come")

    # v6LC.2.2.21: it is withdrawn, and not only left out until it runs out
    ip6(world, "route", "del", "2001:db8:120::/48")
    in_time(world, lambda: not world.alice.host.routes("2001:db8:120::/48"), "it did not go")
    assert world.alice.host.routes("2001:db8:100::/64")


def test_a_cable_that_is_pulled_takes_the_route_with_it(world):
    world.datacenter.ip("link", "set", "eth0", "down")
    in_time(world, lambda: not world.alice.host.routes("2001:db8:100::/64"), "it did not go")

    world.datacenter.ip("link", "set", "eth0", "up")
    in_time(world, lambda: world.alice.host.routes("2001:db8:100::/64"), "it did not come back")


def test_a_flapping_route_is_no_flood(world):
    before = world.the_server.status()["advertiser"]["ra_sent"]
    start = time.monotonic()

    while time.monotonic() < start + 6:
        ip6(world, "route", "add", "2001:db8:130::/48", "via", DATACENTER)
        ip6(world, "route", "del", "2001:db8:130::/48")
    sent = world.the_server.status()["advertiser"]["ra_sent"] - before
    print(f"{sent} advertisements in {time.monotonic() - start:.1f} s of flapping")
    assert sent <= (time.monotonic() - start) / 3 + 1  # RFC 4861 MIN_DELAY_BETWEEN_RAS
    in_time(world, lambda: not world.alice.host.routes("2001:db8:130::/48"), "it did not go")


# ---- the way out ----

def way_out(world):
    shown = json.loads(world.the_server.cli("show", "ra", "--json").stdout)
    return shown["forwards"], shown["has_default_route"]


def test_no_default_route_without_one_of_the_servers(world):
    assert not world.alice.host.routes("default")
    assert way_out(world) == (True, False)
    assert "this host has none" in world.the_server.cli("show", "ra").stdout


def test_the_default_route_follows_the_servers(world):
    ip6(world, "route", "add", "default", "via", DATACENTER)
    in_time(world, lambda: world.alice.host.routes("default"), "alice has no default route")

    ip6(world, "route", "del", "default")
    in_time(world, lambda: not world.alice.host.routes("default"), "alice still has it")
    assert world.alice.host.routes("2001:db8:100::/64"), "routes go on without it"


def test_who_does_not_forward_is_no_default_router(world):
    """RFC 4861 6.2.5"""
    ip6(world, "route", "add", "default", "via", DATACENTER)
    in_time(world, lambda: world.alice.host.routes("default"), "alice has no default route")

    world.office.sysctl("net.ipv6.conf.all.forwarding", 0)
    in_time(world, lambda: not world.alice.host.routes("default"), "alice still has it")
    assert way_out(world) == (False, True)
    world.office.sysctl("net.ipv6.conf.all.forwarding", 1)
    in_time(world, lambda: world.alice.host.routes("default"), "alice has no default route")


# ---- other ways to the same ----

def test_the_taps_own_addresses(lan):
    """A DHCPv6 client gives the TAP an address from what it was delegated; ours do not count."""
    server = lan.server("[ra]\nprefix = auto\nprefix = interface lanyard0\n")
    alice = lan.client("alice")
    lan.until(alice.address, "alice has no address")
    lan.office.ip("-6", "address", "add", "2001:db8:a::7/64", "dev", INTERFACE, "nodad")

    lan.until(lambda: alice.address(FIRST), "alice has no address in it")
    alice.reaches("2001:db8:a::7")
    assert not lan.office.ping("2001:db8:a::1"), "it needs no address of ours"
    shown = json.loads(server.cli("show", "ra", "--json").stdout)
    prefixes = [p["prefix"] for p in shown["scopes"][0]["prefixes"]]
    assert len(prefixes) == 2 and prefixes[1] == FIRST, "each of them once"

    lan.office.ip("-6", "address", "del", "2001:db8:a::7/64", "dev", INTERFACE)
    lan.until(lambda: details(alice, FIRST).get("deprecated"), "still preferred")


def test_reload_begins_and_ends_it(lan):
    server = lan.server("[ra]\nprefix = auto\n")
    alice = lan.client("alice")
    lan.until(alice.address, "alice has no address")
    lan.office.ip("link", "add", "up0", "type", "bridge")
    lan.office.ip("link", "set", "up0", "up")
    lan.office.ip("-6", "address", "add", "2001:db8:a::5/64", "dev", "up0", "nodad")

    server.configure(CONF)
    assert server.cli("reload").returncode == 0
    in_time(lan, lambda: alice.address(FIRST), "alice has no address in it")
    in_time(lan, lambda: alice.host.routes("2001:db8:100::/64"), "no route")
    server.configure("[ra]\nprefix = auto\n")
    assert server.cli("reload").returncode == 0
    in_time(lan, lambda: details(alice, FIRST).get("deprecated"), "still preferred")
    in_time(lan, lambda: not alice.host.routes("2001:db8:100::/64"), "the route stays")
