# SPDX-License-Identifier: Apache-2.0
"""A client that takes nothing costs nobody else anything, and no memory without end."""

import re
import signal
import socket

from lan import DATACENTER

FLOOD_BYTES = 64 << 20
RESIDENT_MIB = 64  # what the server may grow by: far less than was sent


def resident_kib(daemon):
    status = daemon.host.read(f"/proc/{daemon.process.pid}/status")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))


def flood(host, address):
    with host.inside():
        sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    with sender:
        for _ in range(FLOOD_BYTES // 1400):
            sender.sendto(b"x" * 1400, (address, 9))


def test_one_client_stands_still(lan):
    lan.server("""
        [ra]
        route = 2001:db8:100::/48
    """)
    alice, bob, carol = (lan.client(name) for name in ("alice", "bob", "carol"))
    for client in (alice, bob, carol):
        client.reaches(DATACENTER)
    alice.reaches(bob.address())
    before_kib = resident_kib(lan.the_server.daemon)

    bob.daemon.process.send_signal(signal.SIGSTOP)
    try:
        flood(alice.host, bob.address())
        ping = carol.host.run("ping", "-q", "-n", "-i", "0.01", "-c", 100, DATACENTER).stdout
        grown_mib = (resident_kib(lan.the_server.daemon) - before_kib) / 1024
    finally:
        bob.daemon.process.send_signal(signal.SIGCONT)

    assert " 0% packet loss" in ping, f"carol suffered\n{ping}"
    assert grown_mib < RESIDENT_MIB, f"the server keeps {grown_mib:.0f} MiB for bob"
    drops = lan.the_server.client("bob")["drops"]
    assert drops.get("queue-full", 0) + drops.get("queue-old", 0) > 0, drops
    assert alice.reaches(bob.address()) < 5
