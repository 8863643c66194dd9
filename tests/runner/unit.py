# SPDX-License-Identifier: Apache-2.0
"""Runs one cmocka unit test that build/unit has made."""
import os

from tests.runner.context import expect


def build(ctx):
    """Compile every unit test, for the build host, in the tests' own folder."""
    out = ctx.out / "unit"
    if not (out / ".config").exists():
        ctx.make("qemu_arm64_defconfig", o=out)
    ctx.make("unit-tests", o=out)


def run(ctx):
    """A sanitizer's finding ends the program with a status of its own: a failure."""
    program = ctx.out / "unit/unit" / ctx.args["unit"]
    expect(program.exists(), f"{program} was not built")
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=99",
               UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1", CMOCKA_MESSAGE_OUTPUT="TAP")
    text = ctx.run(program, env=env)
    expect("\nok 1" in "\n" + text, "the program ran no test")
