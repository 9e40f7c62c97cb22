# SPDX-License-Identifier: Apache-2.0
"""The page's parts that know no document, by node's own test runner: one pytest test for each."""

import re
import subprocess

import pytest

from browser import HERE

FILES = sorted((HERE / "unit").glob("*.test.js"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_unit(path):
    done = subprocess.run(["node", "--test", "--test-reporter=tap", path], capture_output=True,
                          text=True, check=False, timeout=60)
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert done.returncode == 0 and passed and int(passed[1]) > 0, done.stdout + done.stderr
