# SPDX-License-Identifier: Apache-2.0
"""No lease that a client was told of is ever lost or given twice: under kill -9 at random moments,
on a full disk, on one that cannot be written, and after damage.

LANYARD_KILLS=300 tests/run netns -k kills    as often as it should hold
"""

import contextlib
import os
import random
import sqlite3

import pytest
from scapy.layers.dhcp6 import DHCP6_Reply, DHCP6OptClientId, DHCP6OptIAAddress
from scapy.utils import PcapReader

import managers
from dhcp6_clients import Dhclient
from lan import INTERFACE
from test_dhcp6 import CONF, POOL, delegated_routes, leases

KILLS = int(os.environ.get("LANYARD_KILLS", "5"))
KILLS_OF_ONE = 20  # client
MANY = 20000  # leases
RESTART_S = 15  # under sanitizers, beside others: tests/bench/bars.py has what a release build may take
# more addresses and leases than hundreds of kills let it give
LOAD = CONF.replace(POOL, "2001:db8:1::1:0-2001:db8:1::ffff:ffff") + """
    rate = unlimited
    leases-per-user = 100000
    rapid-commit = no
"""
PERFDHCP = ("kea-admin",)


def acknowledged(path):
    """Address to the DUIDs that Replies gave it to."""
    given = {}
    with PcapReader(str(path)) as packets:
        for packet in packets:
            if DHCP6_Reply not in packet:
                continue
            option = packet.getlayer(DHCP6OptIAAddress)
            if option is not None and option.validlft > 0:
                duid = bytes(packet[DHCP6OptClientId].duid)
                given.setdefault(option.addr, set()).add(duid)
    return given


def active(lan, what):
    """Columns of the active leases in the state file."""
    # the file may have more in its WAL: SQLite reads both
    with contextlib.closing(sqlite3.connect(f"file:{lan.folder}/state/state.db?mode=ro",
                                            uri=True)) as state:
        return state.execute(f"SELECT {what} FROM lease "
                             "WHERE state = 'active' AND kind = 'address'").fetchall()


def count(lan):
    return active(lan, "count(*)")[0][0]


def stored(lan):
    """The same as acknowledged() from the state file."""
    return {what.partition("/")[0]: bytes(duid) for what, duid in active(lan, "what, duid")}


class Load:
    """New clients all the time, and a record of what they are told, on a host that is new as well: one
    whose connection breaks again and again tries ever more seldom."""

    def __init__(self, lan, number):
        self.client = lan.client(f"load{number}", packages=PERFDHCP)
        host = self.client.host
        lan.until(self.client.link_local, "no link-local address")
        self.capture = lan.folder / f"replies{number}.pcap"
        self.programs = [host.start("tcpdump", "-U", "-i", INTERFACE, "-w", self.capture,
                                    "udp port 546")]
        lan.until(self.capture.exists, "tcpdump does not begin")
        self.programs.append(host.start(
            "env", f"PATH={managers.PATH}", "perfdhcp", "-6", "-l", INTERFACE, "-r", 100,
            "-R", 100000, "-p", 3600, "-xi", "-b", f"mac=02:00:00:{number:02x}:00:00"))

    def stop(self, lan):
        for program in reversed(self.programs):
            program.terminate()
            program.wait()
        self.client.stop()
        lan.daemons.remove(self.client.daemon)


def test_kills_at_random_moments_lose_nothing(lan):
    dice = random.Random(7)
    lan.server(LOAD)
    loads, before = [], 0
    for number in range(KILLS):
        if number % KILLS_OF_ONE == 0:
            if loads:
                loads[-1].stop(lan)
            loads.append(Load(lan, number // KILLS_OF_ONE))
        target = before + dice.randrange(1, 60)
        lan.until(lambda n=target: count(lan) >= n, "no leases under load", 60)
        lan.the_server.kill()
        lan.the_server.start()
        assert "left out" not in lan.the_server.daemon.log(), "leases were left out"
        lan.until(loads[-1].client.up, "the client did not come back", 60)
        before = count(lan)
    loads[-1].stop(lan)

    given, kept = {}, stored(lan)
    for load in loads:
        for address, duids in acknowledged(load.capture).items():
            given.setdefault(address, set()).update(duids)
    assert len(given) > KILLS, "the load was none"
    twice = {address: duids for address, duids in given.items() if len(duids) > 1}
    assert not twice, f"given twice: {twice}"
    lost = {a for a, duids in given.items() if kept.get(a) not in duids}
    assert not lost, f"{len(lost)} of {len(given)} acknowledged leases are lost: {lost}"


@pytest.fixture
def small_disk(lan):
    """The state on a disk of its own, in sight of the server alone."""
    folder = lan.folder / "state"
    folder.mkdir()
    lan.office.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
    return folder


def test_a_full_disk_gives_no_lease_and_says_so(lan, small_disk):
    lan.server(CONF)
    alice = lan.client("alice", packages=Dhclient.packages)
    lan.office.run("sh", "-c", f"cat /dev/zero > {small_disk}/ballast", check=False)
    client = Dhclient(lan, alice.host, INTERFACE, "-N", "-P").start()
    log = lan.the_server.daemon.log
    lan.until(lambda: "dhcp6: no lease is given or renewed: " in log(), "nobody is told", 20)
    # it asks again: what it was told before would be used by now
    asked = lan.the_server.status()["dhcp6"]["received"]
    lan.until(lambda: lan.the_server.status()["dhcp6"]["received"] > asked + 1, "given up", 30)
    # one that begins anew is not lured away from a server that can give something
    client.stop()
    before = lan.the_server.status()["dhcp6"]
    client = Dhclient(lan, alice.host, INTERFACE, "-N", "-P").start()
    lan.until(lambda: lan.the_server.status()["dhcp6"]["received"] > before["received"] + 1,
              "it asks no more", 30)
    assert lan.the_server.status()["dhcp6"]["sent"] == before["sent"]
    assert not client.address() and not alice.host.address(INTERFACE, "2001:db8:1::1000/116")
    assert delegated_routes(lan) == {}
    assert lan.the_server.status()["dhcp6"]["durable"] is False
    assert alice.up(), "all else goes on"

    lan.office.run("rm", small_disk / "ballast")
    lan.until(lambda: client.address() and client.prefix(), "no lease where there is room again", 60)
    assert {lease["what"] for lease in leases(lan, state="active")} == {
        client.address(), client.prefix()}
    assert set(delegated_routes(lan)) == {client.prefix()}
    assert "dhcp6: leases are on disk again" in log()
    assert lan.the_server.status()["dhcp6"]["durable"] is True
    client.stop()


def test_thousands_of_leases_are_there_at_once_after_a_restart(lan):
    lan.server(LOAD)
    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-N").start()
    lan.until(lambda: leases(lan, state="active"), "no lease")
    client.stop()
    lan.the_server.stop()
    with contextlib.closing(sqlite3.connect(lan.folder / "state/state.db")) as state, state:
        row, = state.execute("SELECT * FROM lease").fetchall()
        state.executemany(f"INSERT INTO lease VALUES ({','.join('?' * len(row))})", (
            (None, f"2001:db8:1::2:{number:x}/128", *row[2:6], row[6] + number.to_bytes(2, "big"),
             *row[7:]) for number in range(MANY)))
    seconds = lan.until_timed(lambda: lan.the_server.start(), "it did not start", 30)
    assert seconds < RESTART_S
    assert lan.the_server.status()["dhcp6"]["leases"]["active"] == MANY + 1
    lan.until(alice.up, "alice did not come back", 60)


def insert_again(lan, user):
    """The same lease once more, of another client."""
    with contextlib.closing(sqlite3.connect(lan.folder / "state/state.db")) as state, state:
        row, = state.execute("SELECT * FROM lease WHERE state = 'active'").fetchall()
        row = [None, *row[1:]]
        row[5:7] = user, row[6] + b"x"
        state.execute(f"INSERT INTO lease VALUES ({','.join('?' * len(row))})", row)
    return row[1]


def test_an_address_twice_in_the_state_file_is_given_once(lan):
    lan.server(CONF)
    alice, bob = lan.client("alice", packages=Dhclient.packages), lan.client("bob")
    client = Dhclient(lan, alice.host, INTERFACE, "-N").start()
    lan.until(lambda: leases(lan, state="active"), "no lease")
    client.stop()
    lan.the_server.stop()
    what = insert_again(lan, "bob")
    lan.the_server.start()
    assert (f"the state file gives an address or prefix twice: {what} of bob (row 2 of the table lease)"
            f" is left out, {what} of alice (row 1 of the table lease) counts"
            ) in lan.the_server.daemon.log()
    assert [lease["user"] for lease in leases(lan, state="active")] == ["alice"]
    lan.until(lambda: alice.up() and bob.up(), "they did not come back", 60)


def refused(lan):
    """The last line of a server that does not start."""
    lan.the_server.start(wait=False)
    status = lan.the_server.daemon.wait(20)
    lan.daemons.remove(lan.the_server.daemon)
    assert status not in (0, None), "it started"
    return lan.the_server.daemon.log().strip().splitlines()[-1]


def test_a_state_that_cannot_be_written_is_refused(lan, small_disk):
    lan.server(CONF)
    lan.the_server.stop()
    lan.office.run("mount", "-o", "remount,ro", small_disk)
    assert f"{small_disk}/state.db" in refused(lan)


def test_a_damaged_lease_table_is_refused_with_what_to_do(lan):
    lan.server(CONF)
    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-N").start()
    lan.until(lambda: leases(lan, state="active"), "no lease")
    client.stop()
    lan.the_server.stop()
    path = lan.folder / "state/state.db"
    with sqlite3.connect(path) as state:
        page, = state.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'lease'").fetchone()
        size, = state.execute("PRAGMA page_size").fetchone()
    with open(path, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    sentence = refused(lan)
    assert "cannot read its leases" in sentence and "restore it from a copy" in sentence, sentence
