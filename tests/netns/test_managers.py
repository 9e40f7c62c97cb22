# SPDX-License-Identifier: Apache-2.0
"""Hosts whose network is managed: systemd-networkd and NetworkManager, as Debian ships them."""

import managers
from lan import INTERFACE

CONF = """
    [ra]
    prefix = 2001:db8:1::/64
    route = 2001:db8:100::/48 high
    dns = 2001:db8:100::53
    search = corp.example
"""


def test_networkd_takes_the_advertisement_itself(lan):
    lan.server(CONF)
    alice = lan.client("alice", packages=managers.NETWORKD, connect=False)
    managers.resolved(lan, alice.host)
    managers.networkd(lan, alice.host, {"50-lanyard.network": f"""
        [Match]
        Name={INTERFACE}
        [Network]
        IPv6AcceptRA=yes
    """})

    alice.connect()

    lan.until(lambda: "configured" in alice.host.run("networkctl", "list", INTERFACE).stdout,
              "networkd did not configure the interface")
    lan.until(lambda: alice.address("2001:db8:1::/64"), "alice has no address")
    lan.until(lambda: "2001:db8:100::53" in alice.host.run("resolvectl", "dns", INTERFACE).stdout,
              "resolved does not know the server")
