# SPDX-License-Identifier: Apache-2.0
"""Through proxies: HTTP and SOCKS 5, with a password and without, by IPv4 and IPv6, for a laptop
that has no other way to the server; and what is said of those that do not let it through.
"""

import contextlib

import pytest

import proxies
from doctor import doctor
from lan import DATACENTER, INTERFACE, NAME, OFFICE4, OFFICE6, Lan, lanyard
from proxies import GATE4, GATE6, HTTP_PORT, LOGIN, PASSWORD, SOCKS_PORT, microsocks, tinyproxy

HTTP = f"http://{LOGIN}{GATE4}:{HTTP_PORT}"
SHOWN = f"http://{GATE4}:{HTTP_PORT}"


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(f"""
            [ra]
            prefix = auto
            route = 2001:db8:100::/48
            route = {GATE6}/128
        """)
        lan.gate, lan.alice = proxies.behind_a_proxy(lan)
        yield lan


@pytest.fixture
def alice(world):
    yield world.alice
    if world.alice.daemon and world.alice.daemon.running():
        world.alice.stop()


def times_up(client):
    return client.daemon.log(all_starts=False).count("connect: up, ")


def says_no_password(client):
    """In nothing that somebody else may see."""
    shown = {"log": client.daemon.log(),
             "status": lanyard(client.host, "status", "--socket", client.socket).stdout,
             "JSON": lanyard(client.host, "status", "--json", "--socket", client.socket).stdout,
             "argv": open(f"/proc/{client.daemon.process.pid}/cmdline").read()}
    for where, text in shown.items():
        assert text and PASSWORD not in text and "hunter%32" not in text, f"{where}: {text}"
    assert SHOWN in shown["status"] and SHOWN in shown["JSON"] and SHOWN in shown["log"]


@pytest.mark.parametrize("where, login", [(GATE4, True), (f"[{GATE6}]", True), (GATE4, False)])
def test_an_http_proxy(world, alice, where, login):
    url = f"http://{LOGIN if login else ''}{where}:{HTTP_PORT}"
    with tinyproxy(world, world.gate, login=login):
        alice.use(url).connect()
        alice.reaches(DATACENTER)
        status = alice.status()
        assert status["proxy"] == f"http://{where}:{HTTP_PORT}"
        assert status["remote"] == f"{where}:{HTTP_PORT}"
        assert world.the_server.client("alice")["remote"].startswith("192.0.2.200:")
        alice.stop()


@pytest.mark.parametrize("address, login", [(GATE4, True), (GATE6, True), (GATE4, False)])
@pytest.mark.parametrize("server", [NAME, OFFICE4, f"[{OFFICE6}]:443"])
def test_a_socks_proxy(world, alice, address, login, server):
    where = f"[{address}]" if ":" in address else address
    with microsocks(world, world.gate, address, login=login):
        alice.use(f"socks5://{LOGIN if login else ''}{where}", server).connect()
        alice.reaches(DATACENTER)
        assert alice.status()["proxy"] == f"socks5://{where}:{SOCKS_PORT}"
        alice.stop()


def test_the_password_is_shown_nowhere(world, alice):
    with tinyproxy(world, world.gate):
        alice.use(HTTP).connect()
        says_no_password(alice)
        alice.stop()


def test_a_password_that_does_not_parse_is_not_shown_either(world, alice):
    for proxy, variables in ((f"https://{LOGIN}h.example", ()), (f"http://{LOGIN}h.example:x", ()),
                             (None, [f"https_proxy=ftp://{LOGIN}h.example"])):
        status, said = alice.use(proxy, environment=variables).try_once()
        assert status == 78 and "hunter" not in alice.daemon.log(), said
        assert "proxy: " in said and "must be" in said


def test_the_environment_names_it(world, alice):
    with tinyproxy(world, world.gate):
        alice.use(environment=[f"https_proxy={HTTP}", "no_proxy=example.org,192.0.2.0/24"])
        alice.connect()
        says_no_password(alice)
        alice.stop()


@pytest.mark.parametrize("proxy, variables", [
    ("none", [f"https_proxy={HTTP}"]),
    (None, [f"https_proxy={HTTP}", "no_proxy=192.0.2.0/24"]),
    (None, [f"ALL_PROXY={HTTP}", "NO_PROXY=*"]),
    ("auto", [f"http_proxy={HTTP}"]),
])
def test_what_is_exempt_goes_without_it(world, alice, proxy, variables):
    with tinyproxy(world, world.gate):
        status, said = alice.use(proxy, OFFICE4, variables).try_once()
    assert status == 4 and "cannot connect to 192.0.2.1 port 443: Network is unreachable" in said


@pytest.mark.parametrize("start, proxy, status, sentence", [
    (tinyproxy, f"http://{GATE4}:{HTTP_PORT}", 4,
     "wants a user and a password, and has got none"),
    (tinyproxy, f"http://alice:wrong@{GATE4}:{HTTP_PORT}", 5,
     "refuses the user 'alice' or the password"),
    (lambda lan, host: tinyproxy(lan, host, allowed=444), HTTP, 4,
     f"forbids connections to {NAME} port 443 (status 403)"),
    (lambda lan, host: microsocks(lan, host, GATE4), f"socks5://{GATE4}", 4,
     "wants a user and a password, and has got none"),
    (lambda lan, host: microsocks(lan, host, GATE4), f"socks5://alice:wrong@{GATE4}", 5,
     "refuses the user 'alice' or the password"),
    (lambda lan, host: microsocks(lan, host, GATE4), f"http://{GATE4}:{SOCKS_PORT}", 4,
     "does not answer as an HTTP proxy"),
    (tinyproxy, f"socks5://{GATE4}:{HTTP_PORT}", 4,
     f"no answer from the proxy socks5://{GATE4}:{HTTP_PORT} for 7 s while connecting"),
    (lambda *_: contextlib.nullcontext(), HTTP, 4,
     f"cannot connect to {GATE4} port {HTTP_PORT}: Connection refused"),
])
def test_what_a_proxy_refuses_has_a_sentence(world, alice, start, proxy, status, sentence):
    with start(world, world.gate):
        ended, said = alice.use(proxy).try_once()
    assert (ended, sentence in said) == (status, True), said


@pytest.mark.parametrize("serve, sentence", [
    (proxies.endless, "does not come to an end of its answer in 16 KiB"),
    (proxies.hanging, f"no answer from the proxy {SHOWN} for 7 s while connecting"),
    (proxies.half, "closed the connection in the middle of its answer to CONNECT"),
    (proxies.silent_end, "closed the connection instead of its answer to CONNECT"),
    (proxies.web_page, "does not answer as an HTTP proxy"),
    (proxies.shuts_after_greeting, "the server closed the connection"),
])
def test_bad_proxies(world, alice, serve, sentence):
    with proxies.bad_proxy(world.gate, serve):
        status, said = alice.use(HTTP).try_once(seconds=30)
        assert (status, sentence in said) == (4, True), said


def test_a_wrong_password_is_not_tried_over_and_over(world, alice):
    with tinyproxy(world, world.gate):
        alice.use(f"http://alice:wrong@{GATE4}:{HTTP_PORT}").start()
        status = alice.daemon.wait(20)
    world.daemons.remove(alice.daemon)
    assert status == 5
    assert alice.daemon.log(all_starts=False).count("refuses the user") == 1


def test_it_comes_back_when_the_proxy_does(world, alice):
    """With routes in the tunnel that cover the proxy's own address."""
    with tinyproxy(world, world.gate):
        alice.use(f"http://{LOGIN}[{GATE6}]:{HTTP_PORT}").connect()
        world.until(lambda: alice.host.routes(GATE6), "the route to the proxy is not there")
        assert INTERFACE in alice.host.ip("route", "get", GATE6).stdout
        alice.reaches(DATACENTER)
    world.until(lambda: alice.status()["state"] != "up", "the end of the proxy is not noticed")
    with tinyproxy(world, world.gate):
        world.until(lambda: times_up(alice) == 2, "alice is not back", 30)
        alice.reaches(DATACENTER)
        alice.stop()


# ---- the doctor ----

def test_the_doctor_names_the_proxy(world, alice):
    with tinyproxy(world, world.gate):
        report = doctor(alice.use(HTTP))
    assert report.troubles() == ["client"], report.text
    report.said("tcp", f"{GATE4}:{HTTP_PORT}")
    report.said("proxy", SHOWN, "[client] proxy", f"{NAME} port 443")
    report.said("server", f"our server answers at {NAME}:443")
    report.said("login", "lets alice in")
    assert "hunter" not in report.text


@pytest.mark.parametrize("start, proxy, words", [
    (tinyproxy, f"http://{GATE4}:{HTTP_PORT}", ("wants a user", "[client] proxy")),
    (tinyproxy, f"http://alice:wrong@{GATE4}:{HTTP_PORT}", ("refuses the user 'alice'", "%40")),
    (lambda lan, host: tinyproxy(lan, host, allowed=444), HTTP, ("status 403", "administrator")),
    (lambda lan, host: proxies.bad_proxy(host, proxies.hanging), HTTP, ("no answer", SHOWN)),
    (lambda lan, host: proxies.bad_proxy(host, proxies.half), HTTP, ("in the middle", SHOWN)),
])
def test_the_doctor_says_what_is_wrong_with_the_proxy(world, alice, start, proxy, words):
    with start(world, world.gate):
        report = doctor(alice.use(proxy))
    report.said("proxy", *words)
    assert report.troubles() == ["proxy", "client"]
    assert "depends on proxy" in report.of("server")[0]["detail"]
    assert "hunter" not in report.text


def test_the_doctor_sees_that_the_client_goes_another_way(world, alice):
    with tinyproxy(world, world.gate):
        alice.use(environment=[f"https_proxy={HTTP}"]).connect()
        report = doctor(alice.use(f"http://{LOGIN}[{GATE6}]:{HTTP_PORT}"))
        report.said("proxy", f"http://[{GATE6}]:{HTTP_PORT}", SHOWN, "the running client")
        assert report.states("proxy") == ["warning"]
        alice.stop()
