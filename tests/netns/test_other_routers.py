# SPDX-License-Identifier: Apache-2.0
"""Another router on the LAN: who it is and what it contradicts us in (RFC 4861 6.2.7) is seen, and
its advertisements reach the clients in any case."""

import json

import pytest

from host import Daemon
from lan import INTERFACE

BOTH, THEIRS = "2001:db8:88::/64", "2001:db8:77::/64"
RADVD = """
interface {interface} {{
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    AdvDefaultLifetime 0;
    AdvCurHopLimit {hop_limit};
    prefix 2001:db8:77::/64 {{}};
    prefix 2001:db8:88::/64 {{ AdvValidLifetime {valid}; AdvPreferredLifetime 2700; }};
}};
"""


def radvd(lan, host, interface="eth0", hop_limit=64, valid=5400):
    conf = lan.folder / "radvd.conf"
    conf.write_text(RADVD.format(interface=interface, hop_limit=hop_limit, valid=valid))
    conf.chmod(0o644)
    daemon = Daemon(host, "radvd", ["/usr/sbin/radvd", "-n", "-C", conf, "-p", "/run/radvd.pid",
                                    "-m", "stderr"], lan.folder)
    lan.daemons.append(daemon)
    return daemon.start()


def bridged_office(lan, ra):
    lan.office.ip("link", "add", "br0", "type", "bridge")
    lan.office.sysctl("net.ipv6.conf.br0.accept_dad", 0)
    lan.office.ip("link", "set", "br0", "up")
    lan.router = lan.host("lan-router")
    lan.office.plug("lan-port", lan.router, "eth0")
    lan.office.ip("link", "set", "lan-port", "master", "br0")
    lan.router.sysctl("net.ipv6.conf.all.forwarding", 1)
    lan.server(f"""
        [bridge]
        mode = bridged
        bridge = br0
        [ra]
        {ra}
    """)
    return lan.client("alice")


def show(lan, what="ra"):
    done = lan.the_server.cli("show", what, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["schema"] == 1 and answer["role"] == "server"
    return answer


def the_router(lan):
    return next(iter(show(lan)["routers"]), None)


@pytest.mark.parametrize("hop_limit, valid, what, sentence", [
    (32, 5400, "hop_limit", "hop limit 32, ours is 64"),
    (64, 7200, "valid", "valid lifetime of 2001:db8:88::/64 7200 s, ours is 5400 s"),
])
def test_what_contradicts_us_is_named(lan, hop_limit, valid, what, sentence):
    alice = bridged_office(lan, f"prefix = {BOTH}")
    lan.until(lambda: alice.address(BOTH), "alice has no address")
    radvd(lan, lan.router, hop_limit=hop_limit, valid=valid)

    router = lan.until(lambda: the_router(lan), "it was not seen")
    assert router["from"] == lan.router.address("eth0", "fe80::/10")
    assert router["mac"] == lan.router.mac("eth0")
    assert router["hop_limit"] == hop_limit
    assert [d["text"] for d in router["differences"]] == [sentence]
    assert router["conflicts"].keys() == {what}
    log = lan.the_server.daemon.log()
    assert f"router {router['from']} ({router['mac']}) on the LAN: {sentence}" in log
    # it says so again and again: we do not
    lan.until(lambda: the_router(lan)["received"] >= 3, "it says no more", 20)
    assert lan.the_server.daemon.log().count(sentence) == 1
    status = lan.the_server.status()["advertiser"]
    assert status["other_routers"] == 1 and status["conflicts"][what] >= 3
    lan.until(lambda: alice.address(THEIRS), "alice did not hear it")


def test_who_agrees_is_only_shown(lan):
    bridged_office(lan, f"prefix = {BOTH}")
    radvd(lan, lan.router)

    lan.until(lambda: the_router(lan), "it was not seen")
    assert the_router(lan)["differences"] == [] and the_router(lan)["conflicts"] == {}
    assert show(lan)["counters"]["conflicts"] == {}
    text = lan.the_server.cli("show", "ra").stdout
    assert the_router(lan)["from"] in text and "in nothing" in text


def test_where_we_say_nothing_it_is_shown_too(lan):
    alice = bridged_office(lan, "enabled = no")
    radvd(lan, lan.router, hop_limit=32)

    lan.until(lambda: alice.address(THEIRS), "alice did not hear it")
    router = lan.until(lambda: the_router(lan), "it was not seen")
    assert router["from"] == lan.router.address("eth0", "fe80::/10")
    assert router["differences"] == []
    assert "and is heard by the clients" in lan.the_server.daemon.log()


def test_one_on_this_very_host(lan):
    """radvd on the TAP, left there from a time before: with our own address it contradicts us."""
    lan.server(f"[ra]\nprefix = {BOTH}\n")
    lan.client("alice")
    radvd(lan, lan.office, interface=INTERFACE, hop_limit=32)

    router = lan.until(lambda: the_router(lan), "it was not seen")
    assert router["from"] == show(lan)["from"]
    assert "hop_limit" in router["conflicts"]


def test_a_clients_advertisement_is_no_routers(lan):
    alice = bridged_office(lan, f"prefix = {BOTH}")
    before = lan.the_server.drops("alice", "ra")

    alice.host.run("atk6-fake_router26", "-A", "fd00:bad::/64", "-n", "1", INTERFACE, check=False)

    lan.until(lambda: lan.the_server.drops("alice", "ra") > before, "the guard did not see it")
    assert show(lan)["routers"] == [] and show(lan)["counters"]["ra_received"] == 0
