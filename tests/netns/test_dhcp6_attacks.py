# SPDX-License-Identifier: Apache-2.0
"""THC's DHCPv6 attacks from one client: the server lives, its memory is bounded, everything is counted,
and the others get their leases meanwhile."""

import os

import pytest

from dhcp6_clients import Dhclient
from lan import INTERFACE
from test_dhcp6 import CONF, leases

PER_USER = 256  # leases-per-user, as it is by default
# the rings between threads and the buffers of a turn lie there from the start, and become resident
# as deep as a burst fills them: up to 25 MiB seen beside other work, the sanitizer's share included
GROWTH_KIB = 64 << 10


class World:
    def __init__(self, lan, more=""):
        self.lan = lan
        self.server = lan.server(CONF + more)
        self.alice = lan.client("alice", packages=Dhclient.packages)
        self.mallory = lan.client("mallory")
        lan.until(self.mallory.link_local, "no link-local address")
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
    # some 26,000 messages, when it does not fall over its own feet
    fuzzer = world.mallory.host.start("sh", "-c", "for kind in 1 2 3 4 5 6 7 8; do "
                                      f"atk6-fuzz_dhcps6 -$kind {INTERFACE}; done")
    rounds = 0
    while fuzzer.poll() is None:
        world.alice_gets_leases()
        rounds += 1
    assert rounds > 0
    assert world.heard() > 2000, "it was not let near the server"
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
    lan.until(lambda: world.server.drops("mallory", reason), "the flood is not cut", 30)
    before = world.server.drops("mallory", reason)
    world.alice_gets_leases()
    lan.until(lambda: world.server.drops("mallory", reason) > before, "it has stopped")
    assert flooder.poll() is None
    flooder.kill()
    flooder.wait()
    world.check()
