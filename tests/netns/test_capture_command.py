# SPDX-License-Identifier: Apache-2.0
"""`lanyard capture` with a server that is none: what it makes of a stream that breaks off, and of an
interruption while nobody reads what it says.  Needs no network."""

import concurrent.futures
import contextlib
import select
import signal
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from lan import LANYARD

FRAME = bytes.fromhex("33330000000102000000000186dd") + bytes(1400)


def block(kind, body):
    length = struct.pack(">I", len(body) + 12)
    return struct.pack(">I", kind) + length + body + length


HEAD = (b'{"schema":1,"capture":1}\n'
        + block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1))
        + block(1, struct.pack(">HHI", 1, 0, 262144)))
PACKET = block(6, struct.pack(">IIIII", 0, 0, 0, len(FRAME), len(FRAME)) + FRAME + bytes(2))
STATISTICS = block(5, struct.pack(">III", 0, 0, 0))


@contextlib.contextmanager
def capturing(folder, *arguments, stdout=subprocess.DEVNULL):
    """The program, and its connection to us."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "server.sock"))
        listener.listen()
        with subprocess.Popen([LANYARD, "capture", "--socket", folder / "server.sock", *arguments],
                              stdout=stdout, stderr=subprocess.PIPE) as program:
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(20)
                    assert connection.makefile("rb").readline().startswith(b"{")
                    yield program, connection
            finally:
                program.kill()


@pytest.mark.parametrize("sent, status, sentence", [
    (HEAD + PACKET + STATISTICS, 0, "1 frames captured, 0 lost"),
    (HEAD + PACKET, 1, "the server hung up before the capture's end"),
    (HEAD + PACKET + PACKET[:100], 1, "the server hung up before the capture's end"),
    (HEAD + PACKET[:4] + bytes(4), 1, "the server sends no capture"),
])
def test_a_stream_that_breaks_off_is_not_called_whole(tmp_path, sent, status, sentence):
    with capturing(tmp_path, "-w", tmp_path / "file") as (program, connection):
        connection.sendall(sent)
        connection.close()
        said = program.communicate(timeout=20)[1].decode()
    assert (program.returncode, sentence in said) == (status, True), said


def is_asleep(program):
    state = Path(f"/proc/{program.pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1][0]
    return state == "S"


def fill(program, connection):
    """Until it takes no more and sleeps, as nobody reads its lines; what is left of a packet."""
    sent = 0
    while True:
        if select.select([], [connection], [], 0.2)[1]:
            sent += connection.send(PACKET[sent % len(PACKET):])
        elif is_asleep(program):
            return PACKET[sent % len(PACKET):] if sent % len(PACKET) else b""


def test_interrupted_while_it_writes_a_line_it_goes_on_to_the_end(tmp_path):
    with capturing(tmp_path, stdout=subprocess.PIPE) as (program, connection):
        connection.sendall(HEAD)
        connection.setblocking(False)
        rest = fill(program, connection)
        connection.settimeout(20)
        program.send_signal(signal.SIGINT)
        assert connection.recv(1) == b""  # it wants no more
        with concurrent.futures.ThreadPoolExecutor() as pool:
            sending = pool.submit(connection.sendall, rest + STATISTICS)
            sending.add_done_callback(lambda _: connection.shutdown(socket.SHUT_WR))
            lines, said = program.communicate(timeout=20)
            sending.result()
    assert program.returncode == 0, said
    assert f"{lines.count(10)} frames captured, 0 lost" in said.decode()
