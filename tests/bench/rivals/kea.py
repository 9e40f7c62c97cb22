# SPDX-License-Identifier: Apache-2.0
"""Kea 2.2's DHCPv6 server, and who asks it, at the two ends of a cable: no tunnel.

As Debian ships it, leases in a memfile, cleaned up every hour; with what completes more: one more
thread, and no line in its log for each lease.
"""

import json
import shutil
import subprocess

import managers
from world import ROOT, end, until, wait_for_line

PACKAGES = ("kea-dhcp6-server", "kea-admin")
SUBNET, POOL = "2001:db8:1::/64", "2001:db8:1::1:0:0/96"
OFFICES, OFFICE_LEN = "2001:db8:f000::/36", 56
LEASE_S = 3600


def missing():
    """What cannot be fetched: a list of names."""
    done = subprocess.run([ROOT / "tests/tools/package-path", *PACKAGES], capture_output=True,
                          check=False)
    return [] if done.returncode == 0 else list(PACKAGES)


class Kea:
    name, interface = "Kea", "eth0"

    def __init__(self, world, folder):
        self.folder = folder / "kea"
        self.server_host = world.host("kea-server", PACKAGES)
        self.host = world.host("kea-client", PACKAGES)
        self.server_host.plug("lan0", self.host, self.interface)
        self.server_host.ip("address", "add", "2001:db8:1::1/64", "dev", "lan0", "nodad")
        self.conf = world.folder / "kea.json"
        self.conf.write_text(json.dumps(self._configuration()))
        self.server = world.daemon(self.server_host, "kea", ["kea-dhcp6", "-c", self.conf],
                                   managers.PATH)

    def _configuration(self):
        subnet = {"subnet": SUBNET, "interface": "lan0", "pools": [{"pool": POOL}],
                  "pd-pools": [{"prefix": OFFICES.split("/")[0],
                                "prefix-len": int(OFFICES.split("/")[1]),
                                "delegated-len": OFFICE_LEN}]}
        return {"Dhcp6": {
            "multi-threading": {"enable-multi-threading": True, "thread-pool-size": 1,
                                "packet-queue-size": 64},
            "interfaces-config": {"interfaces": ["lan0"]},
            "lease-database": {"type": "memfile", "name": str(self.folder / "leases.csv"),
                               "lfc-interval": 3600},
            "valid-lifetime": LEASE_S, "preferred-lifetime": LEASE_S // 2, "subnet6": [subnet],
            "loggers": [{"name": "kea-dhcp6", "severity": "WARN",
                         "output_options": [{"output": "stdout"}]},
                        {"name": "kea-dhcp6.dhcp6", "severity": "INFO",
                         "output_options": [{"output": "stdout"}]}]}}

    def __enter__(self):
        """With no leases."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.server_host.run("mkdir", "-p", "/run/kea", "/var/lib/kea")
        until(lambda: self.host.address(self.interface, "fe80::/10"), "no link-local address")
        self.server.start()
        wait_for_line(self.server, "DHCP6_STARTED")
        return self

    def __exit__(self, *_):
        end(self.server)
