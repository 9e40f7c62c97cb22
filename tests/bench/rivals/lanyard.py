# SPDX-License-Identifier: Apache-2.0
"""Lanyard: a server as it is without configuration, `connect` on the laptops."""

import os
import subprocess
from pathlib import Path

from rivals.way import Way
from world import BUILD, DATACENTER, PUSHED, until, wait_for_line

LANYARD = BUILD / "cli/lanyard"


class Lanyard(Way):
    name = "Lanyard"

    def __init__(self, world, name="lanyard", port=443, clients=2, state=None, prefix="auto",
                 more="", keys=""):
        """name: of its files and of its interface at the office, for a second server there.
        more: sections of the configuration; keys: of its [server]."""
        super().__init__(world)
        self.folder, self.port = world.folder / name, port
        self.office_device = f"{name}0"
        self.folder.mkdir()
        self.conf = self.folder / "server.conf"
        self.conf.write_text(f"[server]\nlisten = 0.0.0.0:{port}\nname = vpn.example.net\n"
                             f"max-clients = 20000\nmax-per-profile = 20000\n"  # for the swarm
                             f"state = {state or self.folder / 'state'}\n"
                             f"control = {self.folder}/server.sock\n{keys}"
                             f"[bridge]\ninterface = {self.office_device}\n"
                             f"{more}[ra]\nprefix = {prefix}\nroute = {PUSHED} high\n"
                             f"dns = {DATACENTER}\nsearch = corp.example\n")
        self.server = world.daemon(world.office, f"{name}-server",
                                   [LANYARD, "server", "-c", self.conf])
        self.servers = [self.server]
        self.clients = [
            world.daemon(self.laptop(number), f"{name}-client{number}",
                         [LANYARD, "connect", self.profile(number)],
                         str(world.no_programs))  # no program here manages resolv.conf
            for number in range(clients)]

    def to(self, number=0):
        """What that laptop dials."""
        return self.world.cable(self.laptop(number)).office4

    def profile(self, number=0):
        return self.folder / f"laptop{number}.conf"

    def __enter__(self):
        self.server.start()
        wait_for_line(self.server, "ready")
        if not self.profile().exists():
            self._make_profiles()
        return self

    def call(self, *arguments, **options):
        """`lanyard VERB ...` on the server."""
        return self.world.office.run(LANYARD, *arguments, "-c", self.conf, **options).stdout

    def _make_profiles(self):
        for number in range(len(self.clients)):
            self.call("user", "add", f"laptop{number}")
            text = self.call("user", "profile", f"laptop{number}", "--server",
                             f"{self.to(number)}:{self.port}")
            # /run is the machine's, and its network managers' files are of other interfaces
            control = (f"[client]\ncontrol = {self.folder}/client{number}.sock\n"
                       "manage = yes\n")
            self.profile(number).touch(mode=0o600)
            self.profile(number).write_text(text.replace("[client]\n", control))

    def reload(self, *keys):
        """With more keys of [ra], its last section."""
        with open(self.conf, "a", encoding="utf8") as conf:
            conf.writelines(f"{key}\n" for key in keys)
        return self.call("reload", "--json")

    def office_address(self):
        return until(lambda: self.world.office.address(self.office_device, "fd00::/8"),
                     "the server's interface has no address")

    def client_address(self, number):
        return self.laptop(number).address("lanyard0", "fd00::/8")

    def is_up(self, number=0):
        return self.client_address(number)

    def resident_kib(self):
        """What the server's process occupies now."""
        pid = self.server.process.pid  # what entered the namespaces has become the server
        assert os.readlink(f"/proc/{pid}/exe") == str(LANYARD), "that is not the server"
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Rss:"))

    @classmethod
    def version(cls):
        done = subprocess.run([LANYARD, "version"], capture_output=True, text=True, check=False)
        return done.stdout.strip()
