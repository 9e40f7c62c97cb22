# SPDX-License-Identifier: Apache-2.0
"""The files of the tree, for the checks beside this one.  Knows names, not rules."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = {".c", ".h", ".py", ".sh", ".build", ".sql", ".js", ".css", ".html"}


def is_ours(path):
    folders = path.relative_to(ROOT).parts[:-1]
    return not any(name.startswith(("build", ".git", "__pycache__", ".pytest", "seeds"))
                   for name in folders)


def files():
    """Every file, as a path; build folders and what the fuzzers begin with left out."""
    return sorted(path for path in ROOT.rglob("*") if path.is_file() and is_ours(path))


def is_source(path):
    if path.suffix in SOURCE:
        return True
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def source_files():
    """Pairs of a file's path from the root and its text."""
    return [(str(path.relative_to(ROOT)), path.read_text(errors="replace"))
            for path in files() if is_source(path)]


def c_files():
    return [(path, text) for path, text in source_files() if path.endswith((".c", ".h"))]
