# SPDX-License-Identifier: Apache-2.0
"""How the client finds the server: both families, the next address, and never through itself."""

import pytest

from lan import DATACENTER, INTERFACE, NAME, OFFICE4, OFFICE6, Lan

CONF = """
    [ra]
    route = 2001:db8:100::/48
    default-route = {default}
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF.format(default="no"))
        yield lan


def dial(client, server, hosts=()):
    """Lets the profile dial `server`, and /etc/hosts (for this host alone) say what it is."""
    text = client.profile.read_text()
    client.profile.write_text(text.replace(f"server = {OFFICE4}\n", f"server = {server}\n"))
    if hosts:
        file = client.lan.folder / f"{client.host.name}.hosts"
        file.write_text("".join(f"{address} {server}\n" for address in hosts))
        client.host.run("mount", "--bind", file, "/etc/hosts")


def remote(world, client):
    return world.the_server.client(client.user)["remote"]


def test_over_ipv6(world):
    alice = world.client("alice", connect=False)
    dial(alice, f"[{OFFICE6}]:443")
    alice.connect().reaches(DATACENTER)

    assert remote(world, alice).startswith("[2001:db8:ffff:")


def test_by_name_prefers_ipv6(world):
    bob = world.client("bob", connect=False)
    dial(bob, NAME, [OFFICE4, OFFICE6])
    bob.connect().reaches(DATACENTER)

    assert remote(world, bob).startswith("[2001:db8:ffff:")


@pytest.mark.parametrize("dead, why", [
    ("2001:db8:ffff::dead", "nobody answers"),
    ("::1", "refused"),
    ("2001:db8:5555::1", "no route"),
])
def test_a_dead_address_costs_little(world, dead, why):
    carol = world.client(f"carol-{why.replace(' ', '-')}", connect=False)
    dial(carol, NAME, [dead, OFFICE4])
    carol.connect()

    assert remote(world, carol).startswith("192.0.2.")
    assert carol.status()["timeline_ms"]["tcp"] < 1000, "the other family had to wait too long"


@pytest.fixture
def far(lan):
    """A server that is reached only through the clients' own router, and wants to be theirs."""
    far = "2001:db8:eeee::1"
    lan.internet.ip("address", "add", "2001:db8:ffff::fe/64", "dev", "br0", "nodad")
    lan.internet.sysctl("net.ipv6.conf.all.forwarding", 1)
    lan.internet.ip("route", "add", "2001:db8:eeee::/64", "via", OFFICE6)
    lan.office.ip("address", "add", f"{far}/64", "dev", "eth0", "nodad")
    lan.office.ip("route", "add", "default", "via", "2001:db8:ffff::fe")
    lan.server(f"[server]\nlisten = [{far}]:443\n" + CONF.format(default="yes"))
    return far


@pytest.mark.parametrize("bridge", [None, "br0"], ids=["laptop", "office"])
def test_a_default_route_through_the_tunnel_does_not_carry_the_tunnel(lan, far, bridge):
    alice = lan.client("alice", connect=False)
    dial(alice, far)
    alice.host.ip("route", "add", "default", "via", "2001:db8:ffff::fe", "metric", "2048")
    if bridge:
        alice.host.ip("link", "add", bridge, "type", "bridge")
        alice.host.ip("link", "set", bridge, "up")
    alice.connect(*(["--bridge", bridge] if bridge else []))
    lan.until(lambda: alice.host.routes("default"), "alice has no default route by the tunnel")
    alice.reaches(DATACENTER)
    way, = alice.host.ip_json("-6", "route", "get", far)
    assert way["dev"] == (bridge or INTERFACE), "the kernel should prefer the tunnel for the others"
    assert lan.the_server.client("alice")["id"] == 1, "the first connection did not last"

    for _ in range(3):
        before = lan.the_server.client("alice")["id"]
        assert lan.the_server.cli("kick", "alice").returncode == 0
        lan.until(lambda: lan.the_server.client("alice").get("id", 0) > before,
                  "alice did not come back", 5)
    alice.reaches(DATACENTER)


def test_an_office_whose_bridge_is_its_way_out_connects(lan):
    lan.server(CONF.format(default="no"))
    branch = lan.client("branch", connect=False)
    branch.host.sysctl("net.ipv6.conf.default.accept_ra_rt_info_max_plen", 128)
    branch.host.ip("link", "add", "br0", "type", "bridge")
    branch.host.ip("link", "set", "eth0", "master", "br0")
    addresses = branch.host.ip_json("-6", "address", "show", "dev", "eth0", "scope", "global")
    local = addresses[0]["addr_info"][0]["local"]
    branch.host.ip("address", "flush", "dev", "eth0")
    branch.host.ip("link", "set", "br0", "up")
    branch.host.ip("address", "add", f"{local}/64", "dev", "br0", "nodad")
    dial(branch, f"[{OFFICE6}]:443")

    branch.connect("--bridge", "br0")
    branch.reaches(DATACENTER)
