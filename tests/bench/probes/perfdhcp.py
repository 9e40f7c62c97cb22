# SPDX-License-Identifier: Apache-2.0
"""Kea's perfdhcp: so many four-message exchanges a second, each by a client that is new."""

import managers
from figures import perfdhcp_result

CLIENTS = 1000000
MOST_LOST = 0.025
WAIT_US = 300000  # for the last answers


def perfdhcp(server, kind, rate, seconds, *options):
    """kind: as perfdhcp names it."""
    done = server.host.run("env", f"PATH={managers.PATH}", "perfdhcp", "-6", "-l",
                           server.interface, "-r", rate, "-p", seconds, "-R", CLIENTS, "-e", kind,
                           "-W", WAIT_US, "-g", "single", *options, "all", check=False, seconds=seconds + 60)
    # 3: some exchanges were not completed, which is what is measured
    if done.returncode not in (0, 3):
        raise RuntimeError(f"perfdhcp ended with {done.returncode}:\n{done.stdout[-2000:]}"
                           f"{done.stderr}")
    return perfdhcp_result(done.stdout)
