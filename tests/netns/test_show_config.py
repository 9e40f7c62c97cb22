# SPDX-License-Identifier: Apache-2.0
"""The configuration in force, as command, control socket and HTTP API show it: where each value comes
from, what a reload makes of it, and who may see it."""

import json

import pytest

from api import Api, check
from lan import INTERFACE, Lan, lanyard

PREFIX, HERE = "2001:db8:1::/64", "2001:db8:7::/64"
SECRET = "swordfish"
CONF = f"""
    [server]
    auth-command = /bin/false --password {SECRET}
    [ra]
    prefix = auto
    prefix = interface port0
    route = kernel 2001:db8:7::/48
    interval = 9m
    [group staff]
    dns = 2001:db8::53
    [user alice]
    lifetime = 2h
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.office.run("ip", "link", "add", "port0", "type", "veth", "peer", "name", "port1")
        lan.office.run("ip", "address", "add", HERE.replace("/", "1/"), "dev", "port0", "nodad")
        for port in "port0", "port1":
            lan.office.run("ip", "link", "set", port, "up")
        lan.server(CONF)
        for words in (["add", "alice", "--group", "staff"], ["add", "bob"], ["expire", "alice", "2099-01-31"]):
            assert lan.the_server.cli("user", *words).returncode == 0, words
        yield lan


def config(world):
    done = lanyard(world.office, "show", "config", "--json", "--socket", world.the_server.socket)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(world, section, key):
    return [row for row in config(world)["rows"] if (row["section"], row["key"]) == (section, key)]


def line_of(world, text):
    """Where the file has it."""
    return world.the_server.conf.read_text().splitlines().index(text) + 1


def row(section, key, value, origin="file", **more):
    return {"section": section, "key": key, "value": value, "origin": origin, "inherited": None, "line": None,
            "in_force": [], "made_by": None, "after_restart": None, **more}


def test_what_the_server_has_made_of_it(world):
    made, = [p for p in world.the_server.status()["advertiser"]["prefixes"] if p.startswith("fd")]
    assert rows(world, "ra", "prefix") == [
        row("ra", "prefix", "auto", line=line_of(world, "prefix = auto"), in_force=[made], made_by="server"),
        row("ra", "prefix", "interface port0", line=line_of(world, "prefix = interface port0"), in_force=[HERE],
            made_by="kernel")]
    assert rows(world, "ra", "route")[0]["in_force"] == [HERE]


def test_where_a_user_has_it_from(world):
    assert rows(world, "user alice", "group") == [row("user alice", "group", "staff", "state")]
    assert rows(world, "user alice", "expires") == [row("user alice", "expires", "2099-01-31", "state")]
    assert rows(world, "user alice", "dns") == [row("user alice", "dns", "2001:db8::53", inherited="group staff",
                                                   line=line_of(world, "dns = 2001:db8::53"))]
    assert rows(world, "user alice", "interval") == [row("user alice", "interval", "9m", inherited="ra",
                                                         line=line_of(world, "interval = 9m"))]
    world.the_server.cli("user", "group", "alice", "none")
    assert rows(world, "user alice", "group") == rows(world, "user alice", "dns") == []
    world.the_server.cli("user", "group", "alice", "staff")


def test_no_secret_is_shown(world):
    assert rows(world, "server", "auth-command")[0]["value"] == "/bin/false ..."
    assert SECRET not in json.dumps(config(world))


def test_a_reservation_by_hand(world):
    line = "bob " + HERE.replace("::/64", "::b0b")
    assert world.the_server.cli("lease", "reserve", *line.split()).returncode == 0
    assert rows(world, "dhcp6", "reserve") == [row("dhcp6", "reserve", line, "state")]


def test_people_read_it(world):
    text = world.the_server.cli("show", "config").stdout.splitlines()
    assert text[0].startswith(f"{world.the_server.conf}, read 20")
    shown = [" ".join(line.split()) for line in text]
    assert f"[bridge] interface {INTERFACE} default" in shown
    assert f"[ra] prefix {HERE} (interface port0) line {line_of(world, 'prefix = interface port0')}, from the kernel" in shown
    assert "[ra] mtu 1500 default, by other keys" in shown
    assert "[user alice] group staff state file" in shown


@pytest.mark.parametrize("role", ["read-only", "admin"])
def test_who_may_look_may_see_it(world, role):
    name = f"of-{role}"
    token = world.the_server.cli("token", "add", name, "--role", role).stdout.strip()
    answer = Api(world.office, token).get("/api/v1/configuration")
    assert answer.status == 200
    check("GET", "/api/v1/configuration", answer)
    assert SECRET not in answer.body.decode()
    assert Api(world.office).get("/api/v1/configuration").status == 401


def test_after_a_reload_it_is_the_new_one(world):
    server = world.the_server
    server.configure(CONF.replace("9m", "8m").replace("[ra]", "workers = 3\n[bridge]\nmtu = 1400\n[ra]"))
    assert server.cli("reload").returncode == 0
    new = config(world)
    assert new["needs_restart"] == ["[server] workers", "[bridge] mtu"]
    assert rows(world, "ra", "interval") == [row("ra", "interval", "8m", line=line_of(world, "interval = 8m"))]
    assert rows(world, "bridge", "mtu") == [row("bridge", "mtu", "1500", "kept", line=line_of(world, "mtu = 1400"),
                                                after_restart="1400")]
    text = " ".join(server.cli("show", "config").stdout.split())
    assert f"1500 as at the start; after a restart 1400, line {line_of(world, 'mtu = 1400')}" in text

    server.configure("[ra]\ninterval = 1s")  # which is refused: all stays
    assert server.cli("reload").returncode != 0
    assert config(world)["rows"] == new["rows"]

    server.configure(CONF)
    assert server.cli("reload").returncode == 0
    assert config(world)["needs_restart"] == []
    assert rows(world, "bridge", "mtu")[0]["origin"] == "default"
