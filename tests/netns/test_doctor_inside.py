# SPDX-License-Identifier: Apache-2.0
"""The doctor on a client that runs: on a healthy link it finds nothing, and each thing that can be
wrong with interface, advertisement, addresses, routes, DNS, frames and ways is named."""

import contextlib

import pytest

from doctor import REFUSED, doctor, dropping, nameserver
from lan import DATACENTER, INTERFACE, OFFICE4, Lan, lanyard

ROUTE = "2001:db8:100::/48"
CONF = f"""
    [ra]
    prefix = auto
    prefix = 2001:db8:1::/64
    route = {ROUTE} high
    route = 2001:db8:200::/48 low
    dns = {DATACENTER}
    search = corp.example
"""
CORP = {"corp.example": []}


@pytest.fixture(scope="module")
def world():
    with Lan() as lan, nameserver(lan.datacenter, DATACENTER, CORP):
        lan.server(CONF)
        yield lan


@pytest.fixture(scope="module")
def laptop(world):
    """A laptop with all that it needs; each test leaves it well."""
    alice = world.client("alice", resolvconf=True)
    world.until(lambda: alice.ping(DATACENTER), "alice cannot reach the datacenter")
    return alice


@contextlib.contextmanager
def ip(host, *arguments):
    """`ip ... add ...`, undone afterwards."""
    host.ip(*arguments)
    try:
        yield
    finally:
        host.ip(*("del" if word == "add" else word for word in arguments))


def test_right_after_connecting_all_is_well(world):
    carol = world.client("carol", resolvconf=True)
    report = doctor(carol)

    assert report.ok, report.text
    carol.stop()


def test_all_is_well(world, laptop):
    report = doctor(laptop)

    assert report.ok and report.troubles() == [], report.text
    router = world.office.address(INTERFACE, "fe80::/10")
    report.said("login", "the running client is logged in as alice")
    report.said("advertisement", router, "2 prefixes", "2 routes", "1 DNS server", "next one")
    for prefix in "fd00::/8", "2001:db8:1::/64":
        report.said("address", laptop.address(prefix))
    report.said("route", ROUTE, "preference high")
    report.said("route", "2001:db8:200::/48", "preference low")
    report.said("dns", "resolvconf")
    report.said("dns-answer", DATACENTER, "answered")
    report.said("ping", DATACENTER, "behind the router")
    report.said("frame", "1500 bytes")
    report.said("leak", "nothing goes past the tunnel")


def test_the_tunnel_does_not_notice(world, laptop):
    def state():
        return (world.the_server.client("alice")["id"], laptop.host.addresses(INTERFACE),
                [(r["dst"], r["gateway"], r["pref"]) for r in laptop.host.routes()],
                laptop.host.read("/etc/resolv.conf"),
                laptop.host.run("sh", "-c", f"grep . /proc/sys/net/ipv6/conf/{INTERFACE}/*",
                                check=False).stdout)

    before = state()
    doctor(laptop)
    assert state() == before
    assert len(world.the_server.status()["clients"]) == 1


def test_text_says_that_all_is_well(laptop):
    done = lanyard(laptop.host, "doctor", laptop.profile)

    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "All is well."
    assert all(line.startswith("ok ") for line in done.stdout.splitlines()[:-1]), done.stdout


# ---- past the tunnel ----

def test_a_more_specific_route(laptop):
    with ip(laptop.host, "-6", "route", "add", "2001:db8:100:7::/64", "via",
            "2001:db8:ffff::1", "dev", "eth0"):
        report = doctor(laptop)

    report.said("leak", ROUTE, "leaves by eth0 instead of lanyard0",
                "2001:db8:100:7::/64 is more specific")
    assert report.troubles() == ["leak"]


def test_a_network_of_the_laptops_own_inside_a_pushed_one(laptop):
    with ip(laptop.host, "address", "add", "2001:db8:100:8::5/64", "dev", "eth0", "nodad"):
        report = doctor(laptop)

    report.said("leak", "2001:db8:100:8::/64 is more specific")


def test_a_better_route(laptop):
    with ip(laptop.host, "-6", "route", "add", ROUTE, "via", "2001:db8:ffff::1", "dev", "eth0",
            "metric", "1"):
        report = doctor(laptop)

    report.said("leak", f"what is for {ROUTE}", "leaves by eth0 instead of lanyard0", "wins")
    report.said("leak", f"DNS server {DATACENTER} is asked by eth0")
    assert report.troubles() == ["leak"]


def test_a_dns_server_outside(laptop):
    with ip(laptop.host, "-6", "route", "add", f"{DATACENTER}/128", "via", "2001:db8:ffff::1",
            "dev", "eth0"):
        report = doctor(laptop)

    report.said("leak", f"DNS server {DATACENTER} is asked by eth0")


def test_a_route_that_refuses(laptop):
    with ip(laptop.host, "-6", "route", "add", "unreachable", ROUTE, "metric", "1"):
        report = doctor(laptop)

    report.said("leak", "the kernel refuses", ROUTE)


def test_a_rule_for_the_tunnels_own_address(laptop):
    own = laptop.address("2001:db8:1::/64")
    with ip(laptop.host, "-6", "route", "add", "default", "via", "2001:db8:ffff::1", "dev",
            "eth0", "table", "77"), \
            ip(laptop.host, "-6", "rule", "add", "from", "2001:db8:1::/64", "lookup", "77"), \
            ip(laptop.host, "-6", "rule", "add", "from", "fd00::/8", "lookup", "77"):
        report = doctor(laptop)

    assert own
    report.said("leak", "leaves by eth0")


def test_a_rule_for_marked_packets(laptop):
    with ip(laptop.host, "-6", "route", "add", "default", "via", "2001:db8:ffff::1", "dev",
            "eth0", "table", "77"), \
            ip(laptop.host, "-6", "rule", "add", "fwmark", "5", "lookup", "77", "priority", "99"):
        report = doctor(laptop)

    warning = report.said("leak", "rule 99 sends some packets", "by eth0")
    assert warning["state"] == "warning" and report.troubles() == ["leak"]


# ---- behind the router ----

def test_a_dns_server_that_refuses(world, lan):
    with nameserver(lan.datacenter, DATACENTER, rcode=REFUSED):
        lan.server(CONF)
        alice = lan.client("alice", resolvconf=True)
        report = doctor(alice)

    warning = report.said("dns-answer", "corp.example SOA with REFUSED")
    assert warning["state"] == "warning" and report.troubles() == ["dns-answer"]


def test_a_dns_server_that_does_not_answer(world, laptop):
    with dropping(world.datacenter, "input", "udp dport 53"):
        report = doctor(laptop)

    report.said("dns-answer", f"{DATACENTER} does not answer through the tunnel")
    report.said("ping", f"{DATACENTER}, behind the router, answers")
    assert report.troubles() == ["dns-answer"]


def test_a_router_that_does_not_forward(world, laptop):
    world.office.sysctl("net.ipv6.conf.all.forwarding", 0)
    try:
        report = doctor(laptop)
    finally:
        world.office.sysctl("net.ipv6.conf.all.forwarding", 1)

    report.said("ping", f"{DATACENTER} behind it does not", "forwarding=1")
    assert report.troubles() == ["dns-answer", "ping"]


@pytest.mark.parametrize("passes", [1280, 1399, 1499])
def test_a_hole_for_long_packets(world, laptop, passes):
    with dropping(world.office, "input", f"iifname {INTERFACE} meta length > {passes}"):
        report = doctor(laptop)

    report.said("frame", "packets of 1500 bytes", f"{passes} bytes pass", f"mtu = {passes}")
    assert report.troubles() == ["frame"]


def test_a_router_that_answers_no_ping(world, laptop):
    with dropping(world.office, "input", f"iifname {INTERFACE} icmpv6 type echo-request"), \
            dropping(world.datacenter, "input", "icmpv6 type echo-request"):
        report = doctor(laptop)

    report.said("ping", "answers questions, if not pings")
    report.said("frame", "not known")


# ---- the host ----

def test_no_resolver_to_tell(world):
    bob = world.client("bob")
    report = doctor(bob)

    report.said("dns", "not applied", "systemd-resolved")
    assert report.troubles() == ["dns"]
    bob.stop()


def test_no_resolver_to_tell_of_domains_alone(lan):
    lan.server(CONF.replace("dns =", ";dns ="))
    kate = lan.client("kate")
    report = doctor(kate)

    report.said("dns", "search domains are not applied", "systemd-resolved")
    assert report.troubles() == ["dns"]
    assert "DNS servers (0) and search domains (1) are not applied: " in kate.daemon.log()


def test_an_interface_that_is_down(world):
    dave = world.client("dave", resolvconf=True)
    dave.host.ip("link", "set", INTERFACE, "down")
    report = doctor(dave)

    report.said("interface", f"{INTERFACE} is down", f"ip link set {INTERFACE} up")
    assert report.troubles() == ["interface"]
    assert report.states("advertisement") == ["skipped"]
    dave.stop()


def test_a_twin_on_the_link(world, laptop):
    erin = world.client("erin", resolvconf=True)
    own = erin.link_local()
    with ip(laptop.host, "address", "add", f"{own}/64", "dev", INTERFACE, "nodad"):
        erin.host.ip("link", "set", INTERFACE, "down")
        erin.host.ip("link", "set", INTERFACE, "up")
        world.until(lambda: any(a.get("dadfailed") for a in erin.host.ip_json(
            "address", "show", "dev", INTERFACE)[0]["addr_info"]), "the twin goes unnoticed")
        report = doctor(erin)

    report.said("link-local", own, "duplicate", "machine-id")
    assert report.troubles() == ["link-local"]
    erin.stop()


def test_a_firewall_that_keeps_advertisements_out(world):
    frank = world.client("frank", connect=False, resolvconf=True)
    with dropping(frank.host, "input", "icmpv6 type nd-router-advert"):
        frank.connect()
        report = doctor(frank)
        frank.stop()

    report.said("advertisement", "a firewall of this machine", "nft list ruleset")
    assert report.troubles() == ["advertisement"]


def test_settings_that_are_left_to_somebody_who_does_not_care(world):
    grace = world.client("grace", connect=False, resolvconf=True)
    text = grace.profile.read_text()
    grace.profile.write_text(text.replace("[client]\n", "[client]\nmanage = no\n"))
    grace.host.sysctl("net.ipv6.conf.default.accept_ra_rt_info_max_plen", 0)
    grace.connect()
    report = doctor(grace)

    report.said("route", f"{ROUTE} is not installed", "accept_ra_rt_info_max_plen is 0",
                "manage = no")
    report.said("leak", "the kernel refuses")
    grace.stop()


def test_a_host_that_forwards_and_believes_no_router(world):
    heidi = world.client("heidi", connect=False, resolvconf=True)
    text = heidi.profile.read_text()
    heidi.profile.write_text(text.replace("[client]\n", "[client]\nmanage = no\n"))
    heidi.host.sysctl("net.ipv6.conf.all.forwarding", 1)
    heidi.connect()
    report = doctor(heidi)

    report.said("address", "made no address", "forwarding is on")
    report.said("route", "is not installed", "forwarding is on")
    heidi.stop()


def test_a_setting_that_somebody_else_insists_on(world):
    ivan = world.client("ivan", resolvconf=True)
    key = f"net.ipv6.conf.{INTERFACE}.accept_ra_rt_info_max_plen"
    world.until(lambda: len(ivan.host.routes()) == 2, "ivan has no routes")
    # the client puts it back some times; then it says so and leaves it
    world.until(lambda: ivan.host.sysctl(key, 0) and any(
        check["check"] == "settings" and not check["ok"] for check in ivan.status()["health"]),
        "the client does not give in", seconds=40)
    ivan.host.ip("-6", "route", "del", ROUTE, "dev", INTERFACE)
    report = doctor(ivan)

    report.said("route", f"{ROUTE} is not installed on {INTERFACE}",
                "accept_ra_rt_info_max_plen is 0", "another program")
    report.said("route", "2001:db8:200::/48 is installed")
    report.said("leak", "the kernel refuses", ROUTE)
    ivan.stop()


def test_a_client_whose_server_went(lan):
    lan.server(CONF)
    judy = lan.client("judy", resolvconf=True)
    lan.the_server.stop()
    lan.until(lambda: judy.status()["state"] != "up", "judy does not notice")
    report = doctor(judy)

    report.said("tcp", f"cannot connect to {OFFICE4}:443", "Connection refused")
    assert report.troubles() == ["tcp"]
    assert report.states("login") == report.states("advertisement") == ["skipped"]
    report.said("interface", "up with carrier")


# ---- an office ----

@pytest.fixture
def branch(world):
    """A remote office whose bridge is as the kernel makes it."""
    client = world.client(f"branch{world.next_address}", connect=False)
    client.host.ip("link", "add", "br0", "type", "bridge")
    client.host.ip("link", "set", "br0", "up")
    yield client
    client.stop()


def test_an_office_is_well(world, branch):
    branch.connect("--bridge", "br0")
    report = doctor(branch)

    assert report.ok, report.text
    report.said("interface", f"{INTERFACE} is up", "in bridge br0")
    report.said("route", "for the hosts behind br0", "accept_ra_rt_info_max_plen is 0")
    report.said("address", world.until(lambda: branch.host.address("br0", "2001:db8:1::/64"),
                                       "the bridge has no address"))


def test_an_office_whose_box_takes_part(world, branch):
    branch.host.sysctl("net.ipv6.conf.br0.accept_ra_rt_info_max_plen", 128)
    branch.connect("--bridge", "br0")
    report = doctor(branch)

    assert report.ok, report.text
    report.said("route", ROUTE, "is installed")
    report.said("ping", f"{DATACENTER}, behind the router")


def test_an_office_whose_bridge_is_down(world, branch):
    branch.connect("--bridge", "br0")
    branch.host.ip("link", "set", "br0", "down")
    report = doctor(branch)

    report.said("interface", "its bridge br0 is down", "ip link set br0 up")
