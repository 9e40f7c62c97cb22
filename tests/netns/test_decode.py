# SPDX-License-Identifier: Apache-2.0
"""What we advertise, read by others: scapy, rdisc6 and radvdump, each against the configuration."""

import subprocess

import pytest
from scapy.layers.inet6 import (ICMPv6NDOptDNSSL, ICMPv6NDOptMTU, ICMPv6NDOptPrefixInfo,
                                ICMPv6NDOptRDNSS, ICMPv6NDOptRouteInfo, ICMPv6NDOptSrcLLAddr)

import nd
from lan import INTERFACE, Lan

CONF = """
    [ra]
    prefix = 2001:db8:1::/64
    prefix = 2001:db8:2::/64 on-link=no router-address valid=1d preferred=4h
    prefix = 2001:db8:3::/64 autonomous=no dhcp-pd-preferred valid=forever preferred=forever
    route = 2001:db8:100::/48 high 600s
    route = 2001:db8:200::/64 low
    default-route = yes
    preference = low
    dns = 2001:db8:100::53
    dns = 2001:db8:100::54
    dns-lifetime = 1234s
    search = corp.example
    search = lab.corp.example
    search-lifetime = 4321s
    nat64 = 64:ff9b::/96 1000s
    nat64 = 2001:db8:64::/56
    captive-portal = https://portal.example.net/api
    dnr = dns.example.net 2001:db8:100::53 2001:db8:100::54 alpn=dot,h2 port=8853 lifetime=777s
    dnr = other.example.net priority=7
    mtu = 1400
    hop-limit = 33
    managed = yes
    other = yes
    lifetime = 2000s
    interval = 300s
    reachable-time = 30s
    retrans-time = 1500ms
"""


@pytest.fixture(scope="module")
def alice():
    with Lan() as lan:
        lan.office.ip("-6", "route", "add", "default", "via", "2001:db8:100::2")
        lan.server(CONF)
        alice = lan.client("alice")
        lan.until(lambda: alice.address("2001:db8:1::/64"), "alice has no address")
        alice.router_mac = lan.office.mac(INTERFACE)
        alice.router = lan.office.address(INTERFACE, "fe80::/10")
        yield alice


# ---- scapy ----

@pytest.fixture(scope="module")
def ra(alice):
    return nd.answer(alice, INTERFACE)


def prefix_of(option):
    flags = "".join(name for name in "LAR" if getattr(option, name))
    # RFC 9762 4: the bit behind R; RFC 4861 4.6.2: the rest is zero
    flags += {0: "", 1 << 4: "P"}[option.res1]
    return (f"{option.prefix}/{option.prefixlen}", flags, option.validlifetime,
            option.preferredlifetime)


DECODED = {
    "header": (lambda ra: (ra.chlim, ra.M, ra.O, ra.H, ra.prf, ra.P, ra.routerlifetime,
                           ra.reachabletime, ra.retranstimer),
               (33, 1, 1, 0, nd.PREFERENCE["low"], 0, 2000, 30000, 1500)),
    "mtu": (lambda ra: [o.mtu for o in nd.options(ra, ICMPv6NDOptMTU)], [1400]),
    "prefixes": (lambda ra: [prefix_of(o) for o in nd.options(ra, ICMPv6NDOptPrefixInfo)],
                 [("2001:db8:1::/64", "LA", 5400, 2700),
                  ("2001:db8:2::1/64", "AR", 86400, 14400),  # R: the router's whole address
                  ("2001:db8:3::/64", "LP", 0xffffffff, 0xffffffff)]),
    "routes": (lambda ra: [(o.prefix, o.plen, o.prf, o.rtlifetime)
                           for o in nd.options(ra, ICMPv6NDOptRouteInfo)],
               [("2001:db8:100::", 48, nd.PREFERENCE["high"], 600),
                ("2001:db8:200::", 64, nd.PREFERENCE["low"], 2000)]),
    "servers": (lambda ra: [(o.dns, o.lifetime) for o in nd.options(ra, ICMPv6NDOptRDNSS)],
                [(["2001:db8:100::53", "2001:db8:100::54"], 1234)]),
    "domains": (lambda ra: [(o.searchlist, o.lifetime) for o in nd.options(ra, ICMPv6NDOptDNSSL)],
                [(["corp.example.", "lab.corp.example."], 4321)]),
    "nat64": (nd.pref64, [("64:ff9b::/96", 1000), ("2001:db8:64::/56", 2000)]),
    "captive portal": (nd.captive_portals, ["https://portal.example.net/api"]),
    "resolvers": (nd.resolvers,
                  [(1, 777, "dns.example.net", ["2001:db8:100::53", "2001:db8:100::54"],
                    # RFC 9460 2.2, 7.1, 7.2: alpn, port
                    b"\0\1\0\7\3dot\2h2" b"\0\3\0\2\x22\x95"),
                   (7, 2000, "other.example.net", [], b"")]),
}


@pytest.mark.parametrize("what", DECODED)
def test_scapy_decodes(ra, what):
    decode, expected = DECODED[what]
    assert decode(ra) == expected


def test_scapy_decodes_the_routers_mac(alice, ra):
    option, = nd.options(ra, ICMPv6NDOptSrcLLAddr)
    assert option.lladdr == alice.router_mac


def test_no_option_is_left_that_nobody_has_decoded(ra):
    kinds = {1: 1, 3: 3, 5: 1, 24: 2, 25: 1, 31: 1, 38: 2, 37: 1, 144: 2}
    assert {kind: len(nd.bodies(ra, kind)) for kind in range(256) if nd.bodies(ra, kind)} == kinds


# ---- rdisc6 ----

RDISC6 = """
    Hop limit : 33 ( 0x21)
    Stateful address conf. : Yes
    Stateful other conf. : Yes
    Router preference : low
    Router lifetime : 2000 (0x000007d0) seconds
    Reachable time : 30000 (0x00007530) milliseconds
    Retransmit time : 1500 (0x000005dc) milliseconds
    MTU : 1400 bytes (valid)
    Prefix : 2001:db8:1::/64
    Valid time : 5400 (0x00001518) seconds
    Pref. time : 2700 (0x00000a8c) seconds
    Valid time : 86400 (0x00015180) seconds
    Valid time : infinite (0xffffffff)
    Route : 2001:db8:100::/48
    Route preference : high
    Route lifetime : 600 (0x00000258) seconds
    Recursive DNS server : 2001:db8:100::53
    Recursive DNS server : 2001:db8:100::54
    DNS servers lifetime : 1234 (0x000004d2) seconds
    DNS search list : corp.example lab.corp.example
    DNS search list lifetime: 4321 (0x000010e1) seconds
"""


def words(text):
    """Its lines, with one space between two words."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_rdisc6_reads_the_same(alice):
    said = words(alice.host.run("rdisc6", "-1", INTERFACE).stdout)

    assert not set(words(RDISC6)) - set(said), "\n".join(said)
    assert f"from {alice.router}" in said


# ---- radvdump ----

RADVDUMP = """
    AdvManagedFlag on;
    AdvOtherConfigFlag on;
    AdvReachableTime 30000;
    AdvRetransTimer 1500;
    AdvCurHopLimit 33;
    AdvDefaultLifetime 2000;
    AdvHomeAgentFlag off;
    AdvDefaultPreference low;
    AdvSourceLLAddress on;
    AdvLinkMTU 1400;
    prefix 2001:db8:1::/64
    AdvValidLifetime 5400;
    AdvPreferredLifetime 2700;
    AdvOnLink on;
    AdvAutonomous on;
    AdvRouterAddr off;
    prefix 2001:db8:2::1/64
    AdvValidLifetime 86400;
    AdvPreferredLifetime 14400;
    AdvOnLink off;
    AdvAutonomous on;
    AdvRouterAddr on;
    prefix 2001:db8:3::/64
    AdvValidLifetime infinity;
    AdvPreferredLifetime infinity;
    AdvOnLink on;
    AdvAutonomous off;
    AdvRouterAddr off;
    route 2001:db8:100::/48
    AdvRoutePreference high;
    AdvRouteLifetime 600;
    route 2001:db8:200::/64
    AdvRoutePreference low;
    AdvRouteLifetime 2000;
    RDNSS 2001:db8:100::53 2001:db8:100::54
    AdvRDNSSLifetime 1234;
    DNSSL corp.example lab.corp.example
    AdvDNSSLLifetime 4321;
"""


def test_radvdump_reads_the_same(alice):
    lan, path = alice.lan, alice.lan.folder / "radvdump"
    with open(path, "wb") as output:
        dump = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *alice.host.enter(
            ["stdbuf", "-oL", "radvdump"])], stdout=output)
    try:
        lan.until(lambda: alice.host.run("rdisc6", "-1", "-q", INTERFACE).stdout and
                  "# End of interface" in path.read_text(), "radvdump heard nothing")
    finally:
        dump.kill()
        dump.wait()
    said = words(path.read_text().split("# End of interface")[0])

    # what stands between braces and comments, in its order
    said = [line.partition(" #")[0] for line in said
            if line[0] not in "#{}" and "AdvSendAdvert" not in line]
    assert said == [f"interface {INTERFACE}", *words(RADVDUMP)]
