# SPDX-License-Identifier: Apache-2.0
"""Hosts of a network that is routed behind an office, asking through a relay, or two of them:

    desk -- lane -- relay -- [office's bridge, lanyard connect] == tunnel == server
    desk -- lane -- inner -- alley -- relay -- ...

ISC's relay and dnsmasq's, by multicast and to the server's own address.
"""

import re

import pytest

import managers
from dhcp6_clients import Dhclient
from lan import DATACENTER, INTERFACE
from machines import office
from test_dhcp6 import CONF, OFFICES, delegated_routes, leases

ON_LINK = "2001:db8:1::/64"
LANE, ALLEY = "2001:db8:77::/64", "2001:db8:78::/64"
RELAYED = CONF.replace("[ra]", "[ra]\nroute = 2001:db8:100::/48") + f"""
    relayed = {LANE}
    pool = 2001:db8:77::1000-2001:db8:77::1fff
"""
PACKAGES = {"isc": ("isc-dhcp-relay",), "dnsmasq": ("dnsmasq-base",)}


def isc(lan, host, server=None):
    upper = f"{server}%wan" if server else "wan"
    # it knows no end but a signal's, which the shell may call one
    managers.start(lan, host, "dhcrelay", "sh", "-c", "dhcrelay -6 -d --no-pid -I -l lane "
                   f"-u {upper} & trap \"kill $!\" TERM; wait; exit 0")


def dnsmasq(lan, host, server=None):
    local = host.address("lane", "2001:db8::/32")
    managers.start(lan, host, "dnsmasq", "dnsmasq", "-k", "-C", "/dev/null", "-u", "root",
                   "--port=0", "--pid-file=", "--log-facility=-", "--log-dhcp",
                   f"--dhcp-relay={local},{server or 'wan'}")


START = {"isc": isc, "dnsmasq": dnsmasq}


def router(lan, name, kind):
    """A host between `wan`, of which it knows by advertisements, and `lane`; both to be plugged in."""
    host = lan.host(name, packages=PACKAGES[kind])
    host.sysctl("net.ipv6.conf.all.forwarding", 1)
    host.sysctl("net.ipv6.conf.default.accept_ra", 2)
    host.sysctl("net.ipv6.conf.default.accept_ra_rt_info_max_plen", 128)
    return host


class World:
    """A desk behind a relay behind an office; with two kinds, behind two relays."""

    def __init__(self, lan, *kinds):
        self.lan = lan
        lan.server(RELAYED)
        branch = office(lan)
        self.relays = [router(lan, f"relay{i}", kind) for i, kind in enumerate(kinds)]
        self.desk = lan.host("desk", packages=Dhclient.packages)
        branch.host.plug("relay", self.relays[0], "wan")
        branch.host.ip("link", "set", "relay", "master", "br0")
        self.first = self.relays[0]
        lan.until(lambda: self.first.address("wan", ON_LINK), "the relay is not configured")
        self.gateway = self.first.address("wan", "fe80::/10")

        below = [(relay, "wan") for relay in self.relays[1:]] + [(self.desk, "eth0")]
        for relay, network, (host, interface) in zip(self.relays, [ALLEY, LANE][-len(kinds):],
                                                     below):
            relay.plug("lane", host, interface)
            relay.ip("address", "add", network.replace("::/", "::1/"), "dev", "lane", "nodad")
            self.way(lan.office if relay is self.first else self.first, relay, LANE)
        for relay in self.relays[1:]:
            relay.ip("address", "add", "2001:db8:78::2/64", "dev", "wan", "nodad")
            relay.ip("route", "add", "default", "via", "2001:db8:78::1")
        self.desk.ip("route", "add", "default", "via",
                     self.relays[-1].address("lane", "fe80::/10"), "dev", "eth0")

    def way(self, router, to, network):
        """`router` gets a route to a network that begins behind the next router."""
        lan, interface = self.lan, INTERFACE if router is self.lan.office else "lane"
        gateway = lan.until(lambda: to.address("wan", "fe80::/10"), "no link-local address")
        router.ip("-6", "route", "replace", network, "via", gateway, "dev", interface)

    def leases(self):
        """The desk's address and prefix, when it has both."""
        client = Dhclient(self.lan, self.desk, "eth0", "-N", "-P").start()
        self.lan.until(lambda: client.address() and client.prefix(), "no leases", 30)
        return client


def check(world, client):
    """It has what the network behind the relay gets, and is reached at both."""
    lan, prefix = world.lan, client.prefix()
    assert client.address().startswith("2001:db8:77::1"), "of another network"
    assert "dhcp6.name-servers 2001:db8:100::53" in client.leases()
    assert {lease["what"] for lease in leases(lan, state="active", user="branch")} == {
        client.address(), prefix}
    # the relay, by the address that it keeps: RFC 8987 leaves the rest of the way to the relays
    assert delegated_routes(lan) == {prefix: world.gateway}

    lan.until(lambda: client.address() in world.desk.addresses("eth0"), "it does not use it")
    lan.until(lambda: world.desk.ping(DATACENTER), "the desk cannot reach the datacenter", 20)
    assert lan.datacenter.ping(client.address())
    inside = prefix.replace("::/56", "::1")
    world.desk.ip("address", "add", f"{inside}/128", "dev", "lo")
    for router, to in zip(world.relays, world.relays[1:]):
        world.way(router, to, prefix)
    world.relays[-1].ip("-6", "route", "add", prefix, "via",
                        world.desk.address("eth0", "fe80::/10"), "dev", "lane")
    lan.until(lambda: lan.datacenter.ping(inside), "nobody is in the delegated prefix", 20)


def check_end(world, client):
    """What it gives back is taken; nobody was suspected of anything."""
    lan = world.lan
    client.release()
    lan.until(lambda: leases(lan, state="active") == [], "not given back")
    assert delegated_routes(lan) == {}
    assert set(lan.the_server.status()["dhcp6"]["results"]) == {"answered"}
    drops = lan.the_server.client("branch")["drops"]
    assert not [reason for reason in drops if "dhcp" in reason or reason == "punt-rate"], drops


def check_place(lan, kind):
    """The relay says of which of its interfaces the desk is (ISC's: four bytes of its own)."""
    done = lan.the_server.cli("show", "leases")
    found = {lease["interface_id"] for lease in leases(lan, state="active", user="branch")}
    if kind == "isc":
        assert found and all(re.fullmatch(r"(\\x0[0-9a-f]|\\x[1-9a-f][0-9a-f]|[!-~]){4}", text)
                             and "\\x00\\x00" in text for text in found), found
        assert "RELAY" in done.stdout.splitlines()[0] and found.pop() in done.stdout
    else:
        assert found == {None} and "RELAY" not in done.stdout


@pytest.mark.parametrize("to", ["multicast", "unicast"])
@pytest.mark.parametrize("kind", PACKAGES)
def test_a_host_behind_a_relay(lan, kind, to):
    world = World(lan, kind)
    START[kind](lan, world.first,
                lan.office.address(INTERFACE, ON_LINK) if to == "unicast" else None)
    client = world.leases()
    check(world, client)
    check_place(lan, kind)
    check_end(world, client)


@pytest.mark.parametrize("kinds", [("isc", "dnsmasq"), ("dnsmasq", "isc")], ids="-".join)
def test_a_host_behind_two_relays(lan, kinds):
    world = World(lan, *kinds)
    START[kinds[0]](lan, world.relays[0])
    START[kinds[1]](lan, world.relays[1], "2001:db8:78::1")
    client = world.leases()
    check(world, client)
    check_end(world, client)


def test_a_network_that_nobody_spoke_of_gets_no_answer(lan):
    world = World(lan, "isc")
    world.first.ip("address", "flush", "dev", "lane", "scope", "global")
    world.first.ip("address", "add", "2001:db8:79::1/64", "dev", "lane", "nodad")
    isc(lan, world.first)
    client = Dhclient(lan, world.desk, "eth0", "-N").start()
    lan.until(lambda: lan.the_server.status()["dhcp6"]["results"].get("other-link"),
              "nothing is refused", 20)
    assert not client.address() and leases(lan) == []
    client.stop()
