# SPDX-License-Identifier: Apache-2.0
"""The C sources look as .clang-format says.

Versions of clang-format disagree on details, so only the one that the tree was formatted with
is asked; elsewhere this is skipped.
"""

import re
import shutil
import subprocess

import pytest

from tree import ROOT, c_files

MAJOR = "14"


def clang_format():
    """The program, or a sentence why not."""
    for name in (f"clang-format-{MAJOR}", "clang-format"):
        if not shutil.which(name):
            continue
        version = subprocess.run([name, "--version"], capture_output=True, text=True, check=True)
        found = re.search(r"version (\d+)", version.stdout)
        if found and found[1] == MAJOR:
            return name
    pytest.skip(f"formatting is checked where clang-format is version {MAJOR}")


def complaints(program, arguments, text=None):
    return subprocess.run([program, "--dry-run", "-Werror", "--style=file", *arguments], cwd=ROOT,
                          input=text, capture_output=True, text=True, check=False).stderr


def test_the_check_itself():
    program = clang_format()
    assert complaints(program, ["--assume-filename=x.c"], "int x;\n") == ""
    assert complaints(program, ["--assume-filename=x.c"], "int  x ;\n") != ""


def test_every_c_file_is_formatted():
    found = complaints(clang_format(), [path for path, _ in c_files()])
    named = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", found, re.MULTILINE)))
    assert not found, "clang-format -i " + " ".join(named)
