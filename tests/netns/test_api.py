# SPDX-License-Identifier: Apache-2.0
"""The admin's API against its own description: every path, method and role."""

import json

import jsonschema
import pytest

from api import DESCRIPTION, Api, operations, resolve
from lan import Lan

USAGE, NO_OBJECT = 2, 10
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


class World:
    def __init__(self, lan):
        self.lan = lan
        self.server = lan.server("""
            [dhcp6]
            pool = ::1000-::10ff
            [group staff]
        """)
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


def fill(path, world):
    """A described path with values that are there."""
    return path.replace("{client}", "alice")


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
    if each[0] == "GET"])
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
