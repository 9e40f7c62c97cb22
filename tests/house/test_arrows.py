# SPDX-License-Identifier: Apache-2.0
"""Who may include whom.

base knows nobody; mechanisms know base and not each other; programs know the mechanisms; nobody
knows the programs.  Our own headers are included from the root, so that a file's include list is
its list of dependencies.  Some libraries are kept behind a door of a few files each.
"""

import re
from collections import namedtuple
from fnmatch import fnmatch

import pytest

from tree import c_files

MECHANISMS = {"bridge", "radvd-lite", "dhcp6", "tls", "admin"}
MAY_KNOW = {
    "base": set(),
    **{mechanism: {"base"} for mechanism in MECHANISMS},
    "server": {"base"} | MECHANISMS,
    "client": {"base", "bridge", "dhcp6", "tls", "radvd-lite"},
    "cli": {"base", "server", "client"},
}

# Headers, the files that may include them, and how many files at most.
Door = namedtuple("Door", "headers files most")
DOORS = {
    "mbedTLS": Door(r"(mbedtls|psa)/", ("tls/pki.c", "tls/handshake.c", "tls/key_schedule.c",
                                        "tls/mbed.h"), 4),
    "libnl": Door(r"netlink/", ("bridge/link*.c", "bridge/link_private.h"), 8),
    "intel-ipsec-mb": Door(r"intel-ipsec-mb\.h$", ("tls/aead_ipsec_mb.c",), 1),
    "libpcap": Door(r"pcap(\.h$|/)", ("bridge/*.c",), 1),
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*(.*?)[ \t]*$', re.MULTILINE)
NAME = re.compile(r'(?P<open>[<"])(?P<name>[^>"]+)[>"]')


def arrow_complaint(path, opening, name):
    """What is wrong with an include of a header of ours; None if nothing is."""
    folder, target = path.split("/")[0], name.split("/")[0]
    if target not in MAY_KNOW or "/" not in name or ".." in name:
        if opening == '"':
            return f"{path} includes \"{name}\", which is not a path from the root"
        return None
    if opening == "<":
        return f"{path} includes <{name}>; our own headers stand in quotes"
    if target != folder and target not in MAY_KNOW[folder]:
        return f"{path} includes {name}: {folder} must not know {target}"
    return None


def door_complaints(users):
    """users: for each library, the files that include it."""
    for library, paths in users.items():
        door = DOORS[library]
        for path in sorted(paths):
            if not any(fnmatch(path, allowed) for allowed in door.files):
                yield f"{path} includes {library}, which is for {', '.join(door.files)} only"
        if len(paths) > door.most:
            yield f"{library} is included in {len(paths)} files: {', '.join(sorted(paths))}"


def complaints(files):
    """files: pairs of path and text.  Returns one sentence for each forbidden include."""
    found = []
    users = {library: set() for library in DOORS}
    for path, text in files:
        if path.split("/")[0] not in MAY_KNOW:
            continue
        for written in INCLUDE.findall(text):
            include = NAME.match(written)
            if not include:
                found.append(f"{path} includes {written}, which cannot be checked")
                continue
            complaint = arrow_complaint(path, include["open"], include["name"])
            found += [complaint] if complaint else []
            for library, door in DOORS.items():
                if re.match(door.headers, include["name"]):
                    users[library].add(path)
    return found + list(door_complaints(users))


@pytest.mark.parametrize("what, path, text, complaint", [
    ("base uses base", "base/err.c", '#include "base/err.h"', None),
    ("base uses the C library", "base/err.c", "#include <stdio.h>", None),
    ("base must not know a mechanism", "base/err.c", '#include "bridge/tap.h"', "must not know"),
    ("a mechanism uses base", "tls/record.c", '#include "base/bytes.h"', None),
    ("a mechanism uses itself", "tls/record.c", '#include "tls/aead.h"', None),
    ("a mechanism must not know another", "tls/record.c", '#include "bridge/tap.h"',
     "tls must not know bridge"),
    ("a mechanism must not know a program", "dhcp6/lease.c", '#include "server/state.h"',
     "must not know"),
    ("the server knows every mechanism", "server/control.c",
     '#include "dhcp6/lease.h"\n#include "admin/page.h"\n#include "radvd-lite/ra.h"', None),
    ("the server must not know the client", "server/control.c", '#include "client/host.h"',
     "must not know"),
    ("the client parses advertisements", "client/host.c", '#include "radvd-lite/ra.h"', None),
    ("the client asks for prefixes", "client/host.c", '#include "dhcp6/client.h"', None),
    ("the client must not know the server", "client/host.c", '#include "server/state.h"',
     "must not know"),
    ("cli knows the programs", "cli/main.c", '#include "server/server.h"', None),
    ("cli must not know a mechanism", "cli/main.c", '#include "tls/pki.h"', "must not know"),
    ("nobody knows cli", "client/host.c", '#include "cli/verbs.h"', "must not know"),
    ("an include beside the file", "base/err.c", '#include "err.h"', "not a path from the root"),
    ("an include over a parent", "base/err.c", '#include "../bridge/tap.h"',
     "not a path from the root"),
    ("a parent in the middle", "base/err.c", '#include "base/../bridge/tap.h"',
     "not a path from the root"),
    ("our header in angle brackets", "tls/record.c", "#include <bridge/tap.h>", "in quotes"),
    ("an include that is indented", "base/err.c", '#  include   "tls/pki.h"', "must not know"),
    ("an include behind a macro", "base/err.c", "#include SOME_HEADER", "cannot be checked"),
    ("tests may use what they test", "tests/unit/tls/test_pki.c", '#include "tls/pki.h"', None),
    ("mbedTLS behind its door", "tls/pki.c", "#include <mbedtls/x509.h>", None),
    ("mbedTLS elsewhere in tls", "tls/record.c", "#include <mbedtls/gcm.h>", "mbedTLS"),
    ("mbedTLS elsewhere", "server/greeter.c", "#include <psa/crypto.h>", "mbedTLS"),
    ("mbedTLS in quotes", "base/siphash.c", '#include "psa/crypto.h"', "mbedTLS"),
    ("libnl behind its door", "bridge/link_watch.c", "#include <netlink/route/link.h>", None),
    ("libnl elsewhere", "client/host.c", "#include <netlink/netlink.h>", "libnl"),
    ("the kernel's netlink header is not libnl", "client/host.c",
     "#include <linux/netlink.h>", None),
    ("intel-ipsec-mb behind its door", "tls/aead_ipsec_mb.c", "#include <intel-ipsec-mb.h>", None),
    ("intel-ipsec-mb elsewhere", "tls/aead.c", "#include <intel-ipsec-mb.h>", "intel-ipsec-mb"),
    ("libpcap behind its door", "bridge/lan.c", "#include <pcap.h>", None),
    ("libpcap elsewhere", "server/capture.c", "#include <pcap/pcap.h>", "libpcap"),
])
def test_the_check_itself(what, path, text, complaint):
    found = " ".join(complaints([(path, text)]))
    assert (complaint in found) if complaint else not found, f"{what}: {found}"


def test_the_check_sees_a_second_file_with_libpcap():
    found = complaints([("bridge/lan.c", "#include <pcap.h>"),
                        ("bridge/capture.c", "#include <pcap/pcap.h>")])
    assert found == ["libpcap is included in 2 files: bridge/capture.c, bridge/lan.c"]


def test_nobody_includes_what_is_not_for_him():
    found = complaints(c_files())
    assert not found, "\n".join(found)
