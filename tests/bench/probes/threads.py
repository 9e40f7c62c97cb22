# SPDX-License-Identifier: Apache-2.0
"""Processor time of a server's threads while something runs, to the nanosecond."""

from pathlib import Path

from figures import stat_nice

FRAMES, HASHES = -10, 10  # the nice values of threads that carry frames, and of those that hash


class ThreadMeter:
    """`with ThreadMeter(pid) as meter:`, then seconds of the threads that hash, that carry frames,
    and of all others."""

    def __init__(self, pid):
        self.tasks = Path(f"/proc/{pid}/task")

    def _read(self):
        found = {}
        for task in self.tasks.iterdir():
            ran_ns = int((task / "schedstat").read_text(encoding="ascii").split()[0])
            nice = stat_nice((task / "stat").read_text(encoding="utf8"))
            found[task.name] = (ran_ns / 1e9, nice)
        return found

    def __enter__(self):
        self.before = self._read()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            return
        after = self._read()
        if not self.before.keys() <= after.keys():
            raise RuntimeError("a thread has ended, and its time is not known")
        spent = [(nice, ran_s - self.before.get(thread, (0, 0))[0])
                 for thread, (ran_s, nice) in after.items()]
        self.hashes_s = sum(seconds for nice, seconds in spent if nice == HASHES)
        self.frames_s = sum(seconds for nice, seconds in spent if nice == FRAMES)
        self.others_s = sum(seconds for _, seconds in spent) - self.hashes_s - self.frames_s
