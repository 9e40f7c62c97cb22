# SPDX-License-Identifier: Apache-2.0
"""RFC 6603: of a delegated prefix one network stays ours, and is the link to the office that has the
rest; and what a host is told of how often to ask (RFC 9915 21.24, 21.25)."""

import json

import pytest
from scapy.layers.dhcp6 import DHCP6_InfoRequest, DHCP6_Solicit, DHCP6OptIA_PD, DHCP6OptOptReq
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from lan import INTERFACE, Lan
from test_delegate import delegated, office, preferred
from test_dhcp6 import delegated_routes, leases
from test_dhcp6_reconfigure import (AUTH, CLIENT_ID, RECONFIGURE, RECONFIGURE_MESSAGE, RENEW,
                                    SERVER_ID, Host, options, reload)
from wire import Wire

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
        office(lan, ["lan0"]).connect("--delegate", "lan0")
        lan.until(lan.branch.link_local, "no link-local address")
        yield lan


def settled(lan, network, link):
    """The office's network is this one, and the tunnel's link that one."""
    lan.until(lambda: delegated(lan) == {"lan0": network}, lambda: delegated(lan), 40)
    lan.until(lambda: preferred(lan.desks[0], network), "the desk has no address of it")
    lan.until(lambda: lan.branch.address(link), "the tunnel has no address of its link")


def test_what_is_excluded_is_the_link_to_the_office(world):
    settled(world, "2001:db8:f000:1201::/64", LINK)
    lease, = leases(world, state="active", kind="prefix")
    assert (lease["what"], lease["excluded"]) == (PREFIX, LINK)
    shown = world.the_server.cli("show", "leases").stdout.splitlines()
    assert "WITHOUT" in shown[0] and LINK in shown[1]
    # the server's own address on the link, which is of no prefix that is delegated
    own = world.office.address(INTERFACE, LINK)
    assert own and world.desks[0].ping(own)
    assert delegated_routes(world) == {PREFIX: world.branch.link_local()}


def test_another_part_is_heard_of_at_once(world):
    """Its client takes Reconfigure messages: signed, and by nobody else."""
    settled(world, "2001:db8:f000:1201::/64", LINK)
    assert leases(world, kind="prefix")[0]["reconfigure"]
    renewals = world.branch.daemon.log().count("sends Renew")
    reload(world, conf("exclude ff/64", OTHER_LINK))
    settled(world, "2001:db8:f000:1200::/64", OTHER_LINK)
    world.until(lambda: world.the_server.status()["dhcp6"]["reconfigure"]["waiting"] == 0,
                "it does not answer")
    log = world.branch.daemon.log()
    assert "hears Reconfigure: taken" in log and log.count("sends Renew") > renewals
    # other options: it asks for them, and has no use for them
    reload(world, conf("exclude ff/64", OTHER_LINK) + "ntp = 2001:db8::123")
    world.until(lambda: "sends Information-request" in world.branch.daemon.log(), "not a word")
    world.until(lambda: world.the_server.status()["dhcp6"]["reconfigure"]["waiting"] == 0,
                "it does not answer")
    assert delegated(world) == {"lan0": "2001:db8:f000:1200::/64"}


@pytest.mark.parametrize("group, said", [
    (False, "not signed with the server's key"), (True, "not for this client")])
def test_a_word_that_is_not_the_servers_is_not_heard(world, group, said):
    settled(world, *(["2001:db8:f000:1200::/64", OTHER_LINK] if delegated(world) == {
        "lan0": "2001:db8:f000:1200::/64"} else ["2001:db8:f000:1201::/64", LINK]))
    lease, = leases(world, state="active", kind="prefix")
    server_id = json.loads(world.the_server.cli("show", "leases", "--json").stdout)["server_duid"]
    server_id, client_id = (bytes.fromhex(text.replace(":", ""))
                            for text in (server_id, lease["duid"]))
    message = bytes([RECONFIGURE, 0, 0, 0]) + b"".join(
        code.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body for code, body in (
            (CLIENT_ID, client_id), (SERVER_ID, server_id), (RECONFIGURE_MESSAGE, bytes([RENEW])),
            (AUTH, b"\3\1\0" + b"\xff" * 8 + b"\2" + bytes(16))))
    before = world.branch.daemon.log().count("sends")
    to = ("33:33:00:00:00:01", "ff02::1") if group else (
        world.branch.host.mac(INTERFACE), world.branch.link_local())
    with Wire(world.office, INTERFACE) as wire:
        wire.send(Ether(src=wire.mac, dst=to[0])
                  / IPv6(src=world.office.address(INTERFACE, "fe80::/10"), dst=to[1])
                  / UDP(sport=547, dport=546) / message)
    world.until(lambda: f"hears Reconfigure: {said}" in world.branch.daemon.log(), "not heard")
    assert world.branch.daemon.log().count("sends") == before


def test_a_host_that_asks_is_told(world):
    reload(world, conf())
    router = Router(world, world.branch)
    offer = options(router.exchange(DHCP6_Solicit, router.ia()))
    # 4.2: the length, then the bits between /56 and /64
    assert offer[25].endswith(bytes([0, PD_EXCLUDE, 0, 2, 64, 0]))
    assert offer[SOL_MAX_RT] == (120).to_bytes(4, "big")
    assert INF_MAX_RT in options(router.exchange(DHCP6_InfoRequest))
    silent = Router(world, world.branch, 2)
    silent.wishes = ()
    assert bytes([0, PD_EXCLUDE]) not in options(silent.exchange(DHCP6_Solicit, silent.ia()))[25]
    for each in router, silent:
        each.close()
