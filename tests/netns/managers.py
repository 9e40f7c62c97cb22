# SPDX-License-Identifier: Apache-2.0
"""The daemons that manage networks and names on real hosts, as Debian ships them, each on a host of a
test that has its package: lan.client("alice", packages=managers.NETWORKD, connect=False).

    bus = managers.bus(lan, host)               what the other three speak through
    managers.networkd(lan, host, {"50-lanyard.network": text})
    managers.network_manager(lan, host, {"lanyard.nmconnection": text})
    managers.resolved(lan, host)

Each returns a Daemon that answers; the test's end stops it.  None of them touches eth0, the host's
cable to the internet, unless the test says so.
"""

from host import ROOT, Daemon

EXAMPLES = ROOT / "packaging/examples"

NETWORKD = ("systemd-resolved",)  # it brings systemd
RESOLVED = ("systemd-resolved",)
NETWORK_MANAGER = ("network-manager",)
NETWORK_MANAGER_RESOLVED = ("network-manager", "systemd-resolved")

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
SYSTEMD = "/usr/lib/systemd"

BUS_CONF = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy>
</busconfig>
"""

NETWORK_MANAGER_CONF = """[main]
plugins=keyfile
auth-polkit=false
no-auto-default=*
{main}
[keyfile]
unmanaged-devices=interface-name:eth0;interface-name:lo
[logging]
level=INFO
domains=ALL
"""


def start(lan, host, name, *command):
    daemon = Daemon(host, f"{host.name}-{name}", list(command), lan.folder, PATH)
    lan.daemons.append(daemon)
    return daemon.start()


def answers(host, *command):
    return host.run("env", f"PATH={PATH}", *command, check=False).returncode == 0


def bus(lan, host):
    """A system bus that nobody but this host's daemons is on; one is enough for a host."""
    if host.run("test", "-S", "/run/dbus/system_bus_socket", check=False).returncode == 0:
        return None
    host.write("/run/dbus/bus.conf", BUS_CONF)
    daemon = start(lan, host, "bus", "dbus-daemon", "--nofork", "--nopidfile",
                   "--config-file=/run/dbus/bus.conf")
    lan.until(lambda: host.run("test", "-S", "/run/dbus/system_bus_socket",
                               check=False).returncode == 0, "no system bus")
    return daemon


def own_folder(host, path, user):
    host.run("install", "-d", "-o", user, "-g", user, path)


def networkd(lan, host, files=None):
    """systemd-networkd with these files in /run/systemd/network (name: text)."""
    bus(lan, host)
    for folder in "", "/links", "/leases", "/lldp":
        own_folder(host, f"/run/systemd/netif{folder}", "systemd-network")
    for name, text in (files or {}).items():
        host.write(f"/run/systemd/network/{name}", text)
    daemon = start(lan, host, "networkd", f"{SYSTEMD}/systemd-networkd")
    lan.until(lambda: answers(host, "networkctl", "--no-pager", "list"),
              "systemd-networkd does not answer")
    return daemon


def network_manager(lan, host, files=None, main=""):
    """NetworkManager with these connections (keyfiles, name: text) and more lines for [main]."""
    bus(lan, host)
    host.write("/etc/NetworkManager/NetworkManager.conf", NETWORK_MANAGER_CONF.format(main=main))
    for name, text in (files or {}).items():
        host.write(f"/etc/NetworkManager/system-connections/{name}", text)
    daemon = start(lan, host, "NetworkManager", "NetworkManager", "--debug")
    lan.until(lambda: answers(host, "nmcli", "general", "status"),
              "NetworkManager does not answer")
    return daemon


def resolved(lan, host):
    """systemd-resolved, in charge of /etc/resolv.conf."""
    bus(lan, host)
    own_folder(host, "/run/systemd/resolve", "systemd-resolve")
    host.run("ln", "-sfn", "/run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf")
    daemon = start(lan, host, "resolved", f"{SYSTEMD}/systemd-resolved")
    lan.until(lambda: answers(host, "resolvectl", "status", "--no-pager"),
              "systemd-resolved does not answer")
    return daemon
