# SPDX-License-Identifier: Apache-2.0
"""What npm is to install is named by its content alone: each package-lock.json has a hash for every
package and names no registry's host, so that it holds wherever npm is told to ask."""

import json

from tree import ROOT, files

HASH = "sha512-"


def faults(lock):
    for name, package in lock["packages"].items():
        if not name:
            continue  # ours
        if not package.get("integrity", "").startswith(HASH):
            yield f"{name} has no {HASH}"
        if "resolved" in package:
            yield f"{name} is bound to {package['resolved']}"


def test_the_check_itself():
    good = {"version": "1.0.0", "integrity": f"{HASH}abc"}
    for what, package, count in [("a hash alone", good, 0),
                                 ("no hash", {"version": "1.0.0"}, 1),
                                 ("a weak hash", {**good, "integrity": "sha1-abc"}, 1),
                                 ("a host", {**good, "resolved": "https://registry.example/"}, 1)]:
        assert len(list(faults({"packages": {"": {}, "x": package}}))) == count, what


def test_every_lock_names_content_and_no_host():
    locks = [path for path in files()
             if path.name == "package-lock.json" and "node_modules" not in path.parts]
    assert locks, "there is no package-lock.json"
    found = [f"{path.relative_to(ROOT)}: {fault}" for path in locks
             for fault in faults(json.loads(path.read_text()))]
    assert not found, "\n".join(found)
