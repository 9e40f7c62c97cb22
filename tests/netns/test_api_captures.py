# SPDX-License-Identifier: Apache-2.0
"""Captures by the API: begun by POST, taken by GET as a file that tcpdump reads; who may, what is
refused in whose words, and readers that are slow, late or gone."""

import contextlib
import http.client
import re

import pytest

import pcapng
from api import Api
from lan import DATACENTER, Lan

CAPTURES = "/api/v1/captures"
MIB = 1 << 20
USAGE = 2
ECHO_REPLY = b"\x81"


class World:
    def __init__(self, lan):
        self.lan = lan
        self.server = lan.server(f"""
            [server]
            password-memory = 19M
            password-passes = 2
            [admin]
            listen = 127.0.0.1
            [ra]
            route = 2001:db8:100::/48
            dns = {DATACENTER}
        """)
        self.alice, self.bob = lan.client("alice"), lan.client("bob")
        for client in self.alice, self.bob:
            client.reaches(DATACENTER)
        self.api = {name: self.token(name, role) for name, role in (
            ("first", "admin"), ("second", "admin"), ("looker", "read-only"))}
        self.ask = self.api["first"].ask

    def token(self, name, role):
        done = self.server.cli("token", "add", name, "--role", role)
        assert done.returncode == 0, done.stderr
        return Api(self.lan.office, done.stdout.strip())

    def begin(self, seconds=60, size=MIB, **more):
        answer = self.ask("POST", CAPTURES, {"seconds": seconds, "bytes": size, **more})
        assert answer.status == 200, answer
        return answer.json["capture"]

    def running(self):
        """Those that run, by their number."""
        shown = self.api["looker"].get(CAPTURES).json["captures"]
        return {one["capture"]: one for one in shown}

    def audit(self, pattern):
        return [line for line in self.api["looker"].get("/api/v1/audit").json["audit"]
                if re.search(pattern, line["what"])]

    def ended(self, number, why):
        self.lan.until(lambda: self.audit(f"^capture {number} .* ends .*: {why}"),
                       f"capture {number} does not end: {why}", 30)
        self.lan.until(lambda: number not in self.running(), f"{number} is still shown")


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        made = World(lan)
        # Nobody takes the file of this one: the last test sees what has become of it.
        made.forgotten = made.begin(of="lan", filter="vlan 4000", seconds=3600)
        yield made


class File:
    """The file of a capture, being taken."""

    def __init__(self, world, number, who="first"):
        api = world.api[who]
        self.connection = http.client.HTTPConnection("127.0.0.1")
        self.connection.sock = api.connect(timeout=30)
        self.connection.request("GET", f"{CAPTURES}/{number}", headers={
            "Host": "localhost", "Authorization": f"Bearer {api.token}"})
        self.answer = self.connection.getresponse()
        self.data = b""

    def read_until(self, condition):
        """What comes is read until the file has what is wanted."""
        while not condition(self.data):
            part = self.answer.read1(65536)
            assert part, f"the file ends after {len(self.data)} bytes"
            self.data += part

    def rest(self):
        self.data += self.answer.read()
        return pcapng.read(self.data)

    def close(self):
        self.connection.close()


@contextlib.contextmanager
def taken(world, number, who="first"):
    file = File(world, number, who)
    try:
        yield file
    finally:
        file.close()


def tcpdump(world, data):
    path = world.lan.folder / "taken.pcapng"
    path.write_bytes(data)
    done = world.lan.office.run("tcpdump", "-n", "-r", path, check=False)
    assert "truncated" not in done.stderr, done.stderr
    return done.stdout


def stop(world, number):
    answer = world.ask("DELETE", f"{CAPTURES}/{number}")
    assert answer.status == 200, answer


def test_a_clients_frames_as_a_file(world):
    number = world.begin(of="alice", filter=f"icmp6 and host {DATACENTER}")
    with taken(world, number) as file:
        headers = file.answer.headers
        assert file.answer.status == 200
        assert headers["Content-Type"] == "application/x-pcapng"
        assert headers["Content-Disposition"] == \
            f'attachment; filename="lanyard-alice-{number}.pcapng"'
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        one = world.running()[number]
        assert one["of"] == "alice" and one["who"] == "token first" and one["max_s"] == 60
        get = world.api["looker"].get
        assert get("/api/v1/clients/alice").json["client"]["captures"] == [number]
        assert get("/api/v1/clients/bob").json["client"]["captures"] == []
        assert world.alice.ping(DATACENTER) and world.bob.ping(DATACENTER)
        file.read_until(lambda data: ECHO_REPLY + b"\0" in data)
        stop(world, number)
        capture = file.rest()
    named = f"alice ({world.server.client('alice')['id']})"
    assert {frame.interface for frame in capture.frames} == {named}
    assert {frame.direction for frame in capture.frames} == {"in", "out"}
    text = tcpdump(world, file.data)
    assert f"> {DATACENTER}: ICMP6, echo request" in text
    assert f"{DATACENTER} > " in text and "echo reply" in text
    world.ended(number, "it was ended")
    assert world.audit(f"^capture {number} of alice: begins, filter 'icmp6 and host")[0]["who"] == \
        "token first"
    assert world.audit(f"^capture stop {number} of alice")
    assert world.running().get(number) is None


REFUSED = [
    ("what libpcap does not understand", {"filter": "icmp6 and and"}, 400,
     "filter 'icmp6 and and': .*syntax error"),
    ("a loop", {"filter": "ip6 protochain 6"}, 400, "the filter loops"),
    ("a filter that is too long", {"filter": "ip6 " * 2000}, 400, "a filter has at most"),
    ("nobody", {"of": "mallory"}, 404, "no client and no user is called 'mallory'"),
    ("bytes that are no name", {"of": "a\x1b[31m\r\nX: y"}, 404, r"is called 'a\\x1b\[31m\\x0d"),
    ("no time limit", {"seconds": None}, 400, "'seconds' is missing"),
    ("no time at all", {"seconds": 0}, 400, "'seconds' must be 1 to 3600"),
    ("a day", {"seconds": 86400}, 400, "'seconds' must be 1 to 3600"),
    ("less than no time", {"seconds": -1}, 400, "'seconds' must be 1 to 3600"),
    ("no size limit", {"bytes": None}, 400, "'bytes' is missing"),
    ("nothing", {"bytes": 0}, 400, "'bytes' must be 1 to 1073741824"),
    ("a disk full", {"bytes": MIB << 20}, 400, "'bytes' must be 1 to 1073741824"),
    ("frames for ever", {"frames": 1}, 400, "there is no 'frames' here"),
    ("somebody else's name", {"who": "root"}, 400, "there is no 'who' here"),
]


@pytest.mark.parametrize("body, status, sentence", [
    pytest.param(*each[1:], id=each[0]) for each in REFUSED])
def test_it_is_refused(world, body, status, sentence):
    before = world.running()
    answer = world.ask("POST", CAPTURES, {"seconds": 9, "bytes": MIB, **body})
    assert answer.status == status and re.search(sentence, answer.json["error"]), answer
    assert answer.json["status"] == (USAGE if status == 400 else 10)
    assert not world.running().keys() - before.keys()


def test_who_may(world):
    order = {"seconds": 60, "bytes": MIB}
    for name, status in ("looker", 403), (None, 401):
        api = world.api[name] if name else Api(world.lan.office)
        assert api.ask("POST", CAPTURES, order).status == status
        assert api.get(f"{CAPTURES}/1").status == status
        assert api.ask("DELETE", f"{CAPTURES}/1").status == status
    assert Api(world.lan.office).get(CAPTURES).status == 401
    assert world.ask("POST", CAPTURES, order, headers={"Sec-Fetch-Site": "cross-site"}).status == 403


def test_a_file_is_taken_once_by_whoever_began_it(world):
    number = world.begin()
    path = f"{CAPTURES}/{number}"
    assert world.ask("HEAD", path).status == 200  # and takes nothing
    assert world.api["second"].get(path).status == 404
    assert world.ask("GET", path, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    for wrong in number + 1000, 0, "x", "1x":
        assert world.ask("GET", f"{CAPTURES}/{wrong}").status == 404
    with taken(world, number) as file:
        assert file.answer.headers["Content-Disposition"].endswith(f'"lanyard-all-{number}.pcapng"')
        assert world.ask("GET", path).status == 404
        answer = world.api["second"].ask("DELETE", path)  # an admin may end anybody's
        assert answer.status == 200, answer
        file.rest()
    assert world.audit(f"^capture stop {number} ")[0]["who"] == "token second"
    assert world.ask("DELETE", path).status == 404
    assert world.ask("DELETE", f"{CAPTURES}/x").status == 400


def test_it_ends_by_its_limits(world):
    with taken(world, world.begin(seconds=1)) as file:
        file.rest()
    number = world.begin(size=4096, of="alice")
    with taken(world, number) as file:
        world.alice.ping(DATACENTER, 4, 1, "-i", "0.02", "-s", "1000")
        assert file.rest().frames
    assert 2000 < len(file.data) <= 4096
    world.ended(number, "it is as large as was asked for")


def test_no_more_than_may_run(world):
    numbers = []
    with contextlib.ExitStack() as files:
        while len(numbers) < 5:  # the forgotten one may be among the four, or not
            answer = world.ask("POST", CAPTURES, {"seconds": 60, "bytes": MIB})
            if answer.status != 200:
                break
            numbers.append(answer.json["capture"])
            files.enter_context(taken(world, numbers[-1]))
        assert len(numbers) in (3, 4) and answer.status == 409 and "run already" in answer.json["error"], answer
    for number in numbers:  # their readers went away
        world.ended(number, "its reader")


def test_whoever_may_no_more_gets_no_more(world):
    world.api["brief"] = world.token("brief", "admin")
    answer = world.api["brief"].ask("POST", CAPTURES, {"seconds": 600, "bytes": MIB})
    number = answer.json["capture"]
    with taken(world, number, "brief") as file:
        assert world.server.cli("token", "revoke", "brief").returncode == 0
        with pytest.raises(http.client.IncompleteRead):
            file.rest()
    world.ended(number, "its reader")


def test_a_reader_that_stands_still_costs_nobody_anything(world):
    """Neither the tunnel nor the page: what it does not take is lost, and counted at its end."""
    number = world.begin(size=1 << 30)
    server = world.lan.datacenter.start("socat", "-u", "TCP6-LISTEN:9,reuseaddr,fork", "/dev/null")
    command = f"head -c 40000000 /dev/zero | socat -u - TCP6:[{DATACENTER}]:9"
    try:
        with taken(world, number) as file:
            world.lan.until(lambda: world.alice.host.run("sh", "-c", command, check=False)
                            .returncode == 0, "the stream does not get through", 30)
            assert world.running()[number]["lost"] > 0
            assert world.ask("GET", "/api/v1/overview").status == 200
            stop(world, number)
            world.ended(number, "its reader")  # who did not even take the end
            file.read_until(lambda data: len(data) > 200)
    finally:
        server.kill()
        server.wait()


def test_a_file_that_nobody_takes_ends(world):
    world.ended(world.forgotten, "its reader wanted no more")
    assert world.ask("GET", f"{CAPTURES}/{world.forgotten}").status == 404
