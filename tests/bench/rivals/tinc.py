# SPDX-License-Identifier: Apache-2.0
"""tinc 1.0 in switch mode, with its defaults: UDP, AES-256-CBC, 4 bytes of HMAC-SHA-256, the MSS
clamped to the path's MTU.
"""

import re
import shutil
import signal
import subprocess

from rivals.way import StaticWay
from world import until

CONF = """Name = {name}
Mode = switch
AddressFamily = ipv4
Interface = tinc0
Device = /dev/net/tun
PingTimeout = 30
"""
PORT = 655


class Tinc(StaticWay):
    name, number = "tinc", 4
    office_device = laptop_device = "tinc0"

    def __init__(self, world):
        super().__init__(world)
        self.folder = world.folder / "tinc"
        self.nodes = {"office": world.office, "laptop0": self.laptop(0), "laptop1": self.laptop(1)}
        daemons = {name: world.daemon(host, f"tinc-{name}", self._command(name, "-D", "-d1"))
                   for name, host in self.nodes.items()}
        self.servers = [daemons.pop("office")]
        self.clients = list(daemons.values())

    def _command(self, name, *options):
        folder = self.folder / name
        return ["tincd", "-c", folder, f"--pidfile={folder}/pid", *options]

    @classmethod
    def missing(cls):
        return [] if shutil.which("tincd") else ["tincd"]

    @classmethod
    def version(cls):
        done = subprocess.run(["tincd", "--version"], capture_output=True, text=True, check=False)
        return " ".join(done.stdout.split()[:3])

    def _configure(self):
        """Each node's folder, and in it what it has to know of its neighbours."""
        for name in self.nodes:
            (self.folder / name / "hosts").mkdir(parents=True)
            conf = CONF.format(name=name) + ("" if name == "office" else "ConnectTo = office\n")
            (self.folder / name / "tinc.conf").write_text(conf)
            # laptops do not reach each other: by way of the office, as with all the others
            (self.folder / name / "hosts" / name).write_text(
                f"Port = {PORT}\n" if name == "office" else "IndirectData = yes\n")
            subprocess.run(self._command(name, "-K2048"), stdin=subprocess.DEVNULL, check=True,
                           capture_output=True)
        office = (self.folder / "office/hosts/office").read_text()
        for number, name in enumerate(("laptop0", "laptop1")):
            shutil.copy(self.folder / name / "hosts" / name, self.folder / "office/hosts")
            address = self.world.cable(self.laptop(number)).office4
            (self.folder / name / "hosts/office").write_text(f"Address = {address}\n{office}")

    def __enter__(self):
        if not self.folder.exists():
            self._configure()
        self.servers[0].start()
        self.address_office()
        return self

    def connected(self, number):
        """It carries large frames over TCP until it knows the path's MTU: that is waited for."""
        client = self.clients[number]
        if not client.running() or "activated" not in client.log(all_starts=False):
            return False
        client.process.send_signal(signal.SIGUSR2)
        until(lambda: re.search(r"office at .* pmtu", client.log(all_starts=False)),
              "tinc does not say what it knows of the office", 2)
        found = re.findall(r"office at .* pmtu (\d+) \(min (\d+) max (\d+)\)",
                           client.log(all_starts=False))
        return bool(found) and found[-1][1] == found[-1][2] and int(found[-1][1]) > 1400
