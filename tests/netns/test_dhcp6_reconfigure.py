# SPDX-License-Identifier: Apache-2.0
"""Reconfigure: who has a lease that is no longer what he was told hears of it, signed with his key.

The digest and the numbers are verified by Python's hmac, from the RFC and not from our code.
"""

import hmac
import itertools

import pytest
from scapy.layers.dhcp6 import (DHCP6_InfoRequest, DHCP6_Renew, DHCP6_Reply, DHCP6_Request,
                                DHCP6_Solicit, DHCP6OptAuth, DHCP6OptClientId, DHCP6OptIA_NA,
                                DHCP6OptIAAddress, DHCP6OptOptReq, DHCP6OptReconfAccept,
                                DHCP6OptServerId)
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from dhcp6_clients import Dibbler
from lan import INTERFACE
from test_dhcp6 import CONF, POOL, leases
from wire import Wire

RECONFIGURE, RENEW, INFORMATION_REQUEST = 10, 5, 11
CLIENT_ID, SERVER_ID, AUTH, RECONFIGURE_MESSAGE = 1, 2, 11, 19
OTHER_POOL = "2001:db8:1::2000-2001:db8:1::2fff"


def options(message):
    """Code to body; a Reconfigure has each once."""
    found, rest = {}, message[4:]
    while rest:
        code, length = int.from_bytes(rest[:2], "big"), int.from_bytes(rest[2:4], "big")
        assert len(rest) >= 4 + length and code not in found
        found[code], rest = rest[4:4 + length], rest[4 + length:]
    return found


class Host:
    """A DHCPv6 client by hand, with one address, that takes Reconfigure messages (or not)."""

    def __init__(self, lan, client, number=1, accept=True):
        self.lan, self.client, self.accept = lan, client, accept
        self.duid = b"\0\3\0\1\2\0\0\0\0" + bytes([number])
        self.wire = Wire(client.host, INTERFACE)
        self.transactions = itertools.count(number << 16)
        self.server_id = self.key = self.address = None
        self.replay, self.heard = -1, 0

    def exchange(self, kind, *more):
        """The answer's message."""
        number = next(self.transactions)
        message = kind(trid=number) / DHCP6OptClientId(duid=Raw(self.duid))
        if self.server_id:
            message /= DHCP6OptServerId(duid=Raw(self.server_id))
        for option in (*more, DHCP6OptOptReq(reqopts=[23, 24]),
                       *([DHCP6OptReconfAccept()] if self.accept else [])):
            message /= option
        self.wire.send(Ether(src=self.wire.mac, dst="33:33:00:01:00:02")
                       / IPv6(src=self.client.link_local(), dst="ff02::1:2")
                       / UDP(sport=546, dport=547) / message)

        def find():
            self.wire.collect()
            return next((p for p in map(Ether, self.wire.arrived) if UDP in p
                         and p[UDP].dport == 546 and bytes(p[UDP].payload)[1:4]
                         == number.to_bytes(3, "big")), None)
        packet = self.lan.until(find, "no answer", 20)
        return packet

    def ia(self, address=None):
        return DHCP6OptIA_NA(iaid=1, T1=0, T2=0, ianaopts=[DHCP6OptIAAddress(addr=address)]
                             if address else [])

    def take_lease(self):
        offer = self.exchange(DHCP6_Solicit, self.ia())
        self.server_id = options(bytes(offer[UDP].payload))[SERVER_ID]
        reply = self.exchange(DHCP6_Request, self.ia(offer[DHCP6OptIAAddress].addr))
        assert DHCP6_Reply in reply
        self.address = reply[DHCP6OptIAAddress].addr
        auth = options(bytes(reply[UDP].payload)).get(AUTH)
        assert (auth is not None) == self.accept
        if auth:
            assert auth[:3] == b"\3\1\0" and auth[11] == 1 and len(auth) == 28
            self.replay, self.key = int.from_bytes(auth[3:11], "big"), auth[12:]
        return self

    def renew(self):
        """The addresses of the Reply, and their valid lifetimes."""
        reply = self.exchange(DHCP6_Renew, self.ia(self.address))
        found, index = {}, 1
        while (option := reply.getlayer(DHCP6OptIAAddress, index)) is not None:
            found[option.addr], index = option.validlft, index + 1
        body = bytes(reply[DHCP6OptIA_NA])
        self.address = next((a for a, valid in found.items() if valid), None)
        return found, body

    def inform(self):
        return self.exchange(DHCP6_InfoRequest)

    def reconfigures(self):
        """Those that came since the last time, verified: what each asks for."""
        self.wire.collect()
        packets = [p for p in map(Ether, self.wire.arrived) if UDP in p and p[UDP].dport == 546
                   and bytes(p[UDP].payload)[0] == RECONFIGURE]
        new, self.heard = packets[self.heard:], len(packets)
        return [self.verify(packet) for packet in new]

    def verify(self, packet):
        message = bytes(packet[UDP].payload)
        found = options(message)
        assert packet.dst == self.wire.mac and packet[IPv6].dst == self.client.link_local()
        assert packet[UDP].sport == 547 and message[1:4] == b"\0\0\0"
        assert found[CLIENT_ID] == self.duid and found[SERVER_ID] == self.server_id
        auth = found[AUTH]
        # RFC 9915 20.4.1: protocol 3, HMAC-MD5, monotonic; then the number, type 2 and the digest
        assert auth[:3] == b"\3\1\0" and auth[11] == 2 and len(auth) == 28
        number = int.from_bytes(auth[3:11], "big")
        assert number > self.replay, "it would be taken for a replay"
        self.replay = number
        at = message.index(auth)
        zeroed = message[:at + 12] + bytes(16) + message[at + 28:]
        assert hmac.compare_digest(hmac.new(self.key, zeroed, "md5").digest(), auth[12:])
        return found[RECONFIGURE_MESSAGE][0]

    def is_asked(self, seconds=20):
        return self.lan.until(self.reconfigures, "no Reconfigure", seconds)

    def close(self):
        self.wire.close()


@pytest.fixture
def alice(lan):
    lan.server(CONF)
    client = lan.client("alice")
    lan.until(client.link_local, "no link-local address")
    host = Host(lan, client).take_lease()
    yield host
    host.close()


def counted(lan):
    return lan.the_server.status()["dhcp6"]["reconfigure"]


def reload(lan, text):
    lan.the_server.configure(text)
    done = lan.the_server.cli("reload")
    assert done.returncode == 0, done.stderr


def test_another_pool_asks_for_a_renewal_until_it_comes(lan, alice):
    old = alice.address
    reload(lan, CONF.replace(POOL, OTHER_POOL))
    assert alice.is_asked()[0] == RENEW
    # not heard: once more, with another number
    assert alice.is_asked()[0] == RENEW
    found, _ = alice.renew()
    # RFC 9915 18.3.4: what is no longer given comes back with lifetimes of 0
    assert found.pop(old) == 0 and alice.address.startswith("2001:db8:1::2")
    lan.until(lambda: counted(lan)["waiting"] == 0, "it does not end")
    assert counted(lan)["heard"] == 1
    alice.reconfigures()  # one may have been on its way
    assert leases(lan, state="active")[0]["what"] == alice.address
    # all is as he was told: nothing is asked of him
    sent = counted(lan)["sent"]
    reload(lan, CONF.replace(POOL, OTHER_POOL) + "rapid-commit = no\n")
    lan.the_server.cli("lease", "reserve", "bob", "2001:db8:1::b0b")
    assert counted(lan)["sent"] == sent and counted(lan)["waiting"] == 0


def test_other_options_ask_for_information(lan, alice):
    reload(lan, CONF.replace("corp.example", "office.example"))
    assert alice.is_asked()[0] == INFORMATION_REQUEST
    assert b"\6office\7example\0" in bytes(alice.inform()[UDP].payload)
    lan.until(lambda: counted(lan)["waiting"] == 0, "it does not end")


def test_a_change_that_is_taken_back_asks_no_more(lan, alice):
    reload(lan, CONF.replace(POOL, OTHER_POOL))
    alice.is_asked()
    reload(lan, CONF)
    lan.until(lambda: counted(lan)["waiting"] == 0, "it does not end")
    assert counted(lan)["heard"] == 0 and counted(lan)["unheard"] == 0


def test_released_by_hand(lan, alice):
    assert lan.the_server.cli("lease", "release", alice.address).returncode == 0
    assert alice.is_asked()[0] == RENEW
    assert alice.is_asked()[0] == RENEW, "that there is no lease does not end it"
    alice.renew()
    lan.until(lambda: counted(lan)["waiting"] == 0, "it does not end")


def test_reserved_by_hand_for_its_holder_and_for_another(lan, alice):
    done = lan.the_server.cli("lease", "reserve", "alice", "2001:db8:1::a11c")
    assert done.returncode == 0, done.stderr
    assert alice.is_asked()[0] == RENEW
    alice.renew()
    assert alice.address == "2001:db8:1::a11c"
    lan.until(lambda: counted(lan)["waiting"] == 0, "it does not end")
    alice.reconfigures()
    assert lan.the_server.cli("lease", "reserve", "none", "2001:db8:1::a11c").returncode == 0
    assert lan.the_server.cli("lease", "reserve", "bob", "2001:db8:1::a11c").returncode == 0
    assert alice.is_asked()[0] == RENEW


def test_who_is_not_there_hears_it_after_the_login(lan, alice):
    reload(lan, CONF.replace("corp.example", "office.example"))
    assert alice.is_asked()[0] == INFORMATION_REQUEST
    before = alice.replay
    alice.client.stop()
    lan.until(lambda: not lan.the_server.status()["clients"], "still there")
    reload(lan, CONF.replace(POOL, OTHER_POOL))
    lan.the_server.restart()
    alice.close()
    alice.client.start()
    lan.until(alice.client.up, "alice did not come back", 30)
    lan.until(alice.client.link_local, "no link-local address")
    alice.wire, alice.heard = Wire(alice.client.host, INTERFACE), 0
    assert alice.is_asked(30)[0] == RENEW
    # beyond all that the server before may have used, and not only because time goes on
    assert alice.replay > before + (50 << 20)


def test_each_device_of_a_user_hears_of_its_own(lan):
    lan.server(CONF)
    clients = [lan.client("alice"), lan.client("desk", user="alice")]
    for client in clients:
        lan.until(client.link_local, "no link-local address")
    hosts = [Host(lan, client, number).take_lease() for number, client in enumerate(clients, 1)]
    reload(lan, CONF.replace(POOL, OTHER_POOL))
    for host in hosts:  # each insists that it is for him
        assert host.is_asked()[0] == RENEW
    for host in hosts:
        assert host.is_asked()[0] == RENEW
        host.renew()
        host.reconfigures()
    lan.until(lambda: counted(lan)["waiting"] == 0, "it does not end")
    assert counted(lan)["heard"] == 2
    for host in hosts:
        host.close()


def test_each_host_behind_a_client_asks_for_itself(lan, alice):
    other = Host(lan, alice.client, 2).take_lease()
    reload(lan, CONF.replace(POOL, OTHER_POOL))
    lan.until(lambda: counted(lan)["waiting"] == 2, "one of them is not asked")
    alice.renew()
    assert counted(lan)["waiting"] == 1 and counted(lan)["heard"] == 1
    other.renew()
    assert counted(lan)["waiting"] == 0 and counted(lan)["heard"] == 2
    other.close()


def test_released_by_hand_and_then_other_options(lan, alice):
    other = alice.exchange(DHCP6_Request, DHCP6OptIA_NA(iaid=2, T1=0, T2=0, ianaopts=[]))
    assert lan.the_server.cli("lease", "release", alice.address).returncode == 0
    reload(lan, CONF.replace("corp.example", "office.example"))
    assert other[DHCP6OptIAAddress].addr != alice.address
    # both concern him, and a Renew brings the options as well
    assert alice.is_asked() and alice.is_asked()[-1] == RENEW
    alice.renew()
    lan.until(lambda: counted(lan)["waiting"] == 0, "it does not end")


def test_who_did_not_accept_it_is_not_asked(lan):
    lan.server(CONF)
    clients = [lan.client(name) for name in ("alice", "bob")]
    for client in clients:
        lan.until(client.link_local, "no link-local address")
    # of the same DUID, as copies of a machine are
    deaf = Host(lan, clients[0], accept=False).take_lease()
    host = Host(lan, clients[1]).take_lease()
    reload(lan, CONF.replace(POOL, OTHER_POOL))
    assert host.is_asked()[0] == RENEW
    assert deaf.reconfigures() == [] and counted(lan)["waiting"] == 1
    # RFC 9915 18.3.4: he hears it when he renews
    old = deaf.address
    assert deaf.renew()[0][old] == 0
    assert counted(lan)["waiting"] == 1, "one user's Renew is not another's"
    # what is asked for by a lease is not done with options
    host.inform()
    assert counted(lan)["waiting"] == 1 and counted(lan)["heard"] == 0
    for each in deaf, host:
        each.close()


class Listening(Dibbler):
    """Believes in a Reconfigure if the digest is right."""

    def conf(self):
        return ("log-level 8\nauth-protocol reconfigure-key\nauth-replay monotonic\n"
                "auth-methods digest-hmac-md5\nreconfigure-accept 1\n"
                f"iface {self.interface} {{\n  ia\n  option dns-server\n}}\n")


def test_dibbler_renews_when_it_is_told_to(lan):
    lan.server(CONF)
    alice = lan.client("alice", packages=Dibbler.packages)
    program = Listening(lan, alice.host, INTERFACE).start()
    lease, = lan.until(lambda: leases(lan, state="active"), "no lease", 20)
    assert lease["reconfigure"]
    reload(lan, CONF.replace(POOL, OTHER_POOL))
    lan.until(lambda: counted(lan)["heard"] == 1, "it does not ask", 30)
    program.stop()
