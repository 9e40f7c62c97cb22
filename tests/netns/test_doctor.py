# SPDX-License-Identifier: Apache-2.0
"""The doctor on the way to the server: each thing that can stand in it is named for what it is."""

import pytest

import certificates
from doctor import doctor, dropping, nameserver, webserver
from lan import LANYARD, NAME, OFFICE4, OFFICE6, Lan, lanyard

PORTAL = b"HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/\r\n\r\n"
INSIDE = ["interface", "link-local", "advertisement", "address", "route", "dns", "dns-answer",
          "ping", "frame", "leak"]


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server("""
            [ra]
            prefix = auto
        """)
        lan.other = certificates.make_authority(lan.folder, "Proxy of the hotel")
        lan.own = certificates.authority_of(lan.folder / "state")
        yield lan


@pytest.fixture(scope="module")
def laptop(world):
    """A laptop whose client does not run, with a profile that works."""
    alice = world.client("alice", connect=False)
    alice.good = alice.profile.read_text()
    return alice


@pytest.fixture
def dialling(laptop):
    """dialling(server): the doctor's report for a profile that dials that."""
    def examine(server):
        laptop.profile.write_text(laptop.good.replace(f"server = {OFFICE4}", f"server = {server}"))
        return doctor(laptop)

    yield examine
    laptop.profile.write_text(laptop.good)


def ask_nameserver(host, address):
    """The host's resolver has this nameserver from now on."""
    host.run("sh", "-c", f"echo nameserver {address} > /run/resolv.conf && "
             "mount --bind /run/resolv.conf /etc/resolv.conf")


def test_without_a_client_it_tries_a_login_and_leaves(world, laptop):
    report = doctor(laptop)

    report.said("client", "does not run here", "sudo lanyard connect")
    report.said("login", "lets alice in")
    assert report.troubles() == ["client"]
    assert all(report.states(name) == ["skipped"] for name in INSIDE), report.text
    assert all("depends on client" in report.of(name)[0]["detail"] for name in INSIDE)
    world.until(lambda: not world.the_server.client("alice"), "the doctor stays logged in")


def test_both_families_are_named_and_tried(world, laptop, dialling):
    ask_nameserver(laptop.host, OFFICE4)
    with nameserver(world.office, OFFICE4, {NAME: [OFFICE4, OFFICE6]}):
        report = dialling(NAME)

    report.said("name", NAME, OFFICE4, OFFICE6)
    report.said("tcp", f"{OFFICE4}:443", "ms")
    report.said("tcp", f"[{OFFICE6}]:443", "ms")
    assert report.troubles() == ["client"]


def test_one_family_that_does_not_get_through(world, laptop, dialling):
    ask_nameserver(laptop.host, OFFICE4)
    with dropping(laptop.host, "output", f"ip6 daddr {OFFICE6}"), \
            nameserver(world.office, OFFICE4, {NAME: [OFFICE4, OFFICE6]}):
        report = dialling(NAME)

    assert sorted(report.states("tcp")) == ["ok", "warning"]
    report.said("tcp", f"no answer from [{OFFICE6}]:443")
    report.said("login", "lets alice in")


def test_a_wrong_name(world, laptop, dialling):
    ask_nameserver(laptop.host, OFFICE4)
    with nameserver(world.office, OFFICE4):
        report = dialling("vqn.example.net")

    report.said("name", "there is no host vqn.example.net", "[client] server")
    assert report.troubles() == ["name", "client"]
    assert report.states("tcp") == report.states("login") == ["skipped"]


def test_a_nameserver_that_does_not_answer(world, laptop, dialling):
    ask_nameserver(laptop.host, OFFICE4)
    with dropping(world.office, "input", "udp dport 53"):
        report = dialling("vpn2.example.net")

    report.said("name", "no answer for the name vpn2.example.net", "resolv.conf")


def test_a_closed_port(dialling):
    report = dialling(f"{OFFICE4}:444")

    report.said("tcp", f"cannot connect to {OFFICE4}:444: Connection refused", "lanyard server")
    assert report.troubles() == ["tcp", "client"]


def test_a_firewall_on_the_way(world, laptop, dialling):
    with dropping(world.office, "input", "tcp dport 443"):
        report = dialling(OFFICE4)

    report.said("tcp", f"no answer from {OFFICE4}:443", "firewall on the way")
    assert report.troubles() == ["tcp", "client"]


def test_no_network(world, laptop):
    bob = world.client("bob", connect=False)
    bob.host.ip("link", "set", "eth0", "down")

    doctor(bob).said("tcp", "Network is unreachable", "no route")


def serve_tls(world, port, pair):
    """openssl as a server that shows this certificate."""
    folder = world.folder / f"tls-{port}"
    folder.mkdir()
    (folder / "certificate.pem").write_text(pair.certificate)
    (folder / "key.pem").write_text(pair.key)
    process = world.office.start("openssl", "s_server", "-accept", port, "-quiet", "-cert",
                                 folder / "certificate.pem", "-key", folder / "key.pem")
    world.until(lambda: f":{port} " in world.office.run("ss", "-ltn").stdout,
                "openssl does not listen")
    return process


def test_somebody_who_opens_tls(world, dialling):
    pair = certificates.issue(world.folder, world.other, NAME, certificates.SERVER(NAME))
    process = serve_tls(world, 8443, pair)
    try:
        report = dialling(f"{OFFICE4}:8443")
    finally:
        process.kill()
        process.wait()

    report.said("server", "somebody else answers", f"of CN={NAME}",
                "issued by CN=Proxy of the hotel", "unopened")
    assert report.troubles() == ["server", "client"]
    assert report.states("handshake") == report.states("login") == ["skipped"]


def test_a_certificate_of_ours_for_another_name(world, dialling):
    pair = certificates.issue(world.folder, world.own, "other", certificates.SERVER("b.example"))
    process = serve_tls(world, 8444, pair)
    try:
        report = dialling(f"{OFFICE4}:8444")
    finally:
        process.kill()
        process.wait()

    report.said("server", "b.example", NAME, "[client] name")
    assert report.troubles() == ["server", "client"]


def test_a_server_in_the_future(world, dialling):
    pair = certificates.issue(world.folder, world.own, "later", certificates.SERVER(NAME),
                              start="20960101000000Z")
    process = serve_tls(world, 8445, pair)
    try:
        report = dialling(f"{OFFICE4}:8445")
    finally:
        process.kill()
        process.wait()

    report.said("clock", "the server's certificate begins on 2096-01-01", "years behind",
                "set the clock")
    assert report.troubles() == ["clock", "client"], "it is the clock, and nobody in between"


def test_a_profile_that_is_over(world, laptop, dialling):
    pair = certificates.issue(world.folder, world.own, "alice", certificates.CLIENT,
                              start="20240101000000Z", end="20250101000000Z")
    laptop.profile.write_text(certificates.profile(OFFICE4, NAME, world.own.certificate, pair))
    report = doctor(laptop)
    laptop.profile.write_text(laptop.good)

    report.said("clock", "the profile's certificate ended on 2025-01-01", "ahead",
                "lanyard user profile")


def test_a_web_server(world, dialling):
    page = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with webserver(world.office, OFFICE4, 8080, page):
        report = dialling(f"{OFFICE4}:8080")

    report.said("server", "a web server answers in clear", "status 400")
    assert report.troubles() == ["server", "client"]


def test_a_captive_portal_in_the_servers_place(world, dialling):
    with webserver(world.office, OFFICE4, 8081, PORTAL):
        report = dialling(f"{OFFICE4}:8081")

    report.said("server", "captive portal", "http://login.hotel.example/", "web browser")


def test_a_captive_portal_that_lets_only_the_web_through(world, dialling):
    with webserver(world.office, OFFICE4, 80, PORTAL):
        report = dialling(f"{OFFICE4}:445")

    report.said("tcp", "Connection refused")
    report.said("tcp", "captive portal", "http://login.hotel.example/")


def test_somebody_who_accepts_and_says_nothing(world, dialling):
    process = world.office.start("nc", "-l", "-k", OFFICE4, 8082)
    world.until(lambda: ":8082 " in world.office.run("ss", "-ltn").stdout, "nc does not listen")
    try:
        report = dialling(f"{OFFICE4}:8082")
    finally:
        process.kill()
        process.wait()

    report.said("server", "nobody answers the TLS handshake")


def test_a_removed_user(world):
    eve = world.client("eve", connect=False)
    assert world.the_server.cli("user", "remove", "eve").returncode == 0

    report = doctor(eve)
    report.said("login", "the server refused the login: unknown user", "add the user")
    assert report.troubles() == ["client", "login"]


def test_a_certificate_of_another_ca(world, laptop):
    pair = certificates.issue(world.folder, world.other, "mallory", certificates.CLIENT)
    laptop.profile.write_text(certificates.profile(OFFICE4, NAME, world.own.certificate, pair))
    report = doctor(laptop)
    laptop.profile.write_text(laptop.good)

    report.said("login", "the server refused our certificate: not signed by a CA it knows")


@pytest.mark.parametrize("arguments, status, words", [
    (["one.conf", "two.conf"], 2, "one argument too many"),
    (["--colour"], 2, "wrong option"),
    (["/nowhere/client.conf"], 78, "/nowhere/client.conf"),
])
def test_what_it_cannot_begin_with(laptop, arguments, status, words):
    done = lanyard(laptop.host, "doctor", *arguments)

    assert done.returncode == status and words in done.stderr and not done.stdout


def test_text_for_people(laptop):
    done = lanyard(laptop.host, "doctor", "-c", laptop.profile)

    lines = done.stdout.splitlines()
    assert done.returncode == 1 and lines[-1] == "Not all is well."
    assert any(line.startswith("ok       tcp ") for line in lines), done.stdout
    at = next(i for i, line in enumerate(lines) if line.startswith("FAILED   client "))
    assert lines[at + 1].strip().startswith("-> start it: sudo lanyard connect ")
    assert "\033" not in done.stdout, "colour where no terminal is"


@pytest.mark.parametrize("environment, colour", [
    (["TERM=xterm"], True),
    (["TERM=xterm", "NO_COLOR=1"], False),
    (["TERM=dumb"], False),
])
def test_colour_on_a_terminal_only(laptop, environment, colour):
    command = f"{' '.join(environment)} {LANYARD} doctor {laptop.profile}"
    done = laptop.host.run("script", "-qec", command, "/dev/null", check=False)

    assert "FAILED" in done.stdout
    assert ("\033[" in done.stdout) == colour
