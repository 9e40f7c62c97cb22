# SPDX-License-Identifier: Apache-2.0
"""The list of security checks that tests/mutate turns round: read, and held against the sources.

tests/mutants/*.toml has a table of each file of source, and in it one of each check:

    [["tls/record.c"]]
    check = "a record longer than RFC 8446 5.2 allows is refused"
    text = "body.len > SEALED_BODY_MAX"     once in the file, exactly so
    turned = "false"                        what stands there when the check is turned round
    unit = "tls/record tls/session"         names of unit tests of which one must fail, or
    netns = "test_login.py -k code"         arguments of pytest in tests/netns, likewise
"""

import re
import tomllib
from dataclasses import dataclass

FIELDS = {"check", "text", "turned", "unit", "netns"}


@dataclass(frozen=True)
class Mutant:
    file: str
    check: str
    text: str
    turned: str
    unit: tuple
    netns: tuple

    def __str__(self):
        return f"{self.file}: {self.check}"


class BadList(Exception):
    """str(): what is wrong, a line for each entry."""


def parse(document):
    """The mutants of one TOML text.  Raises BadList."""
    found = []
    for file, entries in tomllib.loads(document).items():
        for entry in entries:
            unknown, missing = set(entry) - FIELDS, {"check", "text", "turned"} - set(entry)
            if unknown or missing:
                raise BadList(f"{file}: '{entry.get('check')}' has {sorted(unknown)} too many and "
                              f"{sorted(missing)} too few")
            found.append(Mutant(file, entry["check"], entry["text"], entry["turned"],
                                tuple(entry.get("unit", "").split()),
                                tuple(_words(entry.get("netns", "")))))
    return found


def _words(text):
    """As a shell would split it, quotes and all; shlex without its other rules."""
    return [a or b for a, b in re.findall(r"'([^']*)'|(\S+)", text)]


def read(root):
    """All mutants of a tree, in the order of the lists.  Raises BadList."""
    return [mutant for path in sorted((root / "tests/mutants").glob("*.toml"))
            for mutant in parse(path.read_text())]


def turn(source, mutant):
    """The source with the check turned round.  Raises BadList if the list does not fit."""
    count = source.count(mutant.text)
    if count != 1:
        raise BadList(f"{mutant}: its text is {count} times in the file, not once")
    return source.replace(mutant.text, mutant.turned)


def fault(mutant, source, is_unit_test, netns_files):
    """What is wrong with one, or None.  source: of its file; None if that is not there."""
    if source is None:
        return f"{mutant}: there is no such file"
    try:
        if turn(source, mutant) == source:
            return f"{mutant}: nothing is turned round"
    except BadList as bad:
        return str(bad)
    if not mutant.unit and not mutant.netns:
        return f"{mutant}: no test is to catch it"
    lost = [name for name in mutant.unit if not is_unit_test(name)]
    lost += [name for name in mutant.netns[:1] if name not in netns_files]
    return f"{mutant}: there is no test {', '.join(lost)}" if lost else None


def check(root, mutants, is_unit_test):
    """Holds all of them against a tree.  Raises BadList, which names each that does not fit."""
    sources = {file: (root / file).read_text() if (root / file).is_file() else None
               for file in {mutant.file for mutant in mutants}}
    netns_files = {path.name for path in (root / "tests/netns").glob("test_*.py")}
    faults = [fault(mutant, sources[mutant.file], is_unit_test, netns_files) for mutant in mutants]
    names = [str(mutant) for mutant in mutants]
    faults += [f"{name}: is there twice" for name in sorted(set(names)) if names.count(name) > 1]
    if any(faults):
        raise BadList("\n".join(filter(None, faults)))
