# SPDX-License-Identifier: Apache-2.0
"""RFC 6603: of a delegated prefix one network stays ours, and is the link to the office that has the
rest; and what a host is told of how often to ask (RFC 9915 21.24, 21.25)."""

import pytest
from scapy.layers.dhcp6 import DHCP6_InfoRequest, DHCP6_Solicit, DHCP6OptIA_PD, DHCP6OptOptReq
from scapy.layers.inet import UDP

from lan import INTERFACE, Lan
from test_dhcp6 import delegated_routes, leases
from test_dhcp6_reconfigure import RENEW, Host, options, reload

PREFIX, LINK = "2001:db8:f000:1200::/56", "2001:db8:f000:1200::/64"
OTHER_LINK = "2001:db8:f000:12ff::/64"
PD_EXCLUDE, SOL_MAX_RT, INF_MAX_RT = 67, 82, 83


def conf(exclude="exclude 0/64", link=LINK):
    return f"""
        [ra]
        prefix = 2001:db8:1::/64
        [dhcp6]
        delegate = 2001:db8:f000::/36 /56 {exclude}
        lease-time = 1h
        sol-max-rt = 2m
        inf-max-rt = 3h
        [user branch]
        prefix = {link}
        reserve = {PREFIX}
    """


class Router(Host):
    """It asks for a prefix, and for what of it is not its own."""

    wishes = (PD_EXCLUDE, SOL_MAX_RT, INF_MAX_RT)

    def exchange(self, kind, *more):
        packet = super().exchange(kind, *more, DHCP6OptOptReq(reqopts=list(self.wishes)))
        return bytes(packet[UDP].payload)

    def ia(self, address=None):
        return DHCP6OptIA_PD(iaid=1, T1=0, T2=0)


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(conf())
        lan.branch = lan.client("branch")
        lan.until(lan.branch.link_local, "no link-local address")
        yield lan


def test_a_host_that_asks_is_told(world):
    router = Router(world, world.branch)
    offer = options(router.exchange(DHCP6_Solicit, router.ia()))
    # 4.2: the length, then the bits between /56 and /64
    assert offer[25].endswith(bytes([0, PD_EXCLUDE, 0, 2, 64, 0]))
    assert offer[SOL_MAX_RT] == (120).to_bytes(4, "big")
    assert INF_MAX_RT in options(router.exchange(DHCP6_InfoRequest))
    Router.wishes = ()
    silent = Router(world, world.branch, 2)
    assert bytes([0, PD_EXCLUDE]) not in options(silent.exchange(DHCP6_Solicit, silent.ia()))[25]
    for each in router, silent:
        each.close()
