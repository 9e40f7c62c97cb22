# SPDX-License-Identifier: Apache-2.0
"""Where processor time goes while something runs, by perf: samples of call chains, by stage."""

import collections
import contextlib
import re
import shutil
import subprocess

FREQUENCY_HZ = 1499

# Of a call chain: the first stage that has one of these in the name of any function of it.  Kernel
# functions say in which system call a sample was taken; what is left ran in our own code.
STAGES = (
    ("AEAD", ("aes_gcm", "aes256gcm", "chacha20", "poly1305")),
    ("TAP read", ("tun_chr_read_iter", "ksys_read", "vfs_read")),
    ("TAP write, inner stack's receiving", ("tun_chr_write_iter", "vfs_writev", "do_writev")),
    ("send, outer stack up to the peer", ("__sys_sendto", "__x64_sys_sendto")),
    ("recv, outer stack's answer", ("__sys_recvfrom", "__x64_sys_recvfrom")),
    ("epoll and sleeping", ("epoll", "schedule")),
    ("entering and leaving the kernel", ("syscall", "sysvec", "irqentry", "asm_")),
)
OWN_CODE = "Lanyard's own code, memcpy included"
# Also counted, whatever the stage, by the innermost function or by any.
WITHIN = (
    ("copying bytes in the kernel", lambda chain: chain[0].startswith(("_copy_to", "_copy_from"))),
    ("waking somebody", lambda chain: any("wake_up" in name for name in chain)),
)

HEAD = re.compile(r"^\s*(?P<name>\S.*?)\s+(?P<pid>\d+)(?:/\d+)?\s*$")


def missing():
    return [] if shutil.which("perf") else ["perf"]


def stage_of(chain):
    for stage, marks in STAGES:
        if any(mark in name for name in chain for mark in marks):
            return stage
    return OWN_CODE


def chains(text):
    """(process id, [function names, innermost first]) of each sample of `perf script`."""
    pid, chain = None, []
    for line in text.splitlines() + [""]:
        if not line.strip():
            if pid is not None and chain:
                yield pid, chain
            pid, chain = None, []
        elif pid is None:
            head = HEAD.match(line)
            pid = int(head["pid"]) if head else None
        else:
            chain.append(line.split(None, 1)[1].strip() if " " in line.strip() else line.strip())


def shares(text, processes):
    """{process' name: {stage: share of its samples}}; processes: {name: its ids}."""
    counts = {name: collections.Counter() for name in processes}
    for pid, chain in chains(text):
        for name, pids in processes.items():
            if pid in pids:
                counts[name]["all"] += 1
                counts[name][stage_of(chain)] += 1
                counts[name].update(what for what, holds in WITHIN if holds(chain))
    return {name: {stage: count / max(counted["all"], 1) for stage, count in counted.items()}
            for name, counted in counts.items()}


@contextlib.contextmanager
def recorded(path):
    """Samples of the whole machine while the block runs."""
    recorder = subprocess.Popen(["perf", "record", "-q", "-a", "-g", "-F", str(FREQUENCY_HZ), "-o",
                                 str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        recorder.terminate()
        recorder.wait()


def read(path):
    return subprocess.run(["perf", "script", "-i", str(path), "-F", "comm,pid,ip,sym"],
                          capture_output=True, text=True, check=True).stdout
