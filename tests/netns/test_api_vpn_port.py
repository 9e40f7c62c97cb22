# SPDX-License-Identifier: Apache-2.0
"""Browsers at the VPN's own port: who comes with http/1.1 gets the API through the same TLS, if the
admin allows it; and nobody who uses the VPN notices."""

import contextlib
import http.client
import json
import re
import socket
import ssl
import threading
from pathlib import Path

import pytest

import certificates
from api import Api, VpnPort, status_of
from lan import DATACENTER, NAME, OFFICE4, OFFICE6, Lan, merge

PASSWORD = "a long password of the admin"
BROWSER4, BROWSER6, OTHER4, SLOW4 = "192.0.2.66", "2001:db8:ffff::66", "192.0.2.67", "192.0.2.68"
BIG = "/api/v1/openapi.json"
SETTINGS = """
    [server]
    listen = [::]:444
    password-memory = 19M
    password-passes = 2
    [ra]
    route = 2001:db8:100::/48
"""
ON = "[admin]\non-vpn-port = yes\n"


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        server = lan.server(SETTINGS + ON)
        secret = lan.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        assert server.cli("admin", "passwd", "--file", secret).returncode == 0
        lan.token = server.cli("token", "add", "test", "--role", "admin").stdout.strip()
        lan.alice = lan.client("alice")
        lan.browser = lan.host("browser")
        lan.join_internet(lan.browser, BROWSER4, BROWSER6)
        for address in OTHER4, SLOW4:
            lan.browser.ip("address", "add", f"{address}/24", "dev", "eth0")
        lan.authority = lan.folder / "authority.pem"
        lan.authority.write_text(certificates.authority_of(lan.folder / "state").certificate)
        with hold(lan, 3, b"GET / HTTP/1.1\r\nX: ", SLOW4) as lan.slow:
            yield lan


def api(world, token=None, source=BROWSER4, **options):
    return VpnPort(world.browser, world.authority.read_text(), token, source=source, **options)


def curl(world, *options, host=None):
    return (host or world.browser).run("curl", "-sS", "--cacert", world.authority, "--max-time", "20",
                                       *options, check=False)


def s_client(world, protocol):
    """What openssl tells of a handshake."""
    done = world.browser.run("openssl", "s_client", "-connect", f"{OFFICE4}:443", "-alpn", protocol,
                             check=False, input="")
    return done.stdout + done.stderr


def is_served(world):
    """From an address that has done nothing else."""
    return api(world, world.token, source=OTHER4).get("/api/v1/overview").status == 200


@pytest.mark.parametrize("options", [[], ["--http1.1"], ["--http1.1", "--resolve",
                                                         f"{NAME}:443:{OFFICE6}"]])
def test_curl_gets_what_there_is(world, options):
    done = curl(world, "-i", "--resolve", f"{NAME}:443:{OFFICE4}", *options, f"https://{NAME}{BIG}")
    head, _, body = done.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 200"), done
    assert json.loads(body)["openapi"]
    assert "nosniff" in head and "strict-transport-security" not in head.lower()


@pytest.mark.parametrize("what, options", [
    ("another version of TLS", ["--tls-max", "1.2", f"https://{NAME}{BIG}"]),
    ("no protocol", ["--no-alpn", f"https://{NAME}{BIG}"]),
    ("plain HTTP", [f"http://{NAME}:443{BIG}"]),
])
def test_curl_gets_nothing_with(world, what, options):
    done = curl(world, "--resolve", f"{NAME}:443:{OFFICE4}", *options)
    assert done.returncode != 0, f"{what}: {done}"
    assert is_served(world)


def test_whoever_says_another_name_is_sent_away(world):
    for host, status in (("evil.example", 421), (OFFICE4, 200), (f"[{OFFICE6}]:443", 200)):
        assert api(world, world.token).get("/api/v1/users", headers={"Host": host},
                                           checked=False).status == status, host


@pytest.fixture(scope="module")
def login(world):
    """What a browser has after its login, by the port that takes IPv4 in IPv6 clothes."""
    browser = api(world, port=444)
    answer = browser.ask("POST", "/api/v1/session", {"password": PASSWORD},
                         {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin"})
    assert answer.status == 200, answer
    cookie = answer.headers["Set-Cookie"]
    assert re.match(r"__Host-lanyard-session=[^;]+; .*; Secure$", cookie), cookie
    browser.cookie = cookie.split(";")[0]
    return browser


def test_a_login_is_good_for_what_comes_over_tls(world, login):
    done = login.ask("POST", "/api/v1/users", {"name": "carol"}, {"Origin": f"https://{NAME}"})
    assert done.status == 200, done
    forged = login.ask("POST", "/api/v1/users", {"name": "mallory"}, {"Origin": f"http://{NAME}"})
    assert forged.status == 403, forged
    weak = {"Cookie": login.cookie.removeprefix("__Host-")}
    assert login.get("/api/v1/users", headers=weak).status == 401
    assert f"logged in from {BROWSER4}," in world.the_server.daemon.log()


def test_the_plain_port_is_as_it_was(world):
    plain = Api(world.office).ask("POST", "/api/v1/session", {"password": PASSWORD})
    cookie = plain.headers["Set-Cookie"]
    assert cookie.startswith("lanyard-session=") and "Secure" not in cookie, cookie


def test_who_guesses_waits_and_others_do_not(world):
    statuses = []
    while 429 not in statuses and len(statuses) < 20:
        statuses.append(api(world).ask("POST", "/api/v1/session", {"password": "wrong"}).status)
    assert statuses[-1] == 429 and set(statuses[:-1]) == {401}, statuses
    right = api(world, source=OTHER4).ask("POST", "/api/v1/session", {"password": PASSWORD})
    assert right.status == 200, right
    assert f"a login from {BROWSER4} failed" in world.the_server.daemon.log()


def test_a_scraper_needs_a_token_wherever_it_is(world):
    """What comes from this host may have been brought by a proxy that sees no HTTP."""
    here = [VpnPort(world.office, world.authority.read_text(), token, address="127.0.0.1",
                    port=444, source="127.0.0.1") for token in (None, world.token)]
    assert [scraper.get("/metrics").status for scraper in here] == [401, 200]
    assert "lanyard_clients" in here[1].get("/metrics").body.decode()


def test_many_requests_over_one_connection(world):
    connection = http.client.HTTPSConnection(NAME)
    connection.sock = api(world).connect()
    with contextlib.closing(connection):
        for _ in range(20):
            connection.request("GET", BIG)
            assert json.loads(connection.getresponse().read())["openapi"]


def test_who_looks_on_sees_what_comes(world):
    """Server-sent events, when there is something to be said."""
    connection = http.client.HTTPSConnection(NAME)
    connection.sock = api(world).connect(timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {world.token}"})
        lines = iter(connection.getresponse().readline, b"")
        kinds = (line for line in lines if line.startswith(b"event"))
        assert next(kinds) == b"event: snapshot\n"
        world.alice.reaches(DATACENTER)
        assert next(kinds) == b"event: delta\n"


def test_a_browser_is_not_asked_for_a_certificate(world):
    """And whoever speaks the VPN's own protocol is, as ever."""
    said = {}
    for protocol in "http/1.1", "lanyard/1":
        said[protocol] = s_client(world, protocol)
    assert "ALPN protocol: http/1.1" in said["http/1.1"]
    assert "Requested Signature Algorithms" not in said["http/1.1"]
    assert "Requested Signature Algorithms" in said["lanyard/1"]
    refused = world.the_server.status()["strangers"]["handshake"]
    assert refused["no-certificate"] >= 1, refused


@contextlib.contextmanager
def hold(world, count, start=b"", source=BROWSER4):
    """So many connections, each in the middle of something."""
    with contextlib.ExitStack() as stack:
        held = []
        for _ in range(count):
            held.append(stack.enter_context(api(world, source=source).connect()))
            if start:
                held[-1].sendall(start)
        yield held


def is_closed(sock):
    if sock.fileno() < 0:
        return True
    sock.settimeout(0)
    try:
        return not sock.recv(65536)
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True


def wait_for_places(world):
    """Those who are slow are gone, and all that was held before."""
    world.until(lambda: all(map(is_closed, world.slow)), "it is not cut off", 30)
    for sock in world.slow:
        sock.close()
    world.until(lambda: not sockets(world), lambda: f"places are taken: {sockets(world)}")


def sockets(world):
    """The server's, with browsers."""
    lines = world.office.run("ss", "-Htan", "sport = :443").stdout.splitlines()
    return [line for line in lines if not line.startswith("TIME-WAIT")
            and re.search(r" 192\.0\.2\.[67][0-9]:", line)]


@contextlib.contextmanager
def limited(world, text):
    """With that in [server], which is applied at once."""
    try:
        world.the_server.configure(merge(SETTINGS + ON, f"[server]\n{text}"))
        assert world.the_server.cli("reload").returncode == 0
        yield
    finally:
        world.the_server.configure(SETTINGS + ON)
        assert world.the_server.cli("reload").returncode == 0


def has_answer(sock):
    """All of it."""
    sock.settimeout(10)
    while sock.recv(65536):
        pass
    return True


def test_one_source_has_its_share(world):
    """As of strangers: what PORTER_PER_SOURCE is in server/porter.h is for the unit test."""
    wait_for_places(world)
    with limited(world, "max-strangers-per-source = 3"), hold(world, 5) as held:
        world.until(lambda: sum(map(is_closed, held)) == 2, "it has more, or less, than it may")
        assert is_served(world)
        for sock in held:
            sock.close()
        world.until(lambda: not sockets(world), "places are taken")
        assert api(world).get(BIG).status == 200


def test_who_has_most_gives_way(world):
    """All places are taken, from three addresses; whoever comes from a fourth has one."""
    wait_for_places(world)
    addresses = [f"192.0.2.{number}" for number in (71, 72, 73)]
    for address in addresses:
        world.browser.ip("address", "add", f"{address}/24", "dev", "eth0")
    with limited(world, "max-strangers = 6"), contextlib.ExitStack() as stack:
        held = [stack.enter_context(hold(world, 3, source=address)) for address in addresses]
        world.until(lambda: sum(is_closed(sock) for row in held for sock in row) == 3,
                    "there are more places, or fewer")
        left = [sum(map(is_closed, row)) for row in held]
        assert left == [1, 1, 1], left  # each of them has two
        assert is_served(world)
        world.until(lambda: sum(is_closed(sock) for row in held for sock in row) == 4,
                    "nobody gave way")


def memory_kib(world):
    status = Path(f"/proc/{world.the_server.daemon.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def fill(sock, request):
    """Asks until no more is taken; how many bytes that were."""
    total = 0
    sock.settimeout(0.5)
    with contextlib.suppress(TimeoutError, ssl.SSLWantWriteError):
        while total < 1 << 26:
            sock.sendall(request)
            total += len(request)
    return total


def test_who_is_over_gives_way_first(world):
    """Whom the admin's HTTP has left, and who does not go; before the oldest of those with most."""
    wait_for_places(world)
    gone = "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()
    with limited(world, "max-strangers = 3"), hold(world, 2, source=SLOW4) as held:
        with hold(world, 1, gone) as over:
            assert all(map(has_answer, over))
            assert is_served(world)
            assert not any(map(is_closed, held))


def test_a_slow_reader_is_waited_for(world):
    """Neither what it asks for nor what it is answered piles up; what it reads then is whole."""
    request = f"GET {BIG} HTTP/1.1\r\nHost: {NAME}\r\nX: {'a' * 1000}\r\n\r\n".encode()
    before = memory_kib(world)
    with hold(world, 8) as held:
        sent = [fill(sock, request * 100) for sock in held]
        assert max(sent) < 16 << 20, sent
        grown = memory_kib(world) - before
        assert grown < 16 << 10, f"{grown} KiB more"
        assert is_served(world)
        world.alice.reaches(DATACENTER)
        held[0].settimeout(10)
        answer = http.client.HTTPResponse(held[0])
        answer.begin()
        assert json.loads(answer.read())["openapi"]


def test_a_body_of_1_gib_is_refused_at_its_head(world):
    with api(world).connect() as sock:
        sock.sendall(f"POST /api/v1/imports HTTP/1.1\r\nHost: {NAME}\r\nAuthorization: Bearer "
                     f"{world.token}\r\nContent-Type: application/json\r\nContent-Length: 1073741824"
                     "\r\n\r\n".encode())
        assert status_of(sock.recv(65536)) == 413
        with pytest.raises(OSError):  # nobody reads on
            for _ in range(1024):
                sock.sendall(b"a" * 1048576)


def test_who_is_slow_is_cut_off(world):
    """10 s after it began: it has been in the middle of a request since the first test."""
    wait_for_places(world)


def test_garbage_within_tls_ends_it(world):
    """A record that was changed on its way: an alert, and the end."""
    with hold(world, 1) as (sock,):
        raw = socket.socket(fileno=sock.detach())
        with raw:
            raw.settimeout(10)
            raw.sendall(b"\x17\x03\x03\x00\x40" + bytes(64))
            said = b""
            with contextlib.suppress(ConnectionError):  # but no time-out: it is the end
                while part := raw.recv(4096):
                    said += part
            assert len(said) == 24 and said[:3] == b"\x17\x03\x03", said  # one alert, sealed
    assert is_served(world)


@contextlib.contextmanager
def flood(world):
    """Connections from one address that begin again and again; how many have come so far."""
    over = threading.Event()
    done = []

    def run():
        while not over.is_set():
            with contextlib.suppress(OSError):
                api(world).connect().close()
                done.append(1)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_flood_of_browsers_keeps_no_client_out(world):
    with hold(world, 8, b"GET / HTTP/1.1\r\n"), flood(world) as done:
        world.until(lambda: len(done) > 10, "there is no flood")
        bob = world.client("bob")
        bob.reaches(DATACENTER, 20)
        world.alice.reaches(DATACENTER, 20)
        assert is_served(world)
        had = len(done)
        world.until(lambda: len(done) > had + 10, "there is no flood any more")


def test_the_server_stops_while_browsers_look_on(world):
    with hold(world, 2, f"GET /api/v1/events HTTP/1.1\r\nHost: {NAME}\r\nAuthorization: Bearer "
              f"{world.token}\r\n\r\n".encode()) as held:
        for sock in held:
            assert status_of(sock.recv(65536)) == 200
        world.the_server.restart()
        world.until(lambda: all(map(is_closed, held)), "they still look on")
    world.until(lambda: is_served(world), "nobody is served after a restart")


@pytest.mark.parametrize("text", ["", "[admin]\non-vpn-port = no\nlisten =\n"])
def test_without_the_key_browsers_are_strangers(world, text):
    world.the_server.configure(SETTINGS + text)
    world.the_server.restart()
    said = s_client(world, "http/1.1")
    assert "no application protocol" in said and "BEGIN CERTIFICATE" not in said, said
    assert world.the_server.status()["strangers"]["handshake"]["alpn"] == 1


def test_the_vpn_port_is_left_when_the_others_are_taken(world):
    """By another program; and the log says what is so."""
    world.the_server.configure(SETTINGS + ON)
    world.the_server.stop()
    with world.office.inside():
        taken = socket.create_server(("127.0.0.1", 8006))
    with taken:
        world.the_server.start()
        assert is_served(world)
        log = world.the_server.daemon.log(all_starts=False)
        assert "cannot listen on 127.0.0.1" in log and "admin: listening on" not in log, log


def test_the_vpn_port_may_be_the_only_one(world):
    world.the_server.configure(SETTINGS + ON + "listen =\n")
    world.the_server.restart()
    world.until(lambda: is_served(world), "it is not there")
    assert not world.office.run("ss", "-Hltn", "sport = :8006").stdout
    world.the_server.configure(SETTINGS)
    reloaded = world.the_server.cli("reload")
    assert "[admin] on-vpn-port" in reloaded.stdout + reloaded.stderr, reloaded
    assert is_served(world)
