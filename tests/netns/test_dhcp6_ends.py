# SPDX-License-Identifier: Apache-2.0
"""What ends a delegated prefix's route, and what does not; a prefix for each host (RFC 9663); addresses
that hosts choose and tell (RFC 9686)."""

from scapy.layers.dhcp6 import DHCP6OptClientId, DHCP6OptIAAddress
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from dhcp6_clients import Dhclient
from lan import DATACENTER, INTERFACE
from test_dhcp6 import CONF, OFFICES, delegated_routes, leases
from wire import Wire

INFORM, REPLY = 36, 37
DUID = bytes.fromhex("00030001020000000007")


def office(lan):
    """A client with a delegated prefix, whose program says no more after that."""
    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-P").start()
    prefix = lan.until(client.prefix, "no prefix")
    assert delegated_routes(lan) == {prefix: alice.link_local()}
    client.stop()
    return alice, prefix


def test_the_route_waits_for_one_who_is_away_until_the_lease_ends(lan):
    lan.server(CONF.replace("lease-time = 1h", "lease-time = 30s"))
    alice, prefix = office(lan)
    gateway = alice.link_local()
    alice.stop()
    lan.until(lambda: not lan.the_server.client("alice"), "alice is still there")
    lease, = leases(lan, kind="prefix")
    # what is meant for an office that comes back at once goes nowhere else meanwhile
    assert lease["state"] == "active" and delegated_routes(lan) == {prefix: gateway}
    lan.until(lambda: leases(lan, kind="prefix", state="remembered"), "it does not end", 60)
    lan.until(lambda: delegated_routes(lan) == {}, "the route stays")


def test_the_route_goes_with_the_user(lan):
    lan.server(CONF)
    alice, prefix = office(lan)
    assert lan.the_server.cli("user", "remove", "alice").returncode == 0
    lan.until(lambda: delegated_routes(lan) == {}, f"the route to {prefix} stays")
    assert leases(lan, state="active") == []
    assert alice.daemon.wait() == 5  # login refused
    lan.daemons.remove(alice.daemon)


def test_a_prefix_for_each_host(lan):
    """RFC 9663: a /64 for each, of which the host makes its addresses itself."""
    lan.server(CONF.replace(f"{OFFICES} /56", "2001:db8:f000::/48 /64").replace(
        "[ra]", "[ra]\nroute = 2001:db8:100::/48"))
    clients = [lan.client(name, packages=Dhclient.packages) for name in ("alice", "bob")]
    prefixes = []
    for client in clients:
        program = Dhclient(lan, client.host, INTERFACE, "-P").start()
        prefix = lan.until(program.prefix, "no prefix")
        assert prefix.endswith("/64")
        address = prefix.replace("::/64", "::1")
        client.host.ip("address", "add", f"{address}/128", "dev", INTERFACE, "nodad")
        lan.until(lambda c=client, a=address: c.host.run(
            "ping", "-c1", "-W1", "-I", a, DATACENTER, check=False).returncode == 0,
            "cannot reach the datacenter from its own prefix")
        prefixes.append(prefix)
        program.stop()
    assert len(set(prefixes)) == 2 and set(delegated_routes(lan)) == set(prefixes)


class Registrar:
    """A host that tells its address, by hand: no client of Debian's does."""

    def __init__(self, lan, client):
        self.lan, self.client = lan, client
        self.wire = Wire(client.host, INTERFACE)
        self.number = 0

    def tell(self, address, valid_s, source=None):
        """Returns when the server has heard it."""
        before = self.count()
        self.number += 1
        payload = bytes([INFORM]) + self.number.to_bytes(3, "big") + bytes(
            DHCP6OptClientId(duid=Raw(DUID)) / DHCP6OptIAAddress(
                addr=address, preflft=valid_s, validlft=valid_s))
        self.wire.send(Ether(src=self.wire.mac, dst="33:33:00:01:00:02")
                       / IPv6(src=source or address, dst="ff02::1:2") / UDP(sport=546, dport=547)
                       / Raw(payload))
        self.lan.until(lambda: self.count() > before, "it did not arrive")

    def count(self):
        return sum(self.lan.the_server.status()["dhcp6"]["results"].values())

    def reply(self):
        """The DHCPv6 message to the latest one."""
        self.wire.collect()
        for frame in self.wire.arrived:
            packet = Ether(frame)
            if UDP in packet and packet[UDP].sport == 547:
                message = bytes(packet[UDP].payload)
                if message[0] == REPLY and message[1:4] == self.number.to_bytes(3, "big"):
                    return packet
        return None


def test_an_address_that_a_host_chose_and_told(lan):
    lan.server(CONF)
    alice = lan.client("alice")
    chosen = lan.until(lambda: alice.address("2001:db8:1::/64"), "no address of its own")
    registrar = Registrar(lan, alice)
    with registrar.wire:
        registrar.tell(chosen, 600)
        packet = lan.until(registrar.reply, "no answer")
        assert packet[IPv6].dst == chosen
        lease, = leases(lan, kind="registered")
        assert (lease["what"], lease["user"], lease["state"]) == (chosen, "alice", "active")
        assert 0 < lease["left_s"] <= 600

        # another's address, and one that is not of this link, are nobody's to tell
        results = lan.the_server.status()["dhcp6"]["results"]
        registrar.tell("2001:db8:1::bad", 600, source=chosen)
        registrar.tell("2001:db8:99::1", 600)
        after = lan.the_server.status()["dhcp6"]["results"]
        assert after["answered"] == results["answered"], after
        assert len(leases(lan, kind="registered")) == 1

        registrar.tell(chosen, 0)
        lan.until(registrar.reply, "no answer to its end")
        lan.until(lambda: leases(lan, kind="registered") == [], "it does not end")
