# SPDX-License-Identifier: Apache-2.0
"""Neighbor Discovery by hand: solicitations of every kind, and advertisements with the time they
came at, decoded by scapy; by us the options that scapy 2.5 does not know.

RFC 4861 (messages), 4191 (routes), 8106 (DNS), 8781 (PREF64), 8910 (captive portal), 9463 (DNR).
"""

import ipaddress
import select
import socket
import struct
import time
from collections import namedtuple

from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6ND_RS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Ether

from wire import Wire

ALL_NODES = "ff02::1"
ALL_ROUTERS, ALL_ROUTERS_MAC = "ff02::2", "33:33:00:00:00:02"
RA_HEADER_LEN = 16
PREF64, CAPTIVE_PORTAL, DNR = 38, 37, 144
PREFERENCE = {"medium": 0, "high": 1, "low": 3}

SO_TIMESTAMPNS = 35  # the kernel's time of a frame's arrival, whatever keeps us from reading it

Advertisement = namedtuple("Advertisement", "at_s ip ra")
Pref64 = namedtuple("Pref64", "prefix lifetime_s")
Resolver = namedtuple("Resolver", "priority lifetime_s name addresses parameters")


def solicitation(mac, source, source_mac=None, **ip):
    """A Router Solicitation as a frame.  source_mac: with that in an option."""
    ip = {"src": source, "dst": ALL_ROUTERS, "hlim": 255, **ip}
    rs = Ether(src=mac, dst=ALL_ROUTERS_MAC) / IPv6(**ip) / ICMPv6ND_RS()
    return rs / ICMPv6NDOptSrcLLAddr(lladdr=source_mac) if source_mac else rs


def options(ra, layer):
    """All options of one kind, a scapy layer's class, in an advertisement."""
    found = []
    while ra:
        if isinstance(ra, layer):
            found.append(ra)
        ra = ra.payload
    return found


def bodies(ra, kind):
    """What the options of a type have behind type and length, RFC 4861 4.6."""
    found, rest = [], bytes(ra)[RA_HEADER_LEN:]
    while rest:
        length = rest[1] * 8
        assert 0 < length <= len(rest), "an option of length 0, or beyond the message"
        if rest[0] == kind:
            found.append(rest[2:length])
        rest = rest[length:]
    return found


def pref64(ra):
    """RFC 8781 4: 13 bits lifetime in units of 8 s, 3 of length code, 96 of prefix."""
    found = []
    for body in bodies(ra, PREF64):
        scaled, high = struct.unpack("!H12s", body)
        length = (96, 64, 56, 48, 40, 32)[scaled & 7]
        found.append(Pref64(f"{ipaddress.ip_address(high + bytes(4))}/{length}", scaled >> 3 << 3))
    return found


def captive_portals(ra):
    """RFC 8910 2.3: a URI, zeros behind it."""
    return [body.rstrip(b"\0").decode() for body in bodies(ra, CAPTIVE_PORTAL)]


def resolvers(ra):
    """RFC 9463 6.1: priority, lifetime, and behind their lengths name, addresses, parameters."""
    found = []
    for body in bodies(ra, DNR):
        priority, lifetime_s = struct.unpack("!HI", body[:6])
        name, rest = counted(body[6:])
        addresses, rest = counted(rest)  # of a name alone, all that follows is filled up with zeros
        found.append(Resolver(priority, lifetime_s, domain(name), [
            str(ipaddress.ip_address(addresses[at:at + 16])) for at in range(0, len(addresses), 16)
        ], counted(rest)[0]))
    return found


def counted(data):
    """A field behind its length in two bytes, and what follows it."""
    end = 2 + int.from_bytes(data[:2], "big")
    return data[2:end], data[end:]


def domain(wire):
    """RFC 1035 3.1, one name, uncompressed."""
    labels = []
    while wire[0]:
        labels.append(wire[1:1 + wire[0]].decode())
        wire = wire[1 + wire[0]:]
    return ".".join(labels)


def check(advertisement):
    """RFC 4861 6.1.2: what makes an advertisement valid."""
    at_s, ip, ra = advertisement
    assert ip.hlim == 255 and ipaddress.ip_address(ip.src).is_link_local
    assert ra.code == 0 and ra.res == 0 and ip.plen >= 16
    again = ip.copy()
    del again[ICMPv6ND_RA].cksum
    assert IPv6(bytes(again))[ICMPv6ND_RA].cksum == ra.cksum


class Listener(Wire):
    """A Wire that keeps the Router Advertisements among what arrives.  Times: time.time()."""

    def __init__(self, host, interface):
        super().__init__(host, interface)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.heard = []

    def collect(self, wait_s=0.0):
        while select.select([self.socket], [], [], wait_s)[0]:
            frame, ancillary, _, origin = self.socket.recvmsg(70000, 64)
            if origin[2] != socket.PACKET_OUTGOING:
                self.arrived.append(frame)
                self._keep(frame, ancillary)
            wait_s = 0

    def _keep(self, frame, ancillary):
        packet = Ether(frame)
        if ICMPv6ND_RA not in packet:
            return
        seconds, nanoseconds = struct.unpack("@qq", ancillary[0][2])
        self.heard.append(Advertisement(seconds + nanoseconds / 1e9, packet[IPv6],
                                        packet[ICMPv6ND_RA]))
        check(self.heard[-1])

    def to(self, addresses, since_s=0):
        """The advertisements to these addresses that have come so far."""
        self.collect()
        return [a for a in self.heard if a.ip.dst in addresses and a.at_s >= since_s]

    def multicast(self, since_s=0):
        return self.to([ALL_NODES], since_s)

    def wait_for_one(self, addresses, since_s=0, seconds=5):
        """The first advertisement to one of these addresses."""
        deadline = time.monotonic() + seconds
        while not self.to(addresses, since_s):
            left = deadline - time.monotonic()
            assert left > 0, f"no advertisement to {addresses} within {seconds} s"
            self.collect(left)
        return self.to(addresses, since_s)[0]



def answer(client, interface):
    """The advertisement that a host of its own, not an office, gets for its solicitation."""
    with Listener(client.host, interface) as listener:
        since_s, source = time.time(), client.link_local()
        listener.send(solicitation(listener.mac, source, listener.mac))
        return listener.wait_for_one((source, ALL_NODES), since_s).ra
