# SPDX-License-Identifier: Apache-2.0
"""No tunnel: the cable itself, a pair of veth interfaces."""

from rivals.way import Way


class Bare(Way):
    name = "bare veth"

    def start(self, number=0):
        """Laptops of it reach each other through the office's kernel."""
        self.world.route_onward(self.laptop(number))

    def is_up(self, number=0):
        return True

    def office_address(self):
        return self.world.cable(self.laptop()).office6

    def client_address(self, number):
        return self.world.cable(self.laptop(number)).host6
