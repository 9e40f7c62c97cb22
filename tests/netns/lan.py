# SPDX-License-Identifier: Apache-2.0
"""A small world for a test, with the real kernel and the real program:

    laptops, offices --- internet (a bridge) --- office (lanyard server) --- datacenter

The datacenter's prefix is known to nobody outside the office.  `with Lan() as lan:` makes it, and
whatever happens inside, nothing of it is left behind.
"""

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from host import Daemon, Host, until

ROOT = Path(__file__).resolve().parents[2]
LANYARD = Path(os.environ.get("LANYARD_BUILD", ROOT / "build/asan")) / "cli/lanyard"

NAME = "vpn.example.net"
OFFICE4, OFFICE6 = "192.0.2.1", "2001:db8:ffff::1"
DATACENTER = "2001:db8:100::2"
ULA = "fd00::/8"
INTERFACE = "lanyard0"

# A proxy of this machine is not reachable from a test's hosts.
for name in "https_proxy", "all_proxy", "no_proxy":
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)
os.environ.setdefault("ASAN_OPTIONS", "abort_on_error=1:halt_on_error=1:detect_leaks=1")
os.environ.setdefault("UBSAN_OPTIONS", "abort_on_error=1:halt_on_error=1:print_stacktrace=1")
os.environ.setdefault("TSAN_OPTIONS", "abort_on_error=1:halt_on_error=1")

lans = []  # those that exist now, for the report of a failed test


def lanyard(host, *arguments, **options):
    """Runs the program on a host.  No report of a sanitizer gets past."""
    done = host.run(LANYARD, *arguments, check=False, **options)
    assert "Sanitizer" not in done.stderr and "runtime error:" not in done.stderr, done.stderr
    return done


def merge(base, text):
    """INI text with base's keys put into text's sections: a section may be there once only."""
    sections = {}
    for source in (base, text):
        section = None
        for line in filter(None, map(str.strip, source.splitlines())):
            if line.startswith("["):
                section = sections.setdefault(line, [])
            else:
                section.append(line)
    return "\n".join(line for name, keys in sections.items() for line in [name, *keys]) + "\n"


class Server:
    def __init__(self, lan, host, text):
        self.lan, self.host = lan, host
        self.conf = lan.folder / "server.conf"
        self.socket = lan.folder / "server.sock"
        self.base = f"""
            [server]
            listen = {OFFICE4}:443
            listen = [{OFFICE6}]:443
            name = {NAME}
            state = {lan.folder}/state
            control = {self.socket}
        """
        self.configure(text)
        self.daemon = Daemon(host, "server", [LANYARD, "server", "-c", self.conf, "-v"],
                             lan.folder)

    def configure(self, text):
        self.conf.write_text(merge(self.base, text))

    def start(self, wait=True):
        self.daemon.start()
        if wait:
            self.lan.until(self.ready, "the server did not get ready")
        return self

    def ready(self):
        assert self.daemon.running(), "the server ended:\n" + self.daemon.log()[-3000:]
        return "server: ready" in self.daemon.log(all_starts=False)

    def stop(self):
        self.daemon.stop()

    def kill(self):
        self.daemon.kill()

    def restart(self):
        self.stop()
        self.start()

    def cli(self, *arguments, **options):
        """`lanyard VERB ... -c server.conf`"""
        return lanyard(self.host, *arguments, "-c", self.conf, **options)

    def status(self):
        done = self.cli("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def client(self, user):
        """The client of that user in status; {} if there is none."""
        return next((c for c in self.status().get("clients", []) if c["user"] == user), {})

    def drops(self, user, reason):
        return self.client(user).get("drops", {}).get(reason, 0)


class Client:
    """A host with `lanyard connect`.  Behind `--bridge` the addresses are the bridge's."""

    def __init__(self, lan, user, host):
        self.lan, self.user, self.host = lan, user, host
        self.profile = lan.folder / f"{host.name}.conf"
        self.socket = lan.folder / f"{host.name}.sock"
        self.daemon = None

    def write_profile(self, text=None):
        """text: a profile as `user profile` prints it.  Ours has a control socket of its own."""
        if text is None:
            done = self.lan.the_server.cli("user", "profile", self.user, "--server", OFFICE4)
            assert done.returncode == 0, done.stderr
            text = done.stdout
        self.profile.touch(mode=0o600)
        self.profile.write_text(text.replace("[client]\n", f"[client]\ncontrol = {self.socket}\n"))
        return self

    def command(self, *options):
        return [LANYARD, "connect", self.profile, "-v", *options]

    def start(self, *options):
        # No program that manages resolv.conf is found, unless the host has its own.
        path = "/usr/sbin:/usr/bin:/sbin:/bin" if self.host.has_resolver else \
            str(self.lan.no_programs)
        self.daemon = Daemon(self.host, self.host.name, self.command(*options), self.lan.folder,
                             path)
        self.lan.daemons.append(self.daemon)
        self.daemon.start()
        return self

    def connect(self, *options):
        self.start(*options)
        self.lan.until(self.up, f"{self.user} did not connect")
        return self

    def try_once(self, *options, seconds=20):
        """`connect --once`: exit status and the last line of what it said."""
        self.start("--once", *options)
        status = self.daemon.wait(seconds)
        self.lan.daemons.remove(self.daemon)
        return status, self.daemon.log(all_starts=False).strip().splitlines()[-1]

    def stop(self):
        self.daemon.stop()

    def kill(self):
        self.daemon.kill()

    def status(self):
        done = lanyard(self.host, "status", "--json", "--socket", self.socket)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def up(self):
        assert self.daemon.running(), f"{self.user} ended:\n" + self.daemon.log()[-3000:]
        return self.status().get("state") == "up"

    def address(self, prefix=ULA):
        return self.host.address(INTERFACE, prefix)

    def link_local(self):
        return self.address("fe80::/10")

    def ping(self, address, count=1, wait_s=1, *options):
        return self.host.ping(address, count, wait_s, *options)

    def reaches(self, address, seconds=10):
        """Insists on an answer from there; returns after how many seconds it came."""
        return self.lan.until_timed(lambda: self.ping(address), f"{self.user} cannot reach "
                                    f"{address}", seconds)


class Lan:
    def __init__(self):
        self.hosts, self.daemons = [], []
        self.the_server = None
        self.next_address = 10

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lanyard-netns-"))
        self.no_programs = self.folder / "no-programs"
        self.no_programs.mkdir()
        lans.append(self)
        try:
            self._make_hosts()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        problems = []
        for daemon in reversed(self.daemons):
            try:
                daemon.stop()
            except AssertionError as problem:
                problems.append(str(problem))
        for host in self.hosts:
            host.close()
        lans.remove(self)
        if problems:
            problems.append(self.logs())
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not problems or kind, "\n".join(problems)

    def _make_hosts(self):
        self.internet = self.host("internet")
        self.internet.ip("link", "add", "br0", "type", "bridge")
        self.internet.ip("link", "set", "br0", "up")
        self.office = self.host("office")
        self.join_internet(self.office, OFFICE4, OFFICE6)
        self.datacenter = self.host("datacenter")
        self.office.plug("dc", self.datacenter, "eth0")
        self.office.ip("address", "add", "2001:db8:100::1/64", "dev", "dc", "nodad")
        self.datacenter.ip("address", "add", f"{DATACENTER}/64", "dev", "eth0", "nodad")
        self.datacenter.ip("route", "add", "default", "via", "2001:db8:100::1")
        self.office.sysctl("net.ipv6.conf.all.forwarding", 1)

    def host(self, name, resolvconf=False, packages=()):
        host = Host(name, resolvconf, packages)
        self.hosts.append(host)
        return host

    def join_internet(self, host, address4, address6):
        host.port = f"to-{len(self.hosts)}"
        host.plug("eth0", self.internet, host.port)
        self.internet.ip("link", "set", host.port, "master", "br0")
        host.ip("address", "add", f"{address4}/24", "dev", "eth0")
        host.ip("address", "add", f"{address6}/64", "dev", "eth0", "nodad")

    def server(self, text="", start=True):
        self.the_server = Server(self, self.office, text)
        self.daemons.insert(0, self.the_server.daemon)
        return self.the_server.start() if start else self.the_server

    def client(self, name, user=None, connect=True, resolvconf=False, profile=None, packages=()):
        """A new host with a new user's profile, and connected unless told otherwise."""
        host = self.host(name, resolvconf, packages)
        number = self.next_address
        self.next_address += 1
        self.join_internet(host, f"192.0.2.{number}", f"2001:db8:ffff::{number:x}")
        client = Client(self, user or name, host)
        if user is None:
            done = self.the_server.cli("user", "add", name)
            assert done.returncode == 0, done.stderr
        client.write_profile(profile)
        return client.connect() if connect else client

    def until(self, condition, message, seconds=10):
        try:
            return until(condition, message, seconds)
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.logs()}") from None

    def until_timed(self, condition, message, seconds=10):
        """As until(), and returns how many seconds it took."""
        start = time.monotonic()
        self.until(condition, message, seconds)
        return time.monotonic() - start

    def logs(self):
        parts = []
        for daemon in self.daemons:
            parts.append(f"---- {daemon.name} ----\n" + "\n".join(
                daemon.log().splitlines()[-40:]))
        return "\n".join(parts)

    # ---- cables ----

    def cut(self, host):
        """Pulls the plug: the host sees its link go."""
        self.internet.ip("link", "set", host.port, "down")

    def mend(self, host):
        self.internet.ip("link", "set", host.port, "up")

    def lose(self, host):
        """Loses every packet from and to the host, without a sign of it."""
        self.internet.run("nft", f"""
            table bridge lose_{host.pid} {{
                chain both {{
                    type filter hook forward priority 0;
                    iifname "{host.port}" drop
                    oifname "{host.port}" drop
                }}
            }}""")

    def find(self, host):
        self.internet.run("nft", f"delete table bridge lose_{host.pid}")
