# SPDX-License-Identifier: Apache-2.0
"""What a part of tests/run found: how many tests passed, failed and were skipped.

Reads the results that meson and pytest write.  Runs nothing and prints nothing.
"""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)  # what to show in full, one text each
    notes: list = field(default_factory=list)  # one sentence each: why a test was skipped

    def __add__(self, other):
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped, self.failures + other.failures,
                     self.notes + other.notes)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def one_failed(text):
    """Something that is not a test failed: a build, a missing test, a time limit."""
    return Tally(failed=1, failures=[text])


MESON_RESULTS = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}


def from_meson(testlog):
    """testlog: path of meson-logs/testlog.json, one JSON object per line and test."""
    tally = Tally()
    for line in testlog.read_text(errors="replace").splitlines():
        test = json.loads(line)
        result = MESON_RESULTS.get(test["result"], "failed")
        setattr(tally, result, getattr(tally, result) + 1)
        if result == "failed":
            tally.failures.append(f"{test['name']}: {test['result']}\n"
                                  f"{test.get('stdout', '')}{test.get('stderr', '')}")
        if result == "skipped":
            tally.notes.append(f"{test['name']} was skipped")
    return tally


def from_junit(report):
    """report: path of what pytest --junitxml wrote."""
    tally = Tally()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        tally.failed += failed
        tally.skipped += skipped
        tally.passed += max(0, int(suite.get("tests", 0)) - failed - skipped)
        for case in suite.iter("testcase"):
            for skip in case.iter("skipped"):
                tally.notes.append(f"{case.get('name')}: {skip.get('message')}")
    return tally
