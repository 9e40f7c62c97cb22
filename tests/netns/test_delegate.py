# SPDX-License-Identifier: Apache-2.0
"""An office with two networks behind `connect --delegate lan0 --delegate lan1`: their hosts configure
themselves by the client's advertisements, reach what is behind the server and are reached."""

import ipaddress
import json

import pytest
from scapy.layers.inet6 import (ICMPv6NDOptDNSSL, ICMPv6NDOptMTU, ICMPv6NDOptPrefixInfo,
                                ICMPv6NDOptRDNSS, ICMPv6NDOptRouteInfo)

import nd
from lan import DATACENTER, INTERFACE, LANYARD, Lan, lanyard

ROUTE = "2001:db8:100::/48"
OFFICES, OTHERS = "2001:db8:f000::/36", "2001:db8:e000::/36"
LINK = "2001:db8:1::/64"
NETWORKS = ("lan0", "lan1")


def conf(offices=OFFICES, length=56, lease="1h", more=""):
    return f"""
        [ra]
        prefix = {LINK}
        route = {ROUTE}
        dns = 2001:db8:100::53
        search = corp.example
        [dhcp6]
        delegate = {offices} /{length}
        lease-time = {lease}
        {more}
    """


def leases(lan):
    done = lan.the_server.cli("show", "leases", "--json")
    assert done.returncode == 0, done.stderr
    return [lease for lease in json.loads(done.stdout)["leases"] if lease["state"] == "active"]


def prefix_of(lan):
    """The one prefix that is leased; None if there is none, or more."""
    found = leases(lan)
    return found[0]["what"] if len(found) == 1 else None


def subnet(prefix, number):
    return str(list(ipaddress.ip_network(prefix).subnets(new_prefix=64))[number])


def delegated(lan):
    """Interface to prefix, as the client says."""
    return {d["interface"]: d["prefix"] for d in lan.branch.status().get("delegated", [])}


def addresses(host, interface, prefix):
    """In the prefix, with whether each is preferred."""
    found = host.ip_json("-6", "address", "show", "dev", interface, "scope", "global")
    return [{"address": a["local"], "preferred": a["preferred_life_time"] > 0,
             "valid_s": a["valid_life_time"]}
            for entry in found for a in entry.get("addr_info", [])
            if "local" in a and ipaddress.ip_address(a["local"]) in ipaddress.ip_network(prefix)]


def preferred(host, prefix):
    return [a["address"] for a in addresses(host, "eth0", prefix) if a["preferred"]]


def office(lan, names=NETWORKS):
    """The client's host with a network for each name, and a desk in each."""
    lan.branch = lan.client("branch", connect=False)
    lan.branch.host.sysctl("net.ipv6.conf.all.forwarding", 1)
    lan.desks = []
    for name in names:
        desk = lan.host(f"desk-{name}")
        desk.sysctl("net.ipv6.conf.default.accept_ra_rt_info_max_plen", 128)
        lan.branch.host.plug(name, desk, "eth0")
        lan.desks.append(desk)
    return lan.branch


def options(names=NETWORKS):
    return [word for name in names for word in ("--delegate", name)]


def settled(lan, names=NETWORKS):
    """The prefix, when every network has its part and every desk an address of it."""
    def there():
        prefix, has = prefix_of(lan), delegated(lan)
        return prefix and has == {n: subnet(prefix, i) for i, n in enumerate(names)} and all(
            preferred(desk, has[name]) for desk, name in zip(lan.desks, names)) and prefix
    return lan.until(there, lambda: f"{leases(lan)} {delegated(lan)}", 40)


def unreachable(lan):
    return [r["dst"] for r in lan.branch.host.ip_json("-6", "route", "show", "type", "unreachable")]


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(conf())
        office(lan).connect(*options())
        yield lan


@pytest.fixture
def prefix(world):
    return settled(world)


def test_each_network_has_its_part_and_we_its_first_address(world, prefix):
    assert prefix.endswith("/56")
    for number, name in enumerate(NETWORKS):
        own = str(ipaddress.ip_network(subnet(prefix, number))[1])
        assert own in world.branch.host.addresses(name)
    assert unreachable(world) == [prefix]
    status = world.branch.status()
    assert all(0 < d["preferred_s"] <= d["valid_s"] <= 3600 for d in status["delegated"])
    assert {"check": "delegation", "ok": True, "detail": ""} in status["health"]
    text = lanyard(world.branch.host, "status", "--socket", world.branch.socket).stdout
    assert f"{subnet(prefix, 1)} on lan1" in text


def test_hosts_are_told_the_ways_and_reach_the_datacenter(world, prefix):
    for desk, name in zip(world.desks, NETWORKS):
        router = world.branch.host.address(name, "fe80::/10")
        for route in ROUTE, prefix, LINK:
            found = world.until(lambda: desk.routes(route), f"{desk.name} has no route to {route}")
            assert [r["gateway"] for r in found] == [router]
        assert not desk.routes("default"), "the server is no default router, and so are we"
        address, = preferred(desk, prefix)
        world.until(lambda: desk.ping(DATACENTER), f"{desk.name} cannot reach the datacenter")
        assert world.datacenter.ping(address), f"the datacenter cannot reach {desk.name}"
        assert desk.ping(world.office.address(INTERFACE, LINK)), "the server's own address"
    other, = preferred(world.desks[1], prefix)
    assert world.desks[0].ping(other), "one network cannot reach the other"


def test_what_is_nobodys_is_refused_here(world, prefix):
    nobody = subnet(prefix, 77).replace("::/64", "::1")
    done = world.desks[0].run("ping", "-n", "-c", 1, "-W", 5, nobody, check=False)
    assert "Unreachable" in done.stdout or "unreachable" in done.stdout or \
        "No route" in done.stdout, done.stdout


def test_a_solicitation_is_answered_with_all_of_it(world, prefix):
    desk = world.desks[0]
    own = desk.address("eth0", "fe80::/10")
    with nd.Listener(desk, "eth0") as wire:
        wire.send(nd.solicitation(wire.mac, own, wire.mac))
        answer = world.until(lambda: wire.collect() or [
            a for a in wire.heard if a.ip.dst == own], "no answer to a solicitation")[0]
        # RFC 4861 6.1.1: one that was forwarded, or of another message, gets none
        heard = len([a for a in wire.heard if a.ip.dst == own])
        wire.send(nd.solicitation(wire.mac, own, wire.mac, hlim=254))
        wire.send(nd.solicitation(wire.mac, own, wire.mac))
        world.until(lambda: wire.collect() or len(
            [a for a in wire.heard if a.ip.dst == own]) > heard, "no second answer")
        assert len([a for a in wire.heard if a.ip.dst == own]) == heard + 1
    ra = answer.ra
    assert (ra.M, ra.O, ra.routerlifetime, ra.chlim) == (0, 0, 0, 64)
    part, = nd.options(ra, ICMPv6NDOptPrefixInfo)
    assert (f"{part.prefix}/{part.prefixlen}", part.L, part.A) == (subnet(prefix, 0), 1, 1)
    assert 0 < part.preferredlifetime <= part.validlifetime <= 3600
    routes = {f"{r.prefix}/{r.plen}": r.rtlifetime for r in nd.options(ra, ICMPv6NDOptRouteInfo)}
    assert set(routes) == {prefix, ROUTE, LINK} and all(0 < t <= 1800 for t in routes.values())
    assert [r.dns for r in nd.options(ra, ICMPv6NDOptRDNSS)] == [["2001:db8:100::53"]]
    assert [r.searchlist for r in nd.options(ra, ICMPv6NDOptDNSSL)] == [["corp.example."]]
    assert nd.options(ra, ICMPv6NDOptMTU)[0].mtu == 1500


def test_a_route_that_the_server_takes_back_goes_from_the_hosts(world, prefix):
    world.the_server.configure(conf().replace(f"route = {ROUTE}", "route = 2001:db8:200::/48"))
    try:
        assert world.the_server.cli("reload").returncode == 0
        for desk in world.desks:
            world.until(lambda: desk.routes("2001:db8:200::/48") and not desk.routes(ROUTE),
                        f"{desk.name} has the old route")
    finally:
        world.the_server.configure(conf())
        world.the_server.cli("reload")
    for desk in world.desks:
        world.until(lambda: desk.routes(ROUTE), f"{desk.name} has not the route again")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_of_the_server_changes_nothing(world, prefix, end):
    getattr(world.the_server, end)()
    world.the_server.start()
    world.until(world.branch.up, "the office did not come back", 30)
    assert settled(world) == prefix
    # it asked whether what it has still holds
    world.until(lambda: "sends Rebind" in world.branch.daemon.log(), "no Rebind")
    world.until(lambda: world.desks[0].ping(DATACENTER), "the datacenter is gone")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_of_the_client_brings_the_same_prefix(world, prefix, end):
    getattr(world.branch, end)()
    if end == "stop":
        # the last word was said before it ended
        for desk in world.desks:
            world.until(lambda: not preferred(desk, prefix), f"{desk.name} has a stale address")
            assert not desk.routes(ROUTE) and not desk.routes(prefix)
        assert not any(addresses(world.branch.host, n, prefix) for n in NETWORKS)
        assert unreachable(world) == []
    else:
        assert unreachable(world) == [prefix], "the kernel remembers it for us"
    world.branch.connect(*options())
    assert settled(world) == prefix
    assert unreachable(world) == [prefix]
    world.until(lambda: world.desks[0].ping(DATACENTER), "the datacenter is gone")


def test_a_network_that_goes_down_and_comes_up(world, prefix):
    world.branch.host.ip("link", "set", "lan1", "down")
    world.until(lambda: not world.branch.host.addresses("lan1"), "a link that is down")
    world.branch.host.ip("link", "set", "lan1", "up")
    own = str(ipaddress.ip_network(subnet(prefix, 1))[1])
    world.until(lambda: own in world.branch.host.addresses("lan1"), "lan1 has no address again")
    settled(world)
    world.until(lambda: world.desks[1].ping(DATACENTER), "the way to the network is not there")


def test_a_network_that_is_unplugged_and_plugged_in_again(world, prefix):
    world.branch.host.ip("link", "delete", "lan1")
    world.until(lambda: list(delegated(world)) == ["lan0"], "lan1 is gone, and still has a network")
    detail, = [c["detail"] for c in world.branch.status()["health"] if c["check"] == "delegation"]
    assert detail == "lan1 gets no network: there is no interface 'lan1'"
    world.branch.host.plug("lan1", world.desks[1], "eth0")
    assert settled(world) == prefix
    world.until(lambda: world.desks[1].ping(DATACENTER), "the way to the network is not there")
    with nd.Listener(world.desks[1], "eth0") as wire:
        own = world.desks[1].address("eth0", "fe80::/10")
        wire.send(nd.solicitation(wire.mac, own, wire.mac))
        world.until(lambda: wire.collect() or [a for a in wire.heard if a.ip.dst == own],
                    "no answer to a solicitation")


def test_an_address_of_ours_that_another_host_has(world, prefix):
    taken = str(ipaddress.ip_network(subnet(prefix, 0))[1])
    desk, host = world.desks[0], world.branch.host
    desk.ip("address", "add", f"{taken}/64", "dev", "eth0", "nodad")
    host.sysctl("net.ipv6.conf.lan0.accept_dad", 1)
    try:
        host.ip("link", "set", "lan0", "down")
        host.ip("link", "set", "lan0", "up")
        world.until(lambda: [c for c in world.branch.status()["health"] if c["detail"] ==
                             f"our address ::1 of {subnet(prefix, 0)} on lan0 is taken away: "
                             "another host there may have it"], "not a word", 30)
    finally:
        desk.ip("address", "delete", f"{taken}/64", "dev", "eth0")
        host.sysctl("net.ipv6.conf.lan0.accept_dad", 0)
        host.ip("link", "set", "lan0", "down")
        host.ip("link", "set", "lan0", "up")
    settled(world)
    world.until(lambda: all(c["ok"] for c in world.branch.status()["health"]
                            if c["check"] == "delegation"), "still not ours")


def test_forwarding_is_asked_for(world, prefix):
    world.branch.host.sysctl("net.ipv6.conf.all.forwarding", 0)
    try:
        world.until(lambda: "does not forward IPv6" in world.branch.daemon.log(), "not a word")
        assert any(c["check"] == "delegation" and "forward" in c["detail"] and not c["ok"]
                   for c in world.branch.status()["health"])
    finally:
        world.branch.host.sysctl("net.ipv6.conf.all.forwarding", 1)
    world.until(lambda: all(c["ok"] for c in world.branch.status()["health"]
                            if c["check"] == "delegation"), "still not forwarding")


def test_leftovers_of_a_killed_client_go_when_the_prefix_is_another(lan):
    lan.server(conf())
    office(lan).connect(*options())
    old = settled(lan)
    lan.branch.kill()
    lan.the_server.stop()
    lan.the_server.configure(conf(OTHERS))
    lan.the_server.start()
    lan.branch.connect(*options())
    lan.until(lambda: delegated(lan) and ipaddress.ip_network(delegated(lan)["lan0"]).subnet_of(
        ipaddress.ip_network(OTHERS)), "no prefix of the new pool", 40)
    new = ipaddress.ip_network(delegated(lan)["lan0"]).supernet(new_prefix=56)
    lan.until(lambda: unreachable(lan) == [str(new)], "the old route is left")
    assert not any(addresses(lan.branch.host, name, old) for name in NETWORKS)
    for desk in lan.desks:
        lan.until(lambda: preferred(desk, str(new)) and not preferred(desk, old),
                  f"{desk.name} prefers what is gone")


def test_renewals_and_a_prefix_that_is_taken_away(lan):
    """The shortest lease there may be: 30 s, renewed after 7 s."""
    lan.server(conf(lease="30s", more="preferred-time = 15s"))
    office(lan).connect(*options())
    old = settled(lan)
    lan.until(lambda: lan.branch.daemon.log().count("sends Renew") >= 2, "no renewals", 60)
    assert prefix_of(lan) == old and settled(lan) == old
    # released by hand, and nothing more of that pool: it is told when it renews
    lan.the_server.configure(conf(OTHERS, lease="30s", more="preferred-time = 15s"))
    assert lan.the_server.cli("reload").returncode == 0
    lan.the_server.cli("lease", "release", old)
    for desk in lan.desks:
        lan.until(lambda: preferred(desk, OTHERS) and not preferred(desk, old),
                  f"{desk.name} prefers what is gone", 60)
    lan.until(lambda: len(unreachable(lan)) == 1 and unreachable(lan) != [old], "the old route")
    assert settled(lan) != old


def test_a_prefix_that_is_lost(lan):
    lan.server(conf(lease="30s", more="preferred-time = 15s"))
    office(lan).connect(*options())
    prefix = settled(lan)
    lan.the_server.stop()
    lan.until(lambda: not delegated(lan), "a prefix that ended is still there", 90)
    assert unreachable(lan) == [] and not any(
        addresses(lan.branch.host, name, prefix) for name in NETWORKS)
    for desk in lan.desks:
        lan.until(lambda: not preferred(desk, prefix) and not desk.routes(prefix),
                  f"{desk.name} prefers what is gone")
    lan.the_server.start()
    lan.until(lan.branch.up, "the office did not come back", 30)
    assert settled(lan) == prefix


def test_a_prefix_that_is_too_short_for_all(lan):
    lan.server(conf(length=64))
    office(lan).connect(*options())
    lan.until(lambda: list(delegated(lan)) == ["lan0"], "lan0 has no network", 40)
    detail, = [c["detail"] for c in lan.branch.status()["health"] if c["check"] == "delegation"]
    assert detail == f"lan1 gets no network: {delegated(lan)['lan0']} has one for 1 interface only"
    lan.until(lambda: lan.desks[0].ping(DATACENTER), "the datacenter is gone")
    assert not lan.desks[1].address("eth0", OFFICES)


def test_a_default_route_is_passed_on(lan):
    lan.office.ip("route", "add", "default", "via", "2001:db8:100::2")
    lan.server(conf().replace("dns =", "default-route = yes\ndns ="))
    office(lan, ["lan0"]).connect(*options(["lan0"]))
    settled(lan, ["lan0"])
    found = lan.until(lambda: lan.desks[0].routes("default"), "no default route")
    assert found[0]["gateway"] == lan.branch.host.address("lan0", "fe80::/10")


@pytest.mark.parametrize("more, sentence", [
    (("--delegate", INTERFACE), f"interface and delegate are both '{INTERFACE}'"),
    (("--delegate", "lan0", "--delegate", "lan0"), "--delegate lan0: is there twice"),
    (("--delegate", "lan0", "--bridge", "br0"), "bridge and delegate exclude each other"),
])
def test_what_makes_no_sense_is_refused(world, more, sentence):
    done = world.branch.host.run(LANYARD, "connect", world.branch.profile, *more, check=False)
    assert done.returncode in (2, 78) and sentence in done.stderr, done.stderr
