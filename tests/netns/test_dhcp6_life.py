# SPDX-License-Identifier: Apache-2.0
"""A lease's life with every client that Debian has: renewed while the server is there, rebound after it was
away, declined where somebody else has the address."""

import pytest

import dhcp6_clients
from lan import INTERFACE
from test_dhcp6 import CONF, delegated_routes, leases
from wire import Wire

RENEW, REBIND = 5, 6
VALID_S = 60
# T1 is 10 s, T2 16 s
SHORT = CONF.replace("lease-time = 1h", f"lease-time = {VALID_S}s\npreferred-time = 20s")

class Talk(Wire):
    """What a host says to DHCPv6 servers on an interface."""

    def __init__(self, host, interface):
        super().__init__(host, interface)
        self.types = []

    def collect(self, wait_s=0.0):
        for frame, outgoing in self.receive(wait_s):
            # Ethernet, IPv6 without extensions, UDP to port 547
            if outgoing and frame[12:14] == b"\x86\xdd" and frame[20] == 17 \
                    and frame[56:58] == b"\x02\x23":
                self.types.append(frame[62])

    def has_said(self, kind):
        self.collect()
        return kind in self.types


def office(lan, kind):
    """A laptop with a network behind it, lan0, and the program to number both."""
    made = dhcp6_clients.EVERY[kind]
    client = lan.client("office", packages=made.packages, connect=False)
    client.host.plug("lan0", lan.host("desk"), "eth0")
    client.profile.write_text(client.profile.read_text().replace(
        "[client]\n", "[client]\n" + made.profile))
    program = made(lan, client.host, INTERFACE)
    if made.manages:  # `lanyard connect` is to see that it is there
        program.start()
        client.connect()
    else:
        client.connect()
        program.start()
    return client, program


def has_all(lan, program):
    return {lease["kind"] for lease in leases(lan, state="active")} == set(program.takes)


@pytest.mark.parametrize("kind", dhcp6_clients.EVERY)
def test_renewed_and_rebound(lan, kind):
    lan.server(SHORT)
    client, program = office(lan, kind)
    with Talk(client.host, INTERFACE) as talk:
        lan.until(lambda: has_all(lan, program), "no leases", 30)
        has = {lease["what"] for lease in leases(lan, state="active")}
        lan.until(lambda: all(lease["renewed_s"] < lease["since_s"]
                              for lease in leases(lan, state="active")), "not renewed", 40)
        assert talk.has_said(RENEW) and not talk.has_said(REBIND)
        lan.until(lambda: has & set(client.host.addresses(INTERFACE)), "it does not use it", 20)

        lan.the_server.kill()
        lan.until(lambda: talk.has_said(REBIND), "it does not rebind", 60)
    lan.the_server.start()
    lan.until(client.up, "it did not come back", 60)
    # the time that is left would be less without a Reply to the Rebind
    lan.until(lambda: {lease["what"] for lease in leases(lan, state="active")
                       if lease["left_s"] > VALID_S - 10} == has, "not rebound", 60)
    assert set(delegated_routes(lan)) == {what for what in has if "/" in what}
    program.stop()


# Of Debian 12's clients dibbler alone declines.  dhclient's script does not look; NetworkManager sees that
# somebody else has the address, as dhcpcd and networkd may, and none of the three says so to the server.
# And dibbler finds out only about an address for ever: any other the kernel takes away at once.
def test_declined_where_somebody_else_has_it(lan):
    taken = "2001:db8:1::beef"
    lan.server(CONF.replace("lease-time = 1h", "lease-time = forever") +
               f"reserve = office {taken}\n")
    other = lan.client("other")
    # without a word: the switch would have noticed, and the server not given it
    other.host.ip("address", "add", f"{taken}/128", "dev", INTERFACE, "nodad")
    client, program = office(lan, "dibbler")
    lan.until(lambda: leases(lan, what=taken, state="declined"), "it does not decline", 60)
    # it waits for T1 now, which never comes: a new start, without the memory of what it declined
    program.kill()
    client.host.run("rm", "-r", "/var/lib/dibbler")
    program.start()
    lease, = lan.until(lambda: leases(lan, state="active", kind="address"), "no other one", 60)
    assert lease["what"] != taken
    lan.until(lambda: lease["what"] in client.host.addresses(INTERFACE), "it does not use it", 20)
    assert taken not in client.host.addresses(INTERFACE)
    program.kill()
