# SPDX-License-Identifier: Apache-2.0
"""A board started by a UEFI firmware from its disk: with Secure Boot, without, and with load options that say nothing to us."""
import re

from tests.boot.machine import Machine
from tests.runner.context import expect

OPTIONS = "console=none domains=none init=/bin/sh"


class UefiMachine(Machine):
    """Where the firmware and its variables lie."""

    def __init__(self, ctx):
        super().__init__(ctx, ctx.args["build"], ctx.args["board"])
        self.ctx = ctx
        self.disk = self.folder / "images/disk.img"
        self.image = self.folder / "images/ashlar.efi"
        self.vars = self.folder / "uefi-vars.fd"
        payloads = (self.folder / "payloads.mk").read_text(encoding="utf-8")
        cfg = self.board.config["uefi"]
        where = re.search(rf"^PAYLOAD_{cfg['firmware-payload']}_DIR := (.*)$", payloads, re.M)[1]
        self.code = f"{where}/{cfg['firmware-code']}"
        self.template = f"{where}/{cfg['firmware-vars']}"

    def other_vars(self, *args):
        """Variables of a test's own."""
        self.vars = self.ctx.work / "vars.fd"
        self.ctx.run(self.ctx.python, "scripts/image/efi_vars.py", "--template", self.template, "--output", self.vars, *args)

    def with_options(self):
        """A boot entry of somebody's, who can write variables and thereby load options; Secure Boot stays on."""
        path = "\\" + self.board.config["disk"]["boot-file"].replace("/", "\\")
        self.other_vars("--certificate", self.folder / "images/db.cer", "--boot", path, OPTIONS)

    def command(self, direct=False, **machine):
        """See Machine."""
        return self.board.uefi_boot(self.code, str(self.vars), str(self.disk), keep=self.keeps, **machine)


def _runs(console, domain):
    console.wait(r"^ashlar.efi: starting the hypervisor$", 200)
    console.wait(r"^ashlar: bundle verified: ", 100)
    console.wait(rf"^ashlar: {domain}: started$", 100)
    console.never(r"refused|panic")


def starts(ctx):
    """The firmware starts ashlar.efi, the hypervisor its domains; one of them does its work."""
    machine = UefiMachine(ctx)
    case = ctx.args["case"]
    if case == "no-secure-boot":
        machine.other_vars()
    elif case == "load-options":
        machine.with_options()
    with machine.start(timeout=ctx.args.get("seconds", 300), extra=ctx.args.get("extra", []), **ctx.args.get("machine", {})) as console:
        if case == "load-options":
            console.wait(r'starting Boot0000 "entry"', 200)
        _runs(console, ctx.args["domain"])
        console.wait(ctx.args["work"], 100)
        if ctx.args.get("seeded"):      # the firmware's random numbers are an input to the guests' seeds
            console.never(r"^ashlar: no source of randomness")
        expect(OPTIONS not in console.text, "the load options came to the hypervisor")


def by_make(ctx):
    """`make run FIRMWARE=ovmf`, as a user types it, on a board that is started otherwise by default."""
    said = ctx.make("run", "FIRMWARE=ovmf", o=ctx.out / ctx.args["build"],
                    env=ctx.env(RUN_UNTIL="^ticker: done", RUN_TIMEOUT=300))
    expect("BdsDxe: starting" in said and "ashlar.efi: starting" in said, "no UEFI firmware started it")
    said = ctx.make("run", "FIRMWARE=aavmff", o=ctx.out / ctx.args["build"], status="error")
    expect("FIRMWARE=aavmff: " in said and "it can by: direct uefi grub" in said, "another refusal")
