# SPDX-License-Identifier: Apache-2.0
"""Certificates that are not to be trusted, against the running server and the running client; what
OpenSSL's end is told, and what ours says.  All of them in one table beside a good one.

tests/unit/tls/test_handshake_refusals.c has more, with both ends ours.
"""

import contextlib
import json
import socket
import ssl
import threading

import pytest

import certificates
from certificates import CLIENT, SERVER, issue
from lan import NAME, OFFICE4, Lan
from odd_certificates import (CA_BIT, COMMENT, EXPIRED, FUTURE, RSA_1024, behind_chain, changed,
                              name_with_nul, self_signed, tampered)
from speaker import WELCOME, Ended, Speaker

PORT = 4443
FAILED, CONNECT, CERTIFICATE = 1, 4, 6
OVERSIZED = COMMENT.format("x" * 40000)
SIGNING = "digitalSignature"
# alerts, as Python's ssl names them
UNKNOWN_CA, CERT_EXPIRED, UNSUPPORTED, BAD, UNKNOWN = (
    "TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN")
# An alert under mbedTLS's handshake key, or the end of the connection if that is seen first.
UNREADABLE = ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", None)


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        # who shows no certificate gets a question: only then can OpenSSL read mbedTLS's alerts
        server = lan.server("[group typing]\nauth = password\n")
        lan.own = certificates.authority_of(lan.folder / "state")
        lan.other = certificates.make_authority(lan.folder, "Lanyard CA")
        lan.away = lan.host("away")
        lan.join_internet(lan.away, "192.0.2.66", "2001:db8:ffff::66")
        lan.laptop = lan.client("mallory", connect=False)
        assert server.cli("user", "add", "alice").returncode == 0
        yield lan


def good_client(lan):
    return issue(lan.folder, lan.own, "aliceXroot", CLIENT)


# What the server must not take for a client's certificate; the alert it sends.
CLIENTS = {
    "another CA of the same name": (
        lambda w: issue(w.folder, w.other, "alice", CLIENT), UNKNOWN_CA),
    "self-signed": (lambda w: self_signed(w.folder, "alice", CLIENT), UNKNOWN_CA),
    "expired": (lambda w: issue(w.folder, w.own, "alice", CLIENT, **EXPIRED), CERT_EXPIRED),
    "not yet valid": (lambda w: issue(w.folder, w.own, "alice", CLIENT, **FUTURE), UNKNOWN),
    "made for a server": (lambda w: issue(w.folder, w.own, "alice", SERVER(NAME)), UNSUPPORTED),
    "made for nothing": (
        lambda w: issue(w.folder, w.own, "alice", f"keyUsage=critical,{SIGNING}\n"), UNSUPPORTED),
    "may not sign": (
        lambda w: issue(w.folder, w.own, "alice", CLIENT.replace(SIGNING, "keyAgreement")),
        UNSUPPORTED),
    "a CA's": (
        lambda w: issue(w.folder, w.own, "alice", CA_BIT + CLIENT.replace(
            SIGNING, f"{SIGNING},keyCertSign")), UNSUPPORTED),
    "a weak key": (
        lambda w: issue(w.folder, w.own, "alice", CLIENT, new_key=RSA_1024), UNSUPPORTED),
    "a weak hash": (lambda w: issue(w.folder, w.own, "alice", CLIENT, digest="sha1"), UNKNOWN),
    "NUL in its name": (
        lambda w: changed(w.folder, w.own, good_client(w), b"aliceXroot", b"alice\0root"), BAD),
    "a newline in its name": (
        lambda w: changed(w.folder, w.own, good_client(w), b"aliceXroot", b"alice\nroot"), BAD),
    "another signature": (lambda w: tampered(good_client(w)), UNKNOWN_CA),
    "behind one that may not sign others": (
        lambda w: behind_chain(w.folder, w.own, "alice", CLIENT, 1), UNKNOWN_CA),
    "a long chain": (lambda w: behind_chain(w.folder, w.own, "alice", CLIENT, 9), UNREADABLE),
    "oversized": (lambda w: issue(w.folder, w.own, "alice", CLIENT + OVERSIZED), UNREADABLE),
}


def shown_to_server(world, pair):
    """How it ends: Ended, or the name of an alert."""
    with contextlib.suppress(EOFError, ConnectionError, ssl.SSLEOFError):
        try:
            with Speaker(world.away, OFFICE4, world.own.certificate,
                         pair.certificate + pair.key) as speaker:
                speaker.hello("alice")
                speaker.hear(WELCOME)
                return WELCOME
        except ssl.SSLEOFError:
            raise
        except ssl.SSLError as error:
            return error.reason
    return None


@pytest.mark.parametrize("what", CLIENTS)
def test_a_clients(world, what):
    make, alert = CLIENTS[what]
    before = sum(world.the_server.status()["strangers"]["refused"].values())
    assert shown_to_server(world, make(world)) in (alert if alert is UNREADABLE else [alert])
    world.until(lambda: sum(world.the_server.status()["strangers"]["refused"].values()) > before,
                "it was not counted")
    assert not world.the_server.client("alice")


def test_good_ones_of_nobody_and_of_somebody(world):
    """The last word is the state file's: which certificates are whose, and which were revoked."""
    with pytest.raises(Ended, match="unknown-user"):
        shown_to_server(world, good_client(world))
    profile = world.the_server.cli("user", "profile", "alice").stdout
    blocks = profile.replace("\n  ", "\n").split("-----BEGIN ")[2:]  # without the CA's
    pair = certificates.Pair(*(f"-----BEGIN {b.split('key =')[0]}" for b in blocks))
    assert shown_to_server(world, pair) == WELCOME
    listed = world.the_server.cli("cert", "list", "alice", "--json").stdout
    number = json.loads(listed)["certificates"][-1]["fingerprint"]
    assert world.the_server.cli("cert", "revoke", number).returncode == 0
    with pytest.raises(Ended, match="revoked"):
        shown_to_server(world, pair)


# What the client must not take for the server's; the end of its sentence.
SERVERS = {
    "another CA of the same name": (
        lambda w: issue(w.folder, w.other, "x", SERVER(NAME)),
        "not signed by the CA of this profile"),
    "self-signed": (lambda w: self_signed(w.folder, "x", SERVER(NAME)),
                    "not signed by the CA of this profile"),
    "expired": (lambda w: issue(w.folder, w.own, "x", SERVER(NAME), **EXPIRED),
                "expired on 2020-02-01"),
    "not yet valid": (lambda w: issue(w.folder, w.own, "x", SERVER(NAME), **FUTURE),
                      "not valid before 2098-01-01; is this clock right?"),
    "made for a client": (
        lambda w: issue(w.folder, w.own, "x", f"{CLIENT}subjectAltName=DNS:{NAME}\n"),
        "not made for a server (its extended key usage does not say so)"),
    "made for nothing": (
        lambda w: issue(w.folder, w.own, "x",
                        f"keyUsage=critical,{SIGNING}\nsubjectAltName=DNS:{NAME}\n"),
        "not made for a server (its extended key usage does not say so)"),
    "may not sign": (
        lambda w: issue(w.folder, w.own, "x", SERVER(NAME).replace(SIGNING, "keyAgreement")),
        "may not be used to log in (its key usage forbids it)"),
    "a CA's": (
        lambda w: issue(w.folder, w.own, "x", CA_BIT + SERVER(NAME).replace(
            SIGNING, f"{SIGNING},keyCertSign")), "is one of a CA, not of a server"),
    "a weak key": (lambda w: issue(w.folder, w.own, "x", SERVER(NAME), new_key=RSA_1024),
                   "a key that is not P-256, P-384 or RSA from 2048 bits"),
    "a weak hash": (lambda w: issue(w.folder, w.own, "x", SERVER(NAME), digest="sha1"),
                    "is signed with a hash weaker than SHA-256"),
    "another name": (lambda w: issue(w.folder, w.own, "x", SERVER("other.example.net")),
                     f"is for 'other.example.net', not '{NAME}'"),
    "a name below ours": (lambda w: issue(w.folder, w.own, "x", SERVER(f"a.{NAME}")),
                          f"is for 'a.{NAME}', not '{NAME}'"),
    "NUL in its name": (
        lambda w: issue(w.folder, w.own, "x",
                        SERVER(NAME).split("subjectAltName")[0] + name_with_nul(NAME, ".evil.net")),
        f"is for '{NAME}\\x00.evil.net', not '{NAME}'"),
    "its name as common name only": (
        lambda w: issue(w.folder, w.own, NAME, SERVER(NAME).split("subjectAltName")[0]),
        f"is for no name, not '{NAME}'"),
    "another signature": (lambda w: tampered(issue(w.folder, w.own, "x", SERVER(NAME))),
                          "not signed by the CA of this profile"),
    "behind a client's": (
        lambda w: behind_chain(w.folder, w.own, "x", SERVER(NAME), 1, between=CLIENT),
        "is not signed by the CA of this profile"),
    "behind one more than the CA allows": (
        lambda w: behind_chain(w.folder, w.own, "x", SERVER(NAME), 2),
        "is not signed by the CA of this profile"),
    "a long chain": (lambda w: behind_chain(w.folder, w.own, "x", SERVER(NAME), 9), ""),
    "oversized": (lambda w: issue(w.folder, w.own, "x", SERVER(NAME) + OVERSIZED), None),
}


def listen_once(world, listener, pair):
    """A server by OpenSSL; whom it served, if anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # it is not choosy about its own
    context.set_alpn_protocols(["lanyard/1"])
    chain = world.folder / "shown.pem"
    chain.write_text(pair.certificate + pair.key)
    context.load_cert_chain(chain)

    def serve():
        with contextlib.suppress(OSError), context.wrap_socket(listener.accept()[0],
                                                               server_side=True) as peer:
            peer.settimeout(20)
            peer.recv(1000)  # the alert, or its hello
    serving = threading.Thread(target=serve)
    serving.start()
    return serving


def shown_to_client(world, pair):
    """`connect --once` against a server that shows this: exit status and sentence."""
    mine = issue(world.folder, world.own, "mallory", CLIENT)
    world.laptop.write_profile(certificates.profile(f"{OFFICE4}:{PORT}", NAME,
                                                    world.own.certificate, mine))
    with world.office.inside():
        listener = socket.create_server((OFFICE4, PORT))
    with listener:
        serving = listen_once(world, listener, pair)
        result = world.laptop.try_once()
        serving.join()
    return result


@pytest.mark.parametrize("what", SERVERS)
def test_a_servers(world, what):
    make, sentence = SERVERS[what]
    status, said = shown_to_client(world, make(world))
    if sentence is None:  # it is not read to its end
        assert status == CONNECT, said
    else:
        assert status == CERTIFICATE and said.endswith(sentence), said


def test_the_good_one(world):
    """The table above shows nothing if this is refused as well."""
    status, said = shown_to_client(world, issue(world.folder, world.own, "x", SERVER(NAME)))
    assert status == FAILED and said == "lanyard: the server sent a handshake message", said
