# SPDX-License-Identifier: Apache-2.0
"""A laptop that reaches nothing but a proxy, the proxies that Debian has, and bad ones."""

import contextlib
import socket

from doctor import answering
from lan import NAME, OFFICE4, Client

GATE4, GATE6 = "198.51.100.1", "2001:db8:5::1"  # the proxy's, towards the laptop
HTTP_PORT, SOCKS_PORT = 3128, 1080
USER, PASSWORD = "alice", "hunter2"
LOGIN = f"{USER}:hunter%32@"  # the same, as a URL may say it

TINYPROXY = """
Port {port}
Listen {four}
Listen {six}
LogLevel Info
LogFile "{log}"
ConnectPort {allowed}
"""


class Laptop(Client):
    """`environment`: more variables for `lanyard connect` and `lanyard doctor`."""

    environment = ()

    def command(self, *options):
        return ["/usr/bin/env", *self.environment, *super().command(*options)]

    def use(self, proxy=None, server=NAME, environment=()):
        """What the profile says from now on; proxy None: nothing of it."""
        text = self.good.replace(f"server = {OFFICE4}", f"server = {server}")
        if proxy:
            text = text.replace("[client]\n", f"[client]\nproxy = {proxy}\n")
        self.profile.write_text(text)
        self.environment = environment
        return self


def behind_a_proxy(lan, user="alice"):
    """The host that proxies run on, and a laptop that knows no other way out."""
    gate = lan.host("gate")
    lan.join_internet(gate, "192.0.2.200", "2001:db8:ffff::200")
    host = lan.host(user)
    gate.plug("inside", host, "eth0")
    gate.ip("address", "add", f"{GATE4}/24", "dev", "inside")
    gate.ip("address", "add", f"{GATE6}/64", "dev", "inside", "nodad")
    host.ip("address", "add", "198.51.100.2/24", "dev", "eth0")
    host.ip("address", "add", "2001:db8:5::2/64", "dev", "eth0", "nodad")
    # the names of the world are known to the proxy only
    names = lan.folder / "gate-hosts"
    names.write_text(f"{OFFICE4} {NAME}\n")
    gate.run("mount", "--bind", names, "/etc/hosts")
    assert lan.the_server.cli("user", "add", user).returncode == 0
    laptop = Laptop(lan, user, host)
    laptop.write_profile()
    laptop.good = laptop.profile.read_text()
    return gate, laptop


@contextlib.contextmanager
def running(lan, host, port, *command):
    process = host.start(*command)
    try:
        lan.until(lambda: host.run("ss", "-Hltn", f"sport = :{port}").stdout,
                  f"{command[0]} does not listen")
        yield process
    finally:
        process.terminate()
        process.wait()


def tinyproxy(lan, host, login=True, allowed=443):
    conf = lan.folder / "tinyproxy.conf"
    text = TINYPROXY.format(port=HTTP_PORT, four=GATE4, six=GATE6, allowed=allowed,
                            log=lan.folder / "tinyproxy.log")
    conf.write_text(text + (f"BasicAuth {USER} {PASSWORD}\n" if login else ""))
    return running(lan, host, HTTP_PORT, "tinyproxy", "-d", "-c", conf)


def microsocks(lan, host, address, login=True):
    return running(lan, host, SOCKS_PORT, "microsocks", "-i", address, "-p", SOCKS_PORT,
                   *(["-u", USER, "-P", PASSWORD] if login else []))


def bad_proxy(host, serve):
    """serve(socket) for each connection to the gate's HTTP port; hangs up when that returns."""
    def accept(listener):
        peer, _ = listener.accept()
        peer.settimeout(20)
        with peer, contextlib.suppress(OSError):
            serve(peer)

    return answering(host, socket.SOCK_STREAM, GATE4, HTTP_PORT, accept)


def endless(peer):
    peer.recv(2000)
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X-More: and more\r\n" * 1000)


def hanging(peer):
    while peer.recv(2000):
        pass


def half(peer):
    peer.recv(2000)
    peer.sendall(b"HTTP/1.1 200 Conn")


def silent_end(peer):
    peer.recv(2000)


def web_page(peer):
    peer.recv(2000)
    peer.sendall(b"<html>welcome</html>")


def shuts_after_greeting(peer):
    """The best answer, and then nobody."""
    peer.recv(2000)
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
