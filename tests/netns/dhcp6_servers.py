# SPDX-License-Identifier: Apache-2.0
"""Other DHCPv6 servers as Debian ships them, each on a host of a test that has its package, for
clients on one cable:

    old = lan.host("old", packages=Kea.packages)
    server = Kea(lan, old, "eth0").start()
    text = server.leases()
"""

import json

import managers
from dhcp6_clients import wait_for_link_local

ROUTER = "2001:db8:1::1"


class OtherServer:
    packages = ()
    name = ""
    file = ""

    def __init__(self, lan, host, interface):
        self.lan, self.host, self.interface = lan, host, interface
        self.daemon = None

    def start(self):
        self.host.ip("address", "add", f"{ROUTER}/64", "dev", self.interface, "nodad")
        wait_for_link_local(self.lan, self.host, self.interface)
        self.daemon = managers.start(self.lan, self.host, self.name, *self.prepare())
        return self

    def prepare(self):
        """Writes what it is configured by; its command line."""
        raise NotImplementedError

    def stop(self):
        self.daemon.kill()
        self.lan.daemons.remove(self.daemon)

    def leases(self):
        return self.host.read(self.file) or ""


class Kea(OtherServer):
    packages = ("kea-dhcp6-server",)
    name = "kea"
    file = "/run/kea/leases6.csv"

    def conf(self):
        return {"Dhcp6": {
            "interfaces-config": {"interfaces": [self.interface]},
            "server-id": {"type": "LL", "persist": False},
            "lease-database": {"type": "memfile", "name": self.file, "lfc-interval": 0},
            "preferred-lifetime": 3000, "valid-lifetime": 4000,
            "subnet6": [{
                "subnet": "2001:db8:1::/64", "interface": self.interface,
                "pools": [{"pool": "2001:db8:1::1000-2001:db8:1::1fff"}],
                "pd-pools": [{"prefix": "2001:db8:f000::", "prefix-len": 36,
                              "delegated-len": 56}]}]}}

    def prepare(self):
        self.host.run("mkdir", "-p", "/run/kea")
        self.host.write("/run/kea/conf", json.dumps(self.conf()))
        # its AppArmor profile knows it by its path, and would keep it from ours
        self.host.run("cp", "/usr/sbin/kea-dhcp6", "/run/kea/server")
        return ["env", "KEA_PIDFILE_DIR=/run/kea", "KEA_LOCKFILE_DIR=/run/kea",
                "/run/kea/server", "-c", "/run/kea/conf"]


class Dnsmasq(OtherServer):
    packages = ("dnsmasq-base",)
    name = "dnsmasq"
    file = "/run/dnsmasq.leases"

    def prepare(self):
        return ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
                "--user=root", f"--interface={self.interface}", "--pid-file=",
                "--dhcp-range=2001:db8:1::1000,2001:db8:1::1fff,64,1h",
                f"--dhcp-leasefile={self.file}"]
