# SPDX-License-Identifier: Apache-2.0
"""Every key of [ra] is in the advertisement that arrives at the client, bit by bit."""

import ipaddress

import pytest

from advertisements import Advertisements
from lan import INTERFACE, Lan

CONF = """
    [ra]
    prefix = 2001:db8:1::/64 on-link=no valid=1d preferred=4h router-address
    prefix = 2001:db8:2::/64 autonomous=no dhcp-pd-preferred
    prefix = 2001:db8:3::/64 preferred=0s
    route = 2001:db8:100::/48 high 2h
    route = 2001:db8:200::/48
    preference = low
    dns = 2001:db8:100::53
    dns-lifetime = 1h
    search = corp.example
    search-lifetime = 2h
    nat64 = 64:ff9b::/96 30m
    captive-portal = https://portal.example/api
    dnr = dns.example 2001:db8:100::53 alpn=dot port=853 priority=7 lifetime=20m
    mtu = 1400
    lifetime = 50m
    valid = 3h
    preferred = 90m
    interval = 4s
    min-interval = 3s
    hop-limit = 42
    reachable-time = 30s
    retrans-time = 500ms
    managed = yes
    other = yes
"""
PIO, MTU, RIO, RDNSS, DNSSL, PORTAL, PREF64, DNR = 3, 5, 24, 25, 31, 37, 38, 144


def packed(address):
    return ipaddress.ip_address(address).packed


def number(data):
    return int.from_bytes(data, "big")


@pytest.fixture(scope="module")
def message():
    """The ICMPv6 message of an RA, and the bodies of its options by type."""
    with Lan() as lan:
        lan.server(CONF)
        alice = lan.client("alice")
        with Advertisements(alice.host, INTERFACE) as heard:
            lan.until(heard.all, "no RA")
            data = bytes(heard.all()[0])[54:]
    options, at = {}, 16
    while at < len(data):
        units = data[at + 1]
        options.setdefault(data[at], []).append(data[at + 2:at + units * 8])
        at += units * 8
    return data, options


def test_header(message):
    data, _ = message
    hop_limit, flags, lifetime = data[4], data[5], number(data[6:8])

    assert (hop_limit, lifetime) == (42, 0), "no default route, so no lifetime"
    assert flags == 0xc0, "M and O; RFC 4191 2.2: no preference without a lifetime"
    assert (number(data[8:12]), number(data[12:16])) == (30000, 500)


@pytest.mark.parametrize("i, prefix, flags, valid_s, preferred_s", [
    (0, "2001:db8:1::1", 0x60, 86400, 14400), (1, "2001:db8:2::", 0x90, 10800, 5400),
    (2, "2001:db8:3::", 0xc0, 10800, 0),
])
def test_prefixes(message, i, prefix, flags, valid_s, preferred_s):
    """With the R flag the prefix carries the router's own address, RFC 6275 7.2."""
    body = message[1][PIO][i]

    assert body[0] == 64 and body[1] == flags, hex(body[1])
    assert (number(body[2:6]), number(body[6:10])) == (valid_s, preferred_s)
    assert body[14:30] == packed(prefix)


def test_the_other_options(message):
    _, options = message

    assert options[MTU] == [bytes(2) + (1400).to_bytes(4, "big")]
    assert [(body[0], body[1], number(body[2:6])) for body in options[RIO]] == [
        (48, 0x08, 7200), (48, 0, 3000)]
    assert options[RDNSS] == [bytes(2) + (3600).to_bytes(4, "big") + packed("2001:db8:100::53")]
    assert options[DNSSL][0][2:6] == (7200).to_bytes(4, "big")
    assert options[DNSSL][0][6:].startswith(b"\x04corp\x07example\x00")
    # RFC 8781 4: 13 bits of lifetime in units of 8 s, 3 bits that say /96, 96 bits of prefix
    assert options[PREF64] == [(1800 // 8 << 3).to_bytes(2, "big") + packed("64:ff9b::")[:12]]
    assert options[PORTAL][0].rstrip(b"\0") == b"https://portal.example/api"
    assert options[DNR][0][:6] == (7).to_bytes(2, "big") + (1200).to_bytes(4, "big")
    assert b"\x03dns\x07example\x00" in options[DNR][0]
    assert packed("2001:db8:100::53") in options[DNR][0]
