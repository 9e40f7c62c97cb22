# SPDX-License-Identifier: Apache-2.0
"""What happens becomes a number and an event: real causes, and the same again is no flood."""

import json
import re
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest

from api import Api
from dhcp6_clients import Dhclient
from host import Daemon
from lan import INTERFACE, LANYARD, OFFICE4, Lan
from speaker import WELCOME, Speaker

CONF = """
    [ra]
    prefix = 2001:db8:1::/64
    [dhcp6]
    pool = 2001:db8:1::1000-2001:db8:1::1fff
"""


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(CONF)
        lan.alice = lan.client("alice", packages=Dhclient.packages)
        yield lan


def metrics(world):
    return Api(world.office).get("/metrics").body.decode()


def families(world):
    """Kind by name."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", metrics(world), re.MULTILINE))


def samples(world):
    """Values by name and labels, as they are written."""
    return {name: float(value) for name, value in
            re.findall(r"^(lanyard_\S+) (\S+)$", metrics(world), re.MULTILINE)}


def value(world, name, least=1):
    return world.until(lambda: samples(world).get(name, -1) >= least and samples(world)[name],
                       f"no {name} of at least {least}")


def test_what_happens_is_counted(world):
    """A real cause for each, and its series."""
    before = samples(world)
    kinds = families(world)
    assert kinds["lanyard_lease_store_commit_seconds"] == "histogram"
    assert 0 < before["lanyard_certificate_expiry_time_seconds"] <= \
        before['lanyard_authority_expiry_time_seconds{authority="current"}']
    assert 'lanyard_authority_expiry_time_seconds{authority="previous"}' not in before
    # a host asks for an address: a Solicit, a Request, and the lease is on disk before the Reply
    host = Dhclient(world, world.alice.host, INTERFACE, "-N").start()
    value(world, 'lanyard_dhcp6_messages_received_total{type="Solicit"}')
    value(world, 'lanyard_dhcp6_messages_sent_total{type="Reply"}')
    value(world, 'lanyard_dhcp6_answers_total{status="Success"}', 2)
    value(world, 'lanyard_leases{state="active"}')
    commits = value(world, "lanyard_lease_store_commit_seconds_count")
    assert samples(world)['lanyard_lease_store_commit_seconds_bucket{le="+Inf"}'] >= commits
    assert samples(world)["lanyard_lease_store_commit_seconds_sum"] > 0
    assert samples(world)["lanyard_lease_store_failures_total"] == 0
    host.release()
    value(world, 'lanyard_dhcp6_messages_received_total{type="Release"}')
    # a client that plays router
    world.alice.host.run("atk6-fake_router26", "-A", "fd00:bad::/64", "-n", "1", INTERFACE,
                         check=False)
    value(world, 'lanyard_dropped_frames_total{reason="ra"}')
    value(world, 'lanyard_group_receive_bytes_total{group=""}')
    capture = subprocess.Popen(world.office.enter([LANYARD, "capture", "-c", world.the_server.conf,
                                                   "-w", "/dev/null"]), stderr=subprocess.DEVNULL)
    try:
        value(world, "lanyard_captures")
        world.alice.host.run("ping", "-c", "1", "-W", "1", f"fe80::1%{INTERFACE}", check=False)
        frames = value(world, "lanyard_capture_frames_total")
    finally:
        capture.terminate()
        capture.wait(20)
    world.until(lambda: samples(world)["lanyard_captures"] == 0, "it still runs")
    assert samples(world)["lanyard_capture_frames_total"] >= frames, "a counter never falls"


# ---- events ----

def events(world, kind, after=0):
    done = world.the_server.cli("events", "--json", "--after", str(after))
    assert done.returncode == 0, done.stderr
    return [e for e in json.loads(done.stdout)["events"] if e["kind"] == kind]


def newest(world):
    return json.loads(world.the_server.cli("events", "--json").stdout)["last"]


def test_leases_given_and_over(world):
    last = newest(world)
    host = Dhclient(world, world.alice.host, INTERFACE, "-N").start()
    address = world.until(host.address, "no address")
    world.until(lambda: events(world, "lease", last), "nothing was told")
    host.stop()
    host.start()  # confirms or renews: no news
    value(world, 'lanyard_dhcp6_messages_sent_total{type="Reply"}',
          samples(world)['lanyard_dhcp6_messages_sent_total{type="Reply"}'] + 1)
    host.release()
    world.until(lambda: len(events(world, "lease", last)) > 1, "its end was not told")
    told = [(e["user"], e["text"]) for e in events(world, "lease", last)]
    assert told == [("alice", f"{address}/128 of alice: active"),
                    ("alice", f"{address}/128 of alice: remembered")]
    # the same address again, which is remembered: that is news as well
    host.start()
    world.until(lambda: len(events(world, "lease", last)) > 2, "it was given again without a word")
    host.stop()
    assert world.the_server.cli("lease", "release", address).returncode == 0
    assert events(world, "lease", last)[3]["text"] == f"{address}/128 of alice: forgotten"


def play_router(world):
    world.bob.host.run("atk6-fake_router26", "-A", "fd00:bad::/64", "-n", "1", INTERFACE,
                       check=False)
    return world.the_server.client("bob")["drops"].get("ra", 0)


def test_the_first_that_a_guard_drops(world):
    world.bob = world.client("bob")
    world.before_bob = newest(world)
    world.until(lambda: play_router(world), "nothing was dropped")
    told, = world.until(lambda: events(world, "guard", world.before_bob), "no event", 30)
    assert told["user"] == "bob" and "of its frames were dropped" in told["text"]


@contextmanager
def radvd(world, hop_limit):
    """Another router, on the server's own TAP: what is heard there comes from the LAN."""
    conf = world.folder / "radvd.conf"
    conf.write_text(f"""
interface {INTERFACE} {{
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    AdvDefaultLifetime 4;
    AdvCurHopLimit {hop_limit};
    AdvManagedFlag on;
    AdvOtherConfigFlag on;
}};
""")
    conf.chmod(0o644)
    daemon = Daemon(world.office, "radvd", ["/usr/sbin/radvd", "-n", "-C", conf, "-p",
                                            "/run/radvd.pid", "-m", "stderr"], world.folder)
    daemon.start()
    try:
        yield daemon
    finally:
        if daemon.running():
            daemon.process.kill()
            daemon.process.wait(20)


def test_another_router_comes_and_goes(world):
    def told(after):
        return [re.sub(r"router \S+ \(\S+\) on the LAN", "it", e["text"])
                for e in events(world, "router", after)]

    last = newest(world)
    with radvd(world, 32) as daemon:
        world.until(lambda: samples(world).get("lanyard_ra_received_total", 0) >= 3, "not heard", 30)
        assert told(last) == ["it advertises", "it: hop limit 32, ours is 64"]
        assert samples(world)["lanyard_other_routers"] == 1
        daemon.process.kill()  # without a word
        daemon.process.wait(20)
        before = world.the_server.client("bob")["drops"]["ra"]
        world.until(lambda: play_router(world) > before, "nothing more was dropped")
        # who is gone is found when the guards are looked at, each ten seconds
        world.until(lambda: "it is heard no longer" in told(last), "that it is gone is not told", 40)
    assert len(events(world, "guard", world.before_bob)) == 1, "it goes on, and that is no news"
    world.until(lambda: samples(world)["lanyard_other_routers"] == 0, "it counts still")
    last = newest(world)
    with radvd(world, 64) as daemon:
        world.until(lambda: told(last), "that it is back is not told", 30)
        daemon.process.send_signal(signal.SIGTERM)
        world.until(lambda: "it is no default router any more" in told(last), "it did not resign", 30)
    assert told(last)[0] == "it advertises" and told(last).count("it advertises") == 1


def test_who_comes_and_goes_all_the_time_pushes_nothing_out(world):
    carl = world.client("carl", connect=False)
    ca, *pair = (re.sub(r"(?m)^ +", "", pem) + "\n" for pem in re.findall(
        r"(?s)-----BEGIN .*?-----END [A-Z ]+-----", carl.profile.read_text()))
    last = newest(world)
    world.until(lambda: not world.the_server.client("carl"), "carl is here already")

    def came_and_went(count):
        for _ in range(count):
            with Speaker(carl.host, OFFICE4, ca, "".join(pair)) as speaker:
                speaker.hello()
                speaker.hear(WELCOME)
        world.until(lambda: not world.the_server.client("carl"), "carl does not leave")

    came_and_went(25)
    ups, downs = (events(world, kind, last) for kind in ("client-up", "client-down"))
    assert len(ups) == 20, "so many are told, and then one in ten minutes"
    assert {e["client"] for e in ups} == {e["client"] for e in downs}, "each that came has gone"
    assert [e["user"] for e in ups] == ["carl"] * 20
    assert ["not each time is told" in e["text"] for e in ups] == [False] * 19 + [True]
    # somebody else is not counted with him
    bob = events(world, "client-up")[-1]["seq"]
    assert world.the_server.cli("kick", "bob").returncode == 0
    world.until(lambda: [e["user"] for e in events(world, "client-up", bob)] == ["bob"],
                "bob's coming is not told", 20)


def test_following_goes_on_where_it_was(world):
    last = newest(world)
    with subprocess.Popen(world.office.enter([LANYARD, "events", "-f", "--json", "--after",
                                              str(last - 2), "-c", world.the_server.conf]),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as follow:
        assert [json.loads(follow.stdout.readline())["seq"] for _ in range(2)] == [last - 1, last]
        assert world.the_server.cli("reload").returncode == 0
        assert json.loads(follow.stdout.readline())["kind"] == "config"
        world.the_server.stop()
        assert follow.wait(20) == 1 and "the server hung up" in follow.stderr.read()
    world.the_server.start()


@pytest.mark.parametrize("number", ["x", "-1", "1x", "", "99999999999999999999"])
def test_a_number_is_a_number(number):
    done = subprocess.run([LANYARD, "events", "--after", number], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 2 and "--after wants the number of an event" in done.stderr
