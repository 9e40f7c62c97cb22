# SPDX-License-Identifier: Apache-2.0
"""A laptop gets address, routes and DNS, reaches the datacenter, and leaves no trace."""

import pytest

from lan import DATACENTER, INTERFACE, ULA, Lan

PREFIX = "2001:db8:1::/64"
CONF = f"""
    [ra]
    prefix = auto
    prefix = {PREFIX}
    route = 2001:db8:100::/48 high
    route = 2001:db8:200::/48 low 20m
    route = 2001:db8:300::/48
    default-route = yes
    dns = {DATACENTER}
    dns = 2001:db8:100::53
    search = corp.example
    search = lab.corp.example
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.office.ip("-6", "route", "add", "default", "via", DATACENTER)
        lan.server(CONF)
        yield lan


@pytest.fixture(scope="module")
def laptop(world):
    alice = world.client("alice", resolvconf=True)
    world.until(alice.address, "alice has no address in the generated prefix")
    return alice


def interface_id(mac):
    """RFC 4291 appendix A, as text."""
    octets = [int(octet, 16) for octet in mac.split(":")]
    octets = [octets[0] ^ 2, *octets[1:3], 0xff, 0xfe, *octets[3:]]
    return ":".join(f"{high << 8 | low:x}" for high, low in zip(octets[::2], octets[1::2]))


def test_it_has_addresses_in_both_prefixes(world, laptop):
    suffix = interface_id(laptop.host.mac(INTERFACE))

    world.until(lambda: laptop.address(PREFIX), "alice has no address in the second prefix")
    assert laptop.address(PREFIX).endswith(suffix)
    assert laptop.address(ULA).endswith(suffix)
    assert laptop.link_local().endswith(suffix)


@pytest.mark.parametrize("prefix, preference, lifetime_s", [
    ("2001:db8:100::/48", "high", 1800),
    ("2001:db8:200::/48", "low", 1200),
    ("2001:db8:300::/48", "medium", 1800),
    ("default", "medium", 1800),
])
def test_it_has_the_route(world, laptop, prefix, preference, lifetime_s):
    route, = world.until(lambda: laptop.host.routes(prefix), f"alice has no route to {prefix}")

    router = world.office.address(INTERFACE, "fe80::/10")
    assert (route["dev"], route["gateway"], route["pref"]) == (INTERFACE, router, preference)
    assert lifetime_s - 60 < route["expires"] <= lifetime_s


def test_it_reaches_the_datacenter_through_the_pushed_route(world, laptop):
    laptop.reaches(DATACENTER)
    assert world.datacenter.ping(laptop.address(PREFIX)), "the datacenter cannot reach alice"


def test_it_has_the_routers_mtu(laptop):
    key = f"net.ipv6.conf.{INTERFACE}.mtu"
    assert laptop.host.sysctl(key) == "1500"


def test_its_resolver_asks_the_pushed_servers(world, laptop):
    lines = world.until(lambda: "corp.example" in (laptop.host.read("/etc/resolv.conf") or "")
                        and laptop.host.read("/etc/resolv.conf").splitlines(),
                        "resolv.conf does not know the pushed domain")

    assert f"nameserver {DATACENTER}" in lines
    assert "nameserver 2001:db8:100::53" in lines
    assert "search corp.example lab.corp.example" in lines


def test_it_says_so_itself(world, laptop):
    world.until(lambda: laptop.status()["dns"]["applied_by"] == "resolvconf", "DNS is not applied")
    status = laptop.status()

    assert status["role"] == "client" and status["state"] == "up"
    assert status["mac"] == laptop.host.mac(INTERFACE)
    assert status["dns"]["servers"] == [DATACENTER, "2001:db8:100::53"]
    assert status["dns"]["search"] == ["corp.example", "lab.corp.example"]
    assert {a["address"] for a in status["addresses"] if a["usable"]} \
        == set(laptop.host.addresses(INTERFACE))
    assert {r["prefix"]: (r["preference"], r["installed"]) for r in status["routes"]} == {
        "2001:db8:100::/48": ("high", True), "2001:db8:200::/48": ("low", True),
        "2001:db8:300::/48": ("medium", True), "::/0": ("medium", True)}
    assert all(check["ok"] for check in status["health"]), status["health"]


def ipv6_settings(host):
    done = host.run("sh", "-c", "cd /proc/sys/net/ipv6 && grep -r . conf neigh 2>/dev/null",
                    check=False)
    return {line for line in done.stdout.splitlines()
            if f"/{INTERFACE}/" not in line and "stable_secret" not in line}


def test_a_laptop_that_forwards_gets_everything_too_and_leaves_no_trace(world):
    bob = world.client("bob", resolvconf=True, connect=False)
    bob.host.sysctl("net.ipv6.conf.all.forwarding", 1)
    settings = ipv6_settings(bob.host)
    resolv_conf = bob.host.read("/etc/resolv.conf")
    routes = bob.host.ip_json("-6", "route", "show", "table", "all")

    bob.connect()
    bob.reaches(DATACENTER)
    world.until(lambda: "corp.example" in bob.host.read("/etc/resolv.conf"),
                "resolv.conf does not know the pushed domain")
    bob.stop()

    assert not bob.host.has_interface(INTERFACE)
    assert ipv6_settings(bob.host) == settings
    assert bob.host.read("/etc/resolv.conf") == resolv_conf
    assert bob.host.ip_json("-6", "route", "show", "table", "all") == routes


def test_settings_of_an_interface_that_stays_are_put_back(world):
    carol = world.client("carol", connect=False)
    carol.host.ip("tuntap", "add", "dev", INTERFACE, "mode", "tap", "vnet_hdr")
    settings = f"cd /proc/sys/net/ipv6/conf/{INTERFACE} && grep . *"
    before = carol.host.run("sh", "-c", settings, check=False).stdout

    carol.connect()
    world.until(carol.address, "carol has no address")
    during = carol.host.run("sh", "-c", settings, check=False).stdout
    carol.stop()

    assert "accept_ra:2" in during and "accept_ra_rt_info_max_plen:128" in during
    assert carol.host.run("sh", "-c", settings, check=False).stdout == before
