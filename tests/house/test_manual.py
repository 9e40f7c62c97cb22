# SPDX-License-Identifier: Apache-2.0
"""The manual names what the program has: every key of both configurations, every verb and option.

Asks the program itself ($LANYARD_BUILD/cli/lanyard); skipped while that is not built.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tree import ROOT

PROGRAM = Path(os.environ.get("LANYARD_BUILD", ROOT / "build/asan")) / "cli/lanyard"
COMPLETION = ROOT / "packaging/completion/lanyard"


def ask(*arguments):
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not built")
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=True).stdout


def page(name):
    return (ROOT / "packaging/man" / name).read_text()


def described_keys(text):
    """Pairs of section and key of what --describe printed."""
    section, keys = None, []
    for line in text.splitlines():
        heading = re.fullmatch(r"\[([^]]+)\](?: with the keys of \[\w+\].*)?", line)
        if heading:
            section = heading[1]
        else:
            keys.append((section, line.split()[0]))
    return keys


def described_sections(text):
    return re.findall(r"^\[([^]]+)\]", text, re.MULTILINE)


def documented_sections(text):
    """The same of a page: .Ss [a], or .Ss [b NAME] and [c NAME]."""
    return [name for heading in re.findall(r"^\.Ss (\[.+)", text, re.MULTILINE)
            for name in re.findall(r"\[([^]]+)\]", heading)]


def documented_keys(text):
    """The same of a page: .It Cm KEY in the list below .Ss [SECTION]."""
    section, keys, depth = None, [], 0
    for line in text.splitlines():
        heading = re.fullmatch(r"\.S([hs]) (.+)", line)
        if heading:
            inside = re.match(r"\[([^]]+)\]", heading[2])
            section = inside[1] if inside else None
        depth += line.startswith(".Bl") - line.startswith(".El")
        item = re.fullmatch(r"\.It Cm (\S+)", line)
        if item and section and depth == 1:
            keys.append((section, item[1]))
    return keys


def options_of(text):
    """-c, --json and so on, from the lines of a verb's help that begin with one, and its usage."""
    return set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", text))


def overview():
    return re.findall(r"^  (\w+) ", ask("--help"), re.MULTILINE)


def part_of(text, verb):
    """What lanyard.8 says below .It Cm VERB of its outer list."""
    start = text.index(f".It Cm {verb}\n", text.index(".Ss Verbs"))
    following = [text.find(f"\n.It Cm {other}\n", start) for other in overview()]
    following = [at for at in following if at > start] + [text.index(".Sh ENVIRONMENT")]
    return text[start:min(following)]


def test_the_reading_itself():
    described = "[a]\n  one     yes or no\n[c NAME] with the keys of [a] and [b]\n[b]\n  two     a number\n"
    documented = ".Ss [a]\n.Bl -tag\n.It Cm one\n.Bl -tag\n.It Cm inner\n.El\n.El\n" \
                 ".Ss [b]\n.Bl -tag\n.It Cm two\n.El\n.Sh FILES\n.Bl -tag\n.It Cm no\n.El\n"
    assert described_keys(described) == documented_keys(documented) == [("a", "one"), ("b", "two")]
    assert described_sections(described) == ["a", "c NAME", "b"]
    assert documented_sections(".Ss [a]\n.Ss [b NAME] and [c NAME]\n.Ss Other\n") == [
        "a", "b NAME", "c NAME"]
    assert options_of("usage: x [-c FILE]\n  --json  one-line; a-b\n") == {"-c", "--json"}


@pytest.mark.parametrize("verb, name", [
    ("server", "lanyard-server.conf.5"),
    ("connect", "lanyard-client.conf.5"),
])
def test_a_page_has_exactly_the_keys_of_the_program(verb, name):
    described = ask(verb, "--describe")
    assert documented_sections(page(name)) == described_sections(described), name
    assert documented_keys(page(name)) == described_keys(described), name


def test_the_manual_has_every_verb_and_every_option():
    text = page("lanyard.8")
    verbs = overview()
    assert verbs, "lanyard --help lists no verbs"
    for verb in verbs:
        part = part_of(text, verb) + re.search(rf"\.Cm {verb}\n(.*?)\n\.(?:Nm|Sh)", text,
                                               re.DOTALL)[1]
        for option in options_of(ask(verb, "--help")):
            letters = option.lstrip("-")
            written = rf"\bFl {re.escape(option[1:])}\b" if option.startswith("--") \
                else rf"\bFl [a-z]*{letters}"
            assert re.search(written, part), f"lanyard.8 does not tell of {verb} {option}"


def test_the_completion_has_every_verb_and_every_option():
    text = COMPLETION.read_text()
    for verb in overview():
        assert re.search(rf'words="[^"]*\b{verb}\b', text), f"no completion of {verb}"
        part = re.search(rf"^\t\t{verb}\)(.*?)(?=^\t\t\w+\)|^\t\tesac)", text,
                         re.DOTALL | re.MULTILINE)
        assert part, f"no completion of {verb}'s options"
        missing = options_of(ask(verb, "--help")) - options_of(part[1])
        assert not missing, f"no completion of {verb} {missing}"


def shown_views():
    """Every name that `lanyard show` lists."""
    ask("--help")  # or skip
    listed = subprocess.run([PROGRAM, "show"], capture_output=True, text=True, check=False).stderr
    lines = re.findall(r"^  (.+?)(?: NAME)?  ", listed, re.MULTILINE)
    return {name for line in lines for name in line.split(", ")}


def test_what_can_be_shown_is_told_everywhere():
    views = shown_views()
    assert {"clients", "addresses", "neighbours", "audit"} <= views
    manual = part_of(page("lanyard.8"), "show")
    completion = re.search(r"^\t\tshow\)(.*?)^\t\tdoctor\)", COMPLETION.read_text(),
                           re.DOTALL | re.MULTILINE)[1]
    for where, text in ("lanyard.8", manual), ("help", ask("show", "--help")), \
                       ("the completion", completion):
        missing = {view for view in views if not re.search(rf"(?<![\w-]){view}(?![\w-])", text)}
        assert not missing, f"{where} does not tell of show {missing}"


def test_the_manual_has_every_reason_of_a_drop():
    source = (ROOT / "bridge/drop.c").read_text()
    reasons = set(re.findall(r'\[DROP_\w+\] = "([a-z0-9-]+)"', source)) - {"none"}
    manual = (ROOT / "packaging/man/lanyard.8").read_text()
    assert len(reasons) > 20
    assert reasons <= set(re.findall(r"Cm ([a-z0-9-]+)", manual)), "an undocumented reason"
