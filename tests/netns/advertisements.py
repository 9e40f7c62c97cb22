# SPDX-License-Identifier: Apache-2.0
"""The Router Advertisements that arrive at an interface of a host, counted and taken apart."""

from scapy.layers.inet6 import (ICMPv6ND_RA, ICMPv6NDOptDNSSL, ICMPv6NDOptPrefixInfo,
                                ICMPv6NDOptRDNSS, ICMPv6NDOptRouteInfo, IPv6)
from scapy.layers.l2 import Ether

from wire import Wire

IPV6, ICMP6, RA = b"\x86\xdd", 58, 134
ALL_NODES = "ff02::1"


def is_ra(frame):
    return frame[12:14] == IPV6 and frame[20] == ICMP6 and frame[54] == RA


def options(packet, kind):
    found = []
    while packet:
        if isinstance(packet, kind):
            found.append(packet)
        packet = packet.payload
    return found


class Advertisements:
    def __init__(self, host, interface):
        self.wire = Wire(host, interface)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def all(self):
        self.wire.collect()
        return [Ether(frame) for frame in self.wire.arrived if is_ra(frame)]

    def unasked(self):
        """Without the answers to solicitations, which go to one address."""
        return [packet for packet in self.all() if packet[IPv6].dst == ALL_NODES]

    def count(self):
        return len(self.unasked())

    def routes(self):
        """What the latest RA with routes says: lifetime by prefix."""
        return self._latest(ICMPv6NDOptRouteInfo, lambda o: (f"{o.prefix}/{o.plen}", o.rtlifetime))

    def prefixes(self):
        """Preferred and valid lifetime by prefix."""
        return self._latest(ICMPv6NDOptPrefixInfo, lambda o: (
            f"{o.prefix}/{o.prefixlen}", (o.preferredlifetime, o.validlifetime)))

    def dns(self):
        """Lifetime by server, the latest that was said of each."""
        return {server: option.lifetime for packet in self.all()
                for option in options(packet, ICMPv6NDOptRDNSS) for server in option.dns}

    def search(self):
        return {domain.rstrip("."): option.lifetime for packet in self.all()
                for option in options(packet, ICMPv6NDOptDNSSL) for domain in option.searchlist}

    def _latest(self, kind, pair):
        for packet in reversed(self.all()):
            found = options(packet[ICMPv6ND_RA], kind)
            if found:
                return dict(map(pair, found))
        return {}
