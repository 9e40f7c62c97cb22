# SPDX-License-Identifier: Apache-2.0
"""Leases of another server, taken over: its clients keep their addresses and prefixes."""

import json

import pytest

from dhcp6_clients import Dhclient
from dhcp6_servers import Dnsmasq, Kea
from lan import INTERFACE, Lan
from test_dhcp6 import CONF, delegated_routes, leases


def had_from(lan, other, *what):
    """alice, not connected yet, with what she got from the other server on a cable of the tunnel's
    name; the file's text."""
    alice = lan.client("alice", packages=Dhclient.packages, connect=False)
    old = lan.host("old", packages=other.packages)
    alice.host.plug(INTERFACE, old, "eth0")
    server = other(lan, old, "eth0").start()
    client = Dhclient(lan, alice.host, INTERFACE, *what).start()
    lan.until(lambda: "reply" in client.daemon.log().lower() and client.address(), "no lease", 30)
    lan.until(lambda: client.address() in server.leases(), "it is not in the file")
    client.stop()
    text = server.leases()
    server.stop()
    alice.host.ip("link", "delete", INTERFACE)
    return alice, client, text


def take_over(lan, text, *options):
    path = lan.folder / "other.leases"
    path.write_text(text)
    return lan.the_server.cli("lease", "import", str(path), *options)


@pytest.mark.parametrize("options", (("--user", "alice"), ("--first-come",)))
def test_keas_client_keeps_its_address_and_its_prefix(lan, options):
    lan.server(CONF)
    alice, client, text = had_from(lan, Kea, "-N", "-P")
    had = {client.address(), client.prefix()}
    dry = take_over(lan, text, "--dry-run", *options)
    assert dry.returncode == 0 and dry.stdout.startswith("1 addresses and 1 prefixes would be")
    assert leases(lan) == []
    done = take_over(lan, text, *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 addresses and 1 prefixes imported")
    owner = "alice" if "--user" in options else None
    assert {(lease["what"], lease["user"]) for lease in leases(lan, state="active")} == {
        (what, owner) for what in had}
    assert delegated_routes(lan) == {}, "nobody knows where to"
    lan.the_server.stop()
    lan.the_server.start()

    alice.connect()
    client.start()
    lan.until(lambda: client.prefix() in delegated_routes(lan), "no route to the prefix", 30)
    assert {client.address(), client.prefix()} == had
    assert {(lease["what"], lease["user"]) for lease in leases(lan, state="active")} == {
        (what, "alice") for what in had}
    assert delegated_routes(lan) == {client.prefix(): alice.link_local()}
    client.stop()


def test_dnsmasqs_client_keeps_its_address(lan):
    lan.server(CONF)
    alice, client, text = had_from(lan, Dnsmasq, "-N")
    had = client.address()
    assert take_over(lan, text, "--user", "alice").returncode == 0
    alice.connect()
    client.start()
    lan.until(lambda: had in alice.host.addresses(INTERFACE), "it has another address", 30)
    lease, = leases(lan, state="active")
    assert (lease["what"], lease["user"], client.address()) == (had, "alice", had)
    client.stop()


KEA = """\
address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,state
2001:db8:1::1001,00:01:00:01:aa,4000,4000000000,1,3000,0,1,128,0
2001:db8:2::1,00:01:00:01:bb,4000,4000000000,1,3000,0,1,128,0
2001:db8:1::1002,00:01:00:01:cc,4000,4000000000,1,3000,zero,1,128,0
2001:db8:1::1003,00:01:00:01:dd,4000,1000000000,1,3000,0,1,128,0
2001:db8:1::1004,00:01:00:01:ee,4000,4000000000,1,3000,0,1,128,0
2001:db8:1::1005,00:01:00:01:ff,4000,4000000000,1,3000,0,1,128,0
2001:db8:f000:100::,00:01:00:01:ff,4000,4000000000,1,3000,2,1,56,0
2001:db8:f000:200::,00:01:00:01:ff,4000,4000000000,1,3000,2,1,60,0
"""


def test_what_is_refused_loses_nothing_else(lan):
    lan.server(CONF)
    for user in ("alice", "bob"):
        assert lan.the_server.cli("user", "add", user).returncode == 0
    assert lan.the_server.cli("lease", "reserve", "bob", "2001:db8:1::1004").returncode == 0
    done = take_over(lan, KEA, "--user", "alice", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert [(one["line"], one["reason"]) for one in answer["refused"]] == [
        (3, "2001:db8:2::1 is in no pool and no delegated prefix of this user"),
        (4, "lease_type 'zero' is no number up to 2"),
        (6, "2001:db8:1::1004 is reserved for somebody else"),
        (9, "2001:db8:f000:200::/60 is in no pool and no delegated prefix of this user")]
    assert answer["skipped"] == {"expired": 1}
    assert {lease["what"] for lease in leases(lan, user="alice")} == {
        "2001:db8:1::1001", "2001:db8:1::1005", "2001:db8:f000:100::/56"}
    done = take_over(lan, KEA)  # 1004: bob's by his reservation; the others are there already
    assert "1 addresses and 0 prefixes imported" in done.stdout
    assert "3 skipped: of no known user" in done.stdout
    assert {lease["user"] for lease in leases(lan)} == {"alice", "bob"}


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        yield lan


@pytest.mark.parametrize("text, options, status, sentence", (
    ("hello\n", (), 1, "is this a lease file of kea, dnsmasq or odhcpd? say which, --format"),
    ("hello\n", ("--format", "kea"), 1, "its first line names no column 'address'"),
    (KEA, ("--format", "isc"), 2, "format 'isc' must be kea, dnsmasq or odhcpd"),
    (KEA, ("--user", "carol"), 10, "no user is called 'carol'"),
    (KEA, ("--user", "carol", "--first-come"), 2, "a user and first-come are two different"),
))
def test_what_cannot_be_imported(world, text, options, status, sentence):
    done = take_over(world, text, *options)
    assert (done.returncode, sentence in done.stderr) == (status, True), done.stderr


def test_a_file_that_is_too_long(world):
    done = take_over(world, "x" * ((16 << 20) + 1))
    assert done.returncode == 1 and done.stderr.endswith("is longer than 16 MiB\n"), done.stderr


def test_a_whole_file_in_one_request(world):
    """Nearly as much as there may be, and most of it replaced by later lines."""
    rows = [KEA.splitlines()[0]]
    for number in range(100_000):
        rows.append(f"2001:db8:1::1{number % 4000 % 0xfff:03x},00:01:00:01:{number % 200:02x}:01,"
                    f"4000,4000000000,1,3000,0,{number % 4000},128,0")
    done = take_over(world, "\n".join(rows) + "\n", "--first-come", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["addresses"], answer["waiting"]) == (4000, 4000)
    assert answer["skipped"] == {"replaced": 96_000}
    assert len(leases(world)) == 4000
