# SPDX-License-Identifier: Apache-2.0
"""What happens becomes a number and an event: real causes, and the same again is no flood."""

import json
import re
import subprocess

import pytest

from api import Api
from dhcp6_clients import Dhclient
from lan import INTERFACE, LANYARD, Lan

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
