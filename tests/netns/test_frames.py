# SPDX-License-Identifier: Apache-2.0
"""Whatever Ethernet carries crosses: full frames, IPv4 and ARP, multicast, superframes."""

import os
import re
import socket
import struct

import pytest

import transfer
from lan import DATACENTER, INTERFACE, Lan

# In each direction; some 15 s with sanitizers on two cores.
TRANSFER_MIB = int(os.environ.get("LANYARD_TRANSFER_MIB", 1024))
NAMES = ("alice", "bob", "carol")


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server("""
            [ra]
            prefix = auto
            route = 2001:db8:100::/48
        """)
        lan.clients = [lan.client(name) for name in NAMES]
        lan.alice, lan.bob, lan.carol = lan.clients
        for number, client in enumerate(lan.clients, 1):
            lan.until(client.address, f"{client.user} has no address")
            client.host.ip("address", "add", f"10.9.0.{number}/24", "dev", INTERFACE)
            client.reaches(DATACENTER)
        yield lan


def ping_whole(client, size, address):
    """One ping of so many bytes that must not be fragmented."""
    return client.host.run("ping", "-q", "-n", "-c", 2, "-i", "0.2", "-W", 1, "-s", size,
                           "-M", "do", address, check=False).returncode == 0


def test_a_frame_of_1500_bytes_crosses_whole(world):
    assert ping_whole(world.alice, 1500 - 48, world.bob.address())
    assert ping_whole(world.alice, 1500 - 48, DATACENTER)
    assert ping_whole(world.alice, 1500 - 28, "10.9.0.2")


def test_ipv4_and_arp(world):
    world.alice.reaches("10.9.0.2")
    world.bob.reaches("10.9.0.3")

    neighbour, = world.alice.host.ip_json("-4", "neighbour", "show", "10.9.0.2")
    assert neighbour["lladdr"] == world.bob.host.mac(INTERFACE)
    world.until(lambda: ("10.9.0.2", "static") in [
        (a["address"], a["source"]) for a in world.the_server.client("bob")["addresses"]],
        "the server did not learn bob's address from ARP")


def test_a_ping_to_all_nodes_is_answered_by_all(world):
    wanted = {client.link_local() for client in world.clients} \
        | {world.office.address(INTERFACE, "fe80::/10")}

    def answers():
        done = world.alice.host.run("ping", "-n", "-c", 2, "-i", "0.2", "-W", 1,
                                    f"ff02::1%{INTERFACE}", check=False)
        return set(re.findall(r"from ([0-9a-f:]+)%", done.stdout))

    world.until(lambda: answers() == wanted, lambda: f"{answers()} answered, not {wanted}")


def test_udp_multicast_reaches_who_joined(world):
    group, port = "ff05::4c59", 4000
    members = []
    for client in (world.bob, world.carol):
        index = client.host.ip_json("link", "show", "dev", INTERFACE)[0]["ifindex"]
        with client.host.inside():
            member = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        member.bind(("", port))
        member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                          socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", index))
        member.settimeout(5)
        members.append(member)
    index = world.alice.host.ip_json("link", "show", "dev", INTERFACE)[0]["ifindex"]
    with world.alice.host.inside():
        speaker = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    with speaker:
        speaker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        speaker.sendto(b"hello, everybody", (group, port))
    for member in members:
        with member:
            assert member.recv(100) == b"hello, everybody"


def frames_and_bytes(world, user):
    client = world.the_server.client(user)
    return client["rx_frames"], client["rx_bytes"]


def test_superframes_between_clients_both_ways(world, record_property):
    frames, octets = frames_and_bytes(world, "alice")
    took_s = transfer.both_ways(world.alice.host, world.bob.host, world.bob.address(), TRANSFER_MIB)
    frames, octets = (after - before for after, before in
                      zip(frames_and_bytes(world, "alice"), (frames, octets)))

    print(f"{TRANSFER_MIB} MiB in both directions at once in {took_s:.1f} s, "
          f"{octets / frames:.0f} bytes per frame")
    record_property("transfer_s", f"{took_s:.1f}")
    assert octets / frames > 1514, "frames did not cross as superframes"


def test_superframes_through_the_router_both_ways(world):
    transfer.both_ways(world.alice.host, world.datacenter, DATACENTER, TRANSFER_MIB // 4)


def test_superframes_of_ipv4(world):
    transfer.both_ways(world.bob.host, world.carol.host, "10.9.0.3", TRANSFER_MIB // 4)


def test_a_host_without_offload_gets_small_frames(world):
    """The receiving kernel forwards to a cable that takes no superframes: all must be cut and
    checksummed on the way."""
    world.office.run("ethtool", "-K", "dc", "tso", "off", "gso", "off", "tx", "off", "gro", "off")
    try:
        transfer.both_ways(world.carol.host, world.datacenter, DATACENTER, TRANSFER_MIB // 8)
    finally:
        world.office.run("ethtool", "-K", "dc", "tso", "on", "gso", "on", "tx", "on", "gro", "on")


@pytest.mark.parametrize("mtu", [1400, 9000])
def test_another_mtu(lan, mtu):
    lan.server(f"""
        [bridge]
        mtu = {mtu}
    """)
    alice, bob = lan.client("alice"), lan.client("bob")
    for client in (alice, bob):
        lan.until(client.address, f"{client.user} has no address")
        lan.until(lambda: client.host.ip_json("link", "show", "dev", INTERFACE)[0]["mtu"] == mtu,
                  f"{client.user}'s TAP has another MTU")
    assert lan.office.ip_json("link", "show", "dev", INTERFACE)[0]["mtu"] == mtu
    alice.reaches(bob.address())

    assert ping_whole(alice, mtu - 48, bob.address())
    assert not ping_whole(alice, mtu - 47, bob.address())
