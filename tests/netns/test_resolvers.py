# SPDX-License-Identifier: Apache-2.0
"""DNS at real resolvers: systemd-resolved as a split-DNS link, told again when it starts again; names
without any server (mDNS, LLMNR); openresolv."""

import socket
import struct

import pytest

import managers
from lan import DATACENTER, INTERFACE, Lan, lanyard

CONF = """
    [ra]
    prefix = 2001:db8:1::/64
    route = 2001:db8:100::/48
    dns = 2001:db8:100::2
    search = corp.example
"""
RESOLVED = ("systemd-resolved",)


def resolvectl(client, *arguments):
    """What comes after "Link 3 (lanyard0): "."""
    said = client.host.run("resolvectl", *arguments, INTERFACE, check=False).stdout
    return said.partition(":")[2].strip()


def resolved_client(lan, name="alice"):
    client = lan.client(name, packages=RESOLVED, connect=False)
    client.resolved = managers.resolved(lan, client.host)
    client.connect()
    lan.until(lambda: resolvectl(client, "dns") == DATACENTER, "resolved does not know the server")
    return client


def test_the_link_is_a_split_dns_link(lan):
    lan.server(CONF)
    alice = resolved_client(lan)

    lan.until(lambda: resolvectl(alice, "llmnr") == "yes" and resolvectl(alice, "mdns") == "yes",
              "no names without a server")
    assert resolvectl(alice, "domain") == "corp.example"
    assert resolvectl(alice, "default-route") == "no"
    assert alice.status()["dns"] == {"servers": [DATACENTER], "search": ["corp.example"],
                                     "applied_by": "systemd-resolved"}
    human = lanyard(alice.host, "status", "--socket", alice.socket).stdout.splitlines()
    assert f"dns        {DATACENTER}, applied by systemd-resolved" in human
    assert "search     corp.example, applied by systemd-resolved" in human

    alice.stop()
    assert "corp.example" not in alice.host.read("/etc/resolv.conf")


def test_the_link_of_a_default_router_is_asked_for_everything(lan):
    lan.office.ip("-6", "route", "add", "default", "via", DATACENTER)
    lan.server(CONF + "default-route = yes\n")
    alice = resolved_client(lan)

    lan.until(lambda: resolvectl(alice, "default-route") == "yes", "it is not a default route")


def test_a_resolver_that_starts_again_is_told_again(lan):
    lan.server(CONF)
    alice = resolved_client(lan)

    alice.resolved.stop()
    alice.host.run("rm", "-r", "/run/systemd/resolve")  # what its unit does by default
    managers.own_folder(alice.host, "/run/systemd/resolve", "systemd-resolve")
    alice.resolved.start()

    lan.until(lambda: resolvectl(alice, "dns") == DATACENTER, "resolved was not told again")
    lan.until(lambda: resolvectl(alice, "domain") == "corp.example", "nor of the domain")


def test_a_resolver_that_comes_later_is_told(lan):
    lan.server(CONF)
    alice = lan.client("alice", packages=RESOLVED)
    lan.until(lambda: "neither systemd-resolved nor resolvconf" in alice.daemon.log(),
              "it does not say that there is no resolver")

    managers.resolved(lan, alice.host)

    lan.until(lambda: resolvectl(alice, "dns") == DATACENTER, "resolved was not told")
    lan.until(lambda: all(check["ok"] for check in alice.status()["health"]), "not all is well")


def test_openresolv_takes_servers_and_gives_its_record_back(lan):
    lan.server(CONF)
    alice = lan.client("alice", packages=("openresolv",), connect=False)
    before = alice.host.read("/etc/resolv.conf")
    alice.host.write("/run/before", before)
    alice.host.run("sh", "-c", "resolvconf -a eth0 < /run/before")
    before = alice.host.read("/etc/resolv.conf")

    alice.connect()
    lan.until(lambda: f"nameserver {DATACENTER}" in alice.host.read("/etc/resolv.conf"),
              "resolv.conf does not know the server")
    # the program that wrote it has to end before it counts
    lan.until(lambda: alice.status()["dns"]["applied_by"] == "resolvconf", "nobody applies it")
    assert "corp.example" in alice.host.read("/etc/resolv.conf")

    # Somebody throws its records away, as a new start of the machine's network does.
    alice.host.run("resolvconf", "-d", f"{INTERFACE}.lanyard")
    assert DATACENTER not in alice.host.read("/etc/resolv.conf")
    lan.until(lambda: f"nameserver {DATACENTER}" in alice.host.read("/etc/resolv.conf"),
              "resolvconf was not told again")

    alice.stop()
    assert alice.host.read("/etc/resolv.conf") == before


# ---- names without a server ----

@pytest.fixture(scope="module")
def two():
    with Lan() as lan:
        lan.server("[ra]\nprefix = 2001:db8:1::/64\n")
        alice = resolved_client_without_servers(lan, "alice")
        bob = resolved_client_without_servers(lan, "bob")
        yield lan, alice, bob


def resolved_client_without_servers(lan, name):
    client = lan.client(name, packages=RESOLVED, connect=False)
    client.host.run("hostname", name)
    managers.resolved(lan, client.host)
    client.connect()
    lan.until(lambda: client.address("2001:db8:1::/64"), f"{name} has no address")
    return client


@pytest.mark.parametrize("protocol, name", [("mdns", "bob.local"), ("llmnr", "bob")])
def test_hosts_find_each_other_by_name(two, protocol, name):
    lan, alice, bob = two
    lan.until(lambda: resolvectl(bob, protocol) == "yes" == resolvectl(alice, protocol),
              f"{protocol} is off on the link")

    def found():
        return bob.address("2001:db8:1::/64") in alice.host.run(
            "resolvectl", "query", f"--interface={INTERFACE}", f"--protocol={protocol}", name,
            check=False).stdout

    lan.until(found, f"alice does not find {name} by {protocol}")


@pytest.mark.parametrize("group, port", [("224.0.0.251", 5353), ("ff02::fb", 5353),
                                         ("ff02::1:3", 5355), ("224.0.0.252", 5355)])
def test_the_groups_pass_between_clients(two, group, port):
    lan, alice, bob = two
    six = ":" in group
    family = socket.AF_INET6 if six else socket.AF_INET
    index = bob.host.ip_json("link", "show", "dev", INTERFACE)[0]["ifindex"]
    with bob.host.inside():
        heard = socket.socket(family, socket.SOCK_DGRAM)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, INTERFACE.encode())
    heard.bind((group, port, 0, index) if six else (group, port))
    if six:
        heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                         socket.inet_pton(family, group) + struct.pack("@I", index))
    else:
        heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack(
            "=4s4si", socket.inet_aton(group), b"\0" * 4, index))
    heard.settimeout(0)
    with alice.host.inside():
        sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, INTERFACE.encode())
    there = alice.host.ip_json("link", "show", "dev", INTERFACE)[0]["ifindex"]
    if six:
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, there)
    else:  # a link-local address, as hosts without DHCP give themselves (RFC 3927)
        alice.host.ip("address", "replace", "169.254.1.1/16", "dev", INTERFACE)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack(
            "=4s4si", b"\0" * 4, b"\0" * 4, there))
    text = f"to {group}".encode()

    def passes():
        sender.sendto(text, (group, port, 0, there) if six else (group, port))
        try:
            while heard.recv(2000) != text:
                pass
        except BlockingIOError:
            return False
        return True

    with heard, sender:
        lan.until(passes, f"nothing sent to {group} comes to bob")


# ---- lifetimes ----

def way(client, address):
    """The interface by which the kernel would send there; None: it would not."""
    found = client.host.ip_json("-6", "route", "get", address)
    return found[0]["dev"] if found else None


def test_what_is_withdrawn_is_gone_at_once(lan):
    server = lan.server(CONF + "dns = 2001:db8:100::54\nroute = 2001:db8:200::/48\n")
    alice = lan.client("alice", packages=RESOLVED, connect=False)
    managers.resolved(lan, alice.host)
    alice.connect()
    lan.until(lambda: resolvectl(alice, "dns") == f"{DATACENTER} 2001:db8:100::54",
              "resolved does not know both servers")
    lan.until(lambda: alice.host.routes("2001:db8:200::/48"), "alice has no second route")

    server.configure(CONF.replace("search = corp.example", ""))
    assert server.cli("reload").returncode == 0

    lan.until(lambda: resolvectl(alice, "dns") == DATACENTER, "a server stays")
    lan.until(lambda: resolvectl(alice, "domain") == "", "the domain stays")
    lan.until(lambda: not alice.host.routes("2001:db8:200::/48"), "a route stays")
    lan.until(lambda: [r["prefix"] for r in alice.status()["routes"]] == ["2001:db8:100::/48"],
              "status still has the route")
    assert alice.status()["dns"]["servers"] == [DATACENTER]


def test_a_lifetime_that_is_over_takes_it_away(lan):
    """The server falls silent: kill -9 says no goodbye."""
    server = lan.server(CONF + "route = 2001:db8:200::/48 medium 8s\ndns-lifetime = 8s\ninterval = 4s\n"
                        "search-lifetime = 1h\n")
    alice = lan.client("alice", packages=RESOLVED, connect=False)
    managers.resolved(lan, alice.host)
    alice.connect()
    lan.until(lambda: resolvectl(alice, "dns") == DATACENTER, "resolved does not know the server")
    lan.until(lambda: way(alice, "2001:db8:200::1") == INTERFACE, "alice has no short route")

    server.kill()

    lan.until(lambda: resolvectl(alice, "dns") == "", "the server stays", seconds=20)
    # The kernel lists what is over until its next clean-up, but uses it no longer.
    lan.until(lambda: not way(alice, "2001:db8:200::1"), "the route stays")
    assert way(alice, "2001:db8:100::1") == INTERFACE and resolvectl(alice, "domain") == "corp.example"
    status = alice.status()
    assert status["dns"]["servers"] == []
    assert [r["prefix"] for r in status["routes"]] == ["2001:db8:100::/48"]
