# SPDX-License-Identifier: Apache-2.0
"""What the router said, as the client shows it: every option decoded, from however many
advertisements it took, and gone when its lifetime is over."""

import json

import pytest

from lan import INTERFACE, Lan, lanyard

CONF = """
    [ra]
    prefix = 2001:db8:1::/64
    route = 2001:db8:100::/48 high
    route = 2001:db8:200::/48 low 20m
    dns = 2001:db8:100::53
    search = corp.example
    nat64 = 64:ff9b::/96 30m
    captive-portal = https://portal.example.net/api
    dnr = dns.example.net 2001:db8:1::53 alpn=dot,h2 dohpath=/dns-query{?dns}
    mtu = 1400
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        alice = lan.client("alice")
        lan.until(lambda: alice.status().get("ra"), "alice heard no advertisement")
        yield lan, alice


def show(client, *options):
    done = lanyard(client.host, "show", "ra", *options, "--socket", client.socket)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_lifetimes(entry):
    return {name: value for name, value in entry.items() if not name.endswith("_s")}


def test_status_has_all_of_it(world):
    lan, alice = world
    status = alice.status()
    ra = status["ra"]

    assert ra["from"] == lan.office.address(INTERFACE, "fe80::/10")
    assert ra["heard_s"] < 60 and 0 < ra["next_due_s"] <= 600
    assert (ra["lifetime_s"], ra["mtu"], ra["managed"]) == (0, 1400, False)
    prefix, = ra["prefixes"]
    assert prefix["prefix"] == "2001:db8:1::/64" and prefix["on_link"] and prefix["autonomous"]
    assert 0 < prefix["preferred_s"] < prefix["valid_s"]
    assert {r["prefix"]: r["preference"] for r in ra["routes"]} \
        == {"2001:db8:100::/48": "high", "2001:db8:200::/48": "low"}
    assert [d["address"] for d in ra["dns"]] == ["2001:db8:100::53"]
    assert [s["domain"] for s in ra["search"]] == ["corp.example"]
    nat64, = status["nat64"]
    assert nat64["prefix"] == "64:ff9b::/96" and 1700 < nat64["lifetime_s"] <= 1800
    assert status["captive_portal"] == "https://portal.example.net/api"
    dnr, = status["dnr"]
    assert without_lifetimes(dnr) == {
        "name": "dns.example.net", "priority": 1, "addresses": ["2001:db8:1::53"],
        "alpn": "dot,h2", "port": 0, "dohpath": "/dns-query{?dns}"}


def test_lifetimes_run(world):
    lan, alice = world

    # an advertisement may come at any time and begin it anew
    lan.until(lambda: alice.status()["ra"]["routes"][0]["lifetime_s"] < 1800,
              "time takes nothing off the lifetime")


def test_people_see_it_too(world):
    alice = world[1]
    human = lanyard(alice.host, "status", "--socket", alice.socket).stdout

    for line in ("nat64      64:ff9b::/96", "dnr        dns.example.net",
                 "portal     https://portal.example.net/api"):
        assert line in human.splitlines()


def test_show_ra_tells_everything(world):
    alice = world[1]
    shown = json.loads(show(alice, "--json"))
    router, = shown["routers"]
    assert (shown["schema"], shown["role"], shown["interface"]) == (1, "client", INTERFACE)
    assert router["from"] == alice.status()["ra"]["from"]

    human = show(alice)
    for words in (f"{router['from']}, heard", "default router   no", "mtu              1400",
                  "2001:db8:1::/64, on link, autonomous, valid", "2001:db8:100::/48 high, ",
                  "2001:db8:200::/48 low, ", "2001:db8:100::53, ", "corp.example, ",
                  "64:ff9b::/96, ", "captive portal   https://portal.example.net/api",
                  "dns.example.net, priority 1, at 2001:db8:1::53, dot,h2, /dns-query{?dns}, "):
        assert words in human, human


def test_show_wants_to_know_what(world):
    alice = world[1]
    for arguments in (), ("everything",), ("ra", "leases"):
        done = lanyard(alice.host, "show", *arguments, "--socket", alice.socket)
        assert done.returncode == 2, done.stdout


def test_what_several_advertisements_say_is_one(lan):
    domains = "\n".join(f"search = {'a' * 60}.{'b' * 60}.{'c' * 60}.x{i}.example"
                        for i in range(8))
    routes = "\n".join(f"route = 2001:db8:{i:x}::/48" for i in range(0x100, 0x120))
    lan.server(f"[ra]\nprefix = 2001:db8:1::/64\nmtu = 1280\n{routes}\n{domains}\n")
    alice = lan.client("alice")

    def all_is_heard():
        ra = alice.status().get("ra") or {}
        return (len(ra.get("routes", [])), len(ra.get("search", []))) == (32, 8)

    lan.until(all_is_heard, "not all is heard")
    assert len(json.loads(show(alice, "--json"))["routers"]) == 1
    lan.until(lambda: all(r["installed"] for r in alice.status()["routes"]),
              "not all is in the kernel")
