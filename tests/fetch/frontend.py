# SPDX-License-Identifier: Apache-2.0
"""Payloads as the user of make meets them."""
import os

from tests.frontend.builds import configure
from tests.runner.context import expect

TOOLS = ("apt-get", "apt-cache", "apt-config", "dpkg-deb")


def _without_apt(ctx):
    """A search path whose apt tools fail and leave a mark."""
    folder = ctx.work / "bin"
    folder.mkdir()
    for name in TOOLS:
        tool = folder / name
        tool.write_text(f'#!/bin/sh\necho "$0" >> "{ctx.work}/called"\nexit 1\n')
        tool.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def offline(ctx):
    """Without network and cache, make names what it would need and what to type; apt is not tried."""
    out = ctx.work / "out"
    configure(ctx, out)
    env = ctx.env(OFFLINE=1, ASHLAR_CACHE=ctx.work / "empty", PATH=_without_apt(ctx))
    for goal in ("all", "fetch"):
        text = ctx.make(goal, o=out, env=env, status="error")
        expect(text.count("fetch: error:") == 1 and "warning" not in text, "not one error alone")
        for part in ("OFFLINE=1, but the cache", "linux-6.12", "busybox", "mbedtls-src", "make fetch"):
            expect(part in text, f"the error does not name {part}")
        expect("linux-6.1 " not in text, "a payload that the configuration does not use is named")
    expect(not (ctx.work / "called").exists(), "apt was called")


def impossible_lock(ctx):
    """A lock that is not there, is none, or lacks a payload stops make with the lock's name."""
    out = ctx.work / "out"
    configure(ctx, out)
    lock = ctx.work / "lock"
    for content, part in ((None, "No such file"), ("nonsense\n", "lock:1:"), ("", "does not name busybox")):
        if content is not None:
            lock.write_text(content)
        text = ctx.make("all", o=out, env=ctx.env(OFFLINE=1, LOCK=lock), status="error")
        expect(part in text and "Traceback" not in text, f"the error does not say \"{part}\"")


def no_apt(ctx):
    """make in a finished build calls none of apt's tools."""
    ctx.make(o=ctx.out / "demo", env=ctx.env(PATH=_without_apt(ctx)))
    expect(not (ctx.work / "called").exists(), "apt was called")
