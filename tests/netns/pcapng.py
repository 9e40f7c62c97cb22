# SPDX-License-Identifier: Apache-2.0
"""Reads what `lanyard capture` writes, with the direction of each frame, which tcpdump does not
show.  Takes the blocks apart by itself: a second opinion on base/pcapng.c."""

import struct
from collections import namedtuple

Frame = namedtuple("Frame", "interface direction data length time")
Capture = namedtuple("Capture", "frames interfaces received dropped")

DIRECTIONS = {0: "unknown", 1: "in", 2: "out"}


def options_of(body):
    at, found = 0, {}
    while at + 4 <= len(body):
        code, length = struct.unpack_from(">HH", body, at)
        found[code] = body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


def blocks_of(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from(">II", data, at)
        assert length % 4 == 0 and at + length <= len(data), "the file ends in a block"
        assert struct.unpack_from(">I", data, at + length - 4)[0] == length
        yield kind, data[at + 8:at + length - 4]
        at += length


def read(data):
    frames, interfaces, received, dropped = [], [], None, None
    for kind, body in blocks_of(data):
        if kind == 1:
            interfaces.append(options_of(body[8:])[2].decode())
        elif kind == 6:
            number, high, low, length, original = struct.unpack_from(">IIIII", body)
            flags = options_of(body[20 + (length + 3) // 4 * 4:])[2]
            frames.append(Frame(interfaces[number],
                                DIRECTIONS[struct.unpack(">I", flags)[0] & 3],
                                body[20:20 + length], original, (high << 32 | low) / 1e9))
        elif kind == 5:
            options = options_of(body[12:])
            received, dropped = (struct.unpack(">Q", options[code])[0] for code in (4, 5))
    return Capture(frames, interfaces, received, dropped)
