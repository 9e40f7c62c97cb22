# SPDX-License-Identifier: Apache-2.0
"""Users in groups are told different things, and a change of group reaches who is connected."""

import json

import pytest

from advertisements import Advertisements
from lan import INTERFACE, Lan

CONF = """
    [ra]
    prefix = auto
    route = 2001:db8:100::/48
    dns = 2001:db8:100::53
    search = corp.example
    [group engineers]
    prefix = 2001:db8:e::/64
    route = 2001:db8:200::/48 high
    [group guests]
    prefix = none
    prefix = 2001:db8:9::/64
    route = none
    dns = none
    dns = 2001:db8:100::9
    search = none
    [user dave]
    route = 2001:db8:400::/48
"""
ULA, ENGINEERS, GUESTS = "fd00::/8", "2001:db8:e::/64", "2001:db8:9::/64"

# Prefixes and routes by who one is.
TOLD = {
    "none": ([ULA], {"2001:db8:100::/48"}),
    "engineers": ([ULA, ENGINEERS], {"2001:db8:100::/48", "2001:db8:200::/48"}),
    "guests": ([GUESTS], set()),
    "dave, an engineer": ([ULA, ENGINEERS], {"2001:db8:100::/48", "2001:db8:200::/48",
                                             "2001:db8:400::/48"}),
    "somewhere else": ([ULA], {"2001:db8:100::/48"}),
}


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        yield lan


def join(lan, name, group=None):
    done = lan.the_server.cli("user", "add", name, *(["--group", group] if group else []))
    assert done.returncode == 0, done.stderr
    return lan.client(name, user=name)


def set_group(lan, name, group):
    done = lan.the_server.cli("user", "group", name, group)
    assert done.returncode == 0, done.stderr
    return done.stderr


def routes(client):
    return {route["dst"] for route in client.host.routes()
            if route["dev"] == INTERFACE and "gateway" in route}


@pytest.mark.parametrize("name, group, told", [
    ("nora", None, "none"), ("erin", "engineers", "engineers"), ("gus", "guests", "guests"),
    ("dave", "engineers", "dave, an engineer"), ("sam", "nowhere", "somewhere else"),
])
def test_each_is_told_its_own(world, name, group, told):
    client = join(world, name, group)
    prefixes, expected = TOLD[told]

    for prefix in prefixes:
        world.until(lambda: client.address(prefix), f"{name} has no address in {prefix}")
    world.until(lambda: routes(client) == expected, lambda: f"{name} has {routes(client)}")
    for prefix in {ULA, ENGINEERS, GUESTS} - set(prefixes):
        assert not client.address(prefix), f"{name} has an address in {prefix}"
    assert world.the_server.client(name)["group"] == group
    dns = client.status()["dns"]["servers"]
    assert dns == ["2001:db8:100::9" if group == "guests" else "2001:db8:100::53"]


def test_a_group_without_a_section_is_said(world):
    assert "the configuration has no [group lost]" in world.the_server.cli(
        "user", "add", "lou", "--group", "lost").stderr
    world.the_server.cli("user", "add", "mo")
    log = world.the_server.daemon.log()
    assert "user lou: added, in group lost\n" in log and "user mo: added\n" in log
    assert set_group(world, "lou", "guests") == "user lou is in group guests\n"
    assert "no [group lost]" in set_group(world, "lou", "lost")
    listed = world.the_server.cli("user", "list").stdout
    assert "lost (no section)" in listed
    users = json.loads(world.the_server.cli("user", "list", "--json").stdout)["users"]
    lou, = [user for user in users if user["name"] == "lou"]
    assert lou["group"] == "lost" and lou["group_has_section"] is False
    assert set_group(world, "lou", "none") == "user lou is in no group\n"


def test_a_change_of_group_is_heard_at_once_by_its_user_alone(world):
    mia, ned = join(world, "mia", "engineers"), join(world, "ned", "engineers")
    for client in mia, ned:
        world.until(lambda: client.address(ENGINEERS), "no address in the engineers' prefix")
        world.until(lambda: "2001:db8:200::/48" in routes(client), "no route")
    mine = mia.address(ENGINEERS)
    with Advertisements(mia.host, INTERFACE) as mias, Advertisements(ned.host, INTERFACE) as neds:
        set_group(world, "mia", "guests")
        world.until(lambda: not routes(mia), lambda: f"mia still has {routes(mia)}", 4)
        world.until(lambda: mia.address(GUESTS), "mia has no address in the guests' prefix", 4)

        # what is said and, in the same, what is gone
        world.until(lambda: mias.count() == 1, "not one message", 4)
        assert {prefix: 0 for prefix in ("2001:db8:100::/48", "2001:db8:200::/48")} \
            == mias.routes()
        assert mias.prefixes()[GUESTS][0] > 0 and mias.prefixes()[ENGINEERS][0] == 0
        assert 5300 < mias.prefixes()[ENGINEERS][1] <= 5400
        assert mias.dns() == {"2001:db8:100::53": 0, "2001:db8:100::9": 1800}
        assert mias.search() == {"corp.example": 0}
        assert neds.count() == 0, "ned is not concerned"
    deprecated = [a for a in mia.host.ip_json("address", "show", "dev", INTERFACE)[0]["addr_info"]
                  if a["local"] == mine]
    assert deprecated[0].get("deprecated"), "the old address still serves new connections"
    assert world.the_server.client("mia")["group"] == "guests"
    world.until(lambda: mia.status()["dns"]["servers"] == ["2001:db8:100::9"],
                lambda: f"mia's resolver: {mia.status()['dns']}")

    set_group(world, "mia", "engineers")
    world.until(lambda: routes(mia) == TOLD["engineers"][1], "mia's routes are not back", 4)
    address = [a for a in mia.host.ip_json("address", "show", "dev", INTERFACE)[0]["addr_info"]
               if a["local"] == mine]
    assert not address[0].get("deprecated"), "the address is not preferred again"


def test_the_same_group_again_is_no_news(world):
    ida, jon = join(world, "ida", "engineers"), join(world, "jon", "engineers")
    world.until(lambda: routes(jon), "jon has no routes")
    with Advertisements(ida.host, INTERFACE) as idas, Advertisements(jon.host, INTERFACE) as jons:
        set_group(world, "ida", "engineers")
        set_group(world, "jon", "guests")
        # ida was there first: hers would have been due before this
        world.until(lambda: jons.count() == 1, "the change was not said", 4)
        assert idas.count() == 0, "ida heard of a change that is none"
