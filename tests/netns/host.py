# SPDX-License-Identifier: Apache-2.0
"""One host of a test: namespaces of its own for network, mounts and name; and the daemons on it.

The namespaces have no names that could clash or stay behind: a process holds them, and ends when
the pipe from us closes, however we end.
"""

import contextlib
import ctypes
import ipaddress
import json
import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WITH_RESOLVCONF = ROOT / "tests/tools/with-resolvconf"
WITH_PACKAGES = ROOT / "tests/tools/with-packages"

# What a sanitizer's report has in it.
REPORTS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:",
           "UndefinedBehaviorSanitizer")

# /run is the host's own: no program on it can reach a daemon of this machine.  With packages of
# its own, a daemon on it must not wait for the machine's udev: that /sys is read-only says so.
HOLD = """
echo "$1" > /proc/sys/kernel/hostname
if [ "$2" != as-it-is ]; then mount -t tmpfs -o mode=0755 tmpfs /run; fi
if [ "$2" = packages ]; then mount -t sysfs -o ro sysfs /sys; fi
ip link set lo up
echo ready
exec cat
"""

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class CommandFailed(Exception):
    """A command of the test itself, not of the program under test."""


def until(condition, message, seconds=10):
    """Waits until condition() is true, and returns its value; fails with the message."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{message() if callable(message) else message} "
                                 f"(waited {seconds} s)")
        time.sleep(0.02)


class Host:
    """packages: Debian packages that only this host has; its /usr, /etc and /var are then its own."""

    def __init__(self, name, resolvconf=False, packages=()):
        self.name = name
        self.port = None  # the internet's end of its cable
        self.has_resolver = resolvconf or bool(packages)
        wrapper, mode = [], "private"
        if resolvconf:
            wrapper, mode = [str(WITH_RESOLVCONF)], "as-it-is"
        elif packages:
            wrapper, mode = [str(WITH_PACKAGES), *packages, "--"], "packages"
        self.holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--uts",
             "--propagation", "private", *wrapper, "sh", "-ec", HOLD, "sh", name, mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            self.holder.wait()
            raise CommandFailed(f"{name} has no namespaces: {self.holder.stderr.read().decode()}")
        self.pid = self.holder.pid
        self.namespace = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def close(self):
        if self.holder.poll() is None:
            self.holder.stdin.close()
            self.holder.wait()
        if self.namespace >= 0:
            os.close(self.namespace)
            self.namespace = -1

    # ---- commands and files ----

    def enter(self, command):
        return ["nsenter", f"--target={self.pid}", "--net", "--mount", "--uts", "--",
                *map(str, command)]

    def run(self, *command, check=True, seconds=60, **options):
        """Runs a command on this host; the result has returncode, stdout and stderr as text."""
        done = subprocess.run(self.enter(command), capture_output=True, text=True, timeout=seconds,
                              check=False, **options)
        if check and done.returncode != 0:
            raise CommandFailed(f"{self.name}: {' '.join(map(str, command))}: "
                                f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, *command):
        """A command that runs until the test ends it."""
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.enter(command)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def ip(self, *arguments):
        return self.run("ip", *arguments)

    def ip_json(self, *arguments):
        done = self.run("ip", "-json", "-details", *arguments, check=False)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else []

    def read(self, path):
        """A file as this host sees it; None if there is none."""
        done = self.run("cat", path, check=False)
        return done.stdout if done.returncode == 0 else None

    def write(self, path, text):
        """A file that this host alone sees: in /run, or with packages of its own in /etc."""
        self.run("sh", "-ec", 'mkdir -p "${1%/*}"; umask 077; cat > "$1"; chmod "$2" "$1"', "sh",
                 path, "600" if "system-connections" in str(path) else "644", input=text)

    def sysctl(self, key, value=None):
        path = "/proc/sys/" + key.replace(".", "/")
        if value is None:
            return (self.read(path) or "").strip()
        return self.run("sh", "-c", f"echo {value} > {path}")

    @contextlib.contextmanager
    def inside(self):
        """Sockets that are made within `with host.inside():` belong to this host for good."""
        home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self._set_namespace(self.namespace)
        try:
            yield
        finally:
            self._set_namespace(home)
            os.close(home)

    @staticmethod
    def _set_namespace(fd):
        if libc.setns(fd, CLONE_NEWNET) < 0:
            raise OSError(ctypes.get_errno(), "setns")

    # ---- the network ----

    def plug(self, name, other, other_name):
        """A cable from here to another host; up at both ends, and nobody waits for DAD."""
        self.ip("link", "add", name, "type", "veth", "peer", "name", other_name, "netns",
                str(other.pid))
        for host, interface in (self, name), (other, other_name):
            host.sysctl(f"net.ipv6.conf.{interface}.accept_dad", 0)
            host.ip("link", "set", interface, "up")

    def has_interface(self, name):
        return bool(self.ip_json("link", "show", "dev", name))

    def mac(self, interface):
        return self.ip_json("link", "show", "dev", interface)[0]["address"]

    def addresses(self, interface):
        """Those that can be used now: not tentative, unless optimistic, and not duplicate."""
        found = self.ip_json("address", "show", "dev", interface)
        return [a["local"] for a in (found[0].get("addr_info", []) if found else [])
                if not a.get("dadfailed") and (not a.get("tentative") or a.get("optimistic"))]

    def address(self, interface, prefix):
        """The first usable address of the interface in a prefix, or None."""
        network = ipaddress.ip_network(prefix)
        return next((a for a in self.addresses(interface)
                     if ipaddress.ip_address(a) in network), None)

    def routes(self, prefix=None):
        """IPv6 routes that Router Advertisements made."""
        found = self.ip_json("-6", "route", "show", "proto", "ra")
        return [r for r in found if prefix is None or r["dst"] == prefix]

    def ping(self, address, count=1, wait_s=1, *options):
        return self.run("ping", "-q", "-n", "-c", count, "-W", wait_s, *options, address,
                        check=False).returncode == 0


class Daemon:
    """A program that runs on a host until it is stopped.  Its log must be free of reports."""

    def __init__(self, host, name, command, folder, path=None):
        self.host, self.name, self.command = host, name, command
        self.log_path = Path(folder) / f"{name}.log"
        self.log_path.touch()
        self.env = dict(os.environ, PATH=path) if path else dict(os.environ)
        self.process = None
        self.left = 0  # bytes of the log that were there before the latest start

    def start(self):
        self.left = self.log_path.stat().st_size
        enter = self.host.enter(["env", f"PATH={self.env['PATH']}", *self.command])
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *enter],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def log(self, all_starts=True):
        text = self.log_path.read_bytes()
        return (text if all_starts else text[self.left:]).decode(errors="replace")

    def wait(self, seconds=10):
        """The exit status; fails when it does not come."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {seconds} s") from None
        self.check_log()
        return status

    def stop(self):
        """Ends it as a user would, and insists that it ended well."""
        if not self.running():
            return self.check_end()
        self.process.send_signal(signal.SIGTERM)
        return self.check_end()

    def check_end(self):
        if self.process is None:
            return
        try:
            status = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end after SIGTERM") from None
        self.process = None
        self.check_log()
        assert status == 0, f"{self.name} ended with {status}"

    def kill(self):
        """kill -9: no goodbye, nothing undone."""
        self.process.kill()
        self.process.wait()
        self.process = None
        self.check_log()

    def check_log(self):
        text = self.log()
        found = [report for report in REPORTS if report in text]
        assert not found, f"{self.name}: {found[0]} has something to say\n{text[-6000:]}"
