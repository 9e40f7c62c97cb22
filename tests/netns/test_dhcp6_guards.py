# SPDX-License-Identifier: Apache-2.0
"""What one client may do to another's leases, and to the server: nothing, and not too much."""

import itertools
import json

import pytest
from scapy.layers.dhcp6 import (DHCP6_Decline, DHCP6_Rebind, DHCP6_Release, DHCP6_Renew, DHCP6_Reply,
                                DHCP6_Request, DHCP6_Solicit, DHCP6OptClientId, DHCP6OptIA_NA,
                                DHCP6OptIAAddress, DHCP6OptServerId)
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from dhcp6_clients import Dhclient
from lan import INTERFACE, Lan
from test_dhcp6 import CONF, leases
from wire import Wire

BURST = 500  # 10 s of the default rate


class World:
    """Alice has a lease and says no more, and Mallory knows all of it."""

    def __init__(self, lan):
        self.lan = lan
        lan.server(CONF)
        alice, self.mallory = lan.client("alice", packages=Dhclient.packages), lan.client("mallory")
        lan.until(self.mallory.link_local, "no link-local address")
        self.dhclient = Dhclient(lan, alice.host, INTERFACE, "-N").start()
        # the lease is there before the disk has it and she is told: until then she asks again, and
        # what is said here would be counted with what Mallory says
        lan.until(self.dhclient.address, "no lease", 30)
        self.dhclient.stop()
        server = f"{lan.office.address(INTERFACE, 'fe80::/10')}%{INTERFACE}"
        lan.until(lambda: alice.ping(server), "what she said last is on its way")
        self.lease, = leases(lan, state="active")
        self.out = Wire(self.mallory.host, INTERFACE)
        self.numbers = itertools.count(1)
        shown = json.loads(lan.the_server.cli("show", "leases", "--json").stdout)
        self.server_id = bytes.fromhex(shown["server_duid"].replace(":", ""))
        self.alice_id = bytes.fromhex(self.lease["duid"].replace(":", ""))

    def ask(self, kind, client_id, address=None, with_server=True):
        """Sends a message about an address, and returns its transaction."""
        number = next(self.numbers)
        ia = DHCP6OptIA_NA(iaid=self.lease["iaid"], T1=0, T2=0, ianaopts=[DHCP6OptIAAddress(
            addr=address)] if address else [])
        message = kind(trid=number) / DHCP6OptClientId(duid=Raw(client_id)) / ia
        if with_server:
            message /= DHCP6OptServerId(duid=Raw(self.server_id))
        self.out.send(Ether(src=self.out.mac, dst="33:33:00:01:00:02")
                      / IPv6(src=self.mallory.link_local(), dst="ff02::1:2")
                      / UDP(sport=546, dport=547) / message)
        return number

    def answer(self, number):
        """The Reply to a transaction."""
        def find():
            self.out.collect()
            for packet in map(Ether, self.out.arrived):
                if DHCP6_Reply in packet and packet[DHCP6_Reply].trid == number:
                    return packet
            return None
        return self.lan.until(find, "no Reply")

    def results(self):
        return self.lan.the_server.status()["dhcp6"]["results"]


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        made = World(lan)
        yield made
        made.out.close()
        made.dhclient.release()


@pytest.mark.parametrize("kind", [DHCP6_Release, DHCP6_Decline, DHCP6_Renew, DHCP6_Request],
                         ids=lambda kind: kind.__name__)
def test_nobody_touches_anothers_lease(world, kind):
    reply = world.answer(world.ask(kind, world.alice_id, world.lease["what"]))

    granted = reply.getlayer(DHCP6OptIAAddress)
    assert granted is None or granted.validlft == 0 or granted.addr != world.lease["what"], \
        "Mallory was given Alice's address"
    now, = leases(world.lan, what=world.lease["what"])
    assert (now["state"], now["user"], now["duid"]) == ("active", "alice", world.lease["duid"])
    assert now["since_s"] - world.lease["since_s"] >= now["renewed_s"] - world.lease["renewed_s"]
    assert now["renewed_s"] >= world.lease["renewed_s"], "Mallory renewed it"


def test_nobody_rebinds_anothers_lease(world):
    before = sum(world.results().values())
    world.ask(DHCP6_Rebind, world.alice_id, world.lease["what"], with_server=False)
    world.lan.until(lambda: sum(world.results().values()) > before, "it did not arrive")
    now, = leases(world.lan, what=world.lease["what"])
    assert (now["state"], now["user"]) == ("active", "alice")


def test_the_address_in_use_is_offered_to_nobody_else(world):
    reply = world.answer(world.ask(DHCP6_Request, b"\0\3\0\1\2\0\0\0\0\7", world.lease["what"]))
    granted = reply.getlayer(DHCP6OptIAAddress)
    assert granted is None or granted.addr != world.lease["what"]


@pytest.mark.parametrize("payload, result", [
    (b"", "malformed"),
    (b"\1", "malformed"),
    (b"\1\0\0\7\0\1\0\5\0", "malformed"),
    (b"\1\0\0\7" + b"\x27\x0f\0\0" * 65, "too-large"),
    (b"\1\0\0\7\0\1\0\x82" + b"\0" * 0x82, None),
    (b"\1\0\0\7\0\1\0\x83" + b"\0" * 0x83, None),  # a DUID of 131 bytes is none
    (b"\3\0\0\7\0\1\0\4\0\3\0\1", "no-server-id"),
    (b"\x0c" + b"\0" * 33 + b"\0\x09\0\0", "malformed"),
    (b"\1\0\0\7", "no-client-id"),
    (b"\x63\0\0\7", "wrong-type"),
])
def test_nonsense_is_counted_by_reason(world, payload, result):
    before, total = world.results(), sum(world.results().values())
    world.out.send(Ether(src=world.out.mac, dst="33:33:00:01:00:02")
                   / IPv6(src=world.mallory.link_local(), dst="ff02::1:2")
                   / UDP(sport=546, dport=547) / Raw(payload))
    world.lan.until(lambda: sum(world.results().values()) > total, "it did not arrive")
    if result:
        after = world.results()
        assert after.get(result, 0) == before.get(result, 0) + 1, after


@pytest.mark.parametrize("source, checksum, result", [
    (None, None, "answered"),
    (None, 1, "malformed"),
    (None, 0, "malformed"),  # RFC 8200 8.1: IPv6 has no packet without
    ("::", None, "malformed"),  # where would an answer go?
    ("ff02::7", None, "malformed"),
])
def test_a_packet_is_whole_and_from_somebody(world, source, checksum, result):
    before = world.results()
    world.out.send(Ether(src=world.out.mac, dst="33:33:00:01:00:02")
                   / IPv6(src=source or world.mallory.link_local(), dst="ff02::1:2")
                   / UDP(sport=546, dport=547, chksum=checksum) / Raw(b"\x0b\0\0\7"))
    world.lan.until(lambda: sum(world.results().values()) > sum(before.values()),
                    "it did not arrive")
    after = world.results()
    assert after.get(result, 0) == before.get(result, 0) + 1, after


def test_a_flood_is_cut_and_hurts_nobody_else(world):
    frame = bytes(Ether(src=world.out.mac, dst="33:33:00:01:00:02")
                  / IPv6(src=world.mallory.link_local(), dst="ff02::1:2")
                  / UDP(sport=546, dport=547) / DHCP6_Solicit(trid=1)
                  / DHCP6OptClientId(duid=Raw(b"\0\3\0\1\2\0\0\0\0\7")))

    def is_cut():
        for _ in range(3 * BURST):
            world.out.send(frame)
        return world.lan.the_server.drops("mallory", "punt-rate") > BURST

    world.lan.until(is_cut, "the flood was not cut")
    assert world.lan.the_server.drops("alice", "punt-rate") == 0
    world.dhclient.start()  # it confirms what it has, RFC 9915 18.2.3
    world.lan.until(lambda: "status code Success" in world.dhclient.daemon.log(all_starts=False),
                    "alice gets no answer")
