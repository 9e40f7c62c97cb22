# SPDX-License-Identifier: Apache-2.0
"""The verbs as a user and a script meet them: what they print, where, and their exit status."""

import json
import re
import signal

import pytest

from host import Daemon
from lan import DATACENTER, INTERFACE, LANYARD, NAME, OFFICE4, Lan, Server, lanyard

FAILED, USAGE, NO_DAEMON, NO_OBJECT, CONFIG = 1, 2, 8, 10, 78
CONF = """
    [ra]
    prefix = auto
    route = 2001:db8:100::/48 high
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        lan.alice = lan.client("alice")
        lan.alice.reaches(DATACENTER)
        yield lan


@pytest.fixture(scope="module", params=["through the socket", "on the state file"])
def server(request):
    """A server that runs, or one that does not: `user` works with both."""
    with Lan() as lan:
        yield lan.server(CONF, start=request.param == "through the socket")


# ---- user ----

def test_a_user_is_added_once(server):
    assert server.cli("user", "add", "bob").returncode == 0
    again = server.cli("user", "add", "bob")

    assert (again.returncode, again.stderr) == (FAILED, "lanyard: there is a user 'bob' already\n")


def test_users_are_listed_for_people_and_for_scripts(server):
    server.cli("user", "add", "carol")
    table = server.cli("user", "list").stdout.splitlines()
    answer = json.loads(server.cli("user", "list", "--json").stdout)

    assert table[0].split() == ["USER", "GROUP", "ADDED", "CERTIFICATES", "AUTH", "STATE",
                                "EXPIRES", "SESSIONS"]
    assert any(line.startswith("carol ") for line in table[1:])
    assert answer["schema"] == 1
    carol, = [user for user in answer["users"] if user["name"] == "carol"]
    assert carol["certificates"] == 0 and carol["created_s"] > 1_600_000_000


def test_a_profile_goes_to_standard_output_and_is_counted(server):
    server.cli("user", "add", "dave")
    done = server.cli("user", "profile", "dave")

    assert done.returncode == 0
    for part in ("[client]", f"name = {NAME}", "user = dave", "[trust]", "[identity]",
                 "BEGIN CERTIFICATE", "PRIVATE KEY"):
        assert part in done.stdout
    users = json.loads(server.cli("user", "list", "--json").stdout)["users"]
    assert [user["certificates"] for user in users if user["name"] == "dave"] == [1]


def test_a_removed_user_is_gone(server):
    server.cli("user", "add", "eve")
    assert server.cli("user", "remove", "eve").returncode == 0

    assert "eve" not in server.cli("user", "list").stdout
    for verb in ("remove", "profile"):
        done = server.cli("user", verb, "eve")
        assert (done.returncode, done.stderr) == (NO_OBJECT, "lanyard: there is no user 'eve'\n")
        assert done.stdout == ""


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "../x", "-x", ".x", "x" * 33, "ä"])
def test_a_name_that_is_none(server, name):
    assert server.cli("user", "add", "--", name).returncode == USAGE


# ---- status ----

SERVER_FIELDS = {"role": str, "version": str, "started_s": int, "listen": list, "interface": str,
                 "mode": str, "clients": list, "suites": list}
CLIENT_OF_SERVER_FIELDS = {
    "id": int, "user": str, "group": (str, type(None)), "device": str, "remote": str,
    "transport": str, "cipher": str, "aead": str, "connected_s": int, "rtt_us": int,
    "rx_bytes": int, "tx_bytes": int, "rx_frames": int, "tx_frames": int, "drops": dict,
    "macs": list, "addresses": list, "delegated": list}
CLIENT_FIELDS = {"role": str, "server": str, "state": str, "transport": str, "cipher": str,
                 "interface": str, "mac": str, "rtt_us": int, "addresses": list, "routes": list,
                 "dns": dict, "health": list, "aead": str, "aead_detail": str}


def check_fields(found, promised):
    wrong = {name: found.get(name) for name, kind in promised.items()
             if name not in found or not isinstance(found[name], kind)}
    assert not wrong, wrong


def test_status_of_a_server_for_scripts(world):
    status = world.the_server.status()
    check_fields(status, SERVER_FIELDS)
    alice, = status["clients"]
    check_fields(alice, CLIENT_OF_SERVER_FIELDS)

    assert status["schema"] == 1 and status["role"] == "server" and status["mode"] == "routed"
    assert status["listen"] == [f"{OFFICE4}:443", "[2001:db8:ffff::1]:443"]
    assert alice["user"] == alice["device"] == "alice" and alice["transport"] == "tls"
    assert re.fullmatch(r"192\.0\.2\.\d+:\d+", alice["remote"])
    assert alice["rx_frames"] > 0 and alice["rx_bytes"] > 14 * alice["rx_frames"]
    assert alice["macs"] == [world.alice.host.mac(INTERFACE)]
    for address in alice["addresses"]:
        check_fields(address, {"address": str, "source": str, "mac": str, "seen_s": int})


def test_status_of_a_client_for_scripts(world):
    status = world.alice.status()
    check_fields(status, CLIENT_FIELDS)

    assert status["schema"] == 1 and status["role"] == "client" and status["state"] == "up"
    assert status["server"] == OFFICE4 and status["interface"] == INTERFACE
    assert set(status["dns"]) >= {"servers", "search", "applied_by"}
    for route in status["routes"]:
        check_fields(route, {"prefix": str, "preference": str, "lifetime_s": int,
                             "installed": bool})
    for check in status["health"]:
        check_fields(check, {"check": str, "ok": bool, "detail": str})


def test_the_round_trip_time_is_measured(world):
    world.until(lambda: 0 < world.alice.status()["rtt_us"] < 1_000_000, "the client has none", 15)
    world.until(lambda: 0 < world.the_server.client("alice")["rtt_us"] < 1_000_000,
                "the server has none", 30)


def test_status_for_people(world):
    server = world.the_server.cli("status")
    client = lanyard(world.alice.host, "status", "--socket", world.alice.socket)

    assert server.returncode == client.returncode == 0
    assert "alice" in server.stdout and world.alice.address() in server.stdout
    assert "(up)" in client.stdout and world.alice.address() in client.stdout
    assert "\033" not in server.stdout + client.stdout, "colour, and no terminal"


# ---- kick ----

@pytest.mark.parametrize("by", ["user", "id", "device"])
def test_who_is_kicked_comes_back(world, by):
    before = world.the_server.client("alice")
    done = world.the_server.cli("kick", str(before[by]))

    assert done.returncode == 0
    world.until(lambda: world.the_server.client("alice").get("id", 0) > before["id"],
                "alice did not come back", 5)
    world.alice.reaches(DATACENTER)


def test_kicking_nobody(world):
    done = world.the_server.cli("kick", "zoe")
    assert (done.returncode, done.stderr) == (NO_OBJECT,
                                              "lanyard: no client is called 'zoe'\n")


# ---- exit status ----

@pytest.mark.parametrize("arguments, status", [
    ([], USAGE), (["fly"], USAGE), (["server", "--fly"], USAGE), (["server", "extra"], USAGE),
    (["connect", "a", "b"], USAGE), (["user"], USAGE), (["user", "fly"], USAGE),
    (["user", "add"], USAGE), (["user", "group", "alice"], USAGE),
    (["user", "remove", "alice", "--group", "g"], USAGE), (["user", "list", "extra"], USAGE), (["status", "extra"], USAGE),
    (["kick"], USAGE), (["connect", "/nonexistent"], CONFIG),
    (["server", "-t", "-c", "/nonexistent"], CONFIG),
    (["status", "--socket", "/nonexistent"], NO_DAEMON),
    (["kick", "x", "--socket", "/nonexistent"], NO_DAEMON),
    (["--help"], 0), (["server", "--help"], 0), (["version"], 0), (["version", "--json"], 0),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_exit_status(world, arguments, status):
    done = lanyard(world.datacenter, *arguments)

    assert done.returncode == status
    if status:
        assert done.stdout == "" and done.stderr != ""


def test_the_overview_is_a_table(world):
    lines = lanyard(world.datacenter, "--help").stdout.splitlines()
    verbs = [line for line in lines if line.startswith("  ")]

    assert len({len(re.match(r"  .*?  +", line).group()) for line in verbs}) == 1, verbs
    assert all(len(line) <= 100 for line in verbs)


def test_output_that_cannot_be_written_is_a_failure(world):
    done = world.datacenter.run("sh", "-c", f"{LANYARD} version > /dev/full", check=False)
    assert done.returncode == FAILED


# ---- configuration ----

GOOD = ["", "[ra]\nenabled = no", "[bridge]\nmode = bridged\nbridge = br0",
        "[ra]\nprefix = auto\nprefix = 2001:db8:5::/64\nroute = ::/0 low 10m\nsearch = a.example"]
BAD = [
    ("[ra]\nprefix = fd00::/65", "2: [ra] prefix 'fd00::/65': must be a /64"),
    ("[ra]\n\n; a comment\nprefix = fd00::/48", "4: [ra] prefix 'fd00::/48': must be a /64"),
    ("[bridge]\nmtu = 500", "2: [bridge] mtu '500': "),
    ("[bridge]\nisolate = perhaps", "2: [bridge] isolate 'perhaps': "),
    ("[server]\nlisten = here", "2: [server] listen 'here': "),
    ("[server]\nlogin-time = 2 weeks", "2: [server] login-time '2 weeks': "),
    ("[ra]\nroute = 2001:db8::/32 best", "2: [ra] route '2001:db8::/32 best': "),
    ("[ra]\ncolour = red", "2: [ra] "),
    ("[fly]\nhigh = yes", "1: [fly]"),
    ("[server]\nname = a\nname = b", "3: [server] name"),
    ("[bridge]\nmode = bridged", "2: [bridge] mode 'bridged': needs bridge = NAME"),
    ("[server]\ncertificate = /nonexistent",
     "2: [server] certificate '/nonexistent': certificate and key go together"),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_good_configuration(world, text):
    conf = world.folder / "good.conf"
    conf.write_text(text + "\n")
    done = lanyard(world.datacenter, "server", "-t", "-c", conf)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("text, sentence", BAD, ids=[sentence for _, sentence in BAD])
def test_a_bad_configuration(world, text, sentence):
    conf = world.folder / "bad.conf"
    conf.write_text(text + "\n")
    for arguments in (["-t"], []):
        done = lanyard(world.datacenter, "server", *arguments, "-c", conf)
        assert done.returncode == CONFIG
        assert done.stderr.startswith(f"lanyard: {conf}:{sentence}"), done.stderr
        assert done.stderr.count("\n") == 1


# ---- daemons ----

def test_the_server_works_without_any_configuration(lan):
    office = lan.office
    office.run("sh", "-ec", "mount -t tmpfs tmpfs /var/lib; "
               "if [ -d /etc/lanyard ]; then mount -t tmpfs tmpfs /etc/lanyard; fi")
    server = Daemon(office, "server", [LANYARD, "server"], lan.folder)
    lan.daemons.append(server.start())
    lan.until(lambda: "server: ready" in server.log(), "the server did not get ready")
    assert lanyard(office, "user", "add", "alice").returncode == 0
    profile = lanyard(office, "user", "profile", "alice", "--server", OFFICE4)
    assert profile.returncode == 0, profile.stderr

    lan.the_server = Server(lan, office, "")
    laptop = lan.client("laptop", user="alice", connect=False, profile=profile.stdout)
    laptop.connect()
    lan.until(laptop.address, "the laptop has no address")
    assert json.loads(lanyard(office, "status", "--json").stdout)["clients"][0]["user"] == "alice"
    prefix = laptop.address()[:14]

    # The prefix is kept for good.
    server.stop()
    server.start()
    lan.until(lambda: "server: ready" in server.log(all_starts=False), "it is not ready again")
    lan.until(laptop.up, "the laptop did not come back")
    assert laptop.address().startswith(prefix)


def test_status_finds_a_client_where_no_server_runs(world):
    bob = world.client("bob", connect=False)
    bob.profile.write_text("\n".join(line for line in bob.profile.read_text().splitlines()
                                     if not line.startswith("control")) + "\n")
    bob.socket = "/run/lanyard/client.sock"
    bob.connect()

    status = json.loads(lanyard(bob.host, "status", "--json").stdout)
    assert status["role"] == "client" and status["state"] == "up"
    bob.stop()
    assert lanyard(bob.host, "status").returncode == NO_DAEMON


def test_a_second_server_does_not_push_the_first_aside(world):
    second = world.the_server.cli("server")

    assert second.returncode == FAILED and second.stderr.startswith("lanyard: ")
    assert world.the_server.status()["clients"]
    world.alice.reaches(DATACENTER)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_end_well_by_signal(lan, number):
    server = lan.server(CONF)
    alice = lan.client("alice")
    for daemon in (alice.daemon, server.daemon):
        daemon.process.send_signal(number)
        daemon.check_end()
    assert not lan.office.has_interface(INTERFACE)
    assert not alice.host.has_interface(INTERFACE)
    assert not server.socket.exists() and not alice.socket.exists()
