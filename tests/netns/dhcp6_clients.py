# SPDX-License-Identifier: Apache-2.0
"""DHCPv6 clients as Debian ships them, each on a host of a test that has its package:

    alice = lan.client("alice", packages=Dhclient.packages)
    client = Dhclient(lan, alice.host, INTERFACE, "-N", "-P").start()
    client.release()
"""

import re

import managers

PATH = managers.PATH


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
        # it gives up where the link-local address is not there yet
        self.lan.until(lambda: self.host.address(self.interface, "fe80::/10"), "no link-local")
        self.daemon = managers.start(self.lan, self.host, "dhclient", *self.command("-d"))
        return self

    def stop(self):
        """Without a word to the server."""
        if self.daemon:
            self.daemon.kill()
            self.lan.daemons.remove(self.daemon)
            self.daemon = None

    def release(self):
        self.stop()
        done = self.host.run("env", f"PATH={PATH}", *self.command("-r"), check=False)
        assert done.returncode == 0, done.stderr

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
