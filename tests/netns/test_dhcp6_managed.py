# SPDX-License-Identifier: Apache-2.0
"""Hosts whose manager asks by DHCPv6 because the advertisement says so; a server in a LAN's bridge; a
prefix that is in somebody's way; reservations by hand."""

import pytest

import machines
from bridged import bridged_office
from dhcp6_clients import Dhclient
from lan import INTERFACE
from test_dhcp6 import CONF, OFFICES, delegated_routes, leases


@pytest.mark.parametrize("kind", ["networkd", "manager"])
def test_a_manager_asks_because_the_flag_says_so(lan, kind):
    lan.server(CONF)
    machine = machines.laptop(lan, kind)
    lease, = lan.until(lambda: leases(lan, state="active", kind="address"), "it does not ask", 30)
    lan.until(lambda: machine.address(lease["what"] + "/128"), "it does not use the lease", 20)
    lan.until(lambda: machine.servers() == ["2001:db8:100::53"], "no DNS server", 20)


def test_in_a_lans_bridge_the_route_leads_over_the_bridge(lan):
    bridged_office(lan, "prefix = 2001:db8:88::/64\n[dhcp6]\n"
                        f"pool = 2001:db8:88::1000-2001:db8:88::1fff\ndelegate = {OFFICES} /56\n")
    lan.office.ip("address", "add", "2001:db8:88::1/64", "dev", "br0", "nodad")
    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-N", "-P").start()
    lan.until(lambda: client.address() and client.prefix(), "no leases")
    assert delegated_routes(lan) == {client.prefix(): alice.link_local()}
    # the bridge outlives the server, and so would a route that nobody takes away
    lan.the_server.kill()
    assert delegated_routes(lan) == {client.prefix(): alice.link_local()}
    lan.office.ip("-6", "route", "add", "2001:db8:fabc::/56", "via", "fe80::9", "dev", "br0",
                  "proto", "76")
    lan.the_server.start()
    assert delegated_routes(lan) == {client.prefix(): alice.link_local()}
    lan.until(alice.up, "alice did not come back", 30)
    client.release()
    assert delegated_routes(lan) == {}


def test_what_leads_elsewhere_is_not_delegated(lan):
    # all that there is to give but one
    lan.server(CONF.replace(f"{OFFICES} /56", "2001:db8:f000::/55 /56"))
    lan.office.ip("-6", "route", "add", "2001:db8:f000:1::/64", "dev", "dc")
    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-P").start()
    lan.until(client.prefix, "no prefix")
    assert client.prefix() == "2001:db8:f000:100::/56"
    bob = lan.client("bob", packages=Dhclient.packages)
    other = Dhclient(lan, bob.host, INTERFACE, "-P").start()
    log = lan.the_server.daemon.log
    lan.until(lambda: "dhcp6: 2001:db8:f000::/56 is not delegated: this host has a route to "
              "2001:db8:f000:1::/64" in log(), "nobody is told")
    assert not other.prefix() and set(delegated_routes(lan)) == {"2001:db8:f000:100::/56"}
    lan.office.ip("-6", "route", "del", "2001:db8:f000:1::/64", "dev", "dc")
    lan.until(other.prefix, "not free again", 40)
    assert other.prefix() == "2001:db8:f000::/56"
    for program in client, other:
        program.release()


def test_there_is_room_for_1024_routes_of_others(lan):
    # one is there: the network between office and laptops, 2001:db8:ffff::/64
    lan.office.run("ip", "-6", "-batch", "-", input="".join(
        f"route add 2001:db8:f800:{n:x}::/64 dev dc\n" for n in range(1023)))
    server = lan.server(CONF)
    for name, left_out in ("alice", 0), ("bob", 1):
        machine = lan.client(name, packages=Dhclient.packages)
        client = Dhclient(lan, machine.host, INTERFACE, "-P").start()
        lan.until(client.prefix, f"no prefix for {name}")
        assert server.status()["dhcp6"]["routes_left_out"] == left_out
        told = "1025 routes inside of delegate, which is 1 too many" in server.daemon.log()
        assert told == (left_out == 1)
        client.stop()
        if left_out == 0:
            lan.office.ip("-6", "route", "add", "2001:db8:f800:400::/64", "dev", "dc")
            server.restart()


def test_reserved_released_and_removed_by_hand(lan):
    server = lan.server(CONF)
    alice = lan.client("alice", packages=Dhclient.packages)
    done = server.cli("lease", "reserve", "alice", "2001:db8:1::a11c")
    assert done.returncode == 0, done.stderr
    server.restart()
    lan.until(alice.up, "alice did not come back", 30)
    client = Dhclient(lan, alice.host, INTERFACE, "-N", "-P").start()
    lan.until(lambda: client.address() and client.prefix(), "no leases")
    assert client.address() == "2001:db8:1::a11c"

    assert server.cli("lease", "release", client.prefix()).returncode == 0
    assert delegated_routes(lan) == {}
    assert server.cli("lease", "release", client.prefix()).returncode == 10  # no such object
    assert server.cli("lease", "release", "nothing").returncode == 2
    assert server.cli("lease", "reserve", "none", "2001:db8:1::a11c").returncode == 0
    assert server.cli("lease", "reserve", "none", "2001:db8:1::a11c").returncode == 10
    shown = server.cli("show", "leases").stdout
    assert "2001:db8:1::a11c" in shown and "alice" in shown

    assert server.cli("user", "remove", "alice").returncode == 0
    assert leases(lan, state="active") == []
    client.stop()
    assert alice.daemon.wait() == 5  # login refused
    lan.daemons.remove(alice.daemon)
