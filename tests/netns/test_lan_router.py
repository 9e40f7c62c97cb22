# SPDX-License-Identifier: Apache-2.0
"""A LAN that has its router, radvd, and a server in its bridge that says nothing: `enabled = no`.
Whoever configures a laptop, it hears that router as if it were plugged in there.
"""

import contextlib

import pytest

import machines
from bridged import LAN_PREFIX, LAN_ROUTE, bridged_office, make_router
from lan import Lan

ROUTER = "2001:db8:77::1"
RADVD = f"""
interface eth0 {{
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 10;
    prefix {LAN_PREFIX} {{}};
    route {LAN_ROUTE} {{ AdvRoutePreference high; }};
    RDNSS {ROUTER} {{}};
    DNSSL lan.example {{}};
}};
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        bridged_office(lan, "enabled = no")
        lan.radvd = make_router(lan, lan.lan_host, RADVD)
        lan.router = lan.lan_host.address("eth0", "fe80::/10")
        lan.machines = [machines.laptop(lan, kind) for kind in machines.KINDS]
        yield lan


def is_right(lan, machine):
    route = (LAN_ROUTE, "high") if machine.knows_routes else ("default", "medium")
    return machine.address(LAN_PREFIX) and machine.servers() == [ROUTER] and \
        machine.routes(route[0]) == [(lan.router, route[1])] and machine.routes("default")


def all_are_right(lan):
    for machine in lan.machines:
        lan.until(lambda: is_right(lan, machine), f"{machine.name} is not configured", 20)


def test_its_router_configures_them(world):
    all_are_right(world)
    for machine in world.machines:
        assert machine.host.ping(ROUTER), machine.name
        assert world.lan_host.ping(machine.address(LAN_PREFIX)), machine.name


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_our_servers_end_takes_nothing_away(world, end):
    all_are_right(world)
    with contextlib.ExitStack() as stack:
        losses = [stack.enter_context(machines.Losses(m)) for m in world.machines]
        getattr(world.the_server, end)()
        world.the_server.start()
        for machine in world.machines:
            world.until(lambda: machine.host.ping(ROUTER), f"{machine.name} is cut off")
    for loss in losses:
        assert not loss.lines(), loss.machine.name


def test_its_routers_end_is_heard(world):
    all_are_right(world)

    world.radvd.stop()
    try:
        for machine in world.machines:
            world.until(lambda: not machine.routes("default"), f"{machine.name} routes to nobody")
    finally:
        world.radvd.start()
