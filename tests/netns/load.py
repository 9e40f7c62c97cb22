# SPDX-License-Identifier: Apache-2.0
"""Streams that fill a line, and what a ping takes beside them."""

import contextlib
import re


@contextlib.contextmanager
def streams(lan, client, server, address, *options):
    """iperf3 between two hosts: `client` dials; the block runs once the first one is connected."""
    listener = server.start("iperf3", "-s", "-1")
    dialler = None
    try:
        lan.until(lambda: ":5201 " in server.run("ss", "-Hltn").stdout, "iperf3 does not listen")
        dialler = client.start("iperf3", "-c", address, *options)
        lan.until(lambda: ":5201 " in server.run("ss", "-Htn", "state", "established").stdout,
                  "the streams did not begin")
        yield dialler
    finally:
        for process in filter(None, (dialler, listener)):
            process.terminate()
            process.wait()


def round_trips_ms(host, address, count, least):
    """`least`: the share of pings that must come back."""
    text = host.run("ping", "-n", "-i", "0.02", "-c", count, "-W", 2, address, check=False).stdout
    times = [float(found) for found in re.findall(r"time=([0-9.]+) ms", text)]
    assert len(times) >= least * count, f"only {len(times)} of {count} pings came back"
    return times
