# SPDX-License-Identifier: Apache-2.0
"""Processor time while something runs: that of the tunnel's processes, and the machine's."""

import os
from pathlib import Path

from figures import busy_ticks, stat_cpu_ticks

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def family(pid):
    """A process and all that come of it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in children for one in family(int(child)))]


class CpuMeter:
    """`with CpuMeter({"office": pids, "laptop": pids}) as meter:`, then seconds[...].

    A process's time is its own and what the kernel did in its name, all threads; what softirqs
    did for it, and what iperf3 took, is only in "machine".
    """

    def __init__(self, ends):
        self.ends = ends
        self.seconds = {}

    def _read(self):
        ticks = {name: sum(stat_cpu_ticks(Path(f"/proc/{pid}/stat").read_text(encoding="utf8"))
                           for root in roots for pid in family(root))
                 for name, roots in self.ends.items()}
        return {**ticks, "machine": busy_ticks(Path("/proc/stat").read_text(encoding="ascii"))}

    def __enter__(self):
        self.before = self._read()
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.seconds = {name: (ticks - self.before[name]) / TICKS_PER_S
                            for name, ticks in self._read().items()}
