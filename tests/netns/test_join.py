# SPDX-License-Identifier: Apache-2.0
"""A client's side of logging in: invitations, passwords from files and from a terminal, one-time
codes; and that no secret is to be seen anywhere while it does."""

import base64
import hashlib
import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import termios
import time

import pytest

import certificates
from core import core_of
from lan import DATACENTER, INTERFACE, LANYARD, NAME, OFFICE4, Client, Lan
from test_login import SECRET, code, invite, password_hash, put

CONF = f"""
    [server]
    password-memory = 19M
    password-passes = 2
    [ra]
    route = 2001:db8:100::/48
    dns = {DATACENTER}
    search = corp.example
    [group staff]
    auth = password
    [group wary]
    auth = password+code
"""
CONNECT, LOGIN, CERTIFICATE = 4, 5, 6
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        server = lan.server(CONF)
        for user, group in ("alice", "staff"), ("wanda", "wary"), ("carl", "none"):
            done = server.cli("user", "add", user, "--group", group)
            assert done.returncode == 0, done.stderr
        for user in "alice", "wanda":
            put(lan, user, password=password_hash(f"{user}'s password"))
        put(lan, "wanda", code=SECRET)
        lan.ca = certificates.authority_of(lan.folder / "state").certificate
        lan.print = hashlib.sha256(subprocess.run(
            ["openssl", "x509", "-outform", "DER"], input=lan.ca.encode(), capture_output=True,
            check=True).stdout).digest()
        yield lan


def machine(world, resolvconf=False):
    """A machine with nothing but the package."""
    number = world.next_address
    world.next_address += 1
    host = world.host(f"laptop-{number}", resolvconf=resolvconf)
    world.join_internet(host, f"192.0.2.{number}", f"2001:db8:ffff::{number:x}")
    return Client(world, "carl", host)


@pytest.fixture
def laptop(world):
    return machine(world)


def url(world, token, fingerprint=None, host=OFFICE4):
    text = base64.urlsafe_b64encode(fingerprint or world.print).decode().rstrip("=")
    return f"lanyard://{host}/{token.decode()}#{text}"


def join(laptop, invitation, *options):
    return laptop.host.run(LANYARD, "join", invitation, "-o", laptop.profile, *options,
                           check=False)


def profile_with(world, laptop, *lines):
    trust = "\n".join("  " + line for line in world.ca.splitlines())
    laptop.write_profile(f"[client]\nserver = {OFFICE4}\nname = {NAME}\n" + "\n".join(lines) +
                         f"\n[trust]\nca =\n{trust}\n")


class Terminal:
    """`lanyard VERB ...` with a terminal of its own, and whatever appears there."""

    def __init__(self, host, *command):
        self.shown = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            enter = host.enter(["setpriv", "--pdeathsig", "KILL", *command])
            os.execvp(enter[0], enter)
        self.before = termios.tcgetattr(self.fd)

    def until(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while text.encode() not in self.shown:
            left = deadline - time.monotonic()
            assert left > 0, f"no {text!r} in {self.shown!r}"
            if select.select([self.fd], [], [], left)[0]:
                self._read()

    def _read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        assert data, f"it ended: {self.shown!r}"
        self.shown += data

    def type(self, text):
        self.shown = b""
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def wait(self, seconds=30):
        """Its exit status; what it still says is in `shown`."""
        try:
            while select.select([self.fd], [], [], seconds)[0]:
                self._read()
        except AssertionError:
            pass
        else:
            os.kill(self.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = 0
        return status

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            self.wait()
        os.close(self.fd)


@pytest.fixture
def terminal():
    opened = []

    def new(host, *command):
        opened.append(Terminal(host, *command))
        return opened[-1]
    yield new
    for one in opened:
        one.close()


def up(laptop):
    return laptop.status().get("state") == "up"


# ---- invitations ----

def test_from_nothing_to_dns_in_one_command(world):
    """As a new user would, until the tunnel's DNS server is in the resolver and can be reached."""
    laptop = machine(world, resolvconf=True)
    profile = laptop.profile.with_name(f"{laptop.host.name}-new") / "client.conf"
    invitation = url(world, invite(world, "carl"))
    start = time.monotonic()
    running = subprocess.Popen(
        laptop.host.enter(["env", f"PATH={PATH}", LANYARD, "join", "-", "-o", profile, "-v"]),
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        running.stdin.write(invitation + "\n")
        running.stdin.close()
        world.until(lambda: DATACENTER in (laptop.host.read("/etc/resolv.conf") or "") and
                    laptop.ping(DATACENTER), "no DNS server, or no way to it", 20)
        took = time.monotonic() - start
        assert stat.S_IMODE(profile.stat().st_mode) == 0o600
        text = profile.read_text()
        assert "user = carl" in text and "PRIVATE KEY" in text and world.ca.splitlines()[3] in text
        assert world.the_server.client("carl")
    finally:
        running.terminate()
        log = running.stderr.read()
        assert running.wait(20) == 0, log
    token = invitation.split("/")[-1].split("#")[0]
    assert token not in log and token not in text and token not in world.the_server.daemon.log()
    assert "PRIVATE" not in log
    print(f"from join to an answer of the DNS server's host: {took:.2f} s")


def test_an_invitation_as_the_server_prints_it(world, laptop):
    done = world.the_server.cli("invite", "carl", "--server", OFFICE4)
    assert done.returncode == 0, done.stderr
    invitation = re.search(r"lanyard://\S+", done.stdout)[0]
    done = join(laptop, invitation, "--no-connect")
    assert done.returncode == 0, done.stderr
    done = laptop.host.run(LANYARD, "doctor", laptop.profile, "--json", check=False)
    login, = (c for c in json.loads(done.stdout)["checks"] if c["check"] == "login")
    assert login["state"] == "ok", login


def test_the_token_is_gone_from_argv_while_it_connects(world, laptop):
    token = invite(world, "carl")
    running = subprocess.Popen(laptop.host.enter(
        [LANYARD, "join", url(world, token), "-o", laptop.profile]), stderr=subprocess.DEVNULL)
    try:
        world.until(lambda: laptop.host.has_interface(INTERFACE), "it does not connect", 20)
        with open(f"/proc/{running.pid}/cmdline", "rb") as file:
            command = file.read()
        with open(f"/proc/{running.pid}/environ", "rb") as file:
            environment = file.read()
        assert b"join" in command and token not in command and token not in environment
    finally:
        running.terminate()
        running.wait(20)


def test_an_invitation_is_good_once_and_a_profile_is_not_written_over(world, laptop):
    token = invite(world, "carl")
    assert join(laptop, url(world, token), "--no-connect").returncode == 0
    first = laptop.profile.read_text()
    done = join(laptop, url(world, token), "--no-connect")
    assert done.returncode == 1
    assert "the invitation was not used" in done.stderr and "is there already" in done.stderr
    done = join(laptop, url(world, token), "--no-connect", "--force")
    assert done.returncode == LOGIN
    assert done.stderr.endswith("refused the invitation: it was used already\n")
    assert laptop.profile.read_text() == first
    assert join(laptop, url(world, invite(world, "carl")), "--no-connect",
                "--force").returncode == 0
    assert laptop.profile.read_text() != first
    laptop.profile.write_text(laptop.profile.read_text().replace(
        "[client]\n", f"[client]\ncontrol = {laptop.socket}\n"))
    laptop.connect()
    laptop.stop()


@pytest.mark.parametrize("what,sentence", [
    ({"expires": -1}, "its time is over"), ({"revoked_s": 1}, "it was revoked"),
    ({"used_s": 1}, "it was used already"), (None, "it does not know this one")])
def test_refusals_have_their_reason(world, laptop, what, sentence):
    token = b"A" * 32 if what is None else invite(world, "carl", **what)
    keep = invite(world, "carl")  # without one that is open nobody comes without a certificate
    done = join(laptop, url(world, token))
    assert done.returncode == LOGIN, done.stderr
    assert done.stderr.endswith(f"lanyard: the server refused the invitation: {sentence}\n")
    assert not laptop.profile.exists() and not list(laptop.profile.parent.glob("*.new"))
    assert token.decode() not in done.stderr
    with_state_closed(world, keep)


def with_state_closed(world, token):
    """An invitation that nobody needs any more."""
    import test_login
    with test_login.state(world) as database:
        database.execute("DELETE FROM invitation WHERE token = ?",
                         (hashlib.sha256(base64.urlsafe_b64decode(token)).digest(),))


def test_another_server_hears_nothing_of_the_token(world, laptop):
    token = invite(world, "carl")
    done = join(laptop, url(world, token, fingerprint=b"\1" * 32))
    assert done.returncode == CERTIFICATE, done.stderr
    assert not laptop.profile.exists()
    assert join(laptop, url(world, token), "--no-connect").returncode == 0, "it was used up"


def test_nobody_there(world, laptop):
    done = join(laptop, url(world, b"A" * 32, host=f"{OFFICE4}:1"))
    assert done.returncode == CONNECT and not laptop.profile.exists()


def test_what_is_no_invitation(laptop):
    done = join(laptop, "https://vpn.example.net/secret")
    assert done.returncode == 2 and "does not begin with lanyard://" in done.stderr


# ---- passwords ----

def test_a_password_file(world, laptop):
    password = world.folder / f"{laptop.host.name}.password"
    password.touch(mode=0o600)
    password.write_text("alice's password\n")
    profile_with(world, laptop, "user = alice", f"password-file = {password}")
    laptop.connect()
    assert world.the_server.client("alice")
    laptop.stop()
    assert "alice's password" not in laptop.daemon.log()
    password.write_text("wrong\n")
    status, sentence = laptop.try_once()
    assert status == LOGIN
    assert sentence == f"lanyard: the server refuses the password in {password}: wrong: once more"
    password.chmod(0o644)
    status, sentence = laptop.try_once()
    assert status == LOGIN and sentence.endswith(f"others can read {password}: chmod 600 {password}")


def test_the_doctor_logs_in_with_it(world, laptop):
    password = world.folder / f"{laptop.host.name}.password"
    password.touch(mode=0o600)
    password.write_text("alice's password\n")

    def login(user, *lines):
        profile_with(world, laptop, f"user = {user}", *lines)
        done = laptop.host.run(LANYARD, "doctor", laptop.profile, "--json", check=False)
        checks = {c["check"]: c for c in json.loads(done.stdout)["checks"]}
        assert checks["clock"]["state"] == "ok"
        assert "the server's certificate" in checks["clock"]["detail"]
        return checks["login"]["state"], checks["login"]["detail"]
    state, detail = login("alice", f"password-file = {password}")
    assert state == "ok" and "the server lets alice in" in detail
    assert login("alice") == ("warning", "the server asks for a password, and no file has one")
    password.write_text("wanda's password")
    assert login("wanda", f"password-file = {password}") == (
        "warning", "the server asks for a one-time code; the password is right")
    password.write_text("wrong")
    assert login("alice", f"password-file = {password}") == (
        "failed", f"the server refuses the password in {password}")


def test_a_credential_of_systemd(world, laptop):
    folder = world.folder / f"{laptop.host.name}.credentials"
    folder.mkdir()
    (folder / "password").write_text("alice's password")
    profile_with(world, laptop, "user = alice")
    running = subprocess.Popen(laptop.host.enter(
        ["env", f"CREDENTIALS_DIRECTORY={folder}", *laptop.command()]), stderr=subprocess.DEVNULL)
    try:
        world.until(lambda: up(laptop), "it does not connect", 20)
    finally:
        running.terminate()
        assert running.wait(20) == 0


def test_without_a_terminal_the_sentence_says_what_is_missing(world, laptop):
    profile_with(world, laptop, "user = alice")
    status, sentence = laptop.try_once()
    assert status == LOGIN
    assert "neither password-file in the profile nor a credential 'password'" in sentence
    assert sentence.endswith("there is no terminal to ask on")


def test_a_prompt_without_echo_that_remembers(world, laptop, terminal):
    profile_with(world, laptop, "user = alice")
    typed = terminal(laptop.host, *laptop.command())
    typed.until(f"Password of alice at {OFFICE4}: ")
    assert not typed.echoes()
    typed.type("not it\n")
    typed.until("wrong: once more")
    typed.until(f"Password of alice at {OFFICE4}: ")
    typed.type("alice's password\n")
    world.until(lambda: up(laptop), "it does not connect", 20)
    assert typed.echoes()
    assert world.the_server.cli("kick", "alice").returncode == 0
    world.until(lambda: "kicked" in typed_log(typed), "it was not kicked", 20)
    world.until(lambda: up(laptop), "it does not remember", 20)
    for secret in "not it", "alice's password":
        assert secret.encode() not in typed.shown
    # changed meanwhile: it asks again
    put(world, "alice", password=password_hash("another one"))
    try:
        typed.shown = b""
        world.the_server.cli("kick", "alice")
        typed.until(f"Password of alice at {OFFICE4}: ")
        typed.type("another one\n")
        world.until(lambda: up(laptop), "it does not connect", 20)
    finally:
        put(world, "alice", password=password_hash("alice's password"))


def typed_log(typed):
    while select.select([typed.fd], [], [], 0)[0]:
        typed._read()
    return typed.shown.decode(errors="replace")


@pytest.mark.parametrize("how", ["interrupt", "end", "term"])
def test_the_terminal_is_as_before(world, laptop, terminal, how):
    profile_with(world, laptop, "user = alice")
    typed = terminal(laptop.host, *laptop.command())
    typed.until(f"Password of alice at {OFFICE4}: ")
    assert not typed.echoes()
    if how == "term":
        os.kill(typed.pid, signal.SIGTERM)
    else:
        typed.type({"interrupt": "half\x03", "end": "\x04"}[how])
    # nobody but it has the other end: what it leaves can be read until we close
    attributes = None
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            attributes = termios.tcgetattr(typed.fd)
            if attributes[3] & termios.ECHO:
                break
        except termios.error:
            break
    assert attributes == typed.before
    assert typed.wait() == (LOGIN if how == "end" else 0)
    if how == "end":
        assert b"nothing was typed where the server asks" in typed.shown
    assert b"half" not in typed.shown and not laptop.host.has_interface(INTERFACE)


def test_a_core_dump_has_no_password(world, laptop, terminal):
    """Although it is kept for the next connection, which the client waits for in the end; nor the
    code."""
    put(world, "wanda", code_step=0)
    profile_with(world, laptop, "user = wanda")
    typed = terminal(laptop.host, *laptop.command())
    typed.until(f"Password of wanda at {OFFICE4}: ")
    typed.type("wanda's password\n")
    typed.until(f"One-time code of wanda at {OFFICE4}: ")
    before = core_of(typed.pid)  # six digits may be in there by chance
    digits = next(d for d in (code(), code(1)) if d.encode() not in before)
    typed.type(f"{digits}\n")
    world.until(lambda: up(laptop), "it does not connect", 20)

    def has_neither():
        core = core_of(typed.pid)
        assert world.ca.splitlines()[3].encode() in core, "that is not its memory"
        assert b"wanda's password" not in core and digits.encode() not in core
    has_neither()
    world.the_server.stop()
    try:
        world.until(lambda: laptop.status().get("state") == "waiting", "it does not wait", 40)
        has_neither()
    finally:
        world.the_server.start()


def test_whoever_types_slowly_is_waited_for(world, laptop, terminal):
    """The server has hung up meanwhile; the answer is for the next connection."""
    profile_with(world, laptop, "user = alice")
    typed = terminal(laptop.host, *laptop.command())
    typed.until(f"Password of alice at {OFFICE4}: ")
    world.until(lambda: laptop.status().get("state") == "waiting", "for ever in its login", 40)
    typed.type("alice's password\n")
    world.until(lambda: up(laptop), "it does not connect", 20)


def test_a_code_is_asked_for_too(world, laptop, terminal):
    put(world, "wanda", code_step=0)
    profile_with(world, laptop, "user = wanda")
    typed = terminal(laptop.host, *laptop.command())
    typed.until(f"Password of wanda at {OFFICE4}: ")
    typed.type("wanda's password\n")
    typed.until(f"One-time code of wanda at {OFFICE4}: ")
    assert not typed.echoes()
    typed.type(f"{code()}\n")
    world.until(lambda: up(laptop), "it does not connect", 20)
    assert world.the_server.client("wanda")


def test_wrong_too_often_is_the_end(world, laptop, terminal):
    profile_with(world, laptop, "user = alice")
    typed = terminal(laptop.host, *laptop.command("--once"))
    for _ in range(6):
        try:
            typed.until("Password of alice at ")
        except AssertionError:
            break  # it has ended
        typed.type("wrong\n")
    assert typed.wait() == LOGIN, typed.shown
    assert re.search(rb"lanyard: the server refused the login: (user, password|too many)",
                     typed.shown)


# ---- whom to trust ----

def test_a_fingerprint_in_the_profile(world, laptop):
    laptop.write_profile()
    text = laptop.profile.read_text()
    start, end = text.index("[trust]"), text.index("[identity]")
    for value, status in (world.print.hex(), 0), (b"\1".hex() * 32, CERTIFICATE):
        laptop.profile.write_text(f"{text[:start]}[trust]\nfingerprint = {value}\n{text[end:]}")
        if status:
            assert laptop.try_once()[0] == status
        else:
            laptop.connect()
            laptop.stop()


def test_the_system_does_not_trust_our_ca(world, laptop):
    store = world.folder / "store.pem"
    store.write_text(world.ca)
    laptop.write_profile()
    text = laptop.profile.read_text()
    start, end = text.index("[trust]"), text.index("[identity]")
    laptop.profile.write_text(f"{text[:start]}[trust]\nsystem = yes\n{text[end:]}")
    assert laptop.try_once()[0] == CERTIFICATE
    laptop.host.run("mount", "--bind", store, "/etc/ssl/certs/ca-certificates.crt")
    laptop.connect()
    laptop.stop()
