# SPDX-License-Identifier: Apache-2.0
"""Chromium on a host of a test, driven by driver.js with playwright-core; axe-core judges.

Both come from npm as package-lock.json says, into build/page-tools; chromium is Debian's.
"""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build"
TOOLS = BUILD / "page-tools"
SHOTS = BUILD / "page-screenshots"
CHROMIUM = "/usr/bin/chromium"

LIMIT_MS = 20_000  # how long something may take that is not measured: the machine may be busy


def install():
    """Takes what package-lock.json names, once; fails with npm's own words."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with open(TOOLS / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several files are tested at once
        _install()
    return TOOLS


def _install():
    lock = (HERE / "package-lock.json").read_text()
    stamp = TOOLS / "installed"
    if stamp.exists() and stamp.read_text() == lock:
        return
    for name in "package.json", "package-lock.json":
        shutil.copy(HERE / name, TOOLS / name)
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts",
                           "--prefer-offline"], cwd=TOOLS, capture_output=True, text=True,
                          check=False, timeout=300)
    assert done.returncode == 0, f"npm cannot get the tools of these tests:\n{done.stderr}"
    stamp.write_text(lock)


class Browser:
    """enter: the command line that enters the host, in front of the driver's."""

    def __init__(self, enter, folder):
        assert os.access(CHROMIUM, os.X_OK), f"{CHROMIUM} is not there: packaging/setup test"
        tools = install()
        self.log_path = Path(folder) / "browser.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *enter, "env", f"HOME={folder}",
                 f"XDG_CONFIG_HOME={folder}", f"XDG_CACHE_HOME={folder}", "node",
                 str(HERE / "driver.js"), str(tools), CHROMIUM],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        assert line == "ready\n", f"no browser: {line}{self.log_path.read_text()}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)

    def ask(self, action, **options):
        self.process.stdin.write(json.dumps({"action": action, **options}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the browser ended: {self.log_path.read_text()}"
        answer = json.loads(line)
        assert "error" not in answer, f"{action} {options}: {answer['error']}"
        return answer["value"]

    def open(self, url, width=1440, height=900, scheme="light", keep=True, first=None):
        """A fresh page of that size; keep: with the cookies of the one before; first: a script
        that runs before the page's."""
        self.ask("open", url=url, width=width, height=height, scheme=scheme, keep=keep, first=first)

    def go(self, view):
        self.ask("go", hash=f"#/{view}")

    def fill(self, label, value):
        self.ask("fill", label=label, value=value)

    def click(self, name, role="button"):
        self.ask("click", role=role, name=name)

    def press(self, keys):
        self.ask("press", keys=keys)

    def see(self, css=None, limit_ms=LIMIT_MS, **where):
        """Waits until it is there to be seen: css, text, or role and name."""
        self.ask("see", limit_ms=limit_ms, **({"css": css} if css else where))

    def miss(self, css=None, limit_ms=LIMIT_MS, **where):
        self.ask("miss", limit_ms=limit_ms, **({"css": css} if css else where))

    def text(self, css):
        return self.ask("text", css=css)

    def texts(self, css):
        return self.ask("texts", css=css)

    def evaluate(self, script):
        return self.ask("evaluate", script=script)

    def wait_for(self, script, limit_ms=LIMIT_MS):
        """Until the script's value is true."""
        self.ask("wait_for", script=script, limit_ms=limit_ms)

    def busy_s(self):
        """How long the page's thread has worked so far."""
        return self.ask("busy")

    def offline(self, offline):
        """Does the browser have a network?"""
        self.ask("offline", offline=offline)

    def save(self, path):
        """Waits until what the browser saves is whole, and puts it there; how it would be called."""
        return self.ask("save", path=str(path), limit_ms=LIMIT_MS)

    def shoot(self, name):
        """A screenshot for people, build/page-screenshots/NAME.png."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.ask("shoot", path=str(SHOTS / f"{name}.png"))

    def judge(self, *rules):
        """What axe-core finds wrong, by all of its rules of WCAG 2.2 AA or by these alone."""
        return self.ask("judge", rules=rules or None)

    def sideways(self):
        """By how many pixels the page is wider than its window."""
        return self.ask("sideways")

    def problems(self):
        """Errors, refused scripts, requests elsewhere, since the last time."""
        return self.ask("problems")
