# SPDX-License-Identifier: Apache-2.0
"""What a core dump of a process would have, and how a secret may lie in it."""

import base64
import re


def core_of(pid):
    """Writable memory, but what is marked so that no core dump has it (MADV_DONTDUMP)."""
    regions, memory = [], []
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as smaps:
        for line in smaps:
            if found := re.match(r"([0-9a-f]+)-([0-9a-f]+) (....)", line):
                region = [int(found[1], 16), int(found[2], 16), found[3]]
            elif line.startswith("VmFlags:") and "rw" in region[2] and " dd" not in line:
                regions.append(region)
    with open(f"/proc/{pid}/mem", "rb", 0) as file:
        for begin, end, _ in regions:
            if end - begin < 1 << 28:  # more is the shadow of a sanitizer's
                file.seek(begin)
                memory.append(file.read(end - begin))
    return b"".join(memory)



def key_shapes(pem):
    """A P-256 key as it may lie in memory: a line of its text, the number, and the number turned
    round, as a big number of mbedTLS has it."""
    body = "".join(line for line in pem.splitlines() if "-----" not in line)
    der = base64.b64decode(body)
    at = der.index(b"\x04\x20") + 2  # RFC 5915 3: the private key, 32 bytes
    number = der[at:at + 32]
    return {"its text": pem.split("-----\n", 1)[1][:64].encode(), "its number": number,
            "its number turned round": number[::-1]}
