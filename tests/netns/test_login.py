# SPDX-License-Identifier: Apache-2.0
"""The server's side of logins by password and one-time code, and of invitations: what it asks, whom
it lets in, and what it says to everybody else.  The state file is written here, with libsodium's
own hashes, so that nothing of what is tested is trusted."""

import base64
import ctypes
import hashlib
import hmac
import itertools
import json
import os
import re
import sqlite3
import ssl
import struct
import subprocess
import time

import pytest

import certificates
from lan import OFFICE4, OFFICE6, Lan
from speaker import (ANSWER, ASK, CODE, CREDENTIALS, PASSWORD, SUPERFRAME, WELCOME, Ended, Speaker,
                     tlv)

CONF = """
    [server]
    password-memory = 19M
    password-passes = 2
    [group staff]
    auth = password
    [group wary]
    auth = password+code
    [group both]
    auth = certificate+password
"""
EVEN_S = 0.008  # server/stranger_login.c, less what its loop's clock may lag behind
LEAST_HASH_S = 0.004  # 19 MiB are written twice
SECRET = b"12345678901234567890"  # RFC 6238's
sodium = ctypes.CDLL("libsodium.so.23")


def password_hash(password, passes=2, memory=19 << 20):
    text = ctypes.create_string_buffer(128)
    assert sodium.crypto_pwhash_str_alg(text, password.encode(), ctypes.c_ulonglong(len(password)),
                                        ctypes.c_ulonglong(passes), ctypes.c_size_t(memory),
                                        2) == 0
    return text.value.decode()


def code(step=0):
    counter = struct.pack("!Q", int(time.time()) // 30 + step)
    digest = hmac.digest(SECRET, counter, "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack_from('!I', digest, at)[0] & 0x7fffffff) % 1000000:06d}"


def state(lan):
    file, = (lan.folder / "state").glob("*.db")
    return sqlite3.connect(file, timeout=20)


def put(lan, user, **columns):
    with state(lan) as database:
        database.execute(f"UPDATE user SET {', '.join(f'{c} = ?' for c in columns)} "
                         "WHERE name = ?", (*columns.values(), user))


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        server = lan.server(CONF)
        lan.away = lan.host("away")
        lan.join_internet(lan.away, "192.0.2.66", "2001:db8:ffff::66")
        for user, group in (("alice", "staff"), ("wanda", "wary"), ("bea", "both"),
                            ("carl", "none"), ("nopass", "staff")):
            done = server.cli("user", "add", user, "--group", group)
            assert done.returncode == 0, done.stderr
        for user in "alice", "wanda", "bea", "carl":
            put(lan, user, password=password_hash(f"{user}'s password"))
        put(lan, "wanda", code=SECRET)
        lan.own = certificates.authority_of(lan.folder / "state")
        yield lan


numbers = itertools.count(100)


@pytest.fixture
def speak(world):
    """Connections from an address of this test's own: failures of one are not another's."""
    own = f"192.0.2.{next(numbers)}"
    world.away.ip("address", "add", f"{own}/24", "dev", "eth0")
    opened = []

    def new(certificate=None, source=own, address=OFFICE4):
        opened.append(Speaker(world.away, address, world.own.certificate, certificate, source))
        return opened[-1]
    yield new
    for speaker in opened:
        speaker.close()


def refused(speaker, user, *answers):
    with pytest.raises(Ended) as ended:
        speaker.log_in(user, *answers)
    return ended.value.reason


def pair_of(world, user):
    """A profile's certificate and key, as the server made them."""
    done = world.the_server.cli("user", "profile", user)
    assert done.returncode == 0, done.stderr
    blocks, block = [], None
    for line in done.stdout.splitlines():
        line = line.split("= ", 1)[-1].strip()
        if line.startswith("-----BEGIN"):
            block = []
        if block is not None:
            block.append(line)
        if line.startswith("-----END"):
            blocks.append("\n".join(block))
            block = None
    return "\n".join(b for b in blocks[1:])  # the first is the CA


# ---- passwords ----

def test_a_password_lets_in(world, speak):
    speaker = speak()
    welcome = speaker.log_in("alice", "alice's password")
    assert welcome[5] == b"alice"
    assert world.the_server.client("alice")
    # as in no log, and nowhere in clear
    assert "alice's password" not in world.the_server.daemon.log()


def test_a_wrong_one_is_asked_for_again_and_then_it_is_over(world, speak):
    assert speak().log_in("alice", "wrong", "alice's password")[5] == b"alice"
    assert refused(speak(), "alice", *["wrong"] * 6) in ("wrong", "slowly")


def test_a_new_password_ends_what_the_old_one_began_and_nothing_else(world, speak):
    done = world.the_server.cli("user", "add", "pat", "--group", "staff")
    assert done.returncode == 0, done.stderr
    put(world, "pat", password=password_hash("pat's password"))
    by_password, by_certificate = speak(), speak(pair_of(world, "carl"))
    by_password.log_in("pat", "pat's password")
    by_certificate.log_in("")
    for user in "carl", "pat":
        done = world.the_server.cli("user", "passwd", user, input=f"{user}'s password\n")
        assert done.returncode == 0, done.stderr
    with pytest.raises(Ended) as ended:
        by_password.hear(WELCOME)
    assert (ended.value.reason, ended.value.text) == ("wrong", "this user's password was changed")
    by_certificate.heard_until_now()
    assert world.the_server.client("carl")


@pytest.mark.parametrize("user", ["nobody", "nopass", "carl", "bea", "a" * 60, "..", "no\x1bname"])
def test_whoever_has_no_password_is_asked_like_all_others(world, speak, user):
    """carl logs in by certificate, bea needs one as well, nopass has none; the others are not."""
    speaker = speak()
    speaker.hello(user)
    for _ in range(3):
        _, found = speaker.hear(ASK)
        assert int.from_bytes(found[1], "big") == PASSWORD
        speaker.answer(PASSWORD, f"{user}'s password")
    speaker.hear(ASK)


@pytest.mark.parametrize("user", ["alice", "nobody", "carl"])
def test_times_do_not_tell_who_is_there(world, speak, user):
    """The first question leaves on time, and there is a hash for everybody; that is all a time can
    show that is never too short.  `tests/bench/run login-timing` compares them."""
    asked_s, answered_s = [], []
    for _ in range(3):  # more failures would cost time
        speaker = speak()
        start = time.monotonic()
        speaker.hello(user)
        speaker.hear(ASK)
        asked_s.append(time.monotonic() - start)
        speaker.answer(PASSWORD, "wrong")
        speaker.hear(ASK)
        answered_s.append(time.monotonic() - start - asked_s[-1])
    assert max(asked_s) >= EVEN_S and min(answered_s) >= LEAST_HASH_S


@pytest.mark.parametrize("password", ["", "alice's passwor", "alice's password ", "x" * 255,
                                      b"\xff\xfe\xfd", b"alice's password\xff"])
def test_bad_passwords(world, speak, password):
    speaker = speak()
    speaker.hello("alice")
    speaker.hear(ASK)
    speaker.answer(PASSWORD, password)
    _, found = speaker.hear(ASK)
    assert found[2] == b"wrong: once more"


@pytest.mark.parametrize("parts", [1, 17])  # of 64 KiB: a field can be no longer
def test_an_endless_password_ends_the_connection(world, speak, parts):
    speaker = speak()
    speaker.hello("alice")
    speaker.hear(ASK)
    with pytest.raises((Ended, OSError, EOFError)):
        speaker.say(ANSWER, tlv(1, struct.pack("!H", PASSWORD)) + tlv(2, b"x" * 65000) * parts)
        speaker.hear(ASK)
    assert speak().log_in("alice", "alice's password")


def test_a_password_that_changes_meanwhile_is_wrong(world, speak):
    """Between the question and the answer."""
    speaker = speak()
    speaker.hello("alice")
    speaker.hear(ASK)
    put(world, "alice", password=password_hash("another one"))
    try:
        speaker.answer(PASSWORD, "alice's password")
        with pytest.raises(Ended) as ended:
            speaker.hear(WELCOME)
        assert ended.value.reason == "wrong"
    finally:
        put(world, "alice", password=password_hash("alice's password"))


def test_a_weak_hash_is_made_anew(world, speak):
    weak = password_hash("alice's password", passes=1, memory=1 << 20)
    put(world, "alice", password=weak)
    speak().log_in("alice", "alice's password")
    with state(world) as database:
        (now,), = database.execute("SELECT password FROM user WHERE name = 'alice'")
    assert now != weak and "$m=19456,t=2," in now
    speak().log_in("alice", "alice's password")


def test_blocked_users_hear_so_when_they_have_proven_who_they_are(world, speak):
    put(world, "alice", blocked_s=1)
    try:
        assert refused(speak(), "alice", "wrong", *["wrong"] * 5) in ("wrong", "slowly")
        elsewhere = speak(source="192.0.2.66")  # where nobody has to wait
        assert refused(elsewhere, "alice", "alice's password") == "blocked"
    finally:
        put(world, "alice", blocked_s=0)


# ---- one-time codes ----

def test_a_code_counts_once(world, speak):
    put(world, "wanda", code_step=0)
    step = code()
    assert speak().log_in("wanda", "wanda's password", step)[5] == b"wanda"
    again = speak()
    again.hello("wanda")
    again.hear(ASK)
    again.answer(PASSWORD, "wanda's password")
    _, found = again.hear(ASK)
    assert int.from_bytes(found[1], "big") == CODE
    again.answer(CODE, step)
    _, found = again.hear(ASK)
    assert found[2] == b"wrong: once more"


def test_one_code_in_two_logins_at_once(world, speak):
    put(world, "wanda", code_step=0)
    speakers = [speak() for _ in range(2)]
    for speaker in speakers:
        speaker.hello("wanda")
        speaker.hear(ASK)
        speaker.answer(PASSWORD, "wanda's password")
        speaker.hear(ASK)
    step = code()
    for speaker in speakers:
        speaker.answer(CODE, step)
    assert sorted(speaker.hear(ASK, WELCOME)[0] for speaker in speakers) == [WELCOME, ASK]


@pytest.mark.parametrize("step,good", [(-2, False), (-1, True), (1, True), (2, False)])
def test_codes_of_about_now(world, speak, step, good):
    put(world, "wanda", code_step=0)
    # not just before the next step begins
    world.until(lambda: time.time() % 30 < 20, "the clock stands still", 30)
    speaker = speak()
    if good:
        speaker.log_in("wanda", "wanda's password", code(step))
    else:
        with pytest.raises(AssertionError, match="asked once more"):
            speaker.log_in("wanda", "wanda's password", code(step))


def test_no_code_without_the_password(world, speak):
    speaker = speak()
    speaker.hello("wanda")
    speaker.hear(ASK)
    with pytest.raises((Ended, EOFError, OSError)) as ended:
        speaker.answer(CODE, code())
        speaker.hear(ASK)
    assert getattr(ended.value, "reason", "protocol") == "protocol"


def test_wrong_codes_count(world, speak):
    """The password is right; who guesses at the code must wait, too."""
    wrong = f"{(int(code()) + 500000) % 1000000:06d}"
    assert refused(speak(), "wanda", "wanda's password", *[wrong] * 3) == "wrong"
    assert refused(speak(), "wanda", "wanda's password", *[wrong] * 3) == "slowly"


# ---- a certificate and a password ----

def test_both_are_needed(world, speak):
    pair = pair_of(world, "bea")
    assert speak(pair).log_in("", "bea's password")[5] == b"bea"
    speaker = speak(pair)
    with pytest.raises(AssertionError, match="asked once more"):
        speaker.log_in("alice", "alice's password")  # whose certificate it is, counts
    assert speak(pair_of(world, "carl")).log_in("")[5] == b"carl"


def test_who_shows_a_certificate_hears_at_once_what_stands_in_the_way(world, speak):
    pair = pair_of(world, "bea")
    put(world, "bea", blocked_s=1)
    try:
        assert refused(speak(pair), "") == "blocked"  # no password was asked for
    finally:
        put(world, "bea", blocked_s=0)


def test_a_revoked_certificate_is_told_so(world, speak):
    pair = pair_of(world, "carl")
    der = ssl.PEM_cert_to_DER_cert(pair[:pair.index("-----END CERTIFICATE-----") + 25])
    done = world.the_server.cli("cert", "revoke", hashlib.sha256(der).hexdigest())
    assert done.returncode == 0, done.stderr
    assert refused(speak(pair), "") == "revoked"


# ---- in ----

def test_a_superframe_that_is_none_goes_nowhere(world, speak):
    """It says TCP, and that there is a header of 54 bytes; there is nothing but 14."""
    speaker = speak()
    speaker.log_in("alice", "alice's password")
    speaker.say(SUPERFRAME, b"\x14\x10" + struct.pack("!HHH", 1400, 54, 34) +
                b"\xff" * 6 + b"\x02\0\0\0\0\x01\x86\xdd")
    speaker.heard_until_now()
    world.until(lambda: world.the_server.drops("alice", "offload") == 1, "it was not dropped")


# ---- certificates anew ----

def certificates_of(world, user):
    with state(world) as database:
        (count,), = database.execute("SELECT count(*) FROM certificate WHERE user = ?", (user,))
    return count


def answered(world, speaker, request):
    """Was a certificate sent for it?  The server has seen it when it answers a question of later."""
    speaker.renew(request)
    heard = speaker.heard_until_now()  # then the worker has passed it on
    assert world.the_server.status()  # the control thread has judged it
    return CREDENTIALS in heard + speaker.heard_until_now()


def test_a_certificate_is_renewed_for_its_user_and_not_again_at_once(world, speak):
    request, key = request_for(world, b"", name="carl")
    speaker = speak(pair_of(world, "carl"))
    speaker.log_in("")
    before = certificates_of(world, "carl")
    speaker.renew(request)
    _, found = speaker.hear(CREDENTIALS)
    assert certificates_of(world, "carl") == before + 1
    assert speak(ssl.DER_cert_to_PEM_cert(found[1]) + key).log_in("")[5] == b"carl"
    assert not answered(world, speaker, request)
    assert certificates_of(world, "carl") == before + 1


def test_nobody_gets_the_certificate_of_somebody_else(world, speak):
    speaker = speak(pair_of(world, "carl"))
    speaker.log_in("")
    assert not answered(world, speaker, request_for(world, b"", name="bea")[0])
    assert "it asks for a certificate of somebody else" in world.the_server.daemon.log()


def test_a_password_is_no_way_to_a_certificate(world, speak):
    speaker = speak()
    speaker.log_in("alice", "alice's password")
    assert not answered(world, speaker, request_for(world, b"", name="alice")[0])
    assert certificates_of(world, "alice") == 0


# ---- a program that judges ----

def test_auth_command_judges():
    """It knows alice, and zoe whom the state file does not; blocking is the server's own business."""
    with Lan() as lan:
        script = lan.folder / "judge"
        script.write_text(f"""#!/bin/sh
read -r user; IFS= read -r password
echo "$# $user" >> {lan.folder}/judged; env >> {lan.folder}/judged
[ "$1" = --realm=x ] && [ "$password" = "$user's word; exit 0" ]
""")
        script.chmod(0o755)
        server = lan.server(f"[server]\nauth = password\nauth-command = {script} --realm=x\n")
        away = lan.host("away")
        lan.join_internet(away, "192.0.2.66", "2001:db8:ffff::66")
        for user in "alice", "bob":
            server.cli("user", "add", user)
        put(lan, "alice", password=password_hash("stored password"))
        put(lan, "bob", blocked_s=1)
        ca = certificates.authority_of(lan.folder / "state").certificate

        def reason(user, *answers):
            with Speaker(away, OFFICE4, ca) as speaker:
                return refused(speaker, user, *answers)

        for user in "alice", "zoe":
            with Speaker(away, OFFICE4, ca) as speaker:
                assert speaker.log_in(user, f"{user}'s word; exit 0")[5] == user.encode()
        assert reason("bob", "bob's word; exit 0") == "blocked"
        with Speaker(away, OFFICE4, ca) as speaker:
            with pytest.raises(AssertionError, match="asked once more"):
                speaker.log_in("alice", "stored password")  # the state file's counts no longer
        with Speaker(away, OFFICE4, ca) as speaker:
            with pytest.raises(AssertionError, match="asked once more"):
                speaker.log_in("alice\nzoe", "zoe's word; exit 0")
        users = server.cli("user", "list").stdout
        assert "zoe" in users
        judged = (lan.folder / "judged").read_text()
        assert "1 alice" in judged and "word" not in judged
        assert not re.search("'s word|stored password", server.daemon.log())

        script.unlink()  # a program that is not there says no
        with Speaker(away, OFFICE4, ca) as speaker:
            with pytest.raises(AssertionError, match="asked once more"):
                speaker.log_in("alice", "alice's word; exit 0")
        assert "auth-command: cannot run" in server.daemon.log()


# ---- nobody without a certificate ----

def test_without_passwords_only_invitations_come_without_a_certificate():
    with Lan() as lan:
        server = lan.server()
        away = lan.host("away")
        lan.join_internet(away, "192.0.2.66", "2001:db8:ffff::66")
        server.cli("user", "add", "carl")
        ca = certificates.authority_of(lan.folder / "state").certificate

        def come():
            with Speaker(away, OFFICE4, ca) as speaker:
                speaker.hello("carl")
                with pytest.raises((Ended, OSError, EOFError)) as ended:
                    speaker.hear(ASK)
                return ended.value.reason if isinstance(ended.value, Ended) else "no hello"
        assert come() == "no hello"
        assert server.status()["strangers"]["handshake"]["no-certificate"] == 1
        invite(lan, "carl")
        lan.until(lambda: come() == "not-allowed", "an invitation changes nothing", 30)
        with state(lan) as database:
            database.execute("UPDATE invitation SET revoked_s = 1")
        lan.until(lambda: come() == "no hello", "open for ever", 30)
        # through the server it takes no time
        done = server.cli("invite", "carl", "--json")
        assert done.returncode == 0, done.stderr
        assert come() == "not-allowed"
        invited = json.loads(server.cli("invite", "list", "--json").stdout)["invitations"][-1]
        done = server.cli("invite", "revoke", str(invited["id"]))
        assert done.returncode == 0, done.stderr
        lan.until(lambda: come() == "no hello", "open after it was revoked", 5)
        (lan.folder / "server.conf").write_text(
            (lan.folder / "server.conf").read_text().replace("[server]", "[server]\nauth = password"))
        assert server.cli("reload").returncode == 0
        with Speaker(away, OFFICE4, ca) as speaker:
            speaker.hello("carl")
            speaker.hear(ASK)


# ---- failures ----

def test_who_fails_often_waits_and_others_do_not(world, speak):
    reasons = [refused(speak(), "alice", *["wrong"] * 6) for _ in range(3)]
    assert reasons[-1] == "slowly"
    assert speak(source="192.0.2.66").log_in("alice", "alice's password")[5] == b"alice"
    refusals = world.the_server.status()["strangers"]["refused"]
    assert refusals["slowly"] >= 1


def test_a_network_waits_as_one(world, speak):
    """Whoever has one IPv6 address has 2 to the power of 64."""
    first, second = ("2001:db8:ffff::a:1", "2001:db8:ffff::a:2")
    for address in first, second:
        world.away.ip("address", "add", f"{address}/64", "dev", "eth0", "nodad")
    reasons = [refused(speak(source=first, address=OFFICE6), "nopass", *["wrong"] * 6)
               for _ in range(3)]
    assert reasons[-1] == "slowly"
    assert refused(speak(source=second, address=OFFICE6), "nopass", "wrong") == "slowly"


# ---- invitations ----

def invite(world, user, expires=3600, **columns):
    token = os.urandom(24)
    now = int(time.time())
    with state(world) as database:
        database.execute("INSERT INTO invitation (token, user, created_s, expires_s) "
                         "VALUES (?, ?, ?, ?)",
                         (hashlib.sha256(token).digest(), user, now, now + expires))
        for column, value in columns.items():
            database.execute(f"UPDATE invitation SET {column} = ? WHERE token = ?",
                             (value, hashlib.sha256(token).digest()))
    return base64.urlsafe_b64encode(token)


def request_for(world, token, name=None):
    """A request bound to the token, by openssl; and the PEM of its key."""
    name = name or "invite-" + hashlib.sha256(b"lanyard invitation" + token).hexdigest()[:32]
    key = world.folder / "joining.key"
    done = subprocess.run(["openssl", "req", "-new", *certificates.NEW_KEY, "-keyout", key,
                           "-subj", f"/CN={name}", "-outform", "DER"], capture_output=True,
                          check=True)
    return done.stdout, key.read_text()


def join(world, speak, token, request):
    speaker = speak()
    speaker.hello(enrol=True)
    speaker.enrol(token, request)
    return speaker.hear(CREDENTIALS)[1]


def test_an_invitation_becomes_a_certificate_once(world, speak):
    token = invite(world, "carl")
    request, key = request_for(world, token)
    found = join(world, speak, token, request)
    assert found[4] == b"carl"
    assert speak(ssl.DER_cert_to_PEM_cert(found[1]) + key).log_in("")[5] == b"carl"
    with pytest.raises(Ended) as ended:
        join(world, speak, token, request)
    assert ended.value.reason == "used"
    assert token.decode() not in world.the_server.daemon.log()
    assert token not in b"".join(f.read_bytes() for f in (world.folder / "state").iterdir())


@pytest.mark.parametrize("what,reason", [
    ({"expires": -1}, "expired"), ({"revoked_s": 1}, "revoked"), ({"used_s": 1}, "used")])
def test_an_invitation_that_is_over(world, speak, what, reason):
    token = invite(world, "carl", **what)
    with pytest.raises(Ended) as ended:
        join(world, speak, token, request_for(world, token)[0])
    assert ended.value.reason == reason


@pytest.mark.parametrize("token", [b"x", b"A" * 32, b"\0" * 32, b"!" * 32])
def test_what_is_no_token(world, speak, token):
    with pytest.raises(Ended) as ended:
        join(world, speak, token, request_for(world, token)[0])
    assert ended.value.reason == "wrong"


def test_who_guesses_at_tokens_waits(world, speak):
    request, reasons = request_for(world, b"A" * 32)[0], []
    while "slowly" not in reasons and len(reasons) < 12:
        with pytest.raises(Ended) as ended:
            join(world, speak, b"A" * 32, request)
        reasons.append(ended.value.reason)
    assert reasons[:4] == ["wrong"] * 4 and reasons[-1] == "slowly", reasons


def test_a_request_of_somebody_else_is_refused_and_uses_nothing_up(world, speak):
    token = invite(world, "carl")
    for request in request_for(world, token, name="carl")[0], b"no request", \
            request_for(world, b"another token")[0]:
        with pytest.raises(Ended) as ended:
            join(world, speak, token, request)
        assert ended.value.reason == "wrong"
    assert join(world, speak, token, request_for(world, token)[0])[4] == b"carl"


def test_two_at_once_and_one_is_in(world, speak):
    token = invite(world, "carl")
    request, _ = request_for(world, token)
    speakers = [speak() for _ in range(2)]
    for speaker in speakers:
        speaker.hello(enrol=True)
        speaker.enrol(token, request)
    outcomes = []
    for speaker in speakers:
        try:
            speaker.hear(CREDENTIALS)
            outcomes.append("in")
        except Ended as ended:
            outcomes.append(ended.reason)
    assert sorted(outcomes) == ["in", "used"]
