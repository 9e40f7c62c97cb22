# SPDX-License-Identifier: Apache-2.0
"""What the page's tests share: the namespaces of tests/netns, and a browser."""

import contextlib
import subprocess
import sys

import pytest

from browser import HERE, ROOT, Browser

sys.path.insert(0, str(ROOT / "tests/netns"))


@contextlib.contextmanager
def pretended(page, clients, port=0):
    """fixture.js with that many clients, on any port; gives the page's address."""
    server = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "node", str(HERE / "fixture.js"),
                               str(page), str(port), str(clients)], stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def built_page():
    """The page as esbuild made it for the server under test."""
    import lan
    folder = lan.LANYARD.parents[1] / "admin/page"
    assert (folder / "page.js").exists(), f"no page in {folder}: -Dadmin-page=disabled, or no npm"
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = Browser([], tmp_path_factory.mktemp("browser"))
    yield made
    made.close()
