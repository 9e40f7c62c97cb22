# SPDX-License-Identifier: Apache-2.0
"""What the client's first message tells whoever looks on: the server's name and "lanyard/1", as any
TLS 1.3 client would say them (RFC 8446 4.1.2, RFC 6066 3, RFC 7301), and nothing of who we are.
"""

import socket
import struct
import threading

import pytest

from lan import NAME, OFFICE4, Lan

PORT = 4443
SERVER_NAME, GROUPS, SIGNATURES, ALPN = 0, 10, 13, 16
PSK_MODES, VERSIONS, KEY_SHARE = 45, 43, 51
RECORD_SIZE = 28  # RFC 8449
NEEDED = {GROUPS, SIGNATURES, ALPN, VERSIONS, KEY_SHARE}
ALLOWED = NEEDED | {SERVER_NAME, PSK_MODES, RECORD_SIZE}  # no ticket, no early data, no cookie


class Hello:
    """A ClientHello, parsed to its end; whatever is malformed raises."""

    def __init__(self, record):
        kind, _, length = struct.unpack("!BHH", record[:5])
        assert kind == 22 and length == len(record) - 5
        self.raw, self.at = record, 5
        assert self.take(1) == b"\x01" and int.from_bytes(self.take(3), "big") == length - 4
        self.version, self.random = self.take(2), self.take(32)
        self.session, self.suites, self.compressions = (self.counted(n) for n in (1, 2, 1))
        end = len(record)
        assert int.from_bytes(self.take(2), "big") == end - self.at
        self.extensions = {}
        while self.at < end:
            kind = int.from_bytes(self.take(2), "big")
            assert kind not in self.extensions
            self.extensions[kind] = self.counted(2)
        assert self.at == end

    def take(self, count):
        taken = self.raw[self.at:self.at + count]
        assert len(taken) == count
        self.at += count
        return taken

    def counted(self, count):
        return self.take(int.from_bytes(self.take(count), "big"))


def first_record(peer):
    data = b""
    while len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5], "big"):
        more = peer.recv(4096)
        assert more, "the client hung up"
        data += more
    return data


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server()
        lan.alice = lan.client("alice", connect=False)
        lan.good = lan.alice.profile.read_text()
        yield lan


def hello(world, name):
    """What the client says first when its profile has this name for the server."""
    text = world.good.replace(f"server = {OFFICE4}", f"server = {OFFICE4}:{PORT}")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("name = "))
    world.alice.profile.write_text(text.replace("[client]\n", f"[client]\nname = {name}\n"))
    heard = []

    def listen(listener):
        peer, _ = listener.accept()
        with peer:
            heard.append(first_record(peer))

    with world.office.inside():
        listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.settimeout(20)
    with listener:
        listener.bind((OFFICE4, PORT))
        listener.listen()
        thread = threading.Thread(target=listen, args=(listener,))
        thread.start()
        assert world.alice.try_once()[0] == 4
        thread.join()
    return Hello(heard[0])


def test_it_names_the_server_and_the_protocol(world):
    said = hello(world, NAME)

    host = NAME.encode()
    entry = b"\x00" + struct.pack("!H", len(host)) + host  # RFC 6066 3
    assert said.extensions[SERVER_NAME] == struct.pack("!H", len(entry)) + entry
    assert said.extensions[ALPN] == b"\x00\x0a\x09lanyard/1"


def test_it_says_nothing_of_who_we_are(world):
    first, second = hello(world, NAME), hello(world, NAME)

    for said in first, second:
        assert said.version == b"\x03\x03" and said.compressions == b"\x00"
        assert said.extensions[VERSIONS] == b"\x02\x03\x04", "not TLS 1.3 alone"
        assert NEEDED <= set(said.extensions) <= ALLOWED, set(said.extensions)
        for ours in b"alice", world.alice.host.mac("eth0").encode(), b"0.1.0":
            assert ours not in said.raw
        assert said.raw.count(b"lanyard") == 1, "more than the protocol's name"
    assert first.random != second.random
    assert first.extensions[KEY_SHARE] != second.extensions[KEY_SHARE]
    assert not first.session or first.session != second.session
    rest = {kind: value for kind, value in first.extensions.items() if kind != KEY_SHARE}
    assert rest == {kind: value for kind, value in second.extensions.items() if kind != KEY_SHARE}
    assert first.suites == second.suites


@pytest.mark.parametrize("name", ["192.0.2.99", "2001:db8:ffff::99"])
def test_an_address_is_no_server_name(world, name):
    """RFC 6066 3: the certificate is held against it all the same (tests/unit/tls)."""
    said = hello(world, name)

    assert SERVER_NAME not in said.extensions
    assert name.encode() not in said.raw
