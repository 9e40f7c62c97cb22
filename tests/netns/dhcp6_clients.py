# SPDX-License-Identifier: Apache-2.0
"""DHCPv6 clients as Debian ships them, each on a host of a test that has its package:

    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-N", "-P").start()
    client.release()

Not there: busybox's udhcpc6, as Debian builds busybox (and busybox-static) with udhcpc alone.
"""

import json
import re

import managers

PATH = managers.PATH


def wait_for_link_local(lan, host, interface):
    """Beyond duplicate address detection: most of them do not believe in optimism (RFC 4429)."""
    def there():
        found = host.ip_json("address", "show", "dev", interface, "scope", "link")
        return any("local" in a and not a.get("tentative")
                   for entry in found for a in entry.get("addr_info", []))
    lan.until(there, f"{host.name} has no link-local address")


def active_leases(lan):
    """What the server says is in somebody's hands: addresses and prefixes."""
    done = lan.the_server.cli("show", "leases", "--json")
    assert done.returncode == 0, done.stderr
    return {lease["what"] for lease in json.loads(done.stdout)["leases"]
            if lease["state"] == "active"}


class Dhclient:
    """ISC dhclient: -N addresses, -P prefixes, -S nothing but options."""

    packages = ("isc-dhcp-client",)

    def __init__(self, lan, host, interface, *what):
        self.lan, self.host, self.interface, self.what = lan, host, interface, what
        self.daemon = None

    def command(self, *options):
        return ["dhclient", "-6", "-v", "-lf", "/run/dhclient.leases", "-pf", "/run/dhclient.pid",
                *options, *self.what, self.interface]

    def start(self):
        wait_for_link_local(self.lan, self.host, self.interface)
        self.daemon = managers.start(self.lan, self.host, "dhclient", *self.command("-d"))
        return self

    def stop(self):
        """Without a word to the server."""
        if self.daemon:
            self.daemon.kill()
            self.lan.daemons.remove(self.daemon)
            self.daemon = None

    def release(self):
        """It ends when it has sent the message, and waits for no answer: we do."""
        self.stop()
        held = {self.address(), self.prefix()}
        self.mend_leases()
        done = self.host.run("env", f"PATH={PATH}", *self.command("-r"), check=False)
        assert done.returncode == 0, done.stderr
        self.lan.until(lambda: not held & active_leases(self.lan),
                       f"the server heard of no release:\n{done.stderr}")

    def mend_leases(self):
        """It writes an IAID of printable octets as a string, quotes and backslashes as they are, and
        then cannot read it.  An IAID is the end of the MAC."""
        text = self.host.read("/run/dhclient.leases") or ""
        iaid = self.host.mac(self.interface)[6:]
        mended = re.sub(r'(ia-(?:na|pd)) ".*" {', rf"\1 {iaid} {{", text)
        if mended != text:
            self.host.write("/run/dhclient.leases", mended)

    def leases(self):
        """The text of the latest lease in its own words; "" if there is none."""
        text = self.host.read("/run/dhclient.leases") or ""
        return text[text.rindex("lease6 {"):] if "lease6 {" in text else ""

    def prefix(self):
        found = re.search(r"iaprefix (\S+) {", self.leases())
        return found and found[1]

    def address(self):
        found = re.search(r"iaaddr (\S+) {", self.leases())
        return found and found[1]


class Program:
    """One that runs until it is stopped, from a configuration of its own."""

    packages = ()
    name = ""
    conf_path = ""
    profile = ""  # more of [client]
    manages = False  # the interface, before `lanyard connect` has made it
    takes = ("address", "prefix")

    def __init__(self, lan, host, interface):
        self.lan, self.host, self.interface = lan, host, interface
        self.daemon = None

    def conf(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def start(self):
        wait_for_link_local(self.lan, self.host, self.interface)
        self.host.write(self.conf_path, self.conf())
        self.daemon = managers.start(self.lan, self.host, self.name, *self.command())
        return self

    def kill(self):
        """Without a word to the server."""
        daemon, self.daemon = self.daemon, None
        self.lan.daemons.remove(daemon)
        daemon.kill()

    def stop(self):
        """As a user would end it; not every one of them calls that a success."""
        daemon, self.daemon = self.daemon, None
        self.lan.daemons.remove(daemon)
        daemon.process.terminate()
        daemon.process.wait(15)
        daemon.process = None


class Wide(Program):
    """wide-dhcpv6, which many routers of providers are made of."""

    packages = ("wide-dhcpv6-client",)
    name = "dhcp6c"
    conf_path = "/etc/wide-dhcpv6/dhcp6c.conf"
    networks = ("lan0",)  # which get a part of the prefix each

    def conf(self):
        parts = " ".join(f"prefix-interface {name} {{ sla-id {number}; sla-len 8; }};"
                         for number, name in enumerate(self.networks, 1))
        return (f"interface {self.interface} {{ send ia-na 0; send ia-pd 0; "
                "request domain-name-servers; script \"/bin/true\"; };\n"
                "id-assoc na 0 { };\n"
                f"id-assoc pd 0 {{ {parts} }};\n")

    def command(self):
        return ["dhcp6c", "-f", "-D", "-c", self.conf_path, self.interface]


class Dibbler(Program):
    packages = ("dibbler-client",)
    name = "dibbler"
    conf_path = "/etc/dibbler/client.conf"

    def conf(self):
        return (f"log-level 7\niface {self.interface} {{\n  ia\n  pd\n"
                "  option dns-server\n  option domain\n}\n")

    def start(self):
        self.host.run("mkdir", "-p", "/var/lib/dibbler", "/var/log/dibbler")
        return super().start()

    def command(self):
        return ["dibbler-client", "run"]


class Dhcpcd(Program):
    packages = ("dhcpcd-base",)
    name = "dhcpcd"
    conf_path = "/etc/dhcpcd.conf"
    profile = "manage = no\n"  # it does what `lanyard connect` would do

    def conf(self):
        return (f"ipv6only\nnodev\nallowinterfaces {self.interface} lan0\nnoipv6rs\nrelease\n"
                f"interface {self.interface}\n  ipv6rs\n  ia_na 1\n  ia_pd 2 lan0/1\n"
                "  option dhcp6_name_servers\n")

    def command(self):
        return ["dhcpcd", "-B", "-d", "-f", self.conf_path]


ALL = {"wide": Wide, "dibbler": Dibbler, "dhcpcd": Dhcpcd}


class DhclientBoth(Dhclient):
    manages, profile, takes = False, "", ("address", "prefix")

    def __init__(self, lan, host, interface):
        super().__init__(lan, host, interface, "-N", "-P")


LAN0_NETWORK = """
[Match]
Name=lan0
[Network]
IPv6AcceptRA=no
DHCPPrefixDelegation=yes
[DHCPPrefixDelegation]
UplinkInterface={interface}
SubnetId=1
"""


class Networkd(Program):
    """It asks because the advertisement says so, for a prefix because lan0 wants a part of one."""

    packages = managers.NETWORKD
    manages = True

    def start(self):
        name = "50-lanyard.network"
        managers.networkd(self.lan, self.host, {
            name: (managers.EXAMPLES / "networkd" / name).read_text(),
            "lan0.network": LAN0_NETWORK.format(interface=self.interface)})

    def stop(self):
        """It gives nothing back; the end of the test stops it."""


class NetworkManager(Program):
    packages = managers.NETWORK_MANAGER
    manages = True
    takes = ("address",)  # a prefix it asks for where the default route leads, and nowhere else

    def start(self):
        folder = managers.EXAMPLES / "NetworkManager"
        managers.network_manager(
            self.lan, self.host,
            {"lanyard.nmconnection": (folder / "lanyard.nmconnection").read_text()},
            "\n" + (folder / "lanyard.conf").read_text())

    def stop(self):
        """As networkd."""


EVERY = {"dhclient": DhclientBoth, **ALL, "networkd": Networkd, "manager": NetworkManager}
