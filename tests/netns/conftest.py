# SPDX-License-Identifier: Apache-2.0
"""What all namespace tests share: the logs of every program under a failed test's report."""

import signal

import pytest

import lan as lan_module


def pytest_configure(config):
    if not lan_module.LANYARD.exists():
        pytest.exit(f"{lan_module.LANYARD} is not there: LANYARD_BUILD is to name a build folder",
                    1)
    # Both unwind, so that everything is taken away.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for world in lan_module.lans:
            report.sections.append(("logs", world.logs()))


@pytest.fixture
def lan():
    """A world for one test."""
    with lan_module.Lan() as made:
        yield made
