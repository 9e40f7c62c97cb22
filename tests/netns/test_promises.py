# SPDX-License-Identifier: Apache-2.0
"""RFC 9096: what hosts were promised of a prefix is kept, whatever happens to the server."""

import contextlib
import sqlite3

import pytest

from lan import INTERFACE

OLD, NEW, OTHER = "2001:db8:1::/64", "2001:db8:2::/64", "2001:db8:3::/64"


def details(client, prefix):
    """What the client's kernel knows of its address in a prefix."""
    address = client.address(prefix)
    found = client.host.ip_json("address", "show", "dev", INTERFACE)
    return next((a for a in found[0]["addr_info"] if a["local"] == address), {})


def is_deprecated(client, prefix):
    return details(client, prefix).get("deprecated")


def conf(*prefixes):
    return "[ra]\n" + "\n".join(f"prefix = {prefix}" for prefix in prefixes)


@contextlib.contextmanager
def locked_state(lan):
    """Nobody else writes to the state file."""
    db = sqlite3.connect(lan.folder / "state" / "state.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    finally:
        db.execute("ROLLBACK")
        db.close()


def up0(lan):
    lan.office.ip("link", "add", "up0", "type", "bridge")
    lan.office.ip("link", "set", "up0", "up")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_prefix_that_goes_while_the_server_is_down(lan, end):
    server = lan.server(conf(OLD, NEW))
    alice = lan.client("alice")
    lan.until(lambda: alice.address(OLD) and alice.address(NEW), "alice has no addresses")
    assert not is_deprecated(alice, OLD)

    getattr(server, end)()
    server.configure(conf(NEW))
    server.start()

    lan.until(lambda: is_deprecated(alice, OLD), "the old prefix is still preferred", 15)
    left_s = details(alice, OLD)["valid_life_time"]
    assert left_s in range(5300, 5401), "valid for as long as was promised, and counting down"
    assert not is_deprecated(alice, NEW)
    alice.reaches("2001:db8:1::1")  # connections go on
    # and over another end of the server's
    server.kill()
    server.start()
    lan.until(alice.up, "alice is not back")
    lan.until(lambda: alice.ping("2001:db8:1::1"), "the server has lost its address")
    assert is_deprecated(alice, OLD)
    assert details(alice, OLD)["valid_life_time"] <= left_s


def test_a_promise_is_on_disk_before_it_is_made(lan):
    """kill -9 between the writing and the advertisement loses nothing."""
    up0(lan)
    server = lan.server("[ra]\nprefix = auto\nprefix = interface up0\n")
    alice = lan.client("alice")
    lan.until(alice.address, "alice has no address")

    with locked_state(lan):
        lan.office.ip("-6", "address", "add", "2001:db8:1::5/64", "dev", "up0", "nodad")
        with pytest.raises(AssertionError):
            lan.until(lambda: alice.address(OLD), "nothing was said", 3.5)
    lan.until(lambda: alice.address(OLD), "nor is it after the writing")

    server.kill()
    lan.office.ip("link", "delete", "up0")
    server.start()
    lan.until(lambda: is_deprecated(alice, OLD), "it was forgotten", 15)


def test_a_reload_that_cannot_make_its_prefix_changes_nothing(lan):
    """`auto` that is nowhere yet has to be kept before it is said: else it would be ::/0."""
    server = lan.server(conf(OLD))
    alice = lan.client("alice")
    lan.until(lambda: alice.address(OLD), "alice has no address")

    server.configure(conf("auto"))
    with locked_state(lan):
        done = server.cli("reload")
    assert done.returncode != 0 and "locked" in done.stderr, done.stderr
    assert "the configuration stays as it was" in server.daemon.log()
    assert not is_deprecated(alice, OLD)

    assert server.cli("reload").returncode == 0
    lan.until(lambda: alice.address("fd00::/8"), "alice has no address of the new prefix")
    lan.until(lambda: is_deprecated(alice, OLD), "the old prefix is still preferred")


def promised(lan):
    """What is in the state file: {(user, group, prefix): flags}."""
    with contextlib.closing(sqlite3.connect(lan.folder / "state" / "state.db")) as db:
        return {row[:3]: row[3]
                for row in db.execute("SELECT user, member_of, prefix, flags FROM promise")}


def test_a_section_that_is_gone_leaves_its_table_behind_only_for_what_it_calls_off(lan):
    server = lan.server(conf(OLD) + f"""
        [user alice]
        route = {OTHER}
        [user bert]
        prefix = {NEW}
    """)
    alice, bert = lan.client("alice"), lan.client("bert")
    lan.until(lambda: alice.address(OLD), "alice has no address")
    lan.until(lambda: bert.address(NEW), "bert has no address")
    assert promised(lan).keys() == {("alice", "", OLD), ("bert", "", OLD), ("bert", "", NEW)}

    server.configure(conf(OLD))
    assert server.cli("reload").returncode == 0
    lan.until(lambda: is_deprecated(bert, NEW), "bert's prefix is still preferred")
    assert promised(lan).keys() == {("", "", OLD), ("bert", "", OLD), ("bert", "", NEW)}
    assert not is_deprecated(alice, OLD)


def test_what_is_being_called_off_is_not_promised_again(lan):
    """The server's link-local address changes while the final advertisements are said."""
    server = lan.server(conf(OLD) + "\nfinal-advertisements = 3\n")
    alice = lan.client("alice")
    lan.until(lambda: alice.address(OLD), "alice has no address")
    [flags] = promised(lan).values()

    server.configure(conf(OLD) + "\nenabled = no\n")
    assert server.cli("reload").returncode == 0
    [off] = promised(lan).values()
    assert off != flags, "it is promised still"
    lan.office.ip("-6", "address", "flush", "dev", INTERFACE, "scope", "link")
    lan.office.ip("-6", "address", "add", "fe80::99/64", "dev", INTERFACE, "nodad")
    lan.until(lambda: f"{INTERFACE} is fe80::99" in server.daemon.log(), "it was not seen")
    assert list(promised(lan).values()) == [off]


def test_a_promise_that_is_over_is_forgotten(lan):
    """The prefix's lifetimes were the kernel's, and short."""
    up0(lan)
    server = lan.server("[ra]\nprefix = auto\nprefix = interface up0\n")
    lan.office.ip("-6", "address", "add", "2001:db8:1::5/64", "dev", "up0", "nodad",
                  "valid_lft", "9", "preferred_lft", "8")
    alice = lan.client("alice")
    lan.until(lambda: alice.address(OLD), "alice has no address")
    assert details(alice, OLD)["valid_life_time"] <= 9

    lan.office.ip("-6", "address", "del", "2001:db8:1::5/64", "dev", "up0")
    lan.until(lambda: is_deprecated(alice, OLD), "still preferred")
    assert lan.office.address(INTERFACE, OLD), "the server's address goes with the promise"
    lan.until(lambda: not lan.office.address(INTERFACE, OLD), "the server's address stays", 15)
    lan.until(lambda: not alice.address(OLD), "so does alice's", 15)
    server.kill()  # nothing of it is on disk
    db = sqlite3.connect(lan.folder / "state" / "state.db")
    assert OLD not in [row[0] for row in db.execute("SELECT prefix FROM promise")]
    db.close()


def test_nothing_is_written_while_nothing_changes(lan):
    lan.server(conf(OLD) + "\ninterval = 4s\n")
    alice = lan.client("alice")
    lan.until(lambda: alice.address(OLD), "alice has no address")
    sent = lan.the_server.status()["advertiser"]["ra_sent"]

    with locked_state(lan):
        lan.until(lambda: lan.the_server.status()["advertiser"]["ra_sent"] >= sent + 2,
                  "advertisements wait for the disk", 20)


def test_of_a_group_that_is_no_more(lan):
    """Its members are told by name, although no section names them any longer."""
    group = "[group staff]\nprefix = none\nprefix = " + OTHER + "\n"
    server = lan.server(conf(OLD) + "\n" + group)
    alice = lan.client("alice", connect=False)
    bob = lan.client("bob")
    assert server.cli("user", "group", "alice", "staff").returncode == 0
    alice.connect()
    lan.until(lambda: alice.address(OTHER) and bob.address(OLD), "no addresses")
    assert not alice.address(OLD)

    server.kill()
    server.configure(conf(OLD))
    server.start()
    lan.until(lambda: is_deprecated(alice, OTHER), "the group's prefix is still preferred", 15)
    lan.until(lambda: alice.address(OLD), "alice has no address in everybody's")
    lan.until(bob.up, "bob is not back")
    lan.until(lambda: bob.host.routes() is not None and bob.ping("2001:db8:1::1"), "no way")
    assert not bob.address(OTHER), "bob was never told of it"
