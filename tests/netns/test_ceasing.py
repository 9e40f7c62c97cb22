# SPDX-License-Identifier: Apache-2.0
"""The server's last words, and those of a router that changes its name: RFC 4861 6.2.5, 6.2.8."""

import signal
import time

import pytest

from lan import DATACENTER, INTERFACE
from wire import Wire

ROUTE = "2001:db8:100::/48"
CONF = f"""
    [ra]
    prefix = auto
    route = {ROUTE} high
"""
ROUTER_ADVERTISEMENT = 134


def advertisements(wire):
    """Source and router lifetime of each, in the order of their coming."""
    wire.collect()
    found = []
    for frame in wire.arrived:
        if frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == ROUTER_ADVERTISEMENT:
            found.append((frame[22:38], int.from_bytes(frame[60:62], "big")))
    return found


def route_lifetimes(wire):
    """Of the route in each of them; None where there is none."""
    wire.collect()
    found = []
    for frame in wire.arrived:
        if frame[12:14] != b"\x86\xdd" or frame[20] != 58 or frame[54] != ROUTER_ADVERTISEMENT:
            continue
        at, lifetime = 70, None
        while at < len(frame):
            if frame[at] == 24:
                lifetime = int.from_bytes(frame[at + 4:at + 8], "big")
            at += frame[at + 1] * 8
        found.append(lifetime)
    return found


def connected(lan, conf=CONF):
    lan.server(conf)
    alice = lan.client("alice")
    alice.reaches(DATACENTER)
    return alice


@pytest.mark.parametrize("count, least_s, most_s", [(0, 0, 3), (1, 1, 6), (3, 7, 12)])
def test_as_many_final_advertisements_as_are_wanted(lan, count, least_s, most_s):
    alice = connected(lan, CONF + f"final-advertisements = {count}\n")

    with Wire(alice.host, INTERFACE) as wire:
        # one to all of them, as a change is told; the last ones come 3 s after it (6.2.6)
        lan.the_server.conf.write_text(lan.the_server.conf.read_text() + "hop-limit = 63\n")
        assert lan.the_server.cli("reload").returncode == 0
        lan.until(lambda: len(route_lifetimes(wire)) == 1, "the change is not told")
        start = time.monotonic()
        lan.the_server.stop()
        took_s = time.monotonic() - start
        assert route_lifetimes(wire).count(0) == count
    assert least_s <= took_s < most_s
    if count:
        assert not alice.host.routes(ROUTE)


def test_who_comes_back_says_nothing(lan):
    """What systemd does at `systemctl restart`: RestartKillSignal."""
    alice = connected(lan)
    address = alice.address()

    with Wire(alice.host, INTERFACE) as wire:
        lan.the_server.daemon.process.send_signal(signal.SIGUSR1)
        assert lan.the_server.daemon.wait() == 0
        lan.the_server.daemon.process = None
        lan.until(lambda: not alice.up(), "alice has not noticed")
        assert alice.address() == address and alice.host.routes(ROUTE)
        lan.the_server.start()
        lan.until(lambda: alice.ping(DATACENTER, 1, 0.25), "alice is not back")
        assert 0 not in route_lifetimes(wire)
    assert alice.address() == address and len(alice.host.routes(ROUTE)) == 1



def test_a_new_link_local_address(lan):
    alice = connected(lan)
    old = alice.host.routes(ROUTE)[0]["gateway"]

    # the lowest one counts: fe80::1 is it
    with Wire(alice.host, INTERFACE) as wire:
        lan.office.ip("address", "add", "fe80::1/64", "dev", INTERFACE, "nodad")
        lan.until(lambda: [r["gateway"] for r in alice.host.routes(ROUTE)] == ["fe80::1"],
                  "the route does not lead to the new address alone")
        sources = [source for source, _ in advertisements(wire)]
        lifetimes = route_lifetimes(wire)
    # the new one is there before the old one goes
    assert lifetimes[-2:] == [1800, 0] and sources[-2] != sources[-1]
    alice.reaches(DATACENTER)

    lan.office.ip("address", "del", "fe80::1/64", "dev", INTERFACE)
    lan.until(lambda: [r["gateway"] for r in alice.host.routes(ROUTE)] == [old],
              "the route does not lead to the old address again")


def test_a_new_mac(lan):
    """As somebody would give it: down, another MAC, up.  The addresses are there again as well."""
    alice = connected(lan)
    own = lan.office.address(INTERFACE, "fd00::/8")

    lan.office.ip("link", "set", INTERFACE, "down")
    lan.office.ip("link", "set", INTERFACE, "address", "02:00:00:00:00:77")
    lan.office.ip("link", "set", INTERFACE, "up")
    lan.until(lambda: [r["gateway"] for r in alice.host.routes(ROUTE)] == ["fe80::ff:fe00:77"],
              "the route does not lead to the new address alone")
    lan.until(lambda: lan.office.address(INTERFACE, "fd00::/8") == own, "the TAP's address is gone")
    alice.reaches(DATACENTER)
    neighbours = {n["dst"]: n.get("lladdr") for n in
                  alice.host.ip_json("-6", "neighbour", "show", "dev", INTERFACE)}
    assert neighbours["fe80::ff:fe00:77"] == "02:00:00:00:00:77"


def test_without_a_link_local_address_it_is_no_router(lan):
    alice = connected(lan)
    link_local = lan.office.address(INTERFACE, "fe80::/10")

    lan.office.ip("address", "del", f"{link_local}/64", "dev", INTERFACE)
    lan.until(lambda: not alice.host.routes(ROUTE), "alice still routes to it")
    lan.office.ip("address", "add", f"{link_local}/64", "dev", INTERFACE, "nodad")
    lan.until(lambda: alice.host.routes(ROUTE), "alice does not route to it again")
    alice.reaches(DATACENTER)
