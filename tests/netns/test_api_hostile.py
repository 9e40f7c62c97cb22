# SPDX-License-Identifier: Apache-2.0
"""What nobody should send: 500 requests, and the slow; the server goes on, and nothing is changed."""

import contextlib
import itertools
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api import Api, status_of
from lan import Lan

EVERY_BYTE = "".join(map(chr, range(1, 256)))
BAD = ("<script>alert(1)</script>", "\x1b[31mred\x1b[0m", "a\r\nSet-Cookie: x=y", "' OR 1=1 --",
       "{{7*7}}", "%s%n%x", "../../etc/passwd", "\u202egnp.exe", EVERY_BYTE,
       "x" + "\u00e4" * 60)  # an error's sentence cuts it within a character


class World:
    def __init__(self, lan):
        self.lan = lan
        self.server = lan.server()
        done = self.server.cli("user", "add", "alice")
        assert done.returncode == 0, done.stderr
        self.token = self.server.cli("token", "add", "test", "--role", "admin").stdout.strip()
        self.api = Api(lan.office, self.token)

    def works(self):
        return self.api.get("/api/v1/overview").status == 200


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        yield World(lan)


def requests(token):
    """(name, bytes, statuses that are right): 0 is a connection that ends without an answer."""
    auth = f"Authorization: Bearer {token}\r\n"
    good = f"Host: localhost\r\nConnection: close\r\n{auth}"
    post = good + "Content-Type: application/json\r\n"
    block = "/api/v1/users/alice/block"

    def made(line, head=good, body=b""):
        return f"{line} HTTP/1.1\r\n{head}\r\n".encode("utf-8", "surrogateescape") + body

    for host in ("evil.example", "evil.example:8006", "localhost.evil.example", "127.0.0.1.evil.example",
                 "evil.localhost", "[::1].evil.example", "localhost@evil.example", "", "a b", "localhost:0",
                 "localhost:99999", "xn--80ak6aa92e.com", "0x7f.1.evil", "localhost/", "\\localhost"):
        for path in "/api/v1/users", "/metrics", "/api/v1/openapi.json", "/api/v1/events":
            yield f"rebinding by {host!r} {path}", made(
                f"GET {path}", f"Host: {host}\r\nConnection: close\r\n{auth}"), {421, 400}
    yield "no Host", made("GET /api/v1/users", f"Connection: close\r\n{auth}"), {400, 421}
    yield "two Hosts", made("GET /api/v1/users", good + "Host: localhost\r\n"), {400, 421}
    for field in ("Origin: http://evil.example", "Origin: null", "Origin: https://localhost",
                  "Origin: http://localhost.evil.example", "Origin: file://", "Origin:",
                  "Origin: http://localhost\r\nOrigin: http://localhost",
                  "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site:",
                  "Sec-Fetch-Site: SAME-ORIGIN", "Sec-Fetch-Site: same-origin, none"):
        for line, head in ((f"POST {block}", post), ("DELETE /api/v1/users/alice", good),
                           ("POST /api/v1/reload", good), ("GET /api/v1/users", good),
                           ("GET /api/v1/events", good)):
            yield f"cross-site {line} {field!r}", made(line, f"{head}{field}\r\n"), {403}
    for path in (block, "/api/v1/users/alice", "/api/v1/reload", "/api/v1/clients/1/disconnect",
                 "/api/v1/tokens/test", "/api/v1/users/alice/password", "/api/v1/admin/password"):
        for method in "GET", "HEAD":
            yield f"{method} of a change {path}", made(f"{method} {path}"), {404, 405}
        yield f"override of {path}", made(
            f"GET {path}?_method=POST", good + "X-HTTP-Method-Override: DELETE\r\n"), {404, 405}
    for path in ("/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
                 "/api/v1/../../etc/passwd", "/api/v1/users/..", "/api/v1/users/%00", "/api/v1/users/a%00b",
                 "/api/v1/users/%", "/api/v1/users/%zz", "/api/v1/users/%c0%ae", "/" + "a" * 600,
                 "/" + "a/" * 60, "/api/v1/users/", "/./api/v1/users", "/api/v1//users", "/%0d%0aX:y",
                 "/api\\v1\\users", "http://evil.example/api/v1/users", "*", "/api/v1/users;x=y",
                 "/.git/config", "/page/../../server.conf", "/%25%32%65%25%32%65/x", "/\x7f"):
        for method in "GET", "POST", "DELETE":
            yield f"traversal {method} {path[:40]!r}", made(f"{method} {path}"), {400, 404, 405, 0}
    for bad in BAD:
        body = json.dumps({"name": bad, "lasts_s": 60}).encode()
        for path in "/api/v1/users", "/api/v1/invitations", "/api/v1/tokens":
            yield f"a bad name to {path}", made(
                f"POST {path}", f"{post}Content-Length: {len(body)}\r\n", body), {400}
        quoted = "".join(f"%{byte:02x}" for byte in bad.encode())
        for path in "/api/v1/users/{}", "/api/v1/tokens/{}", "/api/v1/certificates/{}", \
                "/api/v1/leases/{}", "/api/v1/clients/{}":
            yield f"a bad name in {path}", made(f"DELETE {path.format(quoted)}"), {400, 404, 405}
            yield f"a bad name in {path}", made(f"GET {path.format(quoted)}"), {400, 404, 405}
    for byte in range(0, 256, 2):
        yield f"byte {byte} in a name", made(f"DELETE /api/v1/users/nobody%{byte:02x}"), {400, 404}
    for value in "-1", "+5", "5 5", "0x5", "99999999999", "1073741824", "65537", "5, 5", "", "a":
        yield f"Content-Length {value!r}", made(
            f"POST {block}", f"{post}Content-Length: {value}\r\n", b"{}{}{"), {400, 411, 413, 0}
    yield "two lengths", made(f"POST {block}", post + "Content-Length: 2\r\nContent-Length: 3\r\n",
                              b"{}x"), {400, 411, 413, 0}
    yield "chunked", made(f"POST {block}", post + "Transfer-Encoding: chunked\r\n",
                          b"2\r\n{}\r\n0\r\n\r\n"), {411, 400}
    yield "chunked and a length", made(
        f"POST {block}", post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"2\r\n{}\r\n0\r\n\r\n"), {411, 400}
    for kind in "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "":
        yield f"a form's type {kind!r}", made(
            f"POST {block}", f"{good}Content-Type: {kind}\r\nContent-Length: 2\r\n", b"{}"), {415}
    deep = b"[" * 30000 + b"]" * 30000
    for body in (b"{", b"[]", b"null", b'{"why": 1}', b'{"why": "\\ud800"}', b'{"why": "a\\u0000b"}',
                 b'{"why": "a", "why": "b"}', b'{"who": "root"}', b'{"verb": "reload"}', deep,
                 b'{"why": "' + b"a" * 60000 + b'"}', b"\xff\xfe{}", b'{"why": 1e999}',
                 json.dumps({BAD[-1]: 1}, ensure_ascii=False).encode()):
        yield f"a bad body {body[:20]!r}", made(
            f"POST {block}", f"{post}Content-Length: {len(body)}\r\n", body), {400}
    many = "".join(f"X-{n}: y\r\n" for n in range(10000))
    yield "10,000 fields", made("GET /api/v1/users", good + many), {400, 413, 431, 0}
    yield "a field of 1 MiB", made("GET /api/v1/users", f"{good}X: {'a' * 1048576}\r\n"), \
        {400, 413, 431, 0}
    yield "a line of 64 KiB", made("GET /" + "a" * 65536), {400, 414, 431, 0}
    for line in ("GET / HTTP/9.9\r\n", "GET\r\n", "\r\n\r\n", "\x16\x03\x01\x02\x00\x01", "PRI * HTTP/2.0\r\n",
                 "GET /api/v1/users HTTP/1.1\r\n Host: localhost\r\n", "SSH-2.0-x\r\n", "\0" * 100,
                 "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n"):
        yield f"no HTTP {line[:20]!r}", (line + "\r\n").encode("latin1"), {400, 404, 405, 414, 421, 505, 0}
    for wrong in "Basic YTpi", "Bearer", "Bearer ", f"bearer  {token}x", f"Digest {token}", token:
        yield f"Authorization {wrong[:12]!r}", made(
            "GET /api/v1/users", f"Host: localhost\r\nConnection: close\r\nAuthorization: {wrong}\r\n"), {401}
    yield "two tokens", made("GET /api/v1/users", good + auth), {401}


def test_500_requests_that_nobody_should_send(world):
    before = [world.api.get(f"/api/v1/{view}").json for view in ("users", "tokens")]
    count = 0
    for name, data, right in requests(world.token):
        raw = world.api.raw(data)
        assert status_of(raw) in right, f"{name}: {raw[:300]!r}"
        head = raw.split(b"\r\n\r\n")[0].lower()
        assert b"\r\nset-cookie:" not in head and b"access-control" not in head, name
        assert b"\r\nx:" not in head, f"{name}: the answer is split"
        count += 1
    assert count >= 500, count
    assert [world.api.get(f"/api/v1/{view}").json for view in ("users", "tokens")] == before
    assert world.works() and world.server.daemon.running()


def test_a_body_of_1_gib_is_refused_at_its_head(world):
    with world.api.connect() as sock:
        sock.sendall(f"POST /api/v1/imports HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                     f"{world.token}\r\nContent-Type: application/json\r\nContent-Length: 1073741824"
                     "\r\n\r\n".encode())
        assert status_of(sock.recv(65536)) == 413
        with pytest.raises(ConnectionError):  # nobody reads on
            for _ in range(1024):
                sock.sendall(b"a" * 1048576)


def test_who_is_slow_keeps_nobody_waiting(world):
    """As many connections as one source may have, each in the middle of something."""
    source = "127.0.0.1"
    slow = Api(world.lan.office, world.token, source=source)
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(slow.connect()) for _ in range(48)]
        for sock, start in zip(sockets, itertools.cycle((
                b"", b"GET", b"GET /api/v1/users HTTP/1.1\r\nHost: local",
                b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                b"\r\nContent-Length: 100\r\n\r\n{"))):
            sock.sendall(start)
            sock.setblocking(False)
        assert slow.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""  # it has all it may have
        assert world.works()  # others do not notice
        # 10 s after they began they are cut off, however busy they look

        def is_cut(sock):
            with contextlib.suppress(BlockingIOError, ConnectionError):
                sock.send(b"a", socket.MSG_NOSIGNAL)
            try:
                return not sock.recv(65536)
            except BlockingIOError:
                return False
            except ConnectionError:
                return True
        world.lan.until(lambda: all(is_cut(sock) for sock in sockets), "they are not cut off", 60)
    world.lan.until(lambda: slow.get("/api/v1/overview").status == 200, "its place is not free again")


def memory_kib(world):
    status = Path(f"/proc/{world.server.daemon.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def ask_until_full(sock, request):
    """How many bytes of requests it takes while nobody reads its answers; None: it was sent away."""
    total = 0
    sock.setblocking(False)
    try:
        while total < 1 << 26:
            total += sock.send(request)
    except BlockingIOError:
        pass
    except ConnectionError:
        return None
    return total


def test_who_does_not_read_is_waited_for(world):
    """As many as one source may have, each with questions without end: neither they nor their
    answers pile up, and others do not notice.  Who asked too often by then is sent away."""
    request = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000
    source = Api(world.lan.office, source="127.0.1.1")
    before = memory_kib(world)
    with contextlib.ExitStack() as stack:
        # one after the other: who says nothing for 10 s is sent away
        sent = [ask_until_full(stack.enter_context(source.connect()), request) for _ in range(48)]
        waiting = [taken for taken in sent if taken is not None]
        assert waiting and max(waiting) < 32 << 20, sent
        assert world.works()
        grown = memory_kib(world) - before
        assert grown < 32 << 10, f"{grown} KiB more"
    world.lan.until(lambda: source.get("/api/v1/openapi.json", checked=False).status == 200,
                    "its place is not free again")


def test_who_comes_too_fast_waits(world):
    """From however many addresses, so that frames keep their time: 200 at once, then 250 a second and
    one for each pause."""
    api = Api(world.lan.office)
    start_s = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.raw(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", 60),
                                range(1000)))
    assert all(status_of(answer) for answer in answers), "somebody was not answered"
    assert time.monotonic() - start_s > (1000 - 200) / 300, "all of them were let in at once"
