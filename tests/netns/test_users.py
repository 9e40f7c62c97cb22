# SPDX-License-Identifier: Apache-2.0
"""What is taken back is taken back at once: users, certificates, hours; and secrets stay secret."""

import contextlib
import datetime
import hashlib
import json
import os
import pty
import re
import signal
import sqlite3
import ssl
import subprocess

import pytest

from host import Daemon
from lan import INTERFACE, LANYARD, Lan, lanyard
from wire import Wire, marker

LOGIN, USAGE, NO_DAEMON, NO_OBJECT = 5, 2, 8, 10
PASSWORD = "correct horse battery staple"
CONF = """
    [group isolated]
    isolate = yes
    [group narrow]
    max-macs = 1
    [group one]
    max-sessions = 1
    [group secret]
    auth = certificate+password
    [group nobridge]
    office = no
    [group staff]
    auth = password
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        yield lan


def told(world, *arguments, **options):
    done = world.the_server.cli(*arguments, **options)
    assert done.returncode == 0, done.stderr
    return done


def ends(world, client, sentence):
    """It goes within a second, and a machine as slow as this one's; it does not try again."""
    world.until(lambda: not client.daemon.running(), f"{client.user} stays", 4)
    assert client.daemon.wait() == LOGIN
    world.daemons.remove(client.daemon)
    log = client.daemon.log()
    assert sentence in log, log[-2000:]
    assert "-> waiting" not in log, "it wants to come back"


def test_who_is_blocked_goes_and_stays_away(world):
    alice, bob = world.client("alice"), world.client("bob")
    told(world, "user", "block", "alice", "--reason", "lost \"her\" laptop")
    ends(world, alice, '(this user is blocked: lost "her" laptop)')
    status, sentence = alice.try_once()
    assert status == LOGIN and 'lost "her" laptop' in sentence
    assert bob.up(), "bob was not meant"
    user, = [u for u in json.loads(told(world, "user", "list", "--json").stdout)["users"]
             if u["name"] == "alice"]
    assert user["blocked_s"] > 0 and user["blocked_why"] == 'lost "her" laptop'

    told(world, "user", "unblock", "alice")
    alice.connect()


def test_a_revoked_certificate_ends_its_sessions_alone(world):
    first = world.client("carol")
    second = world.client("carol2", user="carol")
    rows = json.loads(told(world, "cert", "list", "carol", "--json").stdout)["certificates"]
    assert len(rows) == 2 and all(row["revoked_s"] is None for row in rows)
    begins = [row["fingerprint"][:16] for row in rows]
    der = ssl.PEM_cert_to_DER_cert(certificate_of(first))
    mine = hashlib.sha256(der).hexdigest()[:16]
    assert mine in begins

    told(world, "cert", "revoke", mine)
    ends(world, first, "revoked (this certificate was revoked)")
    assert first.try_once()[0] == LOGIN
    assert second.up(), "the other certificate is good"
    assert world.the_server.cli("cert", "revoke", "0" * 16).returncode == NO_OBJECT


def certificate_of(client):
    text = re.sub(r"(?m)^ +", "", client.profile.read_text())
    return re.search(r"certificate =\n(-----BEGIN.*?END CERTIFICATE-----\n)", text, re.S)[1]


def test_who_expires_goes_on_time(world):
    dan = world.client("dan")
    told(world, "user", "expire", "dan", "2s")
    ends(world, dan, "this user has expired")
    assert dan.try_once()[0] == LOGIN
    told(world, "user", "expire", "dan", "never")
    dan.connect()
    told(world, "user", "expire", "dan", "2020-01-31")
    ends(world, dan, "this user has expired")


def test_a_group_that_changes_changes_who_is_connected(world):
    eve, fred = world.client("eve"), world.client("fred")
    world.until(eve.link_local, "eve has no address")
    world.until(fred.link_local, "fred has no address")

    with Wire(eve.host, INTERFACE) as mine, Wire(fred.host, INTERFACE) as theirs:
        def arrives(from_mac=None):
            mark = marker()
            source = from_mac or bytes.fromhex(mine.mac.replace(":", ""))
            mine.send(bytes.fromhex(theirs.mac.replace(":", "")) + source + b"\x88\xb5" + mark +
                      bytes(50))
            return theirs.wait_for(mark, 2)

        assert arrives(), "nobody is isolated yet"
        for user in "eve", "fred":
            told(world, "user", "group", user, "isolated")
        assert not arrives(), "both are isolated now"
        told(world, "user", "group", "eve", "narrow")
        told(world, "user", "group", "fred", "none")
        assert arrives(), "and are not any more"
        before = world.the_server.drops("eve", "mac-limit")
        assert not arrives(bytes.fromhex("020000aa0001")), "eve has one address now"
        assert world.the_server.drops("eve", "mac-limit") > before
        told(world, "user", "group", "eve", "none")
        assert arrives(bytes.fromhex("020000aa0001")), "and four again"

    told(world, "user", "group", "eve", "secret")
    ends(world, eve, "this user logs in by certificate+password")
    assert fred.up()


def test_one_session_of_two_goes(world):
    first = world.client("gina")
    second = world.client("gina2", user="gina")
    told(world, "user", "group", "gina", "one")
    world.until(lambda: "1 of 1 sessions" in second.daemon.log(), "the second one stays", 4)
    assert first.up()
    second.stop()
    world.daemons.remove(second.daemon)


def test_an_office_is_not_for_everybody(world):
    hal = world.client("hal", connect=False)
    hal.host.ip("link", "add", "br0", "type", "bridge")
    hal.connect("--bridge", "br0")
    told(world, "user", "group", "hal", "nobridge")
    ends(world, hal, "not with a bridge")


def set_hours(server, user, hours):
    server.configure(CONF + f"[user {user}]\nhours = {hours}\n")
    assert server.cli("reload").returncode == 0


def not_now():
    """Hours of another time of day: by the server's own clock and time zone."""
    begin, end = (datetime.datetime.now() + datetime.timedelta(hours=n) for n in (2, 3))
    return f"{begin:%H:%M}-{end:%H:%M}"


def waits(world, client, sentence):
    said = f"{sentence}; trying again"
    world.until(lambda: said in client.daemon.log(), f"{client.user} does not say: {said}", 10)
    assert client.daemon.running()


def test_hours_end_a_session_and_it_comes_back(world):
    server, ida = world.the_server, world.client("ida")
    hours = not_now()
    only = f"not at this hour (this user may connect {hours} only)"
    try:
        set_hours(server, "ida", hours)
        waits(world, ida, f"the server ended the session: {only}")
        assert not server.client("ida")
        set_hours(server, "ida", "always")
        ida.daemon.process.send_signal(signal.SIGHUP)  # try now, as a laptop that wakes up does
        world.until(ida.up, "ida does not come back")
        ida.stop()
        world.daemons.remove(ida.daemon)

        # a person who begins at the wrong hour is told so
        set_hours(server, "ida", hours)
        ida.start()
        assert ida.daemon.wait(20) == LOGIN
        world.daemons.remove(ida.daemon)
        assert ida.daemon.log().rstrip().endswith(f"the server refused the login: {only}")

        # a service is started when the machine is, and is there when it may be
        ida.daemon = Daemon(ida.host, "service", ["env", "NOTIFY_SOCKET=@lanyard-nobody",
                                                  *ida.command()], world.folder)
        world.daemons.append(ida.daemon.start())
        waits(world, ida, f"the server refused the login: {only}")
    finally:
        server.configure(CONF)
        assert server.cli("reload").returncode == 0
    ida.daemon.process.send_signal(signal.SIGHUP)
    world.until(ida.up, "the service does not come back")


# ---- a key that never leaves its machine, without an invitation ----

def request_of(world, name, *options, key="ec"):
    """By another tool, with a name that is not the user's."""
    made = world.folder / f"{name}.key", world.folder / f"{name}.csr"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else [
        "-newkey", key]
    subprocess.run(["openssl", "req", "-new", *kind, "-nodes", "-subj", "/CN=someone.else",
                    "-keyout", made[0], "-out", made[1], *options], check=True,
                   capture_output=True)
    return made


def test_a_request_is_signed_by_hand(world):
    key, csr = request_of(world, "pia")
    done = told(world, "user", "add", "pia", "--csr", csr, "--group", "one", "--server",
                "192.0.2.1")
    assert "lacks the key" in done.stderr and "PRIVATE" not in done.stdout
    indented = "".join(f"  {line}\n" for line in key.read_text().splitlines())
    pia = world.client("pia", user="pia", connect=False, profile=f"{done.stdout}key =\n{indented}")
    pia.connect()
    shown = world.the_server.client("pia")
    assert shown["user"] == "pia" and shown["group"] == "one"
    rows = json.loads(told(world, "cert", "list", "pia", "--json").stdout)["certificates"]
    assert len(rows) == 1

    # another one of a user who is there, from standard input; it is his to be revoked
    answer = json.loads(told(world, "user", "add", "pia", "--csr", "-", "--json",
                             input=request_of(world, "pia2")[1].read_text()).stdout)
    der = ssl.PEM_cert_to_DER_cert(answer["certificate"])
    assert answer["certificate"] in re.sub(r"(?m)^  ", "", answer["profile"])
    assert hashlib.sha256(der).hexdigest() in told(world, "cert", "list", "pia", "--json").stdout
    for options, sentence in (["--group", "narrow"], "is there"), (["--expires", "1d"], "is there"):
        done = world.the_server.cli("user", "add", "pia", "--csr", csr, *options)
        assert done.returncode == USAGE and sentence in done.stderr


def test_requests_that_are_not_signed(world):
    key, good = request_of(world, "quin")
    weak = request_of(world, "weak", key="rsa:1024")[1]
    sha1 = request_of(world, "sha1", "-sha1")[1]
    text = good.read_text().splitlines()
    text[2] = ("A" if text[2][0] != "A" else "B") + text[2][1:]
    forged, both = world.folder / "forged.csr", world.folder / "both.csr"
    forged.write_text("\n".join(text) + "\n")
    both.write_text(good.read_text() + key.read_text())
    for path, status, sentence in (
            (key, USAGE, "no request"), (both, USAGE, "no request"),
            (world.folder / "none.csr", 1, "No such file"), ("/dev/zero", USAGE, "no request"),
            (weak, 1, "RSA from 2048"), (sha1, 1, "SHA-256 or better"), (forged, 1, "request")):
        done = world.the_server.cli("user", "add", "quin", "--csr", path)
        assert done.returncode == status and sentence in done.stderr, (path, done.stderr)
        assert "PRIVATE" not in done.stderr
    assert "quin" not in told(world, "user", "list").stdout
    assert world.the_server.cli("user", "block", "leo", "--csr", good).returncode == USAGE


def test_an_invitation_is_one_line(world):
    done = told(world, "invite", "judy", "--group", "one", "--expires", "2h")
    url = done.stdout.strip()
    match = re.fullmatch(r"lanyard://vpn\.example\.net/([\w-]{32})#([\w-]{43})", url)
    assert match, url
    assert "good once" in done.stderr and match[1] not in done.stderr
    rows = json.loads(told(world, "invite", "list", "--json").stdout)["invitations"]
    mine, = [row for row in rows if row["user"] == "judy"]
    assert mine["state"] == "open" and mine["expires_s"] - mine["created_s"] == 7200
    told(world, "invite", "revoke", str(mine["id"]))
    assert "revoked" in told(world, "invite", "list").stdout
    assert world.the_server.cli("invite", "revoke", "999").returncode == NO_OBJECT
    assert world.the_server.cli("invite", "judy", "--group", "narrow").returncode == 1
    assert world.the_server.cli("invite", "judy", "--expires", "soon").returncode == USAGE
    assert "judy" in told(world, "user", "list").stdout
    assert match[1] not in world.the_server.daemon.log()


def on_a_terminal(world, arguments, answers):
    """Runs a command on a terminal of its own and answers its questions; all that it showed."""
    terminal, child = pty.openpty()
    command = world.the_server.host.enter([LANYARD, *arguments, "-c", world.the_server.conf])
    process = subprocess.Popen(["setsid", "--ctty", "--wait", *command], stdin=child, stdout=child,
                               stderr=child)
    os.close(child)
    shown, sent = b"", 0
    with contextlib.suppress(OSError):  # the other end is closed
        while True:
            shown += os.read(terminal, 65536)
            if sent < len(answers) and shown.count(b": ") > sent:
                os.write(terminal, answers[sent].encode() + b"\n")
                sent += 1
    os.close(terminal)
    return process.wait(), shown.decode()


def test_a_password_is_asked_for_without_echo(world):
    told(world, "user", "add", "kate")
    status, shown = on_a_terminal(world, ["user", "passwd", "kate"], [PASSWORD, PASSWORD])
    assert status == 0 and "has a new password" in shown
    assert PASSWORD not in shown
    status, shown = on_a_terminal(world, ["user", "passwd", "kate"], [PASSWORD, "another one"])
    assert status == USAGE and "not the same" in shown
    status, shown = on_a_terminal(world, ["user", "passwd", "kate"], ["\x03"])
    assert status == 1 and "interrupted" in shown


def by_password(world, user, password):
    """A client whose profile has no certificate."""
    told(world, "user", "add", user, "--group", "staff")
    told(world, "user", "passwd", user, input=password + "\n")
    client = world.client(user, user=user, connect=False)
    client.password = world.folder / f"{user}.password"
    client.password.touch(mode=0o600)
    client.password.write_text(password)
    text = client.profile.read_text().partition("[identity]")[0]
    client.profile.write_text(text.replace("[trust]", f"password-file = {client.password}\n[trust]"))
    return client.connect()


def test_a_new_password_ends_what_the_old_one_began(world):
    rita, sam = by_password(world, "rita", PASSWORD), world.client("sam")
    told(world, "user", "passwd", "rita", input="another good one\n")
    ends(world, rita, "user, password or code is wrong (this user's password was changed)")
    status, sentence = rita.try_once()
    assert status == LOGIN and "refuses the password" in sentence
    told(world, "user", "passwd", "sam", input=PASSWORD)
    assert sam.up(), "he has not shown one"
    rita.password.write_text("another good one")
    rita.connect()
    told(world, "user", "passwd", "rita", "--remove")
    ends(world, rita, "this user's password was changed")


def test_a_dearer_hash_comes_with_the_next_login(world):
    server, tess = world.the_server, by_password(world, "tess", PASSWORD)
    tess.stop()

    def stored():
        with sqlite3.connect(world.folder / "state/state.db", timeout=20) as database:
            return database.execute("SELECT password FROM user WHERE name = 'tess'").fetchone()[0]

    before = stored()
    assert before.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    server.configure(CONF + "[server]\npassword-passes = 4\n")
    try:
        assert server.cli("reload").returncode == 0
        tess.password.write_text("not the right one")
        assert tess.try_once()[0] == LOGIN and stored() == before
        tess.password.write_text(PASSWORD)
        tess.connect()
        world.until(lambda: stored().startswith("$argon2id$v=19$m=65536,t=4,p=1$"),
                    "the hash is as it was")
        assert tess.up(), "it is the same password"
        tess.stop()
        tess.connect()
    finally:
        server.configure(CONF)
        assert server.cli("reload").returncode == 0


def test_passwords_that_are_none(world):
    for text in "short", "", "x" * 1025 + "\n", "pass\0word", "passw\x1b[31mord":
        done = world.the_server.cli("user", "passwd", "kate", input=text)
        assert done.returncode == USAGE, f"{text!r}: {done.stderr}"
    path = world.folder / "latin"
    path.write_bytes(b"passw\xf6rter\n")
    assert world.the_server.cli("user", "passwd", "kate", "--file", path).returncode == USAGE


def test_no_secret_is_in_the_clear(world):
    """What lies on disk, what the log says, and who changed it."""
    told(world, "user", "add", "leo")
    told(world, "user", "passwd", "leo", input=PASSWORD + "\n")
    uri = told(world, "user", "totp", "leo").stdout.strip()
    secret = re.search(r"secret=([A-Z2-7]{32})&", uri)[1]
    token = re.search(r"net/([\w-]+)#", told(world, "invite", "leo").stdout)[1]
    profile = told(world, "user", "profile", "leo").stdout
    key = re.findall(r"  (\S{64})\n", profile.split("PRIVATE KEY")[1])[0]

    state = world.folder / "state"
    on_disk = b"".join(path.read_bytes() for path in state.iterdir())
    assert b"$argon2id$v=19$m=65536,t=3,p=1$" in on_disk, "the test looks at the wrong file"
    for what in PASSWORD, token, secret, key:
        assert what.encode() not in on_disk, what
        assert what not in world.the_server.daemon.log(), what
    assert all(path.stat().st_mode & 0o077 == 0 for path in [state, *state.iterdir()])

    audit = json.loads(told(world, "show", "audit", "--json").stdout)["audit"]
    lines = [line["what"] for line in audit if line["what"].split()[2:3] == ["leo"]]
    assert lines == ["user add leo", "password set leo", "totp set leo", lines[3],
                     "certificate add leo"]
    assert lines[3].startswith("invite add leo ")
    assert "totp set leo" in told(world, "show", "audit").stdout
    user, = [u for u in json.loads(told(world, "user", "list", "--json").stdout)["users"]
             if u["name"] == "leo"]
    assert user["has_password"] and user["has_code"] and user["auth"] == "certificate"
    assert user["sessions"] == 0
    told(world, "user", "totp", "leo", "--remove")
    told(world, "user", "passwd", "leo", "--remove")


def test_what_was_acknowledged_survives_kill_9():
    with Lan() as lan:
        server = lan.server()
        mike = lan.client("mike")
        for arguments in (["block", "mike"], ["add", "nina", "--expires", "2099-01-31"]):
            assert server.cli("user", *arguments).returncode == 0
        server.kill()
        lan.until(lambda: not mike.daemon.running() or not mike.up(), "mike stays connected")
        server.start()
        if mike.daemon.running():
            assert mike.daemon.wait(40) == LOGIN, "he was let in again"
        lan.daemons.remove(mike.daemon)
        users = {u["name"]: u for u in json.loads(server.cli("user", "list", "--json").stdout)[
            "users"]}
        assert users["mike"]["blocked_s"] and users["nina"]["expires_s"] > 4e9


def test_all_of_it_without_a_server():
    with Lan() as lan:
        server = lan.server(start=False)
        done = server.cli("show", "audit")
        assert done.returncode == NO_DAEMON and not (lan.folder / "state").exists()
        csr = request_of(lan, "olga")[1]
        for arguments, options in [
                (["user", "add", "olga", "--expires", "30d"], {}),
                (["user", "block", "olga", "--reason", "x"], {}),
                (["user", "add", "olga", "--csr", csr], {}),
                (["user", "unblock", "olga"], {}), (["user", "expire", "olga", "never"], {}),
                (["user", "passwd", "olga"], {"input": PASSWORD}),
                (["user", "totp", "olga"], {}), (["invite", "olga"], {}),
                (["invite", "list"], {}), (["invite", "revoke", "1"], {}), (["cert", "list"], {})]:
            done = server.cli(*arguments, **options)
            assert done.returncode == 0, f"{arguments}: {done.stderr}"
        assert server.cli("user", "block", "nobody").returncode == NO_OBJECT
        assert server.cli("cert", "revoke", "xyz").returncode == USAGE
        answer = json.loads(server.cli("show", "audit", "--json").stdout)
        assert answer["schema"] == 1 and answer["role"] == "server"
        assert [line["what"] for line in answer["audit"]][:2] == [
            "user add olga", "user block olga: x"]
        assert all(line["who"] and line["at_s"] > 1e9 for line in answer["audit"])
        assert "user block olga: x" in server.cli("show", "audit").stdout
        database = sqlite3.connect(lan.folder / "state/state.db")
        assert [row[0] for row in database.execute("SELECT what FROM audit ORDER BY id")] == [
            "user add olga", "user block olga: x", "certificate add olga", "user unblock olga", "user expire olga never",
            "password set olga", "totp set olga", "invite add olga 1", "invite revoke olga 1"]
        database.close()


@pytest.mark.parametrize("arguments", [
    ["user", "block"], ["user", "expire", "alice"], ["user", "expire", "alice", "soon"],
    ["user", "list", "--remove"], ["user", "block", "alice", "--file", "x"],
    ["user", "unblock", "alice", "--reason", "x"], ["invite"], ["invite", "revoke", "x"],
    ["cert"], ["cert", "revoke"], ["cert", "list", "a", "b"]])
def test_what_cannot_be_asked(world, arguments):
    assert lanyard(world.the_server.host, *arguments, "-c",
                   world.the_server.conf).returncode == USAGE
