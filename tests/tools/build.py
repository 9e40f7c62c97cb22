# SPDX-License-Identifier: Apache-2.0
"""The build folders of tests/run and the programs it starts in them.

Each folder is set up once and again when its options here change.
"""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
RESULTS = BUILD / "results"

# What each build folder is set up with.  fuzzer-no-link: libFuzzer sees the way through all of
# the code and not only through the harness.
FOLDERS = {
    "asan": ["-Db_sanitize=address,undefined", "-Dtests=enabled"],
    "tsan": ["-Db_sanitize=thread", "-Dtests=enabled"],
    "fuzz": ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dtests=disabled",
             "-Dfuzz=true", "-Dc_args=-fsanitize=fuzzer-no-link"],
}
COMPILER = {"fuzz": "clang"}

# A finding of a sanitizer ends the program at once, so that no test can overlook it.
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:halt_on_error=1:detect_leaks=1:handle_segv=2"
                    ":detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "abort_on_error=1:halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "abort_on_error=1:halt_on_error=1:second_deadlock_stack=1",
}


_running = set()  # processes of run() that have not ended


class BuildFailed(Exception):
    """str(): what was built and its whole log."""


def environment(folder):
    env = dict(os.environ, LANYARD_BUILD=str(BUILD / folder), **SANITIZERS)
    if folder in COMPILER:
        env["CC"] = COMPILER[folder]
    return env


def end_group(process):
    """Asks the process and its children to end, then makes them."""
    for number, wait_s in ((signal.SIGINT, 30), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, number)
            process.wait(wait_s)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue


def end_all():
    """Ends what run() has started in other threads."""
    for process in list(_running):
        end_group(process)


def run(command, folder, log, limit_s):
    """Runs a command in the root of the tree, its output in the file log, or shown if log is None.

    Returns its exit status, or a sentence when it ran past limit_s.  Shown commands share our
    terminal (they may ask something there); the others get a process group of their own, so
    that nothing of them outlives us.
    """
    if log is None:
        return subprocess.run(command, cwd=ROOT, env=environment(folder), check=False).returncode
    with open(log, "ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(folder), stdout=output,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        _running.add(process)
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            end_group(process)
            return f"{command[0]} was still running after {limit_s} s"
        except BaseException:
            end_group(process)
            raise
        finally:
            _running.discard(process)


def set_up(folder, log):
    """meson setup, unless that was done with the same options before.  Returns its status."""
    path = BUILD / folder
    stamp = path / "options-of-tests-run"
    options = " ".join(FOLDERS[folder])
    if (path / "build.ninja").exists() and stamp.exists() and stamp.read_text() == options:
        return 0
    shutil.rmtree(path, ignore_errors=True)
    status = run(["meson", "setup", str(path)] + FOLDERS[folder], folder, log, 300)
    if status == 0:
        stamp.write_text(options)
    return status


def build(folder, targets=()):
    """Builds targets (default: all) of a folder and returns its path.  Raises BuildFailed."""
    log = fresh_log(f"build-{folder}")
    status = set_up(folder, log)
    if status == 0:
        status = run(["ninja", "--quiet", "-k", "0", "-C", str(BUILD / folder), *targets], folder,
                     log, 1200)
    if status != 0:
        raise BuildFailed(f"build/{folder} did not build ({status})\n"
                          + log.read_text(errors="replace"))
    return BUILD / folder


def configure(folder):
    """Makes what meson and ninja know about a folder up to date, builds nothing."""
    return build(folder, ["build.ninja"])


def fresh_log(name):
    RESULTS.mkdir(parents=True, exist_ok=True)
    log = RESULTS / f"{name}.log"
    log.write_bytes(b"")
    return log


def unit_tests(folder):
    """Of each unit test, its name and its program as a target of the build."""
    path = configure(folder)
    listing = subprocess.run(["meson", "introspect", "--tests", str(path)], capture_output=True,
                             text=True, check=True).stdout
    return {test["name"]: str(Path(test["cmd"][0]).relative_to(path))
            for test in json.loads(listing)}


def fuzzers():
    """Of each fuzzer, its name and its program as a target of the build."""
    path, prefix = configure("fuzz"), "tests/fuzz/fuzz_"
    listing = subprocess.run(["ninja", "-C", str(path), "-t", "targets", "all"],
                             capture_output=True, text=True, check=True).stdout
    targets = [line.split(":")[0] for line in listing.splitlines()]
    return {target.removeprefix(prefix): target for target in targets
            if target.startswith(prefix) and "." not in target}


def without_address_randomness():
    """ThreadSanitizer of older compilers cannot start where the kernel spreads addresses widely."""
    command = ["setarch", os.uname().machine, "--addr-no-randomize"]
    allowed = subprocess.run(command + ["true"], capture_output=True, check=False).returncode == 0
    return command if allowed else []
