# SPDX-License-Identifier: Apache-2.0
"""Round trips, by ping: one every ten milliseconds."""

from figures import ping_times_ms

INTERVAL_S = 0.01
LOST_MS = 1000  # what a ping that had no answer within this time counts as


def times_ms(host, address, count):
    """Of so many pings, each one's."""
    done = host.run("ping", "-n", "-i", INTERVAL_S, "-c", count, "-W", LOST_MS // 1000, address,
                    check=False, seconds=count * INTERVAL_S + 30)
    times = ping_times_ms(done.stdout, count, LOST_MS)
    if min(times) >= LOST_MS:
        raise RuntimeError(f"{host.name}: no ping answered by {address}\n{done.stdout[-500:]}"
                           f"{done.stderr[-500:]}")
    return times
