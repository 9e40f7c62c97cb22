# SPDX-License-Identifier: Apache-2.0
"""Clients and strangers who ask for too much get little, and the others notice nothing."""

import contextlib
import socket
import threading
import time

import pytest
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6ND_RS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Ether

from lan import DATACENTER, INTERFACE, OFFICE4, Lan
from wire import Wire

LOGIN = 5
ALL_ROUTERS, ALL_ROUTERS_MAC = "ff02::2", "33:33:00:00:00:02"
STRANGER_MAX_BYTES = 32768
FLOOD_S, FLOOD_FRAMES = 15, 60000
LOGIN_S = 3


@contextlib.contextmanager
def flooding(client, frames):
    """Sends these frames again and again while the block runs: bounded in count and in time."""
    over = threading.Event()
    sent = []

    def send():
        deadline = time.monotonic() + FLOOD_S
        for number in range(FLOOD_FRAMES):
            if over.is_set() or time.monotonic() > deadline:
                return
            with contextlib.suppress(BlockingIOError, OSError):
                wire.send(frames[number % len(frames)])
                sent.append(1)
            if number % 20 == 19:
                time.sleep(0.01)  # some 2,000 a second

    with Wire(client.host, INTERFACE) as wire:
        sender = threading.Thread(target=send)
        sender.start()
        try:
            yield sent
        finally:
            over.set()
            sender.join()


def solicitations(client):
    mac = client.host.mac(INTERFACE)
    return [bytes(Ether(src=mac, dst=ALL_ROUTERS_MAC)
                  / IPv6(src=client.link_local(), dst=ALL_ROUTERS, hlim=255) / ICMPv6ND_RS()
                  / ICMPv6NDOptSrcLLAddr(lladdr=mac))]


def neighbours(client):
    """Each from another address."""
    mac = client.host.mac(INTERFACE)
    return [bytes(Ether(src=mac, dst="33:33:ff:00:00:01")
                  / IPv6(src=f"fe80::bad:{number:x}", dst="ff02::1:ff00:1", hlim=255)
                  / ICMPv6ND_NS(tgt="fe80::1") / ICMPv6NDOptSrcLLAddr(lladdr=mac))
            for number in range(1, 3000)]


def broadcasts(client):
    return [bytes(Ether(src=client.host.mac(INTERFACE), dst="ff:ff:ff:ff:ff:ff", type=0x9000)
                  / (b"\0" * 46))]


def leave(lan, client):
    client.stop()
    lan.daemons.remove(client.daemon)


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server("""
            [server]
            max-per-profile = 2
            [ra]
            route = 2001:db8:100::/48
        """)
        lan.mallory, lan.trudy = lan.client("mallory"), lan.client("trudy")
        for client in (lan.mallory, lan.trudy):
            lan.until(client.address, f"{client.user} has no address")
        yield lan


def test_floods_of_solicitations_keep_nobody_out(world):
    others = [world.client(f"user{number}", connect=False) for number in range(10)]
    with flooding(world.mallory, solicitations(world.mallory)), \
            flooding(world.trudy, neighbours(world.trudy)):
        for client in others:
            client.start()
        for client in others:
            world.until(client.up, f"{client.user} did not get in", 20)
            world.until(client.address, f"{client.user} got no address")
            world.until(lambda: client.host.routes("2001:db8:100::/48"),
                        f"{client.user} got no route")
        assert world.the_server.drops("mallory", "punt-rate") > 0
        for client in others:
            assert world.the_server.client(client.user), f"{client.user} is invisible"
        for client in others:
            leave(world, client)
        world.until(lambda: {c["user"] for c in world.the_server.status()["clients"]}
                    == {"mallory", "trudy"}, "somebody who left is still in the status")


def test_a_broadcast_storm_is_cut_and_another_ping_works(world):
    alice = world.client("alice")
    alice.reaches(DATACENTER)
    with flooding(world.mallory, broadcasts(world.mallory)):
        world.until(lambda: world.the_server.drops("mallory", "flood-rate") > 0,
                    "the storm was not limited")
        assert alice.ping(DATACENTER, 5, 2, "-i", "0.2"), "alice lost her pings"
    assert world.the_server.drops("alice", "flood-rate") == 0
    leave(world, alice)


def connected(world, host):
    """True as soon as the host's TCP connection to the server is up."""
    return host.run("ss", "-Htn", "state", "established", f"dst {OFFICE4}").stdout.strip()


def test_a_user_who_is_removed_while_he_logs_in_is_out(world):
    eve = world.client("eve", connect=False)
    for attempt in range(8):
        if attempt:
            assert world.the_server.cli("user", "add", "eve").returncode == 0
            eve.write_profile()
        eve.start()
        world.until(lambda: connected(world, eve.host) or not eve.daemon.running(),
                    "no connection")
        time.sleep(0.004 * attempt)
        assert world.the_server.cli("user", "remove", "eve").returncode == 0
        assert eve.daemon.wait(10) == LOGIN, eve.daemon.log()
        world.daemons.remove(eve.daemon)
        world.until(lambda: not world.the_server.client("eve"), "eve is still in the status", 3)


def device(world, name, profile):
    """One more of the same user.  All hosts have this machine's id, so what tells them apart is
    the interface's name: it is part of what the MAC is made from."""
    return world.client(name, "bob", connect=False, profile=profile.replace(
        "[client]\n", f"[client]\ninterface = tap-{name}\n"))


def test_one_device_more_than_a_profile_may_have(world):
    assert world.the_server.cli("user", "add", "bob").returncode == 0
    profile = world.the_server.cli("user", "profile", "bob", "--server", OFFICE4).stdout
    first, second, third = (device(world, name, profile) for name in ("one", "two", "three"))
    first.connect()
    second.connect()
    status, sentence = third.try_once()

    assert status == 4  # it may come back when there is room
    assert "too many devices use this profile at the same time" in sentence
    assert first.up() and second.up(), "a device had to leave for the third"
    leave(world, second)
    leave(world, third.connect())  # now there is room
    leave(world, first)


@pytest.fixture
def strangers(lan):
    """A server with few places, and a host with addresses in plenty."""
    lan.server(f"""
        [server]
        max-strangers = 8
        login-time = 60s
        [ra]
        dns = {DATACENTER}
        search = corp.example
        route = 2001:db8:100::/48
    """)
    lan.stranger = lan.host("stranger")
    lan.join_internet(lan.stranger, "192.0.2.100", "2001:db8:ffff::100")
    for number in range(101, 109):
        lan.stranger.ip("address", "add", f"192.0.2.{number}/24", "dev", "eth0")
    return lan


def dial(lan, source=None):
    with lan.stranger.inside():
        return socket.create_connection((OFFICE4, 443), 5, source and (source, 0))


def test_silent_strangers_give_way_and_the_end_withdraws_all(strangers):
    with contextlib.ExitStack() as silent:
        for number in range(101, 109):
            silent.enter_context(dial(strangers, f"192.0.2.{number}"))
        strangers.until(lambda: strangers.the_server.status()["strangers"]["now"] == 8,
                        "not all places are taken")
        start = time.monotonic()
        alice = strangers.client("alice", resolvconf=True, connect=False).start()
        strangers.until(alice.up, "alice was kept out", 8)
        assert time.monotonic() - start < 8
    strangers.until(lambda: "corp.example" in (alice.host.read("/etc/resolv.conf") or ""),
                    "DNS is not applied")
    strangers.until(lambda: alice.host.routes("2001:db8:100::/48"), "there is no route")

    strangers.the_server.stop()
    strangers.until(lambda: not alice.host.routes("2001:db8:100::/48"),
                    "the route was not withdrawn", 5)
    strangers.until(lambda: "corp.example" not in alice.host.read("/etc/resolv.conf")
                    and DATACENTER not in alice.host.read("/etc/resolv.conf"),
                    "DNS was not withdrawn", 5)


def test_the_silent_give_way_first(strangers):
    """As soon as others come, and before those who have begun to speak."""
    with contextlib.ExitStack() as silent, dial(strangers) as speaks:
        speaks.sendall(b"\x16\x03\x01")
        for number in range(20):
            silent.enter_context(dial(strangers, f"192.0.2.{101 + number % 8}"))
        strangers.until(lambda: strangers.the_server.status()["strangers"]["refused"].get(
            "slow", 0) == 13, "those who were too many are still there")
        speaks.setblocking(False)
        with pytest.raises(BlockingIOError):  # open
            speaks.recv(1)


def talk_on(connection, seconds):
    """Goes on sending after a bad beginning: (bytes taken, seconds) until it was cut."""
    start, sent = time.monotonic(), 0
    connection.settimeout(seconds)
    try:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while time.monotonic() - start < seconds:
            sent += connection.send(b"\0" * 1024)
            time.sleep(0.01)
    except ConnectionError:
        return sent, time.monotonic() - start
    raise AssertionError(f"open after {seconds} s and {sent} bytes")


def test_a_stranger_who_goes_on_sending_is_cut(strangers):
    with dial(strangers) as connection:
        sent, took_s = talk_on(connection, LOGIN_S)
    assert sent <= STRANGER_MAX_BYTES + 16384, "more bytes than a stranger may send"
    assert took_s < 2, "it was time that ended it, not the bytes"
    strangers.until(lambda: strangers.the_server.status()["strangers"]["now"] == 0,
                    "the stranger is still there", 3)


def test_a_server_without_its_interface_ends(lan):
    server = lan.server()
    lan.office.ip("link", "delete", INTERFACE)

    assert server.daemon.wait(10) == 1
    server.daemon.process = None
    assert "interface lanyard0 was deleted" in server.daemon.log()
    assert server.daemon.log().strip().splitlines()[-1].startswith("lanyard: ")
