# SPDX-License-Identifier: Apache-2.0
"""Whoever configures a host from advertisements, it comes out right: at once, after the server's
configuration has changed, and through the server's restarts; on laptops and in offices.
"""

import contextlib
import signal

import pytest

import machines
from lan import DATACENTER, INTERFACE, Lan

PREFIX, OTHER_PREFIX = "2001:db8:1::/64", "2001:db8:2::/64"
ROUTE, OTHER_ROUTE = "2001:db8:100::/48", "2001:db8:200::/48"
DNS, OTHER_DNS = DATACENTER, "2001:db8:100::53"
CONF = f"""
    [ra]
    prefix = {PREFIX}
    route = {ROUTE} high
    default-route = yes
    dns = {DNS}
    search = corp.example
"""


class World:
    def __init__(self, lan):
        self.lan, self.server = lan, lan.server(CONF)
        lan.office.ip("-6", "route", "add", "default", "via", DATACENTER)
        branch = machines.office(lan)
        self.machines = [machines.laptop(lan, kind) for kind in machines.KINDS] + \
            [machines.desk(lan, branch, kind) for kind in machines.KINDS]
        self.router = lan.office.address(INTERFACE, "fe80::/10")

    def all(self, condition, message, seconds=10):
        """Waits until something is true of each machine."""
        for machine in self.machines:
            self.lan.until(lambda: condition(machine), f"{machine.name}: {message}", seconds)

    def has_route(self, machine, prefix, preference):
        if not machine.knows_routes:
            prefix, preference = "default", "medium"
        return machine.routes(prefix) == [(self.router, preference)]

    def asks_only(self, machine, server):
        return machine.servers() in ([server], None)

    def is_right(self, machine):
        return machine.address(PREFIX) and self.asks_only(machine, DNS) and \
            self.has_route(machine, ROUTE, "high") and self.has_route(machine, "default", "medium")


def crash(server):
    """kill -9: it has no time to call anything off."""
    server.kill()
    server.start()


def restart(server):
    """As systemd does it, RestartKillSignal: it says that it comes back."""
    server.daemon.process.send_signal(signal.SIGUSR1)
    server.daemon.check_end()
    server.start()


def reload(server):
    done = server.cli("reload")
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def changed(world, change, conf):
    """While it lasts, the server has another configuration."""
    world.all(world.is_right, "not configured")
    world.server.configure(conf)
    change(world.server)
    try:
        yield
    finally:
        world.server.configure(CONF)
        change(world.server)


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        yield World(lan)


def test_they_have_addresses_routes_and_server(world):
    world.all(world.is_right, "not configured")


def test_they_reach_what_the_route_leads_to_and_are_reached(world):
    world.all(world.is_right, "not configured")
    for machine in world.machines:
        assert machine.host.ping(DATACENTER), machine.name
        assert world.lan.datacenter.ping(machine.address(PREFIX)), machine.name


@pytest.mark.parametrize("change", [crash, restart, reload])
def test_a_restart_of_the_server_costs_nobody_an_address_or_a_route(world, change):
    world.all(world.is_right, "not configured")
    with contextlib.ExitStack() as stack:
        losses = [stack.enter_context(machines.Losses(m)) for m in world.machines]
        change(world.server)
        world.all(lambda m: m.host.ping(DATACENTER), "no way to the datacenter")
        world.all(world.is_right, "no longer configured")
    for loss in losses:
        assert not loss.lines(), loss.machine.name


def test_a_server_that_stops_is_nobodys_router(world):
    """RFC 4861 6.2.5: and all see it at once, which shows that nothing is overlooked above."""
    world.all(world.is_right, "not configured")
    with contextlib.ExitStack() as stack:
        losses = [stack.enter_context(machines.Losses(m)) for m in world.machines]
        world.server.stop()
        world.all(lambda m: not m.routes("default") and not m.routes(ROUTE), "still has a route")
    world.server.start()
    for loss in losses:
        assert loss.lines(), loss.machine.name
    world.all(world.is_right, "not configured again")


@pytest.mark.parametrize("change", [crash, reload])
def test_a_prefix_that_is_withdrawn_is_used_no_longer(world, change):
    """RFC 9096 3.5, 4862 5.5.3 (e): the address stays, for what is under way."""
    with changed(world, change, CONF.replace(PREFIX, OTHER_PREFIX)):
        world.all(lambda m: m.address(OTHER_PREFIX), "no address in the new prefix")
        world.all(lambda m: m.deprecated(PREFIX), "the old address is used on")


def test_routes_and_servers_change(world):
    conf = CONF.replace(f"{ROUTE} high", f"{ROUTE} low\nroute = {OTHER_ROUTE}")
    with changed(world, reload, conf.replace(DNS, OTHER_DNS)):
        world.all(lambda m: world.has_route(m, ROUTE, "low" if m.follows_preference else "high"),
                  "not the new preference")
        world.all(lambda m: world.has_route(m, OTHER_ROUTE, "medium"), "not the new route")
        world.all(lambda m: world.asks_only(m, OTHER_DNS), "does not ask the new server alone")
    world.all(lambda m: not m.routes(OTHER_ROUTE), "still has the other route")
    world.all(world.is_right, "not as it was")
