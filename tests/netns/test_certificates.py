# SPDX-License-Identifier: Apache-2.0
"""The server's own certificate while the server runs: PEM files that change."""

import os
import re

import pytest

import certificates
from lan import NAME, Lan

CERTIFICATE = 6


def put(path, text):
    """As tools do: a new file in the old one's place."""
    fresh = path.with_suffix(".fresh")
    fresh.write_text(text)
    fresh.rename(path)


@pytest.fixture(scope="module")
def world():
    """PEM files are links into a folder, as those that certbot makes."""
    with Lan() as lan:
        lan.authority = certificates.make_authority(lan.folder, "First CA")
        lan.pem, lan.key = lan.folder / "server.pem", lan.folder / "server.key"
        for link in lan.pem, lan.key:
            link.symlink_to(lan.folder / "live" / link.name)
        (lan.folder / "live").mkdir()
        pair = certificates.issue(lan.folder, lan.authority, "first", certificates.SERVER(NAME))
        put_pair(lan, pair, lan.authority)
        lan.server(f"[server]\ncertificate = {lan.pem}\nkey = {lan.key}\n")
        yield lan


def put_pair(lan, pair, authority):
    put(lan.folder / "live/server.pem", pair.certificate + authority.certificate)
    put(lan.folder / "live/server.key", pair.key)


def status(lan):
    return lan.the_server.status()["certificate"]


def trusts(client, authority):
    """The same profile, but for the CA."""
    text, indented = client.profile.read_text(), authority.certificate.strip().replace("\n", "\n  ")
    client.profile.write_text(re.sub(r"(?s)\[trust\].*?\[identity\]",
                                     f"[trust]\nca =\n  {indented}\n[identity]", text))


def bad_files(lan, authority):
    other = certificates.issue(lan.folder, authority, "other", certificates.SERVER(NAME))
    ended = certificates.issue(lan.folder, authority, "ended", certificates.SERVER(NAME),
                               start="20200101000000Z", end="20200201000000Z")
    user = certificates.issue(lan.folder, authority, "user", certificates.CLIENT)
    good = lan.pem.read_text(), lan.key.read_text()
    half = other.certificate[:len(other.certificate) // 2]
    return [
        ("the private key does not belong to the certificate", good[0], other.key),
        ("is not a PEM certificate", "", good[1]),
        ("is damaged", half, other.key),
        ("is not a PEM key, or damaged", other.certificate, other.key[:40]),
        ("the certificate ended on 2020-02-01", ended.certificate, ended.key),
        ("not made for a server", user.certificate, user.key),
        ("too large for a PEM file", other.certificate + "#" * 70000, other.key),
    ], good


def test_files_that_are_not_good_change_nothing(world):
    server, alice = world.the_server, world.client("alice")
    before = status(world)
    cases, good = bad_files(world, world.authority)
    for sentence, certificate, key in cases:
        put(world.folder / "live/server.pem", certificate)
        put(world.folder / "live/server.key", key)
        done = server.cli("reload")
        assert done.returncode == 0 and sentence in done.stderr, (sentence, done.stderr)
        assert sentence in status(world)["problem"]
        assert sentence in server.cli("status").stdout
    put(world.folder / "live/server.pem", good[0])
    os.remove(world.folder / "live/server.key")
    assert "No such file" in server.cli("reload").stderr
    alice.stop()
    alice.connect()
    assert status(world)["ends_s"] == before["ends_s"]

    # it is said once, not again with each look
    log = server.daemon.log()
    assert log.count("the certificate stays as it was") == len(cases) + 1
    put(world.folder / "live/server.key", good[1])
    world.until(lambda: status(world)["problem"] is None, "it does not see that all is well again")
    assert "has another certificate" not in server.daemon.log()
    alice.stop()


def test_files_that_change_are_read_again(world):
    server, bob = world.the_server, world.client("bob")
    second = certificates.make_authority(world.folder, "Second CA")
    new = certificates.issue(world.folder, second, "second", certificates.SERVER(NAME),
                             end="20980101000000Z")
    put(world.folder / "live/server.pem", new.certificate + second.certificate)
    world.until(lambda: "does not belong" in (status(world)["problem"] or ""),
                "half of it was not seen")
    put(world.folder / "live/server.key", new.key)
    world.until(lambda: "has another certificate, good until 2098-01-01" in server.daemon.log(),
                "the new one is not taken")
    assert status(world) == {"ends_s": 4039372800, "problem": None}

    carol = world.client("carol", connect=False)
    trusts(carol, world.authority)
    assert carol.try_once() == (CERTIFICATE, "lanyard: the server's certificate is not signed by "
                                             "the CA of this profile")
    carol.write_profile().connect()  # `user profile` knows the new one already
    assert bob.up() and server.daemon.log().count(" (bob, ") == 1, "bob was not meant"
