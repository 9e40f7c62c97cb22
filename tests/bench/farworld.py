# SPDX-License-Identifier: Apache-2.0
"""A world whose cables are long and bad: every packet is late, and some are lost.

    laptop -- veth -- router -- veth -- long cable -- veth -- office
                      loses             delay.c

Nothing on the way offloads, so what is lost is one packet of at most 1,500 bytes.
"""

import json
import re
from dataclasses import replace

from world import BUILD, Cable, World, end, wait_for_line

DELAY = BUILD / "tests/bench/delay"
DELAY_MS = 5  # each way
LOST_PERCENT = 1

LOSE = f"""
table inet far {{
	chain forward {{
		type filter hook forward priority 0; policy accept;
		counter comment "all"
		numgen random mod 100 < {LOST_PERCENT} counter drop comment "lost"
	}}
}}
"""


class FarWorld(World):
    """congestion: the control that every TCP in it uses, inside and outside of tunnels."""

    def __init__(self, congestion):
        super().__init__()
        self.congestion, self.far = congestion, {}

    def host(self, name):
        host = super().host(name)
        host.sysctl("net.ipv4.tcp_congestion_control", self.congestion)
        return host

    def plug_laptop(self, laptop, number):
        wan, lan = Cable.numbered(number), Cable.numbered(number + 100)
        router, far = self.host(f"router-{laptop.name}"), self.host(f"far-{laptop.name}")
        self._plug(router, lan.device, laptop, "eth0")
        self._plug(router, "wan", far, "near")
        self._plug(self.office, wan.device, far, "office")
        lan.address(router, lan.device, laptop, "eth0")
        wan.address(self.office, wan.device, router, "wan")
        self._route(laptop, "default", "default", lan.office4, lan.office6)
        self._route(self.office, f"{lan.host4}/32", f"{lan.host6}/128", wan.host4, wan.host6)
        router.sysctl("net.ipv4.ip_forward", 1)
        router.sysctl("net.ipv6.conf.all.forwarding", 1)
        router.run("nft", "-f", "-", input=LOSE)
        daemon = self.daemon(far, far.name, [DELAY, "near", "office", DELAY_MS * 1000]).start()
        wait_for_line(daemon, "ready")
        self.far[laptop.name] = (router, daemon)
        return replace(wan, host4=lan.host4, host6=lan.host6)

    def route_onward(self, laptop):
        """It has the way already."""

    @staticmethod
    def _plug(host, device, other, other_device):
        host.plug(device, other, other_device)
        for side, name in ((host, device), (other, other_device)):
            side.run("ethtool", "-K", name, *(word for offload in ("tso", "gso", "gro", "tx", "sg")
                                              for word in (offload, "off")))

    @staticmethod
    def _route(host, to4, to6, via4, via6):
        host.ip("route", "add", to4, "via", via4)
        host.ip("-6", "route", "add", to6, "via", via6)

    def fate(self, laptop):
        """What became of the packets of its cable so far; ends the cable."""
        router, daemon = self.far[laptop.name]
        rules = router.run("nft", "list", "table", "inet", "far").stdout
        packets, lost = map(int, re.findall(r"counter packets (\d+)", rules))
        end(daemon)
        ways = [json.loads(line) for line in daemon.log().splitlines() if line.startswith("{")]
        return {"packets": packets, "lost": lost,
                "no_room": sum(way["no_room"] for way in ways),
                "failed": sum(way["failed"] for way in ways)}
