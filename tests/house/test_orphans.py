# SPDX-License-Identifier: Apache-2.0
"""tests/mutate leaves no process behind, whatever a program does in which a check is turned round."""

import os
import signal
import subprocess
import sys

import pytest

from tree import ROOT

# In a process of its own: it becomes the parent of orphans.
MUTATE = """
import importlib.machinery, importlib.util, sys
root, command, log = sys.argv[1:]
loader = importlib.machinery.SourceFileLoader("mutate", f"{root}/tests/mutate")
mutate = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
loader.exec_module(mutate)
import build
tests = object.__new__(mutate.Tests)
tests.build = build
mutate.orphans.adopt()
sys.exit(tests.run(["sh", "-c", command], log, 60))
"""


def is_there(process):
    """A zombie is not: it has ended, and its parent has not looked yet."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("what, command, count", [
    ("one of the test's group", "sleep 1000 & note $!", 1),
    ("one with a session of its own", "setsid sleep 1000 & note $!", 1),
    ("who has a child", "(setsid sleep 1000 & note $!; exec sleep 1000) & note $!", 2),
    ("who started it has ended", "(setsid sleep 1000 & note $!)", 1),
])
def test_nothing_stays(tmp_path, what, command, count):
    noted = tmp_path / "noted"
    script = (f"note() {{ echo $1 >> {noted}; }}\n{command}\n"
              f"until [ $(grep -c . {noted}) = {count} ]; do :; done; exit 3")
    done = subprocess.run([sys.executable, "-B", "-c", MUTATE, ROOT, script, tmp_path / "log"],
                          capture_output=True, text=True, check=False)
    started = [int(line) for line in noted.read_text().split()]
    left = [process for process in started if is_there(process)]
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert done.returncode == 3 and len(started) == count, (what, done.stderr)
    assert not left, what
