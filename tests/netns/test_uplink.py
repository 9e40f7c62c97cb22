# SPDX-License-Identifier: Apache-2.0
"""The client's connection where the world around it fails: nameservers that are silent, a machine
that was cloned, another network, somebody on the path; and commands that leave early."""

import contextlib
import socket
import threading
import time

import certificates
from lan import INTERFACE, NAME, OFFICE4


class Resolver:
    """A host's own /etc/hosts and resolv.conf, with a nameserver that never answers."""

    def __init__(self, folder, host):
        self.folder, self.host = folder / f"{host.name}-etc", host
        self.folder.mkdir()
        for name, text in ("hosts", f"{OFFICE4} {NAME}\n"), ("resolv.conf", ""), (
                "nsswitch.conf", "hosts: files dns\n"):
            (self.folder / name).write_text(text)
            host.run("mount", "--bind", self.folder / name, f"/etc/{name}")

    @contextlib.contextmanager
    def silent(self):
        (self.folder / "resolv.conf").write_text("nameserver 127.0.0.1\nnameserver 127.0.0.2\n")
        (self.folder / "hosts").write_text("")
        with self.host.inside():
            nameserver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            nameserver.bind(("0.0.0.0", 53))
        with nameserver:
            yield nameserver


def by_name(client):
    """The client dials the server's name, not its address."""
    client.profile.write_text(client.profile.read_text().replace(
        f"server = {OFFICE4}", f"server = {NAME}"))
    return Resolver(client.lan.folder, client.host)


def says(client, text):
    return text in client.daemon.log()


def times_up(client):
    return client.daemon.log().count("connect: up, ")


def test_it_ends_at_once_although_a_look_up_hangs(lan):
    lan.server()
    alice = lan.client("alice", connect=False)
    resolver = by_name(alice)
    before = alice.host.sysctl("net.ipv6.conf.all.forwarding")

    with resolver.silent() as nameserver:
        nameserver.settimeout(5)
        alice.start()
        nameserver.recv(1000)
        assert alice.host.has_interface(INTERFACE)
        start = time.monotonic()
        alice.stop()
        took_s = time.monotonic() - start

    assert took_s < 3, f"it took {took_s:.1f} s to end"
    assert not alice.host.has_interface(INTERFACE)
    assert alice.host.sysctl("net.ipv6.conf.all.forwarding") == before


def test_a_reconnection_needs_no_nameserver(lan):
    server = lan.server()
    alice = lan.client("alice", connect=False)
    resolver = by_name(alice)
    alice.connect()

    with resolver.silent():
        server.stop()
        time.sleep(1)
        server.start()
        took_s = lan.until_timed(lambda: times_up(alice) == 2, "alice is not back")
        alice.stop()
    assert took_s < 5, f"back after {took_s:.1f} s"


def test_cloned_machines_do_not_fight(lan):
    server = lan.server()
    alice = lan.client("alice")
    twin = lan.client("twin", user="alice", connect=False, profile=alice.profile.read_text()
                      .replace(f"control = {alice.socket}\n", ""))
    twin.host.run("hostname", "alice")

    twin.start()
    lan.until(lambda: says(alice, "the same device logged in anew"), "nobody was replaced")
    time.sleep(4)
    assert times_up(alice) == 1 and times_up(twin) == 1
    assert len(server.status()["clients"]) == 1


def test_another_network_is_noticed_quickly(lan):
    """The way to the server ends without a sign; then the host gets another interface."""
    lan.server()
    alice = lan.client("alice")

    lan.lose(alice.host)
    alice.host.ip("link", "add", "other", "type", "veth", "peer", "name", "far")
    alice.host.ip("link", "set", "other", "up")
    lan.until(lambda: says(alice, "no sign of life from the server for "),
              "the dead way was not noticed", 6)
    lan.find(alice.host)
    lan.until(lambda: times_up(alice) == 2, "alice is not back")


def test_its_own_interface_is_no_other_network(lan):
    lan.server()
    alice = lan.client("alice")

    lan.lose(alice.host)
    alice.host.ip("address", "add", "2001:db8:77::1/64", "dev", INTERFACE)
    time.sleep(4)
    assert not says(alice, "no sign of life")
    lan.find(alice.host)


def test_a_wrong_certificate_ends_no_client_that_was_up(lan):
    """Whoever answers in the server's place has no right to end anything."""
    server = lan.server()
    alice = lan.client("alice")
    authority = certificates.make_authority(lan.folder)
    pair = certificates.issue(lan.folder, authority, "server", certificates.SERVER(NAME))
    (lan.folder / "certificate.pem").write_text(pair.certificate + authority.certificate)
    (lan.folder / "key.pem").write_text(pair.key)

    server.stop()
    server.configure(f"""
        [server]
        certificate = {lan.folder}/certificate.pem
        key = {lan.folder}/key.pem
    """)
    server.start()
    lan.until(lambda: says(alice, "is not signed by the CA of this profile; trying again"),
              "alice has not seen the wrong certificate")
    assert alice.daemon.running()
    server.stop()
    server.configure("")
    server.start()
    lan.until(lambda: times_up(alice) == 2, "alice is not back")


def ask_and_leave(path, times):
    for _ in range(times):
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(path))
            asking.sendall(b'{"verb": "status"}\n' * 20)


def test_a_command_that_leaves_early_ends_no_daemon(lan):
    server = lan.server()
    alice = lan.client("alice")

    for path in server.socket, alice.socket:
        ask_and_leave(path, 50)
    assert server.status()["role"] == "server" and alice.status()["role"] == "client"
    assert server.daemon.running() and alice.daemon.running()


def test_a_daemon_that_hangs_up_is_still_a_daemon(lan):
    """No command works on the state file beside a server that runs."""
    server = lan.server()
    assert server.cli("user", "add", "alice").returncode == 0
    server.stop()

    def hang_up():
        asking, _ = listener.accept()
        asking.recv(1000)
        asking.close()

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(server.socket))
        listener.listen()
        hanging_up = threading.Thread(target=hang_up)
        hanging_up.start()
        done = server.cli("user", "remove", "alice")
        hanging_up.join()
    server.socket.unlink()
    assert (done.returncode, done.stderr) == (1, "lanyard: the daemon hung up\n")
    server.start()
    assert "alice" in server.cli("user", "list").stdout
