# SPDX-License-Identifier: Apache-2.0
"""`lanyard events` and `status --watch`: what happens is told once, and a terminal is as it was."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

import pytest

from lan import LANYARD, Lan


@pytest.fixture(scope="module")
def world():
    with Lan() as lan:
        lan.server("[dhcp6]\npool = 2001:db8:1::1000-2001:db8:1::1fff\n[ra]\nprefix = 2001:db8:1::/64\n")
        lan.alice = lan.client("alice")
        yield lan


def events(world):
    done = world.the_server.cli("events", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["events"]


def find(world, kind, text=""):
    """The newest event of that kind."""
    return next((e for e in reversed(events(world)) if e["kind"] == kind and
                 re.search(text, e["text"])), None)


def test_a_client_comes_and_goes(world):
    up = find(world, "client-up")
    assert up["user"] == "alice" and up["client"] == world.the_server.client("alice")["id"]
    assert re.fullmatch(r"client \d+ \(alice, \S+\): logged in from \S+", up["text"])
    assert find(world, "server", "ready")["seq"] < up["seq"]
    assert world.the_server.cli("kick", "alice").returncode == 0
    world.until(lambda: find(world, "client-down", "disconnected by the administrator"), "no end")
    world.until(lambda: find(world, "client-up")["seq"] > up["seq"], "she did not come back")
    numbers = [e["seq"] for e in events(world)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_configuration_is_read_again(world):
    assert world.the_server.cli("reload").returncode == 0
    assert find(world, "config", "was read again")
    good = world.the_server.conf.read_text()
    world.the_server.conf.write_text(good + "[nonsense]\n")
    assert world.office.run(LANYARD, "reload", "--socket", world.the_server.socket,
                            check=False).returncode == 78
    world.the_server.conf.write_text(good)
    assert find(world, "config", "stays as it was: .*nonsense")


def test_who_may_not_come_in(world):
    carol = world.client("carol", connect=False)
    assert world.the_server.cli("user", "block", "carol", "--reason", "\x1b[31mno").returncode == 0
    assert carol.try_once()[0] == 5
    assert find(world, "login-failed", "'carol' from 192.0.2.11")
    assert all("\x1b" not in e["text"] for e in events(world))


def test_following(world):
    follow = subprocess.Popen(world.office.enter([LANYARD, "events", "--follow", "--json", "-c",
                                                  world.the_server.conf]),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wanted = len(events(world))
        seen = [json.loads(follow.stdout.readline()) for _ in range(wanted)]
        assert world.the_server.cli("reload").returncode == 0
        seen.append(json.loads(follow.stdout.readline()))
    finally:
        follow.send_signal(signal.SIGTERM)
        follow.communicate(timeout=20)
    assert [e["seq"] for e in seen] == list(range(1, wanted + 2))
    assert seen[-1]["kind"] == "config"
    shown = world.the_server.cli("show", "events").stdout
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  config +server: ", shown, re.MULTILINE)


class Terminal:
    """A program on a terminal of its own, and all that it has said there."""

    def __init__(self, world, *arguments, **environment):
        self.screen = b""
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(world.office.enter([LANYARD, *arguments]), stdin=slave,
                                        stdout=slave, stderr=slave, start_new_session=True,
                                        env={**os.environ, "TERM": "xterm", **environment})
        self.slave = slave

    def until(self, pattern, seconds=20):
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.screen):
            ready, _, _ = select.select([self.master], [], [], deadline - time.monotonic())
            assert ready, f"no {pattern} in {self.screen[-2000:]}"
            self.screen += os.read(self.master, 65536)

    def type(self, keys):
        os.write(self.master, keys)

    def end(self):
        self.process.wait(20)
        self.until(rb"\x1b\[\?25h\x1b\[\?1049l")  # the cursor and the first screen are back
        assert termios.tcgetattr(self.slave) == self.before
        os.close(self.master)
        os.close(self.slave)
        return self.process.returncode


def watch(world, **environment):
    terminal = Terminal(world, "status", "--watch", "-c", world.the_server.conf, **environment)
    terminal.until(rb"RECEIVING")
    assert terminal.screen.startswith(b"\x1b[?1049h")
    terminal.until(rb"alice")
    return terminal


def test_watching_ends_by_a_key(world):
    terminal = watch(world)
    terminal.until(rb"\x1b\[1mID")
    terminal.type(b"s")
    terminal.until(rb"by user")  # on 80 columns, as nobody told it how many there are
    terminal.type(b"q")
    assert terminal.end() == 0


def test_watching_without_colour(world):
    terminal = watch(world, NO_COLOR="1")
    assert b"\x1b[1m" not in terminal.screen
    terminal.type(b"q")
    assert terminal.end() == 0


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM),
                                            (signal.SIGHUP, -signal.SIGHUP)])
def test_a_signal_leaves_the_terminal_as_it_was(world, number, status):
    terminal = watch(world)
    terminal.process.send_signal(number)
    assert terminal.end() == status


def test_suspended_and_back(world):
    terminal = watch(world)
    terminal.process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    terminal.until(rb"\x1b\[\?25h\x1b\[\?1049l")
    assert termios.tcgetattr(terminal.slave) == terminal.before
    terminal.screen = b""
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until(rb"\x1b\[\?1049h(?s:.*)RECEIVING")
    terminal.screen = b""
    terminal.type(b"q")
    assert terminal.end() == 0


def test_a_resize_is_followed(world):
    terminal = watch(world)
    termios.tcsetwinsize(terminal.slave, (10, 20))
    terminal.process.send_signal(signal.SIGWINCH)
    terminal.until(rb"q quit  s sort  r re\x1b\[K")
    terminal.type(b"q")
    assert terminal.end() == 0


def test_watching_without_a_terminal(world):
    assert world.the_server.cli("status", "--watch").returncode == 2
    lines = subprocess.Popen(world.office.enter([LANYARD, "status", "--watch", "--json", "-c",
                                                 world.the_server.conf]),
                             stdout=subprocess.PIPE, text=True)
    try:
        looks = [json.loads(lines.stdout.readline()) for _ in range(2)]
    finally:
        lines.kill()
        lines.communicate()
    assert [look["role"] for look in looks] == ["server", "server"]


def test_a_server_that_goes_is_said(world):
    terminal = watch(world)
    world.the_server.stop()
    terminal.until(rb"NO ANSWER: no daemon is running")
    world.the_server.start()
    size = len(terminal.screen)
    world.until(lambda: world.the_server.client("alice"), "alice did not come back", 30)
    terminal.screen = terminal.screen[size:]
    terminal.until(rb"1 client ")
    terminal.type(b"q")
    assert terminal.end() == 0
