# SPDX-License-Identifier: Apache-2.0
"""What the figures depend on besides the programs: the machine, its settings, and versions."""

import os
import platform
import subprocess
import time
from pathlib import Path

from figures import stolen_ticks
from rivals.lanyard import Lanyard
from rivals.openvpn import OpenVpnUdp
from rivals.softether import SoftEther
from rivals.tinc import Tinc

PROGRAMS = {"lanyard": Lanyard, "openvpn": OpenVpnUdp, "softether": SoftEther, "tinc": Tinc}
PACKAGES = ("openvpn", "tinc", "iperf3", "radvd", "libipsec-mb-dev", "libmbedtls-dev",
            "libsodium-dev", "libuv1-dev", "gcc")
SYSCTLS = ("net.ipv4.tcp_congestion_control", "net.core.default_qdisc", "net.core.rmem_max",
           "net.core.wmem_max", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")


def version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          text=True, check=False)
    return done.stdout or None


def sysctl(key):
    try:
        text = Path("/proc/sys", *key.split(".")).read_text(encoding="ascii")
    except OSError:
        return None
    return " ".join(text.split())


def stolen_s():
    """Processor time that other machines of the same host took, so far."""
    return stolen_ticks(Path("/proc/stat").read_text(encoding="ascii")) / os.sysconf("SC_CLK_TCK")


def filesystem(folder):
    """The type of what a folder is on, as mount names it."""
    done = subprocess.run(["findmnt", "--noheadings", "--output", "FSTYPE", "--target", folder],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def describe(alone):
    """alone: the rivals are not asked for."""
    programs = {"lanyard": Lanyard} if alone else PROGRAMS
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf8")
                  if line.startswith("model name")), platform.machine())
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "load": os.getloadavg()[0], "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "sysctl": {key: sysctl(key) for key in SYSCTLS},
            "programs": {name: way.version() for name, way in programs.items()},
            "packages": {package: version(package) for package in PACKAGES}}
