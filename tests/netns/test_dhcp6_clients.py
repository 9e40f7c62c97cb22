# SPDX-License-Identifier: Apache-2.0
"""Every DHCPv6 client that Debian has gets an address, a prefix and the route to it, and gives them back."""

import ipaddress

import pytest

import dhcp6_clients
from lan import DATACENTER, INTERFACE
from test_dhcp6 import CONF, OFFICES, delegated_routes, leases


def has_both(lan):
    return {lease["kind"] for lease in leases(lan, state="active")} == {"address", "prefix"}


def office(lan, kind):
    """A laptop with a network behind it, lan0, for the program to number."""
    made = dhcp6_clients.ALL[kind]
    client = lan.client("office", packages=made.packages, connect=False)
    client.host.plug("lan0", lan.host("desk"), "eth0")
    profile = client.profile.read_text()
    client.profile.write_text(profile.replace("[client]\n", "[client]\n" + made.profile))
    client.connect()
    return client, made(lan, client.host, INTERFACE)


@pytest.mark.parametrize("kind", dhcp6_clients.ALL)
def test_an_address_a_prefix_and_a_release(lan, kind):
    lan.server(CONF)
    client, program = office(lan, kind)
    program.start()
    lan.until(lambda: has_both(lan), "no leases", 20)
    address, = leases(lan, kind="address", state="active")
    prefix, = leases(lan, kind="prefix", state="active")

    lan.until(lambda: address["what"] in client.host.addresses(INTERFACE), "it does not use it", 20)
    assert delegated_routes(lan) == {prefix["what"]: client.link_local()}
    program.stop()
    lan.until(lambda: leases(lan, state="active") == [], "it is not given back")
    assert delegated_routes(lan) == {}


def test_two_networks_of_an_office_behind_a_prefix(lan):
    lan.server(CONF.replace("[ra]", "[ra]\nroute = 2001:db8:100::/48"))
    client, program = office(lan, "wide")
    desks = [next(host for host in lan.hosts if host.name == "desk"), lan.host("desk2")]
    client.host.plug("lan1", desks[1], "eth0")
    client.host.sysctl("net.ipv6.conf.all.forwarding", 1)
    program.networks = ("lan0", "lan1")
    program.start()
    for number, desk in enumerate(desks):
        router = lan.until(lambda n=number: client.host.address(f"lan{n}", OFFICES),
                           f"lan{number} has no part of the prefix", 20)
        address = str(ipaddress.ip_address(int(ipaddress.ip_address(router)) ^ 0xff))
        desk.ip("address", "add", f"{address}/64", "dev", "eth0", "nodad")
        desk.ip("route", "add", "default", "via", router)
        lan.until(lambda d=desk: d.ping(DATACENTER), f"{desk.name} cannot reach the datacenter", 20)
        assert lan.datacenter.ping(address), f"the datacenter cannot reach {desk.name}"
    assert desks[0].ping(desks[1].address("eth0", OFFICES)), "desk cannot reach desk2"
    program.stop()
