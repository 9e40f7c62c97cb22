# SPDX-License-Identifier: Apache-2.0
"""The IPv6 Ready core tests of a router, v6LC.2.2.4 to 2.2.10 and 2.2.21, on real frames.

The node that tests is a socket on a cable in an office, behind `lanyard connect --bridge`.
"""

import itertools
import time
from collections import namedtuple

import pytest
from scapy.layers.inet6 import (ICMPv6ND_RS, ICMPv6NDOptPrefixInfo, ICMPv6NDOptRouteInfo, IPv6,
                                in6_chksum)
from scapy.layers.l2 import Ether
from scapy.packet import Raw

import nd
from host import until
from lan import DATACENTER, INTERFACE, Lan

ANSWER_S = 0.5  # MAX_RA_DELAY_TIME
GAP_S = 3       # MIN_DELAY_BETWEEN_RAS
SLACK_S = 0.25  # of a busy machine
INTERVAL_S = 4  # the least that RFC 4861 6.2.1 allows
INITIAL_COUNT, INITIAL_S = 3, 16  # MAX_INITIAL_RTR_ADVERTISEMENTS, MAX_INITIAL_RTR_ADVERT_INTERVAL

ROUTES = [  # 2.2.21 A to D: prefix, preference, and the lengths that its option may have
    ("2001:db8:601:102::/64", "high", (2, 3)),
    ("2001:db8::/32", "low", (2, 3)),
    ("2001:db8:601:102:0:1::/96", "low", (3,)),
    ("::/0", "medium", (1, 2, 3)),
]
CONF = """
    [ra]
    prefix = 2001:db8:1::/64
""" + "".join(f"route = {prefix} {preference} 600s\n" for prefix, preference, _ in ROUTES)

LIMITS = f"""
    [user metronome]
    interval = {INTERVAL_S}s
    [user newcomer]
    interval = 600s
    min-interval = 198s
    [user least]
    interval = {INTERVAL_S}s
    min-interval = {GAP_S}s
    hop-limit = 0
    other = no
    prefix = none
    prefix = 2001:db8:1::/64 on-link=no autonomous=no valid=1s preferred=0s
    [user most]
    interval = 65535s
    lifetime = 65535s
    default-route = yes
    hop-limit = 255
    managed = yes
    other = yes
    reachable-time = 1h
    retrans-time = 1h
    prefix = none
    prefix = fec0::/64 valid=forever preferred=forever
"""

Node = namedtuple("Node", "mac address")


class Office:
    """A client with a bridge, and on it a desk from which we watch and send."""

    def __init__(self, lan, name="branch"):
        self.lan = lan
        self.branch = lan.client(name, connect=False)
        self.branch.host.ip("link", "add", "br0", "type", "bridge")
        self.branch.host.ip("link", "set", "br0", "up")
        desk = lan.host(f"desk-{name}")
        desk.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        self.branch.host.plug("desk", desk, "eth0")
        self.branch.host.ip("link", "set", "desk", "master", "br0")
        self.desk = nd.Listener(desk, "eth0")
        self.numbers = itertools.count(0x10)

    def connect(self):
        self.branch.connect("--bridge", "br0")
        self.router = self.lan.office.address(INTERFACE, "fe80::/10")
        self.lan.until(lambda: self.branch.host.ping(f"{self.router}%br0"),
                       "the office does not reach the router")
        return self

    def node(self):
        """Somebody who has never been seen before."""
        number = next(self.numbers)
        return Node(f"02:00:00:00:00:{number:02x}", f"fe80::{number:x}")

    def solicit(self, source_mac=None):
        """A valid solicitation's answer, and how many seconds it took."""
        node, since_s = self.node(), time.time()
        self.desk.send(nd.solicitation(node.mac, node.address, source_mac))
        # a multicast one that is due before will do, RFC 4861 6.2.6
        answer = self.desk.wait_for_one((node.address, nd.ALL_NODES), since_s)
        return answer, answer.at_s - since_s

    def works_for_half_a_second(self):
        """Six echoes in MAX_RA_DELAY_TIME: whatever was to be answered has been."""
        done = self.branch.host.run("ping", "-q", "-n", "-i", "0.1", "-c", 6,
                                    f"{self.router}%br0", check=False)
        assert done.returncode == 0, done.stdout
        self.desk.collect()

    def settle(self):
        """Until a multicast advertisement may be sent at once, and none is to come by itself:
        the initial ones come every 16 s."""
        def settled():
            age_s = time.time() - self.desk.multicast()[-1].at_s
            return GAP_S < age_s < 14 or age_s > 17
        until(settled, "advertisements come all the time")


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.office.ip("-6", "route", "add", "default", "via", DATACENTER)
        lan.server(CONF + LIMITS)
        office = Office(lan).connect()
        office.newcomer = Office(lan, "newcomer").connect()
        office.metronome = nd.Listener(lan.client("metronome").host, INTERFACE)
        yield office


def neighbour(office, address):
    """State and address of its entry; None if there is none, or one without an address."""
    found = office.ip_json("-6", "neighbour", "show", "to", address, "dev", INTERFACE)
    if not found or "lladdr" not in found[0]:
        return None
    return found[0]["state"][0], found[0]["lladdr"]


def icmp6(node, message):
    """A frame from these bytes of an ICMPv6 message, whose checksum we fill in."""
    head = IPv6(src=node.address, dst=nd.ALL_ROUTERS, hlim=255, nh=58, plen=len(message))
    checksum = in6_chksum(58, head, message)
    return Ether(src=node.mac, dst=nd.ALL_ROUTERS_MAC) / head / Raw(
        message[:2] + checksum.to_bytes(2, "big") + message[4:])


def with_option(node, option):
    return icmp6(node, bytes([133, 0]) + bytes(6) + option)


# ---- 2.2.4: invalid solicitations ----

INVALID = {
    "bad_hop_limit": lambda node: nd.solicitation(node.mac, node.address, node.mac, hlim=254),
    "bad_checksum": lambda node: Ether(src=node.mac, dst=nd.ALL_ROUTERS_MAC) / IPv6(
        src=node.address, dst=nd.ALL_ROUTERS, hlim=255) / ICMPv6ND_RS(cksum=1),
    "bad_code": lambda node: icmp6(node, bytes([133, 1]) + bytes(6)),
    "too_short": lambda node: icmp6(node, bytes([133, 0]) + bytes(4)),
    "bad_option": lambda node: with_option(node, bytes([1, 0]) + bytes(6)),
    "unspecified_with_mac": lambda node: nd.solicitation(node.mac, "::", node.mac),
}


@pytest.mark.parametrize("reason", INVALID)
def test_2_2_4_an_invalid_solicitation_is_not_answered(world, reason):
    counted = world.lan.the_server.status()["advertiser"]["rs_bad"].get(reason, 0)
    world.settle()
    node, since_s = world.node(), time.time()

    world.desk.send(INVALID[reason](node))
    world.works_for_half_a_second()

    assert not world.desk.to([node.address])
    assert not world.desk.multicast(since_s)
    assert world.lan.the_server.status()["advertiser"]["rs_bad"][reason] == counted + 1


# ---- 2.2.5: valid solicitations ----

@pytest.mark.parametrize("option", [b"", bytes([253, 1]) + bytes(6)], ids=["none", "unknown"])
def test_2_2_5_a_valid_solicitation_is_answered_whatever_option_it_has(world, option):
    node, since_s = world.node(), time.time()

    world.desk.send(with_option(node, option))

    assert world.desk.wait_for_one([node.address], since_s).ip.src == world.router


# ---- 2.2.6: interfaces that do not advertise ----

def test_2_2_6_nothing_is_advertised_on_another_interface(world):
    datacenter, node = world.lan.datacenter, world.node()
    with nd.Listener(datacenter, "eth0") as seen:
        for source in node.address, "::":
            seen.send(nd.solicitation(node.mac, source))
        done = datacenter.run("ping", "-q", "-n", "-i", "0.1", "-c", 6, "2001:db8:100::1")
        assert " 0% packet loss" in done.stdout
        seen.collect()
        assert not seen.heard


def test_2_2_6_nothing_is_advertised_when_that_is_off(lan):
    lan.server("[ra]\nenabled = no")
    office = Office(lan).connect()
    node = office.node()

    office.desk.send(nd.solicitation(node.mac, node.address, node.mac))
    office.desk.send(nd.solicitation(node.mac, "::"))
    office.works_for_half_a_second()

    assert neighbour(lan.office, node.address) == ("STALE", node.mac), "it did not get there"
    assert not office.desk.heard


# ---- 2.2.7: unsolicited advertisements ----

def test_2_2_7_a_they_come_at_the_configured_interval(world):
    times = world.lan.until(lambda: len(world.metronome.multicast()) > 2 and
                            [a.at_s for a in world.metronome.multicast()],
                            "advertisements do not come every four seconds")

    for earlier, later in zip(times, times[1:]):
        assert GAP_S - SLACK_S < later - earlier < INTERVAL_S + SLACK_S


@pytest.mark.parametrize("user, header, prefix", [
    # RFC 4861 6.2.1, 8319 4; F: a site-local prefix (RFC 3879) is one like others
    ("least", (0, 0, 0, 0, 0, 0), ("2001:db8:1::", 0, 0, 1, 0)),
    ("most", (255, 1, 1, 65535, 3600000, 3600000), ("fec0::", 1, 1, 0xffffffff, 0xffffffff)),
])
def test_2_2_7_c_d_f_the_least_and_the_most_are_advertised_as_configured(world, user, header,
                                                                         prefix):
    ra = nd.answer(world.lan.client(user), INTERFACE)
    option, = nd.options(ra, ICMPv6NDOptPrefixInfo)

    assert (ra.chlim, ra.M, ra.O, ra.routerlifetime, ra.reachabletime, ra.retranstimer) == header
    assert (option.prefix, option.L, option.A, option.validlifetime,
            option.preferredlifetime) == prefix


# ---- 2.2.8, 2.2.21 E: ceasing ----

def check_final(advertisements):
    assert 1 <= len(advertisements) <= 3
    for advertisement in advertisements:
        assert advertisement.ra.routerlifetime == 0
        assert [o.rtlifetime for o in nd.options(advertisement.ra, ICMPv6NDOptRouteInfo)] \
            == [0] * len(ROUTES)


def check_gaps(advertisements):
    """RFC 4861 6.2.6, MIN_DELAY_BETWEEN_RAS: also between the last ones and those before."""
    for earlier, later in zip(advertisements, advertisements[1:]):
        assert later.at_s - earlier.at_s > GAP_S - SLACK_S


@pytest.fixture
def ceasing(lan):
    """An office that knows a default router, which is about to be none."""
    lan.office.ip("-6", "route", "add", "default", "via", DATACENTER)
    lan.server(CONF + "default-route = yes\n")
    office = Office(lan).connect()
    assert office.desk.wait_for_one([nd.ALL_NODES]).ra.routerlifetime == 1800
    return office


def test_2_2_8_the_last_advertisements_withdraw_the_router_and_its_routes(ceasing):
    lan, since_s = ceasing.lan, time.time()

    lan.the_server.stop()
    lan.until(lambda: ceasing.branch.status()["state"] != "up", "the office did not notice")

    check_final(ceasing.desk.multicast(since_s))
    check_gaps(ceasing.desk.multicast())


def test_2_2_8_who_ceases_while_running_answers_no_more(ceasing):
    server, since_s, node = ceasing.lan.the_server, time.time(), ceasing.node()

    server.configure(CONF + "enabled = no\n")
    assert server.cli("reload").returncode == 0
    ceasing.desk.wait_for_one([nd.ALL_NODES], since_s)
    ceasing.desk.send(nd.solicitation(node.mac, node.address, node.mac))
    ceasing.works_for_half_a_second()
    check_final(ceasing.desk.to([node.address, nd.ALL_NODES], since_s))

    since_s = time.time()
    server.configure(CONF + "default-route = yes\n")
    assert server.cli("reload").returncode == 0
    assert ceasing.desk.wait_for_one([nd.ALL_NODES], since_s).ra.routerlifetime == 1800
    assert 0 <= ceasing.solicit()[1] < ANSWER_S + SLACK_S
    check_gaps(ceasing.desk.multicast())


# ---- 2.2.9: when solicitations are answered ----

def test_2_2_9_a_each_solicitation_is_answered_within_half_a_second(world):
    for _ in range(6):
        assert 0 <= world.solicit(source_mac=MAC)[1] < ANSWER_S + SLACK_S


def test_2_2_9_b_solicitations_from_nowhere_bring_one_multicast_in_three_seconds(world):
    world.settle()
    node, since_s = world.node(), time.time()
    rs = nd.solicitation(node.mac, "::")

    world.desk.send(rs)
    first = world.desk.wait_for_one([nd.ALL_NODES], since_s).at_s
    for _ in range(3):
        world.desk.send(rs)
    second = world.desk.wait_for_one([nd.ALL_NODES], first + 0.001).at_s
    world.works_for_half_a_second()

    assert first - since_s < ANSWER_S + SLACK_S
    assert GAP_S - SLACK_S / 2 < second - first < GAP_S + ANSWER_S + SLACK_S
    assert len(world.desk.multicast(since_s)) == 2


# ---- 2.2.10: the neighbour cache of the router, which is the server's kernel ----

MAC, OTHER_MAC = "02:00:00:00:ca:01", "02:00:00:00:ca:02"
NEIGHBOURS = [  # the entry before; the solicitation's option, its header; the entry after
    ("A: none yet", None, MAC, {}, ("STALE", MAC)),
    ("B: none yet, and no option", None, None, {}, None),
    # the packet that waited has gone out meanwhile: RFC 4861 7.3.3
    ("C: incomplete", "incomplete", MAC, {}, ("DELAY", MAC)),
    ("D: reachable, another address", "reachable", OTHER_MAC, {}, ("STALE", OTHER_MAC)),
    ("E: reachable, the same", "reachable", MAC, {}, ("REACHABLE", MAC)),
    ("F: stale, another address", "stale", OTHER_MAC, {}, ("STALE", OTHER_MAC)),
    ("G: stale, the same", "stale", MAC, {}, ("STALE", MAC)),
    ("reachable, no option", "reachable", None, {}, ("REACHABLE", MAC)),
    ("one from nowhere", "reachable", None, {"source": "::"}, ("REACHABLE", MAC)),
    ("an invalid one", "reachable", OTHER_MAC, {"hlim": 254}, ("REACHABLE", MAC)),
]


@pytest.mark.parametrize("before, option, other, after", [row[1:] for row in NEIGHBOURS],
                         ids=[row[0] for row in NEIGHBOURS])
def test_2_2_10_a_solicitation_updates_the_neighbour_cache(world, before, option, other,
                                                              after):
    office, node = world.lan.office, world.node()
    if before == "incomplete":
        office.ping(f"{node.address}%{INTERFACE}", 1, 0.1)
    elif before:
        office.ip("neighbour", "replace", node.address, "lladdr", MAC, "dev", INTERFACE, "router",
                  "nud", before)

    head = {"source": node.address, **other}
    world.desk.send(nd.solicitation(node.mac, source_mac=option, **head))
    world.solicit()  # sent later on the same way: the one before has been there

    assert neighbour(office, node.address) == after
    if before and not other:
        entry, = office.ip_json("-6", "neighbour", "show", "to", node.address, "dev", INTERFACE)
        assert "router" not in entry, "whoever solicits is no router"


# ---- 2.2.21 A to D: routes ----

@pytest.mark.parametrize("prefix, preference, lengths", ROUTES)
def test_2_2_21_route_information(world, prefix, preference, lengths):
    answer = world.solicit()[0]
    option, = [o for o in nd.options(answer.ra, ICMPv6NDOptRouteInfo)
               if f"{o.prefix or '::'}/{o.plen}" == prefix]

    assert (option.type, option.res1, option.res2, option.rtlifetime) == (24, 0, 0, 600)
    assert option.len in lengths
    assert option.prf == nd.PREFERENCE[preference]


# ---- last, since by now most of its time is over ----

def test_2_2_7_b_the_first_three_come_within_sixteen_seconds_of_each_other(world):
    desk = world.newcomer.desk
    times = world.lan.until(lambda: len(desk.multicast()) >= INITIAL_COUNT and
                            [a.at_s for a in desk.multicast()],
                            "not three initial advertisements", INITIAL_COUNT * INITIAL_S)

    for earlier, later in zip(times, times[1:INITIAL_COUNT]):
        assert GAP_S - SLACK_S < later - earlier < INITIAL_S + SLACK_S
