# SPDX-License-Identifier: Apache-2.0
"""Who must not get in does not, and reads a sentence and an exit status that say why."""

import contextlib
import socket
import threading

import pytest

import certificates
from lan import INTERFACE, NAME, OFFICE4, Lan, lanyard

EXPIRED = {"start": "20200101000000Z", "end": "20200201000000Z"}
CONNECT, LOGIN, CERTIFICATE, CONFIG = 4, 5, 6, 78


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server()
        lan.own = certificates.authority_of(lan.folder / "state")
        lan.other = certificates.make_authority(lan.folder)
        yield lan


@pytest.fixture(scope="module")
def laptop(world):
    return world.client("mallory", connect=False)


def test_a_server_of_another_ca(world, laptop):
    pair = certificates.issue(world.folder, world.own, "mallory", certificates.CLIENT)
    laptop.write_profile(certificates.profile(OFFICE4, NAME, world.other.certificate, pair))

    assert laptop.try_once() == (CERTIFICATE, "lanyard: the server's certificate is not signed by "
                                 "the CA of this profile")


def test_a_client_certificate_of_another_ca(world, laptop):
    pair = certificates.issue(world.folder, world.other, "mallory2", certificates.CLIENT)
    laptop.write_profile(certificates.profile(OFFICE4, NAME, world.own.certificate, pair))

    assert laptop.try_once() == (CERTIFICATE, "lanyard: the server refused our certificate: "
                                 "not signed by a CA it knows")


def test_an_expired_client_certificate(world, laptop):
    pair = certificates.issue(world.folder, world.own, "late", certificates.CLIENT, **EXPIRED)
    laptop.write_profile(certificates.profile(OFFICE4, NAME, world.own.certificate, pair))

    assert laptop.try_once() == (CERTIFICATE, "lanyard: the server refused our certificate: "
                                 "certificate expired")


def test_a_certificate_that_is_made_for_servers(world, laptop):
    pair = certificates.issue(world.folder, world.own, "swapped", certificates.SERVER(NAME))
    laptop.write_profile(certificates.profile(OFFICE4, NAME, world.own.certificate, pair))
    status, sentence = laptop.try_once()

    assert status == CONFIG, "what can never work is the profile's fault"
    assert sentence.startswith(f"lanyard: {laptop.profile}: ")


def test_a_good_certificate_that_belongs_to_no_user(world, laptop):
    pair = certificates.issue(world.folder, world.own, "nobody", certificates.CLIENT)
    laptop.write_profile(certificates.profile(OFFICE4, NAME, world.own.certificate, pair))
    status, sentence = laptop.try_once()

    assert status == LOGIN
    assert sentence.startswith("lanyard: the server refused the login: unknown user")


def test_a_server_of_another_name(world, laptop):
    pair = certificates.issue(world.folder, world.own, "mallory3", certificates.CLIENT)
    laptop.write_profile(certificates.profile(OFFICE4, "other.example.net",
                                              world.own.certificate, pair))
    status, sentence = laptop.try_once()

    assert status == CERTIFICATE
    assert sentence.startswith(f"lanyard: the server's certificate is for '{NAME}', ")
    assert sentence.endswith(", not 'other.example.net'")


def test_a_refusal_for_good_ends_the_client_without_once(world, laptop):
    pair = certificates.issue(world.folder, world.other, "mallory4", certificates.CLIENT)
    laptop.write_profile(certificates.profile(OFFICE4, NAME, world.own.certificate, pair)).start()

    assert laptop.daemon.wait() == CERTIFICATE
    world.daemons.remove(laptop.daemon)
    assert not laptop.host.has_interface(INTERFACE)


def test_an_expired_server_certificate():
    with Lan() as lan:
        authority = certificates.make_authority(lan.folder)
        pair = certificates.issue(lan.folder, authority, "server", certificates.SERVER(NAME),
                                  **EXPIRED)
        (lan.folder / "certificate.pem").write_text(pair.certificate + authority.certificate)
        (lan.folder / "key.pem").write_text(pair.key)
        lan.server(f"""
            [server]
            certificate = {lan.folder}/certificate.pem
            key = {lan.folder}/key.pem
        """)
        alice = lan.client("alice", connect=False)

        assert alice.try_once() == (CERTIFICATE,
                                    "lanyard: the server's certificate expired on 2020-02-01")


def test_a_removed_user_is_disconnected_and_stays_out(world):
    eve = world.client("eve")
    world.until(eve.address, "eve has no address")
    assert world.the_server.cli("user", "remove", "eve").returncode == 0

    assert eve.daemon.wait(5) == LOGIN
    world.daemons.remove(eve.daemon)
    assert "the server ended the session: unknown user" in eve.daemon.log().splitlines()[-1]
    assert not eve.host.has_interface(INTERFACE)
    assert not world.the_server.client("eve")
    status, sentence = eve.try_once()
    assert status == LOGIN
    assert sentence.startswith("lanyard: the server refused the login: unknown user")


def test_a_profile_that_others_can_read(world, laptop):
    laptop.write_profile()
    laptop.profile.chmod(0o644)
    try:
        assert laptop.try_once() == (
            CONFIG, f"lanyard: {laptop.profile}: others can read it, and it has a private key: "
            f"chmod 600 {laptop.profile}")
    finally:
        laptop.profile.chmod(0o600)


def test_an_unknown_key_in_the_profile(world, laptop):
    laptop.write_profile()
    laptop.profile.write_text(laptop.profile.read_text().replace("[trust]", "color = red\n[trust]"))
    status, sentence = laptop.try_once()

    assert status == CONFIG
    assert "color" in sentence and str(laptop.profile) in sentence


def test_no_server_behind_the_port(world, laptop):
    laptop.write_profile()
    laptop.profile.write_text(laptop.profile.read_text().replace(f"server = {OFFICE4}",
                                                                 f"server = {OFFICE4}:444"))
    status, sentence = laptop.try_once()

    assert status == CONNECT
    assert sentence == f"lanyard: cannot connect to {OFFICE4} port 444: Connection refused"


def test_nobody_answers(world, laptop):
    laptop.write_profile()
    laptop.profile.write_text(laptop.profile.read_text().replace(f"server = {OFFICE4}",
                                                                 "server = 192.0.2.250"))
    status, sentence = laptop.try_once()

    assert status == CONNECT
    assert "192.0.2.250" in sentence


def test_no_control_socket_means_no_daemon(world, laptop):
    done = lanyard(laptop.host, "status", "--socket", world.folder / "nothing.sock")
    assert done.returncode == 8 and done.stderr.startswith("lanyard: ")


def answer_once(listener, answer):
    peer, _ = listener.accept()
    with peer:
        peer.settimeout(5)
        peer.recv(1000)
        peer.sendall(answer)
        with contextlib.suppress(ConnectionError):
            peer.recv(1000)


@pytest.mark.parametrize("port, answer, protocol", [
    (8080, b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "HTTP"),
    (2222, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH"),
])
def test_another_service_behind_the_port(world, laptop, port, answer, protocol):
    laptop.write_profile()
    laptop.profile.write_text(laptop.profile.read_text().replace(f"server = {OFFICE4}",
                                                                 f"server = {OFFICE4}:{port}"))
    with world.office.inside():
        listener = socket.create_server((OFFICE4, port))
    with listener:
        answering = threading.Thread(target=answer_once, args=(listener, answer))
        answering.start()
        result = laptop.try_once()
        answering.join()

    assert result == (CONNECT, f"lanyard: the server speaks {protocol}, not TLS: is this the right "
                      "port?")
