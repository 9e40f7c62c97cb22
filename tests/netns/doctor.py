# SPDX-License-Identifier: Apache-2.0
"""`lanyard doctor` for a test, and what stands around a patient: a nameserver, a web server."""

import contextlib
import json
import select
import socket
import struct
import threading

from lan import lanyard

NXDOMAIN, REFUSED = 3, 5
TYPES = {1: socket.AF_INET, 28: socket.AF_INET6}


class Report:
    """What `doctor --json` said; its exit status must say the same."""

    def __init__(self, done):
        assert done.returncode in (0, 1), done.stderr
        self.text = done.stdout
        report = json.loads(done.stdout)
        self.ok, self.checks = report["ok"], report["checks"]
        assert report["schema"] == 1 and self.ok == (done.returncode == 0), self.text
        for check in self.checks:
            assert check["ok"] == (check["state"] == "ok")
            assert check["detail"] and bool(check["advice"]) == (
                check["state"] in ("warning", "failed")), check
        assert self.ok == all(check["ok"] for check in self.checks)

    def of(self, name):
        return [check for check in self.checks if check["check"] == name]

    def states(self, name):
        return [check["state"] for check in self.of(name)]

    def troubles(self):
        """The names of the checks that failed or warn, each once, in order."""
        return list(dict.fromkeys(check["check"] for check in self.checks
                                  if check["state"] in ("warning", "failed")))

    def said(self, name, *words):
        """Insists that one finding of this check has all the words in it; returns it."""
        for check in self.of(name):
            if all(word in check["detail"] + " | " + check["advice"] for word in words):
                return check
        raise AssertionError(f"{name} does not say {words}:\n"
                             + "\n".join(str(check) for check in self.checks))


def doctor(client, *options):
    return Report(lanyard(client.host, "doctor", client.profile, "--json", *options))


@contextlib.contextmanager
def answering(host, kind, address, port, serve):
    """Calls serve(socket) in a thread whenever the socket, which belongs to the host, is readable."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with host.inside():
        listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    if kind == socket.SOCK_STREAM:
        listener.listen()
    bell, stop = socket.socketpair()

    def loop():
        while bell not in (ready := select.select([listener, bell], [], [])[0]):
            if listener in ready:
                serve(listener)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        stop.send(b"x")
        thread.join()
        for one in (listener, bell, stop):
            one.close()


def dns_answer(question, names, rcode):
    """The question, with the addresses of `names` if it asks for one of them (RFC 1035 4.1)."""
    end = question.index(0, 12) + 5
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    name, family = ".".join(labels), TYPES.get(struct.unpack("!H", question[end - 4:end - 2])[0])
    addresses = [socket.inet_pton(family, address) for address in names.get(name, ())
                 if family and (":" in address) == (family == socket.AF_INET6)]
    if name in names:
        rcode = 0
    records = b"".join(struct.pack("!HHHIH", 0xc00c, 1 if len(a) == 4 else 28, 1, 60, len(a)) + a
                       for a in addresses)
    head = struct.pack("!2sHHHHH", question[:2], 0x8180 | rcode, 1, len(addresses), 0, 0)
    return head + question[12:end] + records


def nameserver(host, address, names=None, rcode=NXDOMAIN):
    """Answers what is in names, {"a.example": [addresses]}, and says rcode to everything else."""
    def serve(listener):
        question, peer = listener.recvfrom(1500)
        listener.sendto(dns_answer(question, names or {}, rcode), peer)

    return answering(host, socket.SOCK_DGRAM, address, 53, serve)


def webserver(host, address, port, answer):
    """Answers whatever comes with these bytes, as a web server that sees no sense in TLS."""
    def serve(listener):
        peer, _ = listener.accept()
        with peer, contextlib.suppress(OSError):
            peer.settimeout(5)
            peer.recv(2000)
            peer.sendall(answer)
            peer.shutdown(socket.SHUT_WR)
            peer.recv(2000)

    return answering(host, socket.SOCK_STREAM, address, port, serve)


@contextlib.contextmanager
def dropping(host, hook, match):
    """A firewall of the host drops what matches at this hook (nft(8)), without a word."""
    host.run("nft", f"table inet doctor {{ chain wall {{ type filter hook {hook} priority 0; "
             f"{match} drop; }}; }}")
    try:
        yield
    finally:
        host.run("nft", "delete table inet doctor")
