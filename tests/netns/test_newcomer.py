# SPDX-License-Identifier: Apache-2.0
"""As a new user would: a machine with what the package installs and nothing else, one command, and
names of the office resolve over the tunnel."""

import os
import re
import subprocess

import pytest

from doctor import nameserver
from lan import DATACENTER, LANYARD, OFFICE4, Lan

PRINTER = "2001:db8:100::99"
PROGRAMS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIMIT_S, SANITIZED_LIMIT_S = 2, 30  # from the command to the name's address
RESOLVES = ["getent", "ahostsv6", "printer"]  # by the search domain


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """What `meson install` puts on a machine, of the build that is tested."""
    folder = tmp_path_factory.mktemp("package")
    subprocess.run(["meson", "install", "-C", LANYARD.parents[1], "--no-rebuild", "--quiet",
                    "--destdir", folder], check=True, capture_output=True, timeout=60)
    return folder


def limit_s():
    return SANITIZED_LIMIT_S if b"__asan_init" in LANYARD.read_bytes() else LIMIT_S


def test_from_nothing_to_names_in_one_command(package):
    with Lan() as lan, nameserver(lan.datacenter, DATACENTER,
                                  {"printer.corp.example": [PRINTER]}):
        server = lan.server(f"""
            [ra]
            route = 2001:db8:100::/48
            dns = {DATACENTER}
            search = corp.example
        """)
        server.cli("user", "add", "carl")
        laptop = lan.host("laptop", resolvconf=True)
        lan.join_internet(laptop, "192.0.2.10", "2001:db8:ffff::a")
        laptop.run("mount", "--bind", package / "usr/local", "/usr/local")
        assert laptop.run(*RESOLVES, check=False).returncode != 0
        invited = server.cli("invite", "carl", "--server", OFFICE4)
        url = re.search(r"lanyard://\S+", invited.stdout)[0]

        joining = subprocess.Popen(
            laptop.enter(["env", f"PATH={PROGRAMS}", "lanyard", "join", url]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

        def resolves():
            assert joining.poll() is None, joining.stderr.read()
            return laptop.run(*RESOLVES, check=False).stdout.startswith(f"{PRINTER} ")
        try:
            took_s = lan.until_timed(resolves, "the name is not known", SANITIZED_LIMIT_S)
            assert took_s <= limit_s()
            assert os.readlink(f"/proc/{joining.pid}/exe").endswith("/usr/local/sbin/lanyard")
        finally:
            joining.terminate()
            assert joining.wait(20) == 0, joining.stderr.read()
        assert laptop.read("/etc/lanyard/client.conf").startswith("#")
        assert laptop.run(*RESOLVES, check=False).returncode != 0, "left behind"
