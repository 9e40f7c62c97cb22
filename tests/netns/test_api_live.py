# SPDX-License-Identifier: Apache-2.0
"""Who looks on sees what changes; a scraper reads what is counted."""

import contextlib
import http.client
import json
import re
import subprocess
from pathlib import Path

import pytest

from api import Api
from lan import Lan

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server("""
            [group staff]
        """)
        done = lan.the_server.cli("token", "add", "test")
        assert done.returncode == 0, done.stderr
        lan.token = done.stdout.strip()
        lan.alice = lan.client("alice")
        yield lan


def apply(state, patch):
    """RFC 7396."""
    for name, value in patch.items():
        if value is None:
            state.pop(name, None)
        elif isinstance(value, dict):
            state[name] = apply(state.get(name) if isinstance(state.get(name), dict) else {}, value)
        else:
            state[name] = value
    return state


class Onlooker:
    """An EventSource; `state` is what it has been told."""

    def __init__(self, world, last=None, token=None):
        api = Api(world.office, token or world.token)
        self.connection = http.client.HTTPConnection("127.0.0.1")
        self.connection.sock = api.connect(timeout=20)
        headers = {"Host": "localhost", "Authorization": f"Bearer {api.token}"}
        if last:
            headers["Last-Event-ID"] = last
        self.connection.request("GET", "/api/v1/events", headers=headers)
        self.answer = self.connection.getresponse()
        self.state, self.kinds, self.id = None, [], last

    def close(self):
        self.connection.close()

    def take(self):
        """One event; its kind, or None at the end."""
        event = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            event[name] = value
        if "event" not in event:
            return None if not event else ""
        self.kinds.append(event["event"])
        self.id = event["id"]
        data = json.loads(event["data"])
        self.state = data if event["event"] == "snapshot" else apply(self.state or {}, data)
        return event["event"]

    def until(self, condition, events=20):
        for _ in range(events):
            assert self.take() is not None, "the stream ended"
            if self.state and condition(self.state):
                return
        raise AssertionError(f"not within {events} events: {self.state}")


def users(state):
    return [client["user"] for client in state["clients"].values()]


def test_who_is_nobody_is_told_nothing(world):
    for token in None, "lanyard_wrong":
        assert Api(world.office, token).get("/api/v1/events").status == 401


def test_a_snapshot_then_what_changes(world):
    with contextlib.closing(Onlooker(world)) as onlooker:
        assert onlooker.answer.status == 200
        assert onlooker.answer.headers["Content-Type"] == "text/event-stream"
        onlooker.until(lambda state: True)
        assert onlooker.kinds == ["snapshot"] and users(onlooker.state) == ["alice"]
        assert "null" not in json.dumps(onlooker.state)
        bob = world.client("bob")
        onlooker.until(lambda state: sorted(users(state)) == ["alice", "bob"])
        address = world.until(bob.address, "no address")
        onlooker.until(lambda state: address in json.dumps(state["clients"]))
        world.the_server.cli("user", "group", "alice", "staff")
        onlooker.until(lambda state: "staff" in [c.get("group") for c in state["clients"].values()])
        bob.stop()
        onlooker.until(lambda state: users(state) == ["alice"])
        last = onlooker.id
    # somebody who was away is told what he missed, and that alone
    world.the_server.cli("user", "group", "alice", "none")
    with contextlib.closing(Onlooker(world, last)) as again:
        again.take()
        assert again.kinds == ["delta"], again.state
    # of another start, or of what was never said, there is nothing to go on from
    for wrong in "0" * 16 + "-1", last[:17] + "99999999", "x", last + "x", last[:17] + "-1":
        with contextlib.closing(Onlooker(world, wrong)) as other:
            other.take()
            assert other.kinds == ["snapshot"], wrong


def test_it_ends_with_its_token(world):
    done = world.the_server.cli("token", "add", "brief")
    with contextlib.closing(Onlooker(world, token=done.stdout.strip())) as onlooker:
        onlooker.take()
        world.the_server.cli("token", "revoke", "brief")
        world.until(lambda: onlooker.take() is None, "it looks on for ever", 20)


def test_no_more_than_so_many_look_on(world):
    with contextlib.ExitStack() as stack:
        def looks_on():
            onlooker = Onlooker(world)
            stack.callback(onlooker.close)
            return onlooker.answer.status == 200

        for _ in range(32):  # those of the tests before count until it is noticed that they left
            world.until(looks_on, "those who left still count", 40)
        assert not looks_on()


# ---- metrics ----

def test_metrics_are_what_prometheus_reads(world):
    plain = Api(world.office).get("/metrics", headers={"Accept": "text/plain"})
    assert plain.status == 200 and plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "\nlanyard_clients 1\n" in plain.body.decode()
    assert '\nlanyard_group_clients{group=""} 1\n' in plain.body.decode()
    assert 'lanyard_client_receive_bytes_total{client="' in plain.body.decode()
    folder = subprocess.run([ROOT / "tests/tools/package-path", "prometheus"], check=True,
                            capture_output=True, text=True).stdout.strip()
    done = subprocess.run([f"{folder}/usr/bin/promtool", "check", "metrics"], input=plain.body,
                          capture_output=True, check=False)
    assert done.returncode == 0 and not done.stdout + done.stderr, done
    opened = Api(world.office).get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert opened.body.decode().endswith("\n# EOF\n")


def families(text):
    """Name and kind of each."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def test_metrics_are_for_this_host_or_a_token(world):
    assert Api(world.office).get("/metrics").status == 200
    for name in "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via":
        assert Api(world.office).get("/metrics", headers={name: "192.0.2.7"}).status == 401, name
        assert Api(world.office, world.token).get("/metrics", headers={name: "x"}).status == 200
    assert Api(world.office, "lanyard_wrong").get("/metrics").status == 401


def test_the_dashboard_asks_for_what_there_is(world):
    """Every metric of packaging/grafana is one that the server has."""
    dashboard = (ROOT / "packaging/grafana/lanyard.json").read_text()
    json.loads(dashboard)
    there = set(families(Api(world.office).get("/metrics").body.decode()))
    there |= {f"{name}_bucket" for name in there}
    asked = set(re.findall(r"lanyard_[a-z0-9_]+", dashboard))
    assert asked and asked <= there, asked - there


def test_totals_outlive_those_who_made_them(world):
    def total():
        return Api(world.office, world.token).get("/api/v1/overview").json["rx_bytes"]

    before = world.until(total, "nothing was received")
    world.the_server.cli("kick", "alice")
    world.until(lambda: world.the_server.client("alice") == {}
                or world.the_server.client("alice")["connected_s"] < 2, "alice stays")
    assert total() >= before
