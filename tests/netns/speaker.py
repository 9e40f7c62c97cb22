# SPDX-License-Identifier: Apache-2.0
"""A client that says what the test wants: Python's TLS 1.3 and the messages of tls/message.h.

    with Speaker(host, OFFICE4, ca) as client:
        client.hello(user="alice")
        assert client.hear(ASK)
        client.answer(PASSWORD, "secret")
"""

import contextlib
import socket
import ssl
import struct
import tempfile

HELLO, WELCOME, FRAME, ECHO, ECHO_REPLY, NOTICE, GOODBYE, ASK, ANSWER, ENROL, CREDENTIALS, RENEW = (
    1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13)
SUPERFRAME = 4
PASSWORD, CODE = 1, 2
REASONS = ("none shutdown leaving kicked replaced unknown-user blocked full version protocol timeout "
           "wrong slowly expired hours revoked used not-allowed enrolled").split()


def tlv(kind, value):
    return struct.pack("!HH", kind, len(value)) + value


def fields(body):
    found = {}
    while body:
        kind, length = struct.unpack_from("!HH", body)
        found[kind] = body[4:4 + length]
        body = body[4 + length:]
    return found


class Ended(Exception):
    """The server said goodbye."""

    def __init__(self, reason, text):
        super().__init__(f"{reason}: {text}")
        self.reason, self.text = reason, text


class Speaker:
    def __init__(self, host, address, ca, certificate=None, source=None):
        """ca: PEM; certificate: PEM of a certificate and its key, if it shows one; source: an
        address of the host."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata=ca)
        context.set_alpn_protocols(["lanyard/1"])
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # it is not choosy about its own certificate
        if certificate:
            with tempfile.NamedTemporaryFile("w") as file:
                file.write(certificate)
                file.flush()
                context.load_cert_chain(file.name)
        with host.inside():
            plain = socket.create_connection((address, 443), 20,
                                             source and (source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain)
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.close()

    def say(self, kind, body):
        self.socket.sendall(struct.pack("!I", kind << 24 | len(body)) + body)

    def hello(self, user="", enrol=False, mac=b"\x02\0\0\0\0\1"):
        self.say(HELLO, tlv(1, b"\0\1") + tlv(2, bytes(4)) + tlv(3, struct.pack("!I", 1514)) +
                 tlv(4, mac) + (tlv(8, b"") if enrol else b"") +
                 (tlv(9, user.encode()) if user else b""))

    def message(self):
        """The next one: type and body."""
        while len(self.heard) < 4 or len(self.heard) < 4 + int.from_bytes(self.heard[1:4], "big"):
            more = self.socket.recv(65536)
            if not more:
                raise EOFError("closed without a goodbye")
            self.heard += more
        length = int.from_bytes(self.heard[1:4], "big")
        kind, body = self.heard[0], self.heard[4:4 + length]
        self.heard = self.heard[4 + length:]
        return kind, body

    def hear(self, *kinds):
        """The next message of these types, and its fields; Ended if the server ends first."""
        while True:
            kind, body = self.message()
            if kind == GOODBYE and GOODBYE not in kinds:
                found = fields(body)
                raise Ended(REASONS[int.from_bytes(found[1], "big")],
                            found.get(2, b"").decode())
            if kind in kinds:
                return kind, fields(body)

    def answer(self, kind, secret):
        secret = secret if isinstance(secret, bytes) else secret.encode()
        self.say(ANSWER, tlv(1, struct.pack("!H", kind)) + tlv(2, secret))

    def enrol(self, token, request):
        self.say(ENROL, tlv(1, token) + tlv(2, request))

    def renew(self, request):
        self.say(RENEW, tlv(1, request))

    def heard_until_now(self):
        """The types of all messages that came before the answer to an echo of ours."""
        kinds = []
        self.say(ECHO, b"until it")
        while True:
            kind, body = self.message()
            if kind == ECHO_REPLY and body == b"until it":
                return kinds
            kinds.append(kind)

    def log_in(self, user, *answers):
        """Answers what is asked until the server lets it in: WELCOME's fields."""
        answers = list(answers)
        self.hello(user)
        while True:
            kind, found = self.hear(ASK, WELCOME)
            if kind == WELCOME:
                return found
            assert answers, "asked once more"
            self.answer(int.from_bytes(found[1], "big"), answers.pop(0))
