# SPDX-License-Identifier: Apache-2.0
"""A client that plays router, DHCP server or somebody else reaches no other client.

RFC 6105, 7113 (evasion), 6980, 7610.  Frames of one client keep their order on the way, so what
was sent before a frame that arrived, and has not arrived itself, never will.
"""

import pytest
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dhcp6 import DHCP6_Advertise, DHCP6_Reply, DHCP6_Solicit, DHCP6OptUnknown
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import (ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                                ICMPv6ND_Redirect, ICMPv6ND_RS, ICMPv6NDOptDstLLAddr,
                                ICMPv6NDOptPrefixInfo, ICMPv6NDOptUnknown, IPv6,
                                IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, PadN)
from scapy.layers.l2 import ARP, LLC, SNAP, Dot1AD, Dot1Q, Dot3, Ether
from scapy.packet import Raw

from lan import INTERFACE, Lan
from wire import Wire, marker

ALL_NODES, ALL_NODES_MAC = "ff02::1", "33:33:00:00:00:01"
BAD_PREFIX = "fd00:bad::/64"


class World:
    def __init__(self, lan):
        self.lan = lan
        lan.server()
        self.mallory, self.victim = lan.client("mallory"), lan.client("victim")
        for client in (self.mallory, self.victim):
            lan.until(client.address, f"{client.user} has no address")
        self.out = Wire(self.mallory.host, INTERFACE)
        self.seen = Wire(self.victim.host, INTERFACE)
        self.mac, self.ll = self.out.mac, self.mallory.link_local()
        self.victim_mac, self.victim_ll = self.seen.mac, self.victim.link_local()
        self.router_mac = lan.office.mac(INTERFACE)
        self.router_ll = lan.office.address(INTERFACE, "fe80::/10")

    def ether(self, to=ALL_NODES_MAC, source=None):
        return Ether(src=source or self.mac, dst=to)

    def ip6(self, to=ALL_NODES, source=None):
        return IPv6(src=source or self.ll, dst=to, hlim=255)

    def drops(self):
        return dict(self.lan.the_server.client("mallory")["drops"])

    def barrier(self):
        """Everything that was sent before has arrived, if it ever will."""
        mark = marker()
        self.out.send(self.ether() / self.ip6() / UDP(sport=9, dport=9) / Raw(mark))
        assert self.seen.wait_for(mark), "a harmless frame did not arrive\n" + self.lan.logs()


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        world = World(lan)
        yield world
        world.out.close()
        world.seen.close()


def option(mark):
    """Unknown, and so ignored: RFC 4861 4.6."""
    return ICMPv6NDOptUnknown(type=253, len=1, data=mark)


def ra(mark):
    return (ICMPv6ND_RA(routerlifetime=1800, prf=1)
            / ICMPv6NDOptPrefixInfo(prefix="fd00:bad::", prefixlen=64) / option(mark))


def redirect(world, mark):
    return (ICMPv6ND_Redirect(tgt=world.ll, dst="2001:db8:100::2")
            / ICMPv6NDOptDstLLAddr(lladdr=world.mac) / option(mark))


def pad(octets=4):
    return [PadN(optdata=b"\0" * octets)]


def behind(world, mark, *headers):
    packet = world.ether() / world.ip6()
    for header in headers:
        packet = packet / header
    return [packet / ra(mark)]


def fragments(packet, size, first_header=None):
    """Cuts what follows the IPv6 header (scapy's own fragmentation wants to choose the place)."""
    ip = packet[IPv6]
    upper = bytes(ip.payload)
    next_header = bytes(ip)[6]
    pieces = [upper[at:at + size] for at in range(0, len(upper), size)]
    return [Ether(src=packet.src, dst=packet.dst)
            / IPv6(src=ip.src, dst=ip.dst, hlim=255)
            / IPv6ExtHdrFragment(nh=next_header, id=77, offset=i * size // 8,
                                 m=int(i + 1 < len(pieces)))
            / Raw(piece) for i, piece in enumerate(pieces)]


def fragmented_ra(world, mark, size, *headers):
    packet = world.ether() / world.ip6()
    for header in headers:
        packet = packet / header
    return fragments(packet / ra(mark), size)


def dhcp6(world, message, mark, to=ALL_NODES, port=546):
    return (world.ether() / world.ip6(to) / UDP(sport=547, dport=port)
            / message(trid=7) / DHCP6OptUnknown(optcode=9999, optlen=6, data=mark))


def offer(world, mark, **ip):
    return (world.ether("ff:ff:ff:ff:ff:ff")
            / IP(src="192.168.7.1", dst="255.255.255.255", **ip) / UDP(sport=67, dport=68)
            / BOOTP(op=2, yiaddr="192.168.7.9", chaddr=b"\2\0\0\0\0\1", sname=mark)
            / DHCP(options=[("message-type", "offer"), "end"]))


def harmless(world, mark, **ether):
    return world.ether(**ether) / world.ip6() / UDP(sport=9, dport=9) / Raw(mark)


EVIL = {
    "an RA": ("ra", lambda w, m: [w.ether() / w.ip6() / ra(m)]),
    "an RA to one host": ("ra", lambda w, m: [w.ether(w.victim_mac) / w.ip6(w.victim_ll) / ra(m)]),
    "an RA with the router's address": (
        "ra", lambda w, m: [w.ether() / w.ip6(source=w.router_ll) / ra(m)]),
    "an RA behind a hop-by-hop header": (
        "ra", lambda w, m: behind(w, m, IPv6ExtHdrHopByHop(options=pad()))),
    "an RA behind destination options": (
        "ra", lambda w, m: behind(w, m, IPv6ExtHdrDestOpt(options=pad()))),
    "an RA behind a routing header": (
        "ra", lambda w, m: behind(w, m, IPv6ExtHdrRouting(type=4, segleft=0, addresses=[]))),
    "an RA behind three headers": (
        "ra", lambda w, m: behind(w, m, IPv6ExtHdrHopByHop(options=pad()),
                                  IPv6ExtHdrDestOpt(options=pad(12)),
                                  IPv6ExtHdrDestOpt(options=pad(4)))),
    "an RA behind a hundred headers": (
        "header-chain", lambda w, m: behind(w, m, *[IPv6ExtHdrDestOpt(options=pad())] * 100)),
    "an RA in a single fragment": ("nd-fragment", lambda w, m: fragmented_ra(w, m, 2048)),
    "an RA in a single fragment behind options": (
        "nd-fragment", lambda w, m: fragmented_ra(w, m, 2048, IPv6ExtHdrDestOpt(options=pad()))),
    "an RA whose header is in the second fragment": (
        "hidden-upper", lambda w, m: fragmented_ra(w, m, 64,
                                                   IPv6ExtHdrDestOpt(options=pad(100)))),
    "a Redirect": ("redirect", lambda w, m: [
        w.ether(w.victim_mac) / w.ip6(w.victim_ll, w.router_ll) / redirect(w, m)]),
    "a Redirect behind destination options": ("redirect", lambda w, m: [
        w.ether(w.victim_mac) / w.ip6(w.victim_ll) / IPv6ExtHdrDestOpt(options=pad())
        / redirect(w, m)]),
    "a DHCPv6 Advertise": ("dhcp6-server", lambda w, m: [dhcp6(w, DHCP6_Advertise, m)]),
    "a DHCPv6 Reply": ("dhcp6-server", lambda w, m: [dhcp6(w, DHCP6_Reply, m)]),
    "a DHCPv6 Reply to the server's port": (
        "dhcp6-server", lambda w, m: [dhcp6(w, DHCP6_Reply, m, "ff02::1:2", 547)]),
    "a DHCPv6 Reply in a single fragment": (
        "dhcp6-server", lambda w, m: fragments(dhcp6(w, DHCP6_Reply, m), 2048)),
    "a DHCPv4 Offer": ("dhcp4-server", lambda w, m: [offer(w, m)]),
    "a DHCPv4 Offer behind IPv4 options": (
        "dhcp4-server", lambda w, m: [offer(w, m, options=[b"\x94\x04\x00\x00"])]),
    "a frame to the spanning tree's group": (
        "reserved-mac",
        lambda w, m: [Dot3(src=w.mac, dst="01:80:c2:00:00:00") / LLC() / Raw(m * 8)]),
    "a frame to LLDP's group": (
        "reserved-mac", lambda w, m: [harmless(w, m, to="01:80:c2:00:00:0e")]),
    "a frame to Cisco's group": (
        "reserved-mac", lambda w, m: [harmless(w, m, to="01:00:0c:cc:cc:cc")]),
    "the router's MAC as source": (
        "source-mac", lambda w, m: [harmless(w, m, source=w.router_mac)]),
    "a multicast MAC as source": (
        "source-mac", lambda w, m: [harmless(w, m, source="33:33:00:00:00:07")]),
    "no MAC as source": (
        "source-mac", lambda w, m: [harmless(w, m, source="00:00:00:00:00:00")]),
    "the victim's MAC as source": (
        "mac-owned", lambda w, m: [harmless(w, m, source=w.victim_mac)]),
    "the router's address as source": ("router-address", lambda w, m: [
        w.ether() / w.ip6(source=w.router_ll) / UDP(sport=9, dport=9) / Raw(m)]),
    "an advertisement for the router's address": ("router-address", lambda w, m: [
        w.ether() / w.ip6() / ICMPv6ND_NA(tgt=w.router_ll, R=1, S=0, O=1)
        / ICMPv6NDOptDstLLAddr(lladdr=w.mac) / option(m)]),
    "a tagged frame": ("vlan", lambda w, m: [
        w.ether() / Dot1Q(vlan=7) / w.ip6() / UDP(sport=9, dport=9) / Raw(m)]),
    "a tagged RA": ("vlan", lambda w, m: [w.ether() / Dot1Q(vlan=0) / w.ip6() / ra(m)]),
    "a doubly tagged RA": (
        "vlan", lambda w, m: [w.ether() / Dot1AD(vlan=7) / Dot1Q(vlan=7) / w.ip6() / ra(m)]),
    "an RA in SNAP": ("header-chain", lambda w, m: [
        Dot3(src=w.mac, dst=ALL_NODES_MAC) / LLC(dsap=0xaa, ssap=0xaa, ctrl=3)
        / SNAP(OUI=0, code=0x86dd) / w.ip6() / ra(m)]),
}

GOOD = {
    "a UDP datagram to all": lambda w, m: [harmless(w, m)],
    "a UDP datagram to one": lambda w, m: [
        w.ether(w.victim_mac) / w.ip6(w.victim_ll) / UDP(sport=9, dport=9) / Raw(m)],
    "a UDP datagram behind options": lambda w, m: [
        w.ether() / w.ip6() / IPv6ExtHdrHopByHop(options=pad()) / IPv6ExtHdrDestOpt(options=pad())
        / UDP(sport=9, dport=9) / Raw(m)],
    "a UDP datagram in fragments": lambda w, m: fragments(
        w.ether() / w.ip6() / UDP(sport=9, dport=9) / Raw(m * 400), 1200),
    "an echo request": lambda w, m: [
        w.ether(w.victim_mac) / w.ip6(w.victim_ll) / ICMPv6EchoRequest(data=m)],
    "a neighbour solicitation": lambda w, m: [
        w.ether() / w.ip6() / ICMPv6ND_NS(tgt=w.victim_ll) / option(m)],
    "a neighbour advertisement": lambda w, m: [
        w.ether() / w.ip6() / ICMPv6ND_NA(tgt=w.ll, R=0, S=0, O=1) / option(m)],
    "a Solicit to a server of its own": lambda w, m: [
        w.ether(w.victim_mac) / w.ip6(w.victim_ll) / UDP(sport=546, dport=547)
        / DHCP6_Solicit(trid=7) / DHCP6OptUnknown(optcode=9999, optlen=6, data=m)],
    "a DHCPv4 Discover": lambda w, m: [
        w.ether("ff:ff:ff:ff:ff:ff") / IP(src="0.0.0.0", dst="255.255.255.255")
        / UDP(sport=68, dport=67) / BOOTP(op=1, chaddr=b"\2\0\0\0\0\1", sname=m)
        / DHCP(options=[("message-type", "discover"), "end"])],
    "an ARP request": lambda w, m: [
        w.ether("ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=w.mac, psrc="192.168.7.2",
                                          pdst="192.168.7.3") / Raw(m)],
    "an IPv4 ping": lambda w, m: [
        w.ether(w.victim_mac) / IP(src="192.168.7.2", dst="192.168.7.3") / ICMP() / Raw(m)],
    "a frame of another protocol": lambda w, m: [
        w.ether(w.victim_mac) / Raw(m * 10)],
}


@pytest.mark.parametrize("what", EVIL)
def test_it_is_dropped_and_counted(world, what):
    reason, build = EVIL[what]
    mark = marker()
    frames = build(world, mark)
    before = world.drops()

    for frame in frames:
        world.out.send(frame)
    world.barrier()

    assert world.seen.saw(mark) == 0, f"{what} reached the other client"
    after = world.drops()
    gone = {r: after[r] - before.get(r, 0) for r in after if after[r] != before.get(r, 0)}
    assert gone == {reason: len(frames)}, f"{what} was not counted as {reason}"


@pytest.mark.parametrize("what", GOOD)
def test_it_arrives(world, what):
    mark = marker()
    frames = GOOD[what](world, mark)

    for frame in frames:
        world.out.send(frame)
    world.barrier()

    assert world.seen.saw(mark) == len(frames), f"{what} did not arrive\n{world.lan.logs()}"


def test_a_router_solicitation_reaches_only_the_router(world):
    mark = marker()
    before = world.lan.the_server.status()["advertiser"]["rs_received"]

    world.out.send(world.ether("33:33:00:00:00:02") / world.ip6("ff02::2") / ICMPv6ND_RS()
                   / option(mark))
    world.barrier()

    assert world.seen.saw(mark) == 0
    world.lan.until(lambda: world.lan.the_server.status()["advertiser"]["rs_received"] > before,
                    "the server did not get the RS")


def test_a_dhcp6_solicit_reaches_only_the_server(world):
    mark = marker()
    before = world.lan.the_server.status()["dhcp6"]["received"]

    world.out.send(world.ether("33:33:00:01:00:02") / world.ip6("ff02::1:2")
                   / UDP(sport=546, dport=547) / DHCP6_Solicit(trid=7)
                   / DHCP6OptUnknown(optcode=9999, optlen=6, data=mark))
    world.barrier()

    assert world.seen.saw(mark) == 0
    world.lan.until(lambda: world.lan.the_server.status()["dhcp6"]["received"] > before,
                    "the server did not get the Solicit")


@pytest.mark.parametrize("evasion", ["none", "H", "1", "111", "H1", "D", "O", "o", "F"])
def test_the_fake_router_tool_fools_nobody(world, evasion):
    before = sum(world.drops().values())
    options = [] if evasion == "none" else ["-E", evasion]

    world.mallory.host.run("atk6-fake_router26", "-A", BAD_PREFIX, "-R", "fd00:bad:1::/48",
                           "-n", "1", *options, INTERFACE, check=False)
    world.lan.until(lambda: sum(world.drops().values()) > before, "nothing was dropped")
    world.barrier()

    assert not world.victim.address("fd00:bad::/48"), "the victim believed the rogue router"
    gateways = {route.get("gateway") for route in world.victim.host.routes()}
    assert gateways <= {world.router_ll}, "the victim routes through the rogue router"
