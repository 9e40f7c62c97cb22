# SPDX-License-Identifier: Apache-2.0
"""What is not given: addresses in use by others; and what nobody has of a delegated prefix."""

from scapy.layers.dhcp6 import DHCP6_Solicit, DHCP6OptIAAddress

from dhcp6_clients import Dhclient
from lan import INTERFACE
from test_dhcp6 import CONF, OFFICES, POOL, delegated_routes
from test_dhcp6_reconfigure import Host, reload

ONE = "2001:db8:1::1000"
OTHERS = "2001:db8:e000::/36"
LAST_METRIC = 2 ** 32 - 1


def test_an_address_that_another_port_uses_is_offered_to_nobody_else(lan):
    lan.server(CONF.replace(POOL, f"{ONE}-{ONE}"))
    alice, bob = lan.client("alice"), lan.client("bob")
    for client in alice, bob:
        lan.until(client.link_local, "no link-local address")
    bob.host.ip("address", "add", f"{ONE}/64", "dev", INTERFACE)
    lan.until(lambda: ONE in [a["address"] for a in lan.the_server.client("bob")["addresses"]],
              "the switch did not see it")
    hosts = [Host(lan, alice, 1), Host(lan, bob, 2)]

    def offered(host):
        offer = host.exchange(DHCP6_Solicit, host.ia())
        return offer[DHCP6OptIAAddress].addr if DHCP6OptIAAddress in offer else None

    assert offered(hosts[0]) is None
    assert offered(hosts[1]) == ONE, "it is his own"
    for host in hosts:
        host.close()


def test_a_static_address_is_free_again_when_its_client_leaves(lan):
    lan.server(CONF.replace(POOL, f"{ONE}-{ONE}"))
    alice, bob = lan.client("alice"), lan.client("bob")
    for client in alice, bob:
        lan.until(client.link_local, "no link-local address")
    bob.host.ip("address", "add", f"{ONE}/64", "dev", INTERFACE)
    lan.until(lambda: ONE in [a["address"] for a in lan.the_server.client("bob")["addresses"]],
              "the switch did not see it")
    host = Host(lan, alice)
    assert DHCP6OptIAAddress not in host.exchange(DHCP6_Solicit, host.ia())
    bob.stop()
    lan.until(lambda: [c["user"] for c in lan.the_server.status()["clients"]] == ["alice"],
              "bob is still there")
    assert host.exchange(DHCP6_Solicit, host.ia())[DHCP6OptIAAddress].addr == ONE
    host.close()


def refused(lan):
    """The unreachable routes of the office, and their metrics."""
    return {r["dst"]: r["metric"] for r in lan.office.ip_json("-6", "route", "show",
                                                              "type", "unreachable")}


def test_the_rest_of_a_delegated_prefix_is_unreachable(lan):
    # other programs have such routes as well
    lan.office.ip("-6", "route", "add", "unreachable", "2001:db8:d000::/36")
    lan.office.ip("-6", "route", "add", "unreachable", "2001:db8:c000::/36", "proto", "76",
                  "metric", LAST_METRIC)
    before = refused(lan)
    server = lan.server(CONF)
    assert refused(lan) == before | {OFFICES: LAST_METRIC}
    assert lan.office.run("ip", "-6", "route", "get", "2001:db8:f123::1",
                          check=False).returncode != 0, "it goes back to where it came from"
    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-P").start()
    lan.until(client.prefix, "our own route is in the way")
    inside = client.prefix().replace("::/56", "::1")
    assert INTERFACE in lan.office.run("ip", "-6", "route", "get", inside).stdout

    server.kill()  # the route is no interface's, and stays: nothing loops meanwhile
    assert refused(lan) == before | {OFFICES: LAST_METRIC}
    server.start()
    assert refused(lan) == before | {OFFICES: LAST_METRIC}
    assert set(delegated_routes(lan)) == {client.prefix()}
    lan.until(alice.up, "alice did not come back", 30)
    client.release()

    reload(lan, CONF.replace(OFFICES, OTHERS))
    assert refused(lan) == before | {OTHERS: LAST_METRIC}
    # what was ours may be somebody else's now
    unreachable = (OFFICES, "proto", "76", "metric", LAST_METRIC)
    lan.office.ip("-6", "route", "add", "unreachable", *unreachable)
    server.kill()
    server.start()
    assert refused(lan) == before | {OTHERS: LAST_METRIC, OFFICES: LAST_METRIC}
    lan.office.ip("-6", "route", "del", "unreachable", *unreachable)
    server.kill()
    server.configure(CONF)
    server.start()
    assert refused(lan) == before | {OFFICES: LAST_METRIC}, "what was left is not taken away"
    server.stop()
    assert refused(lan) == before
