# SPDX-License-Identifier: Apache-2.0
"""Finds out what this machine lacks for a test."""
import functools
import re
import shutil
import subprocess
import sys

QEMU = "qemu-system-aarch64"


@functools.lru_cache(maxsize=None)
def _qemu(*args):
    if not shutil.which(QEMU):
        return ""
    return subprocess.run([QEMU, *args], capture_output=True, text=True, timeout=60,
                          check=False).stdout


def _version(text):
    found = re.search(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@functools.lru_cache(maxsize=None)
def _no_emulator(version):
    """The host's, or one fetched into the cache: why there is none of that version, or ''."""
    done = subprocess.run([sys.executable, "scripts/fetch/qemu.py", version], capture_output=True, text=True, timeout=900, check=False)
    lines = done.stderr.strip().splitlines() or ["it cannot be fetched"]
    return lines[-1].removeprefix("fetch: error: ") if done.returncode else ""


def _lacks(need):
    kind, _, what = need.partition(":")
    if kind == "tool":
        return "" if shutil.which(what) else f"{what} is not installed"
    if kind == "machine":
        machines = re.findall(r"^(\S+)", _qemu("-machine", "help"), re.M)
        return "" if what in machines else f"{QEMU} has no machine {what}"
    if kind == "emulator":
        return _no_emulator(what)
    if kind == "qemu":
        have = _version(_qemu("--version"))
        return "" if have >= _version(what) else f"{QEMU} {have[0]}.{have[1]} is older than {what}"
    raise ValueError(f'unknown need "{need}"')


def missing(test):
    """The first reason why this test cannot run here, or ''."""
    return next((reason for reason in map(_lacks, test.needs) if reason), "")
