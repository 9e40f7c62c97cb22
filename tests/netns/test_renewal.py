# SPDX-License-Identifier: Apache-2.0
"""Certificates that renew by themselves over the tunnel, and the profile that follows them."""

import hashlib
import re
import subprocess

import pytest

from lan import INTERFACE, Lan

CONF = """
    [server]
    certificate-time = 1m
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        yield lan


def certificate(client):
    lines = client.profile.read_text().partition("certificate =\n")[2].splitlines()
    return "\n".join(line.strip() for line in lines[:lines.index("  -----END CERTIFICATE-----") + 1])


def fingerprint(pem):
    der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=pem.encode(),
                         capture_output=True, check=True).stdout
    return hashlib.sha256(der).hexdigest()


def fails(client):
    return next(c["detail"] for c in client.status()["health"] if c["check"] == "certificate")


def test_a_certificate_that_ends_soon_is_renewed_and_the_profile_follows(world):
    alice = world.client("alice", connect=False)
    first, inode = certificate(alice), alice.profile.stat().st_ino
    alice.profile.write_text("# a comment of alice's\n" + alice.profile.read_text().replace(
        "[trust]", "; on trust\n[trust]"))
    alice.connect()
    mac = alice.host.mac(INTERFACE)
    world.until(lambda: certificate(alice) != first, "it was not renewed", 20)
    text = alice.profile.read_text()
    assert text.startswith("# a comment of alice's\n") and "; on trust\n[trust]" in text
    assert f"device = {fingerprint(first)}\n" in text
    assert alice.profile.stat().st_mode & 0o777 == 0o600 and alice.profile.stat().st_ino != inode
    assert not list(alice.profile.parent.glob("*.new"))
    status = alice.status()
    assert 0 < status["certificate_ends_s"] <= 60
    assert all(check["ok"] for check in status["health"] if check["check"] == "certificate")
    assert "PRIVATE" not in alice.daemon.log()

    # the next connection shows it, also of the same process
    world.the_server.cli("kick", "alice")
    world.until(lambda: "kicked" in alice.daemon.log() and alice.up(), "it does not come back", 20)
    done = world.the_server.cli("cert", "revoke", fingerprint(first))
    assert done.returncode == 0, done.stderr
    world.the_server.cli("kick", "alice")
    world.until(lambda: alice.daemon.log().count("kicked") == 2 and alice.up(),
                "it shows the old one", 20)
    alice.stop()
    alice.connect()
    assert alice.host.mac(INTERFACE) == mac, "another address with each certificate"
    alice.stop()


def test_a_profile_that_cannot_be_written(world):
    bob = world.client("bob", connect=False)
    first = certificate(bob)
    folder = bob.profile.parent / "read-only"
    folder.mkdir()
    moved = folder / "bob.conf"
    bob.profile.rename(moved)
    bob.profile = moved
    bob.host.run("mount", "--bind", folder, folder)
    bob.host.run("mount", "-o", "remount,bind,ro", folder)
    bob.connect()
    problem = world.until(lambda: fails(bob), "nobody says so", 20)
    assert re.fullmatch("the new certificate is not in the profile: cannot remove .*bob.conf.new: "
                        "Read-only file system", problem)
    assert certificate(bob) == first
    assert bob.daemon.log().count("the old one serves only until it ends") == 1
    world.the_server.cli("kick", "bob")
    world.until(lambda: "kicked" in bob.daemon.log() and bob.up(), "it does not come back", 20)
    bob.stop()


def test_a_profile_that_is_another_by_now(world):
    carol = world.client("carol", connect=False)
    first = carol.profile.read_text()
    other = carol.write_profile().profile.read_text()
    carol.profile.write_text(first)
    world.the_server.stop()
    carol.start()
    world.until(lambda: carol.status().get("state") == "waiting", "it has not begun", 20)
    carol.profile.write_text(other)
    world.the_server.start()
    problem = world.until(lambda: carol.up() and fails(carol), "nobody says so", 40)
    assert "has another certificate by now" in problem
    assert carol.profile.read_text() == other
    carol.stop()
