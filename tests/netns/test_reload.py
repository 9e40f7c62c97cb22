# SPDX-License-Identifier: Apache-2.0
"""The server reads its configuration again: who is concerned hears of it, nobody is disconnected."""

import contextlib
import json
import signal

import pytest

from advertisements import Advertisements
from lan import INTERFACE, Lan

CONFIG_ERROR = 78
OFFICE, GUESTS, OLD, NEW = ("2001:db8:e::/64", "2001:db8:9::/64", "2001:db8:100::/48",
                            "2001:db8:200::/48")
CONF = f"""
    [ra]
    prefix = {OFFICE}
    route = {OLD}
    dns = 2001:db8:100::53
    [group guests]
    prefix = none
    prefix = {GUESTS}
    route = none
"""


class World:
    def __init__(self, lan):
        self.lan, self.server = lan, lan.server(CONF)
        self.alice, self.gus = lan.client("alice"), self.join("gus", "guests")
        lan.until(lambda: self.alice.address(OFFICE), "alice has no address")
        lan.until(lambda: self.gus.address(GUESTS), "gus has no address")
        self.ids = {name: self.id_of(name) for name in ("alice", "gus")}

    def join(self, name, group):
        assert self.server.cli("user", "add", name, "--group", group).returncode == 0
        return self.lan.client(name, user=name)

    def id_of(self, name):
        return self.server.client(name)["id"]

    def nobody_was_disconnected(self):
        return self.ids == {name: self.id_of(name) for name in self.ids}

    def reload(self, conf, *options):
        self.server.configure(conf)
        return self.server.cli("reload", *options)

    def restore(self):
        """Back to CONF, and heard of by all."""
        assert self.reload(CONF).returncode == 0
        self.lan.until(lambda: routes(self.alice) == {OLD} and routes(self.gus) == set(),
                       lambda: f"not restored: {routes(self.alice)}, {routes(self.gus)}", 5)


@pytest.fixture(scope="module")
def one_world():
    with Lan() as lan:
        yield World(lan)


@pytest.fixture
def world(one_world):
    one_world.restore()
    yield one_world
    assert one_world.nobody_was_disconnected(), "a reload cost somebody the connection"


@contextlib.contextmanager
def ears(world):
    with Advertisements(world.alice.host, INTERFACE) as alice, \
            Advertisements(world.gus.host, INTERFACE) as gus:
        yield alice, gus


def routes(client):
    return {route["dst"] for route in client.host.routes()
            if route["dev"] == INTERFACE and "gateway" in route}


def test_a_route_that_is_another_reaches_those_who_have_it(world):
    with ears(world) as (alice, gus):
        done = world.reload(CONF.replace(f"route = {OLD}", f"route = {NEW}"))
        assert done.returncode == 0, done.stderr
        assert done.stderr == \
            "the configuration was read again; clients that are told of it: 1\n"
        world.lan.until(lambda: routes(world.alice) == {NEW}, "alice's route is not another", 3.2)
        world.lan.until(lambda: alice.count() == 1, "alice was not told in one frame", 3.2)
        assert alice.routes() == {NEW: 1800, OLD: 0}
        assert gus.count() == 0, "gus heard of what does not concern him"


def test_a_group_hears_of_its_own(world):
    with ears(world) as (alice, gus):
        text = CONF.replace("route = none", f"route = none\n    route = {NEW} high")
        answer = json.loads(world.reload(text, "--json").stdout)
        assert answer.pop("certificate")["problem"] is None
        assert answer == {"schema": 1, "clients_told": 1, "needs_restart": []}
        world.lan.until(lambda: routes(world.gus) == {NEW}, "gus has no new route", 3.2)
        world.lan.until(lambda: gus.count() == 1, "gus was not told in one frame", 3.2)
        assert alice.count() == 0, "alice heard of what is the guests'"


def test_a_user_gets_a_section(world):
    with ears(world) as (alice, gus):
        assert world.reload(CONF + f"    [user gus]\n    route = {NEW}\n").returncode == 0
        world.lan.until(lambda: routes(world.gus) == {NEW}, "gus has no route of his own", 3.2)
        world.restore()
        world.lan.until(lambda: gus.routes() == {NEW: 0}, "gus's route was not called off", 3.2)
        assert alice.count() == 0


def test_a_prefix_that_is_gone_is_deprecated_and_one_that_came_is_routed(world):
    other = "2001:db8:f::/64"
    before = world.alice.address(OFFICE)
    with ears(world) as (alice, gus):
        assert world.reload(CONF.replace(OFFICE, other)).returncode == 0
        world.lan.until(lambda: world.alice.address(other), "alice has no new address", 5)
        world.lan.until(lambda: world.lan.office.address(INTERFACE, other),
                        "the server has no address in it")
        assert alice.prefixes()[OFFICE][0] == 0 and alice.prefixes()[OFFICE][1] > 5300
        assert gus.count() == 0
    found = [a for a in world.alice.host.ip_json("address", "show", "dev", INTERFACE)[0]
             ["addr_info"] if a["local"] == before]
    assert found[0].get("deprecated"), "the old address serves new connections"
    # what runs over the old address goes on
    assert world.lan.office.address(INTERFACE, OFFICE), "the server left the old prefix"
    assert world.alice.ping(world.lan.office.address(INTERFACE, OFFICE), 1, 1, "-I", before)


def test_a_broken_file_changes_nothing(world):
    with ears(world) as (alice, gus):
        done = world.reload(CONF.replace(f"route = {OLD}", "rout = 1"), "--socket",
                            world.server.socket)
        assert done.returncode == CONFIG_ERROR
        assert "[ra] unknown key 'rout'" in done.stderr
        assert "server.conf:" in done.stderr, "the place is missing"
        assert "the configuration stays as it was" in world.server.daemon.log()
        # a change afterwards tells of itself and of nothing else
        assert world.reload(CONF.replace("route = none", f"route = none\n route = {NEW}")) \
            .returncode == 0
        world.lan.until(lambda: gus.count() == 1, "gus was not told", 3.2)
        assert alice.count() == 0 and routes(world.alice) == {OLD}


def test_what_needs_a_restart_is_named_and_the_rest_applied(world):
    text = CONF.replace(OLD, NEW) + """
        [server]
        workers = 7
        max-per-profile = 3
        [bridge]
        mtu = 1400
    """
    done = world.reload(text)
    assert done.returncode == 0
    assert "[server] workers is another now: that needs a restart\n" in done.stderr
    assert "[bridge] mtu is another now: that needs a restart\n" in done.stderr
    assert "max-per-profile" not in done.stderr
    world.lan.until(lambda: routes(world.alice) == {NEW}, "the rest was not applied", 3.2)
    assert world.lan.office.ip_json("link", "show", "dev", INTERFACE)[0]["mtu"] == 1500


def test_isolation_comes_and_goes(world):
    hans = world.lan.client("hans")
    for client in hans, world.alice:
        world.lan.until(client.link_local, "no link-local address")
    to = f"{world.alice.link_local()}%{INTERFACE}"
    hans.reaches(to)
    assert world.reload(CONF + "    [bridge]\n    isolate = yes\n").returncode == 0
    assert not hans.ping(to), "hans reaches alice past the isolation"
    world.restore()
    hans.reaches(to)
    hans.stop()


def test_limits_hold_for_those_who_come(world):
    assert world.reload(CONF + "    [server]\n    max-clients = 2\n").returncode == 0
    late = world.lan.client("late", connect=False)
    status, said = late.try_once()
    assert status != 0 and "no room" in said
    world.restore()
    late.connect().stop()


def test_sighup_reads_it_too(world):
    with ears(world) as (alice, gus):
        world.server.configure(CONF.replace(OLD, NEW))
        world.server.daemon.process.send_signal(signal.SIGHUP)
        world.lan.until(lambda: routes(world.alice) == {NEW}, "SIGHUP does nothing", 5)
        world.server.configure("[nonsense]\n")
        world.server.daemon.process.send_signal(signal.SIGHUP)
        world.lan.until(lambda: "[nonsense]: unknown section" in world.server.daemon.log(),
                        "the mistake is not in the log")
        assert world.server.daemon.running() and routes(world.alice) == {NEW}
        assert gus.count() == 0
    world.server.configure(CONF)  # the verbs read the file as well


def test_a_group_is_switched_off_and_on(world):
    with ears(world) as (alice, gus):
        assert world.reload(CONF.replace("[group guests]", "[group guests]\n    enabled = no")) \
            .returncode == 0
        world.lan.until(lambda: gus.dns() == {"2001:db8:100::53": 0}, "no final RA", 3.2)
        world.restore()
        world.lan.until(lambda: gus.dns() == {"2001:db8:100::53": 1800}, "no RA again", 3.5)
        assert alice.count() == 0
