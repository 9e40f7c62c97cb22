# SPDX-License-Identifier: Apache-2.0
"""A measuring stick: a bare TAP-to-TCP loop with AES-256-GCM, given with `--spike FILE.c`.

It has no switch, no handshake and one client.  Its usage: FILE s|c TAPNAME SERVER_IPV4 MODE, where
mode 1 is intel-ipsec-mb.
"""

from rivals.way import StaticWay
from world import BUILD

PROGRAM = BUILD / "spike"
MODE = 1


class Spike(StaticWay):
    name, number, client_count = "spike", 9, 1
    office_device = laptop_device = "spike0"

    def __init__(self, world):
        super().__init__(world)
        office = world.cable(self.laptop()).office4
        self.servers = [world.daemon(world.office, "spike-server",
                                     [PROGRAM, "s", self.office_device, office, MODE])]
        self.clients = [world.daemon(self.laptop(), "spike-client",
                                     [PROGRAM, "c", self.laptop_device, office, MODE])]

    @staticmethod
    def compiler(source):
        return ["cc", "-O2", "-w", "-o", str(PROGRAM), str(source), "-lmbedcrypto", "-lIPSec_MB"]

    def __enter__(self):
        self.servers[0].start()
        self.address_office()
        return self

    def connected(self, number):
        return self.clients[number].running()
