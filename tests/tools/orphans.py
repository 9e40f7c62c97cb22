# SPDX-License-Identifier: Apache-2.0
"""What programs leave behind when they end: it becomes ours instead of init's, and ends when we say.

Not a process group: a program that has lost its own children may have given them one of their own.
"""

import ctypes
import os
import signal
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def adopt():
    """From now on whoever loses its parent below us becomes a child of this process (prctl(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _parent(process):
    """Its parent's id; None if it has gone.  proc(5): the name may have blanks and brackets."""
    try:
        return int((process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _children():
    return [int(process.name) for process in Path("/proc").iterdir()
            if process.name.isdigit() and _parent(process) == os.getpid()]


def end():
    """Ends all children and theirs, which are ours then; returns when there are none."""
    while children := _children():
        for child in children:  # nobody else takes their ids: they are ours to wait for
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)
