# SPDX-License-Identifier: Apache-2.0
"""The server's own certificate while the server runs: PEM files that change, a CA that follows
another."""

import datetime
import hashlib
import json
import os
import re
import signal
import sqlite3
import ssl

import pytest

import certificates
from lan import LANYARD, NAME, OFFICE4, Lan
from odd_certificates import AUTHORITY
from speaker import ASK, PASSWORD, WELCOME, Ended, Speaker
from test_login import password_hash, put as put_secret

LOGIN_REFUSED, CERTIFICATE = 5, 6


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
    assert status(world)["ends_s"] == 4039372800 and status(world)["problem"] is None

    carol = world.client("carol", connect=False)
    trusts(carol, world.authority)
    assert carol.try_once() == (CERTIFICATE, "lanyard: the server's certificate is not signed by "
                                             "the CA of this profile")
    carol.write_profile().connect()  # `user profile` knows the new one already
    assert bob.up() and server.daemon.log().count(" (bob, ") == 1, "bob was not meant"


HERE = certificates.SERVER(f"{NAME},IP:{OFFICE4}")  # an invitation says what to dial, not its name


def joined(lan, user):
    """A client that came by an invitation, and what its profile trusts."""
    url = invite(lan.the_server, user)  # which makes the user
    client = lan.client(user, user=user, connect=False)
    join(client, url)
    return client, client.profile.read_text().partition("[trust]")[2].partition("[identity]")[0]


def test_who_joins_trusts_an_own_ca_or_the_system(world):
    """A file with a public certificate does not end with the top of its chain."""
    own = certificates.make_authority(world.folder, "Own CA")
    put_pair(world, certificates.issue(world.folder, own, "s", HERE), own)
    assert world.the_server.cli("reload").returncode == 0
    dora, _ = joined(world, "dora")
    assert trusted(dora) == [hashlib.sha256(ssl.PEM_cert_to_DER_cert(own.certificate)).hexdigest()]
    dora.connect()

    between = certificates.issue(world.folder, own, "between", AUTHORITY)
    put_pair(world, certificates.issue(world.folder, between, "s", HERE),
             between)
    assert world.the_server.cli("reload").returncode == 0
    assert joined(world, "emil")[1].split() == ["system", "=", "yes"]


# ---- the built-in CA ----

STAFF = """
    [server]
    password-memory = 19M
    password-passes = 2
    [group staff]
    auth = password
    [group careful]
    auth = certificate+password
"""


def authorities(server):
    done = server.cli("cert", "list", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["authorities"]


def trusted(client):
    """The fingerprints of the CAs in a profile."""
    trust = client.profile.read_text().partition("[trust]")[2].partition("[identity]")[0]
    pems = re.findall(r"(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----",
                      re.sub(r"(?m)^ +", "", trust))
    return [hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() for pem in pems]


def invite(server, user):
    done = server.cli("invite", user, "--server", OFFICE4)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def join(client, url):
    client.profile.unlink()
    done = client.host.run(LANYARD, "join", url, "-o", client.profile, "--no-connect", check=False)
    assert done.returncode == 0, done.stderr
    text = client.profile.read_text()
    assert "[identity]" in text and client.profile.stat().st_mode & 0o777 == 0o600
    client.profile.write_text(text.replace("[client]\n", f"[client]\ncontrol = {client.socket}\n"))


def test_a_ca_follows_another_and_nobody_notices():
    with Lan() as lan:
        server = lan.server(STAFF)
        alice, away = lan.client("alice"), lan.client("away", connect=False)
        old, = (one["fingerprint"] for one in authorities(server))
        assert trusted(alice) == trusted(away) == [old]
        early = invite(server, "guest")
        peter = password_user(lan)

        done = server.cli("cert", "rotate", "--json")
        assert done.returncode == 0, done.stderr
        new = json.loads(done.stdout)["authorities"][0]["fingerprint"]
        assert [(a["fingerprint"], a["signs"]) for a in authorities(server)] == [
            (new, True), (old, False)]
        assert "one CA follows another, which ends in" in server.cli("status").stdout
        for client in alice, peter:  # who is connected learns of it at once, and stays
            lan.until(lambda c=client: trusted(c) == [new, old], f"{client.user} does not know it")
            assert client.up() and server.daemon.log().count(f"({client.user}, ") in (1, 2)
        assert "closed" not in server.daemon.log()

        # whoever knows the old one only is let in, and learns of the new one
        away.connect()
        lan.until(lambda: trusted(away) == [new, old], "who comes later does not learn of it")
        for user, url in ("guest", early), ("late", invite(server, "late")):
            client = lan.client(user, user=user, connect=False)
            join(client, url)
            assert trusted(client) == [new, old]
            client.connect()
        for client in alice, peter:  # and the new certificate serves those who know both
            client.stop()
            client.connect()
        later = lan.client("later")
        assert trusted(later) == [new, old], "`user profile` does not know both"

        assert server.cli("cert", "rotate").returncode == 0
        done = server.cli("cert", "rotate")
        assert done.returncode == 1 and "3 CAs are trusted already" in done.stderr
        lan.until(lambda: len(trusted(alice)) == 3, "alice does not know the third")
        audit = json.loads(server.cli("show", "audit", "--json").stdout)["audit"]
        assert [line["what"] for line in audit if line["what"].startswith("authority")][0] == (
            f"authority add {new}")


def careful_user(lan):
    """Who shows a certificate and then types a password: a function that begins this."""
    assert lan.the_server.cli("user", "add", "carla", "--group", "careful").returncode == 0
    put_secret(lan, "carla", password=password_hash("carla's password"))
    carla = lan.client("carla", user="carla", connect=False)
    ca, *pair = (re.sub(r"(?m)^ +", "", pem) + "\n" for pem in re.findall(
        r"(?s)-----BEGIN .*?-----END [A-Z ]+-----", carla.profile.read_text()))

    def shows_its_certificate():
        speaker = Speaker(carla.host, OFFICE4, ca, "".join(pair))
        speaker.hello()
        speaker.hear(ASK)
        return speaker
    return shows_its_certificate


def distrust_old(lan, server, bob, old):
    """And bob, who stands still meanwhile, is told to go.  His session is over before the command
    has its answer, so there is nothing to wait for."""
    assert server.client("bob")
    done = server.cli("cert", "distrust", old[:16])
    assert done.returncode == 0 and f"the CA {old[:16]} is trusted no more" in done.stderr
    assert not server.client("bob"), "bob's certificate still opens the door"
    bob.daemon.process.send_signal(signal.SIGCONT)
    assert bob.daemon.wait(20) == LOGIN_REFUSED
    lan.daemons.remove(bob.daemon)
    assert ("the CA that signed this certificate is trusted no more: ask for a new invitation"
            in bob.daemon.log())


def test_a_ca_whose_key_others_may_have_is_trusted_no_more():
    with Lan() as lan:
        server = lan.server(STAFF)
        alice, bob = lan.client("alice"), lan.client("bob")
        away = lan.client("away", connect=False)
        peter, early, begins = password_user(lan), invite(server, "guest"), careful_user(lan)
        old, = (one["fingerprint"] for one in authorities(server))
        done = server.cli("cert", "distrust", old)
        assert done.returncode == 1 and "make another one first" in done.stderr
        assert server.cli("cert", "distrust", "0" * 16).returncode == 10

        bob.daemon.process.send_signal(signal.SIGSTOP)  # else he would have a new one in no time
        assert server.cli("cert", "rotate").returncode == 0
        new = authorities(server)[0]["fingerprint"]
        lan.until(lambda: "has a new certificate" in server.daemon.log(), "alice is not renewed", 30)
        speaker = begins()
        distrust_old(lan, server, bob, old)
        speaker.answer(PASSWORD, "carla's password")
        with pytest.raises(Ended) as ended:
            speaker.hear(WELCOME)
        assert ended.value.reason == "revoked"
        speaker.close()
        assert [a["fingerprint"] for a in authorities(server)] == [new]
        for client in alice, peter:  # what they believe, and nothing else, changes
            lan.until(lambda c=client: trusted(c) == [new], f"{client.user} believes the old one")
            assert client.up()
        assert server.daemon.log().count("another certificate") == 2
        assert re.search(r"authority distrust " + old, server.cli("show", "audit").stdout)

        status, sentence = bob.try_once()  # he knows the new one, which has not signed for him
        assert status == CERTIFICATE and "certificate" in sentence, sentence
        assert away.try_once() == (CERTIFICATE, "lanyard: the server's certificate is not signed by "
                                                "the CA of this profile")
        guest = lan.client("guest", user="guest", connect=False)
        guest.profile.unlink()
        done = guest.host.run(LANYARD, "join", early, "-o", guest.profile, "--no-connect",
                              check=False)
        assert done.returncode == CERTIFICATE, done.stderr
        for client in alice, peter:
            client.stop()
            client.connect()


def password_user(lan):
    """Who shows no certificate has a profile that follows, too."""
    assert lan.the_server.cli("user", "add", "peter", "--group", "staff").returncode == 0
    put_secret(lan, "peter", password=password_hash("peter's password"))
    password = lan.folder / "peter.password"
    password.touch(mode=0o600)
    password.write_text("peter's password\n")
    peter = lan.client("peter", user="peter", connect=False)
    text = peter.profile.read_text().partition("[identity]")[0]
    peter.profile.write_text(text.replace("[trust]", f"password-file = {password}\n[trust]"))
    return peter.connect()


def ends_in(lan, seconds, key=None):
    """The server's CA as it is so long before its end, and the day of that."""
    now = datetime.datetime.now(datetime.timezone.utc)
    end = now + datetime.timedelta(seconds=seconds)
    return certificates.make_authority_until(lan.folder, f"{now.year - 1}0101000000Z",
                                             f"{end:%Y%m%d%H%M%S}Z", key=key), end


def change_state(lan, *statement):
    with sqlite3.connect(lan.folder / "state/state.db") as state:
        return state.execute(*statement).fetchone()


def test_the_old_ca_ends():
    """However long the first steps take: it ends in a quarter of an hour, which is less than a third
    of the life of what it signs; when all is ready, its end is moved."""
    with Lan() as lan:
        server = lan.server(start=False)
        assert server.cli("user", "add", "frank").returncode == 0  # makes the state file
        old, _ = ends_in(lan, 900)
        change_state(lan, "INSERT INTO authority (certificate, key, created_s) VALUES (?, ?, 1)",
                     (old.certificate, old.key))
        frank = lan.client("frank", user="frank", connect=False)
        away = lan.client("away", connect=False)
        assert len(trusted(frank)) == 1
        server.start()
        frank.connect()
        (new, _), (first, _) = ((a["fingerprint"], a["signs"]) for a in authorities(server))
        lan.until(lambda: trusted(frank) == [new, first], "frank does not know the new one")
        lan.until(lambda: "has a new certificate" in server.daemon.log(),
                  "his own would end with the old CA")

        moved, end = ends_in(lan, 4, old.key)
        trusts(away, moved)
        change_state(lan, "UPDATE authority SET certificate = ? WHERE id = 1", (moved.certificate,))
        assert server.cli("reload").returncode == 0
        lan.until(lambda: "server: the old CA is trusted no more" in server.daemon.log(),
                  "the server does not see the end", 30)
        assert [a["fingerprint"] for a in authorities(server)] == [new]
        assert server.status()["certificate"]["old_authority_ends_s"] is None
        assert frank.up()
        frank.stop()
        frank.connect()
        assert away.try_once() == (
            CERTIFICATE, "lanyard: the server's certificate is not signed by the CA of this "
            f"profile, which ended on {end:%Y-%m-%d}; ask for a new invitation or profile")
        assert change_state(lan, "SELECT count(*), min(id) FROM authority") == (1, 2)
