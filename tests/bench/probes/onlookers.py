# SPDX-License-Identifier: Apache-2.0
"""Those who ask a server's admin interface: open pages and a scraper, or people who mean it ill.

Run as a program it is all of them in one process, since they stand for machines elsewhere; it ends
with its standard input, and says then what became of them.
"""

import itertools
import json
import selectors
import socket
import subprocess
import sys
import time

PORT = 8006
PAGES = 10
SCRAPE_EVERY_S = 1
DRIP_EVERY_S = 1      # a byte of a request that never ends
ILL_AT_ONCE = 64      # connections of each kind
ELSEWHERE = 19        # nice value: they must not take this machine's processor from the tunnel
SOURCES = 248         # of 127.0.0.0/8: the server has limits for each


class Onlookers:
    """`with` ends them.  kind: "friends" or "foes"."""

    def __init__(self, host, kind, token):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL",
             *host.enter(["nice", "-n", ELSEWHERE, sys.executable, __file__, kind])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(token + "\n")  # not an argument: everybody sees those
        self.process.stdin.flush()
        if self.process.stdout.readline() != "begun\n":
            raise RuntimeError(f"nobody looks on: {self.process.wait()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def end(self):
        """What became of them."""
        text, _ = self.process.communicate(timeout=30)
        return json.loads(text)


def snapshot(host, token):
    """From the request to the last byte."""
    code = ("import json, sys; sys.path.insert(0, sys.argv[1]); from probes import onlookers; "
            "print(json.dumps(onlookers.timed(sys.stdin.readline().strip())))")
    done = host.run(sys.executable, "-c", code, str(__file__).rsplit("/", 2)[0],
                    input=token + "\n")
    return json.loads(done.stdout)


def timed(token):
    """A page's first event is all of it."""
    with dial() as sock:
        start_s = time.perf_counter()
        sock.sendall(request(token, "/api/v1/events"))
        got = b""
        while b"\n\n" not in got.partition(b"data: ")[2]:
            part = sock.recv(1 << 20)
            if not part:
                raise RuntimeError(f"no snapshot came: {got[:300]!r}")
            got += part
        spent_ms = 1000 * (time.perf_counter() - start_s)
    return {"ms": spent_ms, "kib": len(got) / 1024, "clients": got.count(b'"rtt_us":')}


# ---- the program ----

sources = itertools.cycle(f"127.0.0.{number}" for number in range(2, 2 + SOURCES))


def dial(source=None):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind((source or next(sources), 0))
    sock.connect(("127.0.0.1", PORT))
    return sock


def request(token, url, more=""):
    return (f"GET {url} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"{more}\r\n").encode()


class Reader:
    """Reads whatever comes."""

    def __init__(self, selector, data, source=None):
        self.byte_count, self.closed = 0, False
        self.selector, self.sock = selector, dial(source)
        self.sock.sendall(data)
        selector.register(self.sock, selectors.EVENT_READ, self)

    def turn(self):
        part = b""
        try:
            part = self.sock.recv(1 << 20)
        except ConnectionError:
            pass
        self.byte_count += len(part)
        if not part:
            self.closed = True
            self.selector.unregister(self.sock)
            self.sock.close()


class Friends:
    """Open pages, and a scraper."""

    def __init__(self, selector, token):
        self.selector, self.token = selector, token
        self.pages = [Reader(selector, request(token, "/api/v1/events")) for _ in range(PAGES)]
        self.scrapes = []

    def tick(self):
        self.scrapes.append(Reader(self.selector, request(self.token, "/metrics",
                                                          "Connection: close\r\n")))

    def turn(self, reader):
        reader.turn()

    def told(self):
        return {"pages": sum(not page.closed for page in self.pages),
                "least_kib": min(page.byte_count for page in self.pages) / 1024,
                "scrapes": sum(scrape.closed and scrape.byte_count > 0 for scrape in self.scrapes)}


class Foes:
    """As many requests as fit, without a right to any; requests that come byte by byte; and the largest
    answers, asked for by somebody who may and then does not read them."""

    def __init__(self, selector, token):
        self.selector, self.refused = selector, 0
        self.flood = [self.ask() for _ in range(ILL_AT_ONCE)]
        self.drips = [self.drip() for _ in range(ILL_AT_ONCE)]
        self.deaf = []
        for url in ("/api/v1/events", "/api/v1/clients") * (ILL_AT_ONCE // 4):
            sock = dial()
            sock.sendall(request(token, url))
            self.deaf.append(sock)

    def ask(self):
        return Reader(self.selector, request("x" * 43, "/api/v1/clients", "Connection: close\r\n"))

    def drip(self):
        sock = dial()
        sock.sendall(b"GET /api/v1/clients HTTP/1.1\r\nHost: ")
        sock.setblocking(False)
        return sock

    def tick(self):
        for number, sock in enumerate(self.drips):
            try:
                sock.send(b"x")
            except OSError:
                self.drips[number] = self.drip()

    def turn(self, reader):
        reader.turn()
        if reader.closed:
            self.refused += 1
            self.ask()

    def told(self):
        return {"refused": self.refused, "drips": len(self.drips), "deaf": len(self.deaf)}


def main():
    token = sys.stdin.readline().strip()
    selector = selectors.DefaultSelector()
    crowd = {"friends": Friends, "foes": Foes}[sys.argv[1]](selector, token)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    print("begun", flush=True)
    due_s = time.monotonic()
    while True:
        for key, _ in selector.select(max(0, due_s - time.monotonic())):
            if key.data is None:
                print(json.dumps(crowd.told()))
                return
            crowd.turn(key.data)
        if time.monotonic() >= due_s:
            due_s += SCRAPE_EVERY_S
            crowd.tick()


if __name__ == "__main__":
    main()
