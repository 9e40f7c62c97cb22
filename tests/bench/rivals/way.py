# SPDX-License-Identifier: Apache-2.0
"""A way from laptops to the office: what the measurements know of the cable and of each tunnel."""

from world import end, until


class Way:
    """`with` runs its server.  Client number 0 is on the first laptop, 1 on the second."""

    name = None      # in tables
    number = None    # of its network, if its addresses are static
    client_count = 2  # how many it can have

    def __init__(self, world):
        self.world = world
        self.clients = []  # daemons, in the order of the laptops
        self.servers = []  # daemons on the office

    @classmethod
    def missing(cls):
        """What it needs and this machine has not: a list of names."""
        return []

    @classmethod
    def version(cls):
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for daemon in (*self.clients, *reversed(self.servers)):
            end(daemon)

    def laptop(self, number=0):
        return self.world.laptop(f"{self.name.replace(' ', '-')}-{number + 1}")

    def start(self, number=0):
        self.clients[number].start()

    def stop(self, number=0):
        end(self.clients[number])

    def is_up(self, number=0):
        """True when the laptop has its address in the tunnel."""
        raise NotImplementedError

    def office_address(self):
        """The office's own address in the tunnel."""
        raise NotImplementedError

    def client_address(self, number):
        raise NotImplementedError

    def office_processes(self):
        return [daemon.process.pid for daemon in self.servers if daemon.running()]

    def laptop_processes(self, number=0):
        return [self.clients[number].process.pid] if self.clients else []

    def wait_until_up(self, count=1):
        for number in range(count):
            until(lambda n=number: self.is_up(n),
                  lambda n=number: f"{self.name}: no address\n{self.clients[n].log()[-2000:]}", 30)
            until(lambda n=number: self.laptop(n).ping(self.office_address()),
                  f"{self.name}: no way through", 30)


class StaticWay(Way):
    """A tunnel whose ends get fixed addresses, as soon as their interfaces are there."""

    office_device = laptop_device = None

    def office_address(self):
        return f"2001:db8:2{self.number:02}::1"

    def client_address(self, number):
        return f"2001:db8:2{self.number:02}::{number + 2}"

    def connected(self, number):
        """True when the client says that it is connected."""
        raise NotImplementedError

    def address_office(self):
        until(lambda: self.world.office.has_interface(self.office_device),
              f"{self.name}: no interface")
        self._address(self.world.office, self.office_device, self.office_address())

    def is_up(self, number=0):
        host = self.laptop(number)
        if not host.has_interface(self.laptop_device) or not self.connected(number):
            return False
        self._address(host, self.laptop_device, self.client_address(number))
        return True

    @staticmethod
    def _address(host, device, address):
        host.ip("address", "replace", f"{address}/64", "dev", device, "nodad")
        host.ip("link", "set", device, "mtu", 1500, "up")
