# SPDX-License-Identifier: Apache-2.0
"""mode = bridged: an office whose server's TAP is a port of its bridge, and the LAN's own router."""

from host import Daemon

LAN_PREFIX, LAN_ROUTE = "2001:db8:77::/64", "2001:db8:700::/48"
RADVD = """
interface eth0 {
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 10;
    prefix 2001:db8:77::/64 {};
    route 2001:db8:700::/48 { AdvRoutePreference high; };
};
"""


class Radvd(Daemon):
    """The router that the LAN has already."""

    def __init__(self, lan, host, text=RADVD):
        conf = lan.folder / "radvd.conf"
        conf.write_text(text)
        conf.chmod(0o644)
        super().__init__(host, "radvd", ["/usr/sbin/radvd", "-n", "-C", conf, "-p",
                                         "/run/radvd.pid", "-m", "stderr"], lan.folder)


def bridged_office(lan, ra):
    """The office with a bridge, and one more host on it."""
    lan.office.ip("link", "add", "br0", "type", "bridge")
    lan.office.sysctl("net.ipv6.conf.br0.accept_dad", 0)
    lan.office.ip("link", "set", "br0", "up")
    lan.lan_host = lan.host("lan-host")
    lan.office.plug("lan-port", lan.lan_host, "eth0")
    lan.office.ip("link", "set", "lan-port", "master", "br0")
    lan.server(f"""
        [bridge]
        mode = bridged
        bridge = br0
        [ra]
        {ra}
    """)
    return lan


def make_router(lan, host, text=RADVD):
    """A host of the LAN becomes its router, ::1 of LAN_PREFIX."""
    host.sysctl("net.ipv6.conf.all.forwarding", 1)
    host.ip("address", "add", "2001:db8:77::1/64", "dev", "eth0", "nodad")
    radvd = Radvd(lan, host, text).start()
    lan.daemons.append(radvd)
    return radvd
