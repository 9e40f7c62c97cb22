# SPDX-License-Identifier: Apache-2.0
"""Which back end encrypts: what the program says, and what it does where intel-ipsec-mb is missing
or is not the one it was made for.  Each of those is a library of the test's own, found first."""

import ctypes
import json
import platform
import re
import subprocess
from pathlib import Path

import pytest

from lan import DATACENTER, LANYARD, Lan, lanyard

IPSEC_MB, LIBSODIUM = "intel-ipsec-mb", "libsodium"
AES, CHACHA = "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
HEADER = Path("/usr/include/intel-ipsec-mb.h")

# A library that does as little as it can; rows of FAKES turn one thing each.
FAKE = r"""
#include <intel-ipsec-mb.h>
#ifndef VERSION
#define VERSION IMB_VERSION_NUM
#endif
#ifndef ERROR
#define ERROR 0
#endif
#ifndef FEATURES
#define FEATURES IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ
#endif
#ifndef NO_VERSION
unsigned imb_get_version(void) { return VERSION; }
#endif
#ifndef NO_FUNCTION
void init_mb_mgr_auto(IMB_MGR *manager, IMB_ARCH *arch)
{
	manager->features = FEATURES;
	*arch = IMB_ARCH_SSE;
}
#endif
#ifndef MANAGER
#define MANAGER calloc(1, sizeof(IMB_MGR))
#endif
IMB_MGR *alloc_mb_mgr(uint64_t flags) { return MANAGER; }
void free_mb_mgr(IMB_MGR *manager) { free(manager); }
int imb_get_errno(IMB_MGR *manager) { return ERROR; }
"""
FAKES = [
    ("a patch level newer", ["-DVERSION=IMB_VERSION_NUM+1"], "is not version"),
    ("a minor version newer", ["-DVERSION=IMB_VERSION_NUM+0x100"], "is not version"),
    ("a minor version older", ["-DVERSION=IMB_VERSION_NUM-0x100"], "is not version"),
    ("of no version", ["-DNO_VERSION"], "is not version"),
    ("without a function", ["-DNO_FUNCTION"], "lacks a function"),
    ("without memory", ["-DMANAGER=NULL"], "out of memory"),
    ("whose set-up fails", ["-DERROR=2001"], "set-up failed, error 2001"),
    ("whose self-test fails", ["-DFEATURES=IMB_FEATURE_AESNI|IMB_FEATURE_PCLMULQDQ|"
                               "IMB_FEATURE_SELF_TEST"], "self-test"),
    ("on a CPU without AES", ["-DFEATURES=IMB_FEATURE_PCLMULQDQ"], "no AES"),
    ("on a CPU without multiplication", ["-DFEATURES=IMB_FEATURE_AESNI"], "no AES"),
]


def version():
    done = subprocess.run([LANYARD, "version", "--json"], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


def served_by(answer):
    return {suite["cipher"]: suite["aead"] for suite in answer["suites"]}


def is_built_in(answer):
    return IPSEC_MB in set(served_by(answer).values()) | {row["aead"] for row in answer["unusable"]}


@pytest.fixture
def fakes(tmp_path, monkeypatch):
    """A folder whose libraries are found first, and the name that ours is looked for under."""
    if not is_built_in(version()):
        pytest.skip(f"{IPSEC_MB} is not built in")
    number = re.search(r"IMB_VERSION_NUM\s+0x([0-9a-fA-F]+)", HEADER.read_text()).group(1)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    return tmp_path / f"libIPSec_MB.so.{int(number, 16) >> 16}"


def compile_fake(to, options):
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", to, *options, "-x", "c", "-"],
                   input=FAKE, text=True, check=True)


def only_libsodium(reason):
    answer = version()
    assert set(served_by(answer).values()) == {LIBSODIUM}
    unusable, = answer["unusable"]
    assert unusable["aead"] == IPSEC_MB
    assert reason in unusable["reason"]
    for_people = subprocess.run([LANYARD, "version"], capture_output=True, text=True, check=True)
    assert f"without {IPSEC_MB}: {unusable['reason']}\n" in for_people.stdout


@pytest.mark.parametrize("what, options, reason", FAKES, ids=[row[0] for row in FAKES])
def test_a_library(what, options, reason, fakes):
    compile_fake(fakes, options)
    only_libsodium(reason)


def test_a_library_like_the_right_one_is_taken(fakes):
    """Else the tests above would see nothing but that."""
    compile_fake(fakes, [])
    assert set(served_by(version()).values()) == {IPSEC_MB}


def test_no_library(fakes):
    fakes.write_text("not a library")
    only_libsodium(f"no {fakes.name}")


def refuse_executable_memory():
    """What MemoryDenyWriteExecute= of the systemd units does, by the kernel's own switch."""
    if ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0:
        raise OSError("PR_SET_MDWE")


def test_the_units_hardening_lets_the_library_in():
    if tuple(map(int, platform.release().split(".")[:2])) < (6, 3):
        pytest.skip("this kernel has no PR_SET_MDWE")
    done = subprocess.run([LANYARD, "version", "--json"], capture_output=True, text=True, check=True,
                          preexec_fn=refuse_executable_memory)
    assert json.loads(done.stdout)["suites"] == version()["suites"]


def test_what_version_says():
    answer = version()
    assert answer["cipher"] == answer["suites"][0]["cipher"]
    assert answer["aead"] == answer["suites"][0]["aead"]
    assert CHACHA in served_by(answer), "every machine has it"
    for suite in answer["suites"]:
        assert suite["aead"] in (IPSEC_MB, LIBSODIUM)
        assert re.match(r"\d+\.\d+", suite["detail"])
        if suite["aead"] == IPSEC_MB:
            assert re.fullmatch(r"[\d.]+, (sse|avx|avx2|avx512)", suite["detail"])
    shown = subprocess.run([LANYARD, "version"], capture_output=True, text=True, check=True).stdout
    for suite in answer["suites"]:
        assert f"{suite['cipher']} by {suite['aead']} {suite['detail']}\n" in shown


def test_both_ends_say_who_encrypts_and_need_not_agree(fakes, monkeypatch):
    fakes.write_text("not a library")
    with Lan() as lan:
        server = lan.server("[ra]\nroute = 2001:db8:100::/48")
        monkeypatch.delenv("LD_LIBRARY_PATH")
        ours = version()
        alice = lan.client("alice")
        alice.reaches(DATACENTER)

        there, here = server.status(), alice.status()
        assert set(served_by(there).values()) == {LIBSODIUM}
        client, = there["clients"]
        assert client["aead"] == LIBSODIUM
        assert client["cipher"] == here["cipher"] == ours["cipher"]
        assert {"cipher": here["cipher"], "aead": here["aead"], "detail": here["aead_detail"]} == \
            ours["suites"][0]
        shown = lanyard(alice.host, "status", "--socket", alice.socket).stdout
        assert f"{here['cipher']} by {here['aead']} {here['aead_detail']}, " in shown
