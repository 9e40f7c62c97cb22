# SPDX-License-Identifier: Apache-2.0
"""The list of tests/mutate cannot rot: each check of it stands in the source as the list has it, and
the tests that are to catch it are there."""

import sys

import pytest

from tree import ROOT

sys.path.insert(0, str(ROOT / "tests/tools"))
import mutants  # noqa: E402

ENTRY = """
[["a.c"]]
check = "so many"
text = "n > MAX"
turned = "false"
unit = "a/b"
"""
AT_LEAST = 120  # checks: a list that lost its files would be easy to pass


def one(**changes):
    return [mutants.Mutant(**dict(vars(mutants.parse(ENTRY)[0]), **changes))]


def found(tmp_path, listed, source="if (n > MAX)\n"):
    """What is wrong with a list about a tree of one file and one unit test."""
    (tmp_path / "a.c").write_text(source)
    try:
        mutants.check(tmp_path, listed, lambda name: name == "a/b")
    except mutants.BadList as bad:
        return str(bad)
    return None


@pytest.mark.parametrize("what, source, expected", [
    ("once", "if (n > MAX)", None),
    ("not there any more", "if (n >= MAX)", "0 times"),
    ("twice", "n > MAX || n > MAX", "2 times"),
])
def test_a_text_is_there_once(tmp_path, what, source, expected):
    wrong = found(tmp_path, one(), source)
    assert wrong is None if expected is None else expected in wrong, what


@pytest.mark.parametrize("what, listed, expected", [
    ("nothing turned", one(turned="n > MAX"), "nothing is turned round"),
    ("no such file", one(file="b.c"), "no such file"),
    ("no test", one(unit=()), "no test is to catch it"),
    ("no such unit test", one(unit=("a/c",)), "no test a/c"),
    ("no such namespace test", one(netns=("test_a.py", "-k", "x")), "no test test_a.py"),
    ("one twice", one() * 2, "is there twice"),
])
def test_what_does_not_fit(tmp_path, what, listed, expected):
    assert expected in (found(tmp_path, listed) or ""), what


@pytest.mark.parametrize("document", [ENTRY + 'word = "y"', ENTRY.replace('turned = "false"', "")])
def test_an_entry_has_its_fields(document):
    with pytest.raises(mutants.BadList):
        mutants.parse(document)


def test_arguments_are_split_as_words():
    entry = mutants.parse(ENTRY + "netns = \"test_a.py -k 'one or two'\"\n")[0]
    assert entry.netns == ("test_a.py", "-k", "one or two")


def is_unit_test(name):
    """By its source; whether the build has it under this name, tests/mutate finds out."""
    folder, test = name.split("/")[:2]
    return (ROOT / "tests/unit" / folder / f"test_{test}.c").is_file()


def test_the_list_fits_the_tree():
    listed = mutants.read(ROOT)
    mutants.check(ROOT, listed, is_unit_test)
    assert len(listed) >= AT_LEAST
