# SPDX-License-Identifier: Apache-2.0
"""`lanyard show WHAT` on a server: the JSON that scripts rely on, and the text for people."""

import json

import pytest

from api import Api
from lan import DATACENTER, INTERFACE, Lan, lanyard

PREFIX, STAFF, OLD = "2001:db8:1::/64", "2001:db8:2::/64", "2001:db8:3::/64"
CONF = f"""
    [ra]
    prefix = {PREFIX}
    route = 2001:db8:100::/48 high
    dns = {DATACENTER}
    search = corp.example
    [group staff]
    prefix = {STAFF} preferred=10m
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF.replace("[group", f"prefix = {OLD}\n[group"))
        lan.alice = lan.client("alice", connect=False)
        assert lan.the_server.cli("user", "group", "alice", "staff").returncode == 0
        assert lan.the_server.cli("invite", "alice").returncode == 0
        lan.api = Api(lan.office, lan.the_server.cli("token", "add", "test").stdout.strip())
        lan.alice.connect()
        lan.bob = lan.client("bob")
        lan.until(lambda: lan.alice.address(STAFF) and lan.bob.address(OLD), "no addresses")
        lan.alice.reaches(DATACENTER)
        lan.the_server.configure(CONF)
        assert lan.the_server.cli("reload").returncode == 0
        yield lan


def show(world, what):
    done = world.the_server.cli("show", what, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["schema"], answer["role"]) == (1, "server")
    return answer


def text(world, what):
    done = world.the_server.cli("show", what)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ra_says_what_is_advertised_to_whom(world):
    answer = show(world, "ra")
    scopes = {(s["user"], s["group"]): s for s in answer["scopes"]}
    assert scopes.keys() == {(None, None), (None, "staff")}
    staff, all_others = scopes[None, "staff"], scopes[None, None]

    assert (staff["clients"], all_others["clients"]) == (1, 1)
    assert all(s["enabled"] for s in answer["scopes"])
    assert [p["prefix"] for p in staff["prefixes"]] == [PREFIX, STAFF, OLD]
    assert [p["preferred_s"] for p in staff["prefixes"]] == [2700, 600, 0]
    assert staff["prefixes"][2]["valid_s"] in range(5200, 5401)
    assert staff["routes"] == [{"prefix": "2001:db8:100::/48", "preference": "high",
                                "lifetime_s": 1800}]
    assert staff["dns"] == [{"address": DATACENTER, "lifetime_s": 1800}]
    assert staff["search"] == [{"domain": "corp.example", "lifetime_s": 1800}]
    assert (staff["lifetime_s"], staff["hop_limit"], staff["mtu"]) == (0, 64, 1500)
    assert answer["from"] == world.office.address(INTERFACE, "fe80::/10")
    assert answer["mac"] == world.office.mac(INTERFACE)
    assert (answer["forwards"], answer["has_default_route"]) == (None, None), "nobody asks"


def test_ra_says_when_the_next_is_due(world):
    answer = show(world, "ra")
    clients = {c["user"]: c for c in answer["clients"]}

    assert clients.keys() == {"alice", "bob"}
    for client in clients.values():
        assert client["phase"] in ("initial", "steady")
        assert client["next_due_s"] in range(0, 601) and client["last_s"] < 60
    assert answer["counters"]["ra_sent"] >= 2
    assert answer["counters"]["rs_bad"] == {} == answer["counters"]["ra_bad"]


def test_ra_is_counted(world):
    before = show(world, "ra")["counters"]
    world.bob.host.run("rdisc6", "-1", "-w", "3000", INTERFACE, check=False)

    world.until(lambda: show(world, "ra")["counters"]["rs_received"] > before["rs_received"],
                "the solicitation is not counted")
    world.until(lambda: show(world, "ra")["counters"]["ra_sent"] > before["ra_sent"],
                "the answer is not counted")


def test_prefixes(world):
    rows = {(p["group"], p["prefix"]): p for p in show(world, "prefixes")["prefixes"]}

    assert rows.keys() == {(g, p) for g in (None, "staff") for p in (PREFIX, OLD)} | {
        ("staff", STAFF)}
    assert {p["state"] for (_, prefix), p in rows.items() if prefix == OLD} == {"deprecated"}
    assert {p["state"] for (_, prefix), p in rows.items() if prefix != OLD} == {"advertised"}
    assert rows["staff", STAFF]["preferred_s"] == 600
    assert rows[None, OLD]["preferred_s"] == 0 and rows[None, OLD]["valid_s"] > 5200


def test_a_client_shows_what_is_deprecated(world):
    bob = world.bob
    old = world.until(lambda: next((a["address"] for a in bob.status()["addresses"]
                                    if a["deprecated"]), None), "nothing is deprecated")
    human = lanyard(bob.host, "status", "--socket", bob.socket).stdout

    assert f"{old} slaac, deprecated\n" in human
    assert f"{bob.address(PREFIX)} slaac\n" in human


def test_a_client_says_whose_the_other_views_are(world):
    done = lanyard(world.bob.host, "show", "prefixes", "--socket", world.bob.socket)

    assert (done.returncode, done.stdout) == (2, "")
    assert "a client shows ra only" in done.stderr


def test_clients_are_those_of_status(world):
    clients = show(world, "clients")["clients"]

    assert [c["id"] for c in clients] == [c["id"] for c in world.the_server.status()["clients"]]
    assert {c["user"]: c["group"] for c in clients} == {"alice": "staff", "bob": None}


def test_neighbours(world):
    rows = show(world, "neighbours")["neighbours"]

    mine = next(n for n in rows if n["address"] == world.alice.address(STAFF))
    assert (mine["user"], mine["mac"]) == ("alice", world.alice.host.mac(INTERFACE))
    assert mine["source"] == "slaac"
    assert mine["client"] == world.the_server.client("alice")["id"]


def test_guards(world):
    world.bob.host.run("atk6-fake_router26", "-A", "fd00:bad::/64", "-n", "1", INTERFACE,
                       check=False)

    def dropped():
        return {g["user"]: g["drops"] for g in show(world, "guards")["guards"]}
    world.until(lambda: dropped()["bob"].get("ra", 0) > 0, "the guard's work is not shown")
    assert "ra" not in dropped()["alice"]


def test_drops_of_who_has_left_are_kept(world):
    carol = world.client("carol")
    carol.host.run("atk6-fake_router26", "-A", "fd00:bad::/64", "-n", "1", INTERFACE, check=False)
    world.until(lambda: world.the_server.client("carol")["drops"].get("ra", 0) > 0, "none dropped")
    before = show(world, "guards")["drops"]["ra"]
    assert before == sum(g["drops"].get("ra", 0) for g in show(world, "guards")["guards"])
    carol.stop()
    world.until(lambda: world.the_server.client("carol") == {}, "carol stays")
    assert show(world, "guards")["drops"]["ra"] == before


def groups(world):
    return {g["name"]: g for g in show(world, "groups")["groups"]}


def test_groups_keep_what_went_through_them(world):
    before = world.until(lambda: groups(world)["staff"]["rx_bytes"] and groups(world), "no bytes")
    staff, nobody = before["staff"], before[None]
    assert (staff["has_section"], staff["users"], staff["clients"]) == (True, 1, 1)
    assert (nobody["has_section"], nobody["clients"]) == (False, 1)
    cli = world.the_server.cli
    for group in "guests", "none":  # alice's bytes are those of the group that she was in
        assert cli("user", "group", "bob", group).returncode == 0
        assert groups(world)[None]["rx_bytes"] >= nobody["rx_bytes"]
        nobody = groups(world)[None]
    assert groups(world)["guests"]["clients"] == 0
    sums = show(world, "overview")["groups"]
    assert sums.keys() == {"", "staff", "guests", "other"}
    assert show(world, "overview")["rx_bytes"] >= sum(g["rx_bytes"] for g in sums.values())


def test_one_client_in_full(world):
    answer = json.loads(world.the_server.cli("show", "client", "alice", "--json").stdout)
    assert answer["client"]["user"] == "alice" and STAFF in json.dumps(answer["ra"])
    shown = world.the_server.cli("show", "client", "alice").stdout
    for word in "alice (staff)", "cipher", STAFF, "it is told", "corp.example":
        assert word in shown, shown
    done = world.the_server.cli("show", "client", "nobody")
    assert done.returncode == 10 and "no client is called 'nobody'" in done.stderr


def like(value):
    """What stays of an answer from one moment to the next: no numbers, no order of time."""
    if isinstance(value, dict):
        return {name: like(inner) for name, inner in value.items() if name not in ("drops", "role")}
    if isinstance(value, list):
        return sorted((like(inner) for inner in value), key=json.dumps)
    return None if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@pytest.mark.parametrize("what, path", [
    ("overview", "overview"), ("clients", "clients"), ("addresses", "addresses"),
    ("leases", "leases"), ("prefixes", "prefixes"), ("router", "router"), ("guards", "guards"),
    ("users", "users"), ("groups", "groups"), ("invitations", "invitations"),
    ("certificates", "certificates"), ("tokens", "tokens"), ("audit", "audit"),
])
def test_the_api_says_the_same(world, what, path):
    world.until(lambda: like(show(world, what)) == like(world.api.get(f"/api/v1/{path}").json),
                "the control socket and the API differ")


@pytest.mark.parametrize("what, words", [
    ("overview", ["up for", "clients", "certificate", "UTC"]),
    ("users", ["alice", "staff", "SESSIONS"]),
    ("groups", ["staff", "(none)", "SECTION"]),
    ("invites", ["alice", "open"]),
    ("certs", ["FINGERPRINT", "alice", "SIGNS"]),
    ("tokens", ["test", "read-only"]),
    ("audit", ["alice", "WHO"]),
    ("captures", ["FILTER"]),
    ("events", ["client-up"]),
    ("leases", ["LEASE"]),
    ("ra", ["group staff, 1 client", "everybody else, 1 client", PREFIX,
            "2001:db8:100::/48 high", "corp.example", "alice"]),
    ("prefixes", ["PREFIX", OLD, "deprecated", "advertised", "group staff"]),
    ("clients", ["alice (staff)", "bob", "RTT"]),
    ("neighbours", ["slaac", "link-local", "alice"]),
    ("guards", ["bob", "ra"]),
])
def test_people_can_read_it(world, what, words):
    shown = text(world, what)
    print(shown)
    for word in words:
        assert word in shown, shown


@pytest.mark.parametrize("words, said", [
    ((), "say what:"),
    (("nonsense",), "there is no 'nonsense'; say what:"),
    (("client",), "client needs one NAME"),
    (("ra", "alice"), "ra is all to say"),
])
def test_what_is_not_there_is_said(world, words, said):
    done = world.the_server.cli("show", *words)

    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr
    if said.endswith("what:"):
        for view in "overview", "neighbours, addresses", "client NAME", "groups", "audit":
            assert f"\n  {view} " in done.stderr, done.stderr


def test_what_lies_in_the_state_file_needs_no_server(world):
    stored = {what: show(world, what) for what in ("invites", "certs", "tokens")}
    world.the_server.stop()
    try:
        for what, before in stored.items():
            assert show(world, what) == before
        assert [u["name"] for u in show(world, "users")["users"]] == ["alice", "bob", "carol"]
        assert show(world, "audit")["audit"]
        done = world.the_server.cli("show", "groups")
        assert done.returncode == 8 and "no daemon is running" in done.stderr
    finally:
        world.the_server.start()


def test_history_is_of_all_and_of_each_and_outlives_a_reload(world):
    def ask(path):
        answer = world.api.get(f"/api/v1/{path}")
        assert answer.status == 200, answer
        return answer.json

    def seen(path, series="hour"):
        return sum(ask(path)[series]["rx_bytes"])

    world.alice.reaches(DATACENTER)
    world.until(lambda: seen("history") > 0, "nothing of the first step", 30)
    world.until(lambda: seen("clients/alice/history") > 0, "nothing of alice's first step", 60)
    answer = ask("history")
    hour, day = answer["hour"], answer["day"]
    assert (hour["step_s"], day["step_s"], ask("clients/alice/history")["hour"]["step_s"]) == (10, 240, 20)
    assert len(hour["rx_bytes"]) == len(hour["tx_bytes"]) <= 360
    over_s = hour["since_s"] + 10 * len(hour["rx_bytes"])  # the end of the latest step
    assert -2 <= answer["now_s"] - over_s <= 12
    assert 0 < seen("clients/alice/history") <= ask("overview")["rx_bytes"]

    newest = ask(f"history/{over_s - 10}")["hour"]
    assert newest["since_s"] >= over_s - 12 and 1 <= len(newest["rx_bytes"]) <= 3
    assert ask(f"history/{over_s + 3600}")["hour"]["rx_bytes"] == []
    assert world.api.get("/api/v1/history/x").status == 400
    assert world.api.get("/api/v1/clients/nobody/history").status == 404

    before = seen("history")
    assert world.the_server.cli("reload").returncode == 0
    assert seen("history") >= before
