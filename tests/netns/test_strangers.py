# SPDX-License-Identifier: Apache-2.0
"""Strangers are closed in time and logged rarely; those who are logged in feel nothing of it."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import time

import pytest

import certificates
from lan import DATACENTER, OFFICE4, Lan

LOGIN_S = 2
SLACK_S = 1.5  # sanitizers and a busy machine
GOODBYE_S = 2  # so long after the last word a connection may still be drained


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(f"""
            [server]
            login-time = {LOGIN_S}s
            [ra]
            route = 2001:db8:100::/48
        """)
        lan.alice = lan.client("alice")
        lan.alice.reaches(DATACENTER)
        lan.stranger = lan.host("stranger")
        lan.join_internet(lan.stranger, "192.0.2.66", "2001:db8:ffff::66")
        lan.own = certificates.authority_of(lan.folder / "state")
        pair = certificates.issue(lan.folder, lan.own, "alice", certificates.CLIENT)
        (lan.folder / "certificate.pem").write_text(pair.certificate)
        (lan.folder / "key.pem").write_text(pair.key)
        yield lan


@contextlib.contextmanager
def undisturbed(world):
    """A ping through the tunnel, every 10 ms, that loses nothing: every request up to the last
    answered one was answered."""
    start = time.monotonic()
    with open(world.folder / "ping", "w+", encoding="ascii") as output:
        ping = subprocess.Popen(world.alice.host.enter(["ping", "-n", "-i", "0.01", DATACENTER]),
                                stdout=output)
        try:
            yield
        finally:
            world.until(lambda: time.monotonic() - start > 0.5, "time stands still")
            ping.send_signal(signal.SIGINT)
            ping.wait(10)
        output.seek(0)
        text = output.read()
    answered = {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl", text)}
    lost = set(range(1, max(answered, default=0))) - answered
    assert len(answered) > 10 and not lost, f"lost {sorted(lost)}\n{text[-300:]}"


def dial(world):
    with world.stranger.inside():
        return socket.create_connection((OFFICE4, 443), 5)


def closed_after(connection, start, seconds):
    """How long after start the server closed it."""
    connection.settimeout(seconds)
    with contextlib.suppress(ConnectionError):
        while connection.recv(4096):
            pass
    return time.monotonic() - start


def refusals(world):
    return world.the_server.status()["strangers"]["refused"]


def check_log(world):
    """One line per reason: the tests take less than the minute after which it may come again.
    What fails in the TLS handshake has reasons of its own."""
    strangers = world.the_server.status()["strangers"]
    reasons = (set(strangers["refused"]) - {"handshake"}) | set(strangers["handshake"])
    lines = [line for line in world.the_server.daemon.log().splitlines() if "refused:" in line]
    assert 0 < len(lines) <= len(reasons), "logged too often:\n" + "\n".join(lines)


@pytest.mark.parametrize("what, options, counted_as", [
    ("TLS 1.2", ["-tls1_2", "-alpn", "lanyard/1"], "version"),
    ("another protocol", ["-alpn", "http/1.1"], "alpn"),
    ("no protocol", [], "alpn"),
    ("no certificate", ["-alpn", "lanyard/1"], "no-certificate"),
])
def test_openssl_with(world, what, options, counted_as):
    def count():
        return world.the_server.status()["strangers"]["handshake"].get(counted_as, 0)

    before = count()
    with undisturbed(world):
        start = time.monotonic()
        client = subprocess.Popen(world.stranger.enter(
            ["openssl", "s_client", "-connect", f"{OFFICE4}:443", *options]),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client.wait(LOGIN_S + GOODBYE_S + SLACK_S)
        assert time.monotonic() - start < LOGIN_S + SLACK_S, f"{what}: open for too long"
        client.stdin.close()
    assert count() == before + 1, f"{what} was not counted as {counted_as}"
    check_log(world)


def test_openssl_with_a_good_certificate_that_says_nothing(world):
    before = refusals(world).get("slow", 0)
    with undisturbed(world):
        start = time.monotonic()
        client = subprocess.Popen(world.stranger.enter(
            ["openssl", "s_client", "-connect", f"{OFFICE4}:443", "-alpn", "lanyard/1", "-cert",
             world.folder / "certificate.pem", "-key", world.folder / "key.pem"]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        client.wait(LOGIN_S + GOODBYE_S + SLACK_S)
        took_s = time.monotonic() - start
        client.stdin.close()
        assert "ALPN protocol: lanyard/1" in client.stdout.read()
        assert LOGIN_S - 0.5 < took_s < LOGIN_S + SLACK_S
    world.until(lambda: refusals(world).get("slow", 0) > before, "it was not counted as slow")
    check_log(world)


@pytest.mark.parametrize("what, words, at_once", [
    ("HTTP", b"GET / HTTP/1.1\r\nHost: vpn.example.net\r\n\r\n", True),
    ("SSH", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", True),
    ("noise", b"\x80" + os.urandom(9999), True),
    ("noise that begins like TLS", b"\x16\x03\x01\x02\x00" + os.urandom(9995), True),
    ("zeros", b"\0" * 10000, True),
    ("silence", b"", False),
], ids=lambda value: value if isinstance(value, str) else "")
def test_who_says(world, what, words, at_once):
    with undisturbed(world), dial(world) as connection:
        start = time.monotonic()
        connection.sendall(words)
        took_s = closed_after(connection, start, LOGIN_S + SLACK_S)
        assert took_s < (SLACK_S if at_once else LOGIN_S + SLACK_S), f"{what}: open for too long"
    check_log(world)


def test_who_says_one_byte_per_second(world):
    words = iter(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    with undisturbed(world), dial(world) as connection:
        start = time.monotonic()
        while not select.select([connection], [], [], 1)[0]:
            connection.send(bytes([next(words)]))
            assert time.monotonic() - start < LOGIN_S + SLACK_S, "open for too long"
    check_log(world)


def test_two_hundred_at_once(world):
    before = refusals(world).get("too-many-from-source", 0)
    with undisturbed(world), contextlib.ExitStack() as open_ones:
        start = time.monotonic()
        connections = [open_ones.enter_context(dial(world)) for _ in range(200)]
        world.until(lambda: world.the_server.status()["strangers"]["now"] >= 100,
                    "the server did not take them", LOGIN_S)

        # There is still room for one who knows how to behave.
        bob = world.client("bob")
        bob.reaches(DATACENTER)
        bob.stop()

        slowest_s = max(closed_after(connection, start, LOGIN_S + SLACK_S)
                        for connection in connections)
        assert slowest_s < LOGIN_S + SLACK_S
    world.until(lambda: world.the_server.status()["strangers"]["now"] == 0, "some are still there")
    assert refusals(world).get("too-many-from-source", 0) - before >= 200 - 128  # the default
    check_log(world)
