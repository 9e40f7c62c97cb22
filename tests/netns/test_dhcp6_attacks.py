# SPDX-License-Identifier: Apache-2.0
"""THC's DHCPv6 attacks from one client: the server lives, its memory is bounded, everything is counted,
and the others get their leases meanwhile."""

import os

import pytest

from dhcp6_clients import Dhclient
from lan import INTERFACE
from test_dhcp6 import CONF, leases

PER_USER = 256  # leases-per-user, as it is by default
# Rings between threads, buffers of a turn and the sanitizer's regions become resident as deep as a burst
# fills them, tens of MiB: that is over when the attack has run for a while beside alice's leases, and
# only then is memory measured.  From there on 1 KiB lost of each of MANY messages is twice what is allowed.
GROWTH_KIB = 8 << 10
MANY = 2 * GROWTH_KIB


class World:
    def __init__(self, lan, more=""):
        self.lan = lan
        self.server = lan.server(CONF + more)
        self.alice = lan.client("alice", packages=Dhclient.packages)
        self.mallory = lan.client("mallory")
        lan.until(self.mallory.link_local, "no link-local address")
        self.before_kib = None

    def is_warm(self):
        self.before_kib = self.resident_kib()

    def resident_kib(self):
        with open(f"/proc/{self.server.daemon.process.pid}/status", encoding="ascii") as status:
            line, = (line for line in status if line.startswith("VmRSS:"))
        return int(line.split()[1])

    def heard(self):
        return self.server.status()["dhcp6"]["received"]

    def alice_gets_leases(self):
        """Both, from nothing, and gives them back."""
        client = Dhclient(self.lan, self.alice.host, INTERFACE, "-N", "-P").start()
        self.lan.until(lambda: {lease["what"] for lease in leases(
            self.lan, user="alice", state="active")} == {client.address(), client.prefix()},
            "alice gets no leases", 60)
        client.release()
        self.lan.until(lambda: not leases(self.lan, user="alice", state="active"),
                       "alice cannot give them back", 30)

    def check(self):
        """The server lives, has counted everything, and nothing has grown out of its bounds."""
        shown = self.server.status()["dhcp6"]
        assert sum(shown["results"].values()) == shown["received"], shown
        assert shown["durable"] and shown["unsent"] == 0
        theirs = [lease for lease in leases(self.lan, user="mallory")
                  if lease["state"] in ("offered", "active", "declined")]
        assert len(theirs) <= PER_USER
        assert self.resident_kib() < self.before_kib + GROWTH_KIB
        assert self.server.drops("alice", "punt-rate") == 0


@pytest.fixture
def small_quarantine(monkeypatch):
    """What is freed is free again: the sanitizer would keep 256 MiB of it."""
    monkeypatch.setenv("ASAN_OPTIONS", os.environ["ASAN_OPTIONS"] + ":quarantine_size_mb=1")


def test_a_fuzzer_of_all_messages(small_quarantine, lan):
    world = World(lan, "\nrate = unlimited\n")

    def fuzz(*kinds):
        """Some 3,500 messages of each kind, when it does not fall over its own feet."""
        fuzzer = world.mallory.host.start("sh", "-c", f"for kind in {' '.join(map(str, kinds))}; "
                                          f"do atk6-fuzz_dhcps6 -$kind {INTERFACE}; done")
        world.alice_gets_leases()
        while fuzzer.poll() is None:
            world.alice_gets_leases()

    fuzz(1, 2)
    world.is_warm()
    before = world.heard()
    assert before > 2000, "it was not let near the server"
    fuzz(3, 4, 5, 6, 7, 8)
    lan.until(lambda: world.heard() - before >= MANY or fuzz(7, 8), "too few messages", 120)
    lan.until(lambda: {"answered", "malformed", "no-client-id", "other-server"} <= set(
        world.server.status()["dhcp6"]["results"]), "not every shape came")
    world.check()
    world.alice_gets_leases()


@pytest.mark.parametrize("options, reason", [
    (["-N"], "punt-rate"),  # its own address, as fast as it can
    (["-N", "-1"], "punt-rate"),
    ([], "mac-limit"),  # a new one each time
], ids=str)
def test_a_flood(small_quarantine, lan, options, reason):
    world = World(lan)
    flooder = world.mallory.host.start("atk6-flood_dhcpc6", *options, INTERFACE)
    lan.until(lambda: world.server.drops("mallory", reason) > MANY, "the flood is not cut", 60)
    world.alice_gets_leases()
    world.is_warm()
    before = world.server.drops("mallory", reason)
    world.alice_gets_leases()
    lan.until(lambda: world.server.drops("mallory", reason) - before >= MANY, "it has stopped", 60)
    assert flooder.poll() is None
    flooder.kill()
    flooder.wait()
    world.check()
