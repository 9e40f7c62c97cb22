# SPDX-License-Identifier: Apache-2.0
"""The doctor where others have a hand in it: hosts that a manager configures, other default routes,
a server that only hands on what a LAN's own router says."""

import pytest

import managers
from doctor import doctor, nameserver
from lan import DATACENTER, INTERFACE
from test_managers import MANAGERS, is_configured, networkd

PREFIX = "2001:db8:1::/64"
ROUTE = "2001:db8:100::/48"
DNS = "2001:db8:100::53"
CONF = f"""
    [ra]
    prefix = {PREFIX}
    route = {ROUTE} high
    dns = {DNS}
    search = corp.example
"""
EVERYTHING = """
    [ra]
    prefix = auto
    default-route = yes
"""


@pytest.mark.parametrize("name", MANAGERS)
def test_a_manager_that_does_it_well(lan, name):
    packages, start, knows_dns = MANAGERS[name]
    lan.server(CONF)
    lan.datacenter.ip("address", "add", f"{DNS}/64", "dev", "eth0", "nodad")
    alice = lan.client("alice", packages=packages, connect=False)
    start(lan, alice.host)
    alice.connect()
    lan.until(lambda: is_configured(alice, knows_dns), f"{name} did not configure the link")
    with nameserver(lan.datacenter, DNS, {"corp.example": []}):
        report = doctor(alice)

    assert report.ok, report.text
    report.said("dns", f"applied, by {name}")


def test_a_manager_that_takes_no_routes(lan):
    lan.server(CONF)
    alice = lan.client("alice", packages=managers.NETWORKD, connect=False)
    networkd(lan, alice.host)
    text = alice.host.read("/run/systemd/network/50-lanyard.network")
    alice.host.write("/run/systemd/network/50-lanyard.network",
                     text + "\n[IPv6AcceptRA]\nUseRoutePrefix=no\n")
    alice.host.run("networkctl", "reload")
    alice.connect()
    lan.until(lambda: alice.address(PREFIX), "no address")
    report = doctor(alice)

    report.said("route", f"{ROUTE} is not installed", "systemd-networkd manages")
    report.said("leak", "the kernel refuses")


def serve_everything(lan):
    """A server that is itself connected to the world, else it would promise nothing."""
    lan.office.ip("-6", "route", "add", "default", "via", "2001:db8:ffff::fe", "dev", "eth0")
    lan.server(EVERYTHING)


def test_everything_through_the_tunnel(lan):
    serve_everything(lan)
    alice = lan.client("alice")
    lan.until(lambda: alice.ping(DATACENTER), "alice cannot reach the datacenter")
    assert doctor(alice).ok, "the laptop's own LAN is no leak"

    alice.host.ip("-6", "route", "add", "2001:db8:ffff:1::/64", "via", "2001:db8:ffff::1",
                  "dev", "eth0")
    assert doctor(alice).ok, "another network of the same site is none either"

    alice.host.ip("-6", "route", "add", "2000::/3", "via", "2001:db8:ffff::1", "dev", "eth0")
    report = doctor(alice)
    report.said("leak", "what is for ::/0", "leaves by eth0", "2000::/3 wins")
    assert report.troubles() == ["leak"]


def test_another_default_route(lan):
    serve_everything(lan)
    alice = lan.client("alice", connect=False)
    alice.host.ip("-6", "route", "add", "default", "via", "2001:db8:ffff::1", "dev", "eth0",
                  "metric", "100")
    alice.connect()
    report = doctor(alice)

    report.said("route", "::/0 is installed")
    report.said("leak", "what is for ::/0", "leaves by eth0 instead of lanyard0", "metric")
    assert report.troubles() == ["leak"]


def test_a_server_that_advertises_nothing(lan):
    lan.server("""
        [ra]
        enabled = no
    """)
    report = doctor(lan.client("alice"))

    report.said("advertisement", "no Router Advertisement came", "[ra] enabled")
    assert report.troubles() == ["advertisement"]


def test_an_address_that_somebody_else_has(lan):
    lan.server(CONF.replace("dns", ";dns").replace("search", ";search"))
    alice, twin = lan.client("alice"), lan.client("twin")
    own = lan.until(lambda: alice.address(PREFIX), "alice has no address")
    alice.stop()
    twin.host.ip("address", "add", f"{own}/128", "dev", INTERFACE, "nodad")
    alice.connect()  # with the same MAC; the kernel forgets an address that is a duplicate
    lan.until(lambda: own not in alice.host.addresses(INTERFACE), "the twin goes unnoticed")
    report = doctor(alice)

    report.said("address", own, "duplicate", "machine-id")
    assert report.troubles() == ["address"]
