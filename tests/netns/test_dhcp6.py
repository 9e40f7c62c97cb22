# SPDX-License-Identifier: Apache-2.0
"""DHCPv6 through the tunnel: leases, prefixes with their routes, and that both outlive the server."""

import json

import pytest

from dhcp6_clients import Dhclient
from lan import INTERFACE, ULA, Lan

POOL = "2001:db8:1::1000-2001:db8:1::1fff"
OFFICES = "2001:db8:f000::/36"
CONF = f"""
    [ra]
    prefix = 2001:db8:1::/64
    dns = 2001:db8:100::53
    search = corp.example
    [dhcp6]
    pool = {POOL}
    delegate = {OFFICES} /56
    lease-time = 1h
"""


def leases(lan, **which):
    """Those that `lanyard show leases` shows with these values."""
    done = lan.the_server.cli("show", "leases", "--json")
    assert done.returncode == 0, done.stderr
    return [lease for lease in json.loads(done.stdout)["leases"]
            if all(lease[name] == value for name, value in which.items())]


def delegated_routes(lan):
    """Prefix to gateway, of the routes to offices."""
    return {r["dst"]: r["gateway"] for r in lan.office.ip_json("-6", "route", "show")
            if r["dst"].startswith("2001:db8:f") and "gateway" in r and r["dst"] != OFFICES}


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        lan.alice = lan.client("alice", packages=Dhclient.packages)
        yield lan


@pytest.fixture
def dhclient(world):
    client = Dhclient(world, world.alice.host, INTERFACE, "-N", "-P").start()
    yield client
    if client.daemon:
        client.release()


def has_both(client):
    """Its file may hold those of its last run."""
    active = {lease["what"] for lease in leases(client.lan, state="active")}
    return active and active == {client.address(), client.prefix()}


def test_an_address_and_a_prefix_with_its_route(world, dhclient):
    world.until(lambda: has_both(dhclient), "no lease")
    address, prefix = dhclient.address(), dhclient.prefix()
    assert address.startswith("2001:db8:1::1") and prefix.endswith("/56")
    world.until(lambda: address in world.alice.host.addresses(INTERFACE), "the address is not there")
    assert "dhcp6.name-servers 2001:db8:100::53" in dhclient.leases()
    assert delegated_routes(world) == {prefix: world.alice.link_local()}
    assert [lease["user"] for lease in leases(world, state="active")] == ["alice", "alice"]
    assert {lease["what"] for lease in leases(world, state="active")} == {address, prefix}
    client = world.the_server.client("alice")
    assert client["delegated"] == [prefix]
    world.until(lambda: {"address": address, "source": "dhcp6"} in [
        {"address": a["address"], "source": a["source"]}
        for a in world.the_server.client("alice")["addresses"]], "status does not know the address")


def test_a_release_ends_both_and_the_same_come_back(world, dhclient):
    world.until(lambda: has_both(dhclient), "no lease")
    address, prefix = dhclient.address(), dhclient.prefix()
    dhclient.release()
    assert leases(world, state="active") == []
    assert {lease["what"] for lease in leases(world, state="remembered")} == {address, prefix}
    assert delegated_routes(world) == {}
    again = Dhclient(world, world.alice.host, INTERFACE, "-N", "-P").start()
    world.until(lambda: has_both(again), "no lease")
    assert (again.address(), again.prefix()) == (address, prefix)
    again.release()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_leases_and_routes_outlive_the_server(world, dhclient, end):
    world.until(lambda: has_both(dhclient), "no lease")
    prefix, gateway = dhclient.prefix(), world.alice.link_local()
    before = leases(world, state="active")
    getattr(world.the_server, end)()
    assert delegated_routes(world) == {}, "the TAP is gone, and its routes with it"
    world.the_server.start()
    assert delegated_routes(world) == {prefix: gateway}, "not there when the server is ready"
    after = leases(world, state="active")
    assert [(x["what"], x["duid"], x["user"]) for x in after] == [
        (x["what"], x["duid"], x["user"]) for x in before]
    world.until(world.alice.up, "alice did not come back", 30)


def test_the_advertisements_say_where_to_ask(world):
    answer = json.loads(world.the_server.cli("show", "ra", "--json").stdout)
    assert all(scope["managed"] and scope["other"] for scope in answer["scopes"])


def test_without_anything_to_give_there_is_dns(lan):
    lan.server("""
        [ra]
        prefix = auto
        dns = 2001:db8:100::53
    """)
    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-S").start()
    lan.until(lambda: "dhcp6.name-servers 2001:db8:100::53" in (
        alice.host.read("/run/dhclient.leases") or "") or "nameserver 2001:db8:100::53" in (
        alice.host.read("/etc/resolv.conf") or ""), "no DNS server")
    lan.until(lambda: alice.address(ULA), "no address of its own")
    scope, = json.loads(lan.the_server.cli("show", "ra", "--json").stdout)["scopes"]
    # nobody is sent there for what the advertisement says itself
    assert not scope["other"] and not scope["managed"]
    assert leases(lan) == []
    client.stop()
