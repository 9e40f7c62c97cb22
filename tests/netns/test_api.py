# SPDX-License-Identifier: Apache-2.0
"""The admin's API against its own description: every path, method and role."""

import base64
import concurrent.futures
import contextlib
import hmac
import http.client
import json
import os
import re
import struct
import time

import jsonschema
import pytest

from api import DESCRIPTION, Api, operations, resolve, status_of
from lan import Lan

USAGE, NO_OBJECT = 2, 10
# test_api_live.py, test_api_captures.py
ELSEWHERE = "/api/v1/events", "/metrics", "/api/v1/captures/{capture}"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
                               "img-src 'self'; font-src 'self'; connect-src 'self'; "
                               "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                               "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


CONF = """
    [admin]
    listen = 127.0.0.1
    listen = [::1]
    [dhcp6]
    pool = ::1000-::10ff
    [group staff]
"""


class World:
    def __init__(self, lan):
        self.lan = lan
        self.server = lan.server(CONF)
        self.alice = lan.client("alice")
        self.api = {role: Api(lan.office, self.token(f"test-{role}", role))
                    for role in ("read-only", "admin")}
        self.api["none"] = Api(lan.office)

    def cli(self, *arguments, **options):
        done = self.server.cli(*arguments, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def token(self, name, role, *options):
        return self.cli("token", "add", name, "--role", role, *options).strip()


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        yield World(lan)


VALUES = {"client": "alice", "name": "nobody", "id": "4096", "fingerprint": "0123456789abcdef",
          "what": "2001:db8::%2F56", "capture": "4096", "since_s": "0"}


def fill(path, world):
    """A described path with values; clients that are there, and nothing else."""
    return path.format(**VALUES)


def test_the_description_is_right():
    assert DESCRIPTION["openapi"].startswith("3.1.")
    for name, schema in DESCRIPTION["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for reference in find_references(schema):
            assert resolve({"$ref": reference}), f"{name} names {reference}"
    for method, path, operation in operations():
        assert operation["summary"] and operation["responses"], (method, path)
        assert operation["x-role"] in ("none", "read-only", "admin"), (method, path)
        for reference in find_references(operation):
            assert resolve({"$ref": reference}), f"{method} {path} names {reference}"


def find_references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from find_references(value)
    elif isinstance(part, list):
        for value in part:
            yield from find_references(value)


def test_what_is_served_is_the_description(world):
    got = world.api["none"].get("/api/v1/openapi.json")
    assert got.json == DESCRIPTION
    again = world.api["none"].get("/api/v1/openapi.json", checked=False,
                                  headers={"If-None-Match": got.headers["ETag"]})
    assert again.status == 304 and not again.body


@pytest.mark.parametrize("method, path, operation", [
    pytest.param(*each, id=f"{each[0]} {each[1]}") for each in operations()
    if each[0] == "GET" and each[1] not in ELSEWHERE])
def test_every_get_for_every_role(world, method, path, operation):
    needed = ["none", "read-only", "admin"].index(operation["x-role"])
    for index, role in enumerate(("none", "read-only", "admin")):
        answer = world.api[role].ask(method, fill(path, world))
        wanted = 200 if index >= needed else 401 if role == "none" else 403
        assert answer.status == wanted, f"{method} {path} as {role}: {answer}"
        for name, value in HEADERS.items():
            assert answer.headers.get_all(name) == [value], f"{name} of {method} {path}"
        head = world.api[role].ask("HEAD", fill(path, world))
        assert head.status == wanted and not head.body, f"HEAD {path} as {role}: {head}"


def test_every_path_refuses_every_other_method(world):
    for path in DESCRIPTION["paths"]:
        for method in ("GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW"):
            if method.lower() in DESCRIPTION["paths"][path]:
                continue
            answer = world.api["admin"].ask(method, fill(path, world), checked=False)
            assert answer.status in (404, 405), f"{method} {path}: {answer}"
            if answer.status == 405:
                allowed = answer.headers["Allow"].split(", ")
                assert method not in allowed and all(
                    each == "HEAD" or each.lower() in DESCRIPTION["paths"][path]
                    for each in allowed), f"{path}: {allowed}"
                assert "Access-Control-Allow-Origin" not in answer.headers


def test_it_shows_what_is_there(world):
    get = world.api["read-only"].get
    address = world.lan.until(world.alice.address, "alice has no address")
    world.lan.until(lambda: address in str(get("/api/v1/addresses").json), "not in addresses")
    assert [c["user"] for c in get("/api/v1/clients").json["clients"]] == ["alice"]
    one = get("/api/v1/clients/alice").json
    assert one["client"]["user"] == "alice" and one["ra"]["prefixes"], one
    assert get(f"/api/v1/clients/{one['client']['id']}").json["client"] == {
        **one["client"], **{k: v for k, v in get("/api/v1/clients/alice").json["client"].items()}}
    assert get("/api/v1/overview").json["clients"] == 1
    assert [u["name"] for u in get("/api/v1/users").json["users"]] == ["alice"]
    assert "token add test-admin admin" in str(get("/api/v1/audit").json)
    assert get("/api/v1/clients/nobody").status == 404
    assert get("/api/v1/nothing", checked=False).status == 404


def test_tokens(world):
    text = world.token("short", "read-only")
    api = Api(world.lan.office, text)
    assert text.startswith("lanyard_") and len(text) == 51
    assert api.get("/api/v1/overview").status == 200
    row = world.lan.until(lambda: [t for t in api.get("/api/v1/tokens").json["tokens"]
                                   if t["name"] == "short"], "the token is not listed")
    assert row[0]["role"] == "read-only" and text not in str(row)
    assert text[8:] not in (world.lan.folder / "state/state.db").read_bytes().decode("latin1")
    again = world.server.cli("token", "add", "short")
    assert again.returncode == 1 and "already" in again.stderr
    for wrong in text[:-1], text[:-1] + ("A" if text[-1] != "A" else "B"), text + "A", "x", "":
        assert Api(world.lan.office, wrong or " ").get("/api/v1/overview").status == 401, wrong
    world.cli("token", "revoke", "short")
    world.lan.until(lambda: api.get("/api/v1/overview").status == 401, "a revoked token works")
    assert world.server.cli("token", "revoke", "short").returncode == NO_OBJECT
    assert world.server.cli("token", "add", "x", "--role", "root").returncode == USAGE
    brief = Api(world.lan.office, world.token("brief", "admin", "--expires", "2s"))
    assert brief.get("/api/v1/overview").status in (200, 401)
    world.lan.until(lambda: brief.get("/api/v1/overview").status == 401, "it does not expire")


def test_the_control_socket_says_the_same(world):
    """One set of answers: what HTTP gives is what `lanyard show --json` prints."""
    for what, path in (("leases", "leases"), ("prefixes", "prefixes"), ("guards", "guards")):
        shown = json.loads(world.cli("show", what, "--json"))
        assert world.api["admin"].get(f"/api/v1/{path}").json.keys() == shown.keys(), what


@pytest.mark.parametrize("method, path, operation", [
    pytest.param(*each, id=f"{each[0]} {each[1]}") for each in operations()
    if each[0] != "GET"])
def test_every_action_is_for_its_role(world, method, path, operation):
    """Who may not is told so before anything is looked at: nothing is done, whatever is sent."""
    body = {} if "requestBody" in operation else None
    needed = ["none", "read-only", "admin"].index(operation["x-role"])
    for index, role in enumerate(("none", "read-only")):
        if index < needed:
            answer = world.api[role].ask(method, fill(path, world), body)
            assert answer.status == (401 if role == "none" else 403), f"{role}: {answer}"
    if "requestBody" in operation:
        for wrong in b"", b"{", b"[]", b'"x"', b'{"x": 1}', b'{"a": 1, "a": 2}', b"\xff", b"null":
            answer = world.api["admin"].ask(method, fill(path, world), wrong,
                                            headers={"Content-Type": "application/json"})
            needed = operation["requestBody"]["required"]
            assert answer.status == 400 or (not wrong and not needed), f"{wrong}: {answer}"
        answer = world.api["admin"].ask(method, fill(path, world), b"{}",
                                        headers={"Content-Type": "text/plain"})
        assert answer.status == 415, answer
    elif path != "/api/v1/session":
        answer = world.api["admin"].ask(method, fill(path, world), {"x": 1}, checked=False)
        assert answer.status == 413, answer
        assert world.api["admin"].ask("GET", "/api/v1/users", {}, checked=False).status == 400


def done(answer, status=200):
    assert answer.status == status, answer
    return answer.json


def test_what_the_command_can_do(world):
    ask, get = world.api["admin"].ask, world.api["admin"].get

    def user(name):
        return next((u for u in get("/api/v1/users").json["users"] if u["name"] == name), None)

    assert done(ask("POST", "/api/v1/users", {"name": "carol", "group": "staff"}))["group"] == "staff"
    assert user("carol")["group"] == "staff"
    done(ask("POST", "/api/v1/users", {"name": "carol"}), 409)
    done(ask("POST", "/api/v1/users", {"name": "a b"}), 400)
    done(ask("POST", "/api/v1/users/carol/group", {"group": "none"}))
    done(ask("POST", "/api/v1/users/carol/block", {"why": "left"}))
    assert user("carol")["group"] is None and user("carol")["blocked_why"] == "left"
    done(ask("POST", "/api/v1/users/carol/unblock"))
    done(ask("POST", "/api/v1/users/carol/expire", {"expires_s": 4102444800}))
    done(ask("POST", "/api/v1/users/carol/password", {"password": "correct horse battery"}))
    assert user("carol")["has_password"] and user("carol")["expires_s"] == 4102444800
    done(ask("POST", "/api/v1/users/carol/password", {"password": "short"}), 400)
    assert "secret=" in done(ask("POST", "/api/v1/users/carol/totp"))["uri"]
    assert user("carol")["has_code"]
    done(ask("DELETE", "/api/v1/users/carol/totp"))
    done(ask("DELETE", "/api/v1/users/carol/password"))
    assert not user("carol")["has_password"] and not user("carol")["has_code"]
    done(ask("POST", "/api/v1/users/carol/role", {"role": "read-only"}))
    assert user("carol")["role"] == "read-only"
    done(ask("POST", "/api/v1/users/carol/role", {"role": "root"}), 400)
    assert "PRIVATE KEY" in done(ask("POST", "/api/v1/users/carol/profile", {}))["profile"]
    mark = next(c for c in get("/api/v1/certificates").json["certificates"]
                if c["user"] == "carol")["fingerprint"]
    done(ask("DELETE", f"/api/v1/certificates/{mark}"))
    invited = done(ask("POST", "/api/v1/invitations", {"name": "dave", "lasts_s": 3600}))
    assert invited["url"].startswith("lanyard://vpn.example.net/")
    done(ask("DELETE", f"/api/v1/invitations/{invited['id']}"))
    assert {i["id"]: i["state"] for i in get("/api/v1/invitations").json["invitations"]}[
        invited["id"]] == "revoked"
    for path in "/api/v1/users/nobody", "/api/v1/invitations/4096", "/api/v1/tokens/nobody", \
            "/api/v1/certificates/0123456789abcdef", "/api/v1/leases/2001:db8::1":
        done(ask("DELETE", path), 404)
    done(ask("POST", "/api/v1/reservations", {"line": "carol"}), 400)
    prefix = world.lan.until(world.alice.address, "no address").rsplit(":", 4)[0]
    done(ask("POST", "/api/v1/reservations", {"line": f"carol {prefix}::1042"}))
    assert get("/api/v1/leases").json["reservations"][0]["user"] == "carol"
    done(ask("POST", "/api/v1/reservations", {"line": f"none {prefix}::1042"}))
    done(ask("POST", "/api/v1/imports", {"text": "no lease file"}), 409)
    token = done(ask("POST", "/api/v1/tokens", {"name": "made", "role": "read-only"}))["token"]
    world.lan.until(lambda: Api(world.lan.office, token).get("/api/v1/overview").status == 200,
                    "a new token opens nothing")
    done(ask("DELETE", "/api/v1/tokens/made"))
    done(ask("POST", "/api/v1/reload"))
    done(ask("DELETE", "/api/v1/users/carol"))
    assert user("carol") is None
    log = str(get("/api/v1/audit").json)
    for line in ("user add carol staff", "user block carol: left", "password set carol", "reload",
                 "token revoke made", "user role carol read-only", "user remove carol"):
        assert f"'what': '{line}'" in log and "'who': 'token test-admin'" in log, line


def test_disconnect(world):
    first = world.api["read-only"].get("/api/v1/clients/alice").json["client"]["id"]
    assert done(world.api["admin"].ask("POST", "/api/v1/clients/alice/disconnect"))["kicked"] == 1
    again = f"/api/v1/clients/{first}/disconnect"  # its end may take a moment
    world.lan.until(lambda: world.api["admin"].ask("POST", again).status == 404, "it is there still")
    world.lan.until(lambda: world.api["read-only"].get("/api/v1/clients/alice").status == 200
                    and world.alice.up(), "alice does not come back", 20)


def test_what_happened_to_a_client(world):
    """By its number what was of that session, also when it is gone; by name all of the user's."""
    get = world.api["read-only"].get

    def events(client):
        return get(f"/api/v1/clients/{client}/events").json["events"]

    ups = [event for event in events("alice") if event["kind"] == "client-up"]
    assert len(ups) >= 2, ups
    for up in ups[0], ups[-1]:
        own = events(up["client"])
        assert up in own and {event["client"] for event in own} <= {up["client"], None}, own
    assert {event["user"] for event in events("alice")} == {"alice"}
    assert events("nobody") == []
    schedule = get("/api/v1/clients/alice").json["schedule"]
    assert schedule["last_s"] is not None and schedule["phase"] in ("initial", "steady"), schedule


# ---- logging in ----

ADMIN_PASSWORD = "an administrator's password"


def set_admin_password(world, password=ADMIN_PASSWORD):
    world.cli("admin", "passwd", input=password + "\n")


def log_in(world, status=200, **fields):
    browser = Api(world.lan.office)
    answer = browser.ask("POST", "/api/v1/session", {"password": ADMIN_PASSWORD, **fields},
                         headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status == status, answer
    if "Set-Cookie" in answer.headers:
        browser.cookie = answer.headers["Set-Cookie"].split(";")[0]
    browser.answer = answer
    return browser


def test_the_administrator_logs_in(world):
    log_in(world, 401)  # there is no password yet, and an empty one is none
    log_in(world, 401, password="")
    set_admin_password(world)
    browser = log_in(world)
    attributes = browser.answer.headers["Set-Cookie"].split("; ")[1:]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
    assert browser.answer.json == {"schema": 1, "name": "administrator", "role": "admin"}
    assert browser.get("/api/v1/session").json["role"] == "admin"
    done(browser.ask("POST", "/api/v1/users", {"name": "erin"}))
    done(browser.ask("DELETE", "/api/v1/users/erin"))
    assert "'who': 'administrator', 'what': 'user add erin'" in str(
        browser.get("/api/v1/audit").json)
    other = Api(world.lan.office)
    other.cookie = browser.cookie[:-1] + ("A" if browser.cookie[-1] != "A" else "B")
    assert other.get("/api/v1/overview").status == 401
    other.cookie = browser.cookie + "; " + browser.cookie
    assert other.get("/api/v1/overview").status == 401
    gone = browser.ask("DELETE", "/api/v1/session")
    assert gone.status == 200 and "Max-Age=0" in gone.headers["Set-Cookie"]
    assert browser.get("/api/v1/overview").status == 401
    again = log_in(world)
    set_admin_password(world)  # the same, but it was set
    world.lan.until(lambda: again.get("/api/v1/overview").status == 401, "it is still logged in")


def test_a_cookie_needs_our_page(world):
    """Cross-site request forgery: what a browser sends by itself opens nothing for another site."""
    set_admin_password(world)
    browser = log_in(world)
    for headers, status in (
            ({"Sec-Fetch-Site": None}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Sec-Fetch-Site": "none"}, 403),
            ({"Sec-Fetch-Site": None, "Origin": "http://evil.example"}, 403),
            ({"Sec-Fetch-Site": None, "Origin": "null"}, 403),
            ({"Origin": "http://127.0.0.1:8007"}, 403),
            ({"Host": "rebound.example:8006"}, 421),
            ({"Sec-Fetch-Site": None, "Origin": "http://127.0.0.1:8006"}, 404)):
        answer = browser.ask("POST", "/api/v1/users/nobody/unblock", headers=headers, checked=False)
        assert answer.status == status, f"{headers}: {answer}"
    assert browser.get("/api/v1/users", headers={"Sec-Fetch-Site": "cross-site"},
                       checked=False).status == 403


def test_behind_a_proxy_with_tls(world):
    """It says X-Forwarded-Proto; the page's origin is https then, and the cookie stays on TLS."""
    set_admin_password(world)
    origin = {"Sec-Fetch-Site": "same-origin", "Origin": "https://127.0.0.1:8006"}
    proxied = {**origin, "X-Forwarded-Proto": "https"}
    browser = Api(world.lan.office)

    def login(headers):
        return browser.ask("POST", "/api/v1/session", {"password": ADMIN_PASSWORD},
                           headers=headers, checked=False)
    assert login(origin).status == 403  # nobody says that there was TLS
    assert login({**proxied, "Origin": "http://127.0.0.1:8006"}).status == 403
    assert login({**proxied, "X-Forwarded-Proto": "http"}).status == 403
    cookie = login(proxied).headers["Set-Cookie"]
    assert cookie.startswith("__Host-lanyard-session=") and cookie.endswith("; Secure")
    browser.cookie = cookie.split(";")[0]
    assert browser.get("/api/v1/session", headers=proxied).status == 200
    assert browser.get("/api/v1/session").status == 401
    assert browser.ask("DELETE", "/api/v1/session", headers=proxied).status == 200
    assert browser.get("/api/v1/session", headers=proxied).status == 401


def test_users_with_a_role_log_in(world):
    world.cli("user", "add", "frank")
    world.cli("user", "passwd", "frank", input="frank's own password\n")
    frank = {"user": "frank", "password": "frank's own password"}
    log_in(world, 401, **frank)  # he is a user of the VPN and nothing else
    world.cli("user", "role", "frank", "read-only")
    browser = log_in(world, **frank)
    assert browser.get("/api/v1/session").json == {"schema": 1, "name": "frank",
                                                   "role": "read-only"}
    assert browser.ask("POST", "/api/v1/reload").status == 403
    world.cli("user", "totp", "frank")  # somebody who has only his password may sit there
    world.lan.until(lambda: browser.get("/api/v1/overview").status == 401, "frank has a code now")
    world.cli("user", "totp", "frank", "--remove")
    browser = log_in(world, **frank)
    world.cli("user", "block", "frank")
    world.lan.until(lambda: browser.get("/api/v1/overview").status == 401, "frank is blocked")
    log_in(world, 401, **frank)
    world.cli("user", "unblock", "frank")
    world.cli("user", "expire", "frank", "6s")
    browser = log_in(world, **frank)
    world.lan.until(lambda: browser.get("/api/v1/overview").status == 401, "frank has expired")
    log_in(world, 401, **frank)
    world.cli("user", "remove", "frank")


def opened_to_write(fifo):
    """A descriptor as soon as somebody reads there."""
    with contextlib.suppress(OSError):
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    return None


def test_a_role_that_is_taken_while_the_password_is_judged(world):
    fifo, judge = world.lan.folder / "verdict", world.lan.folder / "judge"
    os.mkfifo(fifo)
    judge.write_text(f"#!/bin/sh\nread -r verdict < {fifo}\n")
    judge.chmod(0o755)
    world.cli("user", "add", "gina")
    world.cli("user", "role", "gina", "read-only")
    world.server.configure(CONF + f"[server]\nauth-command = {judge}\n")
    world.cli("reload")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        login = pool.submit(log_in, world, 401, user="gina", password="the program says yes")
        verdict = world.lan.until(lambda: opened_to_write(fifo), "the program is not asked")
        world.cli("user", "role", "gina", "none")
        os.write(verdict, b"yes\n")
        os.close(verdict)
        login.result(20)
    world.server.configure(CONF)
    world.cli("reload")
    world.cli("user", "remove", "gina")


def test_a_code_besides_the_password(world):
    set_admin_password(world)
    uri = world.cli("admin", "totp").strip()
    secret = re.search("secret=([A-Z2-7]+)", uri)[1]
    assert log_in(world).answer.json == {"schema": 1, "needs": "code"}
    assert log_in(world).cookie is None
    log_in(world, 401, code="000000" if code_of(secret) != "000000" else "000001")
    code = code_of(secret)
    assert log_in(world, code=code).get("/api/v1/session").status == 200
    log_in(world, 401, code=code)  # it was used
    world.cli("admin", "totp", "--remove")
    log_in(world)


def code_of(secret):
    """RFC 6238 with the defaults."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7fffffff) % 1000000:06}"


def test_who_guesses_waits(world):
    """Per user and source: nobody else waits for it."""
    set_admin_password(world)
    world.cli("user", "add", "grace")
    statuses = []
    for _ in range(8):
        answer = Api(world.lan.office, source="127.0.0.1").ask("POST", "/api/v1/session",
                                           {"user": "grace", "password": "wrong password"})
        statuses.append(answer.status)
        if answer.status == 429:
            break
    assert statuses[-1] == 429 and set(statuses[:-1]) == {401}, statuses
    assert "try again in" in answer.json["error"]
    log_in(world)
    world.cli("user", "remove", "grace")


def guess(world, user, source, address="127.0.0.1"):
    return Api(world.lan.office, address=address, source=source).ask(
        "POST", "/api/v1/session", {"user": user, "password": "wrong password"}).status


def test_who_guesses_from_all_addresses_of_a_network_waits(world):
    """An IPv6 /64 is one source, however long its addresses are as text; another one is another."""
    own = [f"fd00:99:0:1{rest}" for rest in ("::1", "::22", "::333:4", "::333:4444:5",
                                             ":1111:2222:3333:4444", ":1111:2222:3333:444")]
    others = ["fd00:99:0:2::1", "fd00:99:0:2:1111:2222:3333:4444"]
    for address in own + others:
        world.lan.office.ip("address", "add", f"{address}/128", "dev", "lo", "nodad")
    world.cli("user", "add", "heidi")
    statuses = [guess(world, "heidi", address, "::1") for address in own]
    assert 429 in statuses and set(statuses[:4]) == {401}, statuses
    assert [guess(world, "heidi", address, "::1") for address in others] == [401, 401]
    world.cli("user", "remove", "heidi")


def test_who_guesses_many_at_once_gets_no_more_of_them(world):
    body = b'{"user": "judy", "password": "wrong password"}'
    request = (b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
               b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)) + body
    api = Api(world.lan.office, source="127.0.0.1")
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(api.connect(timeout=30)) for _ in range(16)]
        for sock in sockets:
            sock.sendall(request)
        statuses = [status_of(sock.recv(65536)) for sock in sockets]
    assert set(statuses) == {401, 429} and statuses.count(401) <= 6, statuses


def test_who_asks_too_often_waits(world):
    api = Api(world.lan.office, world.api["read-only"].token, source="127.0.0.1")
    statuses = []
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1")) as connection:
        connection.sock = api.connect()
        while len(statuses) < 2000 and 429 not in statuses:
            connection.request("GET", "/api/v1/overview", headers={
                "Host": "localhost", "Authorization": f"Bearer {api.token}"})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
    assert statuses.count(200) >= 200 and statuses[-1] == 429
    assert answer.headers["Retry-After"] == "1"
    assert world.api["read-only"].get("/api/v1/overview").status == 200  # others do not wait
