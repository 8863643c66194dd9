# SPDX-License-Identifier: Apache-2.0
"""A disk that is too small, for what must be said of a full one."""
import os
import subprocess

from tests.runner.context import expect, skip

SCRIPT = 'mount -t tmpfs -o size="$1" tmpfs "$2" || exit 77; shift 2; exec "$@"'


def run(ctx, size, folder, *argv, status):
    """Run a command while `folder` is a disk of `size` bytes that is empty; returns its output."""
    apart = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        skip("this machine lets no user make a mount namespace")
    folder.mkdir(exist_ok=True)
    text = ctx.run(*apart, "sh", "-c", SCRIPT, "sh", size, folder, *argv, status=None)
    if ctx.status == 77:
        skip("this machine lets no user mount a tmpfs")
    expect(ctx.status == status, f"{argv[0]} ended with {ctx.status}, not {status}")
    return text
