# SPDX-License-Identifier: Apache-2.0
"""What one Router Advertisement cannot hold comes in several, none longer than the link allows."""

import pytest

from lan import INTERFACE, Lan

MTU = 1280
ROUTES = [f"2001:db8:{number:x}::/48" for number in range(0x100, 0x120)]
PREFIXES = [f"2001:db8:{number:x}::/64" for number in range(1, 9)]
SERVERS = [f"2001:db8:100::{number:x}" for number in range(0x50, 0x58)]
DOMAINS = [f"a-rather-long-name-of-a-part-of-a-company-{number}.example" for number in range(8)]
CONF = "\n".join([
    "[bridge]", f"mtu = {MTU}",
    "[ra]", *(f"prefix = {prefix}" for prefix in PREFIXES),
    *(f"route = {route}" for route in ROUTES),
    *(f"dns = {server}" for server in SERVERS),
    *(f"search = {domain}" for domain in DOMAINS),
])


@pytest.fixture(scope="module")
def laptop():
    with Lan() as lan:
        lan.server(CONF)
        yield lan.client("alice", resolvconf=True)


def test_the_kernel_has_all_of_it(laptop):
    for route in ROUTES:
        laptop.lan.until(lambda wanted=route: laptop.host.routes(wanted), f"no route to {route}")
    for prefix in PREFIXES:
        laptop.lan.until(lambda wanted=prefix: laptop.address(wanted), f"no address in {prefix}")
    assert laptop.host.sysctl(f"net.ipv6.conf.{INTERFACE}.mtu") == str(MTU)


def test_the_resolver_gets_all_of_it(laptop):
    laptop.lan.until(lambda: laptop.status()["dns"]["applied_by"], "DNS is not applied")
    dns = laptop.status()["dns"]
    assert (dns["servers"], dns["search"]) == (SERVERS, DOMAINS)


def test_the_client_shows_all_of_it(laptop):
    status = laptop.status()
    assert {route["prefix"] for route in status["routes"]} >= set(ROUTES)
