# SPDX-License-Identifier: Apache-2.0
"""`lanyard capture`: the frames of clients and of the LAN, with their direction, read by tcpdump;
readers that are slow, full or killed; who captures is seen and written down."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess

import pytest

import pcapng
from lan import DATACENTER, INTERFACE, LANYARD, Lan

ECHO_REQUEST, ECHO_REPLY = 128, 129


class Running:
    """`lanyard capture` in the background; its frames go to `file`, unless a pipe is wanted."""

    def __init__(self, world, *arguments, file=None, stdout=subprocess.DEVNULL):
        self.world = world
        command = [LANYARD, "capture", "-c", world.the_server.conf]
        command += ["-w", file] if file else []
        self.file = file
        # unbuffered: what is read with the first line, communicate() would not give again
        self.process = subprocess.Popen(world.office.enter([*command, *arguments]), bufsize=0,
                                        stdout=stdout, stderr=subprocess.PIPE)
        self.said = self.process.stderr.readline().decode()
        self.number = re.match(r"capture (\d+) runs", self.said)
        self.number = self.number and int(self.number[1])

    def interrupt(self):
        """As by Ctrl-C: of the program itself, which nsenter has become."""
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self, seconds=30):
        try:
            self.said += self.process.communicate(timeout=seconds)[1].decode()
        finally:
            self.process.kill()
        return self.process.returncode

    def read(self):
        return pcapng.read(self.file.read_bytes())


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server(f"""
            [ra]
            route = 2001:db8:100::/48
            dns = {DATACENTER}
        """)
        lan.alice = lan.client("alice")
        lan.bob = lan.client("bob")
        for client in lan.alice, lan.bob:
            client.reaches(DATACENTER)
        yield lan


def captures(world):
    done = world.the_server.cli("show", "captures", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["captures"]


def audit(world):
    done = world.the_server.cli("show", "audit", "--json")
    return [line["what"] for line in json.loads(done.stdout)["audit"]]


def echoes(capture):
    """Of each echo message: interface, direction and type."""
    return [(f.interface, f.direction, f.data[54]) for f in capture.frames
            if f.data[12:14] == b"\x86\xdd" and f.data[20] == 58 and
            f.data[54] in (ECHO_REQUEST, ECHO_REPLY)]


def named(world, user):
    return f"{user} ({world.the_server.client(user)['id']})"


def captured(world, running, *wanted):
    """Waits until these lines of tcpdump's are in the file, while the capture runs."""
    def there():
        text = tcpdump(world, running.file)
        return all(re.search(one, text) for one in wanted)
    world.until(there, f"not captured: {wanted}")


def tcpdump(world, file, *options):
    """What it says of a file; a file that is still written ends anywhere."""
    return world.office.run("tcpdump", "-n", "-r", file, *options, check=False).stdout


@contextlib.contextmanager
def stream(world, port):
    """A function that sends 20 MB from alice to the datacenter; False: it could not yet."""
    command = f"head -c 20000000 /dev/zero | socat -u - TCP6:[{DATACENTER}]:{port}"
    server = world.datacenter.start("socat", "-u", f"TCP6-LISTEN:{port},reuseaddr,fork",
                                    "/dev/null")
    try:
        yield lambda: world.alice.host.run("sh", "-c", command, check=False).returncode == 0
    finally:
        server.kill()
        server.wait()


def test_a_clients_frames_with_their_direction(world):
    running = Running(world, "-i", "alice", "icmp6 and", "host", DATACENTER,
                      file=world.folder / "alice.pcapng")
    assert running.number, running.said
    assert world.alice.ping(DATACENTER) and world.bob.ping(DATACENTER)
    captured(world, running, f"> {DATACENTER}: ICMP6, echo request",
             f"{DATACENTER} > .*: ICMP6, echo reply")
    assert running.interrupt() == 0, running.said

    capture = running.read()
    alice = named(world, "alice")
    assert echoes(capture) == [(alice, "in", ECHO_REQUEST), (alice, "out", ECHO_REPLY)]
    assert len(capture.frames) == 2 == capture.received and capture.dropped == 0
    assert capture.interfaces == ["alice", alice]
    assert "2 frames captured, 0 lost" in running.said
    assert os.stat(running.file).st_mode & 0o777 == 0o600
    assert "bad cksum" not in tcpdump(world, running.file, "-vv")


def test_what_the_server_itself_says_is_captured(world):
    """Advertisements and DHCPv6 answers are made by another thread, and come the same way."""
    running = Running(world, "-i", "bob", "icmp6[0] = 134", file=world.folder / "ra.pcapng")
    before = named(world, "bob")
    assert world.the_server.cli("kick", "bob").returncode == 0
    world.bob.reaches(DATACENTER)  # by another session: the user is meant
    world.until(lambda: named(world, "bob") != before, "bob is not there again")
    seen = len(tcpdump(world, running.file).splitlines())
    assert world.bob.host.run("rdisc6", "-1", "-q", INTERFACE).stdout
    world.until(lambda: len(tcpdump(world, running.file).splitlines()) > seen, "no answer")
    assert running.interrupt() == 0
    frames = running.read().frames
    assert {f.direction for f in frames} == {"out"}
    assert frames[-1].interface == named(world, "bob")


def test_the_lan_and_everything(world):
    lan = Running(world, "-i", "lan", "icmp6 and host", DATACENTER,
                  file=world.folder / "lan.pcapng")
    both = Running(world, "icmp6 and host", DATACENTER, file=world.folder / "all.pcapng")
    assert world.alice.ping(DATACENTER)
    for running in lan, both:
        captured(world, running, "echo request", "echo reply")
        assert running.interrupt() == 0
    alice = named(world, "alice")
    assert echoes(lan.read()) == [("lan", "out", ECHO_REQUEST), ("lan", "in", ECHO_REPLY)]
    assert sorted(echoes(both.read())) == sorted([
        (alice, "in", ECHO_REQUEST), ("lan", "out", ECHO_REQUEST),
        ("lan", "in", ECHO_REPLY), (alice, "out", ECHO_REPLY)])


def test_who_captures_is_seen_and_written_down(world):
    running = Running(world, "-i", "alice", "tcp port 1", file=world.folder / "seen.pcapng")
    assert captures(world)[0] | {"running_s": 0, "bytes": 0} == {
        "capture": running.number, "of": "alice", "filter": "tcp port 1",
        "who": captures(world)[0]["who"], "running_s": 0, "frames": 0, "bytes": 0, "lost": 0,
        "snaplen": 262144, "max_frames": None, "max_bytes": None, "max_s": None}
    assert world.the_server.client("alice")["captures"] == [running.number]
    assert world.the_server.client("bob")["captures"] == []
    shown = world.the_server.cli("show", "clients").stdout
    assert "alice, captured" in shown and "bob, captured" not in shown
    assert re.search(r"alice +tcp port 1 ", world.the_server.cli("show", "captures").stdout)

    done = world.the_server.cli("capture", "--stop", str(running.number))
    assert done.returncode == 0, done.stderr
    assert running.end() == 0
    world.until(lambda: captures(world) == [], "it is still shown")
    assert world.the_server.client("alice")["captures"] == []
    begins, stopped, ends = audit(world)[-3:]
    assert stopped == f"capture stop {running.number} of alice"
    assert begins == f"capture {running.number} of alice: begins, filter 'tcp port 1'"
    assert re.fullmatch(f"capture {running.number} of alice: ends with 0 frames, "
                        r"\d+ bytes, 0 lost: it was ended", ends)


def test_limits(world):
    counted = Running(world, "--count", "3", "icmp6", file=world.folder / "count.pcapng")
    sized = Running(world, "--size", "4k", file=world.folder / "size.pcapng")
    short = Running(world, "-i", "alice", "-s", "60", "--for", "2s",
                    file=world.folder / "short.pcapng")
    assert world.alice.ping(DATACENTER, 20, 5, "-i", "0.01", "-s", "500")
    for running in counted, sized, short:
        assert running.end() == 0, running.said
    assert len(counted.read().frames) == 3
    assert 0 < len(sized.file.read_bytes()) <= 4000 and sized.read().frames
    frames = short.read().frames
    assert {len(f.data) for f in frames if f.length > 500} == {60}
    assert audit(world)[-1].endswith("its time is over")


def test_superframes_are_shown_whole_and_right(world):
    running = Running(world, "-i", "alice", "tcp", file=world.folder / "super.pcapng")
    with stream(world, 9000) as send:
        world.until(lambda: send() and tcpdump(world, running.file, "greater 3000"),
                    "no superframe")
    assert running.interrupt() == 0
    capture = running.read()
    assert max(len(f.data) for f in capture.frames) > 3000
    said = tcpdump(world, running.file, "-vv")
    assert "correct" in said and "incorrect" not in said


@pytest.mark.parametrize("arguments, status, sentence", [
    (["-i", "nobody"], 10, "no client and no user is called 'nobody'"),
    (["-i", "\x1b[31m"], 10, r"'\\x1b[31m'"),
    (["icmp6", "and"], 2, "syntax error"),
    (["host", "\x1b[31m"], 2, r"'host \\x1b[31m'"),
    (["--count", "0"], 2, "'0' is no value"),
    (["--size", "5x"], 2, "'5x' is no value"),
    (["--for", "soon"], 2, "'soon' is no value"),
    (["-s", "262145"], 2, "must be 1 to 262144"),
    (["--stop", "4711"], 10, "no capture of that number"),
    (["-w", "/no/such/folder"], 1, "No such file"),
])
def test_what_is_asked_for_wrongly(world, arguments, status, sentence):
    done = world.office.run(LANYARD, "capture", "-c", world.the_server.conf, *arguments,
                            check=False)
    assert done.returncode == status, done.stderr
    assert sentence.replace("\\\\", "\\") in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("request_", [{"of": 17}, {"filter": 17}, {"of": ["alice"]}])
def test_what_is_no_text_is_not_taken_for_everything(world, request_):
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(20)
        asking.connect(str(world.the_server.socket))
        asking.sendall(json.dumps({"verb": "capture", **request_}).encode() + b"\n")
        answer = json.loads(asking.makefile("rb").readline())
    assert answer == {"error": f"'{[*request_][0]}' must be a text", "status": 2}


def test_a_file_is_emptied_by_a_capture_and_by_nothing_else(world):
    file = world.folder / "before.pcapng"
    file.write_bytes(b"x" * 100000)
    for wrong in (["-i", "nobody"], ["icmp6 and"]):
        assert Running(world, *wrong, file=file).end() > 0
        assert file.read_bytes() == b"x" * 100000
    running = Running(world, "-i", "alice", "tcp port 1", file=file)
    assert running.interrupt() == 0, running.said
    assert running.read().frames == []


def test_so_many_at_once_and_no_more(world):
    running = [Running(world, "-i", "alice", file=world.folder / f"{n}.pcapng") for n in range(4)]
    one_more = Running(world)
    assert one_more.end() == 1 and "as many as may" in one_more.said
    assert running[0].interrupt() == 0
    world.until(lambda: len(captures(world)) == 3, "its place is not free")
    again = Running(world, "-i", "bob", file=world.folder / "again.pcapng")
    assert again.number, again.said
    for one in [*running[1:], again]:
        assert one.interrupt() == 0
    world.until(lambda: captures(world) == [], "still running")


def test_lines_for_people_and_for_scripts(world):
    arguments = ["-i", "alice", "--count", "2", "icmp6 and host", DATACENTER]
    lines = Running(world, *arguments, stdout=subprocess.PIPE)
    objects = Running(world, "--json", *arguments, stdout=subprocess.PIPE)
    assert world.alice.ping(DATACENTER)
    text, said = (out.decode() for out in lines.process.communicate(timeout=30))
    alice = named(world, "alice")
    request, reply = text.splitlines()
    clock, address = r"\d\d:\d\d:\d\d\.\d{6} ", re.escape(DATACENTER)
    assert re.fullmatch(clock + re.escape(f"from {alice}  ") +
                        rf"\S+ > {address}: icmp6 echo request, \d+ bytes", request)
    assert re.fullmatch(clock + re.escape(f"to   {alice}  ") +
                        rf"{address} > \S+: icmp6 echo reply, \d+ bytes", reply)
    assert "2 frames captured" in said
    found = [json.loads(line) for line in objects.process.communicate(timeout=30)[0].splitlines()]
    assert [(one["interface"], one["direction"]) for one in found] == [(alice, "in"),
                                                                      (alice, "out")]


def test_a_reader_that_is_killed(world):
    running = Running(world, "-i", "alice", file=world.folder / "killed.pcapng")
    assert world.alice.ping(DATACENTER)
    running.process.kill()
    running.process.wait()
    world.until(lambda: captures(world) == [], "the capture outlives its reader")
    world.until(lambda: re.search(rf"capture {running.number} of alice: ends .*"
                                  "its reader (went away|wanted no more)", audit(world)[-1]),
                "no line in the audit log")


def test_a_disk_that_is_full(world):
    """The program says so, and the capture ends with it."""
    running = Running(world, "-i", "alice", file=world.folder / "../../dev/full")
    assert world.alice.ping(DATACENTER)
    assert running.end() == 1
    assert "No space left on device" in running.said
    world.until(lambda: captures(world) == [], "the capture goes on without a disk")


def test_a_reader_that_does_not_read_loses_frames_and_slows_nobody(world):
    read, write = os.pipe()
    running = Running(world, "-i", "alice", file="-", stdout=write)
    os.close(write)
    with stream(world, 9001) as send:
        def lost():
            assert world.alice.ping(DATACENTER, 1, 5), "the tunnel stands still"
            return send() and captures(world)[0]["lost"]
        world.until(lost, "nothing is lost", 60)
    running.process.send_signal(signal.SIGINT)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    assert running.end() == 0
    capture = pcapng.read(data)
    assert capture.dropped > 0 and capture.received == capture.dropped + len(capture.frames)
    assert f"{len(capture.frames)} frames captured, {capture.dropped} lost" in running.said


def test_a_client_that_goes_ends_the_capture_of_its_session(world):
    session = world.the_server.client("bob")["id"]
    running = Running(world, "-i", str(session), file=world.folder / "session.pcapng")
    assert world.the_server.cli("kick", "bob").returncode == 0
    assert running.end() == 0
    world.bob.reaches(DATACENTER)


def test_the_server_stops_while_captures_run(world):
    running = [Running(world, file=world.folder / "stop.pcapng"),
               Running(world, "-i", "lan", file=world.folder / "stop2.pcapng")]
    assert world.alice.ping(DATACENTER)
    world.the_server.stop()
    for one in running:
        assert one.end() == 0
        one.read()
    assert any(echoes(one.read()) for one in running)
