# SPDX-License-Identifier: Apache-2.0
"""Hosts whose network is managed by systemd-networkd or NetworkManager, as Debian ships them, with the
files that we ship for them: the client stands back and says so, and the link is as it must be."""

import pytest

import managers
from lan import INTERFACE, ROOT, lanyard

EXAMPLES = ROOT / "packaging/examples"
PREFIX = "2001:db8:1::/64"
ROUTE = "2001:db8:100::/48"
DNS = "2001:db8:100::53"
CONF = f"""
    [ra]
    prefix = {PREFIX}
    route = {ROUTE} high
    dns = {DNS}
    search = corp.example
"""


def example(name):
    return (EXAMPLES / name).read_text()


def networkd(lan, host, name="networkd/50-lanyard.network"):
    """With systemd-resolved, as it comes."""
    managers.resolved(lan, host)
    return managers.networkd(lan, host, {name.split("/")[1]: example(name)})


def network_manager(lan, host):
    """Without systemd-resolved: it writes resolv.conf itself, as Debian has it."""
    return managers.network_manager(
        lan, host, {"lanyard.nmconnection": example("NetworkManager/lanyard.nmconnection")},
        "\n" + example("NetworkManager/lanyard.conf"))


def resolved_knows(host):
    return DNS in host.run("resolvectl", "dns", INTERFACE, check=False).stdout


def resolv_conf_knows(host):
    return DNS in (host.read("/etc/resolv.conf") or "")


MANAGERS = {
    "systemd-networkd": (managers.NETWORKD, networkd, resolved_knows),
    "NetworkManager": (managers.NETWORK_MANAGER, network_manager, resolv_conf_knows),
}


def accept_ra(host):
    return host.sysctl(f"net.ipv6.conf.{INTERFACE}.accept_ra")


def routes(host):
    return [(r["gateway"], r["pref"]) for r in host.ip_json("-6", "route", "show", ROUTE)]


def is_configured(client, knows_dns):
    return client.address(PREFIX) and routes(client.host) and knows_dns(client.host)


@pytest.mark.parametrize("name", MANAGERS)
def test_the_client_stands_back_and_the_manager_makes_the_link_right(lan, name):
    packages, start, knows_dns = MANAGERS[name]
    lan.server(CONF)
    alice = lan.client("alice", packages=packages, connect=False)
    start(lan, alice.host)

    alice.connect()
    lan.until(lambda: is_configured(alice, knows_dns), f"{name} did not configure the link")

    status = alice.status()
    assert status["managed_by"] == status["dns"]["applied_by"] == name
    assert accept_ra(alice.host) == "0", "the kernel takes advertisements, too"
    assert routes(alice.host) == [(lan.office.address(INTERFACE, "fe80::/10"), "high")]
    assert all(check["ok"] for check in status["health"]), status["health"]
    assert f"{INTERFACE} is managed by {name}: its settings" in alice.daemon.log()
    human = lanyard(alice.host, "status", "--socket", alice.socket).stdout
    assert f"managed    by {name}\n" in human
    assert lan.datacenter.ping(alice.address(PREFIX)), "the datacenter cannot reach alice"

    alice.stop()

    lan.until(lambda: not knows_dns(alice.host), "the resolver still has the tunnel's server")
    lan.until(lambda: not routes(alice.host), "a route still leads into the tunnel")
    alice.connect()
    lan.until(lambda: is_configured(alice, knows_dns), f"{name} did not configure it again")


@pytest.mark.parametrize("name", MANAGERS)
def test_a_manager_that_leaves_the_interface_alone_is_no_manager(lan, name):
    packages = MANAGERS[name][0]
    lan.server(CONF)
    alice = lan.client("alice", packages=packages, connect=False)
    if name == "systemd-networkd":
        networkd(lan, alice.host, "networkd/10-lanyard-unmanaged.network")
    else:
        alice.host.write("/etc/NetworkManager/conf.d/lanyard.conf",
                         example("NetworkManager/lanyard-unmanaged.conf"))
        managers.network_manager(lan, alice.host)

    alice.connect()

    lan.until(lambda: alice.address(PREFIX) and routes(alice.host), "alice has no address")
    assert alice.status()["managed_by"] == "lanyard"
    assert accept_ra(alice.host) == "2"


def test_a_manager_that_comes_later_takes_over(lan):
    lan.server(CONF)
    alice = lan.client("alice", packages=managers.NETWORKD, connect=False)
    managers.resolved(lan, alice.host)
    alice.connect()
    lan.until(lambda: is_configured(alice, resolved_knows), "alice did not configure the link")
    assert alice.status()["managed_by"] == "lanyard"

    managers.networkd(lan, alice.host,
                      {"50-lanyard.network": example("networkd/50-lanyard.network")})

    lan.until(lambda: alice.status()["managed_by"] == "systemd-networkd",
              "alice does not see that networkd has taken the interface")
    lan.until(lambda: accept_ra(alice.host) == "0", "the kernel takes advertisements, too")
    lan.until(lambda: is_configured(alice, resolved_knows), "the link is not configured")
    assert alice.host.sysctl(f"net.ipv6.conf.{INTERFACE}.accept_ra_rt_info_max_plen") == "0"


@pytest.mark.parametrize("manage, managed_by, settings", [
    ("yes", "lanyard", "2"),
    ("no", "systemd-networkd", "0"),
])
def test_the_profile_decides(lan, manage, managed_by, settings):
    lan.server(CONF)
    alice = lan.client("alice", packages=managers.NETWORKD, connect=False)
    networkd(lan, alice.host)
    alice.profile.write_text(alice.profile.read_text().replace(
        "[client]\n", f"[client]\nmanage = {manage}\n"))

    alice.connect()

    lan.until(lambda: is_configured(alice, resolved_knows), "the link is not configured")
    lan.until(lambda: alice.status()["managed_by"] == managed_by, "the profile is not obeyed")
    lan.until(lambda: accept_ra(alice.host) == settings, "the settings are not as they should be")


@pytest.mark.parametrize("resolver", ["resolv.conf", "systemd-resolved"])
def test_a_connection_that_is_brought_up_later_takes_over(lan, resolver):
    """And leaves it again: NetworkManager's is the resolver meanwhile, and not before and after."""
    lan.server(CONF)
    with_resolved = resolver == "systemd-resolved"
    alice = lan.client("alice", connect=False, packages=managers.NETWORK_MANAGER_RESOLVED
                       if with_resolved else managers.NETWORK_MANAGER)
    if with_resolved:
        managers.resolved(lan, alice.host)
    knows_dns = resolved_knows if with_resolved else resolv_conf_knows
    connection = example("NetworkManager/lanyard.nmconnection").replace(
        "autoconnect=true", "autoconnect=false")
    managers.network_manager(lan, alice.host, {"lanyard.nmconnection": connection})
    alice.connect()
    lan.until(lambda: alice.address(PREFIX) and routes(alice.host), "alice has no address")
    assert alice.status()["managed_by"] == "lanyard"

    alice.host.run("nmcli", "--wait", "20", "connection", "up", "lanyard")

    lan.until(lambda: alice.status()["managed_by"] == "NetworkManager",
              "alice does not see that NetworkManager has taken the interface")
    lan.until(lambda: accept_ra(alice.host) == "0", "the kernel takes advertisements, too")
    lan.until(lambda: is_configured(alice, knows_dns), "the link is not configured")
    assert alice.daemon.running()
    alice.stop()
    lan.until(lambda: not knows_dns(alice.host), "the resolver still has the tunnel's server")
