# SPDX-License-Identifier: Apache-2.0
"""What is measured on: hosts in network namespaces, and the cables between them.

    laptop   -- veth --.
    laptop 2 -- veth --.
                        office -- veth -- datacenter
    others   -- veth --'

Every way that is compared has laptops of its own, all with the same cable to the one office.  The
datacenter's prefix is known to nobody but the office.  All of it goes when `with World()` is left.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/netns"))
from host import CommandFailed, Daemon, Host, until  # noqa: E402

__all__ = ["ROOT", "BUILD", "World", "Cable", "CommandFailed", "Daemon", "Host", "until", "end",
           "wait_for_line", "settle"]

BUILD = ROOT / "build/bench"
DATACENTER = "2001:db8:100::2"
PUSHED = "2001:db8:100::/48"


@dataclass(frozen=True)
class Cable:
    """From a host to the office: its interface there and the addresses of both ends."""

    device: str
    office4: str
    office6: str
    host4: str
    host6: str

    @classmethod
    def numbered(cls, number):
        return cls(f"cable{number}", f"198.18.{number}.1", f"2001:db8:ffff:{number}::1",
                   f"198.18.{number}.2", f"2001:db8:ffff:{number}::2")  # RFC 2544, RFC 3849

    def address(self, office, office_device, host, host_device):
        for side, device, four, six in ((office, office_device, self.office4, self.office6),
                                        (host, host_device, self.host4, self.host6)):
            side.ip("address", "add", f"{four}/24", "dev", device)
            side.ip("address", "add", f"{six}/64", "dev", device, "nodad")


class World:
    def __init__(self):
        self.hosts, self.daemons, self.cables = [], [], {}

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lanyard-bench-"))
        self.no_programs = self.folder / "no-programs"
        self.no_programs.mkdir()
        try:
            self._make_hosts()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in reversed(self.daemons):
            if daemon.running():
                daemon.process.kill()
                daemon.process.wait()
        for host in self.hosts:
            host.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def host(self, name, packages=(), resolvconf=False):
        """A new one; with packages or resolvconf of its own, as in tests/netns/host.py."""
        host = Host(name, resolvconf, packages)
        self.hosts.append(host)
        # hosts that have been up for long: duplicate detection of their own addresses is over
        host.sysctl("net.ipv6.conf.default.accept_dad", 0)
        return host

    def _make_hosts(self):
        self.office, self.datacenter = self.host("office"), self.host("datacenter")
        self.office.plug("lan0", self.datacenter, "eth0")
        self.office.ip("address", "add", "2001:db8:100::1/64", "dev", "lan0", "nodad")
        self.datacenter.ip("address", "add", f"{DATACENTER}/64", "dev", "eth0", "nodad")
        self.datacenter.ip("route", "add", "default", "via", "2001:db8:100::1")
        self.office.sysctl("net.ipv6.conf.all.forwarding", 1)

    def laptop(self, name, packages=(), resolvconf=False):
        """The laptop of that name, with its cable to the office."""
        found = next((host for host in self.hosts if host.name == name), None)
        if found:
            return found
        host = self.host(name, packages, resolvconf)
        self.cables[name] = self.plug_laptop(host, len(self.cables) + 1)
        host.sysctl("net.ipv6.conf.default.accept_dad", 1)  # of its tunnel: as everywhere
        return host

    def plug_laptop(self, laptop, number):
        """Between laptop and office; the cable as both see it."""
        cable = Cable.numbered(number)
        self.office.plug(cable.device, laptop, "eth0")
        cable.address(self.office, cable.device, laptop, "eth0")
        return cable

    def route_onward(self, laptop):
        """To the other laptops, past the office."""
        laptop.ip("-6", "route", "replace", "default", "via", self.cable(laptop).office6)

    def cable(self, host):
        return self.cables[host.name]

    def daemon(self, host, name, command, path=None):
        daemon = Daemon(host, name, command, self.folder, path)
        self.daemons.append(daemon)
        return daemon

    def forget(self, daemon):
        """Ends it and drops it: for what comes and goes many times."""
        end(daemon)
        self.daemons.remove(daemon)


def end(daemon):
    """Ends it as its user would; whoever does not end is made to."""
    if not daemon.running():
        return
    daemon.process.terminate()
    try:
        daemon.process.wait(15)
    except subprocess.TimeoutExpired:
        daemon.process.kill()
        daemon.process.wait()


def wait_for_line(daemon, text, seconds=15):
    def is_there():
        if not daemon.running():
            raise RuntimeError(f"{daemon.name} ended:\n{daemon.log()[-2000:]}")
        return text in daemon.log(all_starts=False)
    until(is_there, lambda: f"{daemon.name} never said '{text}':\n{daemon.log()[-2000:]}", seconds)


def settle(seconds=1):
    """Between two measurements: what the last one set in motion comes to rest."""
    time.sleep(seconds)
