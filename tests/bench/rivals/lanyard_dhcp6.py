# SPDX-License-Identifier: Apache-2.0
"""Lanyard's DHCPv6 server, and who asks it: a host behind its client's TAP.

A user with thousands of hosts behind one client sets these two limits; the rest is as it is.
"""

import sqlite3
import time

from rivals.kea import LEASE_S, OFFICE_LEN, OFFICES, PACKAGES
from rivals.lanyard import Lanyard
from world import end, until

CONF = f"""[dhcp6]
pool = 2001:db8:1::1:0:0-2001:db8:1::1:ffff:ffff
delegate = {OFFICES} /{OFFICE_LEN}
lease-time = {LEASE_S}s
rapid-commit = no
rate = unlimited
leases-per-user = 100000
"""


class LanyardDhcp6:
    name, interface = "Lanyard", "lanyard0"

    def __init__(self, world, folder):
        self.host = world.laptop("Lanyard-1", PACKAGES)
        self.way = Lanyard(world, clients=1, state=folder / "lanyard",
                           prefix="2001:db8:1::/64", more=CONF)
        self.database = folder / "lanyard/state.db"
        with self.way:  # makes the state, and the client's profile
            pass

    def forget(self):
        self._write("DELETE FROM lease")

    def fill(self, count):
        """So many leases in the state file, copies of its first one."""
        self._write(f"""
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number
                                         WHERE n < {count - self.count()})
            INSERT INTO lease SELECT NULL, printf('2001:db8:1::2:%x:%x/128', n >> 16, n & 0xffff),
                registered, kind, state, user, CAST(printf('%024d', n) AS BLOB), iaid, reconfigure,
                mac, host, peer, since_s, renewed_s, until_s, preferred_s, valid_s,
                interface_id, remote_id, excluded
            FROM number, (SELECT * FROM lease LIMIT 1)""")
        assert self.count() == count

    def count(self):
        with sqlite3.connect(self.database) as state:
            return state.execute("SELECT count(*) FROM lease").fetchone()[0]

    def _write(self, sql):
        with sqlite3.connect(self.database) as state:
            state.execute(sql)
        state.close()

    def start_s(self):
        """From the start of the server to its word that it is ready."""
        start_s = time.monotonic()
        self.way.__enter__()
        return time.monotonic() - start_s

    def __enter__(self):
        """With no leases."""
        self.forget()
        self.way.__enter__()
        self.way.start()
        until(lambda: self.host.address(self.interface, "fe80::/10"), "no link-local address", 30)
        return self

    def __exit__(self, *_):
        self.way.__exit__()
        end(self.way.server)
