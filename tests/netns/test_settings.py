# SPDX-License-Identifier: Apache-2.0
"""What another program does to the interface's settings behind the client's back."""

from lan import INTERFACE, lanyard

KEY = f"net.ipv6.conf.{INTERFACE}.accept_ra"
CONF = """
    [ra]
    prefix = 2001:db8:1::/64
"""


def check(client, name):
    return next(c for c in client.status()["health"] if c["check"] == name)


def test_what_sysctl_changes_is_put_back_until_it_insists(lan):
    lan.server(CONF)
    alice = lan.client("alice")
    lan.until(lambda: alice.address("2001:db8:1::/64"), "alice has no address")
    assert alice.status()["settings_restored"] == 0

    alice.host.sysctl(KEY, 0)
    lan.until(lambda: alice.host.sysctl(KEY) == "2", "accept_ra is not put back")
    assert alice.status()["settings_restored"] == 1
    assert check(alice, "settings")["ok"]
    assert "changed by another program, and put back: accept_ra (0, not 2)" in alice.daemon.log()

    def insist():
        alice.host.sysctl(KEY, 0)
        return not check(alice, "settings")["ok"]

    lan.until(insist, "it does not give in", seconds=40)
    assert "another program keeps changing lanyard0: accept_ra (0, not 2)" \
        == check(alice, "settings")["detail"]
    human = lanyard(alice.host, "status", "--socket", alice.socket).stdout
    assert "settings: another program keeps changing" in human


def test_an_interface_without_ipv6_gets_it_back(lan):
    lan.server(CONF)
    alice = lan.client("alice")
    lan.until(lambda: alice.address("2001:db8:1::/64"), "alice has no address")

    alice.host.sysctl("net.ipv6.conf.all.disable_ipv6", 1)  # as some hooks do

    lan.until(lambda: not alice.address("2001:db8:1::/64"), "the kernel has not obeyed")
    lan.until(lambda: alice.address("2001:db8:1::/64"), "alice has no address again")
