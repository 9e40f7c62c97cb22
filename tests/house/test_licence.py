# SPDX-License-Identifier: Apache-2.0
"""Every file of source begins with one line that says its licence (after #! where there is one)."""

import pytest

from tree import source_files

LINE = "SPDX-License-Identifier: Apache-2.0"


def has_licence(text):
    lines = text.splitlines()[:2]
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    return bool(lines) and LINE in lines[0]


@pytest.mark.parametrize("what, text, expected", [
    ("first line", f"/* {LINE} */\n", True),
    ("after the interpreter", f"#!/bin/sh\n# {LINE}\n", True),
    ("second line of a C file", f"/* a file */\n/* {LINE} */\n", False),
    ("another licence", "/* SPDX-License-Identifier: MIT */\n", False),
    ("an empty file", "", False),
])
def test_the_check_itself(what, text, expected):
    assert has_licence(text) == expected, what


def test_every_source_file_names_its_licence():
    without = [path for path, text in source_files() if not has_licence(text)]
    assert not without, "no SPDX line at the top of: " + ", ".join(without)
