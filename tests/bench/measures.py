# SPDX-License-Identifier: Apache-2.0
"""How each figure is measured.  Every function returns one number, or a few, of one round."""

import contextlib
import json
import os
import re
import selectors
import socket
import statistics
import struct
import subprocess
import time

from world import DATACENTER, SWARM, settle, until

PROBE_INTERVAL_S = 0.002
ECHO_REQUEST, ECHO_REPLY = 128, 129


def first_answer_s(host, start, address=DATACENTER, limit_s=15):
    """Calls start(), and returns how long after that the address has answered the first ping.

    One echo request every two milliseconds from the beginning on: while there is no route the
    kernel refuses them at once, and from then on each is tried.
    """
    assert not host.run("ip", "route", "get", address, check=False).stdout, "there is a way already"
    with host.inside():
        probe = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    with probe:
        probe.setblocking(False)
        identifier, begin = os.getpid() & 0xffff, time.monotonic()
        start()
        for sequence in range(int(limit_s / PROBE_INTERVAL_S)):
            with contextlib.suppress(OSError):  # no route yet, no address yet
                probe.sendto(struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identifier,
                                         sequence & 0xffff), (address, 0))
            time.sleep(PROBE_INTERVAL_S)
            with contextlib.suppress(BlockingIOError):
                while True:
                    answer, (source, *_) = probe.recvfrom(1500)
                    kind, _, _, echoed = struct.unpack("!BBHH", answer[:6])
                    if (kind, echoed, source) == (ECHO_REPLY, identifier, address):
                        return time.monotonic() - begin
            if time.monotonic() - begin > limit_s:
                break
    raise RuntimeError(f"{host.name}: no answer from {address} within {limit_s} s")


def connect_s(tunnel):
    """From the start of the client's process to the first answer through the pushed route."""
    try:
        return first_answer_s(tunnel.host, tunnel.start)
    finally:
        tunnel.stop()
        settle()


def bring_up(tunnel):
    tunnel.start()
    until(tunnel.has_address, lambda: f"{tunnel.name}: no address\n{tunnel.client.log()[-2000:]}",
          15)
    until(lambda: tunnel.host.ping(tunnel.office_address()), f"{tunnel.name}: no way through", 15)
    settle(2)


def round_trip_ms(host, address, count=300):
    """The median of so many pings, one every ten milliseconds."""
    text = host.run("ping", "-n", "-i", "0.01", "-c", count, "-W", 1, address, check=False).stdout
    times = [float(found) for found in re.findall(r"time=([0-9.]+) ms", text)]
    if len(times) < count * 0.99:
        raise RuntimeError(f"{host.name}: {len(times)} of {count} pings answered by {address}")
    return statistics.median(times)


def gigabits(world, host, address, download, seconds):
    """One TCP stream's throughput, by iperf3."""
    server = world.daemon(world.office, "iperf3", ["iperf3", "-s", "-1", "-B", address])
    server.start()
    until(lambda: listens(world.office, 5201), "iperf3 does not listen")
    done = host.run("iperf3", "-J", "-6", "-c", address, "-t", seconds,
                    *(["-R"] if download else []), check=False, seconds=seconds + 30)
    world.daemons.remove(server)
    if server.running():
        server.process.terminate()
        server.process.wait()
    if done.returncode != 0:
        raise RuntimeError(f"iperf3: {done.stdout[-500:]}{done.stderr[-500:]}")
    return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e9


def listens(host, port):
    return f":{port} " in host.run("ss", "-Hltn").stdout


class Swarm:
    """So many sessions on the laptop, without TAP.  `with` ends them."""

    def __init__(self, world, lanyard, count, stay_s):
        command = world.laptop.enter([SWARM, "-n", count, "-s", stay_s, lanyard.profile])
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()

    def line(self, limit_s):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(limit_s):
                raise RuntimeError(f"the swarm said nothing for {limit_s} s")
        text = self.process.stdout.readline()
        if not text:
            raise RuntimeError(f"the swarm ended with {self.process.wait()}")
        return json.loads(text)


def sessions(world, lanyard, count, stay_s):
    """A fresh server, so many sessions for so long: its memory before and after they came."""
    with lanyard:
        settle()
        before_kib = lanyard.resident_kib()
        with Swarm(world, lanyard, count, stay_s) as swarm:
            up = swarm.line(120 + count * 0.1)
            settle(min(stay_s / 2, 3))
            after_kib = lanyard.resident_kib()
            last = swarm.line(stay_s + 30)
            end_kib = lanyard.resident_kib()
    return {
        "sessions": count, "came_up": up["up"], "stayed_up": last["up"],
        "answering": last["answering"], "failed": last["failed"], "stayed_s": stay_s,
        "echoes_answered": last["echoes_answered"],
        "logins_per_s": up["up"] / up["duration_s"] if up["duration_s"] > 0 else 0,
        "server_before_kib": before_kib, "server_after_kib": after_kib, "server_end_kib": end_kib,
        "per_session_kib": (max(after_kib, end_kib) - before_kib) / max(up["up"], 1),
    }
