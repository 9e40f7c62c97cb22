# SPDX-License-Identifier: Apache-2.0
"""The parts of tests/run: builds what each one needs, runs it, adds up.  Called by tests/run.

One line per part while it runs, failures in full, and the sum in the last line.
"""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import build
from build import ROOT, RESULTS, BuildFailed
from tally import Tally, from_junit, from_meson, one_failed

# Unit tests of code that threads share: these run under ThreadSanitizer as well.
THREADED = ["base/ring", "bridge/table_threads", "server/mailbox", "tls/aead_choice",
            "tls/handshake"]

FUZZ_SECONDS = os.environ.get("FUZZ_SECONDS", "10")
RULE = "-" * 78


class Report:
    """What the user sees while a part runs."""

    def __init__(self, part, shown):
        self.shown = shown  # the part's programs write to the terminal themselves
        self.start_s = time.monotonic()
        print(f"{part:8}", end="", flush=True)

    def step(self, what):
        print(f"{what} ... ", end="\n" if self.shown else "", flush=True)

    def end(self, tally):
        print(f"{tally}, {time.monotonic() - self.start_s:.0f} s", flush=True)
        for note in tally.notes:
            print(f"         {note}")
        for text in tally.failures:
            print(f"{RULE}\n{text.rstrip()}\n{RULE}", flush=True)

    def log(self, name):
        """Where a program's output goes; None: to the terminal."""
        return None if self.shown else build.fresh_log(name)


def pytest(report, folder, name, arguments, wrapper=(), limit_s=1500):
    """Runs pytest with the programs of a build folder; name is that of its results."""
    junit = RESULTS / f"{name}.xml"
    RESULTS.mkdir(parents=True, exist_ok=True)
    junit.unlink(missing_ok=True)
    log = report.log(name)
    status = build.run([*wrapper, "/usr/bin/python3", "-m", "pytest", "--tb=short", "-q",
                        f"--junitxml={junit}", *arguments], folder, log, limit_s)
    tally = from_junit(junit) if junit.exists() else Tally()
    if status not in (0, 5) and tally.failed == 0:  # 5: nothing to run
        tally += Tally(failed=1)
    if tally.failed > 0:
        tally.failures.append(f"{name}: pytest ended with {status}\n"
                              + (log.read_text(errors="replace") if log else ""))
    return tally


def house(report, arguments):
    report.step("building with ASan and UBSan")
    build.build("asan")  # the manual is compared with the program
    report.step("checks of the tree")
    return pytest(report, "asan", "house", ["tests/house", *arguments], limit_s=300)


def meson_test(folder, names, wrapper=()):
    """Runs unit tests by name; meson runs as many at once as there are cores."""
    path = build.BUILD / folder
    testlog = path / "meson-logs/testlog.json"
    testlog.unlink(missing_ok=True)
    log = build.fresh_log(f"unit-{folder}")
    status = build.run([*wrapper, "meson", "test", "-C", str(path), "--no-rebuild", *names],
                       folder, log, 900)
    tally = from_meson(testlog) if testlog.exists() else Tally()
    if status != 0 and tally.failed == 0:
        tally += one_failed(f"meson test ended with {status}\n{log.read_text(errors='replace')}")
    return tally


def unit(report, arguments):
    def chosen(name):
        return not arguments or any(name == a or name.startswith(a + "/") for a in arguments)

    report.step("building with ASan and UBSan")
    tests = {name: target for name, target in build.unit_tests("asan").items() if chosen(name)}
    threaded = list(filter(chosen, THREADED))
    tally = sum((one_failed(f"{lost} is to run under TSan, but there is no such unit test")
                 for lost in sorted(set(threaded) - set(tests))), Tally())
    if tests:
        build.build("asan", tests.values())
        report.step(f"{len(tests)} test programs")
        tally += meson_test("asan", tests)
    return tally + unit_threads(report, [name for name in threaded if name in tests])


def unit_threads(report, names):
    if not names:
        return Tally()
    report.step("building with TSan")
    tests = build.unit_tests("tsan")
    build.build("tsan", [tests[name] for name in names])
    report.step(f"{len(names)} with threads")
    tally = meson_test("tsan", names, build.without_address_randomness())
    tally.failures = [f"under TSan: {text}" for text in tally.failures]
    return tally


def fuzz_one(path):
    """One fuzzer for its budget over its seeds.  What it found before it tries again first."""
    name = path.name.removeprefix("fuzz_")
    seeds = ROOT / "tests/fuzz/seeds" / name
    corpus = build.BUILD / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    log = build.fresh_log(f"fuzz-{name}")
    status = build.run([str(path), f"-max_total_time={FUZZ_SECONDS}", "-timeout=10",
                        "-rss_limit_mb=2048", f"-artifact_prefix={RESULTS}/{name}-",
                        str(corpus), *([str(seeds)] if seeds.is_dir() else [])],
                       "fuzz", log, int(FUZZ_SECONDS) + 120)
    if status == 0:
        return Tally(passed=1)
    return one_failed(f"fuzz_{name} ended with {status}\n{log.read_text(errors='replace')}")


def fuzz(report, arguments):
    report.step("building with clang")
    targets = [target for name, target in build.fuzzers().items()
               if not arguments or name in arguments]
    if not targets:
        return Tally()
    path = build.build("fuzz", targets)
    report.step(f"{len(targets)} fuzzers, {FUZZ_SECONDS} s each")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            return sum(pool.map(fuzz_one, [path / target for target in targets]), Tally())
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            build.end_all()
            raise


def has_threaded_netns_tests():
    return any("mark.tsan" in path.read_text() for path in (ROOT / "tests/netns").glob("test_*.py"))


def netns(report, arguments):
    if not list((ROOT / "tests/netns").glob("test_*.py")):
        report.step("there are no namespace tests in this version")
        return Tally()
    report.step("building with ASan and UBSan")
    build.build("asan")
    report.step("testing")
    # They wait more than they work: one more than there are cores.  A file's tests share a world.
    at_once = [] if arguments else ["-n", str(os.cpu_count() + 1), "--dist", "loadfile"]
    tally = pytest(report, "asan", "netns", ["tests/netns", *at_once, *arguments])
    if not has_threaded_netns_tests():
        return tally
    report.step("building with TSan")
    build.build("tsan")
    report.step("testing")
    return tally + pytest(report, "tsan", "netns-tsan", ["tests/netns", "-m", "tsan", *arguments],
                          build.without_address_randomness())


def page(report, arguments):
    if not (ROOT / "tests/page").is_dir():
        report.step("there are no page tests in this version")
        return Tally()
    report.step("building with ASan and UBSan")
    build.build("asan")
    report.step("testing")
    at_once = [] if arguments else ["-n", str(os.cpu_count()), "--dist", "loadfile"]
    return pytest(report, "asan", "page", ["tests/page", *at_once, *arguments])


def bench(report, arguments):
    if not (ROOT / "tests/bench/run").exists():
        report.step("there are no measurements in this version")
        return Tally()
    report.step("building for speed, measuring")
    status = build.run(["tests/bench/run", *arguments], "bench", None, None)
    return Tally(passed=1) if status == 0 else one_failed(f"tests/bench/run ended with {status}")


PARTS = {"house": house, "unit": unit, "fuzz": fuzz, "netns": netns, "page": page, "bench": bench}


def run_part(name, arguments, shown):
    report = Report(name, shown)
    try:
        tally = PARTS[name](report, arguments)
    except BuildFailed as failure:
        tally = one_failed(str(failure))
    except KeyboardInterrupt:
        tally = one_failed(f"{name} was interrupted")
        report.end(tally)
        return tally, True
    report.end(tally)
    return tally, False


def interrupt(number, frame):
    raise KeyboardInterrupt


def main(arguments):
    if not FUZZ_SECONDS.isdigit() or FUZZ_SECONDS == "0":
        print(f"FUZZ_SECONDS={FUZZ_SECONDS}: must be a number of seconds", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, interrupt)
    names = arguments[:1] or ["house", "unit", "fuzz", "netns", "page"]
    total = Tally()
    for name in names:
        tally, interrupted = run_part(name, arguments[1:], shown=bool(arguments))
        total += tally
        if interrupted:
            break
    print(total)
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
