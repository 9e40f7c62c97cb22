# SPDX-License-Identifier: Apache-2.0
"""packaging/setup asks for what this architecture has: on a machine made up by a few commands of
the same names, where nothing is installed and we are not root, it says what it would install."""

import os
import subprocess

import pytest

from tree import ROOT

COMMANDS = {
    "dpkg": 'if [ "$1" = --print-architecture ]; then echo {architecture}; else exit 1; fi',
    "dpkg-query": "exit 1",
    "id": "echo 1000",
}


def would_install(folder, architecture, *sections):
    for name, body in COMMANDS.items():
        command = folder / name
        command.write_text(f"#!/bin/sh\n{body.format(architecture=architecture)}\n")
        command.chmod(0o755)
    done = subprocess.run([ROOT / "packaging/setup", *sections], capture_output=True, text=True,
                          check=False, env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))
    assert done.returncode == 1 and done.stdout == ""
    said, _, names = done.stderr.rpartition(":")
    assert said == "setup: only root can install what is missing"
    return set(names.split())


@pytest.mark.parametrize("architecture, has_ipsec_mb", [
    ("amd64", True), ("arm64", False), ("riscv64", False), ("amd", False),
])
def test_packages_of_an_architecture(architecture, has_ipsec_mb, tmp_path):
    names = would_install(tmp_path, architecture, "build", "run")

    assert ("libipsec-mb-dev" in names) == has_ipsec_mb
    assert {"gcc", "libmbedtls-dev", "libsodium-dev", "kmod"} <= names
    assert not any("[" in name or ">" in name for name in names)
