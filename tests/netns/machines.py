# SPDX-License-Identifier: Apache-2.0
"""Machines that configure themselves from advertisements, one of each kind that Debian has: the
bare kernel, systemd-networkd, NetworkManager, dhcpcd; as laptops, whose interface `lanyard connect`
makes, and as desks, hosts in an office behind `lanyard connect --bridge` that know nothing of it.
"""

import re
import subprocess

import managers
from host import until
from lan import INTERFACE, ROOT

DESK_PORT = "lan0"

NETWORK_FILE = f"""
[Match]
Name={DESK_PORT}
[Network]
IPv6AcceptRA=yes
IPv6PrivacyExtensions=no
"""
CONNECTION = f"""
[connection]
id=lan
uuid=1d0b29f5-64f2-4b5c-9b39-0b4a0f0f5c4f
type=ethernet
interface-name={DESK_PORT}
[ipv4]
method=disabled
[ipv6]
method=auto
"""
DHCPCD_CONF = """
ipv6only
nodhcp6
nodev
allowinterfaces {interface}
"""


class Machine:
    """What a host's network is, whoever made it."""

    packages = ()
    profile = ""  # more of a laptop's [client]
    knows_routes = True  # RFC 4191
    follows_preference = True  # a route's, when it changes

    def __init__(self, lan, host, interface):
        self.lan, self.host, self.interface = lan, host, interface
        self.name = host.name

    def start(self):
        """Whatever is to be there before the interface comes up."""

    def addresses(self, prefix):
        """The addresses in a prefix: those that may be used, and whether they are preferred."""
        found = self.host.ip_json("-6", "address", "show", "dev", self.interface, "to", prefix)
        return {a["local"]: not a.get("deprecated", False)
                for entry in found for a in entry.get("addr_info", [])
                if "local" in a and (not a.get("tentative") or a.get("optimistic"))}

    def address(self, prefix):
        """The preferred one, or None."""
        return next((a for a, preferred in self.addresses(prefix).items() if preferred), None)

    def deprecated(self, prefix):
        """Whether it has one, but none for new connections."""
        return bool(self.addresses(prefix)) and not self.address(prefix)

    def routes(self, prefix):
        """The gateways of its routes to a prefix, and their preferences."""
        return [(r["gateway"], r["pref"]) for r in self.host.ip_json(
            "-6", "route", "show", prefix, "dev", self.interface) if "gateway" in r]

    def servers(self):
        """The DNS servers that its resolver asks; None if it is not its business."""
        return re.findall(r"(?m)^nameserver (\S+)", self.host.read("/etc/resolv.conf") or "")


class Kernel(Machine):
    """As it is; on a laptop `lanyard connect` gives it what it does not know."""

    def start(self):
        self.host.sysctl("net.ipv6.conf.default.accept_ra_rt_info_max_plen", 128)

    def servers(self):
        # RFC 8106 is not the kernel's job: a desk of this kind has no DNS server
        return None if self.interface == DESK_PORT else super().servers()


class Networkd(Machine):
    packages = managers.NETWORKD
    follows_preference = False  # 252 renews the lifetime of a route it has, and no more

    def start(self):
        name = "50-lanyard.network"
        text = NETWORK_FILE if self.interface == DESK_PORT else \
            (ROOT / "packaging/examples/networkd" / name).read_text()
        managers.resolved(self.lan, self.host)
        managers.networkd(self.lan, self.host, {name: text})

    def servers(self):
        done = self.host.run("resolvectl", "dns", self.interface, check=False)
        return done.stdout.partition("):")[2].split()


class NetworkManager(Machine):
    packages = managers.NETWORK_MANAGER

    def start(self):
        folder = ROOT / "packaging/examples/NetworkManager"
        if self.interface == DESK_PORT:
            managers.network_manager(self.lan, self.host, {"lan.nmconnection": CONNECTION})
        else:
            managers.network_manager(
                self.lan, self.host,
                {"lanyard.nmconnection": (folder / "lanyard.nmconnection").read_text()},
                "\n" + (folder / "lanyard.conf").read_text())


class Dhcpcd(Machine):
    packages = ("dhcpcd-base",)
    profile = "manage = no\n"  # `lanyard connect` does not see by itself that it is there
    knows_routes = False  # 9.4.1 takes the default route only

    def start(self):
        self.host.write("/etc/dhcpcd.conf", DHCPCD_CONF.format(interface=self.interface))
        managers.start(self.lan, self.host, "dhcpcd", "dhcpcd", "-B", "-f", "/etc/dhcpcd.conf")


KINDS = {"kernel": Kernel, "networkd": Networkd, "manager": NetworkManager, "dhcpcd": Dhcpcd}


def laptop(lan, kind):
    made = KINDS[kind]
    client = lan.client(f"laptop-{kind}", connect=False, packages=made.packages,
                        resolvconf=not made.packages)
    if made.profile:
        client.profile.write_text(client.profile.read_text().replace(
            "[client]\n", "[client]\n" + made.profile))
    machine = made(lan, client.host, INTERFACE)
    machine.start()
    client.connect()
    return machine


def office(lan):
    """A client whose hosts are what matters."""
    branch = lan.client("branch", connect=False)
    branch.host.ip("link", "add", "br0", "type", "bridge")
    branch.host.ip("link", "set", "br0", "up")
    return branch.connect("--bridge", "br0")


def desk(lan, branch, kind):
    made = KINDS[kind]
    host = lan.host(f"desk-{kind}", packages=made.packages)
    machine = made(lan, host, DESK_PORT)
    machine.start()
    branch.host.plug(kind, host, DESK_PORT)
    branch.host.ip("link", "set", kind, "master", "br0")
    return machine


class Losses:
    """What a machine's kernel deletes of addresses and routes while `with Losses(...)` lasts."""

    MARK = ("unreachable", "fd00:dead::/64", "table", 4242)  # for us: the monitor listens

    def __init__(self, machine):
        self.machine = machine
        self.path = machine.lan.folder / f"monitor-{machine.name}"

    def __enter__(self):
        host = self.machine.host
        with open(self.path, "wb") as output:
            self.monitor = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *host.enter(
                ["ip", "-6", "-o", "monitor", "address", "route"])], stdout=output)
        until(lambda: host.ip("-6", "route", "replace", *self.MARK) and self._marks(),
              "the monitor does not see anything")
        return self

    def __exit__(self, *_):
        try:
            self.machine.host.ip("-6", "route", "delete", *self.MARK)
            until(lambda: "Deleted" in "".join(self._marks()), "the monitor does not see the end")
        finally:
            self.monitor.kill()
            self.monitor.wait()

    def _marks(self):
        return [line for line in self.path.read_text().splitlines() if self.MARK[1] in line]

    def lines(self):
        return [line for line in self.path.read_text().splitlines()
                if line.startswith("Deleted") and self.machine.interface in line]
